"""The gradient by the refractive indices: docs/methods/slab.md, section 10.4.

An index acts on the angles of its layer (the panels' edges), on the refraction and reflection at its faces, and on the
beam. Directions are few, so what depends on angles alone is differentiated forwards, once for each set of indices;
what differs from stack to stack enters by vectors only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodose.optics import Incidence
from photodose.transport.slab import core
from photodose.transport.slab import quadrature as qd
from photodose.transport.slab.adjoint import Angular
from photodose.transport.slab.detectors import Weights
from photodose.transport.slab.index_tables import (
    Step,
    Tables,
    matched_entry,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Sums:
    """Derivatives by the layers' indices (batch, layer), the breaks (batch, break), the inner edges of the layers'
    panels (batch, layer, break) and the logarithm of the nodes' flux weights (batch, layer, half)."""

    index: FloatArray
    line: FloatArray
    edge: FloatArray
    power: FloatArray


@dataclass(frozen=True, slots=True)
class _Ends:
    """Radiances at the ends of all layers, flux-weighted, (batch, layer, half): forward and adjoint, down and up."""

    top_down: FloatArray
    top_up: FloatArray
    bottom_down: FloatArray
    bottom_up: FloatArray


def _apply(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    return np.asarray((matrix @ vector[..., None])[..., 0])


def _radiances(solution: core.Solution, parts: tuple[FloatArray, FloatArray, FloatArray, FloatArray]) -> _Ends:
    """From modal amplitudes: even at top and bottom, odd at top and bottom."""
    even = solution.modes.even @ np.stack(parts[:2], axis=-1)
    odd = solution.modes.odd @ np.stack(parts[2:], axis=-1)
    down, up = (even + odd) / 2.0, (even - odd) / 2.0
    return _Ends(down[..., 0], up[..., 0], down[..., 1], up[..., 1])


def index_gradient(solution: core.Solution, angular: Angular, weights: Weights, tables: Tables) -> FloatArray:
    """Derivative of the weighted answer by every layer's refractive index, shape (batch, layer).

    Where two neighbours have the same index the fluence has a weak kink in their difference (total reflection of
    grazing light begins on one side or the other): the answer is the mean of the derivatives on both sides.
    """
    stacks, optics, ends = solution.stacks, solution.optics, solution.ends
    grid, rows = optics.grid, np.broadcast_to(optics.rows, stacks.index.shape)
    batch, layers = stacks.index.shape
    count = grid.breaks.shape[1]
    sums = _Sums(
        np.zeros((batch, layers)), np.zeros((batch, count)), np.zeros((batch, layers, count)),
        np.zeros((batch, layers, grid.half)),
    )  # fmt: skip
    (top_even, top_odd), (bottom_even, bottom_odd) = solution.forced
    light = _radiances(
        solution,
        (
            ends.even_top + top_even,
            ends.even_bottom + bottom_even,
            ends.odd_top + top_odd,
            ends.odd_bottom + bottom_odd,
        ),
    )
    other = angular.ends
    adjoint = _radiances(solution, (other.even_top, other.even_bottom, angular.odd_top, angular.odd_bottom))
    for layer in range(layers - 1):
        _inner_step(tables, rows, layer, light, adjoint, sums)
    _outer_face(solution, tables, rows, "top", light.top_up, adjoint.top_up, weights.reflectance, sums)
    _outer_face(solution, tables, rows, "bottom", light.bottom_down, adjoint.bottom_down, weights.transmittance, sums)
    if optics.entry is not None:
        _entry(solution, tables, rows, 2.0 * adjoint.top_up, weights.reflectance, sums)
    else:
        _beam(solution, angular, sums)
    _angles(solution, rows, tables, angular, sums)
    by_index, by_line = tables.slopes
    sums.index[:] += np.sum(sums.edge * by_index[rows], axis=-1)
    sums.line[:] += np.sum(sums.edge * by_line[rows], axis=1)
    sums.index[:] += np.sum(sums.power, axis=-1) / stacks.index
    return sums.index + _from_lines(solution, rows, sums.line)


def _from_lines(solution: core.Solution, rows: IntArray, by_line: FloatArray) -> FloatArray:
    """A break is the index of an outside medium, which stays, or of layers, which share it."""
    stacks = solution.stacks
    lines = solution.optics.grid.breaks[rows[:, 0]]
    free = (lines != stacks.above) & (lines != stacks.below)
    same = (stacks.index[:, :, None] == lines[:, None, :]) & free[:, None, :]
    shared = by_line / np.maximum(np.sum(same, axis=1), 1)
    return np.asarray(np.sum(np.where(same, shared[:, None, :], 0.0), axis=-1))


def _take(table: FloatArray, places: IntArray) -> FloatArray:
    """Rows of a table; the one row alone where all want the same."""
    return table[places[:1]] if (places == places[0]).all() else table[places]


def _angles(solution: core.Solution, rows: IntArray, tables: Tables, angular: Angular, sums: _Sums) -> None:
    """What the panels' edges do to the harmonics of every layer, to their coupling and to the flux weights (eq. 33)."""
    grid, beams = solution.optics.grid, solution.beams
    count, tangents = grid.breaks.shape[1], tables.tangents
    seen = angular.left[..., 4] * angular.right[..., 4]
    sums.index[:] += np.sum(seen, axis=-1) / solution.stacks.index
    for layer in range(rows.shape[1]):
        row = rows[:, layer]
        if not tangents.moving[row].any():
            continue
        odd, cosine = _take(grid.odd, row), _take(grid.cosine, row)
        at_nodes = _apply(odd, angular.right[:, layer, :, 4]) / np.sqrt(cosine) * _take(grid.power, row) / cosine
        for edge in range(count):
            if not tangents.moving[row, edge].any():
                continue
            coupling, basis = _take(tangents.coupling[:, edge], row), _take(tangents.basis[:, edge], row)
            out = np.sum(angular.coupling[:, layer] * coupling, axis=(1, 2))
            turned = basis @ angular.right[:, layer]
            out += np.sum(angular.left[:, layer] * turned, axis=(1, 2))
            out += np.sum(at_nodes * _take(tangents.fluence[:, edge], row), axis=1)
            out += np.sum(sums.power[:, layer] * _take(tangents.power[:, edge], row), axis=1)
            if beams is not None and angular.sources is not None:
                moments = solution.media.moments[:, layer] * beams.harmonics[:, layer]
                for parity, projection in enumerate((tangents.even, tangents.odd)):
                    driven = _apply(_take(projection[:, edge], row), moments[:, parity::2])
                    out += np.sum(angular.sources[parity][:, layer] * driven, axis=1)
            sums.edge[:, layer, edge] += out


def _along(step: Step, by_gain: FloatArray, by_first: FloatArray, by_second: FloatArray | None) -> FloatArray:
    """Sum over rays (batch, ray) of the derivatives by log gain and by each side's place: (batch, direction)."""
    out = by_gain[:, None] @ step.gain + by_first[:, None] @ step.first.place
    if by_second is not None and step.second is not None:
        out = out + by_second[:, None] @ step.second.place
    return np.asarray(out[:, 0])


def _inner_step(tables: Tables, rows: IntArray, layer: int, light: _Ends, adjoint: _Ends, sums: _Sums) -> None:
    """The step below a layer (eq. 34)."""
    grid = tables.grid
    first, second = rows[:, layer], rows[:, layer + 1]
    same = qd.same_index(grid.index[first], grid.index[second])
    forward, back = light.bottom_down[:, layer], light.top_up[:, layer + 1]
    other, other_back = adjoint.bottom_down[:, layer], adjoint.top_up[:, layer + 1]
    if same.any():
        turning, grazing = tables.matched(first[same])
        index = grid.index[first[same]]
        i1, i2, j1, j2 = (part[same] for part in (forward, back, other, other_back))
        gi1, gi2, gj1, gj2 = (np.sum(part * grazing, axis=1) for part in (i1, i2, j1, j2))
        out = np.sum(j1 * _apply(np.swapaxes(turning, -1, -2), i2), axis=1) + np.sum(j2 * _apply(turning, i1), axis=1)
        out = 2.0 * out - index * (gj1 * gi1 - gj1 * gi2 - gj2 * gi1 - gj2 * gi2)
        sums.index[same, layer + 1] += out
        sums.index[same, layer] -= out
    for members, step in tables.steps(first, second, ~same):
        assert step.second is not None
        i1, i2, j1, j2 = (part[members] for part in (forward, back, other, other_back))
        one, two = step.first, step.second
        i1r, j1r, i2r, j2r = _apply(one.value, i1), _apply(one.value, j1), _apply(two.value, i2), _apply(two.value, j2)
        apart, adjoint_apart = i1r - i2r, j1r - j2r
        by_first = -2.0 * (apart * _apply(one.slope, j1) + adjoint_apart * _apply(one.slope, i1))
        by_second = 2.0 * (apart * _apply(two.slope, j2) + adjoint_apart * _apply(two.slope, i2))
        for side, sign, at, i, j in ((one, 2.0, layer, i1, j1), (two, -2.0, layer + 1, i2, j2)):
            turned = np.swapaxes(side.value, -1, -2)
            sums.power[members, at] += sign * (_apply(turned, apart) * j + _apply(turned, adjoint_apart) * i)
        out = _along(step, -2.0 * apart * adjoint_apart, by_first, by_second)
        sums.index[members, layer] += out[:, 0]
        sums.index[members, layer + 1] += out[:, 1]
        sums.line[members] += out[:, 2:]


def _outer_face(
    solution: core.Solution,
    tables: Tables,
    rows: IntArray,
    face: str,
    arriving: FloatArray,
    adjoint: FloatArray,
    weight: FloatArray,
    sums: _Sums,
) -> None:
    """An outer face: light that reaches it from inside, the same of the adjoint, and the weight of what leaves."""
    grid = solution.optics.grid
    layer = 0 if face == "top" else rows.shape[1] - 1
    outside = solution.stacks.above if face == "top" else solution.stacks.below
    row = rows[:, layer]
    power = grid.power[row]
    open_ = solution.optics.faces.top if face == "top" else solution.optics.faces.bottom
    arriving, adjoint = arriving[:, layer], adjoint[:, layer]
    # what leaves is weighed by the nodes' power
    sums.power[:, layer] += weight[:, None] * power * _apply(open_, arriving)
    other = adjoint - 0.5 * weight[:, None] * power
    same = qd.same_index(grid.index[row], np.full(len(row), outside))
    if same.any():
        _, grazing = tables.matched(row[same])
        along = np.sum(arriving[same] * grazing, axis=1) * np.sum(other[same] * grazing, axis=1)
        sums.index[same, layer] += along * grid.index[row[same]]
    for members, step in tables.steps(row, None, ~same, outside):
        i, j = arriving[members], other[members]
        one = step.first
        ir, jr = _apply(one.value, i), _apply(one.value, j)
        by_place = -2.0 * (ir * _apply(one.slope, j) + jr * _apply(one.slope, i))
        turned = np.swapaxes(one.value, -1, -2)
        sums.power[members, layer] += 2.0 * (_apply(turned, ir) * j + _apply(turned, jr) * i)
        out = _along(step, -2.0 * ir * jr, by_place, None)
        sums.index[members, layer] += out[:, 0]
        sums.line[members] += out[:, 2:]


def _entry(
    solution: core.Solution, tables: Tables, rows: IntArray, adjoint: FloatArray, reflectance: FloatArray, sums: _Sums
) -> None:
    """Diffuse light on its way in (eq. 17)."""
    grid, above, row, light = solution.optics.grid, solution.stacks.above, rows[:, 0], solution.stacks.incidence
    entry = solution.optics.entry
    assert entry is not None
    for members, step in tables.entries(row, above, light):
        each, weight = adjoint[members, 0], reflectance[members][:, None]
        radiance, slope = (2.0 * np.pi / above**2 * part for part in _radiance(light, step.outer))
        root = np.sqrt(step.power)
        seen = _apply(step.first.value, each)
        sums.power[members, 0] -= entry.source[np.broadcast_to(solution.optics.entry_of, len(row))[members]] * each
        by_gain = seen * (root * radiance) - weight * (step.power * radiance)
        by_place = _apply(step.first.slope, each) * (root * radiance)
        out = _along(step, by_gain, by_place, None)
        turned = (seen * root - weight * step.power) * slope
        out = out + (turned[:, None] @ step.turning)[:, 0]
        sums.index[members, 0] += out[:, 0]
        sums.line[members] += out[:, 2:]
    same = np.flatnonzero(qd.same_index(grid.index[row], np.full(len(row), above)))
    for kind in np.unique(row[same]).tolist():
        members = same[row[same] == kind]
        entering, specular = matched_entry(grid, kind, above, light)
        sums.index[members, 0] += adjoint[members, 0] @ entering + reflectance[members] * specular


def _radiance(light: Incidence, cosine: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Radiance per irradiance of diffuse light and its slope over the cosine."""
    value = light.radiance_per_irradiance(cosine)
    if light.kind == "lambertian":
        return value, (light.order - 1.0) * value / cosine
    if light.kind == "table":
        mu = np.array(light.cosines)
        whole = light.radiance_per_irradiance(mu)
        place = np.searchsorted(mu, cosine) - 1
        inside = (place >= 0) & (place < len(mu) - 1)
        rise = np.diff(whole) / np.diff(mu)
        return value, np.where(inside, rise[np.clip(place, 0, len(rise) - 1)], 0.0)
    return value, np.zeros_like(value)


def _beam(solution: core.Solution, angular: Angular, sums: _Sums) -> None:
    """Refraction of the beam, and its Fresnel reflectance at every face."""
    stacks, beams = solution.stacks, solution.beams
    assert beams is not None
    sine = stacks.above * np.sin(np.radians(stacks.incidence.angle_deg))
    column = np.ones((len(stacks.index), 1))
    index = np.concatenate([stacks.above * column, stacks.index, stacks.below * column], axis=1)
    reach = np.sqrt(np.maximum(index**2 - sine**2, 0.0))
    passing = reach > 1e-12
    safe = np.where(passing, reach, 1.0)
    inside = (slice(None), slice(1, -1))
    by_index = np.where(passing, sine**2 / (index**2 * safe), 0.0)[inside]
    sums.index[:] += angular.index + angular.cosine * by_index
    p, q, n1, n2 = safe[:, :-1], safe[:, 1:], index[:, :-1], index[:, 1:]
    both = passing[:, :-1] & passing[:, 1:]
    # 1 - R = 2 p q / (p + q)^2 + 2 a b / (a + b)^2
    a, b = n1**2 * q, n2**2 * p
    by_p = 2.0 * q * (q - p) / (p + q) ** 3 + 2.0 * a * (a - b) / (a + b) ** 3 * n2**2
    by_q = 2.0 * p * (p - q) / (p + q) ** 3 + 2.0 * b * (b - a) / (a + b) ** 3 * n1**2
    by_n1 = by_p * n1 / p + 2.0 * b * (b - a) / (a + b) ** 3 * 2.0 * n1 * q
    by_n2 = by_q * n2 / q + 2.0 * a * (a - b) / (a + b) ** 3 * 2.0 * n2 * p
    faces = np.where(both, angular.faces, 0.0)
    sums.index[:] -= faces[:, 1:] * by_n1[:, 1:] + faces[:, :-1] * by_n2[:, :-1]
