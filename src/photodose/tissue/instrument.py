"""Light that an instrument loses beside its port, by layered diffusion in the spatial-frequency domain.

Fast enough to stand inside a fit. `transport.monte_carlo.port_reflectance` is the reference: within 0.006 of it where
the port is at least 5 mm wider than the spot (docs/methods/skin.md).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SKIN_INDEX: Final = 1.4
"""Index of the diffusing tissue against air; the layers above only bend the light that escapes."""
_FREQUENCY: Final = np.concatenate([[0.0], np.geomspace(0.01, 12.0, 22)])
"""Spatial frequencies at which the diffusion equation is solved [rad/mm]."""
_GRADED_FROM_MM: Final = 1.5
_ALL_MM: Final = 60.0
"""Where the port is wider than the spot by more than this, under 0.001 of the light is lost, and none is counted."""
_SUBLAYER_CELLS: Final = 4
_GRADED_CELLS: Final = 14


@lru_cache(maxsize=4)
def boundary_factor(index: float) -> float:
    """(1 + R_J) / (1 - R_phi): how a face of this index against air holds diffuse light back.

    Haskell et al. 1994, J Opt Soc Am A 11:2727, doi 10.1364/JOSAA.11.002727, eqs. 2.3.5 to 2.3.8.
    """
    node, weight = np.polynomial.legendre.leggauss(400)
    mu, w = 0.5 * (node + 1.0), 0.5 * weight
    inside = 1.0 - index**2 * (1.0 - mu**2)
    out = np.sqrt(np.maximum(0.0, inside))
    perpendicular = ((index * mu - out) / (index * mu + out)) ** 2
    parallel = ((mu - index * out) / (mu + index * out)) ** 2
    fresnel = np.where(inside <= 0.0, 1.0, 0.5 * (perpendicular + parallel))
    return float((1.0 + (3.0 * mu**2 * fresnel * w).sum()) / (1.0 - (2.0 * mu * fresnel * w).sum()))


def _cells(thickness_mm: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Cell heights (n, cell), finer towards the surface, and the layer of each cell."""
    heights, owner = [], []
    for layer in range(thickness_mm.shape[1]):
        graded = thickness_mm[:, layer].max() > _GRADED_FROM_MM
        count = _GRADED_CELLS if graded else 1 if layer == 0 else _SUBLAYER_CELLS
        edges = np.linspace(0.0, 1.0, count + 1) ** (2.0 if graded else 1.0)
        heights.append(np.diff(edges)[None, :] * thickness_mm[:, layer, None])
        owner += [layer] * count
    return np.concatenate(heights, axis=1), np.array(owner)


def modulation(absorption: FloatArray, reduced_scattering: FloatArray, thickness_mm: FloatArray) -> FloatArray:
    """Diffuse reflectance at each spatial frequency relative to that of wide illumination.

    Parameters
    ----------
    absorption, reduced_scattering : ndarray (n, L)
        [1/mm]
    thickness_mm : ndarray (n, L)

    Returns
    -------
    ndarray (n, frequency)
        1 at frequency 0. Finite volumes in depth; a wave exp(i k x) adds D k^2 to the absorption of each cell (Cuccia
        et al. 2009, J Biomed Opt 14:024012, doi 10.1117/1.3088140).
    """
    height, owner = _cells(thickness_mm)
    a, s = absorption[:, owner], reduced_scattering[:, owner]
    diffusion = 1.0 / (3.0 * (a + s))
    below = np.cumsum((a + s) * height, axis=1)
    above = below - (a + s) * height
    source = s / (a + s) * (np.exp(-above) - np.exp(-below))
    half = 0.5 * height / diffusion
    between = 1.0 / (half[:, :-1] + half[:, 1:])
    diagonal = (a * height)[:, :, None] + (diffusion * height)[:, :, None] * _FREQUENCY**2
    diagonal[:, 0] += (1.0 / (2.0 * boundary_factor(SKIN_INDEX) + half[:, 0]))[:, None]
    diagonal[:, :-1] += between[:, :, None]
    diagonal[:, 1:] += between[:, :, None]
    pivot = diagonal[:, -1]
    right = np.broadcast_to(source[:, -1:], pivot.shape)
    for cell in range(height.shape[1] - 2, -1, -1):  # elimination from the bottom up: only the top value is needed
        weight = between[:, cell, None] / pivot
        right = source[:, cell, None] + weight * right
        pivot = diagonal[:, cell] - weight * between[:, cell, None]
    top = right / pivot
    return np.asarray(top / top[:, :1])


@lru_cache(maxsize=64)
def _port_weights(spot_mm: float, port_mm: float) -> FloatArray:
    """Weights of 1 - modulation at each frequency: the overlap of spot and port in the frequency domain."""
    from scipy.interpolate import CubicSpline
    from scipy.special import j1

    a, b = 0.5 * spot_mm, 0.5 * port_mm
    # at least thirty points to each oscillation of the wider disc
    k = np.linspace(1e-9, _FREQUENCY[-1], 4000 + int(30.0 * _FREQUENCY[-1] * b / (2.0 * np.pi)))
    overlap = 2.0 * j1(k * a) / (k * a) * b * j1(k * b)
    step = np.diff(k)
    trapezoid = np.concatenate([step, [0.0]]) / 2.0 + np.concatenate([[0.0], step]) / 2.0
    basis = CubicSpline(np.log(_FREQUENCY + 0.02), np.eye(len(_FREQUENCY)), axis=0)(np.log(k + 0.02))
    weights = (trapezoid * overlap) @ basis
    weights[-1] += (
        min(1.0, (b / a) ** 2) - (trapezoid * overlap).sum()
    )  # beyond the last frequency nothing is modulated
    return np.asarray(weights)


def lost_share(
    absorption: FloatArray, reduced_scattering: FloatArray, thickness_mm: FloatArray, spot_mm: float, port_mm: float
) -> FloatArray:
    """Share of the diffusely reflected light that comes out beside the port, shape (n,).

    Parameters
    ----------
    absorption, reduced_scattering, thickness_mm : ndarray (n, L)
        [1/mm], [1/mm], [mm]
    spot_mm, port_mm : float
        Diameters of the uniform spot and of the concentric port [mm]; the port at least as wide as the spot.
    """
    if port_mm - spot_mm > _ALL_MM:
        return np.zeros(len(absorption))
    seen = modulation(absorption, reduced_scattering, thickness_mm)
    return np.asarray((1.0 - seen) @ _port_weights(float(spot_mm), float(port_mm)))
