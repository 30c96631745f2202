"""Unit conversions. Units convert once, at the edge of the house."""

from __future__ import annotations

import math

from photodose.quantities.constants import PHYSICAL_CONSTANTS
from photodose.quantities.errors import InputError, RangeError


def radiant_exposure_j_cm2(irradiance_mw_cm2: float, exposure_duration_s: float) -> float:
    """Radiant exposure H = E t at a surface.

    Parameters
    ----------
    irradiance_mw_cm2 : float
        Irradiance [mW/cm2], at least 0.
    exposure_duration_s : float
        Duration [s], at least 0.

    Returns
    -------
    float
        Radiant exposure [J/cm2].

    Examples
    --------
    >>> round(radiant_exposure_j_cm2(30.0, 600.0), 6)
    18.0
    """
    return irradiance_mw_cm2 * exposure_duration_s / 1000.0


def mw_per_cm2_to_w_per_m2(irradiance_mw_cm2: float) -> float:
    """Irradiance in SI: 1 mW/cm2 is 10 W/m2.

    Examples
    --------
    >>> mw_per_cm2_to_w_per_m2(30.0)
    300.0
    """
    return 10.0 * irradiance_mw_cm2


def per_cm_to_per_mm(coefficient_per_cm: float) -> float:
    """Absorption or scattering coefficient from 1/cm to 1/mm.

    Examples
    --------
    >>> per_cm_to_per_mm(10.0)
    1.0
    """
    return coefficient_per_cm / 10.0


def photon_energy_ev(wavelength_nm: float) -> float:
    """Energy of one photon [eV], E = h c / (lambda e).

    Raises
    ------
    InputError
        If the wavelength is not positive.

    Examples
    --------
    >>> round(photon_energy_ev(810.0), 3)
    1.531
    """
    if not wavelength_nm > 0.0:
        raise InputError(f"wavelength_nm must be positive, not {wavelength_nm:g}.")
    c = PHYSICAL_CONSTANTS
    joule = c["planck_j_s"] * c["speed_of_light_m_s"] / (wavelength_nm * 1e-9)
    return joule / c["elementary_charge_c"]


def half_angle_to_lambertian_order(half_angle_deg: float) -> float:
    """Lambertian order m of an emitter from the angle at half intensity, m = -ln 2 / ln cos(theta_half).

    Parameters
    ----------
    half_angle_deg : float
        Angle from the axis at which the radiant intensity is half [degree], above 0 and below 90.

    Examples
    --------
    >>> round(half_angle_to_lambertian_order(60.0), 9)
    1.0
    """
    if not 0.0 < half_angle_deg < 90.0:
        raise RangeError("half_angle_deg", half_angle_deg, 0.0, 90.0)
    return -math.log(2.0) / math.log(math.cos(math.radians(half_angle_deg)))
