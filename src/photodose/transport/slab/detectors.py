"""What the weights of a gradient ask for inside the layers: fluence at depths, over intervals and over whole layers.

Each is a weighted sum over modes of functions of their rates (`waves`); here the weights of all depths of a layer are
added up (docs/methods/slab.md, section 10). Arrays are (batch, layer, ...).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodose.transport.slab import core, waves

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """Derivatives of the scalar by the answer.

    Attributes
    ----------
    depths, fluence : ndarray, shape (batch, depth)
        Depths [mm] and the derivative by the fluence rate there.
    intervals, mean : ndarray, shape (batch, interval, 2) and (batch, interval)
        Depth intervals [mm] and the derivative by the mean fluence rate over them.
    absorbed, layer_mean : ndarray, shape (batch, layer)
        By the absorbed fraction, and by the mean fluence rate of each layer.
    reflectance, transmittance : ndarray, shape (batch,)
    below : bool
        Whether a depth on a boundary belongs to the layer below.
    """

    depths: FloatArray
    fluence: FloatArray
    intervals: FloatArray
    mean: FloatArray
    absorbed: FloatArray
    layer_mean: FloatArray
    reflectance: FloatArray
    transmittance: FloatArray
    below: bool


@dataclass(slots=True)
class Drives:
    """What depends on the weights within the layers, summed over their depths; shape (batch, layer[, half]).

    `by_top`, `by_bottom`, `by_even`, `by_odd` weigh the amplitude at the top and the bottom and the two drives of the
    beam in each mode (shape (2, batch, layer, half), the second its derivative by the rate squared); `field` is the
    weighted even part; `place` is the derivative by each layer's depth of what is seen, as a fraction of the layer.
    """

    by_top: FloatArray
    by_bottom: FloatArray
    by_even: FloatArray
    by_odd: FloatArray
    field: FloatArray
    exponent: FloatArray
    slope: FloatArray
    down: FloatArray
    up: FloatArray
    thickness: FloatArray
    depths: FloatArray
    intervals: FloatArray


def _t(matrix: FloatArray) -> FloatArray:
    return np.swapaxes(matrix, -1, -2)


def over_modes(first: FloatArray, second: FloatArray) -> FloatArray:
    """Sum of the products over modes."""
    return np.asarray(np.einsum("...n,...n->...", first, second))


def drives(solution: core.Solution, weights: Weights) -> Drives:
    """Everything that the weights ask for inside the layers."""
    shape = solution.modes.rate.shape
    pair = (2, *shape)
    flat = shape[:2]
    out = Drives(
        np.zeros(pair), np.zeros(pair), np.zeros(pair), np.zeros(pair), np.zeros(shape), np.zeros(flat),
        np.zeros(flat), np.zeros(flat), np.zeros(flat), np.zeros(flat), np.zeros(weights.depths.shape),
        np.zeros(weights.intervals.shape),
    )  # fmt: skip
    media = solution.media
    # a layer's absorbed fraction is its absorption times its thickness times its mean
    means = weights.absorbed * (media.absorption * media.thickness) + weights.layer_mean
    if weights.absorbed.any():
        out.thickness += weights.absorbed * core.absorbed(solution) / media.thickness
    if weights.mean.any():
        means = means + _intervals(solution, weights, out)
    if weights.fluence.any():
        _points(solution, weights, out)
    if means.any():
        _whole_layers(solution, means, out)
    return out


def _whole_layers(solution: core.Solution, asked: FloatArray, out: Drives) -> None:
    """Mean fluence rates of layers, weighed by `asked`."""
    media, modes, ends, beams = solution.media, solution.modes, solution.ends, solution.beams
    rate, tau = modes.rate, media.optical_thickness
    _, _, value, by_square = waves.tangents(rate, tau[..., None])
    weight = (asked / tau)[..., None]
    for amplitude in (out.by_top, out.by_bottom):
        amplitude[0] += weight * value
        amplitude[1] += weight * by_square
    out.field += weight * value * (ends.even_top + ends.even_bottom)
    if beams is not None:
        lit, slope = beams.down + beams.up, beams.slope
        parts = waves.integrals(rate, slope[..., None], tau[..., None], beams.near)
        _add_drives(out, parts[:2] * (weight * lit[..., None]))
        forced = parts[:, 0] * beams.even + parts[:, 1] * beams.odd
        out.field += weight * lit[..., None] * forced[waves.VALUE]
        seen = np.einsum("...n,p...n->p...", modes.fluence, forced[: waves.BY_DEPTH])
        passed = np.exp(-slope * tau)
        asked = asked / tau
        once = asked * (seen[waves.VALUE] - np.expm1(-slope * tau))
        out.down += once
        out.up += once
        # the beam's part is the slope of the fluence times the integral of exp(-slope depth)
        out.exponent += asked * lit * (seen[waves.BY_SLOPE] + tau * passed + np.expm1(-slope * tau) / slope)
        out.slope -= asked * lit * np.expm1(-slope * tau) / slope


def _add_drives(out: Drives, parts: FloatArray) -> None:
    """`parts` (2, 2, batch, layer, half): value and derivative by k^2, of a drive of a and of b."""
    out.by_even += parts[:, 0]
    out.by_odd += parts[:, 1]


def _by_layer(layer: NDArray[np.intp], layers: int) -> FloatArray:
    """Ones where a depth (second axis) lies in a layer (third axis)."""
    return np.asarray((layer[..., None] == np.arange(layers)).astype(float))


def _collect(one: FloatArray, values: FloatArray) -> FloatArray:
    """Sums over the depths of each layer: (batch, depth, layer) and (..., batch, depth, half)."""
    return np.asarray(_t(one) @ values)


def _points(solution: core.Solution, weights: Weights, out: Drives) -> None:
    """Fluence rates at depths."""
    media, modes, ends, beams = solution.media, solution.modes, solution.ends, solution.beams
    layer, fraction = core.locate(media.thickness, weights.depths, weights.below)
    where = (np.arange(len(layer))[:, None], layer)
    one = _by_layer(layer, media.thickness.shape[1])
    tau, rate, fluence = media.optical_thickness[where], modes.rate[where], modes.fluence[where]
    depth = tau * fraction
    rest = tau - depth
    weight = weights.fluence
    top = waves.share(rate, rest[..., None], tau[..., None])
    bottom = waves.share(rate, depth[..., None], tau[..., None])
    broad = weight[..., None]
    even_top, even_bottom = ends.even_top[where], ends.even_bottom[where]
    field = even_top * top[0] + even_bottom * bottom[0]
    moving = over_modes(fluence, even_bottom * bottom[2] - even_top * top[2])
    out.by_top += _collect(one, np.stack(top[:2]) * broad)
    out.by_bottom += _collect(one, np.stack(bottom[:2]) * broad)
    if beams is not None:
        here = beams.take(where)
        slope, lit_down, lit_up = here.slope, here.down[..., None], here.up[..., None]
        down = waves.responses(rate, slope[..., None], depth[..., None], here.near)[:, :2]
        up = waves.responses(rate, slope[..., None], rest[..., None], here.near)[:, :2]
        both = (down * lit_down + up * lit_up) * broad
        _add_drives(out, _collect(one, both[:2]))
        down = down[:, 0] * here.even + down[:, 1] * here.odd
        up = up[:, 0] * here.even + up[:, 1] * here.odd
        field = field + down[waves.VALUE] * lit_down + up[waves.VALUE] * lit_up
        seen_down, seen_up = (np.einsum("...n,p...n->p...", fluence, part) for part in (down, up))
        fade, back = np.exp(-slope * depth), np.exp(-slope * rest)
        at_down, at_up = here.down * fade, here.up * back
        each = np.stack(
            [
                seen_down[waves.VALUE] + slope * fade,
                seen_up[waves.VALUE] + slope * back,
                here.down * seen_down[waves.BY_SLOPE] + here.up * seen_up[waves.BY_SLOPE]
                - slope * (depth * at_down + rest * at_up),
                at_down + at_up,
            ],
            axis=-1,
        )  # fmt: skip
        sums = _collect(one, each * broad)
        out.down += sums[..., 0]
        out.up += sums[..., 1]
        out.exponent += sums[..., 2]
        out.slope += sums[..., 3]
        moving = moving + here.down * seen_down[waves.BY_DEPTH] - here.up * seen_up[waves.BY_DEPTH]
        moving = moving - slope**2 * (at_down - at_up)
    out.field += _collect(one, field * broad)
    _move(solution, out, one, layer, fraction, weight * moving * tau)
    out.depths += weight * moving * tau / media.thickness[where]


def _move(
    solution: core.Solution,
    out: Drives,
    one: FloatArray,
    layer: NDArray[np.intp],
    fraction: FloatArray,
    by_fraction: FloatArray,
) -> None:
    """A depth stays where it is in mm: what a layer's thickness does to its fraction, and to those of layers below."""
    size = solution.media.thickness
    rate = by_fraction / size[np.arange(len(layer))[:, None], layer]
    out.thickness -= _collect(one, (rate * fraction)[..., None])[..., 0]
    above = layer[..., None] > np.arange(size.shape[1])
    out.thickness -= np.sum(above * rate[..., None], axis=1)


def _intervals(solution: core.Solution, weights: Weights, out: Drives) -> FloatArray:
    """Means over depth intervals: the integral of fluence down to an interval's end less that to its start.

    Answers how the mean of every whole layer is weighed that lies above an end and not above the start.
    """
    size = solution.media.thickness
    batch, count = weights.mean.shape
    width = weights.intervals[..., 1] - weights.intervals[..., 0]
    weight = weights.mean / width
    change = weight * core.over_intervals(solution, weights.intervals)
    out.intervals += np.stack([change, -change], axis=-1)
    layer, fraction = core.locate(size, weights.intervals.reshape(batch, 2 * count), weights.below)
    above = layer.reshape(batch, count, 2)[..., None] > np.arange(size.shape[1])
    share = np.sum(weight[..., None] * (above[:, :, 1] & ~above[:, :, 0]), axis=1)
    out.thickness += share * core.layer_means(solution)
    moved = _to_depths(solution, out, layer, fraction, np.stack([-weight, weight], axis=-1).reshape(batch, -1))
    out.intervals += moved.reshape(out.intervals.shape)
    return np.asarray(share * size)


def _to_depths(
    solution: core.Solution, out: Drives, layer: NDArray[np.intp], fraction: FloatArray, weight: FloatArray
) -> FloatArray:
    """Integrals of the fluence rate from the tops of layers down to a fraction of them, times `weight`; all of shape
    (batch, depth). Returns the derivative by those depths."""
    media, modes, ends, beams = solution.media, solution.modes, solution.ends, solution.beams
    where = (np.arange(len(layer))[:, None], layer)
    one = _by_layer(layer, media.thickness.shape[1])
    tau, size = media.optical_thickness[where], media.thickness[where]
    rate, fluence = modes.rate[where], modes.fluence[where]
    even_top, even_bottom = ends.even_top[where], ends.even_bottom[where]
    depth, whole = (tau * fraction)[..., None], tau[..., None]
    scale = weight * size / tau
    broad = scale[..., None]
    # the integral of sinh(k x) / sinh(k T) from 0 is tanh(k x / 2) / k times the ratio itself
    below, above = ((waves.tangents(rate, part)[2:], waves.share(rate, part, whole)) for part in (depth, whole - depth))
    full = waves.tangents(rate, whole)[2:]
    from_bottom, from_rest = (
        np.stack([tangent[0] * ratio[0], tangent[0] * ratio[1] + tangent[1] * ratio[0]])
        for tangent, ratio in (below, above)
    )
    from_top = np.stack(full) - from_rest
    field = even_top * from_top[0] + even_bottom * from_bottom[0]
    here = over_modes(fluence, even_top * above[1][0] + even_bottom * below[1][0])
    seen = over_modes(fluence, field)
    out.by_top += _collect(one, from_top * broad)
    out.by_bottom += _collect(one, from_bottom * broad)
    if beams is not None:
        at = beams.take(where)
        slope = at.slope[..., None]
        down, rest, all_ = (waves.integrals(rate, slope, part, at.near) for part in (depth, whole - depth, whole))
        up = all_ - rest
        lit = at.down[..., None], at.up[..., None]
        both = (down * lit[0] + up * lit[1]) * broad
        _add_drives(out, _collect(one, both[:2]))
        forced = [part[:, 0] * at.even + part[:, 1] * at.odd for part in (down, up)]
        field = field + forced[0][waves.VALUE] * lit[0] + forced[1][waves.VALUE] * lit[1]
        ways = [np.einsum("...n,p...n->p...", fluence, part) for part in forced]
        beam, beam_rest, beam_all = (_beam_integral(at.slope, part[..., 0]) for part in (depth, whole - depth, whole))
        passed = (beam[0], beam_all[0] - beam_rest[0])
        slower = (beam[1], beam_all[1] - beam_rest[1])
        each = np.stack(
            [
                ways[0][waves.VALUE] + at.slope * passed[0],
                ways[1][waves.VALUE] + at.slope * passed[1],
                at.down * (ways[0][waves.BY_SLOPE] + at.slope * slower[0])
                + at.up * (ways[1][waves.BY_SLOPE] + at.slope * slower[1]),
                at.down * passed[0] + at.up * passed[1],
            ],
            axis=-1,
        )  # fmt: skip
        sums = _collect(one, each * broad)
        out.down += sums[..., 0]
        out.up += sums[..., 1]
        out.exponent += sums[..., 2]
        out.slope += sums[..., 3]
        seen = at.down * each[..., 0] + at.up * each[..., 1] + seen
        fade, rise = np.exp(-at.slope * depth[..., 0]), np.exp(-at.slope * (whole - depth)[..., 0])
        here = here + at.down * (ways[0][waves.BY_DEPTH] + at.slope * fade)
        returning = rest[waves.BY_DEPTH, 0] * at.even + rest[waves.BY_DEPTH, 1] * at.odd
        here = here + at.up * (over_modes(fluence, returning) + at.slope * rise)
    out.field += _collect(one, field * broad)
    # in mm the integral grows with the layer's size
    out.thickness += _collect(one, (weight * seen / tau)[..., None])[..., 0]
    _move(solution, out, one, layer, fraction, weight * size * here)
    return weight * here


def _beam_integral(slope: FloatArray, depth: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Integral of exp(-slope x) from 0 to a depth, and its derivative by the slope."""
    value = -np.expm1(-slope * depth) / slope
    return value, (depth * np.exp(-slope * depth) - value) / slope
