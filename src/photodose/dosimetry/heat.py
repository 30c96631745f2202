"""How warm the skin gets: Pennes' bioheat equation in a person's own layers, from before the light to its end.

Physics, sources and limits of the model stand in `docs/methods/heat.md`. Inside, SI units; depths in mm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.dosimetry import heat_solver
from photodose.dosimetry.heat_explain import BEYOND_C, BEYOND_CEM43_MIN, explain
from photodose.dosimetry.heat_grid import (
    CORE_DEPTH_MM,
    HeatGrid,
    HeatProperties,
    Surface,
    air,
    contact,
    grid,
    perfusion_rise,
    properties,
    sources,
)
from photodose.quantities import InputError, RangeError, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from xarray import Dataset

FloatArray = NDArray[np.float64]

SKIN_LIMIT_C: Final = 41.0
"""At this temperature of the skin, or at pain, a session ends. An applied part warmer than 41 degC must be disclosed
to its user (IEC 60601-1, as quoted by secondary sources); the 43, 48 and 51 degC of its Table 24 are limits of a
touched surface, not of skin."""
BURN_LIMIT_C: Final = 43.0
"""Reference temperature of the heat dose CEM43."""
LOOK_AHEAD_S: Final = 3600.0
"""The light is followed at least this long to find when a limit would be reached [s]."""
MAX_DURATION_S: Final = 86_400.0

HELD_FLOW: Final = (
    "Blood flow was held at its value at rest; skin that is warmed brings in more blood and stays cooler."
)
WIDE_LIGHT: Final = (
    "The light is taken as wider than about 2 cm; a small spot loses heat sideways too and stays cooler than this."
)
NO_SWEAT: Final = "Sweat is left out."


def cem43_rate(temperature_c: ArrayLike) -> FloatArray:
    """Heat dose per time, R^(43 - T): R = 0.5 from 43 degC, 0.25 from 39 to 43, no dose below 39.

    Sapareto & Dewey 1984 (doi:10.1016/0360-3016(84)90379-1) with the lower end at 39 degC.

    Parameters
    ----------
    temperature_c : array_like
        [degC].

    Returns
    -------
    ndarray
        Minutes at 43 degC per minute.

    Examples
    --------
    >>> [float(rate) for rate in cem43_rate([38.9, 42.0, 43.0, 45.0])]
    [0.0, 0.25, 1.0, 4.0]
    """
    over = np.asarray(temperature_c, dtype=float) - 43.0
    return np.where(over >= 0.0, np.exp2(np.minimum(over, 500.0)), np.where(over >= -4.0, np.exp2(2.0 * over), 0.0))


def cem43(time_s: ArrayLike, temperature_c: ArrayLike) -> FloatArray:
    """Cumulative equivalent minutes at 43 degC, exact for a temperature that is linear between the times.

    Parameters
    ----------
    time_s : array_like (time,)
        Rising [s].
    temperature_c : array_like (time, ...)
        [degC].

    Returns
    -------
    ndarray (...)
        CEM43 [min].

    Examples
    --------
    >>> float(cem43([0.0, 600.0], [43.0, 43.0]))
    10.0
    """
    time = np.asarray(time_s, dtype=float)
    temperature = np.asarray(temperature_c, dtype=float)
    step = np.diff(time).reshape((-1,) + (1,) * (temperature.ndim - 1))
    low, high = temperature[:-1], temperature[1:]
    flat = np.abs(high - low) < 1e-6
    mean = (_dose_integral(high) - _dose_integral(low)) / np.where(flat, 1.0, high - low)
    return np.asarray((step * np.where(flat, cem43_rate(0.5 * (low + high)), mean)).sum(axis=0) / 60.0)


def _dose_integral(temperature_c: FloatArray) -> FloatArray:
    """Integral of `cem43_rate` over temperature up to T [K]."""
    over = np.clip(temperature_c - 43.0, -4.0, 500.0)
    low = (np.exp2(2.0 * np.minimum(over, 0.0)) - 4.0**-4) / math.log(4.0)
    return np.asarray(low + (np.exp2(np.maximum(over, 0.0)) - 1.0) / math.log(2.0))


@dataclass(frozen=True, slots=True, eq=False)
class HeatResult:
    """Temperature of a skin by depth and time during a session.

    Attributes
    ----------
    layer_names : tuple of str
    duration_s : float
        Of the session [s].
    depth_mm : ndarray (depth,)
        The surface (0), then the middle of each cell [mm].
    time_s : ndarray (time,)
        From the start of the light (0) to its end [s]; steps are uneven.
    temperature_c : ndarray (time, depth)
        [degC].
    ahead_time_s, ahead_surface_c, ahead_hottest_c : ndarray (ahead,)
        The same light followed for at least an hour: time [s], temperature of the surface and of the hottest depth.
    cem43_min : ndarray (depth,)
        Heat dose of the session [min at 43 degC].
    absorbed_w_per_m2 : float
        Light that the skin keeps [W/m2].
    ambient_c : float
        Temperature of the room [degC].
    surface : Surface
        What lies on the skin during the session.
    dilation : float
        Blood flow of the dermis at the session's end by that at rest.
    perfusion_rises : bool
        Whether blood flow was allowed to rise with the skin's temperature.
    """

    layer_names: tuple[str, ...]
    duration_s: float
    depth_mm: FloatArray
    time_s: FloatArray
    temperature_c: FloatArray
    ahead_time_s: FloatArray
    ahead_surface_c: FloatArray
    ahead_hottest_c: FloatArray
    cem43_min: FloatArray
    absorbed_w_per_m2: float
    ambient_c: float
    surface: Surface
    dilation: float
    perfusion_rises: bool

    @property
    def surface_c(self) -> FloatArray:
        """Temperature of the skin's surface in time [degC], shape (time,)."""
        return self.temperature_c[:, 0]

    @property
    def surface_start_c(self) -> float:
        return float(self.surface_c[0])

    @property
    def surface_end_c(self) -> float:
        return float(self.surface_c[-1])

    @property
    def surface_max_c(self) -> float:
        return float(self.surface_c.max())

    @property
    def hottest_c(self) -> float:
        """Highest temperature at any depth and time of the session [degC]."""
        return float(self.temperature_c.max())

    @property
    def hottest_depth_mm(self) -> float:
        return float(self.depth_mm[np.unravel_index(self.temperature_c.argmax(), self.temperature_c.shape)[1]])

    @property
    def cem43_surface_min(self) -> float:
        return float(self.cem43_min[0])

    @property
    def cem43_max_min(self) -> float:
        """Highest heat dose at any depth [min at 43 degC]."""
        return float(self.cem43_min.max())

    def skin_temperature(self) -> dict[str, float]:
        """Temperature of the surface at the start, at the end and at its highest [degC]; 70 stands for 70 or more."""
        found = {"start": self.surface_start_c, "end": self.surface_end_c, "max": self.surface_max_c}
        return {name: min(value, BEYOND_C) for name, value in found.items()}

    def time_to_c(self, limit_c: float, where: Literal["hottest", "surface"] = "hottest") -> float | None:
        """When this light first brings the skin to a temperature, were it left on for at least an hour.

        Parameters
        ----------
        limit_c : float
            [degC].
        where : "hottest" or "surface"
            The hottest depth (the stricter one), or the skin's surface.

        Returns
        -------
        float or None
            Time from the start of the light [s]; 0 if the skin is that warm before it; None if it is not reached
            within the hour (or the session, where that is longer).
        """
        if where not in ("hottest", "surface"):
            raise InputError(f"where must be 'hottest' or 'surface', not {where!r}.")
        if not math.isfinite(limit_c):
            raise InputError(f"limit_c must be a temperature in degrees, not {limit_c!r}.")
        course = self.ahead_hottest_c if where == "hottest" else self.ahead_surface_c
        reached = np.flatnonzero(course >= limit_c)
        if not reached.size:
            return None
        last = int(reached[0])
        if last == 0:
            return 0.0
        pair = slice(last - 1, last + 1)
        return float(np.interp(limit_c, course[pair], self.ahead_time_s[pair]))

    def warnings(self) -> tuple[str, ...]:
        """What the model leaves out, in words."""
        return (*(() if self.perfusion_rises else (HELD_FLOW,)), WIDE_LIGHT, NO_SWEAT)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; the profile by depth is that of the session's end.

        `bounds` stand for themselves or more: past them skin burns at once and the model of living skin says nothing.
        """
        heat_dose = np.minimum(self.cem43_min, BEYOND_CEM43_MIN)
        return {
            "skin_temperature_c": self.skin_temperature(),
            "hottest_c": min(self.hottest_c, BEYOND_C),
            "hottest_depth_mm": self.hottest_depth_mm,
            "cem43_min": {"surface": float(heat_dose[0]), "max": float(heat_dose.max())},
            "bounds": {"temperature_c": BEYOND_C, "cem43_min": BEYOND_CEM43_MIN},
            "time_to_41_c_s": self.time_to_c(SKIN_LIMIT_C),
            "time_to_43_c_s": self.time_to_c(BURN_LIMIT_C),
            "duration_s": self.duration_s,
            "ambient_c": self.ambient_c,
            "surface": self.surface.to_dict(),
            "absorbed_w_per_m2": self.absorbed_w_per_m2,
            "blood_flow_by_rest": self.dilation,
            "course": {"time_s": plain(self.time_s), "surface_c": plain(np.minimum(self.surface_c, BEYOND_C))},
            "profile": {
                "depth_mm": plain(self.depth_mm),
                "start_c": plain(np.minimum(self.temperature_c[0], BEYOND_C)),
                "end_c": plain(np.minimum(self.temperature_c[-1], BEYOND_C)),
                "cem43_min": plain(heat_dose),
            },
            "sources": sources(self.layer_names, self.perfusion_rises),
            "warnings": list(self.warnings()),
        }

    def to_xarray(self) -> Dataset:
        """Temperature by time and depth as a labelled dataset, units in the attributes."""
        import xarray

        return xarray.Dataset(
            {
                "temperature": (("time_s", "depth_mm"), self.temperature_c, {"units": "degC"}),
                "cem43": (("depth_mm",), self.cem43_min, {"units": "min"}),
            },
            coords={
                "time_s": ("time_s", self.time_s, {"units": "s"}),
                "depth_mm": ("depth_mm", self.depth_mm, {"units": "mm"}),
            },
            attrs={"duration_s": self.duration_s, "ambient_c": self.ambient_c},
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the temperature of the surface and of the hottest depth in time, with the limit of 41 degC."""
        if axes is None:
            from matplotlib.figure import Figure

            axes = Figure(figsize=(7.0, 4.0), layout="constrained").subplots()
        minutes = self.time_s / 60.0
        axes.plot(minutes, self.surface_c, label="skin surface")
        axes.plot(
            minutes, self.temperature_c.max(axis=1), linestyle="--", label="hottest depth (the core at the start)"
        )
        axes.axhline(SKIN_LIMIT_C, color="tab:red", linewidth=1.0, label=f"{SKIN_LIMIT_C:g} °C: stop")
        axes.set_xlabel("time [min]")
        axes.set_ylabel("temperature [°C]")
        axes.legend(loc="best")
        return axes


def _check_absorbed(cells: HeatGrid, absorbed_w_per_m3: ArrayLike) -> FloatArray:
    absorbed = np.asarray(absorbed_w_per_m3, dtype=float)
    if absorbed.shape != (cells.count,):
        raise InputError(f"absorbed_w_per_m3 needs one value for each of {cells.count} cells, not {absorbed.shape}.")
    if not (np.isfinite(absorbed).all() and absorbed.min() >= 0.0):
        raise InputError("absorbed_w_per_m3 must be finite and not negative.")
    return absorbed


def dilation(surface_c: float, rest_c: float) -> float:
    """Blood flow of the dermis at a skin temperature by that of the same skin at rest.

    ratio ** ((T - T_rest) / 7 K) with the ratio that Wenger 1985 (doi:10.1152/jappl.1985.58.1.251) measured between
    33 and 40 degC; held beyond 26 and 40 degC, where nobody measured: colder than that it loses no more flow, warmer it
    gains no more, which errs to the warm side.

    Parameters
    ----------
    surface_c, rest_c : float
        Temperature of the surface now and at rest [degC].
    """
    rise = perfusion_rise()
    now, rest = (min(max(value, rise.coldest_c), rise.to_c) for value in (surface_c, rest_c))
    return float(rise.ratio.mean ** ((now - rest) / (rise.to_c - rise.from_c)))


def simulate(
    cells: HeatGrid,
    absorbed_w_per_m3: ArrayLike,
    duration_s: float,
    *,
    ambient_c: float | None = None,
    surface: Surface | None = None,
    constants: HeatProperties | None = None,
    perfusion_scale: float = 1.0,
    perfusion_rises: bool = False,
    look_ahead_s: float = LOOK_AHEAD_S,
    tolerance_c: float = heat_solver.TOLERANCE_C,
) -> HeatResult:
    """Temperature of a skin by depth and time under light, from the steady profile in a room.

    Pennes (1948), doi:10.1152/jappl.1948.1.2.93, one dimension; see `heat_solver`.

    Parameters
    ----------
    cells : HeatGrid
        From `grid`.
    absorbed_w_per_m3 : array_like (cell,)
        Absorbed light [W/m3], not negative: absorption coefficient [1/m] times mean fluence rate [W/m2] of each cell.
    duration_s : float
        Of the session [s], above 0, at most a day.
    ambient_c : float or None
        Temperature of the room before and during the session [degC], -20 to 60; 23 unless given.
    surface : Surface or None
        What lies on the skin from the first second of light on: `air` or `contact`; the room's still air unless given.
    constants : HeatProperties or None
        Heat constants of each cell; the shipped table unless given.
    perfusion_scale : float
        Blood flow relative to the table, 0 to 20; for the steady profile before the session too.
    perfusion_rises : bool
        Whether blood flow of the dermis follows the skin's temperature (`dilation`); held at rest unless asked for.
    look_ahead_s : float
        How long the light is followed for `time_to_c` [s], 0 to a day.
    tolerance_c : float
        Largest error of one time step [K], 1e-8 to 0.1.

    Raises
    ------
    InputError, RangeError
    """
    absorbed = _check_absorbed(cells, absorbed_w_per_m3)
    duration = float(duration_s)
    if not 0.0 < duration <= MAX_DURATION_S:
        raise RangeError("duration_s", duration, 0.0, MAX_DURATION_S)
    if not 0.0 <= look_ahead_s <= MAX_DURATION_S:
        raise RangeError("look_ahead_s", look_ahead_s, 0.0, MAX_DURATION_S)
    if not 1e-8 <= tolerance_c <= 0.1:
        raise RangeError("tolerance_c", tolerance_c, 1e-8, 0.1)
    room = air(ambient_c)
    outside = surface or room
    values = constants or properties(cells, perfusion_scale)
    if values.conductivity.shape != (cells.count,):
        raise InputError(f"constants are for {values.conductivity.size} cells, the grid has {cells.count}.")
    before = heat_solver.operator(cells, values, np.zeros(cells.count), room)
    start = heat_solver.steady(before)
    rest_c = float(before.surface_c(start[0]))
    # steps short enough to be joined by straight lines
    legs = [(duration, min(duration / 40.0, 60.0))] + [(look_ahead_s, 120.0)] * (look_ahead_s > duration)
    course = heat_solver.march(
        lambda factor: heat_solver.operator(cells, values, absorbed, outside, factor),
        start,
        legs,
        (lambda surface_c: dilation(surface_c, rest_c)) if perfusion_rises else None,
        tolerance_c,
    )
    # the first instant of the light finds the skin as it was before
    course.surface_c[0] = rest_c
    return _result(cells, course, absorbed, duration, room, outside, perfusion_rises)


def _result(
    cells: HeatGrid,
    course: heat_solver.Course,
    absorbed: FloatArray,
    duration: float,
    room: Surface,
    outside: Surface,
    perfusion_rises: bool,
) -> HeatResult:
    session = int(np.searchsorted(course.time_s, duration)) + 1
    everywhere = np.column_stack([course.surface_c, course.cells_c])
    return HeatResult(
        layer_names=cells.layer_names,
        duration_s=duration,
        depth_mm=np.concatenate([[0.0], cells.centre_mm]),
        time_s=course.time_s[:session],
        temperature_c=everywhere[:session],
        ahead_time_s=course.time_s,
        ahead_surface_c=course.surface_c,
        ahead_hottest_c=everywhere.max(axis=1),
        cem43_min=cem43(course.time_s[:session], everywhere[:session]),
        absorbed_w_per_m2=float(1e-3 * cells.thickness_mm @ absorbed),
        ambient_c=room.temperature_c,
        surface=outside,
        dilation=float(course.dilation[session - 1]),
        perfusion_rises=perfusion_rises,
    )


def exponential_source(cells: HeatGrid, entering_w_per_m2: float, decay_per_mm: float) -> FloatArray:
    """Absorbed light of each cell for light that fades exponentially, integrated over the cell.

    Parameters
    ----------
    cells : HeatGrid
    entering_w_per_m2 : float
        Light that enters and is absorbed in the end [W/m2], not negative.
    decay_per_mm : float
        [1/mm], above 0.

    Returns
    -------
    ndarray (cell,)
        [W/m3].
    """
    if not (math.isfinite(entering_w_per_m2) and entering_w_per_m2 >= 0.0):
        raise InputError(f"entering_w_per_m2 must be finite and not negative, not {entering_w_per_m2!r}.")
    if not (math.isfinite(decay_per_mm) and decay_per_mm > 0.0):
        raise InputError(f"decay_per_mm must be above 0, not {decay_per_mm!r}.")
    return np.asarray(
        -np.diff(np.exp(-decay_per_mm * cells.edges_mm)) * entering_w_per_m2 / (1e-3 * cells.thickness_mm)
    )


__all__ = [
    "CORE_DEPTH_MM",
    "HeatGrid",
    "HeatProperties",
    "HeatResult",
    "Surface",
    "air",
    "cem43",
    "cem43_rate",
    "contact",
    "dilation",
    "explain",
    "exponential_source",
    "grid",
    "properties",
    "simulate",
    "sources",
]
