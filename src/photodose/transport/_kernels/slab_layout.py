# mypy: ignore-errors
"""Where the compiled slab keeps things: what it is given, what it answers, and its work space.

One buffer of float64 holds all of a group's numbers, vectors and matrices; a function of this module says where each
begins. Every number is a vector of LANES.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from photodose.transport._kernels.slab_vector import LANES, kept

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
def vector(at, layer, kind):
    return at.vectors + (layer * VECTORS + kind) * at.n * V


@kept
def number(at, layer, kind):
    return at.numbers + (layer * NUMBERS + kind) * V


@kept
def matrix(at, layer, kind):
    return at.matrices + (layer * MATRICES + kind) * at.n * at.n * V


@kept
def step_matrix(at, step, kind):
    return at.steps + (step * STEP_MATRICES + kind) * at.n * at.n * V


@kept
def work(at, kind):
    return at.work + kind * at.n * at.n * V


@kept
def work_vector(at, kind):
    return at.work_vectors + kind * at.n * V
