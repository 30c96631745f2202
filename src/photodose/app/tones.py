"""The colour of a modelled skin on a screen, from the reflectance that the model itself predicts."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from django.core.cache import cache

from photodose.data import data_hash
from photodose.tissue import SKIN_TYPES, Skin, skin
from photodose.tissue.pigmentation import ita_wavelengths_nm, lab_from_reflectance

WHITE_D65_2DEG = np.array([0.95047, 1.0, 1.08883])
"""XYZ of D65 for the 2 degree observer, to which sRGB refers (IEC 61966-2-1)."""
XYZ_TO_SRGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
"""IEC 61966-2-1:1999, equation 7."""


def srgb_hex(lab: np.ndarray) -> str:
    """A CIELAB colour (D65) as #rrggbb; what lies outside sRGB is drawn to its edge.

    The white of the 10 degree observer is taken for that of the 2 degree one, as on any screen: both are D65.
    """
    lightness, a, b = (float(x) for x in lab)
    middle = (lightness + 16.0) / 116.0
    f = np.array([middle + a / 500.0, middle, middle - b / 200.0])
    ratio = np.where(f > 6.0 / 29.0, f**3, 3.0 * (6.0 / 29.0) ** 2 * (f - 4.0 / 29.0))
    linear = np.clip(XYZ_TO_SRGB @ (ratio * WHITE_D65_2DEG), 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * float(value)):02x}" for value in encoded)


def tone(person: Skin) -> str:
    """The colour of a skin as #rrggbb, from its modelled reflectance at 400 to 700 nm."""
    return srgb_hex(lab_from_reflectance(person.reflectance(ita_wavelengths_nm())))


@lru_cache(maxsize=256)
def tone_of(site: str, ita_deg: float) -> str:
    """The colour of a skin by its site and ITA."""
    return tone(skin(site, ita_deg=ita_deg))


@lru_cache(maxsize=64)
def tones(site: str) -> dict[str, str]:
    """The colour of each Fitzpatrick type at a site; kept in the cache, since the model takes a second for all six."""
    key = f"tones-{site}-{data_hash()}"
    known = cache.get(key)
    if known is None:
        known = {name: tone(skin(site, skin_type=name)) for name in SKIN_TYPES}
        cache.set(key, known, None)
    return dict(known)
