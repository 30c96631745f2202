"""What a meter shows for a narrow band of light, and the true irradiance behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from photodose.data import Source, load_document, load_table, nearest_names
from photodose.data.schema_devices import Meters, MeterSpec
from photodose.optics import Spectrum
from photodose.quantities import Estimate, InputError, RangeError, UnknownNameError
from photodose.quantities.values import Z90

LUMENS_PER_WATT = 683.0
"""Maximum luminous efficacy K_cd [lm/W] (SI, exact at 540 THz; 683.002 at the peak of V)."""

LEAST_EFFICACY = 1.0
"""Luminous efficacy [lm/W] below which a lux meter's reading says nothing about the irradiance."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """True irradiance behind a reading: median [mW/cm2], log standard deviation, and where the correction is from."""

    median_mw_cm2: float
    log_sd: float
    source: Source

    @property
    def estimate(self) -> Estimate:
        return Estimate.lognormal(self.median_mw_cm2, self.log_sd)


@cache
def meters() -> dict[str, MeterSpec]:
    """Known types of meter by id."""
    return {meter.id: meter for meter in load_document("devices/meters", Meters).meters}


def true_irradiance(reading: float, meter: str, spectrum: Spectrum, calibrated_at_nm: float | None = None) -> Corrected:
    """True irradiance behind a reading of a meter held where the skin will be.

    Parameters
    ----------
    reading : float
        Reading, above 0: [mW/cm2] (10 W/m2 = 1 mW/cm2); for "lux" [lx].
    meter : str
        "solar": solar power meter, reads narrow red and near-infrared bands too high by the factor of its table row;
        "silicon": silicon photodiode power meter, right at the wavelength it is set to, elsewhere wrong by the ratio
        of its responsivities; "thermopile": spectrally flat; "lux": weighted by V(lambda).
    spectrum : Spectrum
        Emission of the band.
    calibrated_at_nm : float, optional
        Wavelength to which a silicon meter is set [nm], 600 to 1000; the band's own unless given.

    Returns
    -------
    Corrected

    Raises
    ------
    UnknownNameError, RangeError
        For an unknown meter or a reading that is not positive.
    InputError
        For a lux meter under light that it does not see.
    """
    if meter not in meters():
        known = list(meters())
        raise UnknownNameError("meter", meter, nearest_names(meter, known) or known)
    if not (math.isfinite(reading) and reading > 0.0):
        raise RangeError("reading", reading, 1e-6, 1e9)
    kind = meters()[meter]
    if meter == "lux":
        return Corrected(_from_lux(reading, spectrum), kind.log_sd, kind.source)
    factor = math.sqrt(kind.over_reading_low * kind.over_reading_high)
    spread = math.log(kind.over_reading_high / kind.over_reading_low) / (2.0 * Z90)
    if meter == "silicon" and calibrated_at_nm is not None:
        factor *= _silicon_ratio(spectrum, calibrated_at_nm)
    return Corrected(reading / factor, math.hypot(kind.log_sd, spread), kind.source)


def _weighted(table: str, column: str, spectrum: Spectrum) -> float:
    """Mean of a tabulated response over the emission; where the emission leaves the table the response is an error."""
    response = load_table(table).interpolate(spectrum.wavelength_nm, column)
    return float(np.trapezoid(response * spectrum.density_per_nm, spectrum.wavelength_nm))


def _silicon_ratio(spectrum: Spectrum, calibrated_at_nm: float) -> float:
    table = load_table("devices/silicon_responsivity")
    at_setting = float(table.interpolate(calibrated_at_nm, "responsivity_a_per_w"))
    return _weighted("devices/silicon_responsivity", "responsivity_a_per_w", spectrum) / at_setting


def luminous_efficacy(spectrum: Spectrum) -> float:
    """Luminous efficacy of radiation K = 683 lm/W times the mean of V(lambda) over the spectrum [lm/W]."""
    table = load_table("devices/photopic_v")
    low, high = table["wavelength_nm"][[0, -1]]
    inside = (spectrum.wavelength_nm >= low) & (spectrum.wavelength_nm <= high)
    response = np.zeros_like(spectrum.wavelength_nm)
    # beyond the table's end at 780 nm the CIE function is below 1.5e-5 and counts nothing for an irradiance
    response[inside] = table.interpolate(spectrum.wavelength_nm[inside], "v")
    return LUMENS_PER_WATT * float(np.trapezoid(response * spectrum.density_per_nm, spectrum.wavelength_nm))


def _from_lux(reading_lx: float, spectrum: Spectrum) -> float:
    efficacy = luminous_efficacy(spectrum)
    if efficacy < LEAST_EFFICACY:
        raise InputError(f"a lux meter does not see light of {spectrum.centroid_nm:.0f} nm; use another kind of meter.")
    return reading_lx / efficacy / 10.0
