"""What a mode does over a depth, as functions of the square of its rate, with their derivatives.

The gradient (docs/methods/slab.md, section 10) never differentiates an eigenvector: the answer depends on a layer
through functions h(S) of one symmetric matrix S = A^T A, whose derivative needs no more than h and dh/d(k^2) of each
rate k. Here are those functions, written so that thin layers and slow modes lose no digits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

EVEN_BY_EVEN, EVEN_BY_ODD, ODD_BY_EVEN, ODD_BY_ODD = range(4)
"""Rows of a response: the part (a or b) of the forced solution that a drive (of a or b) of size 1 makes."""

VALUE, BY_SQUARE, BY_SLOPE, BY_DEPTH = range(4)
"""What a response holds: itself, and its derivatives by the mode's rate squared, the beam's slope and the depth."""


def tangents(rate: FloatArray, depth: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """k tanh(k d/2) and tanh(k d/2)/k, each followed by its derivative by k^2; shapes broadcast."""
    half = rate * depth / 2.0
    rise = np.tanh(half)
    fall = half / np.cosh(np.minimum(half, 350.0)) ** 2
    # (u / cosh^2 u - tanh u) / u^3, a difference of almost equal numbers where u is small
    square = half * half
    series = -2.0 / 3.0 + square * (8.0 / 15.0 + square * (-34.0 / 105.0 + square * 496.0 / 2835.0))
    small = half < 0.03
    exact = (fall - rise) / np.where(small, 1.0, half) ** 3
    quotient = np.where(small, series, exact) * (depth / 2.0) ** 3
    return rate * rise, (rise + fall) / (2.0 * rate), rise / rate, quotient / 2.0


def _langevin(x: FloatArray) -> FloatArray:
    """x coth x - 1 for x >= 0."""
    square = x * x
    series = square * (1.0 / 3.0 + square * (-1.0 / 45.0 + square * (2.0 / 945.0 - square / 4725.0)))
    small = x < 0.06
    large = np.where(small, 1.0, x)
    return np.where(small, series, large - 1.0 - 2.0 * large / np.expm1(-2.0 * large) * np.exp(-2.0 * large))


def share(rate: FloatArray, part: FloatArray, whole: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """sinh(k part) / sinh(k whole) with its derivatives by k^2 and by `part`, for 0 <= part <= whole."""
    near, far = rate * part, rate * whole
    fade = np.exp(near - far) / np.expm1(-2.0 * far)
    value = fade * np.expm1(-2.0 * near)
    by_square = value * (_langevin(near) - _langevin(far)) / (2.0 * rate * rate)
    return value, by_square, -rate * fade * (1.0 + np.exp(-2.0 * near))


def responses(
    rate: FloatArray, slope: FloatArray, depth: FloatArray, near: BoolArray, change: bool = False
) -> FloatArray:
    """The forced solution (eq. 12) of drives of size 1 at a depth, shape (4, 4, ...): first axis VALUE to BY_DEPTH,
    second EVEN_BY_EVEN to ODD_BY_ODD. `slope` and `depth` broadcast with `rate` and `near`.

    With `change`: what it is where the beam enters less what it is at that depth, to full precision for any depth,
    and without BY_DEPTH.
    """
    rate, slope, depth, near = np.broadcast_arrays(rate, slope, depth, near)
    full = np.exp(-slope * depth)
    beam, beam_by_slope = (-np.expm1(-slope * depth), depth * full) if change else (full, -depth * full)
    gain = 1.0 / np.where(near, 1.0, (rate - slope) * (rate + slope))
    out = np.empty((4, 4, *rate.shape))
    value, by_square, by_slope, by_depth = out
    value[EVEN_BY_ODD] = gain * beam
    value[EVEN_BY_EVEN] = value[ODD_BY_ODD] = slope * value[EVEN_BY_ODD]
    value[ODD_BY_EVEN] = beam + slope * value[EVEN_BY_EVEN]
    by_square[EVEN_BY_ODD] = -gain * value[EVEN_BY_ODD]
    by_square[EVEN_BY_EVEN] = by_square[ODD_BY_ODD] = slope * by_square[EVEN_BY_ODD]
    by_square[ODD_BY_EVEN] = slope * by_square[EVEN_BY_EVEN]
    by_slope[EVEN_BY_ODD] = gain * (beam_by_slope + 2.0 * slope * value[EVEN_BY_ODD])
    by_slope[EVEN_BY_EVEN] = by_slope[ODD_BY_ODD] = value[EVEN_BY_ODD] + slope * by_slope[EVEN_BY_ODD]
    by_slope[ODD_BY_EVEN] = beam_by_slope + value[EVEN_BY_EVEN] + slope * by_slope[EVEN_BY_EVEN]
    by_depth[:] = -slope * value
    if near.any():
        parts = (rate[near], slope[near], depth[near], full[near])
        out[..., near] = _resonant(*parts, change)
    return out[:BY_DEPTH] if change else out


def _resonant(
    rate: FloatArray, slope: FloatArray, depth: FloatArray, beam: FloatArray, change: bool = False
) -> FloatArray:
    """`responses` of modes whose rate is near the slope, shape (4, 4, n): the downward wave starts from nothing."""
    gap = rate - slope
    x = gap * depth
    size = np.abs(gap)
    wide = size * depth > 1e-12
    quotient = np.where(wide, -np.expm1(-size * depth) / np.where(wide, size, 1.0), depth)
    fade = np.exp(-rate * depth)
    onward = quotient * np.exp(-np.minimum(rate, slope) * depth)
    # d/dx of (1 - exp(-x)) / x, by its series where x is small
    series = np.zeros_like(x)
    for number in (-1.0 / 453600.0, 1.0 / 45360.0, -1.0 / 5760.0, 1.0 / 840.0, -1.0 / 144.0, 1.0 / 30.0):
        series = series * x + number
    series = ((series * x - 0.125) * x + 1.0 / 3.0) * x - 0.5
    small = np.abs(x) < 0.1
    onward_by_rate = np.where(small, depth**2 * beam * series, (depth * fade - onward) / np.where(small, 1.0, gap))
    onward_by_slope = -depth * onward - onward_by_rate
    back = beam / (rate + slope)
    by_depth = (fade - slope * onward, -slope * back)
    back_by_beam = -depth * back
    if change:
        onward, onward_by_rate, onward_by_slope = -onward, -onward_by_rate, -onward_by_slope
        back, back_by_beam = -np.expm1(-slope * depth) / (rate + slope), -back_by_beam
    back_by_rate = -back / (rate + slope)
    back_by_slope = back_by_rate + back_by_beam
    out = np.empty((4, 4, *rate.shape))
    parts = (
        (onward, back),
        (onward_by_rate, back_by_rate),
        (onward_by_slope, back_by_slope),
        by_depth,
    )
    for row, (down, up) in zip(out, parts, strict=True):
        row[EVEN_BY_EVEN] = row[ODD_BY_ODD] = (down - up) / 2.0
        row[EVEN_BY_ODD] = (down + up) / (2.0 * rate)
        row[ODD_BY_EVEN] = rate * (down + up) / 2.0
    out[BY_SQUARE, EVEN_BY_ODD] -= out[VALUE, EVEN_BY_ODD] / rate
    out[BY_SQUARE, ODD_BY_EVEN] += out[VALUE, ODD_BY_EVEN] / rate
    out[BY_SQUARE] /= 2.0 * rate
    return out


def integrals(rate: FloatArray, slope: FloatArray, depth: FloatArray, near: BoolArray) -> FloatArray:
    """Integral of the forced a from where the beam enters to a depth (eq. 19), shape (4, 2, ...): first axis VALUE to
    BY_DEPTH, second by a drive of a and of b.
    """
    rate, slope, depth, near = np.broadcast_arrays(rate, slope, depth, near)
    whole = -np.expm1(-slope * depth) / slope
    whole_by_slope = (depth * np.exp(-slope * depth) - whole) / slope
    gain = 1.0 / np.where(near, 1.0, (rate - slope) * (rate + slope))
    out = np.empty((4, 2, *rate.shape))
    out[VALUE, 1] = gain * whole
    out[BY_SQUARE, 1] = -gain * out[VALUE, 1]
    out[BY_SLOPE, 1] = gain * whole_by_slope + 2.0 * slope * gain * out[VALUE, 1]
    out[:, 0] = slope * out[:, 1]
    out[BY_SLOPE, 0] += out[VALUE, 1]
    there = responses(rate, slope, depth, near)
    out[BY_DEPTH] = there[VALUE, :2]
    if near.any():
        k, slow, here = rate[near], slope[near], depth[near]
        part = _resonant(k, slow, here, np.exp(-slow * here), True)[:BY_DEPTH, ODD_BY_EVEN:]
        part[VALUE, 1] += whole[near]
        part[BY_SLOPE, 1] += whole_by_slope[near]
        part /= k * k
        part[BY_SQUARE] -= part[VALUE] / (k * k)
        out[:3, :, near] = part
    return out


def legendre_slopes(x: FloatArray, count: int) -> FloatArray:
    """Derivatives of the first `count` Legendre polynomials, shape (..., count)."""
    values = np.polynomial.legendre.legvander(x, count - 1)
    out = np.zeros(values.shape)
    for degree in range(1, count):
        out[..., degree] = (2.0 * degree - 1.0) * values[..., degree - 1]
        if degree > 1:
            out[..., degree] += out[..., degree - 2]
    return out
