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
    _whole_layers(solution, weights, out)
    if weights.fluence.any():
        _points(solution, weights, out)
    if weights.mean.any():
        _intervals(solution, weights, out)
    return out


def _whole_layers(solution: core.Solution, weights: Weights, out: Drives) -> None:
    """Absorbed fractions and layer means: the integral of fluence over each layer."""
    media, modes, ends, beams = solution.media, solution.modes, solution.ends, solution.beams
    asked = weights.absorbed * (media.absorption * media.thickness) + weights.layer_mean
    if not (asked.any() or weights.absorbed.any()):
        return
    rate, tau = modes.rate, media.optical_thickness
    _, _, value, by_square = waves.tangents(rate, tau[..., None])
    weight = (asked / tau)[..., None]
    out.by_top[0] += weight * value
    out.by_top[1] += weight * by_square
    out.by_bottom += out.by_top
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
    # a layer's absorbed fraction is its absorption times its thickness times its mean
    out.thickness += weights.absorbed * core.absorbed(solution) / media.thickness


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


def _intervals(solution: core.Solution, weights: Weights, out: Drives) -> None:
    """Means over depth intervals: in each layer, the integral to an interval's end less that to its start."""
    sizes = solution.media.thickness
    bounds = np.cumsum(sizes, axis=1)
    width = weights.intervals[..., 1] - weights.intervals[..., 0]
    mean = core.over_intervals(solution, weights.intervals)
    out.intervals[..., 1] -= weights.mean * mean / width
    out.intervals[..., 0] += weights.mean * mean / width
    for layer in range(sizes.shape[1]):
        size = sizes[:, layer, None]
        begin = bounds[:, layer, None] - size
        raw = (weights.intervals - begin[..., None]) / size[..., None]
        places = np.clip(raw, 0.0, 1.0)
        inside = places[..., 1] > places[..., 0]
        if not inside.any():
            continue
        weight = np.where(inside, weights.mean / width, 0.0) * size
        for end, sign in ((0, -1.0), (1, 1.0)):
            free = inside & ((raw[..., 0] >= 0.0) if end == 0 else (raw[..., 1] <= 1.0))
            _to_depth(solution, out, layer, places[..., end], sign * weight, free, end)


def _to_depth(
    solution: core.Solution,
    out: Drives,
    layer: int,
    fraction: FloatArray,
    weight: FloatArray,
    free: NDArray[np.bool_],
    end: int,
) -> None:
    """The mean fluence rate of a layer from its top to a fraction of it, times `weight`; shape (batch, interval).

    Where `free`, the fraction moves with the interval's `end` and the layer's faces.
    """
    media, modes, ends, beams = solution.media, solution.modes, solution.ends, solution.beams
    tau = media.optical_thickness[:, layer, None]
    rate, fluence = modes.rate[:, layer, None], modes.fluence[:, layer, None]
    depth = (tau * fraction)[..., None]
    whole = tau[..., None]
    broad = (weight / tau)[..., None]
    # the integral of sinh(k x) / sinh(k T) from 0 is tanh(k x / 2) / k times the ratio itself
    parts = []
    for part in (depth, whole - depth, whole):
        ratio, tangent = waves.share(rate, part, whole), waves.tangents(rate, part)[2:]
        parts.append((tangent[0] * ratio[0], tangent[0] * ratio[1] + tangent[1] * ratio[0], ratio[0]))
    below, above, full = parts
    from_bottom = np.stack(below[:2])
    from_top = np.stack([full[0] - above[0], full[1] - above[1]])
    even_top, even_bottom = ends.even_top[:, layer, None], ends.even_bottom[:, layer, None]
    field = even_top * from_top[0] + even_bottom * from_bottom[0]
    here = over_modes(fluence, even_top * above[2] + even_bottom * below[2])
    seen_whole = np.zeros_like(fraction)
    out.by_top[:, :, layer] += np.sum(from_top * broad, axis=2)
    out.by_bottom[:, :, layer] += np.sum(from_bottom * broad, axis=2)
    if beams is not None:
        at = beams.take((slice(None), slice(layer, layer + 1)))
        slope, lit_down, lit_up = at.slope, at.down, at.up
        down, back, all_ = (
            waves.integrals(rate, slope[..., None], part, at.near) for part in (depth, whole - depth, whole)
        )
        both = down * lit_down[..., None] + (all_ - back) * lit_up[..., None]
        out.by_even[:, :, layer] += np.sum(both[:2, 0] * broad, axis=2)
        out.by_odd[:, :, layer] += np.sum(both[:2, 1] * broad, axis=2)
        even, odd = at.even, at.odd
        field = field + both[waves.VALUE, 0] * even + both[waves.VALUE, 1] * odd
        seen = [np.einsum("...n,p...n->p...", fluence, p[:, 0] * even + p[:, 1] * odd) for p in (down, all_ - back)]
        beam = [_beam_integral(slope, part[..., 0]) for part in (depth, whole - depth, whole)]
        passed = (beam[0][0], beam[2][0] - beam[1][0])
        seen_whole = slope * (lit_down * passed[0] + lit_up * passed[1])
        scale = weight / tau
        slower = (beam[0][1], beam[2][1] - beam[1][1])
        for way, (flux, light) in enumerate(((out.down, lit_down), (out.up, lit_up))):
            flux[:, layer] += np.sum(scale * (seen[way][waves.VALUE] + slope * passed[way]), axis=1)
            slow = scale * light * (seen[way][waves.BY_SLOPE] + slope * slower[way])
            out.exponent[:, layer] += np.sum(slow, axis=1)
            out.slope[:, layer] += np.sum(scale * light * passed[way], axis=1)
        fade, rise = np.exp(-slope * depth[..., 0]), np.exp(-slope * (whole - depth)[..., 0])
        here = here + lit_down * (seen[0][waves.BY_DEPTH] + slope * fade)
        returning = back[waves.BY_DEPTH, 0] * even + back[waves.BY_DEPTH, 1] * odd
        here = here + lit_up * (over_modes(fluence, returning) + slope * rise)
    seen_whole = seen_whole + over_modes(fluence, field)
    out.field[:, layer] += np.sum(field * broad, axis=1)
    # `weight` grows with the layer's size
    size = media.thickness[:, layer]
    out.thickness[:, layer] += np.sum(weight / tau * seen_whole, axis=1) / size
    moved = np.where(free, weight * here, 0.0)
    out.intervals[..., end] += moved / size[:, None]
    out.thickness[:, layer] -= np.sum(moved * fraction, axis=1) / size
    out.thickness[:, :layer] -= (np.sum(moved, axis=1) / size)[:, None]


def _beam_integral(slope: FloatArray, depth: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Integral of exp(-slope x) from 0 to a depth, and its derivative by the slope."""
    value = -np.expm1(-slope * depth) / slope
    return value, (depth * np.exp(-slope * depth) - value) / slope
