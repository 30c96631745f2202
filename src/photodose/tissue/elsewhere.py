"""What other instruments would see in skins of this model: colour through a small aperture, light that goes through.

For comparisons with measurements that the calibration has not seen (docs/validation/elsewhere.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.optics import Incidence
from photodose.quantities import RangeError
from photodose.tissue.person import Skin, port_losses, skin
from photodose.tissue.pigmentation import ita_wavelengths_nm
from photodose.transport import slab

FloatArray = NDArray[np.float64]

_ANGLES_DEG: Final = (-68.0, -60.0, -52.0, -45.0, -37.0, -30.0, -22.0, -15.0, -7.0, 0.0, 6.0, 12.0, 19.0, 25.0, 31.0,
                      38.0, 44.0, 50.0, 56.0, 60.0, 64.0, 67.0)  # fmt: skip
TEAR_INDEX: Final = 1.336
"""Refractive index of the tear film and aqueous humour, on which a lid lies."""
TARSUS_LIKE: Final = "reticular dermis"
"""The tarsus is dense collagen; nobody measured its optics, so it is taken as the dermis."""


@cache
def _weights() -> FloatArray:
    """Colour-matching functions of the 2 degree observer times D65 at the wavelengths of the ITA, shape (31, 3)."""
    import colour

    shape = colour.SpectralShape(400, 700, 10)
    matching = colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"].copy().align(shape)
    light = colour.SDS_ILLUMINANTS["D65"].copy().align(shape)
    return np.asarray(matching.values * light.values[:, None])


def lab_2deg(reflectance: FloatArray) -> FloatArray:
    """CIELAB under D65 for the 2 degree observer (CIE 15:2004, 8.2.1), shape (..., 3).

    Parameters
    ----------
    reflectance : ndarray (..., 31)
        0 to 1 at 400, 410, ..., 700 nm.
    """
    weights = _weights()
    ratio = (reflectance @ weights) / weights.sum(axis=0)
    f = np.where(ratio > (6.0 / 29.0) ** 3, np.cbrt(ratio), ratio * (29.0 / 6.0) ** 2 / 3.0 + 4.0 / 29.0)
    lightness, red, yellow = 116.0 * f[..., 1] - 16.0, 500.0 * (f[..., 0] - f[..., 1]), 200.0 * (f[..., 1] - f[..., 2])
    return np.stack([lightness, red, yellow], axis=-1)


@cache
def _colours(site: str, spot_mm: float | None, port_mm: float | None) -> tuple[FloatArray, FloatArray]:
    """Angle that the instrument itself finds, and its L*, a*, b*, for skins from dark to light."""
    grid, found = ita_wavelengths_nm(), []
    for angle in _ANGLES_DEG:
        person = skin(site, ita_deg=angle)
        whole = person.reflectance(grid)
        if spot_mm is not None and port_mm is not None:
            outer = whole - person.reflectance(grid, specular=False)
            whole = outer + (whole - outer) * (1.0 - port_losses(person.optical(grid), spot_mm, port_mm))
        found.append(lab_2deg(whole))
    lab = np.array(found)
    return np.degrees(np.arctan2(lab[:, 0] - 50.0, lab[:, 2])), lab


def instrument_colour(
    site: str, ita_deg: ArrayLike, spot_mm: float | None = None, port_mm: float | None = None
) -> FloatArray:
    """Colour that a d/8 instrument (specular included, D65, 2 degrees) shows of median skins, shape (..., 3).

    Light lost beside a small aperture makes skin darker and less red. Illuminating a disc and measuring a smaller one
    inside it sees what the reverse does (reciprocity), so either may be the spot. The loss is that of layered
    diffusion, here within 0.005 of Monte Carlo in reflectance.

    Parameters
    ----------
    site : str
    ita_deg : array_like
        Individual typology angle as this instrument itself finds it [degree].
    spot_mm, port_mm : float or None
        The smaller and the larger of the two diameters [mm]; nothing is lost without.

    Returns
    -------
    ndarray (..., 3)
        L*, a*, b*.

    Raises
    ------
    RangeError
        If no skin of the model shows such an angle.
    """
    angles, lab = _colours(site, spot_mm, port_mm)
    wanted = np.asarray(ita_deg, dtype=float)
    if wanted.size and (wanted.min() < angles[0] or wanted.max() > angles[-1]):
        worst = float(wanted.min() if wanted.min() < angles[0] else wanted.max())
        raise RangeError("ita_deg", worst, float(angles[0]), float(angles[-1]))
    return np.stack([np.interp(wanted, angles, lab[:, i]) for i in range(3)], axis=-1)


def brightest_nm(site: str, ita_deg: float) -> float:
    """Wavelength between 600 and 1000 nm at which a median skin reflects most [nm]."""
    grid = np.arange(600.0, 1000.5, 5.0)
    return float(grid[int(skin(site, ita_deg=ita_deg).reflectance(grid).argmax())])


@dataclass(frozen=True, slots=True)
class Lid:
    """An eyelid: whole thickness, and that of its skin and its tarsus [mm]; the rest is muscle."""

    whole_mm: float
    skin_mm: float
    tarsus_mm: float


def excised_transmittance(person: Skin, wavelength_nm: float, thickness_mm: float) -> float:
    """Transmittance of the upper layers of a skin, cut at a thickness and held in air under collimated light.

    All light that comes out below counts, at whatever angle and wherever.

    Parameters
    ----------
    person : Skin
    wavelength_nm : float
    thickness_mm : float
        Above that of the epidermis, below that of the whole stack [mm].
    """
    flat = person.optical(wavelength_nm).flat()
    edges = np.concatenate([[0.0], np.cumsum(flat["thickness_mm"][0])])
    count = int(np.searchsorted(edges, thickness_mm))
    kept = np.minimum(edges[1 : count + 1], thickness_mm) - edges[:count]
    answer = slab.solve_batch(
        flat["absorption_per_mm"][:, :count],
        flat["scattering_per_mm"][:, :count],
        flat["anisotropy"][:, :count],
        kept[None, :],
        flat["refractive_index"][:, :count],
    )
    return float(answer.transmittance[0])


def lid_transmittance(person: Skin, wavelength_nm: ArrayLike, lid: Lid) -> FloatArray:
    """Transmittance of a closed eyelid from the eye outwards, for diffuse light, shape (w,).

    The skin of the person's site, thinned in its dermis, over muscle and tarsus. By reciprocity as much goes inwards,
    for light that is diffuse outside and measured in the tear film.

    Parameters
    ----------
    person : Skin
        At a site whose lowest layer is muscle.
    wavelength_nm : array_like (w,)
    lid : Lid
    """
    flat, names = person.optical(wavelength_nm).flat(), person.layer_names
    upper = [i for i, name in enumerate(names) if name not in ("subcutaneous fat", "muscle")]
    order = [*upper, names.index("muscle"), names.index(TARSUS_LIKE)]
    thickness = flat["thickness_mm"][0, upper]
    dermis = slice(2, None)
    thickness[dermis] *= (lid.skin_mm - thickness[:2].sum()) / thickness[dermis].sum()
    whole = np.concatenate([thickness, [lid.whole_mm - lid.skin_mm - lid.tarsus_mm, lid.tarsus_mm]])
    answer = slab.solve_batch(
        flat["absorption_per_mm"][:, order],
        flat["scattering_per_mm"][:, order],
        flat["anisotropy"][:, order],
        np.broadcast_to(whole, (len(flat["thickness_mm"]), len(order))),
        flat["refractive_index"][:, order],
        outside_index_below=TEAR_INDEX,
        incidence=Incidence(kind="diffuse"),
        lit_face="bottom",
    )
    return np.asarray(answer.transmittance)
