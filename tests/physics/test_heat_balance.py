"""What must hold of heat in any skin: no light no change, energy kept, blood and a cold plate cool, light warms."""

from __future__ import annotations

import numpy as np
import pytest

from photodose.dosimetry import heat, heat_solver

NAMES = (
    "stratum corneum",
    "living epidermis",
    "papillary dermis",
    "upper blood net",
    "reticular dermis",
    "deep blood net",
    "subcutaneous fat",
    "muscle",
)
THICKNESS_MM = (0.011, 0.058, 0.15, 0.1, 1.055, 0.145, 5.0, 30.0)
CELLS = heat.grid(NAMES, THICKNESS_MM)
DARK = heat.simulate(CELLS, np.zeros(CELLS.count), 1200.0)


def light(entering_w_per_m2: float, decay_per_mm: float = 0.7) -> np.ndarray:
    return heat.exponential_source(CELLS, entering_w_per_m2, decay_per_mm)


def rise(result: heat.HeatResult) -> float:
    return result.surface_end_c - result.surface_start_c


def test_without_light_nothing_changes() -> None:
    """The session starts from the steady profile, so that darkness leaves every depth as it is."""
    assert np.abs(DARK.temperature_c - DARK.temperature_c[0]).max() < 1e-6
    assert DARK.cem43_max_min == 0.0
    assert DARK.time_to_c(41.0) is None


def test_profile_before_the_light_rises_from_skin_to_core() -> None:
    """A resting person in a room is cooler at the skin than in the core, and warms steadily downward."""
    start = DARK.temperature_c[0]
    assert np.all(np.diff(start[: np.searchsorted(DARK.depth_mm, 15.0)]) > 0.0)
    assert 32.0 < start[0] < 36.0
    assert start[-1] == pytest.approx(37.0, abs=0.1)


@pytest.mark.parametrize("surface", [None, heat.contact(25.0, 100.0)], ids=["air", "contact"])
@pytest.mark.parametrize("decay_per_mm", [0.3, 3.0, 60.0])
def test_energy_is_kept(surface: heat.Surface | None, decay_per_mm: float) -> None:
    """Light taken up = heat stored + carried off by blood, by the surface and to the core, to 0.2 % of the largest.

    The steady start lets the balance be written in departures from it; a plate adds its own constant step.
    """
    absorbed = light(300.0, decay_per_mm)
    result = heat.simulate(CELLS, absorbed, 1200.0, surface=surface, look_ahead_s=0.0, tolerance_c=1e-5)
    constants = heat.properties(CELLS)
    h = result.surface.coefficient_w_m2_k
    cells_c = result.temperature_c[:, 1:]
    size = 1e-3 * CELLS.thickness_mm
    stored = float((size * constants.heat_capacity) @ (cells_c[-1] - cells_c[0]))
    to_blood = ((cells_c - constants.arterial_c) * size * constants.perfusion_w_m3_k).sum(axis=1)
    to_room = h * (result.surface_c - result.surface.temperature_c)
    # the first instant is before the plate; from then on the first cell tells what leaves
    half = 0.5 * size[0] / constants.conductivity[0]
    to_room[0] = h * (cells_c[0, 0] - result.surface.temperature_c) / (1.0 + h * half)
    to_core = (cells_c[:, -1] - constants.arterial_c) * constants.conductivity[-1] / (0.5 * size[-1])
    leaving = np.trapezoid(to_blood + to_room + to_core, result.time_s)
    entering = (result.absorbed_w_per_m2 + float(size @ constants.metabolic_w_m3)) * result.duration_s
    largest = max(abs(stored), abs(entering), abs(leaving))
    assert stored == pytest.approx(entering - leaving, abs=2e-3 * largest)


def test_light_is_taken_up_whole() -> None:
    """The source given per cell adds up to the light that entered, less what passes 40 mm."""
    assert heat.simulate(CELLS, light(300.0), 60.0, look_ahead_s=0.0).absorbed_w_per_m2 == pytest.approx(300.0)


def test_twice_the_light_warms_twice_as_much() -> None:
    """With blood flow held, the equation is linear in the light."""
    once, twice = (heat.simulate(CELLS, light(q), 600.0) for q in (150.0, 300.0))
    assert rise(twice) == pytest.approx(2.0 * rise(once), rel=2e-3)


def test_warming_goes_on_but_slows() -> None:
    result = heat.simulate(CELLS, light(300.0), 1200.0)
    assert np.all(np.diff(result.surface_c) > -1e-6)
    quarter, half, full = (float(np.interp(t, result.time_s, result.surface_c)) for t in (300.0, 600.0, 1200.0))
    assert quarter - result.surface_start_c > half - quarter > 0.5 * (full - half) > 0.0


def test_shallow_light_warms_the_surface_more_than_deep_light() -> None:
    """The same energy, taken up nearer the surface: why darker skin and shorter wavelengths warm more at the top."""
    rises = [rise(heat.simulate(CELLS, light(300.0, decay), 600.0)) for decay in (0.2, 1.0, 5.0, 30.0)]
    assert rises == sorted(rises)
    assert rises[-1] > 1.3 * rises[0]


def test_more_blood_lowers_the_rise() -> None:
    """Blood at core temperature carries off what light adds: the more blood, the smaller the rise."""
    rises = [rise(heat.simulate(CELLS, light(300.0), 1200.0, perfusion_scale=s)) for s in (0.0, 0.5, 1.0, 2.0, 5.0)]
    assert rises == sorted(rises, reverse=True)
    assert rises[-1] < 0.5 * rises[0]


def test_vessels_that_widen_cool_hot_skin() -> None:
    """Skin above core temperature is cooled by the blood that its own warmth calls in."""
    held = heat.simulate(CELLS, light(500.0), 1200.0)
    wide = heat.simulate(CELLS, light(500.0), 1200.0, perfusion_rises=True)
    assert wide.surface_start_c == held.surface_start_c
    assert wide.surface_end_c < held.surface_end_c - 0.3
    assert 1.5 < wide.dilation <= 2.13
    assert held.dilation == 1.0


def test_widening_does_nothing_without_light() -> None:
    still = heat.simulate(CELLS, np.zeros(CELLS.count), 1200.0, perfusion_rises=True)
    assert np.abs(still.temperature_c - DARK.temperature_c[0]).max() < 1e-5


def test_a_cold_plate_cools_and_a_better_joint_cools_more() -> None:
    bare = heat.simulate(CELLS, light(300.0), 600.0)
    ends = [
        heat.simulate(CELLS, light(300.0), 600.0, surface=heat.contact(20.0, h)).surface_end_c
        for h in (20.0, 100.0, 1000.0)
    ]
    assert bare.surface_end_c > ends[0] > ends[1] > ends[2] > 20.0


def test_a_hot_device_against_the_skin_warms_it_even_without_light() -> None:
    """A device that gets warm adds its own heat: 45 degrees through a good joint passes the limit of 41."""
    result = heat.simulate(CELLS, np.zeros(CELLS.count), 600.0, surface=heat.contact(45.0, 200.0))
    assert result.surface_end_c > 41.0
    reached = result.time_to_c(41.0)
    assert reached is not None
    assert 0.0 < reached < 600.0


def test_a_perfect_joint_holds_the_surface_at_the_plate() -> None:
    result = heat.simulate(CELLS, light(300.0), 600.0, surface=heat.contact(30.0, 1e6))
    assert result.surface_end_c == pytest.approx(30.0, abs=1e-3)


def test_a_warmer_room_and_a_closed_mask_are_warmer() -> None:
    rooms = [heat.simulate(CELLS, light(300.0), 600.0, ambient_c=t).surface_end_c for t in (15.0, 23.0, 30.0)]
    assert rooms == sorted(rooms)
    open_air, closed = (
        heat.simulate(CELLS, light(300.0), 600.0, surface=heat.air(coefficient_w_m2_k=h)).surface_end_c
        for h in (7.85, 2.0)
    )
    assert closed > open_air


def test_hottest_point_lies_at_or_below_the_surface_and_is_never_cooler() -> None:
    result = heat.simulate(CELLS, light(500.0, 0.3), 1200.0)
    assert result.hottest_c >= result.surface_max_c
    assert 0.0 <= result.hottest_depth_mm < 10.0
    assert result.cem43_max_min >= result.cem43_surface_min > 0.0


@pytest.mark.parametrize("decay_per_mm", [0.3, 3.0, 30.0])
def test_a_finer_grid_changes_nothing_that_counts(decay_per_mm: float) -> None:
    """Eight times the cells and a five-hundredth of the step error move the surface by less than 0.02 degree."""
    fine_cells = heat.grid(NAMES, THICKNESS_MM, refinement=8.0)
    absorbed = heat.exponential_source(fine_cells, 500.0, decay_per_mm)
    fine = heat.simulate(fine_cells, absorbed, 1200.0, tolerance_c=1e-6, look_ahead_s=0.0)
    usual = heat.simulate(CELLS, light(500.0, decay_per_mm), 1200.0, look_ahead_s=0.0)
    for time_s in (0.3, 1.0, 10.0, 60.0, 300.0, 1200.0):
        a, b = (float(np.interp(time_s, r.time_s, r.surface_c)) for r in (usual, fine))
        assert abs(a - b) < 0.02


def test_error_falls_with_the_square_of_the_cell_size() -> None:
    """Finite volumes are second order: halving the cells quarters the error of the steady profile under light."""
    ends = []
    for refinement in (1.0, 2.0, 4.0, 32.0):
        cells = heat.grid(NAMES, THICKNESS_MM, refinement)
        source = heat.exponential_source(cells, 500.0, 1.0)
        balance = heat_solver.operator(cells, heat.properties(cells), source, heat.air())
        ends.append(float(balance.surface_c(heat_solver.steady(balance)[0])))
    errors = np.abs(np.array(ends[:3]) - ends[3])
    assert errors[0] < 0.02
    assert errors[1] < 0.5 * errors[0]
    assert errors[2] < 0.5 * errors[1]


def test_smaller_steps_converge() -> None:
    rows = [
        heat.simulate(CELLS, light(500.0), 600.0, perfusion_rises=True, tolerance_c=tolerance, look_ahead_s=0.0)
        for tolerance in (5e-4, 1e-7)
    ]
    assert abs(rows[0].surface_end_c - rows[1].surface_end_c) < 0.01
    assert rows[1].time_s.size > rows[0].time_s.size
