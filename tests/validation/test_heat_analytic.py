"""The heat solver against closed solutions.

Carslaw & Jaeger, Conduction of Heat in Solids, 2nd ed. (1959), and the steady equation of Pennes (J Appl Physiol 1:93,
1948, doi:10.1152/jappl.1948.1.2.93). 0.05 degree is asked for; 0.02 is held; 0.012 is the worst seen.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh
from scipy.special import erfc, erfcx

from photodose.dosimetry import heat, heat_solver

BOUND_C = 0.02
K, RHO_C, CORE_C = 0.3, 3.6e6, 37.0
ALPHA = K / RHO_C
CELLS = heat.grid(["living epidermis", "muscle"], [0.1, 39.9])
INSULATED = heat.Surface("air", 0.0, 20.0)
TIMES_S = (1.0, 10.0, 60.0, 200.0, 600.0)
DEPTHS_MM = (0.0, 0.05, 0.3, 1.0, 3.0, 8.0)


def uniform(perfusion_w_m3_k: float = 0.0, metabolic_w_m3: float = 0.0) -> heat.HeatProperties:
    one = np.ones(CELLS.count)
    return heat.HeatProperties(
        K * one, RHO_C * one, perfusion_w_m3_k * one, metabolic_w_m3 * one, one.astype(bool), CORE_C
    )


def run(absorbed: np.ndarray, surface: heat.Surface, constants: heat.HeatProperties, time_s: float, **options: object):
    return heat.simulate(
        CELLS, absorbed, time_s, ambient_c=CORE_C, surface=surface, constants=constants, look_ahead_s=0.0, **options
    )


def at(result: heat.HeatResult, time_s: float) -> np.ndarray:
    profile = np.array([np.interp(time_s, result.time_s, column) for column in result.temperature_c.T])
    return np.interp(DEPTHS_MM, result.depth_mm, profile)


def ierfc(x: np.ndarray) -> np.ndarray:
    return np.exp(-(x**2)) / np.sqrt(np.pi) - x * erfc(x)


@pytest.mark.parametrize("time_s", TIMES_S)
def test_flow_of_heat_into_the_surface(time_s: float) -> None:
    """Carslaw & Jaeger 2.9(7): constant heat flow q into a half-space, T = (2 q / k) sqrt(a t) ierfc(z / 2 sqrt(a t)).

    A decay of 2000 /mm puts all the heat into the first cell.
    """
    q = 300.0
    result = run(heat.exponential_source(CELLS, q, 2000.0), INSULATED, uniform(), 600.0)
    root = np.sqrt(ALPHA * time_s)
    expected = CORE_C + 2.0 * q / K * root * ierfc(1e-3 * np.array(DEPTHS_MM) / (2.0 * root))
    assert np.abs(at(result, time_s) - expected).max() < BOUND_C


@pytest.mark.parametrize("decay_per_mm", [0.4, 3.0, 30.0])
@pytest.mark.parametrize("time_s", TIMES_S)
def test_light_that_fades_exponentially(decay_per_mm: float, time_s: float) -> None:
    """Carslaw & Jaeger section 2.11: heat A exp(-b z) in a half-space with an insulated face."""
    q, b = 300.0, 1e3 * decay_per_mm
    result = run(heat.exponential_source(CELLS, q, decay_per_mm), INSULATED, uniform(), 600.0)
    z = 1e-3 * np.array(DEPTHS_MM)
    root = np.sqrt(ALPHA * time_s)
    x = z / (2.0 * root)
    # exp(b^2 a t + b z) erfc(b root + x), written with erfcx so that large b does not overflow
    deep = np.exp(-(x**2)) * erfcx(b * root + x)
    near = b * root - x
    small = np.minimum(near, 0.0)
    shallow = np.where(
        near > 0.0, np.exp(-(x**2)) * erfcx(np.maximum(near, 0.0)), np.exp(small**2 - x**2) * erfc(small)
    )
    expected = 2.0 * root * ierfc(x) - np.exp(-b * z) / b + 0.5 * (deep + shallow) / b
    assert np.abs(at(result, time_s) - (CORE_C + q / K * expected)).max() < BOUND_C


@pytest.mark.parametrize("h", [10.0, 100.0, 1000.0])
@pytest.mark.parametrize("time_s", TIMES_S)
def test_a_cold_plate_laid_on(h: float, time_s: float) -> None:
    """Carslaw & Jaeger 2.7(1): a half-space that gives heat h (T - T_plate) from its face."""
    result = run(np.zeros(CELLS.count), heat.contact(20.0, h), uniform(), 600.0)
    z = 1e-3 * np.array(DEPTHS_MM)
    root = np.sqrt(ALPHA * time_s)
    x, y = z / (2.0 * root), h * root / K
    expected = CORE_C + (20.0 - CORE_C) * (erfc(x) - np.exp(-(x**2)) * erfcx(x + y))
    # in the first second of a perfect contact the profile is steeper than a cell; depths between cells are then joined
    assert np.abs(at(result, time_s) - expected).max() < BOUND_C


def test_steady_profile_before_the_light() -> None:
    """Pennes without light: T - T_a = B sinh((D - z) / L), L = sqrt(k / w rho c), B from the heat lost to the room."""
    perfusion, h, room = 4000.0, 7.8, 23.0
    constants = uniform(perfusion)
    result = heat.simulate(
        CELLS, np.zeros(CELLS.count), 60.0, ambient_c=room, surface=heat.air(room, h), constants=constants
    )
    start = heat_solver.steady(heat_solver.operator(CELLS, constants, np.zeros(CELLS.count), heat.air(room, h)))
    length, depth = np.sqrt(K / perfusion), 1e-3 * CELLS.edges_mm[-1]
    b = -h * (CORE_C - room) / (K * np.cosh(depth / length) / length + h * np.sinh(depth / length))
    z = 1e-3 * CELLS.centre_mm
    assert np.abs(start - (CORE_C + b * np.sinh((depth - z) / length))).max() < 0.01
    # the default coefficient of still air is 7.85
    assert result.surface_start_c == pytest.approx(CORE_C + b * np.sinh(depth / length), abs=0.1)


def test_steady_end_under_light_with_perfusion() -> None:
    """Pennes with light q b exp(-b z) and an insulated face: cosh, sinh and exp, from d2T/dz2 = (T - T_a)/L2 - q/k."""
    perfusion, q, b = 4000.0, 300.0, 700.0
    absorbed = heat.exponential_source(CELLS, q, 1e-3 * b)
    result = run(absorbed, INSULATED, uniform(perfusion), 6.0 * 3600.0)
    length, depth = np.sqrt(K / perfusion), 1e-3 * CELLS.edges_mm[-1]
    c = q * b / K / (b**2 - 1.0 / length**2)
    sinh = -c * b * length
    cosh = (c * np.exp(-b * depth) - sinh * np.sinh(depth / length)) / np.cosh(depth / length)
    z = 1e-3 * np.array(DEPTHS_MM)
    expected = CORE_C + cosh * np.cosh(z / length) + sinh * np.sinh(z / length) - c * np.exp(-b * z)
    assert np.abs(at(result, result.duration_s) - expected).max() < BOUND_C


def test_uniform_heating_without_conduction_of_note() -> None:
    """Deep uniform heat in perfused tissue: T_a + q / (w rho c) (1 - exp(-w t)), far from both ends."""
    perfusion, q = 20_000.0, 40_000.0
    result = run(np.full(CELLS.count, q), INSULATED, uniform(perfusion), 600.0)
    for time_s in TIMES_S:
        expected = CORE_C + q / perfusion * (1.0 - np.exp(-perfusion / RHO_C * time_s))
        assert abs(at(result, time_s)[0] - expected) < BOUND_C


def test_steps_in_time_against_the_exact_exponential_of_the_cells() -> None:
    """A person's layers: the same cells followed by their eigenvectors, which know no time step."""
    names = ("stratum corneum", "living epidermis", "reticular dermis", "subcutaneous fat", "muscle")
    cells = heat.grid(names, (0.012, 0.06, 1.5, 4.0, 30.0))
    constants, plate = heat.properties(cells), heat.contact(30.0, 200.0)
    absorbed = heat.exponential_source(cells, 400.0, 1.0)
    result = heat.simulate(cells, absorbed, 1200.0, surface=plate, look_ahead_s=0.0)
    balance = heat_solver.operator(cells, constants, absorbed, plate)
    matrix = np.diag(balance.diagonal) + np.diag(balance.off, 1) + np.diag(balance.off, -1)
    rate, shape = eigh(matrix, np.diag(balance.capacity))
    end = heat_solver.steady(balance)
    weight = shape.T @ (balance.capacity * (result.temperature_c[0, 1:] - end))
    exact = end + (np.exp(-np.outer(result.time_s, rate)) * weight) @ shape.T
    assert np.abs(result.temperature_c[:, 1:] - exact).max() < 0.01
