"""`gradient`: the derivative of any number that is computed from light in layers by every property of every layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.data import nearest_names
from photodose.optics import Incidence
from photodose.quantities import InputError, UnknownNameError
from photodose.transport.slab import core
from photodose.transport.slab.adjoint import chunk_gradient
from photodose.transport.slab.batch import (
    LAYER_KEYS,
    SlabBatch,
    checked,
    empty_answer,
    read_chunk,
    turned_back,
)
from photodose.transport.slab.detectors import Weights
from photodose.transport.slab.index_adjoint import index_gradient
from photodose.transport.slab.index_tables import Tables

FloatArray = NDArray[np.float64]
Weighing = Mapping[str, ArrayLike]

WEIGHTS = (
    "fluence_rate",
    "mean_fluence_rate",
    "layer_mean_fluence_rate",
    "absorbed",
    "reflectance",
    "transmittance",
)
_CHUNK_BYTES = 24_000_000
_CLEAR_THICKNESS = 1e-7
"""Optical thickness of a layer without any interaction here: thick enough that its gradient keeps half of all digits,
and thin enough to change no answer by more than 1e-7."""


@dataclass(frozen=True, slots=True, eq=False)
class SlabGradient:
    """Derivatives of a number by the properties of all layers, each of shape (batch, layer).

    Attributes
    ----------
    answer : SlabBatch
        The light that the number was computed from.
    layer_mean_fluence_rate : ndarray, shape (batch, layer)
        Mean fluence rate of each layer per unit irradiance.
    absorption_per_mm, scattering_per_mm : ndarray, shape (batch, layer)
        Derivative by the coefficients [mm]; delta-M scaling included.
    anisotropy : ndarray, shape (batch, layer)
        Derivative by the anisotropy.
    thickness_mm : ndarray, shape (batch, layer)
        Derivative by the thickness [1/mm]; depths and intervals stay where they are, in mm from the surface.
    refractive_index : ndarray, shape (batch, layer)
        Derivative by the refractive index.
    """

    answer: SlabBatch
    layer_mean_fluence_rate: FloatArray
    absorption_per_mm: FloatArray
    scattering_per_mm: FloatArray
    anisotropy: FloatArray
    thickness_mm: FloatArray
    refractive_index: FloatArray


def gradient(
    absorption_per_mm: ArrayLike,
    scattering_per_mm: ArrayLike,
    anisotropy: ArrayLike,
    thickness_mm: ArrayLike,
    refractive_index: ArrayLike,
    weights: Weighing | Callable[[SlabBatch, NDArray[np.intp]], Weighing],
    depths_mm: ArrayLike | None = None,
    outside_index: float = 1.0,
    outside_index_below: float | None = None,
    incidence: Incidence | Mapping[str, Any] | None = None,
    streams: int | None = None,
    accuracy: str = "default",
    intervals_mm: ArrayLike | None = None,
    lit_face: str = "top",
) -> SlabGradient:
    """Differentiate any smooth function of the light in layer stacks by all their properties, by the adjoint method.

    The work is less than three solves, however many layers there are and whatever the number depends on.

    Parameters
    ----------
    absorption_per_mm, scattering_per_mm, anisotropy, thickness_mm, refractive_index, depths_mm, outside_index, \
outside_index_below, incidence, streams, accuracy, intervals_mm, lit_face
        As for `solve_batch`. The streams chosen are held: what is differentiated is the answer at that number of them.
    weights : mapping, or function that returns one
        Derivatives of the number by parts of the answer: `fluence_rate` (batch, depth), `mean_fluence_rate`
        (batch, interval), `layer_mean_fluence_rate` and `absorbed` (batch, layer), `reflectance` and `transmittance`
        (batch,); anything that broadcasts to these shapes. For a number that is not a weighted sum give a function: it
        is called with the answers of some of the stacks (a `SlabBatch`) and their places in the batch, and returns the
        weights of those.

    Returns
    -------
    SlabGradient

    Raises
    ------
    InputError
        As `solve_batch`; and for an unknown weight, a weight of wrong shape or one that is not finite.

    Notes
    -----
    Method: docs/methods/slab.md, section 10. It is exact to rounding for the discrete equations. Where neighbours have
    equal indices, the derivative by one of them is the mean of both sides. A depth that lies on a face counts as of the
    layer above, as in the answer.

    Examples
    --------
    How the logarithm of the fluence rate at 1 mm changes with absorption, anisotropy and index of one thick layer:

    >>> layer = [[0.03]], [[18.0]], [[0.82]], [[20.0]], [[1.4]]
    >>> slab = gradient(*layer, lambda answer, rows: {"fluence_rate": 1.0 / answer.fluence_rate}, depths_mm=[1.0])
    >>> [round(float(part[0, 0]), 2) for part in (slab.absorption_per_mm, slab.anisotropy, slab.refractive_index)]
    [-13.02, 0.83, 0.81]
    """
    given = (absorption_per_mm, scattering_per_mm, anisotropy, thickness_mm, refractive_index)
    outside = (outside_index, outside_index_below)
    asked = checked(given, outside, incidence, depths_mm, intervals_mm, streams, accuracy, lit_face)
    below = lit_face == "bottom"
    stacks, depths, intervals = asked.stacks, asked.depths, asked.intervals
    if below:
        stacks = stacks.upside_down()
        depths, intervals = asked.from_below()
    batch, layers = stacks.index.shape
    out = empty_answer(batch, layers, depths, intervals)
    out["layer_mean_fluence_rate"] = np.empty((batch, layers))
    slopes = {name: np.empty((batch, layers)) for name in LAYER_KEYS}
    sizes = (layers, depths.shape[1], intervals.shape[1])
    fixed = {} if callable(weights) else _checked_weights(weights, _shapes(batch, *sizes))
    for size in np.unique(asked.half).tolist():
        members = np.flatnonzero(asked.half == size)
        same = (stacks.index[members] == stacks.index[members[0]]).all()
        optics = core.index_optics(stacks.rows(members[:1]), size) if same else None
        collimated = stacks.incidence.kind == "collimated"
        kept = Tables(optics.grid, collimated) if optics else None
        step = _step(size, layers, depths.shape[1] + intervals.shape[1], stacks.incidence.kind)
        for begin in range(0, len(members), step):
            rows = members[begin : begin + step]
            solution = core.solve_chunk(stacks.rows(rows), size, optics, _CLEAR_THICKNESS)
            found = read_chunk(solution, depths[rows], intervals[rows], below)
            found["layer_mean_fluence_rate"] = core.layer_means(solution)
            for name, values in found.items():
                out[name][rows] = values
            if callable(weights):
                parts = {name: values[rows] for name, values in out.items() if name != "layer_mean_fluence_rate"}
                here = SlabBatch(depths[rows], streams=2 * asked.half[rows], error_estimate=asked.error[rows], **parts)
                wanted = weights(turned_back(here, asked.depths[rows]) if below else here, rows)
                chosen = _checked_weights(wanted, _shapes(len(rows), *sizes))
            else:
                chosen = {name: values[rows] for name, values in fixed.items()}
            tables = kept or Tables(solution.optics.grid, collimated)
            found = _differentiate(solution, depths[rows], intervals[rows], chosen, below, tables)
            for name, values in found.items():
                slopes[name][rows] = values
    means = out.pop("layer_mean_fluence_rate")
    answer = SlabBatch(depths_mm=depths, streams=2 * asked.half, error_estimate=asked.error, **out)
    if below:
        answer, means = turned_back(answer, asked.depths), means[:, ::-1]
        slopes = {name: values[:, ::-1] for name, values in slopes.items()}
    return SlabGradient(answer, means, **slopes)


def _step(half: int, layers: int, depths: int, kind: str) -> int:
    """Stacks of one chunk."""
    widest = layers * half * (24 * half + 200) + 60 * half * depths
    if kind != "collimated":
        widest += 2000 * layers
    return max(8, int(_CHUNK_BYTES / (8 * widest)))


def _shapes(batch: int, layers: int, depths: int, intervals: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(WEIGHTS, (batch, layers))
    shapes.update(fluence_rate=(batch, depths), mean_fluence_rate=(batch, intervals))
    shapes.update(reflectance=(batch,), transmittance=(batch,))
    return shapes


def _checked_weights(weights: Any, shapes: dict[str, tuple[int, ...]]) -> dict[str, FloatArray]:
    """Weights by name, each of its full shape; what was not given is 0."""
    if not isinstance(weights, Mapping):
        raise InputError(f"weights must be a mapping with some of {', '.join(WEIGHTS)}.")
    for name in weights:
        if name not in WEIGHTS:
            raise UnknownNameError("weight", str(name), nearest_names(str(name), WEIGHTS) or WEIGHTS)
    out = {}
    for name, shape in shapes.items():
        try:
            values = np.asarray(weights.get(name, 0.0), dtype=float)
            out[name] = np.broadcast_to(values, shape)
        except (TypeError, ValueError):
            raise InputError(f"the weights of {name} must be numbers of shape {shape}.") from None
        if not np.isfinite(values).all():
            raise InputError(f"the weights of {name} hold a value that is not a finite number.")
    return out


def _differentiate(
    solution: core.Solution,
    depths: FloatArray,
    intervals: FloatArray,
    weights: dict[str, FloatArray],
    below: bool,
    tables: Tables,
) -> dict[str, FloatArray]:
    """The gradient of a chunk by the names of `solve_batch`; weights are of the stacks as they were given."""
    turn = slice(None, None, -1 if below else 1)
    asked = Weights(
        depths, weights["fluence_rate"], intervals, weights["mean_fluence_rate"], weights["absorbed"][:, turn],
        weights["layer_mean_fluence_rate"][:, turn], weights["reflectance"], weights["transmittance"], below,
    )  # fmt: skip
    layer, angular = chunk_gradient(solution, asked)
    thickness = layer.thickness
    if below:
        # counted from below, every depth moves with the whole thickness
        thickness = thickness + (layer.depths.sum(axis=1) + layer.intervals.sum(axis=(1, 2)))[:, None]
    index = index_gradient(solution, angular, asked, tables)
    return dict(zip(LAYER_KEYS, (layer.absorption, layer.scattering, layer.anisotropy, thickness, index), strict=True))
