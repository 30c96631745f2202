"""Angles: where each layer's radiance is sampled, its harmonics, and how an index step couples two layers.

Every layer has its own double-Gauss quadrature over the polar cosine, split at the critical cosines of the outside
media, so that the cone that can leave and the range of total internal reflection are integrated apart. The methods
chapter (docs/methods/slab.md) derives what is computed here; its equation numbers are quoted below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photodose.optics import Incidence
from photodose.optics.fresnel import fresnel_reflectance

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_SAME = 1e-9
"""Relative difference below which two indices are one and the same (their Fresnel reflectance is below 1e-18)."""


@dataclass(frozen=True, slots=True)
class AngularGrid:
    """Quadrature and harmonics of n media, `half` nodes in each hemisphere.

    Attributes
    ----------
    index : ndarray, shape (n,)
        Refractive index.
    cosine, weight : ndarray, shape (n, half)
        Nodes over (0, 1), rising, and their weights, which sum to 1.
    counts : list of tuple
        For each medium the number of nodes of each panel, from the normal outwards.
    edges : ndarray, shape (n, panel + 1)
        For each medium the cosines that bound its panels, from 1 down to 0 (padded with 0).
    breaks : tuple of float
        Transverse indices n sin(theta) at which panels are split, rising.
    odd : ndarray, shape (n, half, half)
        Odd harmonics at the nodes times the root of the weights; columns are orthonormal.
    coupling : ndarray, shape (n, half, half)
        even^T cosine^-1 odd, eq. 8.
    """

    index: FloatArray
    cosine: FloatArray
    weight: FloatArray
    counts: list[tuple[int, ...]]
    edges: FloatArray
    breaks: tuple[float, ...]
    odd: FloatArray
    coupling: FloatArray

    @property
    def half(self) -> int:
        return int(self.cosine.shape[-1])

    @property
    def power(self) -> FloatArray:
        """Flux-weighting of a node, index * sqrt(cosine * weight), shape (n, half)."""
        return np.asarray(self.index[:, None] * np.sqrt(self.cosine * self.weight))


@cache
def gauss(count: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes and weights on (0, 1)."""
    node, weight = np.polynomial.legendre.leggauss(count)
    return (node + 1.0) / 2.0, weight / 2.0


@cache
def _lagrange_in_legendre(count: int) -> FloatArray:
    """Matrix that turns Legendre polynomials at x into the Lagrange polynomials of the Gauss nodes, (count, count)."""
    node, weight = gauss(count)
    values = np.polynomial.legendre.legvander(2.0 * node - 1.0, count - 1)
    return np.asarray((2.0 * np.arange(count) + 1.0)[:, None] * values.T * weight)


def _shares(angles: FloatArray, half: int) -> tuple[int, ...]:
    """Nodes per panel: in proportion to the panel's share of the polar angle, at least one, adding up to `half`."""
    counts = np.maximum(1, np.rint(angles / angles.sum() * half).astype(np.intp))
    counts[np.argmax(counts)] += half - counts.sum()
    return tuple(counts.tolist())


def angular_grid(index: FloatArray, breaks: tuple[float, ...], half: int) -> AngularGrid:
    """The grid of each refractive index, shape (n,), split where light of transverse index `breaks` would graze."""
    lines = np.minimum(np.array([0.0, *breaks, np.inf]) / index[:, None], 1.0)
    lines[lines > 1.0 - 1e-6] = 1.0
    edges = np.sqrt((1.0 - lines) * (1.0 + lines))
    angles = -np.diff(np.arcsin(edges))
    counts = [_shares(row[row > 0.0], half) for row in angles]
    cosine, weight = np.empty((len(index), half)), np.empty((len(index), half))
    for kind, rows in _groups(counts):
        end = half
        for panel, count in enumerate(kind):
            node, part = gauss(count)
            low = edges[rows, panel + 1, None]
            span = edges[rows, panel, None] - low
            cosine[rows, end - count : end] = low + span * node
            weight[rows, end - count : end] = span * part
            end -= count
    even, odd = _harmonics(cosine, weight)
    coupling = np.swapaxes(even, -1, -2) @ (odd / cosine[..., None])
    return AngularGrid(index, cosine, weight, counts, edges, breaks, odd, coupling)


def _groups(keys: list[Any]) -> Iterator[tuple[Any, IntArray]]:
    """Rows that share a key, key by key."""
    for key in dict.fromkeys(keys):
        yield key, np.array([row for row, other in enumerate(keys) if other == key], dtype=np.intp)


def _harmonics(cosine: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Polynomials orthonormal on the nodes themselves, even and odd apart (eq. 6): the Lanczos process, corrected.

    Where the quadrature is exact they are the Legendre polynomials times sqrt(2 l + 1); beyond, they stay orthonormal,
    so that scattering neither makes nor loses light whatever the panels.
    """
    half = cosine.shape[-1]
    parity = [np.zeros((*cosine.shape, half)), np.zeros((*cosine.shape, half))]
    before, now = np.zeros_like(cosine), np.sqrt(weight)
    parity[0][..., 0] = now
    for degree in range(1, 2 * half):
        known = parity[degree % 2][..., : degree // 2]
        new = cosine * now
        if degree > 1:
            new = new - np.sum(new * before, axis=-1, keepdims=True) * before
        for _ in range(2 if degree > 3 else 0):
            new = new - (known @ (np.swapaxes(known, -1, -2) @ new[..., None]))[..., 0]
        new /= np.sqrt(np.sum(new * new, axis=-1, keepdims=True))
        parity[degree % 2][..., degree // 2] = new
        before, now = now, new
    return parity[0], parity[1]


@dataclass(frozen=True, slots=True)
class _Rays:
    """Quadrature over the light that can pass index steps; arrays (step, panel, point), panels from the normal out."""

    first: FloatArray
    second: FloatArray
    weight: FloatArray
    transmittance: FloatArray


def _rays(first: FloatArray, second: FloatArray, edges: FloatArray, count: int) -> _Rays:
    """Rays through the steps `first` -> `second` (indices, shape (step,)), panels between rising transverse `edges`.

    With p and q the products of index and cosine in the thinner and the denser medium, q^2 - p^2 = d^2 is fixed, so
    p = d sinh u, q = d cosh u and everything is smooth in u (eq. 13). `edges` start at 0 and lie below both indices;
    a last panel reaches up to the thinner index.
    """
    low, high = np.minimum(first, second)[:, None], np.maximum(first, second)[:, None]
    gap = np.sqrt((high - low) * (high + low))
    root = np.sqrt(np.maximum(0.0, (low - edges) * (low + edges)))
    places = np.concatenate([np.arcsinh(root / gap), np.zeros_like(gap)], axis=1)
    node, weight = gauss(count)
    span = (places[:, :-1] - places[:, 1:])[..., None]
    u = places[:, 1:, None] + span * node
    p, q = gap[..., None] * np.sinh(u), gap[..., None] * np.cosh(u)
    low, high = low[..., None], high[..., None]
    thin, dense = np.minimum(p / low, 1.0), np.minimum(q / high, 1.0)
    transmittance = 1.0 - fresnel_reflectance(thin, low, high)
    up = (first <= second)[:, None, None]
    return _Rays(np.where(up, thin, dense), np.where(up, dense, thin), p * q * span * weight, transmittance)


def _side(grid: AngularGrid, rows: IntArray, cosine: FloatArray, power: FloatArray, panels: IntArray) -> FloatArray:
    """One side of index steps in flux-weighted form (eq. 14).

    `rows` (step,) are media of the grid with the same panels; `cosine` and `power` (step, panel, point) are the rays'
    cosines there and flux weights times transmittance; `panels` says in which of the medium's panels each panel of
    rays lies. Returns shape (step, ray, half).
    """
    counts = grid.counts[rows[0]]
    ends = grid.half - np.concatenate([[0], np.cumsum(counts)])
    out = np.zeros((*cosine.shape, grid.half))
    for place, panel in enumerate(panels.tolist()):
        low = grid.edges[rows, panel + 1, None]
        span = grid.edges[rows, panel, None] - low
        legendre = np.polynomial.legendre.legvander(2.0 * (cosine[:, place] - low) / span - 1.0, counts[panel] - 1)
        out[:, place, :, ends[panel + 1] : ends[panel]] = legendre @ _lagrange_in_legendre(counts[panel])
    out *= np.sqrt(power)[..., None] / grid.power[rows][:, None, None, :]
    return out.reshape(len(rows), -1, grid.half)


def _same(first: FloatArray, second: FloatArray) -> NDArray[np.bool_]:
    return np.abs(first - second) <= _SAME * first


def index_steps(grid: AngularGrid, first: IntArray, second: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coupling of media of the grid at plane steps (eq. 15); `first` and `second`, shape (step,), are rows of the grid.

    Returns
    -------
    tuple of ndarray, each shape (step, half, half)
        `open_first` and `open_second` (1 - reflection, seen from each side) and the transmission first -> second.
        Where the indices agree all three are the identity.
    """
    one = np.broadcast_to(np.eye(grid.half), (len(first), grid.half, grid.half))
    open_first, open_second, passed = one.copy(), one.copy(), one.copy()
    n1, n2 = grid.index[first], grid.index[second]
    keys = [
        None if same else (grid.counts[a], grid.counts[b], up)
        for a, b, same, up in zip(first, second, _same(n1, n2), n1 <= n2, strict=True)
    ]
    for key, steps in _groups(keys):
        if key is None:
            continue
        panels = np.arange(len(key[0] if key[2] else key[1]))
        edges = np.array([0.0, *grid.breaks])[: len(panels)]
        rays = _rays(n1[steps], n2[steps], edges, grid.half + 12)
        power = rays.weight * rays.transmittance
        one_side = _side(grid, first[steps], rays.first, power, panels)
        other_side = _side(grid, second[steps], rays.second, power, panels)
        flipped = np.swapaxes(other_side, -1, -2)
        open_first[steps] = np.swapaxes(one_side, -1, -2) @ one_side
        open_second[steps] = flipped @ other_side
        passed[steps] = flipped @ one_side
    return open_first, open_second, passed


def outer_faces(grid: AngularGrid, rows: IntArray, outside: float) -> FloatArray:
    """1 - reflection of an outer face seen from inside the media `rows`, shape (len(rows), half, half)."""
    out = np.broadcast_to(np.eye(grid.half), (len(rows), grid.half, grid.half)).copy()
    inside = grid.index[rows]
    beyond = np.full(len(rows), outside)
    keys = [
        None if same else (grid.counts[row], up)
        for row, same, up in zip(rows, _same(inside, beyond), inside <= beyond, strict=True)
    ]
    lower = sum(value < outside * (1.0 - 1e-6) for value in grid.breaks)
    for key, steps in _groups(keys):
        if key is None:
            continue
        panels = np.arange(len(key[0]) if key[1] else lower + 1)
        rays = _rays(inside[steps], beyond[steps], np.array([0.0, *grid.breaks])[: len(panels)], grid.half + 12)
        side = _side(grid, rows[steps], rays.first, rays.weight * rays.transmittance, panels)
        out[steps] = np.swapaxes(side, -1, -2) @ side
    return out


@dataclass(frozen=True, slots=True)
class DiffuseEntry:
    """Diffuse light that has just entered a medium through an outer face.

    Attributes
    ----------
    source : ndarray, shape (half,)
        Flux-weighted downward radiance per unit irradiance.
    specular : float
        Fraction reflected by the face.
    transverse, power : ndarray, shape (ray,)
        Fine rays that carry the light: transverse index n sin(theta), and the fraction of the irradiance of each.
    """

    source: FloatArray
    specular: float
    transverse: FloatArray
    power: FloatArray


def diffuse_entry(grid: AngularGrid, rows: IntArray, outside: float, incidence: Incidence) -> list[DiffuseEntry]:
    """Bring diffuse, Lambertian or tabulated light into each of the media `rows` (eq. 17)."""
    smooth = np.array(_radiance_edges(incidence))
    lines = np.array(sorted({0.0, *(outside * np.sqrt((1.0 - smooth) * (1.0 + smooth))).tolist(), *grid.breaks}))
    entries = []
    for row in rows.tolist():
        inside = float(grid.index[row])
        # A face without a step still needs rays: a gap of 1e-7 reflects less than a double can hold.
        beyond = outside * (1.0 - 1e-7) if abs(inside - outside) <= _SAME * inside else outside
        edges = lines[lines < min(inside, beyond) * (1.0 - 1e-6)]
        own = np.array(grid.breaks)[: len(grid.counts[row]) - 1]
        rays = _rays(np.array([beyond]), np.array([inside]), edges, 16)
        panels = np.searchsorted(own, edges, side="right")
        radiance = 2.0 * np.pi * incidence.radiance_per_irradiance(rays.first) / outside**2
        power = rays.weight * rays.transmittance
        side = _side(grid, np.array([row]), rays.second, power, panels)[0]
        source = side.T @ (np.sqrt(power) * radiance).ravel()
        sines = outside * np.sqrt(np.maximum(0.0, 1.0 - rays.first**2))
        specular = 1.0 - float(np.sum(power * radiance))
        entries.append(DiffuseEntry(source, specular, sines.ravel(), (rays.weight * radiance).ravel()))
    return entries


def _radiance_edges(incidence: Incidence) -> list[float]:
    """Cosines between which the outside radiance is smooth enough for 16 Gauss nodes."""
    if incidence.kind == "table":
        return [cosine for cosine in incidence.cosines if 0.0 < cosine < 1.0]
    order = 1.0 if incidence.kind == "diffuse" else incidence.order
    return [float(np.exp(-depth / (order + 1.0))) for depth in (0.3, 1.0, 3.0, 8.0, 20.0)]
