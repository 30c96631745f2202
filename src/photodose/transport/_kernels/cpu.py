# Numba erases the types of what it compiles, so a type checker has nothing to say here.
# mypy: ignore-errors
"""Packets in lockstep: the compiled kernel, written so that LLVM turns its inner loops into vector instructions.

All lanes live as rows of one buffer at constant offsets, so the compiler sees that nothing overlaps. One sweep
moves every lane by one event without a branch; the few lanes that met a face or fell under the roulette's weight are
then handled one by one. `reference.py` is the same thing said plainly, and the two must agree packet by packet.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from photodose.transport._kernels import layout as at
from photodose.transport._kernels.layout import LANES

# Rows of the lane buffer.
L = LANES
Z, UZ, W, TAU, LOW, HIGH, PATH, ALB, A, B, K, H = (row * LANES for row in range(12))
FRESH, START, X, Y, UX, UY = (row * LANES for row in range(12, 18))
NEXT, XI, CT, CP, DEPOSIT = (row * LANES for row in range(18, 23))
ROWS = 23

# Contraction into fused multiply-add only: nothing is assumed about NaN or infinity.
FAST = {"contract"}
ONE_BITS = np.uint64(0x3FF0000000000000)
MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
MAGIC_BITS = np.uint64(0x4330000000000000)
JUMPS, LONG_JUMPS = np.array(at.JUMP, dtype=np.uint64), np.array(at.LONG_JUMP, dtype=np.uint64)
NO_BITS, U1, U12, U17, U20, U23, U41, U45, U19, U52 = (np.uint64(n) for n in (0, 1, 12, 17, 20, 23, 41, 45, 19, 52))


@intrinsic
def _as_float(typingctx, bits):  # noqa: ARG001
    """The float64 with these bits."""

    def codegen(context, builder, signature, args):
        return builder.bitcast(args[0], context.get_value_type(signature.return_type))

    return types.float64(types.uint64), codegen


@intrinsic
def _as_bits(typingctx, value):  # noqa: ARG001
    """The bits of this float64."""

    def codegen(context, builder, signature, args):
        return builder.bitcast(args[0], context.get_value_type(signature.return_type))

    return types.uint64(types.float64), codegen


def _kept(function):
    """Compile, and keep the machine code on disk where the system has a place for it."""
    options = {"fastmath": FAST, "error_model": "numpy", "nogil": True}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:
        return njit(**options)(function)


def _true(context, builder):  # noqa: ARG001
    return context.get_constant(types.boolean, True)


@intrinsic
def _lowest(typingctx, bits):  # noqa: ARG001
    """The number of the lowest bit that is set; at least one must be."""

    def codegen(context, builder, signature, args):  # noqa: ARG001
        return builder.cttz(args[0], _true(context, builder))

    return types.int64(types.uint64), codegen


@intrinsic
def _highest(typingctx, bits):  # noqa: ARG001
    """The number of the highest bit that is set; at least one must be."""

    def codegen(context, builder, signature, args):  # noqa: ARG001
        zeros = builder.ctlz(args[0], _true(context, builder))
        return builder.sub(context.get_constant(types.int64, 63), zeros)

    return types.int64(types.uint64), codegen


@njit(fastmath=FAST, error_model="numpy", inline="always")
def _unit(bits):
    """A number between 0 and 1, both excluded, from the upper 52 bits: the middle of 2^52 equal steps."""
    return _as_float((bits >> U12) | ONE_BITS) - 0.99999999999999988898


@njit(fastmath=FAST, error_model="numpy", inline="always")
def _minus_log(u):
    """-log(u) for u in (0, 1), absolute error under 3e-11: exponent plus a polynomial in the mantissa."""
    bits = _as_bits(u)
    exponent = _as_float((bits >> U52) | MAGIC_BITS) - 4503599627371519.0
    t = _as_float((bits & MANTISSA) | ONE_BITS) - 1.5
    p = -0.0009097495774005057
    p = p * t + 0.0014461125010856932
    p = p * t - 0.0016355425037479809
    p = p * t + 0.002758421876887147
    p = p * t - 0.004894712083456993
    p = p * t + 0.008381528092788014
    p = p * t - 0.014630360274165928
    p = p * t + 0.026335928877980613
    p = p * t - 0.04938278179078671
    p = p * t + 0.09876548022323174
    p = p * t - 0.22222222118449678
    p = p * t + 0.6666666662328664
    p = p * t + 0.40546510810549674
    return -(exponent * 0.6931471805599453 + p)


@njit(fastmath=FAST, error_model="numpy", inline="always")
def _sin_pi(p):
    """sin(pi p) for |p| <= 1/2, absolute error under 1e-12."""
    y = p * p
    s = 0.0004474946022745733
    s = s * y - 0.007364007338980537
    s = s * y + 0.08214479518922478
    s = s * y - 0.5992644340018057
    s = s * y + 2.550164035910489
    s = s * y - 5.167712779988032
    return p * (s * y + 3.141592653589637)


@njit(fastmath=FAST, error_model="numpy", inline="always")
def _cos_pi(p):
    """cos(pi p) for |p| <= 1/2, absolute error under 1e-12."""
    y = p * p
    c = 0.0018400045942404103
    c = c * y - 0.025776327768470594
    c = c * y + 0.23532543976264567
    c = c * y - 1.335262315669517
    c = c * y + 4.05871210756094
    c = c * y - 4.934802200250337
    return c * y + 0.9999999999992495


@njit(fastmath=FAST, error_model="numpy", inline="always")
def _rotl(x, k, back):
    return (x << k) | (x >> back)


@njit(fastmath=FAST, error_model="numpy")
def _draw_one(G, lane):
    """One uniform number of this lane, for what happens rarely."""
    s0, s1, s2, s3 = G[lane], G[L + lane], G[2 * L + lane], G[3 * L + lane]
    result = _rotl(s0 + s3, U23, U41) + s0
    t = s1 << U17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = _rotl(s3, U45, U19)
    G[lane], G[L + lane], G[2 * L + lane], G[3 * L + lane] = s0, s1, s2, s3
    return _unit(result)


@njit(fastmath=FAST, error_model="numpy")
def _jump(s, polynomial):
    """Move a generator as far ahead as the jump polynomial says."""
    a, b, c, d = NO_BITS, NO_BITS, NO_BITS, NO_BITS
    s0, s1, s2, s3 = s[0], s[1], s[2], s[3]
    for word in polynomial:
        for bit in range(64):
            if (word >> np.uint64(bit)) & U1:
                a ^= s0
                b ^= s1
                c ^= s2
                d ^= s3
            t = s1 << U17
            s2 ^= s0
            s3 ^= s1
            s1 ^= s2
            s0 ^= s3
            s2 ^= t
            s3 = _rotl(s3, U45, U19)
    s[0], s[1], s[2], s[3] = a, b, c, d


@njit(fastmath=FAST, error_model="numpy")
def _seed_lanes(state, G):
    """Each lane's generator stands 2^128 draws behind the one before; `state` belongs to lane 0."""
    s = state.copy()
    for lane in range(L):
        for k in range(4):
            G[k * L + lane] = s[k]
        _jump(s, JUMPS)


@_kept
def next_block(state):
    """The generator of the block after, 2^192 draws ahead; `state` has shape (4,), uint64."""
    s = state.copy()
    _jump(s, LONG_JUMPS)
    return s


@njit(fastmath=FAST, error_model="numpy")
def _draw(S, G, n):
    """Two draws per lane: the next optical path, the scattering cosine and the azimuth (or, at a face, one number)."""
    for i in range(n):
        s0, s1, s2, s3 = G[i], G[L + i], G[2 * L + i], G[3 * L + i]
        first = _rotl(s0 + s3, U23, U41) + s0
        t = s1 << U17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = _rotl(s3, U45, U19)
        second = _rotl(s0 + s3, U23, U41) + s0
        t = s1 << U17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = _rotl(s3, U45, U19)
        G[i], G[L + i], G[2 * L + i], G[3 * L + i] = s0, s1, s2, s3
        S[NEXT + i] = _minus_log(_unit(first))
        xi = _as_float(((second >> U32) << U20) | ONE_BITS) - HALF_STEP
        q = 1.0 / (1.0 + S[K + i] * xi)
        S[XI + i] = xi
        S[CT + i] = S[A + i] + S[B + i] * q * q + S[H + i] * xi
        S[CP + i] = _as_float(((second & LOW32) << U20) | ONE_BITS) - (1.5 - 1.1641532182693481e-10)


U32, LOW32 = np.uint64(32), np.uint64(0xFFFFFFFF)
HALF_STEP = 1.0 - 1.1641532182693481e-10


@njit(fastmath=FAST, error_model="numpy")
def _move_planar(S, n, weight_min):
    """Every lane to its collision and through it; lanes that a face stops first are only marked.

    Returns two sets of lanes as bits: those stopped by a face, and those too light after their collision.
    """
    halted, light = NO_BITS, NO_BITS
    for i in range(n):
        z, uz, w = S[Z + i], S[UZ + i], S[W + i]
        there = z + uz * (S[TAU + i] * S[PATH + i])
        stopped = (there < S[LOW + i]) | (there > S[HIGH + i])
        ct = S[CT + i]
        half = _sin_pi(S[CP + i])
        sines = (1.0 - uz * uz) * (1.0 - ct * ct)
        sines = sines if sines > 0.0 else 0.0
        turned = uz * ct - math.sqrt(sines) * (1.0 - 2.0 * half * half)
        turned = turned if turned < 1.0 else 1.0
        turned = turned if turned > -1.0 else -1.0
        less = w * S[ALB + i]
        faint = (less < weight_min) & (not stopped)
        S[Z + i] = z if stopped else there
        S[UZ + i] = uz if stopped else turned
        S[W + i] = w if stopped else less
        S[TAU + i] = S[TAU + i] if stopped else S[NEXT + i]
        S[FRESH + i] = S[FRESH + i] if stopped else 0.0
        halted |= (U1 if stopped else NO_BITS) << np.uint64(i)
        light |= (U1 if faint else NO_BITS) << np.uint64(i)
    return halted, light


@njit(fastmath=FAST, error_model="numpy")
def _move_radial(S, n, settings, plan, BIN):
    """As `_move_planar`, with all three coordinates; marks in BIN the grid bin of the collision."""
    weight_min, radial_step, depth_step = settings[at.WEIGHT_MIN], settings[at.RADIAL_STEP], settings[at.DEPTH_STEP]
    columns = np.int32(plan[at.DEPTH_BINS] + 1)
    most_r, most_z = float(plan[at.RADIAL_BINS]), float(plan[at.DEPTH_BINS])
    halted, light = NO_BITS, NO_BITS
    for i in range(n):
        z, ux, uy, uz, w = S[Z + i], S[UX + i], S[UY + i], S[UZ + i], S[W + i]
        path = S[TAU + i] * S[PATH + i]
        there = z + uz * path
        stopped = (there < S[LOW + i]) | (there > S[HIGH + i])
        ct = S[CT + i]
        st = 1.0 - ct * ct
        st = math.sqrt(st if st > 0.0 else 0.0)
        half, other = _sin_pi(S[CP + i]), _cos_pi(S[CP + i])
        stcp, stsp = st * (1.0 - 2.0 * half * half), st * (2.0 * half * other)
        across = math.sqrt(ux * ux + uy * uy)
        steep = across < 1e-10
        inverse = 1.0 / (across if across > 1e-10 else 1.0)
        ax, ay = ux * inverse, uy * inverse
        ax = 1.0 if steep else ax
        turned_x = ax * uz * stcp - ay * stsp + ux * ct
        turned_y = ay * uz * stcp + ax * stsp + uy * ct
        turned = uz * ct - across * stcp
        turned = turned if turned < 1.0 else 1.0
        turned = turned if turned > -1.0 else -1.0
        less = w * S[ALB + i]
        faint = (less < weight_min) & (not stopped)
        x, y = S[X + i] + ux * path, S[Y + i] + uy * path
        r_bin = math.sqrt(x * x + y * y) * radial_step
        r_bin = r_bin if r_bin < most_r else most_r
        z_bin = there * depth_step
        z_bin = z_bin if z_bin < most_z else most_z
        z_bin = z_bin if z_bin > 0.0 else 0.0
        BIN[i] = np.int32(r_bin) * columns + np.int32(z_bin)
        S[DEPOSIT + i] = 0.0 if stopped else w
        S[X + i] = S[X + i] if stopped else x
        S[Y + i] = S[Y + i] if stopped else y
        S[Z + i] = z if stopped else there
        S[UX + i] = ux if stopped else turned_x
        S[UY + i] = uy if stopped else turned_y
        S[UZ + i] = uz if stopped else turned
        S[W + i] = w if stopped else less
        S[TAU + i] = S[TAU + i] if stopped else S[NEXT + i]
        S[FRESH + i] = S[FRESH + i] if stopped else 0.0
        halted |= (U1 if stopped else NO_BITS) << np.uint64(i)
        light |= (U1 if faint else NO_BITS) << np.uint64(i)
    return halted, light


@njit(fastmath=FAST, error_model="numpy")
def _deposit(S, BIN, n, plan, out):
    """Add the collisions of one sweep to the grids: what was absorbed, and weight over extinction."""
    at_absorbed, at_fluence = plan[at.AT_GRID_ABSORBED], plan[at.AT_GRID_FLUENCE]
    if plan[at.GRID_ABSORBED]:
        for i in range(n):
            out[at_absorbed + BIN[i]] += S[DEPOSIT + i] * (1.0 - S[ALB + i])
    if plan[at.GRID_FLUENCE]:
        for i in range(n):
            out[at_fluence + BIN[i]] += S[DEPOSIT + i] * S[PATH + i]


@njit(fastmath=FAST, error_model="numpy")
def _phase_tables(S, C, n, cells, tables):
    """Scattering cosines of the lanes in layers that do not scatter by plain Henyey-Greenstein."""
    for i in range(n):
        row = int(cells[C[i], at.CELL_PHASE])
        if row < 0:
            continue
        xi = S[XI + i]
        if tables[row, 0] == at.PHASE_MODIFIED_HG:
            share, g = tables[row, 1], tables[row, 2]
            if xi < share:
                q = (1.0 - g * g) / (1.0 - g + 2.0 * g * (xi / share))
                S[CT + i] = (1.0 + g * g - q * q) / (2.0 * g) if abs(g) > 1e-6 else 2.0 * (xi / share) - 1.0
            else:
                S[CT + i] = np.cbrt(2.0 * (xi - share) / (1.0 - share) - 1.0)
        else:
            S[CT + i] = _sample_table(tables, row + 1, int(tables[row, 1]), xi)


@njit(fastmath=FAST, error_model="numpy")
def _sample_table(tables, first, count, xi):
    """The place where the cumulative of a piecewise linear density reaches xi, solved exactly."""
    low, high = first, first + count - 1
    while high - low > 1:
        middle = (low + high) // 2
        if tables[middle, at.TABLE_CUMULATIVE] <= xi:
            low = middle
        else:
            high = middle
    x0, x1 = tables[low, at.TABLE_COSINE], tables[high, at.TABLE_COSINE]
    f0, f1 = tables[low, at.TABLE_VALUE], tables[high, at.TABLE_VALUE]
    rest = xi - tables[low, at.TABLE_CUMULATIVE]
    slope = (f1 - f0) / (x1 - x0)
    root = math.sqrt(max(f0 * f0 + 2.0 * slope * rest, 0.0))
    step = 2.0 * rest / (f0 + root) if f0 + root > 0.0 else 0.0
    return min(x0 + step, x1)


@njit(fastmath=FAST, error_model="numpy")
def _fresnel(mu, n1, n2):
    """Reflectance of unpolarised light and the refracted cosine."""
    ratio = n1 / n2
    squared = 1.0 - ratio * ratio * (1.0 - mu * mu)
    if squared <= 0.0:
        return 1.0, 0.0
    nu = math.sqrt(squared)
    s = (n1 * mu - n2 * nu) / (n1 * mu + n2 * nu)
    p = (n1 * nu - n2 * mu) / (n1 * nu + n2 * mu)
    return 0.5 * (s * s + p * p), nu


@njit(fastmath=FAST, error_model="numpy")
def _exit_bin(S, i, mu, plan, radial_step):
    """Bin of radius and polar angle where a packet leaves."""
    angles = plan[at.ANGLE_BINS]
    angle = min(int(math.acos(min(mu, 1.0)) * (angles / (0.5 * math.pi))), angles - 1)
    if not plan[at.WITH_RADIUS]:
        return angle
    r = math.sqrt(S[X + i] * S[X + i] + S[Y + i] * S[Y + i]) * radial_step
    return int(min(r, float(plan[at.RADIAL_BINS]))) * angles + angle


@njit(fastmath=FAST, error_model="numpy")
def _enter(S, C, i, cells, cell):
    """Give a lane the constants of the cell it enters: the first eight columns of `cells`."""
    C[i] = cell
    row = np.uint64(cell)
    S[LOW + i], S[HIGH + i], S[PATH + i], S[ALB + i] = (
        cells[row, at.Z_TOP],
        cells[row, at.Z_BOTTOM],
        cells[row, at.FREE_PATH],
        cells[row, at.ALBEDO],
    )
    S[A + i], S[B + i], S[K + i], S[H + i] = (
        cells[row, at.HG_A],
        cells[row, at.HG_B],
        cells[row, at.HG_K],
        cells[row, at.HG_H],
    )


@njit(fastmath=FAST, error_model="numpy")
def _launch(S, G, C, i, cells, source, tables, plan, out):
    """Start a packet in lane i: direction and place from the source, less what the surface reflects."""
    mu, ux, uy = source[at.SOURCE_COSINE], 0.0, 0.0
    if source[at.DIRECTION] != at.COLLIMATED:
        xi = _draw_one(G, i)
        if source[at.DIRECTION] == at.ANGLE_TABLE:
            mu = _sample_table(tables, 0, int(source[at.SOURCE_TABLE_ROWS]), xi)
        else:
            mu = xi ** (1.0 / (source[at.SOURCE_ORDER] + 1.0))
    reflected, nu = _fresnel(mu, source[at.OUTSIDE_INDEX], cells[0, at.CELL_INDEX])
    out[at.SPECULAR] += reflected
    out[at.LAUNCHED] += 1.0
    weight = 1.0 - reflected
    S[Z + i], S[UZ + i], S[W + i], S[START + i], S[FRESH + i] = 0.0, nu, weight, weight, 1.0
    if plan[at.WITH_RADIUS]:
        across = math.sqrt(max(1.0 - nu * nu, 0.0))
        ux = across
        if source[at.DIRECTION] != at.COLLIMATED:
            turn = 2.0 * math.pi * _draw_one(G, i)
            ux, uy = across * math.cos(turn), across * math.sin(turn)
        S[X + i], S[Y + i], S[UX + i], S[UY + i] = 0.0, 0.0, ux, uy
        if source[at.PROFILE] != 0.0:
            xi, turn = _draw_one(G, i), 2.0 * math.pi * _draw_one(G, i)
            r = math.sqrt(xi) if source[at.PROFILE] == at.DISK else math.sqrt(-0.5 * math.log(xi))
            S[X + i], S[Y + i] = source[at.RADIUS] * r * math.cos(turn), source[at.RADIUS] * r * math.sin(turn)
    _enter(S, C, i, cells, 0)
    S[TAU + i] = _minus_log(_draw_one(G, i))
    out[int(source[at.SURFACE_PLANE])] += weight / (nu if nu >= at.GRAZING_COSINE else 0.5 * at.GRAZING_COSINE)


@njit(fastmath=FAST, error_model="numpy")
def _meet_face(S, C, i, cells, gates, plan, out):
    """Take lane i to the face that stops it, and through it or back; True if the packet leaves.

    Without branches but the last: which way a packet goes is a coin toss that no processor predicts. Choices are made
    by arithmetic and by index, because a conditional expression over loads or divisions is compiled to a jump.
    """
    z, uz, w, cell = S[Z + i], S[UZ + i], S[W + i], C[i]
    here = np.uint64(cell)
    down = np.int64(uz > 0.0)
    gate = np.uint64(2 * cell + down)
    bound = S[LOW + i + down * (HIGH - LOW)]
    mu = abs(uz)
    path = (bound - z) / uz
    left = S[TAU + i] - path * cells[here, at.EXTINCTION]
    n1, n2 = gates[gate, at.INDEX_FROM], gates[gate, at.INDEX_TO]
    onward = gates[gate, at.NEXT_CELL]
    ratio = n1 / n2
    squared = 1.0 - ratio * ratio * (1.0 - mu * mu)
    nu = math.sqrt(max(squared, 0.0))
    s, p = (n1 * mu - n2 * nu) / (n1 * mu + n2 * nu), (n1 * nu - n2 * mu) / (n1 * nu + n2 * mu)
    step = 1.0 if n1 != n2 else 0.0
    reflected = step * (0.5 * (s * s + p * p) if squared > 0.0 else 1.0)
    nu = nu if n1 != n2 else mu
    back = 1.0 if S[XI + i] < reflected else 0.0
    near = w / (mu if mu >= at.GRAZING_COSINE else 0.5 * at.GRAZING_COSINE)
    far = w / (nu if nu >= at.GRAZING_COSINE else 0.5 * at.GRAZING_COSINE)
    out[np.uint64(gates[gate, at.NEAR])] += near * (1.0 + back)
    out[np.uint64(gates[gate, at.FAR])] += far * (1.0 - back)
    out[np.uint64(cells[here, at.CELL_TALLY])] += S[START + i] - w
    after = mu if back != 0.0 else nu
    beyond = np.int64(float(cell) * back + onward * (1.0 - back))
    S[START + i], S[Z + i] = w, bound
    S[UZ + i] = math.copysign(after, uz) * (1.0 - 2.0 * back)
    S[TAU + i] = max(left, 0.0)
    if plan[at.WITH_RADIUS]:
        bend = back + ratio * (1.0 - back)
        S[X + i] += S[UX + i] * path
        S[Y + i] += S[UY + i] * path
        S[UX + i] *= bend
        S[UY + i] *= bend
    if beyond < 0 or beyond >= cells.shape[0]:
        return True
    _enter(S, C, i, cells, beyond)
    return False


@njit(fastmath=FAST, error_model="numpy")
def _leave(S, i, plan, radial_step, out):
    """Count a packet that has left through the top or the bottom."""
    uz, w = S[UZ + i], S[W + i]
    where = _exit_bin(S, i, uz if uz > 0.0 else -uz, plan, radial_step)
    if uz > 0.0:
        out[at.DIRECT if S[FRESH + i] == 1.0 else at.TRANSMITTED] += w
        out[plan[at.AT_BOTTOM] + where] += w
    else:
        out[at.REFLECTED] += w
        out[plan[at.AT_TOP] + where] += w


@njit(fastmath=FAST, error_model="numpy")
def _roulette(S, G, C, i, cells, survival, out):
    """Let a light packet end, or go on with its weight raised; True if it ended."""
    w = S[W + i]
    out[int(cells[C[i], at.CELL_TALLY])] += S[START + i] - w
    if w > 0.0 and _draw_one(G, i) < survival:
        raised = w / survival
        out[at.ROULETTE_GAIN] += raised - w
        S[W + i] = raised
        S[START + i] = raised
        return False
    out[at.ROULETTE_LOSS] += w
    return True


@njit(fastmath=FAST, error_model="numpy")
def _move_lane(S, G, C, source_lane, target):
    for row in range(ROWS):
        S[row * L + target] = S[row * L + source_lane]
    for row in range(4):
        G[row * L + target] = G[row * L + source_lane]
    C[target] = C[source_lane]


@_kept
def run_block(cells, gates, source, tables, settings, plan, state, out):
    """Send one block of packets through the medium and add what they did to `out`.

    Parameters
    ----------
    cells, gates, source, tables, settings : float64 arrays
        The medium and the source, columns as in `layout`.
    plan : int64 array, shape (PLAN_SIZE,)
        Packets of this block, kinds and starts of the tallies.
    state : uint64 array, shape (4,)
        Generator of the block's first lane.
    out : float64 array, shape (plan[OUTPUT_SIZE],)
        Tallies; sums of weight.
    """
    S, G = np.zeros(ROWS * L), np.zeros(4 * L, dtype=np.uint64)
    C, BIN = np.zeros(L, dtype=np.int64), np.zeros(L, dtype=np.int32)
    _seed_lanes(state, G)
    weight_min, survival = settings[at.WEIGHT_MIN], settings[at.SURVIVAL]
    radial_step = settings[at.RADIAL_STEP]
    radial, grids = plan[at.WITH_RADIUS] != 0, plan[at.GRID_ABSORBED] + plan[at.GRID_FLUENCE] > 0
    special = False
    for cell in range(cells.shape[0]):
        special = special or cells[cell, at.CELL_PHASE] >= 0.0
    waiting = plan[at.PACKETS]
    n = min(L, waiting)
    for i in range(n):
        _launch(S, G, C, i, cells, source, tables, plan, out)
    waiting -= n
    events = 0
    while n > 0:
        events += n
        _draw(S, G, n)
        if special:
            _phase_tables(S, C, n, cells, tables)
        if radial:
            halted, light = _move_radial(S, n, settings, plan, BIN)
            if grids:
                _deposit(S, BIN, n, plan, out)
        else:
            halted, light = _move_planar(S, n, weight_min)
        done = NO_BITS
        while halted:
            i = _lowest(halted)
            halted &= halted - U1
            if _meet_face(S, C, i, cells, gates, plan, out):
                _leave(S, i, plan, radial_step, out)
                done |= U1 << np.uint64(i)
        while light:
            i = _lowest(light)
            light &= light - U1
            if _roulette(S, G, C, i, cells, survival, out):
                done |= U1 << np.uint64(i)
        while done and waiting > 0:
            i = _lowest(done)
            done &= done - U1
            waiting -= 1
            _launch(S, G, C, i, cells, source, tables, plan, out)
        while done:
            i = _highest(done)
            done ^= U1 << np.uint64(i)
            n -= 1
            if i != n:
                _move_lane(S, G, C, n, i)
    out[at.EVENTS] += events
    out[at.NOWHERE] = 0.0
