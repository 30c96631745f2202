"""`solve_batch`: many stacks at once, checked, split into chunks, answered as arrays."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.data import nearest_names
from photodose.optics import Incidence
from photodose.optics.layers import LAYER_RANGES
from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.transport.slab import core, lanes
from photodose.transport.slab.streams import ACCURACIES, estimated_error, fitted, half_streams

FloatArray = NDArray[np.float64]

STREAMS_RANGE = (8, 256)
LAYER_KEYS = ("absorption_per_mm", "scattering_per_mm", "anisotropy", "thickness_mm", "refractive_index")
BACKENDS = ("numpy", "numba")
_COMPILED_FROM = 2000
"""Stacks from which the compiled way is taken by itself: fewer take less time than to load the compiler."""

_COMPILED_FROM_LOADED = 64
"""The same once the kernel is loaded: what remains is what stacks of equal indices share."""

_CHUNK_BYTES = 24_000_000
"""Working memory of one chunk: small enough to stay in cache, large enough to hide the cost of Python."""


@dataclass(frozen=True, slots=True, eq=False)
class SlabBatch:
    """Light in a batch of layer stacks, relative to the irradiance that falls on each.

    Attributes
    ----------
    depths_mm : ndarray, shape (batch, depth)
    fluence_rate : ndarray, shape (batch, depth)
        Fluence rate per unit irradiance.
    flux_down, flux_up : ndarray, shape (batch, depth)
        Downward and upward flux through a horizontal plane, per unit irradiance.
    mean_fluence_rate : ndarray, shape (batch, interval)
        Fluence rate averaged over each of `intervals_mm`.
    reflectance, specular : ndarray, shape (batch,)
        Total reflectance, and the part that the first outer face reflects.
    transmittance, transmittance_direct : ndarray, shape (batch,)
        Total transmittance, and the part that was never scattered.
    absorbed : ndarray, shape (batch, layer)
        Absorbed fraction: the absorption coefficient times the integral of fluence.
    streams : ndarray of int, shape (batch,)
        Number of streams used, both hemispheres together.
    error_estimate : ndarray, shape (batch,)
        Estimated relative error of the fluence rate.
    """

    depths_mm: FloatArray
    fluence_rate: FloatArray
    flux_down: FloatArray
    flux_up: FloatArray
    mean_fluence_rate: FloatArray
    reflectance: FloatArray
    specular: FloatArray
    transmittance: FloatArray
    transmittance_direct: FloatArray
    absorbed: FloatArray
    streams: NDArray[np.intp]
    error_estimate: FloatArray


def solve_batch(
    absorption_per_mm: ArrayLike,
    scattering_per_mm: ArrayLike,
    anisotropy: ArrayLike,
    thickness_mm: ArrayLike,
    refractive_index: ArrayLike,
    depths_mm: ArrayLike | None = None,
    outside_index: float = 1.0,
    outside_index_below: float | None = None,
    incidence: Incidence | Mapping[str, Any] | None = None,
    streams: int | None = None,
    accuracy: str = "default",
    intervals_mm: ArrayLike | None = None,
    lit_face: str = "top",
    backend: str | None = None,
    threads: int | None = None,
) -> SlabBatch:
    """Solve the radiative transfer equation for a batch of layer stacks by discrete ordinates.

    Parameters
    ----------
    absorption_per_mm, scattering_per_mm : array_like, shape (batch, layer)
        Coefficients [1/mm], 0 to 1e4 and 0 to 1e5.
    anisotropy : array_like, shape (batch, layer)
        Henyey-Greenstein anisotropy, -0.99 to 0.999.
    thickness_mm : array_like, shape (batch, layer)
        1e-6 to 1e4 mm.
    refractive_index : array_like, shape (batch, layer)
        1 to 4; may differ from layer to layer.
    depths_mm : array_like, shape (depth,) or (batch, depth), optional
        Depths [mm] from the surface to the bottom; one on a boundary belongs to the layer above.
    outside_index, outside_index_below : float
        Refractive index above, and below (the same unless given), 1 to 4.
    incidence : Incidence, mapping or None
        Angles in the outside medium; None is collimated and normal.
    streams : int, optional
        Number of streams, even, 8 to 256; chosen for each stack by `accuracy` unless given.
    accuracy : str
        "default": fluence within 0.3 % wherever it exceeds 1e-6 and 0 <= anisotropy <= 0.95; "reference": within 1e-5.
    intervals_mm : array_like, shape (interval, 2) or (batch, interval, 2), optional
        Depth intervals [mm] to average the fluence rate over; an interval may span layers.
    lit_face : str
        "top" or "bottom": the outer face that the light falls on. Depths count from the top in either case.
    backend : str, optional
        "numpy", or "numba": compiled, for many stacks of few distinct sets of refractive indices (what it is not made
        for goes the other way all the same). Unless given, "numba" from 2,000 stacks, or from 64 once its kernel is
        loaded (see `load`). They agree to 1e-10.
    threads : int, optional
        Threads of the compiled way, 1 to 4096; every core unless given. The answer does not depend on it.

    Returns
    -------
    SlabBatch

    Raises
    ------
    InputError
        If shapes differ or a value is not a finite number.
    RangeError
        If a value, a depth or an interval is outside its range.

    Notes
    -----
    Method: docs/methods/slab.md; Stamnes, Tsay, Wiscombe and Jayaweera 1988, doi 10.1364/AO.27.002502 (discrete
    ordinates); Wiscombe 1977, doi 10.1175/1520-0469(1977)034<1408:TDMRYA>2.0.CO;2 (delta-M).

    Examples
    --------
    >>> slab = solve_batch([[1.0]], [[9.0]], [[0.75]], [[0.2]], [[1.0]], depths_mm=[0.1])
    >>> round(float(slab.reflectance[0]), 3), round(float(slab.transmittance[0]), 3)
    (0.097, 0.661)
    """
    given = (absorption_per_mm, scattering_per_mm, anisotropy, thickness_mm, refractive_index)
    asked = checked(
        given, (outside_index, outside_index_below), incidence, depths_mm, intervals_mm, streams, accuracy, lit_face
    )
    compiled = _checked_backend(backend, len(asked.total))
    workers = _checked_threads(threads) if compiled else 0
    if lit_face == "top":
        return _solve(asked, asked.stacks, asked.depths, asked.intervals, workers, upside_down=False)
    rest, turned = asked.from_below()
    return turned_back(_solve(asked, asked.stacks.upside_down(), rest, turned, workers, upside_down=True), asked.depths)


def turned_back(answer: SlabBatch, depths: FloatArray) -> SlabBatch:
    """The answer for light from below, of stacks upside down, as seen from the top."""
    parts = {field.name: getattr(answer, field.name) for field in fields(answer)}
    parts.update(depths_mm=depths, absorbed=answer.absorbed[:, ::-1])
    parts.update(flux_down=answer.flux_up, flux_up=answer.flux_down)
    return SlabBatch(**parts)


@dataclass(frozen=True, slots=True)
class Asked:
    """Checked input: stacks, their thickness (batch,), depths (batch, depth), intervals (batch, interval, 2), nodes per
    hemisphere and the error estimated with them (batch,)."""

    stacks: core.Stacks
    total: FloatArray
    depths: FloatArray
    intervals: FloatArray
    half: NDArray[np.intp]
    error: FloatArray

    def from_below(self) -> tuple[FloatArray, FloatArray]:
        """Depths and intervals counted from the bottom."""
        rest = np.maximum(self.total[:, None] - self.depths, 0.0)
        return rest, np.maximum(self.total[:, None, None] - self.intervals[..., ::-1], 0.0)


def checked(
    layers: tuple[ArrayLike, ...],
    outside: tuple[float, float | None],
    incidence: Incidence | Mapping[str, Any] | None,
    depths_mm: ArrayLike | None,
    intervals_mm: ArrayLike | None,
    streams: int | None,
    accuracy: str,
    lit_face: str,
) -> Asked:
    """What `solve_batch` is given, checked; `layers` are its first five arguments."""
    above = _index(outside[0], "outside_index")
    below = above if outside[1] is None else _index(outside[1], "outside_index_below")
    absorption, scattering, g, thickness, index = _checked(dict(zip(LAYER_KEYS, layers, strict=True)))
    stacks = core.Stacks(absorption, scattering, g, thickness, index, above, below, Incidence.from_mapping(incidence))
    total = stacks.thickness.sum(axis=1)
    depths = _checked_depths(depths_mm, total)
    intervals = _checked_intervals(intervals_mm, total)
    if lit_face not in ("top", "bottom"):
        raise InputError(f"lit_face must be 'top' or 'bottom', not {lit_face!r}.")
    if accuracy not in ACCURACIES and streams is None:
        raise InputError(f"accuracy must be one of {', '.join(ACCURACIES)}, not {accuracy!r}.")
    fit = fitted(stacks)
    half = half_streams(fit, accuracy) if streams is None else np.full(len(total), _checked_streams(streams) // 2)
    if lit_face == "bottom":
        fit = fitted(stacks.upside_down())
    return Asked(stacks, total, depths, intervals, half, estimated_error(fit, half))


def _solve(
    asked: Asked,
    stacks: core.Stacks,
    depths: FloatArray,
    intervals: FloatArray,
    workers: int,
    *,
    upside_down: bool,
) -> SlabBatch:
    """Solve group by group of equal streams, compiled on `workers` threads or, for 0, chunk by chunk in numpy."""
    batch, layers = stacks.index.shape
    half = asked.half
    out = empty_answer(batch, layers, depths, intervals)
    for size in np.unique(half).tolist():
        members = np.flatnonzero(half == size)
        if workers and size <= lanes.LARGEST_HALF:
            groups, members = lanes.groups(stacks, members)
            for rows in groups:
                found = lanes.solve(stacks.rows(rows), size, depths[rows], intervals[rows], upside_down, workers)
                for name, values in found.items():
                    out[name][rows] = values
        if not len(members):
            continue
        widest = layers * size * (10 * size + 20) + 14 * size * depths.shape[1]
        if stacks.incidence.kind != "collimated":
            widest += 2000 * layers
        step = max(8, int(_CHUNK_BYTES / (8 * widest)))
        same = (stacks.index[members] == stacks.index[members[0]]).all()
        optics = core.index_optics(stacks.rows(members[:1]), size) if same else None
        for begin in range(0, len(members), step):
            rows = members[begin : begin + step]
            solution = core.solve_chunk(stacks.rows(rows), size, optics)
            for name, values in read_chunk(solution, depths[rows], intervals[rows], upside_down).items():
                out[name][rows] = values
    return SlabBatch(depths_mm=depths, streams=2 * half, error_estimate=asked.error, **out)


def empty_answer(batch: int, layers: int, depths: FloatArray, intervals: FloatArray) -> dict[str, FloatArray]:
    """Room for what `read_chunk` reads, of a whole batch."""
    shapes: dict[str, tuple[int, ...]] = {
        "fluence_rate": depths.shape,
        "flux_down": depths.shape,
        "flux_up": depths.shape,
        "mean_fluence_rate": intervals.shape[:2],
        "absorbed": (batch, layers),
    }
    out = {key: np.empty(shape) for key, shape in shapes.items()}
    names = ("reflectance", "specular", "transmittance", "transmittance_direct")
    out.update({key: np.empty(batch) for key in names})
    return out


def read_chunk(
    solution: core.Solution, depths: FloatArray, intervals: FloatArray, upside_down: bool
) -> dict[str, FloatArray]:
    """What is asked of a solved chunk, by the names of `SlabBatch`."""
    out: dict[str, FloatArray] = {
        "reflectance": solution.reflectance,
        "transmittance": solution.transmittance,
        "specular": solution.specular,
        "transmittance_direct": solution.direct,
        "absorbed": core.absorbed(solution),
    }
    if depths.shape[1]:
        light = core.at_depths(solution, depths, upside_down)
        out["fluence_rate"], out["flux_down"], out["flux_up"] = light
    if intervals.shape[1]:
        out["mean_fluence_rate"] = core.over_intervals(solution, intervals)
    return out


def _checked_backend(backend: str | None, batch: int) -> bool:
    """Whether the compiled way is taken."""
    if backend is None:
        return batch >= (_COMPILED_FROM_LOADED if lanes.loaded() else _COMPILED_FROM)
    if backend not in BACKENDS:
        raise UnknownNameError("backend", str(backend), nearest_names(str(backend), BACKENDS) or BACKENDS)
    return backend == "numba"


def _checked_threads(threads: int | None) -> int:
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(threads, bool) or not isinstance(threads, int | np.integer) or not 1 <= threads <= 4096:
        raise InputError("threads must be a whole number from 1 to 4096.")
    return int(threads)


def _index(value: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise InputError(f"{name} must be a number, not {value!r}.")
    if not 1.0 <= value <= 4.0:
        raise RangeError(name, float(value), 1.0, 4.0)
    return float(value)


def _floats(value: ArrayLike, name: str) -> FloatArray:
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be an array of numbers with rows of equal length.") from None
    if not np.isfinite(array).all():
        raise InputError(f"{name} holds a value that is not a finite number.")
    return array


def _checked(values: dict[str, ArrayLike]) -> list[FloatArray]:
    arrays = {name: _floats(value, name) for name, value in values.items()}
    shape = arrays["absorption_per_mm"].shape
    for name, array in arrays.items():
        if array.shape != shape:
            raise InputError(f"{name} has shape {array.shape} but absorption_per_mm has {shape}; give equal shapes.")
        if array.ndim != 2 or array.size == 0:
            raise InputError(f"{name} must have shape (batch, layer) with at least one of each, not {array.shape}.")
        low, high = LAYER_RANGES[name]
        bad = (array < low) | (array > high)
        if bad.any():
            stack, layer = np.argwhere(bad)[0].tolist()
            raise RangeError(name, float(array[stack, layer]), low, high, f"stack {stack + 1}, layer {layer + 1}")
    return list(arrays.values())


def _checked_depths(depths_mm: ArrayLike | None, total: FloatArray) -> FloatArray:
    depths = _floats([] if depths_mm is None else depths_mm, "depths_mm")
    if depths.ndim == 1:
        depths = np.broadcast_to(depths, (len(total), depths.size))
    if depths.ndim != 2 or len(depths) != len(total):
        raise InputError(f"depths_mm must have shape (depth,) or ({len(total)}, depth), not {depths.shape}.")
    _check_inside(depths, total[:, None], "depths_mm")
    return np.minimum(depths, total[:, None])


def _checked_intervals(intervals_mm: ArrayLike | None, total: FloatArray) -> FloatArray:
    intervals = _floats(np.empty((0, 2)) if intervals_mm is None else intervals_mm, "intervals_mm")
    if intervals.ndim == 2:
        intervals = np.broadcast_to(intervals, (len(total), *intervals.shape))
    if intervals.ndim != 3 or len(intervals) != len(total) or intervals.shape[2] != 2:
        shape = f"(interval, 2) or ({len(total)}, interval, 2)"
        raise InputError(f"intervals_mm must have shape {shape}, not {intervals.shape}.")
    _check_inside(intervals, total[:, None, None], "intervals_mm")
    if (intervals[..., 1] <= intervals[..., 0]).any():
        raise InputError("each of intervals_mm must end below where it starts.")
    return np.minimum(intervals, total[:, None, None])


def _check_inside(depths: FloatArray, total: FloatArray, name: str) -> None:
    bad = (depths < 0.0) | (depths > total * (1.0 + 1e-9))
    if bad.any():
        stack = int(np.argwhere(bad)[0][0])
        raise RangeError(name, float(depths[bad][0]), 0.0, float(total.reshape(-1)[stack]), f"stack {stack + 1}")


def _checked_streams(streams: int) -> int:
    low, high = STREAMS_RANGE
    whole = isinstance(streams, int | np.integer) and not isinstance(streams, bool)
    if not whole or streams % 2 or not math.isfinite(streams):
        raise InputError(f"streams must be an even whole number, not {streams!r}.")
    if not low <= streams <= high:
        raise RangeError("streams", float(streams), low, high)
    return int(streams)
