# mypy: ignore-errors
"""The layers of the compiled slab: delta-M, modes, what the beam drives in them, and the beam itself.

The basis is that of docs/methods/slab.md, section 9: x = M^(-1/2) Q_o xi and y = M^(1/2) Q_o eta, in which the modes
are those of a tridiagonal matrix (eq. 22) and layers of equal index need no change of basis.
"""

from __future__ import annotations

from photodose.transport._kernels.slab_algebra import apply, eigen
from photodose.transport._kernels.slab_layout import (
    ABSORPTION,
    BACK,
    DEPTH,
    DOWN,
    DRIVE_A,
    DRIVE_B,
    EVEN,
    FLUENCE,
    FORCED_BOTTOM_A,
    FORCED_BOTTOM_B,
    FORCED_TOP_A,
    FORCED_TOP_B,
    FULL,
    LAG,
    MODES,
    ODD,
    PASSED,
    RATE,
    ROOT,
    SECH,
    SLOPE,
    THICKNESS,
    THINNEST,
    UP,
    W0,
    W1,
    W4,
    W6,
    W7,
    W8,
    V,
    matrix,
    number,
    vector,
    work_vector,
)
from photodose.transport._kernels.slab_vector import (
    apart,
    dying,
    falling,
    kept,
    larger,
    load,
    root,
    size,
    spread,
    store,
    where_above,
)


@kept
def scale_medium(w, at, optics, stacks, rows, layer):
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
    store(w, number(at, layer, DEPTH), tau)
    store(w, number(at, layer, FULL), (absorption + scattering) * thickness)
    store(w, number(at, layer, ABSORPTION), absorption)
    store(w, number(at, layer, THICKNESS), thickness)
    slope = 1.0 / larger(spread(optics.cosine[medium]), spread(1e-12))
    store(w, number(at, layer, SLOPE), slope)
    power = spread(1.0)
    for degree in range(2 * n):
        moment = spread(0.0)
        if degree < count:
            moment = scale * (power - forwards)
            power = power * g
        out = work_vector(at, degree % 2) + degree // 2 * V
        store(w, out, 1.0 - moment)
        store(w, out + 2 * n * V, moment * optics.legendre[medium, degree])
    store(w, work_vector(at, W0), absorption / extinction)


@kept
def find_modes(w, at, optics, layer):
    """Eigenmodes (eq. 9 to 11 and 22) from the losses in work vectors 0 and 1; fills RATE to ODD, ROOT and MODES."""
    apart()
    n = at.n
    medium = optics.medium[layer]
    losses, odd = work_vector(at, W0), work_vector(at, W1)
    even_scale, odd_scale = work_vector(at, W4), vector(at, layer, ROOT)
    d, e = work_vector(at, W6), work_vector(at, W7)
    for i in range(n):
        store(w, even_scale + i * V, 1.0 / root(larger(load(w, losses + i * V), spread(1e-50))))
        store(w, odd_scale + i * V, 1.0 / root(load(w, odd + i * V)))
    z = matrix(at, layer, MODES)
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
    eigen(w, d, e, z, work_vector(at, W8), n)
    noise = load(w, even_scale) * load(w, odd_scale) * (1e-16 * optics.vectors[medium, 0, 0])
    noise = noise * noise * 1e14
    f = vector(at, layer, FLUENCE)
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
        store(w, vector(at, layer, RATE) + j * V, larger(1.0 / root(square), spread(1e-25)))
        store(w, f + j * V, fluence)
        store(w, vector(at, layer, EVEN) + j * V, even)
        store(w, vector(at, layer, ODD) + j * V, flux)
    for k in range(n):
        store(w, odd_scale + k * V, 1.0 / load(w, odd_scale + k * V))


@kept
def _quotient(gap, depth):
    """(1 - exp(-gap depth)) / gap, also where that is 0 / 0."""
    wide = gap * depth
    limit = spread(1e-12)
    return where_above(wide, limit, (0.0 - falling(0.0 - wide)) / where_above(wide, limit, gap, spread(1.0)), depth)


@kept
def drive(w, at, optics, layer):
    """What the beam drives (eq. 12), and the particular solution at both ends of the layer."""
    apart()
    n = at.n
    medium = optics.medium[layer]
    a, b, z = vector(at, layer, DRIVE_A), vector(at, layer, DRIVE_B), matrix(at, layer, MODES)
    for kind in range(2):
        source, out = work_vector(at, 2 + kind), work_vector(at, 6 + kind)
        for i in range(n):
            total = spread(0.0)
            for k in range(n):
                total = total + load(w, source + k * V) * optics.drives[medium, kind, i, k]
            scale = load(w, vector(at, layer, ROOT) + i * V)
            store(w, out + i * V, total * scale if kind == 0 else total / scale)
    apply(w, z, work_vector(at, W7), a, n)
    apply(w, z, work_vector(at, W6), b, n)


@kept
def _forced(w, at, layer, j, depth, fade, mode_fade):
    """Particular solution (a, b) of mode j per unit flux at a scaled depth; fade and mode_fade are the beam's and the
    mode's exponentials there."""
    rate = load(w, vector(at, layer, RATE) + j * V)
    alpha, beta = load(w, vector(at, layer, DRIVE_A) + j * V), load(w, vector(at, layer, DRIVE_B) + j * V)
    return forced_by(rate, alpha, beta, load(w, number(at, layer, SLOPE)), depth, fade, mode_fade)


@kept
def forced_by(rate, alpha, beta, slope, depth, fade, mode_fade):
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
def fades(w, at, collimated, layer):
    """tanh and cosh of every mode, and the particular solution of both beams at both ends (all zero if no beam)."""
    apart()
    tau = load(w, number(at, layer, DEPTH))
    slope, down, up = (
        load(w, number(at, layer, SLOPE)), load(w, number(at, layer, DOWN)), load(w, number(at, layer, UP))
    )  # fmt: skip
    one = spread(1.0)
    fade = dying(0.0 - slope * tau)
    for j in range(at.n):
        rate = load(w, vector(at, layer, RATE) + j * V)
        short = falling(0.0 - rate * tau)
        twice = short * (short + 2.0)
        mode_fade = dying(0.0 - rate * tau)
        store(w, vector(at, layer, LAG) + j * V, (0.0 - twice) / ((2.0 + twice) * rate))
        store(w, vector(at, layer, SECH) + j * V, 2.0 * mode_fade / (1.0 + mode_fade * mode_fade))
        near_a = near_b = far_a = far_b = spread(0.0)
        if collimated:
            near_a, near_b = _forced(w, at, layer, j, spread(0.0), one, one)
            far_a, far_b = _forced(w, at, layer, j, tau, fade, mode_fade)
        store(w, vector(at, layer, FORCED_TOP_A) + j * V, down * near_a + up * far_a)
        store(w, vector(at, layer, FORCED_TOP_B) + j * V, down * near_b - up * far_b)
        store(w, vector(at, layer, FORCED_BOTTOM_A) + j * V, down * far_a + up * near_a)
        store(w, vector(at, layer, FORCED_BOTTOM_B) + j * V, down * far_b - up * near_b)


@kept
def beams(w, at, faces, cosines, depth_kind):
    """Rays with every reflection (eq. 16): DOWN and UP of all layers; returns what leaves below."""
    apart()
    layers = at.layers
    back = spread(faces[layers])
    for layer in range(layers - 1, -1, -1):
        slope = 1.0 / max(cosines[layer], 1e-12)
        passed = dying(0.0 - load(w, number(at, layer, depth_kind)) * slope)
        store(w, number(at, layer, PASSED), passed)
        store(w, number(at, layer, BACK), back)
        face = faces[layer]
        below = back * passed * passed
        if face == 0.0:
            back = below
        else:
            back = face + (1.0 - face) * (1.0 - face) * below / larger(1.0 - face * below, spread(1e-300))
    flux = spread(1.0)
    for layer in range(layers):
        face = faces[layer]
        passed, back = load(w, number(at, layer, PASSED)), load(w, number(at, layer, BACK))
        if face != 0.0:
            flux = flux * (1.0 - face) / larger(1.0 - face * back * passed * passed, spread(1e-300))
        store(w, number(at, layer, DOWN), flux)
        flux = flux * passed
        store(w, number(at, layer, UP), flux * back)
    return flux * (1.0 - faces[layers])
