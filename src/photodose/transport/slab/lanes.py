"""Large batches in lockstep: the way from checked stacks to the compiled kernel and back.

Stacks of one set of refractive indices share all that depends on angles. It is put into the basis in which the
kernel works (docs/methods/slab.md, section 9), once, and groups of stacks are then solved side by side.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photodose.transport.slab import core
from photodose.transport.slab import quadrature as qd

FloatArray = NDArray[np.float64]

LARGEST_HALF = 40
"""Nodes per hemisphere beyond which a group outgrows the cache, and numpy is as fast."""

_SMALLEST = 32
"""Stacks of equal indices and streams below which what they share does not pay."""

_FEW_SETS = 8
"""Sets of indices that are looked for one by one."""

_BLOCK = 256
"""Stacks that a thread takes at a time."""


_ready = threading.Event()


def loaded() -> bool:
    """Whether `load` has been called."""
    return _ready.is_set()


def load() -> None:
    """Load the compiled kernel, or compile and keep it (about 20 s, once); smaller batches take it from then on.

    For programs that run long and answer many small questions: a server, a notebook. Calling it again costs nothing.
    """
    if _ready.is_set():
        return
    from photodose.optics import Incidence

    one = np.ones((_SMALLEST, 2))
    depths, intervals = np.full((_SMALLEST, 1), 0.5), np.tile([[[0.0, 1.0]]], (_SMALLEST, 1, 1))
    for kind in ("collimated", "diffuse"):
        light = Incidence(kind)
        solve(core.Stacks(one, one, 0.5 * one, one, 1.4 * one, 1.0, 1.4, light), 8, depths, intervals, False, 1)
    _ready.set()


def groups(stacks: core.Stacks, members: NDArray[np.intp]) -> tuple[list[NDArray[np.intp]], NDArray[np.intp]]:
    """The members that the kernel takes, by equal indices, and the rest.

    It takes stacks in which every layer scatters, and is not so thin that its factors would lose digits.
    """
    scattered = (stacks.scattering * stacks.thickness * (1.0 - np.abs(stacks.anisotropy)))[members]
    fit = (scattered > 1e-5).all(axis=1)
    candidates = members[fit]
    if not len(candidates):
        return [], members
    parts = _alike(stacks.index, candidates)
    taken = [part for part in parts if len(part) >= _SMALLEST]
    rest = [part for part in parts if len(part) < _SMALLEST]
    return taken, np.sort(np.concatenate([members[~fit], *rest]))


def _alike(index: FloatArray, members: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The members by equal rows of indices. Few sets are the rule, and are found without sorting."""
    parts = []
    for _ in range(_FEW_SETS):
        same = (index[members] == index[members[0]]).all(axis=1)
        parts.append(members[same])
        members = members[~same]
        if not len(members):
            return parts
    _, kind, count = np.unique(index[members], axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(kind.reshape(-1), kind="stable")
    return parts + np.split(members[order], np.cumsum(count)[:-1])


def _t(matrix: FloatArray) -> FloatArray:
    return np.swapaxes(matrix, -1, -2)


def _steps(
    optics: core.Optics, media: NDArray[np.intp], base: FloatArray, one: FloatArray
) -> tuple[NDArray[np.int64], FloatArray]:
    """Number of the step below each layer, or -1, and F, T, K, metric of each step in the kernel's basis (eq. 23)."""
    number = np.full(len(media), -1, dtype=np.int64)
    tables: list[FloatArray] = []
    for layer, face in enumerate(optics.faces.inner):
        if face is None:
            continue
        open_above, open_below, passed = (part[0] for part in face)
        above, below = base[media[layer]], base[media[layer + 1]]
        closed = 2.0 * one - open_below
        narrowed = np.linalg.solve(closed, passed)
        own = below.T @ np.linalg.solve(closed, open_below) @ below
        loss = above.T @ (open_above + passed.T @ narrowed) @ above
        number[layer] = len(tables)
        tables.append(np.stack([own, below.T @ narrowed @ above, loss, above.T @ above]))
    half = len(one)
    return number, np.stack(tables) if tables else np.empty((0, 4, half, half))


def kernel_optics(stacks: core.Stacks, half: int) -> Any:
    """All that the kernel needs of a set of indices (the first stack's) and the incidence."""
    from photodose.transport._kernels import slab_layout as layout

    first = stacks.rows(slice(0, 1))
    optics = core.index_optics(first, half)
    grid, media = optics.grid, optics.rows[0]
    one = np.eye(half)
    even, odd = qd.harmonics(grid.cosine, grid.weight)
    # x = base xi, y = base^-T eta
    base = odd / np.sqrt(grid.cosine)[..., None]
    dual = odd * np.sqrt(grid.cosine)[..., None]
    chain = _t(odd) @ (grid.cosine[..., None] * even)
    power = grid.power
    vectors = np.zeros((len(grid.index), 5, half))
    vectors[:, 0] = np.diagonal(chain, axis1=1, axis2=2)
    vectors[:, 1, :-1] = np.diagonal(chain, offset=1, axis1=1, axis2=2)
    vectors[:, 2] = ((power / grid.cosine)[:, None] @ base)[:, 0]
    vectors[:, 3] = (power[:, None] @ base)[:, 0]
    vectors[:, 4] = (power[:, None] @ dual)[:, 0]
    number, steps = _steps(optics, media, base, one)
    top, bottom = optics.faces.top[0], optics.faces.bottom[0]
    above, below = base[media[0]], base[media[-1]]
    ends = np.stack(
        [
            above.T @ np.linalg.solve(2.0 * one - top, top) @ above,
            below.T @ np.linalg.solve(2.0 * one - bottom, bottom) @ below,
        ]
    )
    edges = np.zeros((5, half))
    leaving = 0.5 * (top @ power[media[0]])
    edges[1], edges[2] = leaving @ above, -(leaving @ dual[media[0]])
    leaving = 0.5 * (bottom @ power[media[-1]])
    edges[3], edges[4] = leaving @ below, leaving @ dual[media[-1]]
    layers = len(media)
    collimated = optics.entry is None
    cosine, faces = np.ones(len(grid.index)), np.zeros(layers + 1)
    rays = (np.empty((0, layers)), np.empty((0, layers + 1)), np.empty(0))
    count = 2 * half
    drives, legendre = np.zeros((len(grid.index), 2, half, half)), np.zeros((len(grid.index), count))
    if optics.entry is None:
        sine = stacks.above * np.sin(np.radians(stacks.incidence.angle_deg))
        along, through = core.face_reflectances(first, np.full((1, 1), sine))
        cosine[media], faces = along[0, 0], through[0, 0]
        specular = float(faces[0])
        legendre = np.polynomial.legendre.legvander(cosine, count - 1) * np.sqrt(2.0 * np.arange(count) + 1.0)
        legendre *= (1.0 / (np.maximum(cosine, 1e-12) * grid.index))[:, None]
        drives[:, 0] = _t(grid.coupling) @ grid.project_even
        drives[:, 1] = grid.project_odd
    else:
        entry = optics.entry
        edges[0] = 2.0 * np.linalg.solve(2.0 * one - top, entry.source[0]) @ above
        specular = float(entry.specular[0])
        lit = entry.power[0] > 0.0
        along, through = core.face_reflectances(first, entry.transverse[:1, lit])
        rays = (along[0], through[0], entry.power[0, lit])
    exact: Any = np.ascontiguousarray
    return layout.Optics(
        exact(media, dtype=np.int64), number, exact(grid.moments[:], dtype=np.int64), cosine, exact(faces), vectors,
        exact(legendre), drives, exact(steps), ends, edges, exact(rays[0]), exact(rays[1]), exact(rays[2]),
        collimated, specular,
    )  # fmt: skip


def solve(
    stacks: core.Stacks,
    half: int,
    depths: FloatArray,
    intervals: FloatArray,
    upside_down: bool,
    threads: int,
) -> dict[str, FloatArray]:
    """Solve stacks of equal indices with `half` nodes per hemisphere; the keys are those of `SlabBatch`."""
    from photodose.transport._kernels import slab as kernel
    from photodose.transport._kernels import slab_layout as layout

    optics = kernel_optics(stacks, half)
    batch, layers = stacks.index.shape
    where, fraction = core.locate(stacks.thickness, depths, upside_down)
    exact = np.ascontiguousarray
    given = layout.Stacks(
        np.stack([stacks.absorption, stacks.scattering, stacks.anisotropy, stacks.thickness]),
        exact(where, dtype=np.int64), exact(fraction), exact(intervals, dtype=np.float64),
    )  # fmt: skip
    answer = layout.Answer(
        np.empty((3, *depths.shape)), np.empty(intervals.shape[:2]), np.empty((batch, layers)), np.empty((3, batch))
    )
    places, room = layout.places(half, layers, len(optics.steps))

    def work(begin: int) -> None:
        kernel.solve_all(np.empty(room), places, optics, given, answer, begin, min(begin + _BLOCK, batch))

    begins = range(0, batch, _BLOCK)
    if threads == 1 or len(begins) == 1:
        for begin in begins:
            work(begin)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, begins))
    reflectance, transmittance, direct = answer.whole
    return {
        "fluence_rate": answer.depths[0], "flux_down": answer.depths[1], "flux_up": answer.depths[2],
        "mean_fluence_rate": answer.means, "absorbed": answer.absorbed, "reflectance": reflectance,
        "transmittance": transmittance, "transmittance_direct": direct,
        "specular": np.full(batch, optics.specular),
    }  # fmt: skip
