"""Light as a source of heat: what each cell of a heat grid absorbs in a given skin."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.dosimetry.heat_grid import HeatGrid
from photodose.optics import Incidence
from photodose.quantities import InputError, mw_per_cm2_to_w_per_m2
from photodose.tissue import Skin
from photodose.transport import slab

FloatArray = NDArray[np.float64]

PER_MM_TO_PER_M = 1000.0


def absorbed_light(
    cells: HeatGrid,
    skin: Skin,
    wavelength_nm: ArrayLike,
    irradiance_mw_cm2: ArrayLike,
    incidence: Incidence | None = None,
) -> FloatArray:
    """Light that each cell of a heat grid absorbs: absorption coefficient times the cell's mean fluence rate.

    Parameters
    ----------
    cells : HeatGrid
        Grid of this skin, `heat.grid(skin.layer_names, skin.arrays.thickness_mm[0])`.
    skin : Skin
    wavelength_nm, irradiance_mw_cm2 : array_like (band,)
        400 to 1100 nm; not negative [mW/cm2].
    incidence : Incidence or None
        Diffuse unless given, as from a device that encloses or touches the skin.

    Returns
    -------
    ndarray (cell,)
        [W/m3]; 0 below the last layer that light is followed in.

    Raises
    ------
    InputError, RangeError
    """
    wavelength = np.atleast_1d(np.asarray(wavelength_nm, dtype=float))
    irradiance = np.atleast_1d(np.asarray(irradiance_mw_cm2, dtype=float))
    if wavelength.shape != irradiance.shape or wavelength.ndim != 1:
        raise InputError("wavelength_nm and irradiance_mw_cm2 need one value for each band.")
    if not (np.isfinite(irradiance).all() and irradiance.min() >= 0.0):
        raise InputError("irradiance_mw_cm2 must be finite and not negative.")
    optical = skin.optical(wavelength)
    lit = cells.edges_mm[1:] <= float(optical.thickness_mm[0].sum()) * (1.0 + 1e-9)
    flat = optical.flat()
    answer = slab.solve_batch(
        flat["absorption_per_mm"],
        flat["scattering_per_mm"],
        flat["anisotropy"],
        flat["thickness_mm"],
        flat["refractive_index"],
        depths_mm=np.zeros(0),
        intervals_mm=np.column_stack([cells.edges_mm[:-1], cells.edges_mm[1:]])[lit],
        outside_index=skin.outside_index,
        outside_index_below=float(optical.refractive_index[0, 0, -1]),
        incidence=incidence or Incidence(kind="diffuse"),
    )
    if answer.mean_fluence_rate is None:
        raise AssertionError("the slab solver left out the intervals it was asked for")
    per_mm = optical.absorption_per_mm[0][:, cells.layer_index[lit]]
    w_per_m2 = np.array([mw_per_cm2_to_w_per_m2(float(value)) for value in irradiance])
    absorbed = np.zeros(cells.count)
    absorbed[lit] = (w_per_m2[:, None] * PER_MM_TO_PER_M * per_mm * answer.mean_fluence_rate).sum(axis=0)
    return absorbed
