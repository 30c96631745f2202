# mypy: ignore-errors
"""The elimination of the compiled slab: up through layers and index steps, then down again (eq. 20 and 23)."""

from __future__ import annotations

from photodose.transport._kernels.slab_algebra import (
    apply,
    apply_turned,
    backward,
    factor,
    forward,
    invert_factor,
    product,
    symmetric_product,
)
from photodose.transport._kernels.slab_layers import beams, drive, fades, find_modes, scale_medium
from photodose.transport._kernels.slab_layout import (
    ABOVE,
    ABOVE_RIGHT,
    BELOW,
    BELOW_RIGHT,
    BOTTOM_A,
    BOTTOM_B,
    DEPTH,
    FORCED_BOTTOM_A,
    FORCED_BOTTOM_B,
    FORCED_TOP_A,
    FORCED_TOP_B,
    FULL,
    INVERSE,
    LAG,
    MODAL,
    MODES,
    RATE,
    ROOT,
    SECH,
    SLOPE,
    SOURCE,
    TOP_A,
    TOP_B,
    UP,
    W0,
    W1,
    W2,
    W3,
    W6,
    W7,
    V,
    matrix,
    number,
    step_matrix,
    vector,
    work,
    work_vector,
)
from photodose.transport._kernels.slab_vector import apart, dying, kept, load, root, spread, store


@kept
def _up_layer(w, at, layer):
    """Admittance (work matrix 0) and source (work vector 0) from a layer's bottom to its top (eq. 20)."""
    apart()
    n = at.n
    z, scaled, right, third = work(at, W0), work(at, W1), work(at, W2), work(at, W3)
    modes, modal, inverse = matrix(at, layer, MODES), matrix(at, layer, MODAL), matrix(at, layer, INVERSE)
    s, v, u = work_vector(at, W0), work_vector(at, W6), work_vector(at, W7)
    roots = vector(at, layer, ROOT)
    lag, sech, rate = vector(at, layer, LAG), vector(at, layer, SECH), vector(at, layer, RATE)
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
    top, hold = work_vector(at, W1), work_vector(at, W2)
    for i in range(n):
        store(w, hold + i * V, load(w, vector(at, layer, SOURCE) + i * V) * load(w, v + i * V))
    apply(w, inverse, hold, top, n)
    for i in range(n):
        scale = load(w, sech + i * V) * load(w, u + i * V)
        here = right + i * n * V
        for j in range(n):
            store(w, here + j * V, load(w, here + j * V) * scale * (load(w, sech + j * V) * load(w, u + j * V)))
        k = load(w, rate + i * V)
        store(w, here + i * V, load(w, here + i * V) + k * k * load(w, lag + i * V))
        store(w, top + i * V, load(w, top + i * V) * scale + load(w, vector(at, layer, FORCED_TOP_B) + i * V))
    apply(w, right, vector(at, layer, FORCED_TOP_A), hold, n)
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
    s, roots, hold = work_vector(at, W0), vector(at, layer, ROOT), work_vector(at, W1)
    source = vector(at, layer, SOURCE)
    for k in range(n):
        store(w, hold + k * V, load(w, s + k * V) * load(w, roots + k * V))
    apply(w, matrix(at, layer, MODES), hold, source, n)
    apply(w, matrix(at, layer, MODAL), vector(at, layer, FORCED_BOTTOM_A), hold, n)
    for i in range(n):
        forced = load(w, hold + i * V) - load(w, vector(at, layer, FORCED_BOTTOM_B) + i * V)
        store(w, source + i * V, load(w, source + i * V) + forced)


@kept
def _up_step(w, at, optics, step):
    """Admittance and source seen from above an index step (eq. 23)."""
    apart()
    n = at.n
    z, s = work(at, W0), work_vector(at, W0)
    below, below_right = step_matrix(at, step, BELOW), step_matrix(at, step, BELOW_RIGHT)
    above, above_right = step_matrix(at, step, ABOVE), step_matrix(at, step, ABOVE_RIGHT)
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
    loss = work(at, W1)
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
    x, hold, passed = work_vector(at, W0), work_vector(at, W1), work_vector(at, W2)
    v = at.step_vectors + 2 * step * n * V
    u = v + n * V
    apply(w, step_matrix(at, step, ABOVE_RIGHT), x, hold, n)
    for i in range(n):
        store(w, hold + i * V, load(w, hold + i * V) + load(w, u + i * V))
    backward(w, step_matrix(at, step, ABOVE), hold, n)
    apply(w, step_matrix(at, step, BELOW_RIGHT), hold, passed, n)
    for i in range(n):
        store(w, x + i * V, 2.0 * load(w, passed + i * V) - load(w, v + i * V))
    backward(w, step_matrix(at, step, BELOW), x, n)


@kept
def _down_layer(w, at, layer):
    """Amplitudes at both ends of a layer, and the even part (work vector 0) from its top to its bottom."""
    apart()
    n = at.n
    x, hold, other = work_vector(at, W0), work_vector(at, W1), work_vector(at, W2)
    roots = vector(at, layer, ROOT)
    top, bottom = vector(at, layer, TOP_A), vector(at, layer, BOTTOM_A)
    odd_top, odd_bottom = vector(at, layer, TOP_B), vector(at, layer, BOTTOM_B)
    for k in range(n):
        store(w, hold + k * V, load(w, x + k * V) / load(w, roots + k * V))
    apply(w, matrix(at, layer, MODES), hold, top, n)
    for j in range(n):
        lag, sech = load(w, vector(at, layer, LAG) + j * V), load(w, vector(at, layer, SECH) + j * V)
        here = load(w, top + j * V) - load(w, vector(at, layer, FORCED_TOP_A) + j * V)
        store(w, top + j * V, here)
        rest = sech * here - lag * load(w, vector(at, layer, SOURCE) + j * V)
        store(w, hold + j * V, rest / root(lag))
    apply(w, matrix(at, layer, INVERSE), hold, bottom, n)
    for j in range(n):
        store(w, bottom + j * V, load(w, bottom + j * V) * root(load(w, vector(at, layer, LAG) + j * V)))
    apply(w, matrix(at, layer, MODAL), bottom, odd_bottom, n)
    for j in range(n):
        lag, sech = load(w, vector(at, layer, LAG) + j * V), load(w, vector(at, layer, SECH) + j * V)
        rate = load(w, vector(at, layer, RATE) + j * V)
        below = load(w, odd_bottom + j * V) + load(w, vector(at, layer, SOURCE) + j * V)
        store(w, odd_bottom + j * V, below)
        store(w, odd_top + j * V, rate * rate * lag * load(w, top + j * V) + sech * below)
        forced = load(w, vector(at, layer, FORCED_BOTTOM_A) + j * V)
        store(w, other + j * V, load(w, bottom + j * V) + forced)
    apply_turned(w, matrix(at, layer, MODES), other, x, n)
    for k in range(n):
        store(w, x + k * V, load(w, x + k * V) * load(w, roots + k * V))


@kept
def solve(w, at, optics, stacks, rows):
    """Solve one group: everything that the evaluation below needs, and (reflectance, transmittance, direct)."""
    apart()
    n, layers = at.n, at.layers
    for layer in range(layers):
        scale_medium(w, at, optics, stacks, rows, layer)
        find_modes(w, at, optics, layer)
        if optics.collimated:
            drive(w, at, optics, layer)
    direct = spread(0.0)
    beam_out = beam_back = spread(0.0)
    if optics.collimated:
        direct = beams(w, at, optics.faces, optics.cosine[optics.medium], FULL)
        beam_out = beams(w, at, optics.faces, optics.cosine[optics.medium], DEPTH)
        first = load(w, number(at, 0, UP)) * dying(0.0 - load(w, number(at, 0, DEPTH)) * load(w, number(at, 0, SLOPE)))
        beam_back = first * (1.0 - optics.faces[0])
    else:
        for ray in range(len(optics.ray_power)):
            passed = beams(w, at, optics.ray_faces[ray], optics.ray_cosine[ray], FULL)
            direct = direct + passed * optics.ray_power[ray]
    z, s = work(at, W0), work_vector(at, W0)
    for i in range(n):
        store(w, s + i * V, spread(0.0))
        for j in range(n):
            store(w, z + (i * n + j) * V, spread(optics.ends[1, i, j]))
    for layer in range(layers - 1, -1, -1):
        fades(w, at, optics.collimated, layer)
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
    z, s, closed = work(at, W0), work_vector(at, W0), work(at, W1)
    even, odd = work_vector(at, W1), work_vector(at, W2)
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
