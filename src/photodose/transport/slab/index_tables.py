"""Everything that depends on angles alone, differentiated forwards: grids by their panels' edges, index steps by both
indices and the breaks (docs/methods/slab.md, section 10.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from photodose.optics import Incidence
from photodose.transport.slab import quadrature as qd
from photodose.transport.slab.waves import legendre_slopes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


def _t(matrix: FloatArray) -> FloatArray:
    return np.swapaxes(matrix, -1, -2)


def edge_slopes(grid: qd.AngularGrid) -> tuple[FloatArray, FloatArray]:
    """Derivative of each medium's inner panel edges, sqrt(1 - (break/index)^2), by its index and by the break; both of
    shape (medium, break), 0 where a break lies beyond the index."""
    index, edge = grid.index[:, None], grid.edges[:, 1:-1]
    moving = edge > 0.0
    line = np.where(moving, grid.breaks, 0.0)
    safe = np.where(moving, edge, 1.0)
    return line**2 / (index**3 * safe), -line / (index**2 * safe)


@dataclass(frozen=True, slots=True)
class GridTangents:
    """Derivatives of n media by each of their inner panel edges, shape (n, break, ...).

    `coupling` of the grid's coupling; `basis` of C, times C^-1; `fluence` and `power` of the logarithms of flux weight
    over cosine and of flux weight; `even`, `odd` of the projections; `moving` says which edges there are.
    """

    moving: NDArray[np.bool_]
    coupling: FloatArray
    basis: FloatArray
    fluence: FloatArray
    power: FloatArray
    even: FloatArray
    odd: FloatArray


def _node_slopes(grid: qd.AngularGrid, media: IntArray) -> tuple[FloatArray, FloatArray]:
    """Derivative of nodes and of the logarithm of their weights by the inner edges, (medium, break, half)."""
    count = grid.breaks.shape[1]
    cosine, weight = np.zeros((len(media), count, grid.half)), np.zeros((len(media), count, grid.half))
    for kind, rows in qd.groups_of([grid.counts[row] for row in media.tolist()]):
        end = grid.half
        for panel, size in enumerate(kind):
            node = qd.gauss(size)[0]
            span = (grid.edges[media[rows], panel] - grid.edges[media[rows], panel + 1])[:, None]
            at = slice(end - size, end)
            if panel:
                cosine[rows, panel - 1, at] = node
                weight[rows, panel - 1, at] = 1.0 / span
            if panel < len(kind) - 1:
                cosine[rows, panel, at] = 1.0 - node
                weight[rows, panel, at] = -1.0 / span
            end -= size
    return cosine, weight


def _harmonic_slopes(grid: qd.AngularGrid, even: FloatArray, odd: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Derivatives of the harmonics by the cosine at the nodes, by their recurrence (eq. 6), as far as scattering keeps
    moments. Those above may turn among themselves as they like, for they are all lost alike; and they do, for the
    recurrence of so high degrees is not stable."""
    cosine = grid.cosine[..., None]
    chain = _t(odd) @ (cosine * even)
    out = np.zeros_like(even), np.zeros_like(odd)
    parts = (even, odd)
    for degree in range(1, int(grid.moments.max())):
        # cosine q_(l-1) = beta_(l-1) q_(l-2) + beta_l q_l
        last = degree - 1
        new = parts[last % 2][..., last // 2] + grid.cosine * out[last % 2][..., last // 2]
        if last:
            before = chain[:, (last - 1) // 2, last // 2] if last % 2 == 0 else chain[:, last // 2, last // 2]
            new = new - before[:, None] * out[degree % 2][..., (degree - 2) // 2]
        after = chain[:, degree // 2, degree // 2] if degree % 2 else chain[:, last // 2, degree // 2]
        out[degree % 2][..., degree // 2] = new / after[:, None]
    return out


def grid_tangents(grid: qd.AngularGrid, collimated: bool) -> GridTangents:
    """Differentiate a grid. Harmonics stay orthonormal, so each turns only into those below it: with
    Q^T dQ = L - L^T, L the strictly lower part of Q^T of what moves them (eq. 33)."""
    even, odd = qd.harmonics(grid.cosine, grid.weight)
    by_cosine, by_weight = _node_slopes(grid, np.arange(len(grid.index)))
    slopes = _harmonic_slopes(grid, even, odd)
    cosine = grid.cosine[:, None]
    kept = 2 * np.arange(grid.half) < grid.moments[:, None]
    turns = []
    for basis, slope in ((even, slopes[0]), (odd, slopes[1])):
        moved = by_cosine[..., None] * slope[:, None] + 0.5 * by_weight[..., None] * basis[:, None]
        lower = np.tril(_t(basis)[:, None] @ moved, -1) * kept[:, None, None, :]
        turns.append(lower - _t(lower))
    relative = by_cosine / cosine
    coupling = _t(turns[0]) @ grid.coupling[:, None] + grid.coupling[:, None] @ turns[1]
    coupling -= _t(even)[:, None] @ ((relative / cosine)[..., None] * odd[:, None])
    basis = turns[1] - 0.5 * _t(odd)[:, None] @ (relative[..., None] * odd[:, None])
    power = 0.5 * (relative + by_weight)
    projections: list[FloatArray] = []
    if collimated:
        count = 2 * grid.half
        scale = np.sqrt(2.0 * np.arange(count) + 1.0)
        legendre = np.polynomial.legendre.legvander(grid.cosine, count - 1) * scale
        derived = legendre_slopes(grid.cosine, count) * scale
        root = np.sqrt(grid.weight)[:, :, None]
        for parity, (basis_, turn) in enumerate(((even, turns[0]), (odd, turns[1]))):
            there = root * legendre[..., parity::2]
            moved = by_cosine[..., None] * (root * derived[..., parity::2])[:, None]
            moved = moved + 0.5 * by_weight[..., None] * there[:, None]
            table = _t(turn) @ (_t(basis_) @ there)[:, None] + _t(basis_)[:, None] @ moved
            table[..., 0, :] = 0.0
            projections.append(np.asarray(table))
    else:
        projections = [np.empty(0), np.empty(0)]
    return GridTangents(
        grid.edges[:, 1:-1] > 0.0, coupling, basis, power - relative, power, projections[0], projections[1]
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One side of steps: `value` and `slope` (step, ray, half), H of eq. 14 and its derivative by a ray's place in its
    panel; `place` (step, ray, direction), the derivative of that place by both indices and the breaks."""

    value: FloatArray
    slope: FloatArray
    place: FloatArray


@dataclass(frozen=True, slots=True)
class Step:
    """Steps of one kind with their rays: `power` (step, ray), flux weight times transmittance, `gain` (step, ray,
    direction), the derivative of its logarithm, and of the outside cosine `outer` (step, ray) for light on its way in
    `turning` (step, ray, direction). Directions: first index, second index, breaks."""

    power: FloatArray
    gain: FloatArray
    first: Side
    second: Side | None
    outer: FloatArray
    turning: FloatArray


@dataclass(frozen=True, slots=True)
class _Rays:
    """Rays as `quadrature._rays` has them, with derivatives by (thinner index, denser index, edges), last axis."""

    thin: FloatArray
    dense: FloatArray
    power: FloatArray
    thin_by: FloatArray
    dense_by: FloatArray
    gain: FloatArray


def _rays(low: FloatArray, high: FloatArray, edges: FloatArray, count: int) -> _Rays:
    """Rays between a thinner and a denser medium, shape (step,); `edges` (step, panel)."""
    panels = edges.shape[1]
    size = 2 + panels
    low, high = low[:, None], high[:, None]
    gap = np.sqrt((high - low) * (high + low))
    root = np.sqrt((low - edges) * (low + edges))
    places = np.concatenate([np.arcsinh(root / gap), np.zeros_like(gap)], axis=1)
    by_gap = np.zeros((*gap.shape, size))
    by_gap[..., 0], by_gap[..., 1] = -low / gap, high / gap
    by_root = np.zeros((*root.shape, size))
    by_root[..., 0] = low / root
    by_root[:, np.arange(panels), 2 + np.arange(panels)] = -edges / root
    reach = np.sqrt(gap**2 + root**2)[..., None]
    by_place = np.zeros((*places.shape, size))
    by_place[:, :-1] = (by_root - (root / gap)[..., None] * by_gap) / reach
    node, weight = qd.gauss(count)
    span = (places[:, :-1] - places[:, 1:])[..., None]
    u = places[:, 1:, None] + span * node
    by_u = by_place[:, 1:, None] * (1.0 - node)[:, None] + by_place[:, :-1, None] * node[:, None]
    gap, by_gap = gap[..., None], by_gap[:, None]
    p, q = gap * np.sinh(u), gap * np.cosh(u)
    p_by = by_gap * np.sinh(u)[..., None] + q[..., None] * by_u
    q_by = by_gap * np.cosh(u)[..., None] + p[..., None] * by_u
    n1, n2 = low[..., None], high[..., None]
    a, b = n1**2 * q, n2**2 * p
    a_by, b_by = (n1**2)[..., None] * q_by, (n2**2)[..., None] * p_by
    a_by[..., 0] += 2.0 * n1 * q
    b_by[..., 1] += 2.0 * n2 * p
    passed = 2.0 * p * q / (p + q) ** 2 + 2.0 * a * b / (a + b) ** 2
    passed_by = (2.0 * (q - p) / (p + q) ** 3)[..., None] * (q[..., None] * p_by - p[..., None] * q_by)
    passed_by += (2.0 * (b - a) / (a + b) ** 3)[..., None] * (b[..., None] * a_by - a[..., None] * b_by)
    span_by = (by_place[:, :-1] - by_place[:, 1:])[:, :, None] / span[..., None]
    gain = p_by / p[..., None] + q_by / q[..., None] + span_by + passed_by / passed[..., None]
    thin, dense = np.minimum(p / n1, 1.0), np.minimum(q / n2, 1.0)
    thin_by, dense_by = p_by / n1[..., None], q_by / n2[..., None]
    thin_by[..., 0] -= p / n1**2
    dense_by[..., 1] -= q / n2**2
    return _Rays(thin, dense, p * q * span * weight * passed, thin_by, dense_by, gain)


def _side(
    grid: qd.AngularGrid,
    rows: IntArray,
    cosine: FloatArray,
    cosine_by: FloatArray,
    power: FloatArray,
    panels: tuple[int, ...],
    own: int,
) -> Side:
    """One side of steps as `quadrature._side`, differentiated; directions as in `Step`, `own` is the side's index."""
    by_index, by_line = edge_slopes(grid)
    counts = grid.counts[rows[0]]
    ends = grid.half - np.concatenate([[0], np.cumsum(counts)])
    value = np.zeros((*cosine.shape, grid.half))
    slope = np.zeros_like(value)
    place = cosine_by.copy()
    last = grid.breaks.shape[1]
    for at, panel in enumerate(panels):
        low = grid.edges[rows, panel + 1, None]
        span = grid.edges[rows, panel, None] - low
        x = (cosine[:, at] - low) / span
        columns = slice(ends[panel + 1], ends[panel])
        table = qd.lagrange_in_legendre(counts[panel])
        value[:, at, :, columns] = np.polynomial.legendre.legvander(2.0 * x - 1.0, counts[panel] - 1) @ table
        slope[:, at, :, columns] = 2.0 * legendre_slopes(2.0 * x - 1.0, counts[panel]) @ table
        for edge, part in ((panel, 1.0 - x), (panel - 1, x)):
            # the lower edge of the panel is break `panel`, the upper one the break before
            if 0 <= edge < last:
                place[:, at, :, own] -= part * by_index[rows, edge, None]
                place[:, at, :, 2 + edge] -= part * by_line[rows, edge, None]
        place[:, at] /= span[..., None]
    scale = np.sqrt(power)[..., None] / grid.power[rows][:, None, None, :]
    steps_, rays = len(rows), cosine.shape[1] * cosine.shape[2]
    return Side(
        (value * scale).reshape(steps_, rays, -1),
        (slope * scale).reshape(steps_, rays, -1),
        place.reshape(steps_, rays, -1),
    )


def _directions(by: FloatArray, up: NDArray[np.bool_] | bool, lines: IntArray, count: int) -> FloatArray:
    """From (thinner, denser, edges) to (first, second, breaks); `lines` is the break that each edge is, or -1."""
    out = np.zeros((*by.shape[:-1], 2 + count))
    out[..., 0], out[..., 1] = (by[..., 0], by[..., 1]) if up else (by[..., 1], by[..., 0])
    for edge, line in enumerate(lines.tolist()):
        if line >= 0:
            out[..., 2 + line] += by[..., 2 + edge]
    return out


def _flat(values: FloatArray) -> FloatArray:
    """Panels and points of rays as one axis."""
    return values.reshape(values.shape[0], values.shape[1] * values.shape[2], *values.shape[3:])


def steps(
    grid: qd.AngularGrid, first: IntArray, second: IntArray | None, which: NDArray[np.bool_], outside: float = 1.0
) -> Iterator[tuple[IntArray, Step]]:
    """The index steps of those stacks for which `which` is true, kind by kind: rows of the batch, and their step (one
    alone where all are equal). `first` and `second` (batch,) are rows of the grid; without `second` the medium beyond
    is the outside one."""
    stacks = np.flatnonzero(which)
    if not len(stacks):
        return
    one = first[stacks]
    n1 = grid.index[one]
    n2 = np.full(len(one), outside) if second is None else grid.index[second[stacks]]
    up = n1 <= n2
    keys = []
    for place, row in enumerate(one.tolist()):
        if second is not None:
            other = grid.counts[second[stacks[place]]]
            panels = len(grid.counts[row] if up[place] else other)
            keys.append((grid.counts[row], other, bool(up[place]), panels))
        else:
            below = 1 + int(np.sum(grid.breaks[row] < outside * (1.0 - 1e-6)))
            panels = len(grid.counts[row]) if up[place] else below
            keys.append((grid.counts[row], (), bool(up[place]), panels))
    for (own, other, rising, panels), members in qd.groups_of(keys):
        rows = stacks[members]
        alike = (one[members] == one[members[0]]).all()
        alike = alike and (second is None or (second[rows] == second[rows[0]]).all())
        kept = members[:1] if alike else members
        count = 2 * max((*own, *other)) + 6
        thin, dense = (n1[kept], n2[kept]) if rising else (n2[kept], n1[kept])
        edges = np.concatenate([np.zeros((len(kept), 1)), grid.breaks[one[kept]]], axis=1)[:, :panels]
        rays = _rays(thin, dense, edges, count)
        lines = np.arange(panels) - 1
        size = grid.breaks.shape[1]
        gain = _directions(rays.gain, rising, lines, size)
        cosines = (rays.thin, rays.dense) if rising else (rays.dense, rays.thin)
        tangents = [
            _directions(part, rising, lines, size)
            for part in ((rays.thin_by, rays.dense_by) if rising else (rays.dense_by, rays.thin_by))
        ]
        here = tuple(range(panels))
        sides = [_side(grid, one[kept], cosines[0], tangents[0], rays.power, here, 0)]
        if second is not None:
            sides.append(_side(grid, second[stacks[kept]], cosines[1], tangents[1], rays.power, here, 1))
        yield rows, Step(
            _flat(rays.power), _flat(gain), sides[0], sides[1] if second is not None else None,
            _flat(cosines[1]), _flat(tangents[1]),
        )  # fmt: skip


def matched(grid: qd.AngularGrid, row: int, edge_by: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What a step becomes where its two indices part, at a medium with breaks held (eq. 35); `edge_by` are its
    inner edges' slopes by the index.

    Returns
    -------
    ndarray, shape (half, half) and (half,)
        Derivative of the transmission by the index below, without the grazing term, and the flux-weighted radiance of
        grazing light that each node stands for.
    """
    by_cosine, by_weight = (part[0] for part in _node_slopes(grid, np.array([row])))
    grazing = np.zeros(grid.half)
    n, counts = float(grid.index[row]), grid.counts[row]
    end = grid.half
    power = 0.5 * np.einsum("e,en->n", edge_by, by_cosine / grid.cosine[row] + by_weight) + 1.0 / n
    turning = -np.diag(power)
    for panel, size in enumerate(counts):
        high, low = float(grid.edges[row, panel]), float(grid.edges[row, panel + 1])
        span = high - low
        node, part = qd.gauss(size + 2)
        mu = low + span * node
        high_by = float(edge_by[panel - 1]) if panel else 0.0
        low_by = float(edge_by[panel]) if panel < len(counts) - 1 else 0.0
        # mu times its derivative at a fixed transverse index is smooth down to grazing light
        turn = (1.0 - mu**2) / n - mu * (low_by * (1.0 - node) + high_by * node)
        table = qd.lagrange_in_legendre(size)
        values = np.polynomial.legendre.legvander(2.0 * node - 1.0, size - 1) @ table
        slopes = 2.0 * legendre_slopes(2.0 * node - 1.0, size) @ table
        columns = slice(end - size, end)
        scale = n / grid.power[row, columns]
        weighed = (part * turn)[:, None]
        turning[columns, columns] += (slopes * scale).T @ (weighed * (values * scale))
        if panel == len(counts) - 1:
            edge = np.polynomial.legendre.legvander(np.array([-1.0]), size - 1) @ table
            grazing[columns] = edge[0] / grid.power[row, columns]
        end -= size
    return turning, grazing


def entries(
    grid: qd.AngularGrid, rows: IntArray, outside: float, incidence: Incidence
) -> Iterator[tuple[IntArray, Step]]:
    """Diffuse light's rays into the media `rows` (batch,), as `quadrature.diffuse_entry` has them; the second side is
    none, the first the medium's."""
    smooth = qd.smooth_edges(incidence, outside)
    inside = grid.index[rows]
    straight = qd.same_index(inside, np.full(len(rows), outside))
    plans = []
    for row, same in zip(rows.tolist(), straight.tolist(), strict=True):
        lines = qd.entry_lines(grid, row, outside, smooth)
        own = grid.breaks[row][: len(grid.counts[row]) - 1]
        panels = tuple(np.searchsorted(own, lines, side="right").tolist())
        known = [int(np.flatnonzero(grid.breaks[row] == line)[0]) if line in grid.breaks[row] else -1 for line in lines]
        plans.append((grid.counts[row], panels, tuple(known), bool(grid.index[row] >= outside), bool(same)))
    for (_, panels, known, rising, same), members in qd.groups_of(plans):
        if same:
            continue
        alike = (rows[members] == rows[members[0]]).all()
        kept = members[:1] if alike else members
        edges = np.stack([qd.entry_lines(grid, int(rows[member]), outside, smooth) for member in kept])
        here = np.full(len(kept), outside)
        thin, dense = (here, inside[kept]) if rising else (inside[kept], here)
        rays = _rays(thin, dense, edges, grid.half + 8)
        # directions: first is the medium, second the outside
        known_lines: IntArray = np.array(known, dtype=np.intp)
        size = grid.breaks.shape[1]
        own, beyond = (rays.dense, rays.thin) if rising else (rays.thin, rays.dense)
        own_by, beyond_by = (rays.dense_by, rays.thin_by) if rising else (rays.thin_by, rays.dense_by)
        own_by, beyond_by, gain = (
            _directions(part, not rising, known_lines, size) for part in (own_by, beyond_by, rays.gain)
        )
        side = _side(grid, rows[kept], own, own_by, rays.power, panels, 0)
        yield members, Step(_flat(rays.power), _flat(gain), side, None, _flat(beyond), _flat(beyond_by))


def matched_entry(grid: qd.AngularGrid, row: int, outside: float, incidence: Incidence) -> tuple[FloatArray, float]:
    """Derivatives by the index of a medium that has the outside's: of the light that enters, shape (half,), and of the
    specular share (eq. 35)."""
    n, counts = float(grid.index[row]), grid.counts[row]
    by_index = edge_slopes(grid)[0][row]
    by_cosine, by_weight = (part[0] for part in _node_slopes(grid, np.array([row])))
    power = 0.5 * by_index @ (by_cosine / grid.cosine[row] + by_weight) + 1.0 / n
    lines = qd.entry_lines(grid, row, outside, qd.smooth_edges(incidence, outside))
    panels = np.searchsorted(grid.breaks[row][: len(counts) - 1], lines, side="right").tolist()
    edges = np.append(np.sqrt((1.0 - lines / n) * (1.0 + lines / n)), 0.0)
    node, part = qd.gauss(grid.half + 8)
    ends = grid.half - np.concatenate([[0], np.cumsum(counts)])
    out = np.zeros(grid.half)
    for at, panel in enumerate(panels):
        mu = edges[at + 1] + (edges[at] - edges[at + 1]) * node
        light = 2.0 * np.pi * incidence.radiance_per_irradiance(mu) / outside**2
        light = light * part * (edges[at] - edges[at + 1]) * n**2
        low = float(grid.edges[row, panel + 1])
        span = float(grid.edges[row, panel]) - low
        x = (mu - low) / span
        high_by = float(by_index[panel - 1]) if panel else 0.0
        low_by = float(by_index[panel]) if panel < len(counts) - 1 else 0.0
        turn = (1.0 - mu**2) / n - mu * (low_by * (1.0 - x) + high_by * x)
        table = qd.lagrange_in_legendre(counts[panel])
        values = np.polynomial.legendre.legvander(2.0 * x - 1.0, counts[panel] - 1) @ table
        slopes = 2.0 * legendre_slopes(2.0 * x - 1.0, counts[panel]) @ table
        columns = slice(ends[panel + 1], ends[panel])
        out[columns] += (turn * light / span) @ slopes - power[columns] * ((mu * light) @ values)
    # of an order below 1, whose radiance grows without bound towards grazing, the kink has no slope: left out
    steep = incidence.kind == "lambertian" and incidence.order < 1.0
    grazing = 0.0 if steep else 2.0 * np.pi * float(incidence.radiance_per_irradiance(np.array(0.0))) / outside**2
    edge = np.polynomial.legendre.legvander(np.array([-1.0]), counts[-1] - 1) @ qd.lagrange_in_legendre(counts[-1])
    out[: counts[-1]] += 0.5 * n * grazing * edge[0]
    return out / grid.power[row], -0.5 * n * grazing


@dataclass
class Tables:
    """The tables of one grid, each made when first asked for and kept for all chunks of equal indices."""

    grid: qd.AngularGrid
    collimated: bool
    _matched: dict[int, tuple[FloatArray, FloatArray]] = field(default_factory=dict)
    _steps: dict[tuple[int, int, float], Step] = field(default_factory=dict)
    _entries: dict[int, Step] = field(default_factory=dict)

    @cached_property
    def tangents(self) -> GridTangents:
        """Of the media."""
        return grid_tangents(self.grid, self.collimated)

    @cached_property
    def slopes(self) -> tuple[FloatArray, FloatArray]:
        """Of the media's edges."""
        return edge_slopes(self.grid)

    def matched(self, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """`matched` of each of the media `rows`."""
        for row in np.unique(rows).tolist():
            if row not in self._matched:
                self._matched[row] = matched(self.grid, row, self.slopes[0][row])
        if (rows == rows[0]).all():
            turning, grazing = self._matched[int(rows[0])]
            return turning[None], grazing[None]
        pairs = [self._matched[row] for row in rows.tolist()]
        return np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])

    def steps(
        self, first: IntArray, second: IntArray | None, which: NDArray[np.bool_], outside: float = 1.0
    ) -> Iterator[tuple[IntArray, Step]]:
        """`steps`, made once where all stacks have the same."""
        alike = which.all() and (first == first[0]).all() and (second is None or (second == second[0]).all())
        if not alike:
            yield from steps(self.grid, first, second, which, outside)
            return
        key = (int(first[0]), -1 if second is None else int(second[0]), outside)
        if key not in self._steps:
            beyond = None if second is None else second[:1]
            ((_, self._steps[key]),) = steps(self.grid, first[:1], beyond, which[:1], outside)
        yield np.arange(len(first)), self._steps[key]

    def entries(self, rows: IntArray, outside: float, incidence: Incidence) -> Iterator[tuple[IntArray, Step]]:
        """`entries`, made once where all stacks have the same."""
        if not (rows == rows[0]).all():
            yield from entries(self.grid, rows, outside, incidence)
            return
        row = int(rows[0])
        if row not in self._entries:
            for _, step in entries(self.grid, rows[:1], outside, incidence):
                self._entries[row] = step
        if row in self._entries:
            yield np.arange(len(rows)), self._entries[row]
