"""Scenes: a layered medium, a source, what to count and when to stop, as a YAML file or an MCML input file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photodose.data import nearest_names, read_user_yaml
from photodose.optics import LayerStack
from photodose.optics.layers import depths_from
from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.transport.monte_carlo.medium import ANGLE_BINS, Grid
from photodose.transport.monte_carlo.phase import PhaseFunction
from photodose.transport.monte_carlo.source import Source

FloatArray = NDArray[np.float64]

STACK_KEYS = ("layers", "wavelength_nm", "outside_index", "outside_index_below", "refractive_index")
SCENE_KEYS = ("name", "source", "depths_mm", "grid", "angle_bins", "photons", "stderr", "max_seconds", "seed")
GRID_KEYS = ("radial_step_mm", "radial_bins", "depth_step_mm", "depth_bins", "tallies")
TALLIES = ("absorbed", "fluence")
NEVER_MEDIA = ("voxels", "mesh")


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What `simulate` needs.

    Attributes
    ----------
    stack : LayerStack
    source : Source
    depths_mm : ndarray, shape (depth,)
        Depths [mm] at which the fluence rate over the whole plane is wanted, without bins.
    phases : dict of layer name to PhaseFunction
        For layers that do not scatter by Henyey-Greenstein.
    grid : Grid or None
        Tallies by radius and depth.
    angle_bins : int
        Bins of the polar angle of what leaves, 1 to 1000 over 0 to 90 degrees.
    photons, stderr, max_seconds, seed
        As in `solve_stack`.
    name : str
    """

    stack: LayerStack
    source: Source = field(default_factory=Source)
    depths_mm: FloatArray = field(default_factory=lambda: np.zeros(0))
    phases: Mapping[str, PhaseFunction] = field(default_factory=dict)
    grid: Grid | None = None
    angle_bins: int = ANGLE_BINS
    photons: int | None = None
    stderr: str | tuple[float, float] | None = None
    max_seconds: float | None = None
    seed: int = 1
    name: str = "scene"

    def __post_init__(self) -> None:
        if not 1 <= self.angle_bins <= 1000:
            raise RangeError("angle_bins", self.angle_bins, 1, 1000)
        if self.grid is None and self.source.kind != "pencil":
            raise InputError("a scene with a disk or a Gaussian source needs a 'grid', or its width is not seen.")
        if self.grid is not None and self.grid.fluence:
            for layer in self.stack.layers:
                if layer.absorption_per_mm + layer.scattering_per_mm < 1e-9:
                    raise InputError(
                        f"layer {layer.name!r} neither absorbs nor scatters, so its fluence cannot be counted on a "
                        "grid; drop 'fluence' from the grid's tallies or give the layer an absorption of 1e-6/mm."
                    )

    @classmethod
    def from_mapping(cls, content: Mapping[str, Any]) -> Scene:
        """From the YAML form; see docs/methods/monte-carlo.md.

        Raises
        ------
        InputError
            In one sentence, for an unknown key or a value that makes no sense.
        """
        for key in content:
            if key in NEVER_MEDIA:
                raise InputError(f"scenes of {key} are not part of this version; describe the medium by 'layers'.")
            if key not in STACK_KEYS + SCENE_KEYS:
                known = STACK_KEYS + SCENE_KEYS
                raise UnknownNameError("key of a scene", str(key), nearest_names(str(key), known))
        medium = {key: content[key] for key in STACK_KEYS if key in content}
        phases: dict[str, PhaseFunction] = {}
        if isinstance(medium.get("layers"), list):
            medium["layers"], phases = _without_phases(medium["layers"])
        grid = content.get("grid")
        return cls(
            stack=LayerStack.from_mapping(medium),
            source=Source.from_mapping(content.get("source")),
            depths_mm=depths_from(content),
            phases=phases,
            grid=None if grid is None else grid_from(grid),
            angle_bins=_whole(content, "angle_bins", ANGLE_BINS),
            photons=_whole(content, "photons", None),
            stderr=content.get("stderr"),
            max_seconds=_positive(content, "max_seconds"),
            seed=_whole(content, "seed", 1),
            name=str(content.get("name", "scene")),
        )

    @classmethod
    def of(cls, scene: Scene | Mapping[str, Any] | str | Path, run: int | None = None) -> Scene:
        """A Scene from itself, a mapping, a YAML file, or a run of an MCML input file (`.mci`)."""
        if isinstance(scene, Scene):
            return scene
        if isinstance(scene, str | Path):
            if Path(scene).suffix.lower() == ".mci":
                from photodose.transport.monte_carlo.mci import read_mci

                runs = read_mci(scene)
                if run is None and len(runs) > 1:
                    raise InputError(f"{scene} holds {len(runs)} runs; say which, from 1 to {len(runs)}.")
                if run is not None and not 1 <= run <= len(runs):
                    raise RangeError("run", run, 1, len(runs), str(scene))
                return runs[(run or 1) - 1]
            scene = read_user_yaml(scene, "scene")
        if isinstance(scene, Mapping):
            return cls.from_mapping(scene)
        raise InputError(f"a scene is a Scene, a mapping or a path, not {type(scene).__name__}.")


def _without_phases(rows: list[Any]) -> tuple[list[Any], dict[str, PhaseFunction]]:
    """Layers without their `phase`, and the phase functions by layer name."""
    plain_rows, phases = [], {}
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping) or "phase" not in row:
            plain_rows.append(row)
            continue
        rest = {key: value for key, value in row.items() if key != "phase"}
        phase = PhaseFunction.from_mapping(row["phase"])
        # what the layer scatters by is its phase function; the anisotropy follows from it
        rest.setdefault("anisotropy", phase.mean_cosine)
        plain_rows.append(rest)
        phases[str(row.get("name", f"layer {number}"))] = phase
    return plain_rows, phases


def grid_from(content: Any) -> Grid:
    """The `grid` of the YAML form: steps, numbers of bins, and `tallies: [absorbed, fluence]`."""
    if not isinstance(content, Mapping):
        raise InputError("grid must be a mapping such as {radial_step_mm: 0.1, radial_bins: 100, ...}.")
    for key in content:
        if key not in GRID_KEYS:
            raise UnknownNameError("grid key", str(key), nearest_names(str(key), GRID_KEYS))
    tallies = content.get("tallies", list(TALLIES))
    if not isinstance(tallies, list):
        raise InputError("grid tallies must be a list out of absorbed and fluence.")
    for tally in tallies:
        if tally not in TALLIES:
            raise UnknownNameError("tally", str(tally), TALLIES)
    values: dict[str, Any] = {}
    for key in GRID_KEYS[:4]:
        if key not in content:
            raise InputError(f"the grid has no {key}.")
        step = key.endswith("step_mm")
        values[key] = _positive(content, key) if step else _whole(content, key, None)
    return Grid(**values, absorbed="absorbed" in tallies, fluence="fluence" in tallies)


def _whole(content: Mapping[str, Any], key: str, default: int | None) -> Any:
    value = content.get(key, default)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise InputError(f"{key} must be a whole number, not {value!r}.")
    return value


def _positive(content: Mapping[str, Any], key: str) -> float | None:
    value = content.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0.0:
        raise InputError(f"{key} must be a number above 0, not {value!r}.")
    return float(value)
