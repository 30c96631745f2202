"""Fluence at depth per unit irradiance, by band and target, and its answer to each uncertain parameter of the skin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodose.optics import Incidence, Spectrum
from photodose.tissue import Skin
from photodose.tissue.parameters import PARAMETERS
from photodose.transport import slab

FloatArray = NDArray[np.float64]

SPECTRUM_NODES = 5
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class RelativeFluence:
    """Light in one skin per unit irradiance; b bands, t targets, d depths, p parameters.

    Attributes
    ----------
    targets : ndarray (b, t)
        Fluence rate averaged over each target's depth range, relative to the incident irradiance.
    profile : ndarray (b, d)
        Fluence rate at `depths_mm`, relative to the incident irradiance.
    target_gradient, profile_gradient : ndarray (b, t, p), (b, d, p)
        Derivative of the logarithm with respect to each standard-normal parameter of the skin.
    reflectance : ndarray (b,)
        Reflected fraction of the incident light, what the outer face returns included.
    """

    depths_mm: FloatArray
    targets: FloatArray
    profile: FloatArray
    target_gradient: FloatArray
    profile_gradient: FloatArray
    reflectance: FloatArray


def parameter_offsets(step: float = 1.0) -> FloatArray:
    """Offsets that move each parameter of a skin up, then down, by `step`; shape (2 p, p)."""
    unit = step * np.eye(len(PARAMETERS))
    return np.concatenate([unit, -unit])


def _solve(
    skin: Skin, wavelengths: FloatArray, offsets: FloatArray, incidence: Incidence, depths_mm: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Target means (n, w, t), profile (n, w, d) and reflectance (n, w) of n skins at w wavelengths."""
    optical = skin.optical(wavelengths, offsets)
    n, w = optical.absorption_per_mm.shape[:2]
    intervals = skin.target_intervals_mm(offsets)
    answer = slab.solve_batch(
        **optical.flat(),
        depths_mm=depths_mm,
        intervals_mm=np.repeat(intervals, w, axis=0),
        outside_index=skin.outside_index,
        outside_index_below=np.tile(optical.refractive_index[0, :, -1], n),
        incidence=incidence,
    )
    return (
        answer.mean_fluence_rate.reshape(n, w, -1),
        answer.fluence_rate.reshape(n, w, -1),
        answer.reflectance.reshape(n, w),
    )


def relative_fluence(
    skin: Skin, spectra: Sequence[Spectrum], incidence: Incidence, depths_mm: FloatArray | None = None
) -> RelativeFluence:
    """Solve transport for a skin and the spectra that fall on it.

    The median skin is integrated over each spectrum (Gauss nodes of that spectrum); the response to the parameters is
    taken at the spectrum's centroid by central differences of one standard deviation.

    Parameters
    ----------
    skin : Skin
    spectra : sequence of Spectrum
        One for each band.
    incidence : Incidence
        Angular distribution of the light on the skin.
    depths_mm : ndarray (d,) or None
        Depths for the profile [mm]; none unless given.
    """
    depths = np.zeros(0) if depths_mm is None else np.asarray(depths_mm, dtype=float)
    nodes = [spectrum.quadrature(SPECTRUM_NODES) for spectrum in spectra]
    wavelengths = np.concatenate([pair[0] for pair in nodes])
    target_means, profiles, reflectance = _solve(skin, wavelengths, np.zeros((1, len(PARAMETERS))), incidence, depths)
    edges = np.cumsum([0, *(len(pair[0]) for pair in nodes)])
    weigh = [(slice(edges[i], edges[i + 1]), pair[1]) for i, pair in enumerate(nodes)]
    offsets = parameter_offsets()
    centroids = np.array([spectrum.centroid_nm for spectrum in spectra])
    moved_targets, moved_profiles, _ = _solve(skin, centroids, offsets, incidence, depths)
    return RelativeFluence(
        depths_mm=depths,
        targets=np.stack([weights @ target_means[0, part] for part, weights in weigh]),
        profile=np.stack([weights @ profiles[0, part] for part, weights in weigh]),
        target_gradient=_gradient(moved_targets),
        profile_gradient=_gradient(moved_profiles),
        reflectance=np.array([weights @ reflectance[0, part] for part, weights in weigh]),
    )


def _gradient(moved: FloatArray) -> FloatArray:
    """d ln(value) / dz from values moved up and down: (2 p, b, x) -> (b, x, p)."""
    half = moved.shape[0] // 2
    logs = np.log(np.maximum(moved, _TINY))
    return np.moveaxis((logs[:half] - logs[half:]) / 2.0, 0, -1)
