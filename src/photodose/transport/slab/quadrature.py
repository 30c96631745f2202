"""Angles: where each layer's radiance is sampled, its harmonics, and how an index step couples two layers.

Every layer has its own double-Gauss quadrature over the polar cosine, split at the critical cosines of the other
media, so that the cone that can leave and the ranges of total internal reflection are integrated apart. The methods
chapter (docs/methods/slab.md) derives what is computed here; its equation numbers are quoted below. A break is a
transverse index n sin(theta), which refraction keeps, at which light begins to be totally reflected somewhere.
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
    breaks : ndarray, shape (n, break)
        Breaks of the stack that the medium belongs to, rising, padded with infinity.
    cosine, weight : ndarray, shape (n, half)
        Nodes over (0, 1) and their weights, which sum to 1.
    counts : list of tuple
        For each medium the number of nodes of each panel, from the normal outwards.
    edges : ndarray, shape (n, break + 2)
        For each medium the cosines that bound its panels, from 1 down to 0 (padded with 0).
    odd : ndarray, shape (n, half, half)
        Odd harmonics at the nodes times the root of the weights; columns are orthonormal.
    coupling : ndarray, shape (n, half, half)
        even^T cosine^-1 odd, eq. 8.
    project_even, project_odd : ndarray, shape (n, half, half)
        Legendre moments to harmonics, eq. 7.
    moments : ndarray of int, shape (n,)
        Number of phase function moments that the panels can resolve.
    """

    index: FloatArray
    breaks: FloatArray
    cosine: FloatArray
    weight: FloatArray
    counts: list[tuple[int, ...]]
    edges: FloatArray
    odd: FloatArray
    coupling: FloatArray
    project_even: FloatArray
    project_odd: FloatArray
    moments: IntArray

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
def lagrange_in_legendre(count: int) -> FloatArray:
    """Matrix that turns Legendre polynomials at x into the Lagrange polynomials of the Gauss nodes, (count, count)."""
    node, weight = gauss(count)
    values = np.polynomial.legendre.legvander(2.0 * node - 1.0, count - 1)
    return np.asarray((2.0 * np.arange(count) + 1.0)[:, None] * values.T * weight)


def stack_breaks(index: FloatArray, outside: tuple[float, ...], half: int) -> FloatArray:
    """Breaks of each stack, shape (stack, break), from the indices of its layers, shape (stack, layer).

    Always those of the outside media; of the inner ones as many as `half` nodes can serve (a quarter of them), the
    one that lies nearest to another going first, and none so near that its panel would be narrower than a node's.
    """
    most = max(len(outside), half // 4)
    rows = []
    for row in index.tolist():
        top = max(row)
        lines = sorted({*outside, *row})
        lines = [line for line in lines if line < top * (1.0 - 1e-6)]
        while True:
            ends = [0.0, *lines, top]
            gaps = [
                (min(line**2 - ends[place] ** 2, ends[place + 2] ** 2 - line**2), place)
                for place, line in enumerate(lines)
                if line not in outside
            ]
            if not gaps or (len(lines) <= most and min(gaps)[0] > 1.0 / half**2):
                break
            lines.pop(min(gaps)[1])
        rows.append(lines)
    out = np.full((len(rows), max(len(lines) for lines in rows)), np.inf)
    for row_out, lines in zip(out, rows, strict=True):
        row_out[: len(lines)] = lines
    return out


def _shares(angles: FloatArray, half: int) -> IntArray:
    """Nodes per panel, shape (n, panel): by the root of its polar angle, at least one where it has any, `half` in all.

    The radiance has a root-like kink at the edges of panels, wide or narrow, so narrow ones need more than their share.
    """
    roots = np.sqrt(angles)
    counts = np.rint(roots / roots.sum(axis=1, keepdims=True) * half).astype(np.intp)
    counts = np.maximum(counts, angles > 0.0)
    extra = half - counts.sum(axis=1)
    while extra.any():
        rows = np.flatnonzero(extra)
        counts[rows, np.argmax(counts[rows], axis=1)] += np.sign(extra[rows])
        extra = half - counts.sum(axis=1)
    return np.asarray(counts)


def _resolved_moments(angles: FloatArray, counts: IntArray, half: int) -> IntArray:
    """Number of phase function moments (even) that panels of these polar angles and node counts resolve, shape (n,).

    1.5 per node, or, where panels differ, 2 per node of a hemisphere as coarse as the coarsest panel. Twice as many as
    nodes would fit, but the quadrature no longer integrates products of such harmonics, and convergence is worse.
    """
    coarsest = np.min(np.where(angles > 0.0, counts / np.where(angles > 0.0, angles, 1.0), np.inf), axis=1)
    return np.asarray(2 * (np.minimum(np.pi * coarsest, 1.5 * half) / 2.0).astype(np.intp))


def angular_grid(index: FloatArray, breaks: FloatArray, half: int) -> AngularGrid:
    """The grid of each medium: refractive index, shape (n,), and the breaks of its stack, shape (n, break)."""
    ends = np.full((len(index), 1), np.inf)
    lines = np.minimum(np.concatenate([np.zeros_like(ends), breaks, ends], axis=1) / index[:, None], 1.0)
    lines[lines > 1.0 - 1e-6] = 1.0
    edges = np.sqrt((1.0 - lines) * (1.0 + lines))
    angles = -np.diff(np.arcsin(edges))
    shares = _shares(angles, half)
    moments = _resolved_moments(angles, shares, half)
    counts = [tuple(count for count in row if count) for row in shares.tolist()]
    cosine, weight = np.empty((len(index), half)), np.empty((len(index), half))
    for kind, rows in groups_of(counts):
        end = half
        for panel, count in enumerate(kind):
            node, part = gauss(count)
            low = edges[rows, panel + 1, None]
            span = edges[rows, panel, None] - low
            cosine[rows, end - count : end] = low + span * node
            weight[rows, end - count : end] = span * part
            end -= count
    even, odd = harmonics(cosine, weight)
    coupling = np.swapaxes(even, -1, -2) @ (odd / cosine[..., None])
    projections = _projections(cosine, weight, even, odd)
    return AngularGrid(index, breaks, cosine, weight, counts, edges, odd, coupling, *projections, moments)


def groups_of(keys: list[Any]) -> Iterator[tuple[Any, IntArray]]:
    """Rows that share a key, key by key."""
    rows: dict[Any, list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)
    for key, members in rows.items():
        yield key, np.array(members, dtype=np.intp)


def harmonics(cosine: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
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


def _projections(
    cosine: FloatArray, weight: FloatArray, even: FloatArray, odd: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """How a sum of Legendre polynomials, taken at the nodes, reads in the harmonics (eq. 7).

    The first even and the first odd moment are kept exact: they carry the light and its mean direction.
    """
    count = 2 * cosine.shape[-1]
    legendre = np.polynomial.legendre.legvander(cosine, count - 1) * np.sqrt(2.0 * np.arange(count) + 1.0)
    legendre *= np.sqrt(weight)[..., None]
    out: list[FloatArray] = []
    for parity, basis in enumerate((even, odd)):
        matrix = np.asarray(np.swapaxes(basis, -1, -2) @ legendre[..., parity::2], dtype=np.float64)
        matrix[..., 0, :] = 0.0
        matrix[..., 0, 0] = 1.0
        out.append(matrix)
    return out[0], out[1]


@dataclass(frozen=True, slots=True)
class _Rays:
    """Quadrature over the light that can pass index steps; arrays (step, panel, point), panels from the normal out."""

    first: FloatArray
    second: FloatArray
    weight: FloatArray
    transmittance: FloatArray


def _rays(first: FloatArray, second: FloatArray, edges: FloatArray, count: int) -> _Rays:
    """Rays through the steps `first` -> `second` (indices, shape (step,)), in panels between transverse indices.

    With p and q the products of index and cosine in the thinner and the denser medium, q^2 - p^2 = d^2 is fixed, so
    p = d sinh u, q = d cosh u and everything is smooth in u (eq. 13). `edges` (step, panel) rise from 0 and lie below
    both indices; the last panel reaches up to the thinner index.
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


def _side(
    grid: AngularGrid, rows: IntArray, cosine: FloatArray, power: FloatArray, panels: tuple[int, ...]
) -> FloatArray:
    """One side of index steps in flux-weighted form (eq. 14).

    `rows` (step,) are media of the grid with equal counts; `cosine` and `power` (step, panel, point) are the rays'
    cosines there and flux weights times transmittance; `panels` says in which of the medium's panels each panel of
    rays lies. Returns shape (step, ray, half).
    """
    counts = grid.counts[rows[0]]
    ends = grid.half - np.concatenate([[0], np.cumsum(counts)])
    out = np.zeros((*cosine.shape, grid.half))
    for place, panel in enumerate(panels):
        low = grid.edges[rows, panel + 1, None]
        span = grid.edges[rows, panel, None] - low
        legendre = np.polynomial.legendre.legvander(2.0 * (cosine[:, place] - low) / span - 1.0, counts[panel] - 1)
        out[:, place, :, ends[panel + 1] : ends[panel]] = legendre @ lagrange_in_legendre(counts[panel])
    out *= np.sqrt(power)[..., None] / grid.power[rows][:, None, None, :]
    return out.reshape(len(rows), -1, grid.half)


def same_index(first: FloatArray, second: FloatArray) -> NDArray[np.bool_]:
    return np.abs(first - second) <= _SAME * first


def _edges(grid: AngularGrid, rows: IntArray, panels: int) -> FloatArray:
    """The transverse indices at which the first `panels` panels of rays begin, shape (len(rows), panels)."""
    return np.concatenate([np.zeros((len(rows), 1)), grid.breaks[rows]], axis=1)[:, :panels]


def index_steps(grid: AngularGrid, first: IntArray, second: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coupling of media of the grid at plane steps (eq. 15); `first` and `second`, shape (step,), are rows of the grid.

    Both media of a step belong to one stack and so have the same breaks.

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
        None if same else (grid.counts[a], grid.counts[b], bool(up))
        for a, b, same, up in zip(first, second, same_index(n1, n2), n1 <= n2, strict=True)
    ]
    for key, steps in groups_of(keys):
        if key is None:
            continue
        panels = tuple(range(len(key[0] if key[2] else key[1])))
        count = 2 * max(*key[0], *key[1]) + 6
        rays = _rays(n1[steps], n2[steps], _edges(grid, first[steps], len(panels)), count)
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
    lower = 1 + np.sum(grid.breaks[rows] < outside * (1.0 - 1e-6), axis=1)
    keys = [
        None if same else (grid.counts[row], len(grid.counts[row]) if up else int(below))
        for row, same, up, below in zip(rows, same_index(inside, beyond), inside <= beyond, lower, strict=True)
    ]
    for key, steps in groups_of(keys):
        if key is None:
            continue
        edges = _edges(grid, rows[steps], key[1])
        rays = _rays(inside[steps], beyond[steps], edges, 2 * max(key[0]) + 6)
        side = _side(grid, rows[steps], rays.first, rays.weight * rays.transmittance, tuple(range(key[1])))
        out[steps] = np.swapaxes(side, -1, -2) @ side
    return out


@dataclass(frozen=True, slots=True)
class DiffuseEntry:
    """Diffuse light that has just entered n media through an outer face.

    Attributes
    ----------
    source : ndarray, shape (n, half)
        Flux-weighted downward radiance per unit irradiance.
    specular : ndarray, shape (n,)
        Fraction reflected by the face.
    transverse, power : ndarray, shape (n, ray)
        Fine rays that carry the light: transverse index n sin(theta), and the fraction of the irradiance of each
        (padded with 0).
    """

    source: FloatArray
    specular: FloatArray
    transverse: FloatArray
    power: FloatArray


def diffuse_entry(grid: AngularGrid, rows: IntArray, outside: float, incidence: Incidence) -> DiffuseEntry:
    """Bring diffuse, Lambertian or tabulated light into each of the media `rows` (eq. 17)."""
    smooth = smooth_edges(incidence, outside)
    inside = grid.index[rows]
    # A face without a step needs rays too: any small gap parametrises them, and they pass straight through.
    straight = same_index(inside, np.full(len(rows), outside))
    beyond = np.where(straight, outside * (1.0 - 1e-7), outside)
    plans: list[tuple[Any, ...]] = []
    edges_of: list[FloatArray] = []
    for row in rows.tolist():
        lines = entry_lines(grid, row, outside, smooth)
        own = grid.breaks[row][: len(grid.counts[row]) - 1]
        plans.append((grid.counts[row], tuple(np.searchsorted(own, lines, side="right").tolist())))
        edges_of.append(lines)
    count = grid.half + 8
    widest = count * max(len(lines) for lines in edges_of)
    source, specular = np.empty((len(rows), grid.half)), np.empty(len(rows))
    transverse, carried = np.zeros((len(rows), widest)), np.zeros((len(rows), widest))
    for (_, panels), members in groups_of(plans):
        edges = np.stack([edges_of[member] for member in members])
        rays = _rays(beyond[members], inside[members], edges, count)
        unbent = straight[members, None, None]
        second = np.where(unbent, rays.first, rays.second)
        rays = _Rays(rays.first, second, rays.weight, np.where(unbent, 1.0, rays.transmittance))
        radiance = 2.0 * np.pi * incidence.radiance_per_irradiance(rays.first) / outside**2
        power = rays.weight * rays.transmittance
        side = _side(grid, rows[members], rays.second, power, panels)
        lit = (np.sqrt(power) * radiance).reshape(len(members), -1, 1)
        source[members] = (np.swapaxes(side, -1, -2) @ lit)[..., 0]
        specular[members] = 1.0 - np.sum(power * radiance, axis=(1, 2))
        sines = outside * np.sqrt(np.maximum(0.0, 1.0 - rays.first**2)).reshape(len(members), -1)
        transverse[members, : sines.shape[1]] = sines
        carried[members, : sines.shape[1]] = (rays.weight * radiance).reshape(len(members), -1)
    return DiffuseEntry(source, specular, transverse, carried)


def entry_lines(grid: AngularGrid, row: int, outside: float, smooth: FloatArray) -> FloatArray:
    """Transverse indices at which the panels of diffuse light's rays into a medium begin, rising from 0."""
    inside = float(grid.index[row])
    straight = abs(inside - outside) <= _SAME * inside
    low = min(inside, outside * (1.0 - 1e-7) if straight else outside) * (1.0 - 1e-6)
    lines = np.unique(np.concatenate([[0.0], smooth, grid.breaks[row]]))
    return np.asarray(lines[lines < low])


def smooth_edges(incidence: Incidence, outside: float) -> FloatArray:
    """Transverse indices between which the outside radiance is smooth."""
    smooth = np.array(_radiance_edges(incidence))
    return np.asarray(outside * np.sqrt((1.0 - smooth) * (1.0 + smooth)))


def _radiance_edges(incidence: Incidence) -> list[float]:
    """Cosines between which the outside radiance is smooth."""
    if incidence.kind == "table":
        return [cosine for cosine in incidence.cosines if 0.0 < cosine < 1.0]
    order = 1.0 if incidence.kind == "diffuse" else incidence.order
    return [float(np.exp(-depth / (order + 1.0))) for depth in (0.3, 1.0, 3.0, 8.0, 20.0)]
