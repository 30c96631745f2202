"""Optical properties of every layer of a batch of skins at every wavelength."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.data import load_table
from photodose.data.schema_tissue import Composition
from photodose.tissue import chromophores
from photodose.tissue.parameters import SkinArrays, composition

FloatArray = NDArray[np.float64]

MIN_THICKNESS_MM = 1e-6


class SolverArrays(TypedDict):
    """Layers as `transport.slab.solve_batch` takes them, each of shape (batch, layer)."""

    absorption_per_mm: FloatArray
    scattering_per_mm: FloatArray
    anisotropy: FloatArray
    thickness_mm: FloatArray
    refractive_index: FloatArray


@dataclass(frozen=True, slots=True)
class OpticalArrays:
    """Optical properties; n skins, w wavelengths, L layers.

    Attributes
    ----------
    absorption_per_mm, scattering_per_mm, anisotropy, refractive_index : ndarray (n, w, L)
    thickness_mm : ndarray (n, L)
    """

    absorption_per_mm: FloatArray
    scattering_per_mm: FloatArray
    anisotropy: FloatArray
    refractive_index: FloatArray
    thickness_mm: FloatArray

    def flat(self) -> SolverArrays:
        """Arguments of `transport.slab.solve_batch`: the batch runs over skins (outer) and wavelengths (inner)."""
        n, w, layers = self.absorption_per_mm.shape
        thickness = np.broadcast_to(self.thickness_mm[:, None, :], (n, w, layers))
        return {
            "absorption_per_mm": self.absorption_per_mm.reshape(n * w, layers),
            "scattering_per_mm": self.scattering_per_mm.reshape(n * w, layers),
            "anisotropy": self.anisotropy.reshape(n * w, layers),
            "thickness_mm": thickness.reshape(n * w, layers),
            "refractive_index": self.refractive_index.reshape(n * w, layers),
        }


def _refractive_index(layer: Composition, wavelength_nm: FloatArray) -> FloatArray:
    if ":" in layer.refractive_index:
        table, column = layer.refractive_index.split(":")
        return load_table(table).interpolate(wavelength_nm, column)
    return np.full_like(wavelength_nm, float(layer.refractive_index))


def _anisotropy(layer: Composition, wavelength_nm: FloatArray) -> FloatArray:
    if layer.anisotropy == "altshuler":
        return chromophores.skin_anisotropy(wavelength_nm)
    return np.full_like(wavelength_nm, float(layer.anisotropy))


def _absorption(arrays: SkinArrays, index: int, wavelength_nm: FloatArray) -> FloatArray:
    """Absorption coefficient of one layer, shape (n, w): the sum of its chromophores by volume fraction."""
    layer, parameters = arrays.layers[index], composition().parameters
    blood_fraction = arrays.blood_fraction[:, index, None]
    water, fat = float(arrays.water_fraction[index]), layer.fat_fraction.mean
    blood = chromophores.blood_absorption_per_mm(wavelength_nm[None, :], arrays.saturation[:, None])
    packed = blood * chromophores.packaging_correction(blood, layer.vessel_diameter_mm)
    bilirubin = chromophores.bilirubin_absorption_per_mm(wavelength_nm, parameters["bilirubin_g_per_l_blood"].mean)
    dry = np.maximum(0.0, 1.0 - blood_fraction - water - fat)
    total = (
        blood_fraction * (packed + bilirubin)
        + (1.0 - blood_fraction) * water * chromophores.water_absorption_per_mm(wavelength_nm)
        + fat * chromophores.fat_absorption_per_mm(wavelength_nm)
        + dry * arrays.baseline_scale[:, index, None] * chromophores.baseline_absorption_per_mm(wavelength_nm)
    )
    if layer.layer == "living epidermis":
        melanin = arrays.melanosome_fraction[:, None]
        inside = chromophores.melanosome_absorption_per_mm(
            wavelength_nm,
            parameters["melanosome_absorption_500nm_per_mm"].mean,
            arrays.melanosome_power,
            arrays.pheomelanin_share,
            parameters["pheomelanin_decay_nm"].mean,
        )
        carotene = chromophores.beta_carotene_absorption_per_mm(
            wavelength_nm, parameters["beta_carotene_g_per_l_epidermis"].mean
        )
        total = melanin * inside + (1.0 - melanin) * (total + carotene)
    return np.asarray(total)


def optical_arrays(arrays: SkinArrays, wavelength_nm: ArrayLike) -> OpticalArrays:
    """Optical properties of all layers of all skins at all wavelengths.

    Parameters
    ----------
    arrays : SkinArrays
        n skins.
    wavelength_nm : array_like (w,)
        400 to 1100 nm.

    Raises
    ------
    RangeError
        If a wavelength lies outside the tables.
    """
    wavelengths = np.atleast_1d(np.asarray(wavelength_nm, dtype=float))
    absorption, scattering, anisotropy, index = [], [], [], []
    for number, layer in enumerate(arrays.layers):
        absorption.append(_absorption(arrays, number, wavelengths))
        reduced = chromophores.reduced_scattering_per_mm(
            wavelengths[None, :],
            arrays.reduced_scattering_500nm_per_mm[:, number, None],
            arrays.scattering_power[:, number, None],
            layer.rayleigh_fraction,
        )
        g = np.broadcast_to(_anisotropy(layer, wavelengths), reduced.shape)
        scattering.append(reduced / (1.0 - g))
        anisotropy.append(g)
        index.append(np.broadcast_to(_refractive_index(layer, wavelengths), reduced.shape))
    return OpticalArrays(
        absorption_per_mm=np.stack(absorption, axis=-1),
        scattering_per_mm=np.stack(scattering, axis=-1),
        anisotropy=np.stack(anisotropy, axis=-1),
        refractive_index=np.stack(index, axis=-1),
        thickness_mm=np.maximum(arrays.thickness_mm, MIN_THICKNESS_MM),
    )
