"""What light-emitting diodes and laser diodes of this trade are like where a device's file does not say."""

from __future__ import annotations

from photodose.data import load_table
from photodose.quantities import DataError

LASER_FWHM_NM = 2.0
"""Width of a laser diode's line [nm]: a few longitudinal modes; narrow beside every tissue spectrum, so only its order
of magnitude matters (judgement)."""


def default_fwhm_nm(peak_nm: float, light_source: str = "led") -> float:
    """Full width at half maximum where none is published [nm].

    Parameters
    ----------
    peak_nm : float
        Peak [nm], 400 to 1100.
    light_source : str
        "led", "laser" or "fluorescent" (taken as an LED's width).

    Returns
    -------
    float
        Width [nm] of the range of the table `devices/led_practice` in which the peak lies.
    """
    if light_source == "laser":
        return LASER_FWHM_NM
    table = load_table("devices/led_practice")
    for low, high, width in zip(table["peak_low_nm"], table["peak_high_nm"], table["fwhm_nm"], strict=True):
        if low <= peak_nm <= high:
            return float(width)
    raise DataError(f"table devices/led_practice has no row for {peak_nm:g} nm")
