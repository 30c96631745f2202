"""Where heat flows: the graded grid, the heat constants of each cell, and what lies on the skin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.data import load_document, nearest_names
from photodose.data.schema_tissue import PerfusionRiseDocument, Quantity, ThermalDocument, ThermalLayer
from photodose.quantities import InputError, RangeError, UnknownNameError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CORE_DEPTH_MM: Final = 40.0
"""Depth at which arterial temperature holds [mm]; the last layer is continued to it.

Twice the distance over which resting perfusion evens out a disturbance, sqrt(k / (w rho_b c_b)): 10 mm in fat and
12 mm in muscle.
"""

FIRST_CELL_MM: Final = 0.015
"""Cell thickness at the surface [mm]: about a stratum corneum."""
GROWTH: Final = 0.12
"""Growth of the cell thickness with depth [mm per mm]."""

AMBIENT_RANGE_C: Final = (-20.0, 60.0)


@cache
def thermal() -> ThermalDocument:
    """The heat constants shipped with photodose, each with its source."""
    return load_document("tissue/thermal", ThermalDocument)


@cache
def perfusion_rise() -> PerfusionRiseDocument:
    """How blood flow of skin rises with its own temperature, with its source."""
    return load_document("tissue/perfusion_rise", PerfusionRiseDocument)


@cache
def _thermal_layers() -> dict[str, ThermalLayer]:
    return {name: record for record in thermal().layers for name in record.layers}


@dataclass(frozen=True, slots=True, eq=False)
class HeatGrid:
    """Finite volumes from the skin's surface to the core.

    Attributes
    ----------
    layer_names : tuple of str
        Layers from the surface down.
    edges_mm : ndarray (cell + 1,)
        Edges of the cells [mm], the surface (0) first; each boundary of two layers and the end of the last is an edge.
    layer_index : ndarray (cell,)
        Which layer a cell belongs to; the last layer is continued to the core depth.
    """

    layer_names: tuple[str, ...]
    edges_mm: FloatArray
    layer_index: IntArray

    @property
    def thickness_mm(self) -> FloatArray:
        """Thickness of each cell [mm], shape (cell,)."""
        return np.diff(self.edges_mm)

    @property
    def centre_mm(self) -> FloatArray:
        """Middle of each cell [mm], shape (cell,)."""
        return 0.5 * (self.edges_mm[1:] + self.edges_mm[:-1])

    @property
    def count(self) -> int:
        return self.layer_index.size


def grid(layer_names: Sequence[str], thickness_mm: ArrayLike, refinement: float = 1.0) -> HeatGrid:
    """Graded grid over the layers of a skin.

    Cells are equal steps of s(z) = ln(1 + g z / h) / g inside each layer, so that their thickness is about h + g z.

    Parameters
    ----------
    layer_names : sequence of str (layer,)
        From the surface down, names of the skin's layers (`Skin.layer_names`).
    thickness_mm : array_like (layer,)
        Thickness of each [mm], 1e-6 to 1e4.
    refinement : float
        Cells per cell of the standard grid, 0.25 to 64; for convergence studies.

    Raises
    ------
    InputError, RangeError, UnknownNameError
    """
    names = tuple(str(name) for name in layer_names)
    thickness = np.atleast_1d(np.asarray(thickness_mm, dtype=float))
    if not names or thickness.shape != (len(names),):
        raise InputError(f"a heat grid needs one thickness per layer, not {thickness.size} for {len(names)} layers.")
    for name, value in zip(names, thickness, strict=True):
        if name not in _thermal_layers():
            raise UnknownNameError("layer", name, nearest_names(name, _thermal_layers()))
        if not 1e-6 <= value <= 1e4:
            raise RangeError("thickness_mm", value, 1e-6, 1e4, f"layer {name!r}")
    if not 0.25 <= refinement <= 64.0:
        raise RangeError("refinement", refinement, 0.25, 64.0)
    bounds = np.concatenate([[0.0], np.cumsum(thickness)])
    index = list(range(len(names)))
    if bounds[-1] < CORE_DEPTH_MM - 1e-6:
        bounds = np.append(bounds, CORE_DEPTH_MM)
        index.append(len(names) - 1)
    edges, layer = [np.zeros(1)], []
    stretched = np.log1p(GROWTH * bounds / FIRST_CELL_MM) / GROWTH
    for number, top, bottom, last in zip(index, stretched[:-1], stretched[1:], bounds[1:], strict=True):
        cells = max(1, math.ceil((bottom - top) * refinement))
        inner = np.expm1(GROWTH * np.linspace(top, bottom, cells + 1)[1:]) * FIRST_CELL_MM / GROWTH
        inner[-1] = last  # exactly the boundary, not what rounding leaves of it
        edges.append(inner)
        layer.append(np.full(cells, number, dtype=np.int64))
    return HeatGrid(names, np.concatenate(edges), np.concatenate(layer))


@dataclass(frozen=True, slots=True, eq=False)
class HeatProperties:
    """Heat constants of each cell, in SI.

    Attributes
    ----------
    conductivity : ndarray (cell,)
        [W/(m K)], above 0.
    heat_capacity : ndarray (cell,)
        Per volume [J/(m3 K)], above 0.
    perfusion_w_m3_k : ndarray (cell,)
        Heat that blood carries, w rho_b c_b [W/(m3 K)], not negative.
    metabolic_w_m3 : ndarray (cell,)
        [W/m3].
    dilates : ndarray of bool (cell,)
        Where blood flow rises with the skin's temperature if that is asked for: the dermis.
    arterial_c : float
        Temperature of arterial blood and of the core [degC].
    """

    conductivity: FloatArray
    heat_capacity: FloatArray
    perfusion_w_m3_k: FloatArray
    metabolic_w_m3: FloatArray
    dilates: NDArray[np.bool_]
    arterial_c: float


DERMIS: Final = frozenset({"papillary dermis", "upper blood net", "reticular dermis", "deep blood net"})


def properties(cells: HeatGrid, perfusion_scale: float = 1.0) -> HeatProperties:
    """Heat constants of the cells of a grid from the shipped table (means).

    Parameters
    ----------
    cells : HeatGrid
    perfusion_scale : float
        Blood flow of every layer relative to the table (rest in comfort), 0 to 20.

    Raises
    ------
    RangeError
    """
    if not 0.0 <= perfusion_scale <= 20.0:
        raise RangeError("perfusion_scale", perfusion_scale, 0.0, 20.0)
    blood = thermal().blood
    records = [_thermal_layers()[name] for name in cells.layer_names]

    def per_cell(values: list[float]) -> FloatArray:
        return np.array(values)[cells.layer_index]

    carried = perfusion_scale * blood.density.mean * blood.specific_heat.mean
    return HeatProperties(
        conductivity=per_cell([record.conductivity.mean for record in records]),
        heat_capacity=per_cell([record.density.mean * record.specific_heat.mean for record in records]),
        perfusion_w_m3_k=per_cell([carried * record.perfusion.mean for record in records]),
        metabolic_w_m3=per_cell([record.metabolic_heat.mean for record in records]),
        dilates=np.array([name in DERMIS for name in cells.layer_names])[cells.layer_index],
        arterial_c=blood.arterial_temperature.mean,
    )


@dataclass(frozen=True, slots=True)
class Surface:
    """What takes heat from the skin's surface: h (T_surface - T_outside) [W/m2].

    Attributes
    ----------
    kind : "air" or "contact"
    coefficient_w_m2_k : float
        Heat transfer coefficient, or conductance of the contact [W/(m2 K)], 0 to 1e6.
    temperature_c : float
        Of the room or of the device's face [degC], -20 to 60.
    """

    kind: Literal["air", "contact"]
    coefficient_w_m2_k: float
    temperature_c: float

    def __post_init__(self) -> None:
        if self.kind not in ("air", "contact"):
            raise UnknownNameError("surface", str(self.kind), ("air", "contact"))
        if not 0.0 <= self.coefficient_w_m2_k <= 1e6:
            raise RangeError("coefficient_w_m2_k", self.coefficient_w_m2_k, 0.0, 1e6)
        if not AMBIENT_RANGE_C[0] <= self.temperature_c <= AMBIENT_RANGE_C[1]:
            raise RangeError("temperature_c", self.temperature_c, *AMBIENT_RANGE_C, "what lies on the skin")

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "coefficient_w_m2_k": self.coefficient_w_m2_k,
            "temperature_c": self.temperature_c,
        }


def air(ambient_c: float | None = None, coefficient_w_m2_k: float | None = None) -> Surface:
    """Bare dry skin in a room: natural convection and thermal radiation, no sweat.

    Parameters
    ----------
    ambient_c : float or None
        Temperature of air and walls [degC], -20 to 60; a comfortable room unless given.
    coefficient_w_m2_k : float or None
        Convection plus radiation [W/(m2 K)]; still air unless given (de Dear 1997, doi:10.1007/s004840050035).
        Less under a closed mask, more in a draught.

    Raises
    ------
    RangeError
    """
    table = thermal().surface
    still = table.convection_coefficient.mean + table.radiation_coefficient.mean
    return Surface(
        "air",
        still if coefficient_w_m2_k is None else float(coefficient_w_m2_k),
        table.air_temperature.mean if ambient_c is None else float(ambient_c),
    )


def contact(temperature_c: float, conductance_w_m2_k: float) -> Surface:
    """A device that touches the skin and keeps its own temperature.

    Parameters
    ----------
    temperature_c : float
        Of the device's face [degC], -20 to 60.
    conductance_w_m2_k : float
        Of the joint between device and skin [W/(m2 K)], 0 to 1e6: conductivity by thickness of what lies between.

    Raises
    ------
    RangeError
    """
    return Surface("contact", float(conductance_w_m2_k), float(temperature_c))


def sources(layer_names: Sequence[str], perfusion_rises: bool = False) -> list[dict[str, Any]]:
    """Sources of the heat constants used for these layers, of blood and of the surface."""
    document = thermal()
    layers = (_thermal_layers()[name] for name in dict.fromkeys(layer_names))
    records = (*layers, document.blood, document.surface)
    keys = dict.fromkeys(value.source for record in records for _, value in record if isinstance(value, Quantity))
    found = [document.sources[key] for key in keys]
    if perfusion_rises:
        found += perfusion_rise().sources.values()
    return [{"citation": source.citation, "doi": source.doi, "confidence": source.confidence} for source in found]
