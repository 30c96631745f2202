"""Physical constants, CODATA 2022 (NIST, published May 2024; exact since the SI of 2019)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

PHYSICAL_CONSTANTS: Final = MappingProxyType(
    {
        "planck_j_s": 6.626_070_15e-34,  # exact, SI 2019
        "speed_of_light_m_s": 299_792_458.0,  # exact, SI 2019
        "elementary_charge_c": 1.602_176_634e-19,  # exact, SI 2019
        "avogadro_per_mol": 6.022_140_76e23,  # exact, SI 2019
    }
)

WAVELENGTH_RANGE_NM: Final = (400.0, 1100.0)
"""The range in which photodose computes light in tissue [nm]."""
