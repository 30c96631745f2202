"""Fluence at depth per unit irradiance, by band and target, and its answer to each uncertain parameter of the skin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodose.dosimetry.uncertainty import Response, response_design
from photodose.optics import Incidence, Spectrum
from photodose.tissue import Skin
from photodose.tissue.parameters import PARAMETERS
from photodose.transport import slab

FloatArray = NDArray[np.float64]

SPECTRUM_NODES = 5


@dataclass(frozen=True, slots=True)
class RelativeFluence:
    """Light in one skin per unit irradiance; b bands, t targets, d depths, p parameters.

    Attributes
    ----------
    targets : ndarray (b, t)
        Fluence rate averaged over each target's depth range, relative to the incident irradiance.
    profile : ndarray (b, d)
        Fluence rate at `depths_mm`, relative to the incident irradiance.
    target_response, profile_response : Response (b, t), (b, d)
        How the logarithm answers to the standard-normal parameters of the skin, to second order.
    reflectance : ndarray (b,)
        Reflected fraction of the incident light, what the outer face returns included.
    """

    depths_mm: FloatArray
    targets: FloatArray
    profile: FloatArray
    target_response: Response
    profile_response: Response
    reflectance: FloatArray


def solve_skins(
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
        outside_index_below=float(optical.refractive_index[0, 0, -1]),
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
    taken at the spectrum's centroid from a designed set of skins (`uncertainty.response_design`).

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
    target_means, profiles, reflectance = solve_skins(
        skin, wavelengths, np.zeros((1, len(PARAMETERS))), incidence, depths
    )
    edges = np.cumsum([0, *(len(pair[0]) for pair in nodes)])
    weigh = [(slice(edges[i], edges[i + 1]), pair[1]) for i, pair in enumerate(nodes)]
    offsets = response_design()
    centroids = np.array([spectrum.centroid_nm for spectrum in spectra])
    moved_targets, moved_profiles, _ = solve_skins(skin, centroids, offsets, incidence, depths)
    return RelativeFluence(
        depths_mm=depths,
        targets=np.stack([weights @ target_means[0, part] for part, weights in weigh]),
        profile=np.stack([weights @ profiles[0, part] for part, weights in weigh]),
        target_response=Response.fitted(moved_targets),
        profile_response=Response.fitted(moved_profiles),
        reflectance=np.array([weights @ reflectance[0, part] for part, weights in weigh]),
    )
