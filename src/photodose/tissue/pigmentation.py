"""Skin colour: ITA from a reflectance spectrum, and the melanin that gives a wished ITA in the model itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from photodose.data import load_document, load_table
from photodose.data.schema_tissue import FitzpatrickDocument, FitzpatrickRange
from photodose.quantities import InputError, RangeError

FloatArray = NDArray[np.float64]

ITA_RANGE_DEG: Final = (-70.0, 70.0)
_LOG_MELANIN_RANGE: Final = (math.log(1e-5), math.log(0.6))


def ita_wavelengths_nm() -> FloatArray:
    """The wavelengths at which reflectance is needed for ITA: 400 to 700 nm every 10 nm."""
    return load_table("optics/cie_d65_10deg")["wavelength_nm"]


def lab_from_reflectance(reflectance: FloatArray) -> FloatArray:
    """CIELAB L*, a*, b* of a reflectance spectrum under D65 for the 10 degree observer (CIE 15:2004, 8.2.1).

    Parameters
    ----------
    reflectance : ndarray (..., 31)
        Reflectance 0 to 1 at 400, 410, ..., 700 nm.

    Returns
    -------
    ndarray (..., 3)
    """
    table = load_table("optics/cie_d65_10deg")
    weights = np.stack([table[name] * table["d65"] for name in ("x_bar", "y_bar", "z_bar")], axis=-1)
    ratio = (reflectance @ weights) / weights.sum(axis=0)
    f = np.where(ratio > (6.0 / 29.0) ** 3, np.cbrt(ratio), ratio * (29.0 / 6.0) ** 2 / 3.0 + 4.0 / 29.0)
    return np.stack(
        [116.0 * f[..., 1] - 16.0, 500.0 * (f[..., 0] - f[..., 1]), 200.0 * (f[..., 1] - f[..., 2])], axis=-1
    )


def ita_from_reflectance(reflectance: FloatArray) -> FloatArray:
    """Individual typology angle [degree], atan((L* - 50) / b*) (Chardon, Cretois, Hourseau 1991).

    Parameters
    ----------
    reflectance : ndarray (..., 31)
        Reflectance 0 to 1 at 400, 410, ..., 700 nm, D65 and 10 degree observer assumed.
    """
    lab = lab_from_reflectance(reflectance)
    return np.degrees(np.arctan2(lab[..., 0] - 50.0, lab[..., 2]))


def melanosome_fraction_for_ita(
    ita_deg: float, ita_of: Callable[[float], float], guess: float, log_slope: float
) -> tuple[float, float]:
    """The melanosome fraction at which a skin model shows a given ITA: the inverse of the model itself.

    Parameters
    ----------
    ita_deg : float
        Wished ITA [degree].
    ita_of : callable
        ITA [degree] that the model predicts for a melanosome fraction; falls as melanin rises.
    guess : float
        First fraction to try.
    log_slope : float
        Expected d ln(fraction) / d ITA there [1/degree], negative.

    Returns
    -------
    tuple of float
        Melanosome volume fraction of the living epidermis, whose ITA is within 0.05 degree of the wish, and
        d ln(fraction) / d ITA there [1/degree].

    Raises
    ------
    InputError
        If no amount of melanin gives that ITA.
    """
    low, high = _LOG_MELANIN_RANGE
    x = math.log(guess)
    miss = ita_of(math.exp(x)) - ita_deg
    for _ in range(30):
        if abs(miss) < 0.05:
            return math.exp(x), log_slope
        low, high = (max(low, x), high) if miss > 0 else (low, min(high, x))
        following = x - miss * log_slope
        if not low < following < high:
            following = 0.5 * (low + high)
        if high - low < 1e-4:
            break
        before, miss_before = x, miss
        x = following
        miss = ita_of(math.exp(x)) - ita_deg
        if (miss - miss_before) * (x - before) < 0.0:
            log_slope = (x - before) / (miss - miss_before)
    side = "lightest" if miss < 0 else "darkest"
    shown = ita_of(math.exp(low if miss < 0 else high))
    raise InputError(f"ita_deg {ita_deg:g} is beyond this site's skin: the {side} it can show is {shown:.0f} degrees.")


def check_ita(ita_deg: float) -> float:
    """An ITA inside the range that skin shows.

    Raises
    ------
    RangeError
    """
    low, high = ITA_RANGE_DEG
    if not low <= ita_deg <= high:
        raise RangeError("ita_deg", ita_deg, low, high)
    return float(ita_deg)


def fitzpatrick_ranges() -> dict[str, FitzpatrickRange]:
    """Published ITA of each Fitzpatrick type, by type."""
    return {item.skin_type: item for item in load_document("tissue/fitzpatrick", FitzpatrickDocument).types}
