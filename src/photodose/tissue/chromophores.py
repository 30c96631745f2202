"""Absorption of what the skin is made of, and the law of its scattering, as functions of wavelength."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.data import load_table

FloatArray = NDArray[np.float64]

BILIRUBIN_G_PER_MOL = 585.0
BETA_CAROTENE_G_PER_MOL = 536.9
LN10 = math.log(10.0)


def blood_absorption_per_mm(wavelength_nm: ArrayLike, saturation: ArrayLike) -> FloatArray:
    """Absorption coefficient of whole blood (haematocrit 0.45) [1/mm].

    Linear in oxygen saturation between the oxygenated and deoxygenated spectra (Bosschaart et al. 2014,
    doi 10.1007/s10103-013-1446-7, appendix).

    Parameters
    ----------
    wavelength_nm, saturation : array_like
        400 to 1100 nm and 0 to 1; they broadcast.
    """
    table = load_table("optics/whole_blood")
    oxy = table.interpolate(wavelength_nm, "absorption_oxy_per_mm")
    deoxy = table.interpolate(wavelength_nm, "absorption_deoxy_per_mm")
    share = np.asarray(saturation, dtype=float)
    return np.asarray(share * oxy + (1.0 - share) * deoxy)


def packaging_correction(absorption_per_mm: ArrayLike, vessel_diameter_mm: float | None) -> FloatArray:
    """Share of the blood's absorption that light in tissue meets, because blood is packed in vessels.

    C = (1 - exp(-mu_a D)) / (mu_a D) for vessels of diameter D (van Veen, Verkruysse, Sterenborg 2002,
    Opt Lett 27:246, doi 10.1364/OL.27.000246, eq. 2 with 2 r = D). 1 without vessels.
    """
    mu = np.asarray(absorption_per_mm, dtype=float)
    if not vessel_diameter_mm:
        return np.ones_like(mu)
    x = np.maximum(mu * vessel_diameter_mm, 1e-9)
    return np.asarray(-np.expm1(-x) / x)


def water_absorption_per_mm(wavelength_nm: ArrayLike) -> FloatArray:
    """Absorption coefficient of water [1/mm] (Segelstein 1981)."""
    return load_table("optics/water").interpolate(wavelength_nm, "absorption_per_mm")


def fat_absorption_per_mm(wavelength_nm: ArrayLike) -> FloatArray:
    """Absorption coefficient of lipid [1/mm] (van Veen et al. 2004)."""
    return load_table("optics/fat").interpolate(wavelength_nm, "absorption_per_mm")


def melanosome_absorption_per_mm(
    wavelength_nm: ArrayLike,
    at_500nm_per_mm: ArrayLike,
    power: ArrayLike,
    pheomelanin_share: float = 0.0,
    pheomelanin_decay_nm: float = 99.0,
) -> FloatArray:
    """Absorption coefficient inside a melanosome [1/mm], a ((1 - p) (lambda / 500)^-m + p exp(-(lambda - 500) / d)).

    Eumelanin by the power law of Jacques 1998 (67.9 per mm and 3.33), pheomelanin by the exponential that fits its
    measured spectrum (Sarna and Swartz 2006, doi 10.1002/9780470987100.ch16; 99 nm).

    Parameters
    ----------
    wavelength_nm : array_like
    at_500nm_per_mm, power : array_like
        Absorption at 500 nm and the eumelanin's power.
    pheomelanin_share : float
        Share p of the absorption at 500 nm that falls off as pheomelanin, 0 to 1.
    pheomelanin_decay_nm : float
        Decay length d [nm].
    """
    x = np.asarray(wavelength_nm, dtype=float)
    eumelanin = (x / 500.0) ** -np.asarray(power)
    pheomelanin = np.exp(-(x - 500.0) / pheomelanin_decay_nm)
    return np.asarray(at_500nm_per_mm * ((1.0 - pheomelanin_share) * eumelanin + pheomelanin_share * pheomelanin))


def baseline_absorption_per_mm(wavelength_nm: ArrayLike) -> FloatArray:
    """Absorption of bloodless, melanin-free skin [1/mm]: 7.84e8 lambda^-3.255 1/cm (Saidi 1994, in Jacques 1998)."""
    return np.asarray(7.84e7 * np.asarray(wavelength_nm, dtype=float) ** -3.255)


def bilirubin_absorption_per_mm(wavelength_nm: ArrayLike, grams_per_litre: float) -> FloatArray:
    """Absorption coefficient of bilirubin [1/mm] at a concentration [g/l]."""
    extinction = load_table("optics/bilirubin").interpolate(wavelength_nm, "molar_extinction_per_cm_per_m")
    return np.asarray(LN10 * extinction * grams_per_litre / BILIRUBIN_G_PER_MOL / 10.0)


def beta_carotene_absorption_per_mm(wavelength_nm: ArrayLike, grams_per_litre: float) -> FloatArray:
    """Absorption coefficient of beta-carotene [1/mm] at a concentration [g/l]."""
    extinction = load_table("optics/beta_carotene").interpolate(wavelength_nm, "molar_extinction_per_cm_per_m")
    return np.asarray(LN10 * extinction * grams_per_litre / BETA_CAROTENE_G_PER_MOL / 10.0)


def reduced_scattering_per_mm(
    wavelength_nm: ArrayLike, at_500nm_per_mm: ArrayLike, power: ArrayLike, rayleigh_fraction: float = 0.0
) -> FloatArray:
    """Reduced scattering coefficient [1/mm], a (f (lambda/500)^-4 + (1 - f) (lambda/500)^-b).

    Jacques 2013, doi 10.1088/0031-9155/58/11/R37, eqs. 1 and 2.
    """
    x = np.asarray(wavelength_nm, dtype=float) / 500.0
    shape = rayleigh_fraction * x**-4.0 + (1.0 - rayleigh_fraction) * x ** -np.asarray(power, dtype=float)
    return np.asarray(np.asarray(at_500nm_per_mm, dtype=float) * shape)


def skin_anisotropy(wavelength_nm: ArrayLike) -> FloatArray:
    """Scattering anisotropy of skin, 0.7645 + 0.2355 (1 - exp(-(lambda - 500)/729.1)) (Altshuler et al. 2005).

    J Phys D 38:2732, doi 10.1088/0022-3727/38/15/027. Below 1 everywhere in 400-1100 nm.
    """
    x = np.asarray(wavelength_nm, dtype=float)
    return np.asarray(0.7645 + 0.2355 * (1.0 - np.exp(-(x - 500.0) / 729.1)))
