"""`simulate`: a scene traced, with every tally and its standard error, as xarray or NetCDF."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from photodose.data import Source as Citation
from photodose.quantities import InputError, plain
from photodose.transport._kernels import layout
from photodose.transport.monte_carlo.medium import Problem, build
from photodose.transport.monte_carlo.run import Outcome, Progress, Stop, in_flight, run
from photodose.transport.monte_carlo.scene import Scene
from photodose.transport.monte_carlo.stack import CITATIONS, ending, place_of, wished_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from xarray import Dataset

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """One counted quantity: its dimensions, value, standard error (same shape), unit and meaning."""

    dimensions: tuple[str, ...]
    value: FloatArray
    standard_error: FloatArray
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True, eq=False)
class SimulationResult:
    """What a simulated scene gave, per unit radiant power of the source.

    Attributes
    ----------
    scene : Scene
    tallies : dict of str to Tally
        Scalars (reflectance_specular, ..., roulette_gain), `absorbed` by layer, `fluence_rate` by depth (over the whole
        plane, per unit irradiance), `reflected_*` and `transmitted_*` by angle and radius, and on the grid
        `absorbed_rz` [1/mm3], `fluence_rz` [1/mm2], `absorbed_z` [1/mm], `fluence_z` [1].
    coordinates : dict of str to (ndarray, unit)
        Middles of the bins, depths, layer names.
    photons : int
        Packets traced.
    ended : str
        "count", "stderr", "time" or "interrupt".
    seconds : float
    """

    scene: Scene
    tallies: dict[str, Tally]
    coordinates: dict[str, tuple[Any, str]]
    photons: int
    ended: str
    seconds: float
    sources: tuple[Citation, ...] = CITATIONS
    warnings: tuple[str, ...] = field(default=())

    def __getitem__(self, name: str) -> Tally:
        return self.tallies[name]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, lists and dicts, for JSON."""
        answer: dict[str, Any] = {"name": self.scene.name, "photons": self.photons, "ended": self.ended}
        answer["seconds"] = self.seconds
        answer["coordinates"] = {name: values for name, (values, _) in self.coordinates.items()}
        answer["tallies"] = {
            name: {
                "dimensions": list(tally.dimensions),
                "unit": tally.unit,
                "value": tally.value,
                "standard_error": tally.standard_error,
            }
            for name, tally in self.tallies.items()
        }
        answer["sources"] = [source.model_dump(exclude_none=True) for source in self.sources]
        answer["warnings"] = list(self.warnings)
        values: dict[str, Any] = plain(answer)
        return values

    def to_xarray(self) -> Dataset:
        """A labelled Dataset; each tally has a `..._standard_error` beside it, units stand in attrs."""
        import xarray as xr

        data: dict[str, Any] = {}
        for name, tally in self.tallies.items():
            data[name] = (tally.dimensions, tally.value, {"units": tally.unit, "long_name": tally.meaning})
            error = f"{name}_standard_error"
            data[error] = (tally.dimensions, tally.standard_error, {"units": tally.unit})
        coordinates = {name: (name, values, {"units": unit}) for name, (values, unit) in self.coordinates.items()}
        attrs: dict[str, Any] = {
            "title": self.scene.name,
            "method": "monte-carlo",
            "photons": self.photons,
            "seed": self.scene.seed,
            "ended": self.ended,
            "seconds": self.seconds,
            "references": "; ".join(f"{source.citation}, doi {source.doi}" for source in self.sources),
            "warnings": " ".join(self.warnings),
        }
        if self.scene.stack.wavelength_nm is not None:
            attrs["wavelength_nm"] = self.scene.stack.wavelength_nm
        return xr.Dataset(data, coordinates, attrs)

    def to_netcdf(self, path: str | Path) -> Path:
        """Write the Dataset as NetCDF-4; a file of that name is replaced only once all is written."""
        target = Path(path)
        if not target.parent.is_dir():
            raise InputError(f"the folder {target.parent} for {target.name} does not exist.")
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            self.to_xarray().to_netcdf(part, engine="h5netcdf")
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return target

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw fluence on (r, z) in decades if it was counted, else fluence rate over depth; returns the Axes."""
        import matplotlib.pyplot as plt

        if axes is None:
            _, axes = plt.subplots(layout="constrained")
        if "fluence_rz" in self.tallies:
            value = self.tallies["fluence_rz"].value
            shown = np.log10(np.where(value > 0.0, value, np.nan))
            r, z = self.coordinates["radius_mm"][0], self.coordinates["grid_depth_mm"][0]
            image = axes.pcolormesh(r, z, shown.T, shading="nearest")
            axes.figure.colorbar(image, ax=axes, label="log10 fluence rate per radiant power [1/mm2]")
            axes.invert_yaxis()
            axes.set(xlabel="radius [mm]", ylabel="depth [mm]")
            return axes
        depth, tally = self.coordinates["depth_mm"][0], self.tallies["fluence_rate"]
        axes.errorbar(depth, tally.value, 1.96 * tally.standard_error, fmt=".")
        axes.set(xlabel="depth [mm]", ylabel="fluence rate / irradiance")
        return axes


def simulate(
    scene: Scene | Mapping[str, Any] | str | Path,
    *,
    run_number: int | None = None,
    photons: int | None = None,
    seed: int | None = None,
    stderr: str | tuple[float, float] | None = None,
    max_seconds: float | None = None,
    backend: str = "cpu",
    threads: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> SimulationResult:
    """Trace a layered scene by Monte Carlo.

    Parameters
    ----------
    scene : Scene, mapping or path
        A mapping or YAML file in the form of docs/methods/monte-carlo.md, or an MCML `.mci` file.
    run_number : int, optional
        Which run of an `.mci` file with several, from 1.
    photons, seed, stderr, max_seconds : optional
        Override the scene's own; as in `solve_stack`.
    backend, threads, progress
        As in `solve_stack`.

    Returns
    -------
    SimulationResult
        Stopped with Ctrl-C it holds what was gained: `ended` is "interrupt" and a warning says so.

    Raises
    ------
    InputError
        On bad input, and before anything starts if the tallies need more memory than is free.
    """
    plan = Scene.of(scene, run_number)
    limits = (photons, stderr, max_seconds)
    if all(limit is None for limit in limits):
        limits = (plan.photons, plan.stderr, plan.max_seconds)
    wish = wished_error(limits[1])
    planes = plan.depths_mm if wish is None else np.append(plan.depths_mm, wish[1])
    problem = build(plan.stack, plan.source, planes, plan.phases, plan.grid, angle_bins=plan.angle_bins)
    check_memory(problem, threads)
    entry = 0 if wish is None else int(problem.plan[layout.AT_PLANES]) + int(place_of(problem, wish[1]))
    stop = Stop(limits[0], None if wish is None else wish[0], entry, limits[2])
    chosen = plan.seed if seed is None else seed
    outcome = run(problem, stop, chosen, backend, threads, progress, derive=lambda out: _derived(problem, out))
    return _result(plan, problem, outcome)


def needed_bytes(problem: Problem, threads: int | None = None) -> int:
    """Memory that the tallies of a run take [byte]: blocks under way, sums, and the answer made of them."""
    return 8 * problem.output_size * (in_flight(threads) + 8)


def check_memory(problem: Problem, threads: int | None = None) -> None:
    """Refuse a run whose tallies do not fit into the memory that is free."""
    needed, free = needed_bytes(problem, threads), free_bytes()
    if free is not None and needed > free:
        raise InputError(
            f"this scene needs about {needed / 1e9:.3g} GB of memory for its tallies and {free / 1e9:.3g} GB are free; "
            "use fewer bins, one tally or fewer threads."
        )


def free_bytes() -> int | None:
    """Memory that is free for a new purpose [byte], or None where the system does not tell."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None


_SCALARS = {
    "reflectance_specular": (layout.SPECULAR, "reflected by the first face"),
    "reflectance_diffuse": (layout.REFLECTED, "all other light that comes back"),
    "transmittance_direct": (layout.DIRECT, "transmitted without having been scattered"),
    "transmittance_diffuse": (layout.TRANSMITTED, "transmitted after scattering"),
    "roulette_gain": (layout.ROULETTE_GAIN, "weight gained by roulette"),
    "roulette_loss": (layout.ROULETTE_LOSS, "weight lost by roulette"),
}


def _sides(problem: Problem) -> tuple[tuple[str, slice], ...]:
    size = _radial(problem) * int(problem.plan[layout.ANGLE_BINS])
    return ("reflected", problem.part(layout.AT_TOP, size)), ("transmitted", problem.part(layout.AT_BOTTOM, size))


def _radial(problem: Problem) -> int:
    return int(problem.plan[layout.RADIAL_BINS]) + 1 if problem.plan[layout.WITH_RADIUS] else 1


def _grids(problem: Problem) -> list[tuple[str, slice]]:
    plan = problem.plan
    cells = (int(plan[layout.RADIAL_BINS]) + 1) * (int(plan[layout.DEPTH_BINS]) + 1)
    wanted = (
        ("absorbed", layout.GRID_ABSORBED, layout.AT_GRID_ABSORBED),
        ("fluence", layout.GRID_FLUENCE, layout.AT_GRID_FLUENCE),
    )
    return [(name, problem.part(start, cells)) for name, flag, start in wanted if plan[flag]]


def _derived(problem: Problem, out: FloatArray) -> FloatArray:
    """Sums over bins, so that their standard errors know how the bins hang together."""
    parts = [
        [out[layout.SPECULAR] + out[layout.REFLECTED], out[layout.DIRECT] + out[layout.TRANSMITTED]],
    ]
    for _, where in _sides(problem):
        table = out[where].reshape(_radial(problem), -1)
        parts += [table.sum(axis=1), table.sum(axis=0)]
    for _, where in _grids(problem):
        parts.append(out[where].reshape(_radial(problem), -1).sum(axis=0))
    return np.concatenate(parts)


def _result(scene: Scene, problem: Problem, outcome: Outcome) -> SimulationResult:
    if outcome.sums.packets == 0:
        raise InputError("the Monte Carlo run was interrupted before its first packets were done; let it run longer.")
    both = np.stack([outcome.sums.mean, outcome.sums.standard_error])
    tallies: dict[str, Tally] = {}
    size = problem.output_size

    def add(name: str, dimensions: tuple[str, ...], values: FloatArray, unit: str, meaning: str) -> None:
        tallies[name] = Tally(dimensions, values[0], values[1], unit, meaning)

    for name, (entry, meaning) in _SCALARS.items():
        add(name, (), both[:, entry], "1", meaning)
    add("reflectance_total", (), both[:, size], "1", "all light that comes back")
    add("transmittance_total", (), both[:, size + 1], "1", "all light transmitted")
    layers = problem.part(layout.AT_LAYERS, len(scene.stack.layers))
    add("absorbed", ("layer",), both[:, layers], "1", "absorbed fraction by layer")
    planes = both[:, problem.part(layout.AT_PLANES, problem.planes_mm.size)]
    chosen = planes[:, place_of(problem, scene.depths_mm)]
    add("fluence_rate", ("depth_mm",), chosen, "1", "fluence rate per irradiance of a wide beam")
    coordinates = _coordinates(scene)
    at = _add_sides(scene, problem, both, size + 2, add)
    _add_grids(scene, problem, both, at, add)
    return SimulationResult(
        scene, tallies, coordinates, outcome.sums.packets, outcome.ended, outcome.seconds, warnings=ending(outcome)
    )


def _coordinates(scene: Scene) -> dict[str, tuple[Any, str]]:
    angle_step = 90.0 / scene.angle_bins
    coordinates: dict[str, tuple[Any, str]] = {
        "layer": (list(scene.stack.names), "1"),
        "depth_mm": (scene.depths_mm, "mm"),
        "angle_deg": (angle_step * (np.arange(scene.angle_bins) + 0.5), "degree"),
    }
    if scene.grid is not None:
        r, z = scene.grid.radii_mm, scene.grid.depths_mm
        coordinates["radius_mm"] = (0.5 * (r[1:] + r[:-1]), "mm")
        coordinates["grid_depth_mm"] = (0.5 * (z[1:] + z[:-1]), "mm")
    return coordinates


def _solid_angles(scene: Scene) -> FloatArray:
    edges = np.linspace(0.0, 0.5 * np.pi, scene.angle_bins + 1)
    return np.asarray(2.0 * np.pi * (np.cos(edges[:-1]) - np.cos(edges[1:])))


def _areas(scene: Scene) -> FloatArray:
    assert scene.grid is not None
    return np.asarray(np.pi * np.diff(scene.grid.radii_mm**2))


Add = Callable[[str, tuple[str, ...], FloatArray, str, str], None]


def _add_sides(scene: Scene, problem: Problem, both: FloatArray, at: int, add: Add) -> int:
    """Tallies of what leaves through the top and the bottom; returns where the next derived entry stands."""
    radial, solid = _radial(problem), _solid_angles(scene)
    for name, where in _sides(problem):
        by_radius, by_angle = both[:, at : at + radial], both[:, at + radial : at + radial + scene.angle_bins]
        at += radial + scene.angle_bins
        add(f"{name}_by_angle", ("angle_deg",), by_angle / solid, "sr-1", f"{name} per solid angle")
        if scene.grid is None:
            continue
        areas, table = _areas(scene), both[:, where].reshape(2, radial, -1)[:, :-1]
        add(f"{name}_by_radius", ("radius_mm",), by_radius[:, :-1] / areas, "mm-2", f"{name} per area")
        add(f"{name}_beyond_grid", (), by_radius[:, -1], "1", f"{name} beyond the last radius")
        density = table / areas[:, None] / solid
        add(f"{name}_by_radius_and_angle", ("radius_mm", "angle_deg"), density, "mm-2 sr-1", f"{name} per both")
    return at


def _add_grids(scene: Scene, problem: Problem, both: FloatArray, at: int, add: Add) -> None:
    if scene.grid is None:
        return
    step, rings = scene.grid.depth_step_mm, _areas(scene)
    units = {"absorbed": ("mm-3", "mm-1"), "fluence": ("mm-2", "1")}
    for name, where in _grids(problem):
        table = both[:, where].reshape(2, len(rings) + 1, -1)[:, :-1, :-1]
        flat = both[:, at : at + scene.grid.depth_bins]
        at += scene.grid.depth_bins + 1
        add(
            f"{name}_rz",
            ("radius_mm", "grid_depth_mm"),
            table / (rings[:, None] * step),
            units[name][0],
            f"{name} density",
        )
        add(f"{name}_z", ("grid_depth_mm",), flat / step, units[name][1], f"{name} over each whole plane")
