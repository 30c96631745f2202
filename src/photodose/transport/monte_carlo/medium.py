"""From a layer stack and a source to the arrays that the kernels share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodose.optics import LayerStack
from photodose.quantities import InputError, RangeError
from photodose.transport._kernels import layout
from photodose.transport.monte_carlo.phase import PhaseFunction, henyey_greenstein_constants
from photodose.transport.monte_carlo.source import Source

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ANGLE_BINS = 30
MOST_CELLS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Grid:
    """Bins of radius and depth; the last bin of each axis, one past the count, takes everything beyond.

    Attributes
    ----------
    radial_step_mm, depth_step_mm : float
        Widths of the bins [mm], above 0.
    radial_bins, depth_bins : int
        Their numbers, at least 1.
    absorbed, fluence : bool
        Which tallies to keep on (r, z): absorbed energy, fluence.
    """

    radial_step_mm: float = 0.1
    radial_bins: int = 100
    depth_step_mm: float = 0.1
    depth_bins: int = 100
    absorbed: bool = True
    fluence: bool = True

    def __post_init__(self) -> None:
        for name in ("radial_step_mm", "depth_step_mm"):
            if not 1e-6 <= getattr(self, name) <= 1e4:
                raise RangeError(name, getattr(self, name), 1e-6, 1e4, "the grid")
        for name in ("radial_bins", "depth_bins"):
            if not 1 <= getattr(self, name) <= 10_000_000:
                raise RangeError(name, getattr(self, name), 1, 1e7, "the grid")
        if self.cells > MOST_CELLS:
            raise RangeError("the number of bins", self.cells, 1, MOST_CELLS, "the grid")

    @property
    def cells(self) -> int:
        return (self.radial_bins + 1) * (self.depth_bins + 1)

    @property
    def radii_mm(self) -> FloatArray:
        """Edges of the radial bins [mm], shape (radial_bins + 1,)."""
        return np.asarray(self.radial_step_mm * np.arange(self.radial_bins + 1), dtype=np.float64)

    @property
    def depths_mm(self) -> FloatArray:
        """Edges of the depth bins [mm], shape (depth_bins + 1,)."""
        return np.asarray(self.depth_step_mm * np.arange(self.depth_bins + 1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Problem:
    """What the kernels take, and where to find the answers in their output."""

    cells: FloatArray
    gates: FloatArray
    source: FloatArray
    tables: FloatArray
    settings: FloatArray
    plan: IntArray
    planes_mm: FloatArray

    @property
    def output_size(self) -> int:
        return int(self.plan[layout.OUTPUT_SIZE])

    def part(self, start: int, size: int) -> slice:
        """The slice of the output that begins at this entry of the plan."""
        first = int(self.plan[start])
        return slice(first, first + size)


def build(
    stack: LayerStack,
    source: Source,
    depths_mm: FloatArray,
    phases: Mapping[str, PhaseFunction] | None = None,
    grid: Grid | None = None,
    weight_min: float = 1e-4,
    survival: float = 0.1,
    angle_bins: int = ANGLE_BINS,
) -> Problem:
    """Arrays for the kernels.

    Parameters
    ----------
    stack : LayerStack
    source : Source
    depths_mm : ndarray, shape (depth,)
        Where the fluence is wanted, 0 to the bottom of the stack [mm]; on a boundary the layer above is meant,
        at 0 the first layer.
    phases : mapping of layer name to PhaseFunction, optional
        Layers that do not scatter by Henyey-Greenstein with their own anisotropy.
    grid : Grid, optional
        Tallies by radius; without it packets need only depth and direction, which is much faster.
    weight_min, survival : float
        Roulette: packets lighter than this go on with this chance.
    angle_bins : int
        Bins of the polar angle of what leaves, over 0 to 90 degrees.

    Raises
    ------
    RangeError
        If a depth lies outside the stack.
    """
    total = float(stack.boundaries_mm[-1])
    wanted = np.asarray(depths_mm, dtype=float)
    for depth in wanted:
        if not 0.0 <= depth <= total * (1.0 + 1e-9):
            raise RangeError("depths_mm", float(depth), 0.0, total, "the layer stack")
    wanted = _snapped(wanted, stack.boundaries_mm)
    for name in phases or {}:
        if name not in stack.names:
            raise InputError(f"there is no layer {name!r} for the phase function given.")
    planes = np.unique(wanted)
    edges = np.union1d(stack.boundaries_mm, planes)
    edges = edges[np.concatenate([[True], np.diff(edges) > 0.0])]
    tables, first_rows = _tables(stack, source, phases or {})
    plan = _plan(len(stack.layers), planes.size, grid, angle_bins)
    cells = _cells(stack, edges, first_rows, int(plan[layout.AT_LAYERS]))
    settings = np.array([weight_min, survival, 1.0, 1.0])
    if grid is not None:
        settings[layout.RADIAL_STEP] = 1.0 / grid.radial_step_mm
        settings[layout.DEPTH_STEP] = 1.0 / grid.depth_step_mm
    gates = _gates(stack, edges, cells, planes, int(plan[layout.AT_PLANES]))
    lit = source.array()
    lit[layout.OUTSIDE_INDEX] = stack.outside_index
    lit[layout.SURFACE_PLANE] = gates[0, layout.NEAR]
    return Problem(cells, gates, lit, tables, settings, plan, planes)


def _snapped(depths_mm: FloatArray, boundaries_mm: FloatArray) -> FloatArray:
    """Depths that miss a boundary by rounding alone are put on it, so that they belong to the layer above."""
    near = boundaries_mm[np.abs(depths_mm[:, None] - boundaries_mm).argmin(axis=1)]
    rounding = 1e-9 * np.maximum(np.diff(boundaries_mm).min(), 1e-6)
    close = np.abs(depths_mm - near) <= np.maximum(rounding, 4.0 * np.spacing(boundaries_mm[-1]))
    return np.where(close | (depths_mm > boundaries_mm[-1]), near, depths_mm)


def _cells(stack: LayerStack, edges: FloatArray, first_rows: list[int], first_tally: int) -> FloatArray:
    cells = np.zeros((edges.size - 1, layout.CELL_COLUMNS))
    middles = 0.5 * (edges[1:] + edges[:-1])
    owners = np.clip(np.searchsorted(stack.boundaries_mm, middles) - 1, 0, len(stack.layers) - 1)
    for row, (top, bottom, owner) in zip(cells, zip(edges[:-1], edges[1:], owners, strict=True), strict=True):
        layer = stack.layers[int(owner)]
        extinction = layer.absorption_per_mm + layer.scattering_per_mm
        row[layout.Z_TOP], row[layout.Z_BOTTOM] = top, bottom
        row[layout.EXTINCTION] = extinction
        row[layout.FREE_PATH] = 1.0 / extinction if extinction > 1e-300 else 1e300
        row[layout.ALBEDO] = layer.scattering_per_mm / extinction if extinction > 1e-300 else 1.0
        row[layout.HG_A : layout.HG_H + 1] = henyey_greenstein_constants(layer.anisotropy)
        row[layout.CELL_INDEX], row[layout.CELL_TALLY] = layer.refractive_index, float(first_tally + owner)
        row[layout.CELL_PHASE] = float(first_rows[int(owner)])
    return cells


def _gates(stack: LayerStack, edges: FloatArray, cells: FloatArray, planes: FloatArray, first_plane: int) -> FloatArray:
    """The ways out of each cell. A plane lies just above its face, the one at depth 0 just below the surface."""
    indices = np.concatenate([[stack.outside_index], cells[:, layout.CELL_INDEX], [stack.outside_index_below]])
    tally = np.full(edges.size, float(layout.NOWHERE))
    tally[np.searchsorted(edges, planes)] = first_plane + np.arange(planes.size)
    gates = np.zeros((2 * len(cells), layout.GATE_COLUMNS))
    for cell in range(len(cells)):
        up, down = gates[2 * cell], gates[2 * cell + 1]
        up[:] = indices[cell + 1], indices[cell], layout.NOWHERE, tally[cell], cell - 1
        down[:] = indices[cell + 1], indices[cell + 2], tally[cell + 1], layout.NOWHERE, cell + 1
    gates[0, layout.NEAR], gates[0, layout.FAR] = gates[0, layout.FAR], gates[0, layout.NEAR]
    return gates


def _tables(stack: LayerStack, source: Source, phases: Mapping[str, PhaseFunction]) -> tuple[FloatArray, list[int]]:
    parts = [source.table()] if source.table().size else []
    used, first_rows = sum(len(part) for part in parts), []
    for name in stack.names:
        rows = phases[name].rows() if name in phases else None
        if phases.get(name) is None or rows is None:
            first_rows.append(-1)
            continue
        first_rows.append(used)
        parts.append(rows)
        used += len(rows)
    return (np.vstack(parts) if parts else np.zeros((1, layout.TABLE_COLUMNS))), first_rows


def _plan(layers: int, planes: int, grid: Grid | None, angle_bins: int) -> IntArray:
    plan = np.zeros(layout.PLAN_SIZE, dtype=np.int64)
    plan[layout.ANGLE_BINS] = angle_bins
    radial = 1
    cells_absorbed = cells_fluence = 0
    if grid is not None:
        plan[layout.WITH_RADIUS], radial = 1, grid.radial_bins + 1
        plan[layout.RADIAL_BINS], plan[layout.DEPTH_BINS] = grid.radial_bins, grid.depth_bins
        plan[layout.GRID_ABSORBED], plan[layout.GRID_FLUENCE] = int(grid.absorbed), int(grid.fluence)
        cells_absorbed, cells_fluence = grid.cells * int(grid.absorbed), grid.cells * int(grid.fluence)
    at = layout.SCALARS
    for key, size in (
        (layout.AT_LAYERS, layers),
        (layout.AT_PLANES, planes),
        (layout.AT_TOP, radial * angle_bins),
        (layout.AT_BOTTOM, radial * angle_bins),
        (layout.AT_GRID_ABSORBED, cells_absorbed),
        (layout.AT_GRID_FLUENCE, cells_fluence),
    ):
        plan[key] = at
        at += size
    plan[layout.OUTPUT_SIZE] = at
    return plan
