# mypy: ignore-errors
"""Small dense algebra on LANES matrices at once, all in one buffer: entry (i, j) of the matrix at `a` is the vector
at `a + (i * n + j) * LANES`. n is even. Loops are blocked so that what is loaded is used more than once.
"""

from __future__ import annotations

from photodose.transport._kernels.slab_vector import (
    LANES,
    any_above,
    apart,
    kept,
    larger,
    load,
    root,
    size,
    spread,
    store,
    where_above,
)

V = LANES


@kept
def product(w, a, b, c, n):
    """c = a^T b."""
    apart()
    row = n * V
    for i in range(0, n, 2):
        for j in range(0, n, 2):
            p, q = a + i * V, b + j * V
            c00 = spread(0.0)
            c01 = spread(0.0)
            c10 = spread(0.0)
            c11 = spread(0.0)
            for _ in range(n):
                a0 = load(w, p)
                a1 = load(w, p + V)
                b0 = load(w, q)
                b1 = load(w, q + V)
                c00 = c00 + a0 * b0
                c01 = c01 + a0 * b1
                c10 = c10 + a1 * b0
                c11 = c11 + a1 * b1
                p += row
                q += row
            at = c + i * row + j * V
            store(w, at, c00)
            store(w, at + V, c01)
            store(w, at + row, c10)
            store(w, at + row + V, c11)


@kept
def symmetric_product(w, a, b, c, n, triangular):
    """c = a^T b where that is symmetric; with `triangular` a and b are zero above the diagonal."""
    apart()
    row = n * V
    for i in range(0, n, 2):
        for j in range(0, i + 2, 2):
            first = i if triangular else 0
            p, q = a + first * row + i * V, b + first * row + j * V
            c00 = spread(0.0)
            c01 = spread(0.0)
            c10 = spread(0.0)
            c11 = spread(0.0)
            for _ in range(first, n):
                a0 = load(w, p)
                a1 = load(w, p + V)
                b0 = load(w, q)
                b1 = load(w, q + V)
                c00 = c00 + a0 * b0
                c01 = c01 + a0 * b1
                c10 = c10 + a1 * b0
                c11 = c11 + a1 * b1
                p += row
                q += row
            at = c + i * row + j * V
            mirrored = c + j * row + i * V
            store(w, at, c00)
            store(w, at + row + V, c11)
            store(w, at + row, c10)
            store(w, mirrored + V, c10)
            if i != j:
                store(w, at + V, c01)
                store(w, mirrored, c00)
                store(w, mirrored + row, c01)
                store(w, mirrored + row + V, c11)


@kept
def factor(w, a, n):
    """Cholesky factor of a, in place: zero above the diagonal, and on it the inverse of what belongs there."""
    apart()
    row = n * V
    for i in range(n):
        at = a + i * row
        for j in range(i):
            over = a + j * row
            rest = load(w, at + j * V)
            for k in range(j):
                rest = rest - load(w, at + k * V) * load(w, over + k * V)
            store(w, at + j * V, rest * load(w, over + j * V))
        rest = load(w, at + i * V)
        for k in range(i):
            entry = load(w, at + k * V)
            rest = rest - entry * entry
        store(w, at + i * V, 1.0 / root(rest))
        for j in range(i + 1, n):
            store(w, at + j * V, spread(0.0))


@kept
def invert_factor(w, a, c, n):
    """c = inverse of the factor that `factor` left at a, zero above the diagonal."""
    apart()
    row = n * V
    for i in range(n):
        scale = load(w, a + i * row + i * V)
        for j in range(0, i, 2):
            p, q = a + i * row + j * V, c + j * row + j * V
            c0 = spread(0.0)
            c1 = spread(0.0)
            for _ in range(j, i):
                entry = load(w, p)
                c0 = c0 - entry * load(w, q)
                c1 = c1 - entry * load(w, q + V)
                p += V
                q += row
            store(w, c + i * row + j * V, c0 * scale)
            store(w, c + i * row + (j + 1) * V, c1 * scale)
        store(w, c + i * row + i * V, scale)
        for j in range(i + 1, n):
            store(w, c + i * row + j * V, spread(0.0))


@kept
def forward(w, a, c, n, columns):
    """c = (factor at a)^-1 c, c of `columns` columns: a matrix (n) or a vector (1)."""
    apart()
    for i in range(n):
        scale = load(w, a + (i * n + i) * V)
        for j in range(columns):
            p, q = a + i * n * V, c + j * V
            rest = load(w, c + (i * columns + j) * V)
            for _ in range(i):
                rest = rest - load(w, p) * load(w, q)
                p += V
                q += columns * V
            store(w, c + (i * columns + j) * V, rest * scale)


@kept
def backward(w, a, c, n):
    """c = (factor at a)^-T c, c a vector."""
    apart()
    for i in range(n - 1, -1, -1):
        rest = load(w, c + i * V)
        for k in range(i + 1, n):
            rest = rest - load(w, a + (k * n + i) * V) * load(w, c + k * V)
        store(w, c + i * V, rest * load(w, a + (i * n + i) * V))


@kept
def apply(w, a, b, c, n):
    """c = a b, b and c vectors."""
    apart()
    for i in range(n):
        p, q = a + i * n * V, b
        c0 = spread(0.0)
        c1 = spread(0.0)
        for _ in range(0, n, 2):
            c0 = c0 + load(w, p) * load(w, q)
            c1 = c1 + load(w, p + V) * load(w, q + V)
            p += 2 * V
            q += 2 * V
        store(w, c + i * V, c0 + c1)


@kept
def apply_turned(w, a, b, c, n):
    """c = a^T b, b and c vectors."""
    apart()
    row = n * V
    for i in range(0, n, 2):
        p, q = a + i * V, b
        c0 = spread(0.0)
        c1 = spread(0.0)
        for _ in range(n):
            part = load(w, q)
            c0 = c0 + load(w, p) * part
            c1 = c1 + load(w, p + V) * part
            p += row
            q += V
        store(w, c + i * V, c0)
        store(w, c + (i + 1) * V, c1)


@kept
def eigen(w, d, e, z, turns, n):
    """Eigenvalues of symmetric tridiagonal matrices: d the diagonal, e[i] between i and i + 1; z (eigenvectors by
    rows) is turned along. Implicit QL, every lane through the same sweeps until the last has converged: a sweep too
    many is only one more orthogonal turn. Large entries belong at the end. `turns` holds 2 n vectors.
    """
    apart()
    last = n - 1
    scale = spread(0.0)
    for i in range(last):
        scale = larger(scale, size(load(w, d + i * V)) + size(load(w, e + i * V)))
    scale = scale * 1.1e-16
    for low in range(last):
        for _ in range(60):
            edge = load(w, e + low * V)
            here = load(w, d + low * V)
            after = load(w, d + (low + 1) * V)
            if not any_above(size(edge), scale):
                break
            half_gap = (after - here) * 0.5
            reach = root(half_gap * half_gap + edge * edge)
            reach = half_gap + where_above(half_gap, spread(0.0), reach, 0.0 - reach)
            reach = where_above(size(reach), spread(1e-290), reach, spread(1e-290))
            shift = here - edge * edge / reach
            below = load(w, d + last * V)
            g = below - shift
            one = spread(1.0)
            nothing = spread(0.0)
            # Where a link is negligible a block ends, and with the one above it the sweep begins anew.
            state_c = one
            state_s = one
            p = nothing
            fresh = one
            for i in range(last - 1, low - 1, -1):
                edge = load(w, e + i * V)
                f = state_s * edge
                b = state_c * edge
                square = f * f + g * g
                usual = spread(1e-290)
                r = root(square)
                inverse = 1.0 / r
                length = size(edge)
                s = where_above(square, usual, f * inverse, nothing)
                c = where_above(square, usual, g * inverse, one)
                link = where_above(length, scale, r, g)
                store(w, e + (i + 1) * V, where_above(fresh, nothing, nothing, link))
                here = load(w, d + i * V)
                g = below - p
                r = (here - g) * s + c * b * 2.0
                turned = g + s * r
                store(w, d + (i + 1) * V, where_above(length, scale, turned, g))
                p = where_above(length, scale, s * r, nothing)
                g = where_above(length, scale, c * r - b, here - shift)
                fresh = where_above(length, scale, nothing, one)
                below = here
                store(w, turns + 2 * i * V, where_above(length, scale, c, one))
                store(w, turns + (2 * i + 1) * V, where_above(length, scale, s, nothing))
                state_c = where_above(length, scale, c, one)
                state_s = where_above(length, scale, s, one)
            store(w, d + low * V, below - p)
            store(w, e + low * V, where_above(fresh, nothing, nothing, g))
            _turn(w, z, turns, low, n)


@kept
def _turn(w, z, turns, low, n):
    """Apply a sweep's rotations to the rows of z, two columns at a time."""
    apart()
    row = n * V
    for k in range(0, n, 2):
        at = z + (n - 1) * row + k * V
        c0 = load(w, at)
        c1 = load(w, at + V)
        for i in range(n - 2, low - 1, -1):
            cosine = load(w, turns + 2 * i * V)
            sine = load(w, turns + (2 * i + 1) * V)
            at -= row
            z0 = load(w, at)
            z1 = load(w, at + V)
            store(w, at + row, sine * z0 + cosine * c0)
            store(w, at + row + V, sine * z1 + cosine * c1)
            c0 = cosine * z0 - sine * c0
            c1 = cosine * z1 - sine * c1
        store(w, at, c0)
        store(w, at + V, c1)
