"""Which bands of light a device emits, as screening sees them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.quantities import InputError, RangeError, UnknownNameError

BANDS: Final = ("blue", "red", "nir")
"""The bands of screening: blue 400-500 nm, red 600-700 nm, nir 700-1100 nm."""

ASSUMED_FWHM_NM: Final = 30.0
"""Width taken for an emitter whose width is not known (wider than most LEDs, so on the careful side)."""

_BLUE_END, _RED_START, _NIR_START = 500.0, 600.0, 700.0
_LOWEST, _HIGHEST = 200.0, 20_000.0


def bands_of(peaks_nm: ArrayLike, fwhm_nm: ArrayLike | None = None) -> frozenset[str]:
    """The bands that emitters with these peaks put light into, on the careful side.

    An emitter counts in a band as soon as its half-maximum range touches it. A peak between 500 and 600 nm, for which
    the rules have no band, counts as blue and as red, so that the stricter of the two holds. Ultraviolet counts as
    blue, anything beyond 1100 nm as near infrared.

    Parameters
    ----------
    peaks_nm : array_like, shape (n,) or scalar
        Peak wavelengths [nm], 200 to 20000.
    fwhm_nm : array_like, shape (n,) or scalar, optional
        Full widths at half maximum [nm], 0 to 400; unknown widths (None or NaN) are taken as 30 nm.

    Returns
    -------
    frozenset of str
        Some of "blue", "red", "nir".

    Raises
    ------
    InputError
        If there is no peak, one is no number, or peaks and widths differ in number.
    RangeError
        If a peak or width lies outside its range.

    Examples
    --------
    >>> sorted(bands_of([633.0, 830.0], 20.0)), sorted(bands_of(590.0, 15.0))
    (['nir', 'red'], ['blue', 'red'])
    """
    peaks = _numbers("peaks_nm", peaks_nm)
    widths = _numbers("fwhm_nm", fwhm_nm)
    if peaks.ndim != 1 or peaks.size == 0:
        raise InputError("peaks_nm must hold one wavelength or more.")
    if widths.shape not in {peaks.shape, (1,)}:
        raise InputError(f"fwhm_nm holds {widths.size} widths for {peaks.size} peaks; give one for each.")
    found: set[str] = set()
    for peak, width in np.broadcast(peaks, widths):
        found |= _bands_of_one(float(peak), ASSUMED_FWHM_NM if math.isnan(width) else float(width))
    return frozenset(found)


def _numbers(name: str, values: ArrayLike | None) -> NDArray[np.float64]:
    """One number or several as a flat array; None stands for NaN."""
    try:
        return np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise InputError(f"{name} must hold numbers of nanometres.") from None


def _bands_of_one(peak: float, width: float) -> set[str]:
    if not _LOWEST <= peak <= _HIGHEST:
        raise RangeError("peak_nm", peak, _LOWEST, _HIGHEST)
    if not 0.0 <= width <= 400.0:
        raise RangeError("fwhm_nm", width, 0.0, 400.0)
    low, high = peak - width / 2.0, peak + width / 2.0
    found: set[str] = set()
    if low <= _BLUE_END:
        found.add("blue")
    if low <= _NIR_START and high >= _RED_START:
        found.add("red")
    if high >= _NIR_START:
        found.add("nir")
    if _BLUE_END < peak < _RED_START:
        found |= {"blue", "red"}
    return found


def check_bands(bands: Iterable[str] | None) -> tuple[str, ...]:
    """The bands in a fixed order; None stands for all of them.

    Raises
    ------
    InputError
        If the set is empty.
    UnknownNameError
        If it holds another name.
    """
    if bands is None:
        return BANDS
    given = {bands} if isinstance(bands, str) else set(bands)
    for name in given:
        if name not in BANDS:
            raise UnknownNameError("band", str(name), BANDS)
    if not given:
        raise InputError("bands is empty; give some of blue, red, nir, or None for all.")
    return tuple(band for band in BANDS if band in given)
