"""The skin of a person at a site: what it is made of, how it absorbs and scatters, its colour and its targets."""

from photodose.tissue.infer import InferredSkin, infer
from photodose.tissue.person import SKIN_TYPES, Skin, skin
from photodose.tissue.pigmentation import ita_from_reflectance, melanosome_fraction_for_ita
from photodose.tissue.sites import site, site_names, sites
from photodose.tissue.targets import TargetRange, target_ranges

__all__ = [
    "SKIN_TYPES",
    "InferredSkin",
    "Skin",
    "TargetRange",
    "infer",
    "ita_from_reflectance",
    "melanosome_fraction_for_ita",
    "site",
    "site_names",
    "sites",
    "skin",
    "target_ranges",
]
