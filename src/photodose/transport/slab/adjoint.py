"""The gradient of one solved chunk, layer by layer: docs/methods/slab.md, section 10.

The stack is solved once more for the adjoint light, whose sources are the asked-for weights, with the factors that
the forward solve left behind. What each layer's properties do is then read from the two solutions at its ends and
from functions of its modes' rates alone (`waves`). Arrays are (batch, layer, ...); equation numbers are those of the
methods chapter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodose.transport.slab import core, waves
from photodose.transport.slab.beams import beam_gradient
from photodose.transport.slab.detectors import Drives, Weights, drives, over_modes
from photodose.transport.slab.sweep import Ends, fold_again

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LayerGradient:
    """Derivatives of the scalar, shape (batch, layer); `depths` and `intervals` those by the depths asked for."""

    absorption: FloatArray
    scattering: FloatArray
    anisotropy: FloatArray
    thickness: FloatArray
    depths: FloatArray
    intervals: FloatArray


@dataclass(frozen=True, slots=True)
class Angular:
    """What the derivative by the refractive indices needs of the two solutions (eq. 32).

    `coupling` (batch, layer, half, half) weighs the grid's coupling; `basis` are pairs (4 + 1) of vectors whose outer
    products weigh C^-1 dC; `field` weighs the fluence of the basis; `sources` weighs the drives in the harmonics, even
    and odd; `cosine` and `index` the beam's cosine and its layer's index; `faces` the Fresnel reflectances of the beam;
    `adjoint` are the ends of the adjoint light and its even part at both outer faces.
    """

    coupling: FloatArray
    left: FloatArray
    right: FloatArray
    field: FloatArray
    sources: tuple[FloatArray, FloatArray] | None
    cosine: FloatArray
    index: FloatArray
    faces: FloatArray
    ends: Ends
    odd_top: FloatArray
    odd_bottom: FloatArray
    first: FloatArray
    last: FloatArray


def _t(matrix: FloatArray) -> FloatArray:
    return np.swapaxes(matrix, -1, -2)


def _apply(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    return np.asarray((matrix @ vector[..., None])[..., 0])


@dataclass(frozen=True, slots=True)
class _Term:
    """u^T h(S) v of one layer in its modes: h and dh/d(k^2), u and v, each (batch, layer, half)."""

    value: FloatArray
    by_square: FloatArray
    left: FloatArray
    right: FloatArray


def _by_matrix(square: FloatArray, terms: list[_Term]) -> FloatArray:
    """Derivative of the sum of the terms by S, in its eigenvectors: divided differences of h (eq. 29), symmetric."""
    rows, columns = _grouped(terms, "value")
    gap = square[..., :, None] - square[..., None, :]
    near = np.abs(gap) <= 1e-6 * (square[..., :, None] + square[..., None, :])
    diagonal = np.arange(square.shape[-1])
    gap[near] = 1.0
    out = (rows @ columns) / gap
    if np.count_nonzero(near) > near[..., 0].size:
        rows, columns = _grouped(terms, "by_square", -1.0)
        out = np.where(near, (rows @ columns) / 2.0, out)
    along = terms[0].by_square * terms[0].left * terms[0].right
    for term in terms[1:]:
        along += term.by_square * term.left * term.right
    out[..., diagonal, diagonal] = along
    return np.asarray((out + _t(out)) / 2.0)


def _grouped(terms: list[_Term], name: str, sign: float = 1.0) -> tuple[FloatArray, FloatArray]:
    """Factors (batch, layer, half, m) and (batch, layer, m, half) of the sum over terms of
    (h_i - `sign` h_j) u_i v_j, with one row for each u and each v, of which many terms share one."""
    by_right: dict[int, list[FloatArray]] = {}
    by_left: dict[int, list[FloatArray]] = {}
    for term in terms:
        factor = getattr(term, name)
        for groups, shared, part in (
            (by_right, term.right, factor * term.left), (by_left, term.left, -sign * factor * term.right),
        ):  # fmt: skip
            if id(shared) in groups:
                groups[id(shared)][1] += part
            else:
                groups[id(shared)] = [shared, part]
    left = [part for _, part in by_right.values()] + [shared for shared, _ in by_left.values()]
    right = [shared for shared, _ in by_right.values()] + [part for _, part in by_left.values()]
    return np.stack(left, axis=-1), np.stack(right, axis=-2)


@dataclass(slots=True)
class _Light:
    """Both solutions at the ends of the layers, in modes.

    First the forward light with what the beam forces, then the adjoint light's homogeneous part and its odd part with
    its sources; then how much more each is at the top than at the bottom, in a thin layer far less than either.
    """

    even_top: FloatArray
    even_bottom: FloatArray
    odd_top: FloatArray
    odd_bottom: FloatArray
    adjoint: Ends
    adjoint_odd_top: FloatArray
    adjoint_odd_bottom: FloatArray
    even_change: FloatArray
    odd_change: FloatArray
    adjoint_even_change: FloatArray
    adjoint_odd_change: FloatArray


def _forced_terms(solution: core.Solution, asked: Drives, light: _Light) -> tuple[list[_Term], FloatArray, FloatArray]:
    """Terms of the beam's drives (eq. 28), and the derivatives by both drives; adds those by the beam to `asked`."""
    beams, rate = solution.beams, solution.modes.rate
    assert beams is not None
    tau, slope = solution.media.optical_thickness[..., None], beams.slope[..., None]
    down, up = beams.down[..., None], beams.up[..., None]
    even_top, even_bottom = light.adjoint.even_top, light.adjoint.even_bottom
    odd_top, odd_bottom = light.adjoint_odd_top, light.adjoint_odd_bottom
    near = waves.responses(rate, slope, np.zeros_like(tau), beams.near)
    change = waves.responses(rate, slope, tau, beams.near, change=True)
    even, odd = light.adjoint_even_change, light.adjoint_odd_change
    at = (
        (near, (0, 1), (down + up) * odd),
        (change, (0, 1), down * odd_bottom - up * odd_top),
        (near, (2, 3), (up - down) * even),
        (change, (2, 3), -(down * even_bottom + up * even_top)),
    )
    fluence = solution.modes.fluence
    terms = [
        _Term(asked.by_even[0], asked.by_even[1], fluence, beams.even),
        _Term(asked.by_odd[0], asked.by_odd[1], fluence, beams.odd),
    ]
    by_even, by_odd = asked.by_even[0] * fluence, asked.by_odd[0] * fluence
    for response, (first, second), left in at:
        terms.append(_Term(response[waves.VALUE, first], response[waves.BY_SQUARE, first], left, beams.even))
        terms.append(_Term(response[waves.VALUE, second], response[waves.BY_SQUARE, second], left, beams.odd))
        by_even = by_even + response[waves.VALUE, first] * left
        by_odd = by_odd + response[waves.VALUE, second] * left
        slow = response[waves.BY_SLOPE, first] * beams.even + response[waves.BY_SLOPE, second] * beams.odd
        asked.exponent += over_modes(slow, left)
    near_even, near_odd, change_even, change_odd = (
        part[waves.VALUE, row] * beams.even + part[waves.VALUE, row + 1] * beams.odd
        for part in (near, change)
        for row in (0, 2)
    )
    asked.down += over_modes(near_even, odd) + over_modes(change_even, odd_bottom)
    asked.down -= over_modes(near_odd, even) + over_modes(change_odd, even_bottom)
    asked.up += over_modes(near_even, odd) - over_modes(change_even, odd_top)
    asked.up += over_modes(near_odd, even) - over_modes(change_odd, even_top)
    light.even_change += (beams.down - beams.up)[..., None] * change_even
    light.odd_change += (beams.down + beams.up)[..., None] * change_odd
    return terms, by_even, by_odd


def _adjoint_light(
    solution: core.Solution, weights: Weights, asked: Drives, rise: FloatArray, fall: FloatArray
) -> tuple[_Light, FloatArray, FloatArray]:
    """Solve for the adjoint light (eq. 26), and its even part at the two outer faces."""
    modes, ends, optics = solution.modes, solution.ends, solution.optics
    fluence = modes.fluence
    from_top, from_bottom = fluence * asked.by_top[0], fluence * asked.by_bottom[0]
    power = optics.grid.power
    top, bottom = optics.faces.top, optics.faces.bottom
    back = power[optics.rows[:, 0]] * weights.reflectance[:, None]
    out = power[optics.rows[:, -1]] * weights.transmittance[:, None]
    one = np.eye(power.shape[-1])
    entering = _apply(top, back) / 2.0
    below = -_apply(np.asarray(np.linalg.solve(2.0 * one - bottom, bottom), dtype=np.float64), out)
    adjoint, first, last = fold_again(modes, optics.faces, solution.folded, -from_top, from_bottom, entering, below)
    forced = solution.forced
    light = _Light(
        ends.even_top + forced[0][0], ends.even_bottom + forced[1][0],
        ends.odd_top + forced[0][1], ends.odd_bottom + forced[1][1],
        adjoint, adjoint.odd_top - from_top, adjoint.odd_bottom + from_bottom,
        fall * (ends.odd_top + ends.odd_bottom), rise * (ends.even_top + ends.even_bottom),
        fall * (adjoint.odd_top + adjoint.odd_bottom),
        rise * (adjoint.even_top + adjoint.even_bottom) - from_top - from_bottom,
    )  # fmt: skip
    return light, first, last


def chunk_gradient(solution: core.Solution, weights: Weights) -> tuple[LayerGradient, Angular]:
    """Derivatives of the weighted answer of a chunk, and what those by the indices need (`index_adjoint`)."""
    media, modes, ends, beams = solution.media, solution.modes, solution.ends, solution.beams
    asked = drives(solution, weights)
    rate, tau = modes.rate, media.optical_thickness
    rise, rise_by, fall, fall_by = waves.tangents(rate, tau[..., None])
    light, first, last = _adjoint_light(solution, weights, asked, rise, fall)
    adjoint = light.adjoint
    terms = [
        _Term(rise, rise_by, -0.5 * (adjoint.even_top + adjoint.even_bottom), ends.even_top + ends.even_bottom),
        _Term(fall, fall_by, 0.5 * (adjoint.odd_top + adjoint.odd_bottom), ends.odd_top + ends.odd_bottom),
        _Term(asked.by_top[0], asked.by_top[1], modes.fluence, ends.even_top),
        _Term(asked.by_bottom[0], asked.by_bottom[1], modes.fluence, ends.even_bottom),
    ]
    nothing = np.zeros_like(rate)
    by_even = by_odd = nothing
    if beams is not None:
        more, by_even, by_odd = _forced_terms(solution, asked, light)
        terms += more
    by_matrix = _by_matrix(rate * rate, terms)
    vectors = modes.vectors
    # (top times top) - (bottom times bottom), by sums and differences
    pairs = [
        (light.even_top + light.even_bottom, light.adjoint_odd_change, 0.5),
        (light.even_change, light.adjoint_odd_top + light.adjoint_odd_bottom, 0.5),
        (adjoint.even_top + adjoint.even_bottom, light.odd_change, 0.5),
        (light.adjoint_even_change, light.odd_top + light.odd_bottom, 0.5),
        (modes.fluence, asked.field, 1.0),
    ]
    if beams is not None:
        pairs += [(beams.even, by_even, -1.0), (beams.odd, by_odd, 1.0)]
    both = vectors @ np.stack([part for pair in pairs for part in pair[:2]], axis=-1)
    signs = np.array([pair[2] for pair in pairs])
    odd_loss, even_loss = media.loss[..., 1::2], media.loss[..., 0::2]
    across = modes.root[..., None] * vectors
    reached = solution.optics.grid.coupling[solution.optics.rows] @ across
    turned = reached @ by_matrix
    by_even_loss = over_modes(turned, reached)
    by_odd_loss = over_modes(vectors @ by_matrix, vectors * (rate * rate)[..., None, :])
    by_odd_loss = (by_odd_loss + 0.5 * np.sum(both[..., 0::2] * both[..., 1::2] * signs, axis=-1)) / odd_loss
    sources = None
    by_source = np.zeros_like(media.moments)
    if beams is not None:
        sources = (_apply(reached, by_odd), both[..., 11] / modes.root)
        back = (solution.optics.grid.project_even, solution.optics.grid.project_odd)
        for parity in (0, 1):
            projection = back[parity][solution.optics.rows]
            by_source[..., parity::2] = _apply(_t(projection), sources[parity])
    by_loss = np.empty_like(media.moments)
    by_loss[..., 0::2], by_loss[..., 1::2] = by_even_loss, by_odd_loss
    by_path, faces = nothing[..., 0], np.zeros((len(rate), rate.shape[1] + 1))
    if beams is not None:
        by_path, faces = beam_gradient(solution, asked.down, asked.up, weights)
        by_path += asked.exponent / tau
    result = _by_properties(solution, weights, asked, by_loss, by_source, by_path)
    by_coupling = 2.0 * even_loss[..., None] * (turned @ _t(across))
    root = modes.root[..., None]
    # C^-1 dC acts on the even parts in the basis, and is weighed by the odd ones
    right, left = both[..., 0:10:2] * root, both[..., 1:10:2] / root * signs[:5]
    left[..., 4], right[..., 4] = both[..., 8] / modes.root, both[..., 9] * modes.root
    if beams is not None:
        assert sources is not None
        driven = both[..., 13] * modes.root
        even_source = _apply(
            solution.optics.grid.project_even[solution.optics.rows], (media.moments * beams.harmonics)[..., 0::2]
        )
        by_coupling += even_source[..., None] * driven[..., None, :]
    by_cosine, by_index = _by_beam_angle(solution, asked, by_source, by_path)
    return result, Angular(
        by_coupling, left, right, right[..., 4], sources, by_cosine, by_index, faces, adjoint,
        light.adjoint_odd_top, light.adjoint_odd_bottom, first, last,
    )  # fmt: skip


def _by_properties(
    solution: core.Solution,
    weights: Weights,
    asked: Drives,
    by_loss: FloatArray,
    by_source: FloatArray,
    by_path: FloatArray,
) -> LayerGradient:
    """From losses, sources of the beam and its optical path to the layers' properties (eq. 30 and 31).

    Optical thickness times loss is thickness times (absorption + scattering (1 - g^l)), which holds no albedo, so that
    a layer without any interaction is no special case.
    """
    media, stacks, beams = solution.media, solution.stacks, solution.beams
    scattering, g, size = stacks.scattering, stacks.anisotropy, media.thickness
    kept = np.broadcast_to(solution.optics.grid.moments[solution.optics.rows], g.shape)[..., None]
    degree = np.arange(by_loss.shape[-1])
    powers = g[..., None] ** degree
    slopes = np.zeros_like(powers)
    slopes[..., 1:] = degree[1:] * powers[..., :-1]
    cut = g[..., None] ** kept
    cut_slope = kept * g[..., None] ** (kept - 1)
    low = degree < kept
    per_loss = by_loss * (size / media.optical_thickness)[..., None]
    absorption = np.sum(per_loss, axis=-1) + weights.absorbed * size * core.layer_means(solution)
    by_scattering = np.sum(per_loss * (1.0 - np.where(low, powers, cut)), axis=-1)
    by_g = -scattering * np.sum(per_loss * np.where(low, slopes, cut_slope), axis=-1)
    thickness = np.sum(by_loss * media.loss, axis=-1) / size + asked.thickness
    if beams is not None:
        path = by_path * size * beams.slope
        absorption += path
        by_scattering += path * (1.0 - cut[..., 0])
        by_g -= path * scattering * cut_slope[..., 0]
        thickness += by_path * beams.slope * media.optical_thickness / size
        driven = by_source * beams.harmonics * (size / media.optical_thickness)[..., None]
        by_scattering += np.sum(driven * np.where(low, powers - cut, 0.0), axis=-1)
        by_g += scattering * np.sum(driven * np.where(low, slopes - cut_slope, 0.0), axis=-1)
        thickness += np.sum(by_source * beams.harmonics * media.moments, axis=-1) / size
    return LayerGradient(absorption, by_scattering, by_g, thickness, asked.depths, asked.intervals)


def _by_beam_angle(
    solution: core.Solution, asked: Drives, by_source: FloatArray, by_path: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Derivatives by the beam's cosine in each layer, and by the index that stands in its drive."""
    beams, media = solution.beams, solution.media
    if beams is None:
        nothing = np.zeros_like(media.thickness)
        return nothing, nothing
    slope = beams.slope
    by_cosine = -(by_path * media.optical_thickness + asked.slope) * slope**2
    weighed = by_source * media.moments
    index = solution.optics.grid.index[solution.optics.rows]
    count = by_source.shape[-1]
    turning = waves.legendre_slopes(1.0 / slope, count) * np.sqrt(2.0 * np.arange(count) + 1.0)
    turning *= (slope / index)[..., None]
    by_cosine += np.sum(weighed * (turning - beams.harmonics * slope[..., None]), axis=-1)
    return by_cosine, -np.sum(weighed * beams.harmonics, axis=-1) / index
