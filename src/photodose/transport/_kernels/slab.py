# mypy: ignore-errors
"""The slab for many stacks of equal indices: LANES stacks in lockstep through modes, elimination and back.

The equations are those of docs/methods/slab.md, numbered alike; `transport/slab` is the plain twin. What differs is
the basis: inside a medium x = M^(-1/2) Q_o xi and y = M^(1/2) Q_o eta, in which the modes are those of a tridiagonal
matrix (eq. 22) and layers of equal index need no change of basis.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from photodose.transport._kernels.slab_algebra import (
    apply,
    apply_turned,
    backward,
    eigen,
    factor,
    forward,
    invert_factor,
    product,
    symmetric_product,
)
from photodose.transport._kernels.slab_vector import (
    LANES,
    any_above,
    apart,
    dying,
    falling,
    gather,
    kept,
    larger,
    load,
    root,
    size,
    smaller,
    spread,
    store,
    where_above,
)

V = LANES
THINNEST = 1e-13


def _numbers(count):
    """0 to count - 1, typed so that a function is not compiled anew for each of them."""
    return tuple(np.int64(number) for number in range(count))


# Vectors of n per layer.
VECTORS = 18
(RATE, FLUENCE, EVEN, ODD, DRIVE_A, DRIVE_B, TOP_A, BOTTOM_A, TOP_B, BOTTOM_B,
 LAG, SECH, SOURCE, FORCED_TOP_A, FORCED_TOP_B, FORCED_BOTTOM_A, FORCED_BOTTOM_B, ROOT) = _numbers(VECTORS)  # fmt: skip
# Numbers per layer.
NUMBERS = 9
DEPTH, FULL, ABSORPTION, THICKNESS, SLOPE, DOWN, UP, BACK, PASSED = _numbers(NUMBERS)
# Matrices per layer, and per index step.
MATRICES = 3
MODES, INVERSE, MODAL = _numbers(MATRICES)
STEP_MATRICES = 4
ABOVE, ABOVE_RIGHT, BELOW, BELOW_RIGHT = _numbers(STEP_MATRICES)
# Work space.
WORK_MATRICES, WORK_VECTORS = 4, 10
W0, W1, W2, W3, W4, W5, W6, W7, W8, _ = _numbers(WORK_VECTORS)


class Optics(NamedTuple):
    """What follows from the indices and the incidence alone; m media, s index steps, r rays, n nodes.

    medium (layer,), step (layer,: number of the step below it or -1), moments (m,), cosine (m,), faces (layer + 1,),
    vectors (m, 5, n: diagonal and upper diagonal of Q_o^T M Q_e, fluence, even and odd flux of the basis),
    legendre (m, 2 n), drives (m, 2, n, n), steps (s, 4, n, n: F, T, K, metric above), ends (3, n, n: F of the top,
    Z of the bottom, nothing), edges (5, n: entry; even and odd part to what leaves above; the same below),
    ray_cosine (r, layer), ray_faces (r, layer + 1), ray_power (r,), collimated.
    """

    medium: np.ndarray
    step: np.ndarray
    moments: np.ndarray
    cosine: np.ndarray
    faces: np.ndarray
    vectors: np.ndarray
    legendre: np.ndarray
    drives: np.ndarray
    steps: np.ndarray
    ends: np.ndarray
    edges: np.ndarray
    ray_cosine: np.ndarray
    ray_faces: np.ndarray
    ray_power: np.ndarray
    collimated: bool
    specular: float


class Stacks(NamedTuple):
    """layers (4, batch, layer: absorption, scattering, anisotropy, thickness); where (batch, depth) and
    fraction (batch, depth) of each depth; intervals (batch, interval, 2)."""

    layers: np.ndarray
    where: np.ndarray
    fraction: np.ndarray
    intervals: np.ndarray


class Answer(NamedTuple):
    """depths (3, batch, depth: fluence, down, up); means (batch, interval); absorbed (batch, layer);
    whole (3, batch: reflectance, transmittance, direct)."""

    depths: np.ndarray
    means: np.ndarray
    absorbed: np.ndarray
    whole: np.ndarray


class Places(NamedTuple):
    """Where things are in the work space."""

    n: int
    layers: int
    numbers: int
    vectors: int
    matrices: int
    steps: int
    step_vectors: int
    work: int
    work_vectors: int


def places(n: int, layers: int, steps: int) -> tuple[Places, int]:
    """The work space of one group, and its size in float64."""
    sizes = (
        layers * NUMBERS, layers * VECTORS * n, layers * MATRICES * n * n, steps * STEP_MATRICES * n * n,
        steps * 2 * n, WORK_MATRICES * n * n, WORK_VECTORS * n,
    )  # fmt: skip
    at = [0]
    for part in sizes:
        at.append(at[-1] + part * V)
    return Places(n, layers, *at[:-1]), at[-1]


@kept
def _vector(at, layer, kind):
    return at.vectors + (layer * VECTORS + kind) * at.n * V


@kept
def _number(at, layer, kind):
    return at.numbers + (layer * NUMBERS + kind) * V


@kept
def _matrix(at, layer, kind):
    return at.matrices + (layer * MATRICES + kind) * at.n * at.n * V


@kept
def _step_matrix(at, step, kind):
    return at.steps + (step * STEP_MATRICES + kind) * at.n * at.n * V


@kept
def _work(at, kind):
    return at.work + kind * at.n * at.n * V


@kept
def _work_vector(at, kind):
    return at.work_vectors + kind * at.n * V


@kept
def _medium(w, at, optics, stacks, rows, layer):
    """Delta-M (eq. 3) of one layer: its numbers, then its losses and, of the beam, the drives, as work vectors 0 to 3:
    even loss, odd loss, even source, odd source."""
    apart()
    n = at.n
    medium = optics.medium[layer]
    for kind in range(4):
        for lane in range(V):
            w[at.work + kind * V + lane] = stacks.layers[kind, rows[lane], layer]
    absorption, scattering = load(w, at.work), load(w, at.work + V)
    g, thickness = load(w, at.work + 2 * V), load(w, at.work + 3 * V)
    count = optics.moments[medium]
    forwards = spread(1.0)
    for _ in range(count):
        forwards = forwards * g
    scattered = scattering * (1.0 - forwards)
    extinction = absorption + scattered
    albedo = scattered / extinction
    scale = albedo / (1.0 - forwards)
    tau = larger(extinction * thickness, spread(THINNEST))
    store(w, _number(at, layer, DEPTH), tau)
    store(w, _number(at, layer, FULL), (absorption + scattering) * thickness)
    store(w, _number(at, layer, ABSORPTION), absorption)
    store(w, _number(at, layer, THICKNESS), thickness)
    slope = 1.0 / larger(spread(optics.cosine[medium]), spread(1e-12))
    store(w, _number(at, layer, SLOPE), slope)
    power = spread(1.0)
    for degree in range(2 * n):
        moment = spread(0.0)
        if degree < count:
            moment = scale * (power - forwards)
            power = power * g
        out = _work_vector(at, degree % 2) + degree // 2 * V
        store(w, out, 1.0 - moment)
        store(w, out + 2 * n * V, moment * optics.legendre[medium, degree])
    store(w, _work_vector(at, W0), absorption / extinction)


@kept
def _modes(w, at, optics, layer):
    """Eigenmodes (eq. 9 to 11 and 22) from the losses in work vectors 0 and 1; fills RATE to ODD, ROOT and MODES."""
    apart()
    n = at.n
    medium = optics.medium[layer]
    losses, odd = _work_vector(at, W0), _work_vector(at, W1)
    even_scale, odd_scale = _work_vector(at, W4), _vector(at, layer, ROOT)
    d, e = _work_vector(at, W6), _work_vector(at, W7)
    for i in range(n):
        store(w, even_scale + i * V, 1.0 / root(larger(load(w, losses + i * V), spread(1e-50))))
        store(w, odd_scale + i * V, 1.0 / root(load(w, odd + i * V)))
    z = _matrix(at, layer, MODES)
    before = spread(0.0)
    for i in range(n):
        first = load(w, even_scale + i * V) * load(w, odd_scale + i * V) * optics.vectors[medium, 0, i]
        second = spread(0.0)
        link = spread(0.0)
        if i < n - 1:
            right = load(w, even_scale + (i + 1) * V)
            second = right * load(w, odd_scale + i * V) * optics.vectors[medium, 1, i]
            link = second * (right * load(w, odd_scale + (i + 1) * V) * optics.vectors[medium, 0, i + 1])
        # Degree 0, which may be huge, comes last.
        store(w, d + (n - 1 - i) * V, first * first + second * second)
        if i:
            store(w, e + (n - 1 - i) * V, before)
        before = link
        for j in range(n):
            store(w, z + (i * n + j) * V, spread(1.0 if i + j == n - 1 else 0.0))
    eigen(w, d, e, z, _work_vector(at, W8), n)
    noise = load(w, even_scale) * load(w, odd_scale) * (1e-16 * optics.vectors[medium, 0, 0])
    noise = noise * noise * 1e14
    f = _vector(at, layer, FLUENCE)
    for j in range(n):
        row = z + j * n * V
        norm = spread(0.0)
        before = spread(0.0)
        fluence = spread(0.0)
        even = spread(0.0)
        flux = spread(0.0)
        for k in range(n):
            entry = load(w, row + k * V)
            inverse_root = load(w, odd_scale + k * V)
            across = entry * inverse_root
            part = (across * optics.vectors[medium, 0, k] + before) * load(w, even_scale + k * V)
            norm = norm + part * part
            before = across * optics.vectors[medium, 1, k]
            flux = flux + across * optics.vectors[medium, 4, k]
            along = entry / inverse_root
            fluence = fluence + along * optics.vectors[medium, 2, k]
            even = even + along * optics.vectors[medium, 3, k]
        # A mode's rate from the factor itself, but where rounding of a huge entry could drown it.
        square = where_above(norm, noise, norm, load(w, d + j * V))
        store(w, _vector(at, layer, RATE) + j * V, larger(1.0 / root(square), spread(1e-25)))
        store(w, f + j * V, fluence)
        store(w, _vector(at, layer, EVEN) + j * V, even)
        store(w, _vector(at, layer, ODD) + j * V, flux)
    for k in range(n):
        store(w, odd_scale + k * V, 1.0 / load(w, odd_scale + k * V))


@kept
def _quotient(gap, depth):
    """(1 - exp(-gap depth)) / gap, also where that is 0 / 0."""
    wide = gap * depth
    limit = spread(1e-12)
    return where_above(wide, limit, (0.0 - falling(0.0 - wide)) / where_above(wide, limit, gap, spread(1.0)), depth)


@kept
def _drive(w, at, optics, layer):
    """What the beam drives (eq. 12), and the particular solution at both ends of the layer."""
    apart()
    n = at.n
    medium = optics.medium[layer]
    a, b, z = _vector(at, layer, DRIVE_A), _vector(at, layer, DRIVE_B), _matrix(at, layer, MODES)
    for kind in range(2):
        source, out = _work_vector(at, 2 + kind), _work_vector(at, 6 + kind)
        for i in range(n):
            total = spread(0.0)
            for k in range(n):
                total = total + load(w, source + k * V) * optics.drives[medium, kind, i, k]
            scale = load(w, _vector(at, layer, ROOT) + i * V)
            store(w, out + i * V, total * scale if kind == 0 else total / scale)
    apply(w, z, _work_vector(at, W7), a, n)
    apply(w, z, _work_vector(at, W6), b, n)


@kept
def _forced(w, at, layer, j, depth, fade, mode_fade):
    """Particular solution (a, b) of mode j per unit flux at a scaled depth; fade and mode_fade are the beam's and the
    mode's exponentials there."""
    rate = load(w, _vector(at, layer, RATE) + j * V)
    alpha, beta = load(w, _vector(at, layer, DRIVE_A) + j * V), load(w, _vector(at, layer, DRIVE_B) + j * V)
    return _forced_by(rate, alpha, beta, load(w, _number(at, layer, SLOPE)), depth, fade, mode_fade)


@kept
def _forced_by(rate, alpha, beta, slope, depth, fade, mode_fade):
    gap = size(rate - slope)
    edge = slope * 0.3
    one = spread(1.0)
    away = (beta + slope * alpha) / where_above(edge, gap, one, (rate - slope) * (rate + slope)) * fade
    slower = where_above(slope, rate, mode_fade, fade)
    onward = (beta + rate * alpha) * _quotient(gap, depth) * slower
    returning = (rate * alpha - beta) * fade / (rate + slope)
    a = where_above(edge, gap, (onward - returning) * 0.5 / where_above(edge, gap, rate, one), away)
    b = where_above(edge, gap, (onward + returning) * 0.5, alpha * fade + slope * away)
    return a, b


@kept
def _fades(w, at, collimated, layer):
    """tanh and cosh of every mode, and the particular solution of both beams at both ends (all zero if no beam)."""
    apart()
    tau = load(w, _number(at, layer, DEPTH))
    slope, down, up = (
        load(w, _number(at, layer, SLOPE)), load(w, _number(at, layer, DOWN)), load(w, _number(at, layer, UP))
    )  # fmt: skip
    one = spread(1.0)
    fade = dying(0.0 - slope * tau)
    for j in range(at.n):
        rate = load(w, _vector(at, layer, RATE) + j * V)
        short = falling(0.0 - rate * tau)
        twice = short * (short + 2.0)
        mode_fade = dying(0.0 - rate * tau)
        store(w, _vector(at, layer, LAG) + j * V, (0.0 - twice) / ((2.0 + twice) * rate))
        store(w, _vector(at, layer, SECH) + j * V, 2.0 * mode_fade / (1.0 + mode_fade * mode_fade))
        near_a = near_b = far_a = far_b = spread(0.0)
        if collimated:
            near_a, near_b = _forced(w, at, layer, j, spread(0.0), one, one)
            far_a, far_b = _forced(w, at, layer, j, tau, fade, mode_fade)
        store(w, _vector(at, layer, FORCED_TOP_A) + j * V, down * near_a + up * far_a)
        store(w, _vector(at, layer, FORCED_TOP_B) + j * V, down * near_b - up * far_b)
        store(w, _vector(at, layer, FORCED_BOTTOM_A) + j * V, down * far_a + up * near_a)
        store(w, _vector(at, layer, FORCED_BOTTOM_B) + j * V, down * far_b - up * near_b)


@kept
def _beams(w, at, faces, cosines, depth_kind):
    """Rays with every reflection (eq. 16): DOWN and UP of all layers; returns what leaves below."""
    apart()
    layers = at.layers
    back = spread(faces[layers])
    for layer in range(layers - 1, -1, -1):
        slope = 1.0 / max(cosines[layer], 1e-12)
        passed = dying(0.0 - load(w, _number(at, layer, depth_kind)) * slope)
        store(w, _number(at, layer, PASSED), passed)
        store(w, _number(at, layer, BACK), back)
        face = faces[layer]
        below = back * passed * passed
        if face == 0.0:
            back = below
        else:
            back = face + (1.0 - face) * (1.0 - face) * below / larger(1.0 - face * below, spread(1e-300))
    flux = spread(1.0)
    for layer in range(layers):
        face = faces[layer]
        passed, back = load(w, _number(at, layer, PASSED)), load(w, _number(at, layer, BACK))
        if face != 0.0:
            flux = flux * (1.0 - face) / larger(1.0 - face * back * passed * passed, spread(1e-300))
        store(w, _number(at, layer, DOWN), flux)
        flux = flux * passed
        store(w, _number(at, layer, UP), flux * back)
    return flux * (1.0 - faces[layers])


@kept
def _up_layer(w, at, layer):
    """Admittance (work matrix 0) and source (work vector 0) from a layer's bottom to its top (eq. 20)."""
    apart()
    n = at.n
    z, scaled, right, third = _work(at, W0), _work(at, W1), _work(at, W2), _work(at, W3)
    modes, modal, inverse = _matrix(at, layer, MODES), _matrix(at, layer, MODAL), _matrix(at, layer, INVERSE)
    s, v, u = _work_vector(at, W0), _work_vector(at, W6), _work_vector(at, W7)
    roots = _vector(at, layer, ROOT)
    lag, sech, rate = _vector(at, layer, LAG), _vector(at, layer, SECH), _vector(at, layer, RATE)
    for j in range(n):
        weight = root(load(w, lag + j * V))
        store(w, v + j * V, weight)
        store(w, u + j * V, 1.0 / weight)
    for j in range(n):
        weight = load(w, v + j * V)
        for k in range(n):
            entry = load(w, modes + (j * n + k) * V) * load(w, roots + k * V)
            store(w, scaled + (k * n + j) * V, entry * weight)
    product(w, z, scaled, right, n)
    symmetric_product(w, scaled, right, third, n, False)
    # right = 1 + E, then its factor; third = E
    for i in range(n):
        for j in range(n):
            entry = load(w, third + (i * n + j) * V)
            store(w, modal + (i * n + j) * V, entry * load(w, u + i * V) * load(w, u + j * V))
            store(w, right + (i * n + j) * V, entry if i != j else entry + 1.0)
    factor(w, right, n)
    invert_factor(w, right, scaled, n)
    symmetric_product(w, scaled, scaled, inverse, n, True)
    symmetric_product(w, third, inverse, right, n, False)
    _source_in_modes(w, at, layer)
    # eta at the top
    top, hold = _work_vector(at, W1), _work_vector(at, W2)
    for i in range(n):
        store(w, hold + i * V, load(w, _vector(at, layer, SOURCE) + i * V) * load(w, v + i * V))
    apply(w, inverse, hold, top, n)
    for i in range(n):
        scale = load(w, sech + i * V) * load(w, u + i * V)
        here = right + i * n * V
        for j in range(n):
            store(w, here + j * V, load(w, here + j * V) * scale * (load(w, sech + j * V) * load(w, u + j * V)))
        k = load(w, rate + i * V)
        store(w, here + i * V, load(w, here + i * V) + k * k * load(w, lag + i * V))
        store(w, top + i * V, load(w, top + i * V) * scale + load(w, _vector(at, layer, FORCED_TOP_B) + i * V))
    apply(w, right, _vector(at, layer, FORCED_TOP_A), hold, n)
    for i in range(n):
        store(w, top + i * V, load(w, top + i * V) - load(w, hold + i * V))
    for k in range(n):
        store(w, hold + k * V, 1.0 / load(w, roots + k * V))
    for j in range(n):
        for k in range(n):
            entry = load(w, modes + (j * n + k) * V)
            store(w, scaled + (j * n + k) * V, entry * load(w, hold + k * V))
    product(w, right, scaled, third, n)
    symmetric_product(w, scaled, third, z, n, False)
    apply_turned(w, scaled, top, s, n)


@kept
def _source_in_modes(w, at, layer):
    """SOURCE of a layer: U^T s + eta a - b with the forced a and b at its bottom."""
    apart()
    n = at.n
    s, roots, hold = _work_vector(at, W0), _vector(at, layer, ROOT), _work_vector(at, W1)
    source = _vector(at, layer, SOURCE)
    for k in range(n):
        store(w, hold + k * V, load(w, s + k * V) * load(w, roots + k * V))
    apply(w, _matrix(at, layer, MODES), hold, source, n)
    apply(w, _matrix(at, layer, MODAL), _vector(at, layer, FORCED_BOTTOM_A), hold, n)
    for i in range(n):
        forced = load(w, hold + i * V) - load(w, _vector(at, layer, FORCED_BOTTOM_B) + i * V)
        store(w, source + i * V, load(w, source + i * V) + forced)


@kept
def _up_step(w, at, optics, step):
    """Admittance and source seen from above an index step (eq. 23)."""
    apart()
    n = at.n
    z, s = _work(at, W0), _work_vector(at, W0)
    below, below_right = _step_matrix(at, step, BELOW), _step_matrix(at, step, BELOW_RIGHT)
    above, above_right = _step_matrix(at, step, ABOVE), _step_matrix(at, step, ABOVE_RIGHT)
    v = at.step_vectors + 2 * step * n * V
    u = v + n * V
    table = optics.steps
    for i in range(n):
        for j in range(n):
            place = (i * n + j) * V
            store(w, below + place, load(w, z + place) + table[step, 0, i, j])
            store(w, below_right + place, spread(table[step, 1, i, j]))
            store(w, above_right + place, spread(table[step, 3, i, j]))
        store(w, v + i * V, load(w, s + i * V))
    factor(w, below, n)
    forward(w, below, below_right, n, n)
    forward(w, below, v, n, 1)
    symmetric_product(w, below_right, below_right, above, n, False)
    loss = _work(at, W1)
    for i in range(n):
        for j in range(n):
            place = (i * n + j) * V
            part = table[step, 2, i, j] - 2.0 * load(w, above + place)
            store(w, loss + place, part)
            store(w, above + place, 2.0 * table[step, 3, i, j] - part)
    factor(w, above, n)
    forward(w, above, above_right, n, n)
    forward(w, above, loss, n, n)
    apply_turned(w, below_right, v, u, n)
    forward(w, above, u, n, 1)
    symmetric_product(w, loss, above_right, z, n, False)
    apply_turned(w, above_right, u, s, n)
    for i in range(n):
        store(w, s + i * V, 2.0 * load(w, s + i * V))


@kept
def _down_step(w, at, step):
    """The even part (work vector 0) from above an index step to below it."""
    apart()
    n = at.n
    x, hold, passed = _work_vector(at, W0), _work_vector(at, W1), _work_vector(at, W2)
    v = at.step_vectors + 2 * step * n * V
    u = v + n * V
    apply(w, _step_matrix(at, step, ABOVE_RIGHT), x, hold, n)
    for i in range(n):
        store(w, hold + i * V, load(w, hold + i * V) + load(w, u + i * V))
    backward(w, _step_matrix(at, step, ABOVE), hold, n)
    apply(w, _step_matrix(at, step, BELOW_RIGHT), hold, passed, n)
    for i in range(n):
        store(w, x + i * V, 2.0 * load(w, passed + i * V) - load(w, v + i * V))
    backward(w, _step_matrix(at, step, BELOW), x, n)


@kept
def _down_layer(w, at, layer):
    """Amplitudes at both ends of a layer, and the even part (work vector 0) from its top to its bottom."""
    apart()
    n = at.n
    x, hold, other = _work_vector(at, W0), _work_vector(at, W1), _work_vector(at, W2)
    roots = _vector(at, layer, ROOT)
    top, bottom = _vector(at, layer, TOP_A), _vector(at, layer, BOTTOM_A)
    odd_top, odd_bottom = _vector(at, layer, TOP_B), _vector(at, layer, BOTTOM_B)
    for k in range(n):
        store(w, hold + k * V, load(w, x + k * V) / load(w, roots + k * V))
    apply(w, _matrix(at, layer, MODES), hold, top, n)
    for j in range(n):
        lag, sech = load(w, _vector(at, layer, LAG) + j * V), load(w, _vector(at, layer, SECH) + j * V)
        here = load(w, top + j * V) - load(w, _vector(at, layer, FORCED_TOP_A) + j * V)
        store(w, top + j * V, here)
        rest = sech * here - lag * load(w, _vector(at, layer, SOURCE) + j * V)
        store(w, hold + j * V, rest / root(lag))
    apply(w, _matrix(at, layer, INVERSE), hold, bottom, n)
    for j in range(n):
        store(w, bottom + j * V, load(w, bottom + j * V) * root(load(w, _vector(at, layer, LAG) + j * V)))
    apply(w, _matrix(at, layer, MODAL), bottom, odd_bottom, n)
    for j in range(n):
        lag, sech = load(w, _vector(at, layer, LAG) + j * V), load(w, _vector(at, layer, SECH) + j * V)
        rate = load(w, _vector(at, layer, RATE) + j * V)
        below = load(w, odd_bottom + j * V) + load(w, _vector(at, layer, SOURCE) + j * V)
        store(w, odd_bottom + j * V, below)
        store(w, odd_top + j * V, rate * rate * lag * load(w, top + j * V) + sech * below)
        forced = load(w, _vector(at, layer, FORCED_BOTTOM_A) + j * V)
        store(w, other + j * V, load(w, bottom + j * V) + forced)
    apply_turned(w, _matrix(at, layer, MODES), other, x, n)
    for k in range(n):
        store(w, x + k * V, load(w, x + k * V) * load(w, roots + k * V))


@kept
def solve(w, at, optics, stacks, rows):
    """Solve one group: everything that the evaluation below needs, and (reflectance, transmittance, direct)."""
    apart()
    n, layers = at.n, at.layers
    for layer in range(layers):
        _medium(w, at, optics, stacks, rows, layer)
        _modes(w, at, optics, layer)
        if optics.collimated:
            _drive(w, at, optics, layer)
    direct = spread(0.0)
    beam_out = beam_back = spread(0.0)
    if optics.collimated:
        direct = _beams(w, at, optics.faces, optics.cosine[optics.medium], FULL)
        beam_out = _beams(w, at, optics.faces, optics.cosine[optics.medium], DEPTH)
        first = load(w, _number(at, 0, UP)) * dying(
            0.0 - load(w, _number(at, 0, DEPTH)) * load(w, _number(at, 0, SLOPE))
        )
        beam_back = first * (1.0 - optics.faces[0])
    else:
        for ray in range(len(optics.ray_power)):
            passed = _beams(w, at, optics.ray_faces[ray], optics.ray_cosine[ray], FULL)
            direct = direct + passed * optics.ray_power[ray]
    z, s = _work(at, W0), _work_vector(at, W0)
    for i in range(n):
        store(w, s + i * V, spread(0.0))
        for j in range(n):
            store(w, z + (i * n + j) * V, spread(optics.ends[1, i, j]))
    for layer in range(layers - 1, -1, -1):
        _fades(w, at, optics.collimated, layer)
        if optics.step[layer] >= 0:
            _up_step(w, at, optics, optics.step[layer])
        _up_layer(w, at, layer)
    reflected = _light_top(w, at, optics)
    for layer in range(layers):
        _down_layer(w, at, layer)
        if optics.step[layer] >= 0:
            _down_step(w, at, optics.step[layer])
    transmitted = spread(0.0)
    for i in range(n):
        even = load(w, s + i * V)
        odd = spread(0.0)
        for j in range(n):
            odd = odd + load(w, s + j * V) * optics.ends[1, i, j]
        transmitted = transmitted + even * optics.edges[3, i] + odd * optics.edges[4, i]
    return reflected + beam_back + optics.specular, transmitted + beam_out, direct


@kept
def _light_top(w, at, optics):
    """The even part just inside the top face (work vector 0), and what leaves there."""
    apart()
    n = at.n
    z, s, closed = _work(at, W0), _work_vector(at, W0), _work(at, W1)
    even, odd = _work_vector(at, W1), _work_vector(at, W2)
    for i in range(n):
        for j in range(n):
            store(w, closed + (i * n + j) * V, load(w, z + (i * n + j) * V) + optics.ends[0, i, j])
        store(w, even + i * V, optics.edges[0, i] - load(w, s + i * V))
    factor(w, closed, n)
    forward(w, closed, even, n, 1)
    backward(w, closed, even, n)
    apply(w, z, even, odd, n)
    out = spread(0.0)
    for i in range(n):
        here = load(w, even + i * V)
        below = load(w, odd + i * V) + load(w, s + i * V)
        out = out + here * optics.edges[1, i] + below * optics.edges[2, i]
        store(w, s + i * V, here)
    return out


@kept
def _absorbed(w, at, layer, collimated):
    """Absorbed fraction of a layer (eq. 19)."""
    apart()
    tau, slope = load(w, _number(at, layer, DEPTH)), load(w, _number(at, layer, SLOPE))
    lit = load(w, _number(at, layer, DOWN)) + load(w, _number(at, layer, UP))
    beam = (0.0 - falling(0.0 - slope * tau)) / slope
    one = spread(1.0)
    total = spread(0.0)
    for j in range(at.n):
        rate = load(w, _vector(at, layer, RATE) + j * V)
        short = falling(0.0 - rate * tau)
        part = load(w, _vector(at, layer, TOP_A) + j * V) + load(w, _vector(at, layer, BOTTOM_A) + j * V)
        part = part * (0.0 - short) / ((2.0 + short) * rate)
        if collimated:
            alpha, beta = load(w, _vector(at, layer, DRIVE_A) + j * V), load(w, _vector(at, layer, DRIVE_B) + j * V)
            change = load(w, _vector(at, layer, FORCED_TOP_B) + j * V)
            change = change - load(w, _vector(at, layer, FORCED_BOTTOM_B) + j * V)
            gap, edge = size(rate - slope), slope * 0.3
            away = (beta + slope * alpha) / where_above(edge, gap, one, (rate - slope) * (rate + slope)) * (lit * beam)
            part = part + where_above(edge, gap, (change + beta * beam * lit) / (rate * rate), away)
        total = total + load(w, _vector(at, layer, FLUENCE) + j * V) * part
    if collimated:
        total = total + lit * slope * beam
    return total * load(w, _number(at, layer, ABSORPTION)) * load(w, _number(at, layer, THICKNESS)) / tau


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
            a_down, b_down = _forced_by(rate, alpha, beta, slope, depth, fade, above_fade)
            a_up, b_up = _forced_by(rate, alpha, beta, slope, rest, back_fade, below_fade)
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
    _, b_start = _forced_by(rate, alpha, beta, slope, start, fades[0], fades[1])
    _, b_end = _forced_by(rate, alpha, beta, slope, end, fades[2], fades[3])
    return where_above(edge, gap, (b_start - b_end + beta * beam) / (rate * rate), away)


@kept
def _over(w, at, layer, start, end, collimated):
    """Integral of the fluence rate over scaled depth between start and end (fractions) of a layer."""
    apart()
    n = at.n
    tau, slope = load(w, _number(at, layer, DEPTH)), load(w, _number(at, layer, SLOPE))
    down, up = load(w, _number(at, layer, DOWN)), load(w, _number(at, layer, UP))
    start, end = start * tau, end * tau
    middle, width = (start + end) * 0.5, end - start
    start_fade, end_fade = dying(0.0 - slope * start), dying(0.0 - slope * end)
    rest_start, rest_end = dying(0.0 - slope * (tau - end)), dying(0.0 - slope * (tau - start))
    total = spread(0.0)
    for j in range(n):
        rate = load(w, _vector(at, layer, RATE) + j * V)
        # 2 sinh(k x) sinh(k w / 2) / (k sinh(k T)), with x from the far end to the middle, all in falling terms
        share = (0.0 - falling(0.0 - rate * width)) / (falling(0.0 - 2.0 * rate * tau) * rate)
        mode_start, mode_end = dying(0.0 - rate * start), dying(0.0 - rate * (tau - end))
        part = load(w, _vector(at, layer, TOP_A) + j * V) * mode_start * falling(2.0 * rate * (middle - tau))
        part = part + load(w, _vector(at, layer, BOTTOM_A) + j * V) * mode_end * falling(0.0 - 2.0 * rate * middle)
        part = part * share
        if collimated:
            alpha, beta = load(w, _vector(at, layer, DRIVE_A) + j * V), load(w, _vector(at, layer, DRIVE_B) + j * V)
            fades = (start_fade, mode_start, end_fade, dying(0.0 - rate * end))
            part = part + _integral(rate, alpha, beta, slope, start, end, fades) * down
            fades = (rest_start, mode_end, rest_end, dying(0.0 - rate * (tau - start)))
            part = part + _integral(rate, alpha, beta, slope, tau - end, tau - start, fades) * up
        total = total + load(w, _vector(at, layer, FLUENCE) + j * V) * part
    if collimated:
        total = total + (start_fade * down + rest_start * up) * (0.0 - falling(0.0 - slope * width))
    return total * load(w, _number(at, layer, THICKNESS)) / tau


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
            thick = load(w, _number(at, layer, THICKNESS))
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
    spare = _work(at, W1)
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
