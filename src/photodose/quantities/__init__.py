"""Names, units, conversions, constants and the error classes: the ground floor of the house."""

from photodose.quantities.constants import PHYSICAL_CONSTANTS, WAVELENGTH_RANGE_NM
from photodose.quantities.errors import (
    DataError,
    InputError,
    PhotodoseError,
    RangeError,
    SafetyLimitError,
    UnknownNameError,
)
from photodose.quantities.units import (
    half_angle_to_lambertian_order,
    mw_per_cm2_to_w_per_m2,
    per_cm_to_per_mm,
    photon_energy_ev,
    radiant_exposure_j_cm2,
)
from photodose.quantities.values import Estimate, plain, short, short_down

__all__ = [
    "PHYSICAL_CONSTANTS",
    "WAVELENGTH_RANGE_NM",
    "DataError",
    "Estimate",
    "InputError",
    "PhotodoseError",
    "RangeError",
    "SafetyLimitError",
    "UnknownNameError",
    "half_angle_to_lambertian_order",
    "mw_per_cm2_to_w_per_m2",
    "per_cm_to_per_mm",
    "photon_energy_ev",
    "plain",
    "radiant_exposure_j_cm2",
    "short",
    "short_down",
]
