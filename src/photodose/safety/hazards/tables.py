"""The limits, action spectra and eye data as loaded, and weights of a band's spectrum by them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from photodose.data import load_document, load_table
from photodose.data.schema_limits import EyeData, LimitTable, Standards
from photodose.optics import Spectrum
from photodose.quantities import InputError

FloatArray = NDArray[np.float64]
Weight = Callable[[FloatArray], FloatArray]

PUBLICATIONS: Final = ("iec_62471_2006", "icnirp_2013", "eu_2006_25_ec", "icnirp_laser_2013")
EYES: Final = ("open", "closed", "shielded")

DAY_S: Final = 30_000.0
"""Eight hours [s], the longest exposure that IEC 62471 looks at; a limit that lasts so long restricts nothing."""

_VISIBLE_MIDDLE_NM = 750.0
_TAIL_NM = 380.0
"""Where the tail below 400 nm is weighed: 97 % of that of a 405 nm LED 20 nm wide lies above 385 nm."""


@cache
def limits(publication: str) -> LimitTable:
    """The limits of one publication, by the name of its folder."""
    return load_document(f"safety/limits/{publication}/limits", LimitTable)


@cache
def eye_data() -> EyeData:
    """Eyelids, shields and assumptions."""
    return load_document("safety/eyes", EyeData)


@cache
def standards() -> Standards:
    """Standards for devices used at home."""
    return load_document("safety/standards", Standards)


def action_spectrum(name: str | None, low_nm: float, high_nm: float) -> Weight:
    """The weight of a hazard at any wavelength: the table between its rows, 0 outside the hazard's range.

    Without a table the weight is 1 inside the range.
    """

    def weight(wavelength_nm: FloatArray) -> FloatArray:
        inside = (wavelength_nm >= low_nm) & (wavelength_nm <= high_nm)
        if name is None:
            return np.where(inside, 1.0, 0.0)
        table = load_table(name)
        values = np.interp(wavelength_nm, table["wavelength_nm"], table["weight"], left=0.0, right=0.0)
        return np.asarray(np.where(inside, values, 0.0))

    return weight


def eye_transmittance(eyes: str) -> Weight:
    """What reaches the eye: 1 with open eyes, the eyelid's transmittance, or that of an opaque shield.

    Raises
    ------
    InputError
        If `eyes` is none of open, closed, shielded.
    """
    if eyes not in EYES:
        raise InputError(f"eyes must be one of {', '.join(EYES)}, not {eyes!r}.")
    data = eye_data()

    def weight(wavelength_nm: FloatArray) -> FloatArray:
        if eyes == "open":
            return np.ones_like(wavelength_nm)
        if eyes == "shielded":
            return np.full_like(wavelength_nm, data.shield_transmittance)
        starts = np.array([lid.low_nm for lid in data.eyelid])
        values = np.array([lid.transmittance for lid in data.eyelid])
        return values[np.maximum(np.searchsorted(starts, wavelength_nm, side="right") - 1, 0)]

    return weight


def weighted_share(spectrum: Spectrum, *weights: Weight) -> float:
    """Integral of a spectrum (of area 1 within 400-1100 nm) times weights, its tails outside included.

    The tail that `Spectrum` renormalised away is added at 380 nm for a short-wave band and at 1100 nm for a long-wave
    one, so that neither ultraviolet nor infrared beyond the range of the tissue data is lost.
    """
    first_nm, last_nm = spectrum.wavelength_nm[[0, -1]]
    grid = np.unique(np.concatenate([spectrum.wavelength_nm, np.arange(np.ceil(first_nm), last_nm)]))
    density = np.interp(grid, spectrum.wavelength_nm, spectrum.density_per_nm)
    inside = float(np.trapezoid(density * _product(grid, weights), grid))
    tail = spectrum.lost_fraction / (1.0 - spectrum.lost_fraction)
    tail_nm = np.array([_TAIL_NM if spectrum.centroid_nm < _VISIBLE_MIDDLE_NM else 1100.0])
    return inside + tail * float(_product(tail_nm, weights)[0])


def _product(wavelength_nm: FloatArray, weights: tuple[Weight, ...]) -> FloatArray:
    total = np.ones_like(wavelength_nm)
    for weight in weights:
        total = total * weight(wavelength_nm)
    return total
