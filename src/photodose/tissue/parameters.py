"""The uncertain parameters of a skin: standard-normal coordinates z and what they do to its layers.

A skin is a point in a space of independent standard-normal coordinates, one for each parameter in `PARAMETERS`; zero is
the median skin of its site. Sampling a skin, perturbing it to first order and asking which parameter matters most are
then the same operation on z.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from photodose.data import load_document
from photodose.data.schema_tissue import Composition, CompositionDocument, Quantity, Site

FloatArray = NDArray[np.float64]

PARAMETERS: Final[dict[str, str]] = {
    "melanin": "melanin",
    "dermal_blood": "blood",
    "saturation": "blood",
    "baseline_absorption": "blood",
    "deep_blood": "blood",
    "stratum_corneum": "thickness",
    "living_epidermis": "thickness",
    "dermis": "thickness",
    "subcutaneous_fat": "thickness",
    "dermal_scattering": "scattering",
    "scattering_power": "scattering",
    "epidermal_scattering": "scattering",
    "deep_scattering": "scattering",
}
"""Parameter -> the group under which its share of a dose's variance is reported."""

INDEX: Final = {name: number for number, name in enumerate(PARAMETERS)}

SKIN_LAYERS: Final = (
    "stratum corneum",
    "living epidermis",
    "papillary dermis",
    "upper blood net",
    "reticular dermis",
    "deep blood net",
    "subcutaneous fat",
)


@cache
def composition() -> CompositionDocument:
    return load_document("tissue/composition", CompositionDocument)


@cache
def layers_of(below_fat: str) -> tuple[Composition, ...]:
    """Composition of the layers of a site from the surface down, the tissue below the fat last."""
    by_name = {item.layer: item for item in composition().layers}
    return tuple(by_name[name] for name in (*SKIN_LAYERS, below_fat))  # type: ignore[index]


def log_sd(quantity: Quantity) -> float:
    """Standard deviation of the logarithm of a lognormal quantity from its mean and standard deviation."""
    return math.sqrt(math.log1p((quantity.sd / quantity.mean) ** 2)) if quantity.mean else 0.0


def lognormal(quantity: Quantity, z: FloatArray) -> FloatArray:
    """Value of a quantity at z; its median is the stated mean, so that z = 0 is the skin in the table."""
    return np.asarray(quantity.mean * np.exp(log_sd(quantity) * z))


def logit_normal(quantity: Quantity, z: FloatArray) -> FloatArray:
    """Value of a fraction at z, kept between 0 and 1 by the logistic function, with the stated spread at its middle."""
    mean = quantity.mean
    slope = quantity.sd / (mean * (1.0 - mean))
    return np.asarray(1.0 / (1.0 + np.exp(-(math.log(mean / (1.0 - mean)) + slope * z))))


@dataclass(frozen=True, slots=True)
class SkinArrays:
    """A batch of skins as plain arrays; n skins, L layers.

    Attributes
    ----------
    thickness_mm : ndarray (n, L)
    blood_fraction, baseline_scale, reduced_scattering_500nm_per_mm, scattering_power : ndarray (n, L)
    saturation : ndarray (n,)
    melanosome_fraction : ndarray (n,)
    """

    layers: tuple[Composition, ...]
    thickness_mm: FloatArray
    blood_fraction: FloatArray
    baseline_scale: FloatArray
    reduced_scattering_500nm_per_mm: FloatArray
    scattering_power: FloatArray
    saturation: FloatArray
    melanosome_fraction: FloatArray


def _thicknesses(site: Site, z: FloatArray) -> FloatArray:
    parameters = composition().parameters
    t = site.thickness
    dermis = lognormal(t.dermis, z[:, INDEX["dermis"]])
    papillary = parameters["papillary_dermis_mm"].mean
    net = parameters["upper_blood_net_mm"].mean
    deep = parameters["deep_blood_net_share_of_dermis"].mean
    # in a thin dermis the two upper sublayers give way in proportion, so that the reticular dermis never vanishes
    squeeze = np.minimum(1.0, 0.5 * dermis / (papillary + net))
    upper = np.stack([papillary * squeeze, net * squeeze], axis=1)
    lower = np.stack([dermis * (1.0 - deep) - upper.sum(axis=1), dermis * deep], axis=1)
    return np.column_stack(
        [
            lognormal(t.stratum_corneum, z[:, INDEX["stratum_corneum"]]),
            lognormal(t.living_epidermis, z[:, INDEX["living_epidermis"]]),
            upper,
            lower,
            lognormal(t.subcutaneous_fat, z[:, INDEX["subcutaneous_fat"]]),
            np.full(z.shape[0], parameters["below_fat_mm"].mean),
        ]
    )


def skin_arrays(site: Site, z: FloatArray, melanosome_fraction: FloatArray) -> SkinArrays:
    """Composition and geometry of a batch of skins of one site.

    Parameters
    ----------
    site : Site
    z : ndarray (n, parameter)
        Standard-normal coordinates in the order of `PARAMETERS`; the column "melanin" is not used here, because
        melanin arrives as the finished fraction.
    melanosome_fraction : ndarray (n,)
        Volume fraction of melanosomes in the living epidermis, 0 to 1.
    """
    layers = layers_of(site.below_fat)
    blood, base, scatter, power = [], [], [], []
    for layer in layers:
        deep = layer.layer not in SKIN_LAYERS[:6]
        epidermal = layer.layer in SKIN_LAYERS[:2]
        site_blood = 1.0 if deep else lognormal(site.blood_factor, np.zeros(1))[0]
        blood.append(
            site_blood * lognormal(layer.blood_fraction, z[:, INDEX["deep_blood" if deep else "dermal_blood"]])
        )
        base.append(lognormal(layer.baseline_scale, z[:, INDEX["baseline_absorption"]]))
        name = "deep_scattering" if deep else "epidermal_scattering" if epidermal else "dermal_scattering"
        scatter.append(lognormal(layer.reduced_scattering_500nm_per_mm, z[:, INDEX[name]]))
        power.append(layer.scattering_power.mean + layer.scattering_power.sd * z[:, INDEX["scattering_power"]])
    return SkinArrays(
        layers=layers,
        thickness_mm=_thicknesses(site, z),
        blood_fraction=np.stack(blood, axis=1),
        baseline_scale=np.stack(base, axis=1),
        reduced_scattering_500nm_per_mm=np.stack(scatter, axis=1),
        scattering_power=np.stack(power, axis=1),
        saturation=logit_normal(composition().parameters["saturation"], z[:, INDEX["saturation"]]),
        melanosome_fraction=np.asarray(melanosome_fraction, dtype=float),
    )
