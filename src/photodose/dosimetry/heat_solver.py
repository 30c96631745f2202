"""Pennes' equation in finite volumes, in steady state and in time (TR-BDF2, adaptive steps)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from photodose.dosimetry.heat_grid import HeatGrid, HeatProperties, Surface

FloatArray = NDArray[np.float64]

GAMMA: Final = 2.0 - math.sqrt(2.0)
_BDF_MIDDLE: Final = 1.0 / (GAMMA * (2.0 - GAMMA))
_BDF_START: Final = (1.0 - GAMMA) ** 2 / (GAMMA * (2.0 - GAMMA))
_ERROR: Final = (-3.0 * GAMMA**2 + 4.0 * GAMMA - 2.0) / (12.0 * (2.0 - GAMMA))
FIRST_STEP_S: Final = 1e-3
TOLERANCE_C: Final = 5e-4
"""Largest error of one time step [K]."""


@dataclass(frozen=True, slots=True, eq=False)
class Operator:
    """Heat balance of all cells per area of skin: C dT/dt = source - K T, K symmetric, tridiagonal, positive definite.

    Attributes
    ----------
    capacity : ndarray (cell,)
        C [J/(m2 K)].
    diagonal, off : ndarray (cell,), (cell - 1,)
        K [W/(m2 K)].
    source : ndarray (cell,)
        Light, metabolism, blood, core and surroundings [W/m2].
    skin_share : float
        Share of the first cell's temperature in the surface temperature; the rest is `outside_c`.
    outside_c : float
        Temperature of what lies on the skin [degC].
    """

    capacity: FloatArray
    diagonal: FloatArray
    off: FloatArray
    source: FloatArray
    skin_share: float
    outside_c: float

    def surface_c(self, temperature_c: FloatArray) -> FloatArray:
        """Surface temperature from the temperature of the first cell [degC]."""
        return np.asarray(self.skin_share * temperature_c + (1.0 - self.skin_share) * self.outside_c)

    def residual(self, temperature_c: FloatArray) -> FloatArray:
        """C dT/dt [W/m2], shape (cell,)."""
        rest = self.source - self.diagonal * temperature_c
        rest[1:] -= self.off * temperature_c[:-1]
        rest[:-1] -= self.off * temperature_c[1:]
        return rest


def operator(
    cells: HeatGrid, constants: HeatProperties, absorbed_w_per_m3: FloatArray, surface: Surface, dilation: float = 1.0
) -> Operator:
    """Build the heat balance of every cell.

    Pennes (1948), doi:10.1152/jappl.1948.1.2.93: rho c dT/dt = d/dz(k dT/dz) + w rho_b c_b (T_a - T) + q_met + q_light.
    Between cells, and from the first cell to the surroundings, resistances add up; the lower end of the last cell is
    at arterial temperature.

    Parameters
    ----------
    absorbed_w_per_m3 : ndarray (cell,)
        Absorbed light [W/m3].
    surface : Surface
    dilation : float
        Factor on the blood flow of the cells that dilate.
    """
    size = 1e-3 * cells.thickness_mm
    half = 0.5 * size / constants.conductivity
    between = 1.0 / (half[:-1] + half[1:])
    to_core = 1.0 / half[-1]
    h = surface.coefficient_w_m2_k
    to_outside = h / (1.0 + h * half[0])
    blood = size * constants.perfusion_w_m3_k * np.where(constants.dilates, dilation, 1.0)
    diagonal = blood.copy()
    diagonal[:-1] += between
    diagonal[1:] += between
    diagonal[0] += to_outside
    diagonal[-1] += to_core
    source = size * (absorbed_w_per_m3 + constants.metabolic_w_m3) + blood * constants.arterial_c
    source[0] += to_outside * surface.temperature_c
    source[-1] += to_core * constants.arterial_c
    skin_share = 1.0 / (1.0 + h * half[0])
    return Operator(size * constants.heat_capacity, diagonal, -between, source, skin_share, surface.temperature_c)


def _solve(diagonal: FloatArray, off: FloatArray, right: FloatArray) -> FloatArray:
    _, _, answer, info = lapack.dptsv(diagonal, off, right)
    if info:
        raise ArithmeticError("the heat balance is not positive definite")
    return np.asarray(answer)


def steady(balance: Operator) -> FloatArray:
    """Temperature of every cell when nothing changes any more [degC], shape (cell,)."""
    return _solve(balance.diagonal, balance.off, balance.source)


def _step(balance: Operator, now: FloatArray, rest: FloatArray, step_s: float) -> tuple[FloatArray, FloatArray, float]:
    """One TR-BDF2 step (Bank et al. 1985; error estimate of Hosea & Shampine 1996): temperature, residual, error."""
    weight = 0.5 * GAMMA * step_s
    d, e, _ = lapack.dpttrf(balance.capacity + weight * balance.diagonal, weight * balance.off)
    held = balance.capacity * now
    middle, _ = lapack.dpttrs(d, e, held + weight * (balance.source + rest))
    right = balance.capacity * (_BDF_MIDDLE * middle - _BDF_START * now) + weight * balance.source
    new, _ = lapack.dpttrs(d, e, right)
    new_rest = balance.residual(new)
    middle_rest = balance.residual(middle)
    slope = rest / GAMMA - middle_rest / (GAMMA * (1.0 - GAMMA)) + new_rest / (1.0 - GAMMA)
    # solved once more with the same matrix, so that stiff thin cells do not dominate the estimate
    error, _ = lapack.dpttrs(d, e, 2.0 * _ERROR * step_s * slope)
    return new, new_rest, float(np.abs(error).max())


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Temperature in time: time_s (time,), cells_c (time, cell), surface_c (time,), dilation (time,)."""

    time_s: FloatArray
    cells_c: FloatArray
    surface_c: FloatArray
    dilation: FloatArray


def march(
    balance_of: Callable[[float], Operator],
    start_c: FloatArray,
    legs_s: Sequence[tuple[float, float]],
    dilation_of: Callable[[float], float] | None = None,
    tolerance_c: float = TOLERANCE_C,
) -> Course:
    """Follow the temperature from a start until the last stop.

    Parameters
    ----------
    balance_of : callable
        The heat balance for a factor on the dermis' blood flow.
    start_c : ndarray (cell,)
        Temperature at the start [degC].
    legs_s : sequence of (float, float)
        Times that are hit exactly, rising, and the longest step on the way to each [s].
    dilation_of : callable or None
        Factor on blood flow for a surface temperature [degC]; None keeps blood flow at rest.
    tolerance_c : float
        Largest error of one step [K].
    """
    factor = 1.0
    balance = balance_of(factor)
    now, time, step = start_c, 0.0, FIRST_STEP_S
    rest = balance.residual(now)
    surface = float(balance.surface_c(now[0]))
    slope = 0.0
    rows = [(time, now, surface, factor)]
    for stop, longest in legs_s:
        while time < stop:
            step = min(step, longest)
            left = stop - time
            size = left if step > 0.999 * left else min(step, 0.5 * left) if step > 0.5 * left else step
            if dilation_of is not None:
                # blood flow at the middle of the step, so that following it stays second order in time
                factor = dilation_of(surface + 0.5 * size * slope)
                balance = balance_of(factor)
                rest = balance.residual(now)
            new, new_rest, error = _step(balance, now, rest, size)
            growth = 0.9 * (tolerance_c / max(error, 1e-12)) ** (1.0 / 3.0)
            step = size * min(4.0, max(0.2, growth))
            if error > tolerance_c and size > 1e-6:
                continue
            time = stop if size == left else time + size
            now, rest = new, new_rest
            before, surface = surface, float(balance.surface_c(now[0]))
            slope = (surface - before) / size
            rows.append((time, now, surface, factor))
    times, cells, surfaces, factors = zip(*rows, strict=True)
    return Course(np.array(times), np.array(cells), np.array(surfaces), np.array(factors))
