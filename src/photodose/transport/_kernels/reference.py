"""The packet walk said plainly, one packet and one step at a time, in nothing but Python and numpy.

It is slow and it is the meaning of `cpu.py`: same arguments, same random numbers, same answers to rounding. LANES
packets take turns, one event each, because each turn's generator belongs to a lane and not to a packet.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photodose.transport._kernels import layout as at

FloatArray = NDArray[np.float64]

MASK = (1 << 64) - 1


class Xoshiro:
    """xoshiro256++ 1.0 (Blackman and Vigna 2021, doi 10.1145/3460772) on Python integers."""

    def __init__(self, state: list[int]) -> None:
        self.state = list(state)

    def next_bits(self) -> int:
        """The next 64 bits."""
        s0, s1, s2, s3 = self.state
        result = (_rotated((s0 + s3) & MASK, 23) + s0) & MASK
        t = (s1 << 17) & MASK
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        self.state = [s0, s1, s2, _rotated(s3, 45)]
        return result

    def next_unit(self) -> float:
        """A uniform number between 0 and 1, both excluded: the middle of one of 2^52 steps."""
        return ((self.next_bits() >> 12) + 0.5) / 2.0**52

    def jumped(self, polynomial: tuple[int, ...] = at.JUMP) -> Xoshiro:
        """The generator 2^128 draws ahead (or as far as another jump polynomial goes)."""
        walker, total = Xoshiro(self.state), [0, 0, 0, 0]
        for word in polynomial:
            for bit in range(64):
                if word >> bit & 1:
                    total = [a ^ b for a, b in zip(total, walker.state, strict=True)]
                walker.next_bits()
        return Xoshiro(total)


def _rotated(x: int, k: int) -> int:
    return ((x << k) | (x >> (64 - k))) & MASK


def next_block(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The generator of the block after, 2^192 draws ahead."""
    jumped = Xoshiro([int(word) for word in state]).jumped(at.LONG_JUMP)
    return np.array(jumped.state, dtype=np.uint64)


class Packet:
    """Where a packet is, where it goes, what it weighs."""

    def __init__(self, generator: Xoshiro) -> None:
        self.generator = generator
        self.position = np.zeros(3)
        self.direction = np.array([0.0, 0.0, 1.0])
        self.weight = self.weight_at_entry = 0.0
        self.optical_path = 0.0
        self.cell = 0
        self.scattered = False


def run_block(
    cells: FloatArray,
    gates: FloatArray,
    source: FloatArray,
    tables: FloatArray,
    settings: FloatArray,
    plan: NDArray[np.int64],
    state: NDArray[np.uint64],
    out: FloatArray,
) -> None:
    """Send one block of packets through the medium and add what they did to `out`; arguments as in `cpu.run_block`."""
    world = {"cells": cells, "gates": gates, "source": source, "tables": tables, "settings": settings, "plan": plan}
    generator = Xoshiro([int(word) for word in state])
    waiting, walking = int(plan[at.PACKETS]), []
    for _ in range(at.LANES):
        if waiting == 0:
            break
        packet = Packet(generator)
        generator, waiting = generator.jumped(), waiting - 1
        launch(packet, world, out)
        walking.append(packet)
    while walking:
        for packet in walking:
            out[at.EVENTS] += 1
            if not step(packet, world, out):
                packet.weight = -1.0
        for packet in [each for each in walking if each.weight < 0.0]:
            if waiting > 0:
                launch(packet, world, out)
                waiting -= 1
            else:
                walking.remove(packet)
    out[at.NOWHERE] = 0.0


def launch(packet: Packet, world: dict[str, Any], out: FloatArray) -> None:
    """Start a new packet: direction and place from the source, less what the surface reflects."""
    source, draw = world["source"], packet.generator.next_unit
    mu, turn = source[at.SOURCE_COSINE], 0.0
    if source[at.DIRECTION] == at.COSINE_POWER:
        mu = draw() ** (1.0 / (source[at.SOURCE_ORDER] + 1.0))
    elif source[at.DIRECTION] == at.ANGLE_TABLE:
        mu = table_sample(world["tables"][: int(source[at.SOURCE_TABLE_ROWS])], draw())
    n1, n2 = source[at.OUTSIDE_INDEX], world["cells"][0, at.CELL_INDEX]
    reflected, nu = fresnel(mu, n1, n2)
    out[at.LAUNCHED] += 1.0
    out[at.SPECULAR] += reflected
    x = y = 0.0
    if world["plan"][at.WITH_RADIUS]:
        if source[at.DIRECTION] != at.COLLIMATED:
            turn = 2.0 * math.pi * draw()
        if source[at.PROFILE] != at.PENCIL:
            xi, where = draw(), 2.0 * math.pi * draw()
            r = math.sqrt(xi) if source[at.PROFILE] == at.DISK else math.sqrt(-0.5 * math.log(xi))
            x, y = source[at.RADIUS] * r * math.cos(where), source[at.RADIUS] * r * math.sin(where)
    across = math.sqrt(max(1.0 - nu * nu, 0.0))
    packet.position = np.array([x, y, 0.0])
    packet.direction = np.array([across * math.cos(turn), across * math.sin(turn), nu])
    packet.weight = packet.weight_at_entry = 1.0 - reflected
    packet.cell, packet.scattered = 0, False
    packet.optical_path = -math.log(draw())
    out[int(source[at.SURFACE_PLANE])] += plane_score(packet.weight, nu)


def step(packet: Packet, world: dict[str, Any], out: FloatArray) -> bool:
    """One event: a collision, or a face on the way to it. False when the packet is no more."""
    cell = world["cells"][packet.cell]
    next_path = -math.log(packet.generator.next_unit())
    bits = packet.generator.next_bits()
    xi, azimuth = ((bits >> 32) + 0.5) / 2.0**32, 2.0 * math.pi * (((bits & 0xFFFFFFFF) + 0.5) / 2.0**32 - 0.5)
    target = packet.position + packet.direction * (packet.optical_path * cell[at.FREE_PATH])
    if target[2] < cell[at.Z_TOP] or target[2] > cell[at.Z_BOTTOM]:
        return meet_face(packet, xi, world, out)
    packet.position = target
    collide(packet, xi, azimuth, world, out)
    packet.optical_path = next_path
    if packet.weight < world["settings"][at.WEIGHT_MIN]:
        return roulette(packet, world, out)
    return True


def collide(packet: Packet, xi: float, azimuth: float, world: dict[str, Any], out: FloatArray) -> None:
    """Leave the absorbed share of the weight here, and turn."""
    cell, plan, settings = world["cells"][packet.cell], world["plan"], world["settings"]
    if plan[at.WITH_RADIUS]:
        x, y, z = packet.position
        column = min(int(math.hypot(x, y) * settings[at.RADIAL_STEP]), plan[at.RADIAL_BINS])
        row = min(int(z * settings[at.DEPTH_STEP]), plan[at.DEPTH_BINS])
        place = column * (plan[at.DEPTH_BINS] + 1) + row
        if plan[at.GRID_ABSORBED]:
            out[plan[at.AT_GRID_ABSORBED] + place] += packet.weight * (1.0 - cell[at.ALBEDO])
        if plan[at.GRID_FLUENCE]:
            out[plan[at.AT_GRID_FLUENCE] + place] += packet.weight * cell[at.FREE_PATH]
    packet.weight *= cell[at.ALBEDO]
    packet.direction = turned(packet.direction, scattering_cosine(xi, cell, world["tables"]), azimuth)
    packet.scattered = True


def scattering_cosine(xi: float, cell: FloatArray, tables: FloatArray) -> float:
    """Cosine of the scattering angle at the share xi of the phase function's cumulative."""
    row = int(cell[at.CELL_PHASE])
    if row < 0:
        return float(cell[at.HG_A] + cell[at.HG_B] / (1.0 + cell[at.HG_K] * xi) ** 2 + cell[at.HG_H] * xi)
    if tables[row, 0] == at.PHASE_TABLE:
        return table_sample(tables[row + 1 : row + 1 + int(tables[row, 1])], xi)
    share, g = tables[row, 1], tables[row, 2]
    if xi >= share:
        return float(np.cbrt(2.0 * (xi - share) / (1.0 - share) - 1.0))
    if abs(g) <= 1e-6:
        return float(2.0 * (xi / share) - 1.0)
    return float((1.0 + g * g - ((1.0 - g * g) / (1.0 - g + 2.0 * g * (xi / share))) ** 2) / (2.0 * g))


def turned(direction: FloatArray, cosine: float, azimuth: float) -> FloatArray:
    """The direction after scattering by an angle with this cosine, at this azimuth."""
    ux, uy, uz = direction
    sine = math.sqrt(max(1.0 - cosine * cosine, 0.0))
    c, s = sine * math.cos(azimuth), sine * math.sin(azimuth)
    across = math.hypot(ux, uy)
    ax, ay = (ux / across, uy / across) if across > 1e-10 else (1.0, uy)
    z = uz * cosine - across * c
    return np.array([ax * uz * c - ay * s + ux * cosine, ay * uz * c + ax * s + uy * cosine, min(max(z, -1.0), 1.0)])


def meet_face(packet: Packet, xi: float, world: dict[str, Any], out: FloatArray) -> bool:
    """To the face in the way, and through it or back. False when the packet leaves the medium."""
    cell, uz = world["cells"][packet.cell], float(packet.direction[2])
    down = uz > 0.0
    face = cell[at.Z_BOTTOM] if down else cell[at.Z_TOP]
    path = (face - packet.position[2]) / uz
    packet.position = packet.position + packet.direction * path
    packet.position[2] = face
    packet.optical_path = max(packet.optical_path - path * cell[at.EXTINCTION], 0.0)
    gate = world["gates"][2 * packet.cell + (1 if down else 0)]
    reflected, nu = fresnel(abs(uz), gate[at.INDEX_FROM], gate[at.INDEX_TO])
    out[int(gate[at.NEAR])] += plane_score(packet.weight, abs(uz))
    out[int(cell[at.CELL_TALLY])] += packet.weight_at_entry - packet.weight
    packet.weight_at_entry = packet.weight
    if xi < reflected:
        packet.direction[2] = -uz
        out[int(gate[at.NEAR])] += plane_score(packet.weight, abs(uz))
        return True
    packet.direction[:2] *= gate[at.INDEX_FROM] / gate[at.INDEX_TO]
    packet.direction[2] = nu if down else -nu
    out[int(gate[at.FAR])] += plane_score(packet.weight, nu)
    beyond = int(gate[at.NEXT_CELL])
    if 0 <= beyond < len(world["cells"]):
        packet.cell = beyond
        return True
    leave(packet, nu, world, out)
    return False


def leave(packet: Packet, cosine: float, world: dict[str, Any], out: FloatArray) -> None:
    """Count a packet that has left through the top or the bottom, by angle and, if wished, radius."""
    plan = world["plan"]
    angles = int(plan[at.ANGLE_BINS])
    place = min(int(math.acos(min(cosine, 1.0)) * angles / (0.5 * math.pi)), angles - 1)
    if plan[at.WITH_RADIUS]:
        r = math.hypot(packet.position[0], packet.position[1])
        place += angles * min(int(r * world["settings"][at.RADIAL_STEP]), int(plan[at.RADIAL_BINS]))
    if packet.direction[2] > 0.0:
        out[at.TRANSMITTED if packet.scattered else at.DIRECT] += packet.weight
        out[int(plan[at.AT_BOTTOM]) + place] += packet.weight
    else:
        out[at.REFLECTED] += packet.weight
        out[int(plan[at.AT_TOP]) + place] += packet.weight


def roulette(packet: Packet, world: dict[str, Any], out: FloatArray) -> bool:
    """Let a light packet end, or go on with its weight raised; what that gains and loses is counted."""
    tally = int(world["cells"][packet.cell, at.CELL_TALLY])
    out[tally] += packet.weight_at_entry - packet.weight
    chance = world["settings"][at.SURVIVAL]
    if packet.weight > 0.0 and packet.generator.next_unit() < chance:
        out[at.ROULETTE_GAIN] += packet.weight / chance - packet.weight
        packet.weight = packet.weight_at_entry = packet.weight / chance
        return True
    out[at.ROULETTE_LOSS] += packet.weight
    return False


def fresnel(mu: float, n1: float, n2: float) -> tuple[float, float]:
    """Reflectance of unpolarised light (Born and Wolf, 1.5.2) and the cosine of the refracted ray."""
    if n1 == n2:
        return 0.0, mu
    squared = 1.0 - (n1 / n2) ** 2 * (1.0 - mu * mu)
    if squared <= 0.0:
        return 1.0, 0.0
    nu = math.sqrt(squared)
    s, p = (n1 * mu - n2 * nu) / (n1 * mu + n2 * nu), (n1 * nu - n2 * mu) / (n1 * nu + n2 * mu)
    return 0.5 * (s * s + p * p), nu


def plane_score(weight: float, cosine: float) -> float:
    """What a packet adds to the fluence at a plane that it crosses: weight over |cosine|, bounded when it grazes."""
    return weight / (cosine if cosine >= at.GRAZING_COSINE else 0.5 * at.GRAZING_COSINE)


def table_sample(rows: FloatArray, xi: float) -> float:
    """Where the cumulative of a piecewise linear density reaches xi."""
    low = min(max(int(np.searchsorted(rows[:, at.TABLE_CUMULATIVE], xi, side="right")) - 1, 0), len(rows) - 2)
    (x0, f0, c0), (x1, f1, _) = rows[low], rows[low + 1]
    root = math.sqrt(max(f0 * f0 + 2.0 * (f1 - f0) / (x1 - x0) * (xi - c0), 0.0))
    return float(min(x0 + 2.0 * (xi - c0) / (f0 + root), x1)) if f0 + root > 0.0 else float(x0)
