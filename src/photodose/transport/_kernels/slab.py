# mypy: ignore-errors
"""The slab for many stacks of equal indices: LANES stacks in lockstep through modes, elimination and back.

The equations are those of docs/methods/slab.md, numbered alike; `transport/slab` is the plain twin. Here everything is
read from solved layers; `slab_layout`, `slab_layers` and `slab_fold` come before.
"""

from __future__ import annotations

import numpy as np

from photodose.transport._kernels.slab_fold import solve
from photodose.transport._kernels.slab_layers import forced_by
from photodose.transport._kernels.slab_layout import (
    ABSORPTION,
    BOTTOM_A,
    BOTTOM_B,
    DEPTH,
    DOWN,
    DRIVE_A,
    DRIVE_B,
    EVEN,
    FLUENCE,
    FORCED_BOTTOM_B,
    FORCED_TOP_B,
    NUMBERS,
    ODD,
    RATE,
    SLOPE,
    THICKNESS,
    TOP_A,
    TOP_B,
    UP,
    VECTORS,
    W1,
    V,
    number,
    vector,
    work,
)
from photodose.transport._kernels.slab_vector import (
    any_above,
    apart,
    dying,
    falling,
    gather,
    kept,
    larger,
    load,
    size,
    smaller,
    spread,
    store,
    where_above,
)


@kept
def _absorbed(w, at, layer, collimated):
    """Absorbed fraction of a layer (eq. 19)."""
    apart()
    tau, slope = load(w, number(at, layer, DEPTH)), load(w, number(at, layer, SLOPE))
    lit = load(w, number(at, layer, DOWN)) + load(w, number(at, layer, UP))
    beam = (0.0 - falling(0.0 - slope * tau)) / slope
    one = spread(1.0)
    total = spread(0.0)
    for j in range(at.n):
        rate = load(w, vector(at, layer, RATE) + j * V)
        short = falling(0.0 - rate * tau)
        part = load(w, vector(at, layer, TOP_A) + j * V) + load(w, vector(at, layer, BOTTOM_A) + j * V)
        part = part * (0.0 - short) / ((2.0 + short) * rate)
        if collimated:
            alpha, beta = load(w, vector(at, layer, DRIVE_A) + j * V), load(w, vector(at, layer, DRIVE_B) + j * V)
            change = load(w, vector(at, layer, FORCED_TOP_B) + j * V)
            change = change - load(w, vector(at, layer, FORCED_BOTTOM_B) + j * V)
            gap, edge = size(rate - slope), slope * 0.3
            away = (beta + slope * alpha) / where_above(edge, gap, one, (rate - slope) * (rate + slope)) * (lit * beam)
            part = part + where_above(edge, gap, (change + beta * beam * lit) / (rate * rate), away)
        total = total + load(w, vector(at, layer, FLUENCE) + j * V) * part
    if collimated:
        total = total + lit * slope * beam
    return total * load(w, number(at, layer, ABSORPTION)) * load(w, number(at, layer, THICKNESS)) / tau


@kept
def _at_depth(w, at, where, fraction, collimated):
    """Fluence rate, downward and upward flux in the layers `where` of each lane, at a fraction of their depth."""
    apart()
    n = at.n
    stride, stride_n = VECTORS * n * V, NUMBERS * V
    first = at.numbers
    tau, slope = gather(w, first + DEPTH * V, where, stride_n), gather(w, first + SLOPE * V, where, stride_n)
    down, up = gather(w, first + DOWN * V, where, stride_n), gather(w, first + UP * V, where, stride_n)
    depth = tau * fraction
    rest = tau - depth
    fade, back_fade = dying(0.0 - slope * depth), dying(0.0 - slope * rest)
    fluence = both = net = spread(0.0)
    for j in range(n):
        place = at.vectors + j * V
        rate = gather(w, place + RATE * n * V, where, stride)
        above, below = falling(0.0 - rate * depth), falling(0.0 - rate * rest)
        whole = falling(0.0 - 2.0 * rate * tau)
        above_fade, below_fade = dying(0.0 - rate * depth), dying(0.0 - rate * rest)
        from_top = above_fade * (below * (below + 2.0)) / whole
        from_bottom = below_fade * (above * (above + 2.0)) / whole
        even = gather(w, place + TOP_A * n * V, where, stride) * from_top
        even = even + gather(w, place + BOTTOM_A * n * V, where, stride) * from_bottom
        odd = gather(w, place + TOP_B * n * V, where, stride) * from_top
        odd = odd + gather(w, place + BOTTOM_B * n * V, where, stride) * from_bottom
        if collimated:
            alpha = gather(w, place + DRIVE_A * n * V, where, stride)
            beta = gather(w, place + DRIVE_B * n * V, where, stride)
            a_down, b_down = forced_by(rate, alpha, beta, slope, depth, fade, above_fade)
            a_up, b_up = forced_by(rate, alpha, beta, slope, rest, back_fade, below_fade)
            even = even + a_down * down + a_up * up
            odd = odd + b_down * down - b_up * up
        fluence = fluence + gather(w, place + FLUENCE * n * V, where, stride) * even
        both = both + gather(w, place + EVEN * n * V, where, stride) * even
        net = net + gather(w, place + ODD * n * V, where, stride) * odd
    beam_down = beam_up = spread(0.0)
    if collimated:
        beam_down, beam_up = down * fade, up * back_fade
    return (fluence + slope * (beam_down + beam_up), (both + net) * 0.5 + beam_down, (both - net) * 0.5 + beam_up)


@kept
def _integral(rate, alpha, beta, slope, start, end, fades):
    """Integral of the particular solution's a from start to end, per unit flux (eq. 19); fades: beam and mode there."""
    beam = fades[0] * (0.0 - falling(slope * (start - end))) / slope
    one = spread(1.0)
    gap, edge = size(rate - slope), slope * 0.3
    away = (beta + slope * alpha) / where_above(edge, gap, one, (rate - slope) * (rate + slope)) * beam
    _, b_start = forced_by(rate, alpha, beta, slope, start, fades[0], fades[1])
    _, b_end = forced_by(rate, alpha, beta, slope, end, fades[2], fades[3])
    return where_above(edge, gap, (b_start - b_end + beta * beam) / (rate * rate), away)


@kept
def _over(w, at, layer, start, end, collimated):
    """Integral of the fluence rate over scaled depth between start and end (fractions) of a layer."""
    apart()
    n = at.n
    tau, slope = load(w, number(at, layer, DEPTH)), load(w, number(at, layer, SLOPE))
    down, up = load(w, number(at, layer, DOWN)), load(w, number(at, layer, UP))
    start, end = start * tau, end * tau
    middle, width = (start + end) * 0.5, end - start
    start_fade, end_fade = dying(0.0 - slope * start), dying(0.0 - slope * end)
    rest_start, rest_end = dying(0.0 - slope * (tau - end)), dying(0.0 - slope * (tau - start))
    total = spread(0.0)
    for j in range(n):
        rate = load(w, vector(at, layer, RATE) + j * V)
        # 2 sinh(k x) sinh(k w / 2) / (k sinh(k T)), with x from the far end to the middle, all in falling terms
        share = (0.0 - falling(0.0 - rate * width)) / (falling(0.0 - 2.0 * rate * tau) * rate)
        mode_start, mode_end = dying(0.0 - rate * start), dying(0.0 - rate * (tau - end))
        part = load(w, vector(at, layer, TOP_A) + j * V) * mode_start * falling(2.0 * rate * (middle - tau))
        part = part + load(w, vector(at, layer, BOTTOM_A) + j * V) * mode_end * falling(0.0 - 2.0 * rate * middle)
        part = part * share
        if collimated:
            alpha, beta = load(w, vector(at, layer, DRIVE_A) + j * V), load(w, vector(at, layer, DRIVE_B) + j * V)
            fades = (start_fade, mode_start, end_fade, dying(0.0 - rate * end))
            part = part + _integral(rate, alpha, beta, slope, start, end, fades) * down
            fades = (rest_start, mode_end, rest_end, dying(0.0 - rate * (tau - start)))
            part = part + _integral(rate, alpha, beta, slope, tau - end, tau - start, fades) * up
        total = total + load(w, vector(at, layer, FLUENCE) + j * V) * part
    if collimated:
        total = total + (start_fade * down + rest_start * up) * (0.0 - falling(0.0 - slope * width))
    return total * load(w, number(at, layer, THICKNESS)) / tau


@kept
def _intervals(w, at, optics, stacks, answer, rows, spare):
    """Means over depth intervals of a group; `spare` is room for five vectors."""
    apart()
    for interval in range(stacks.intervals.shape[1]):
        for lane in range(V):
            w[spare + lane] = stacks.intervals[rows[lane], interval, 0]
            w[spare + V + lane] = stacks.intervals[rows[lane], interval, 1]
        begin, end = load(w, spare), load(w, spare + V)
        above = spread(0.0)
        total = spread(0.0)
        one, nothing = spread(1.0), spread(0.0)
        for layer in range(at.layers):
            thick = load(w, number(at, layer, THICKNESS))
            start = smaller(larger((begin - above) / thick, nothing), one)
            stop = smaller(larger((end - above) / thick, nothing), one)
            above = above + thick
            if any_above(stop, start):
                total = total + _over(w, at, layer, start, stop, optics.collimated)
        store(w, spare, total / (end - begin))
        for lane in range(V):
            answer.means[rows[lane], interval] = w[spare + lane]


@kept
def solve_all(w, at, optics, stacks, answer, first, last):
    """Solve the stacks first to last (exclusive), LANES at a time; lanes beyond the last repeat it."""
    rows, where = np.empty(V, np.int64), np.empty(V, np.int64)
    spare = work(at, W1)
    for begin in range(first, last, V):
        for lane in range(V):
            rows[lane] = min(begin + lane, last - 1)
        reflected, transmitted, direct = solve(w, at, optics, stacks, rows)
        store(w, spare, reflected)
        store(w, spare + V, transmitted)
        store(w, spare + 2 * V, direct)
        for lane in range(V):
            for kind in range(3):
                answer.whole[kind, rows[lane]] = w[spare + kind * V + lane]
        for layer in range(at.layers):
            store(w, spare, _absorbed(w, at, layer, optics.collimated))
            for lane in range(V):
                answer.absorbed[rows[lane], layer] = w[spare + lane]
        for depth in range(stacks.where.shape[1]):
            for lane in range(V):
                where[lane] = stacks.where[rows[lane], depth]
                w[spare + lane] = stacks.fraction[rows[lane], depth]
            fluence, down, up = _at_depth(w, at, where, load(w, spare), optics.collimated)
            store(w, spare, fluence)
            store(w, spare + V, down)
            store(w, spare + 2 * V, up)
            for lane in range(V):
                for kind in range(3):
                    answer.depths[kind, rows[lane], depth] = w[spare + kind * V + lane]
        _intervals(w, at, optics, stacks, answer, rows, spare)
