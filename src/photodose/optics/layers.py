"""The plane-parallel medium: layers with their optical properties, immutable and validated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photodose.data import nearest_names, read_user_yaml
from photodose.optics.incidence import Incidence
from photodose.quantities import InputError, RangeError, UnknownNameError

FloatArray = NDArray[np.float64]

LAYER_RANGES: dict[str, tuple[float, float]] = {
    "thickness_mm": (1e-6, 1e4),
    "absorption_per_mm": (0.0, 1e4),
    "scattering_per_mm": (0.0, 1e5),
    "anisotropy": (-0.99, 0.999),
    "refractive_index": (1.0, 4.0),
}
_STACK_KEYS = (
    "layers",
    "wavelength_nm",
    "outside_index",
    "outside_index_below",
    "refractive_index",
    "incidence",
    "depths_mm",
)


def _number(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating | np.integer):
        raise InputError(f"{what} must be a number, not {value!r}.")
    return float(value)


@dataclass(frozen=True, slots=True)
class Layer:
    """One homogeneous layer.

    Attributes
    ----------
    thickness_mm : float
        1e-6 to 1e4 mm.
    absorption_per_mm, scattering_per_mm : float
        Coefficients [1/mm], not negative.
    anisotropy : float
        Scattering anisotropy g (mean cosine), -0.99 to 0.999.
    refractive_index : float
        1 to 4.
    """

    name: str
    thickness_mm: float
    absorption_per_mm: float
    scattering_per_mm: float
    anisotropy: float
    refractive_index: float

    def __post_init__(self) -> None:
        for key, (low, high) in LAYER_RANGES.items():
            value = _number(getattr(self, key), f"{key} of layer {self.name!r}")
            if not low <= value <= high:
                raise RangeError(key, value, low, high, f"layer {self.name!r}")
            object.__setattr__(self, key, value)

    @property
    def reduced_scattering_per_mm(self) -> float:
        """Reduced scattering coefficient mu_s (1 - g) [1/mm]."""
        return self.scattering_per_mm * (1.0 - self.anisotropy)


@dataclass(frozen=True, slots=True)
class LayerStack:
    """Layers from the surface down, with the media outside.

    Attributes
    ----------
    layers : tuple of Layer
        At least one, names unique.
    outside_index : float
        Refractive index above the surface (1 = air, 1.33 to 1.45 = gel).
    outside_index_below : float
        Refractive index below the last layer; the same as above unless given.
    wavelength_nm : float or None
        Wavelength [nm], above 0; carried through to answers.

    Raises
    ------
    InputError
        If there is no layer, a name stands twice, or a value is outside its range.
    """

    layers: tuple[Layer, ...]
    outside_index: float = 1.0
    outside_index_below: float = field(default=math.nan)
    wavelength_nm: float | None = None

    def __post_init__(self) -> None:
        if not self.layers:
            raise InputError("a layer stack needs at least one layer.")
        names = [layer.name for layer in self.layers]
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"the layer name {twice!r} stands twice; give each layer its own name.")
        if math.isnan(self.outside_index_below):
            object.__setattr__(self, "outside_index_below", self.outside_index)
        for key in ("outside_index", "outside_index_below"):
            value = getattr(self, key)
            if not 1.0 <= value <= 4.0:
                raise RangeError(key, value, 1.0, 4.0)
        if self.wavelength_nm is not None:
            wavelength = _number(self.wavelength_nm, "wavelength_nm")
            if not 0.0 < wavelength < math.inf:
                raise InputError(f"wavelength_nm must be a finite number above 0, not {wavelength:g}.")

    @classmethod
    def from_mapping(cls, content: Mapping[str, Any]) -> LayerStack:
        """From the YAML form of `photodose solve` (keys other than the stack's own are checked, not kept)."""
        for key in content:
            if key not in _STACK_KEYS:
                raise UnknownNameError("key of a layer stack", str(key), nearest_names(str(key), _STACK_KEYS))
        rows = content.get("layers")
        if not isinstance(rows, list) or not rows:
            raise InputError("a layer stack needs 'layers', a list with at least one layer.")
        common_index = content.get("refractive_index")
        layers = tuple(_layer(row, number, common_index) for number, row in enumerate(rows, 1))
        above = _number(content.get("outside_index", 1.0), "outside_index")
        below = _number(content.get("outside_index_below", above), "outside_index_below")
        wavelength = content.get("wavelength_nm")
        return cls(layers, above, below, None if wavelength is None else _number(wavelength, "wavelength_nm"))

    @classmethod
    def of(cls, stack: LayerStack | Mapping[str, Any] | str | Path) -> LayerStack:
        """A LayerStack from itself, from the YAML form as a mapping, or from the path of a YAML file."""
        if isinstance(stack, LayerStack):
            return stack
        if isinstance(stack, str | Path):
            return cls.from_mapping(read_user_yaml(stack, "layer stack"))
        if isinstance(stack, Mapping):
            return cls.from_mapping(stack)
        raise InputError(f"a layer stack is a LayerStack, a mapping or a path, not {type(stack).__name__}.")

    def array(self, key: str) -> FloatArray:
        """One property of all layers, shape (layer,), by attribute name of Layer."""
        return np.array([getattr(layer, key) for layer in self.layers], dtype=float)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(layer.name for layer in self.layers)

    @property
    def boundaries_mm(self) -> FloatArray:
        """Depths of the boundaries [mm], shape (layer + 1,), the surface (0) first."""
        return np.concatenate([[0.0], np.cumsum(self.array("thickness_mm"))])

    def to_dict(self) -> dict[str, Any]:
        return {
            "wavelength_nm": self.wavelength_nm,
            "outside_index": self.outside_index,
            "outside_index_below": self.outside_index_below,
            "layers": [asdict(layer) for layer in self.layers],
        }


def _layer(row: Any, number: int, common_index: Any) -> Layer:
    where = f"layer {number}"
    if not isinstance(row, Mapping):
        raise InputError(f"{where} must be a mapping with thickness_mm, absorption_per_mm, ... .")
    row = dict(row)
    if "refractive_index" not in row and common_index is not None:
        row["refractive_index"] = common_index
    name = str(row.pop("name", where))
    for key in row:
        if key not in LAYER_RANGES:
            raise UnknownNameError(f"key of {where}", str(key), nearest_names(str(key), LAYER_RANGES))
    for key in LAYER_RANGES:
        if key not in row:
            raise InputError(f"{where} ({name}) has no {key}.")
    return Layer(name, **{key: _number(value, f"{key} of {where}") for key, value in row.items()})


def depths_from(content: Mapping[str, Any], default: Iterable[float] = ()) -> FloatArray:
    """The `depths_mm` of the YAML form, checked: finite and not negative."""
    rows = content.get("depths_mm", list(default))
    if not isinstance(rows, list):
        raise InputError("depths_mm must be a list of numbers.")
    depths = np.array([_number(row, "depths_mm") for row in rows], dtype=float)
    if depths.size and not (np.isfinite(depths).all() and depths.min() >= 0.0):
        raise InputError("depths_mm must be finite and not negative.")
    return depths


def incidence_from(content: Mapping[str, Any]) -> Incidence:
    """The `incidence` of the YAML form."""
    return Incidence.from_mapping(content.get("incidence"))
