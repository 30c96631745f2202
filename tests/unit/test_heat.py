"""Heat: grid, CEM43, bad input, what the result says of itself and in words."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photodose.data import load_document
from photodose.data.schema_tissue import PerfusionRiseDocument
from photodose.dosimetry import heat, heat_explain
from photodose.quantities import InputError, RangeError, UnknownNameError

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


def lit(entering_w_per_m2: float, duration_s: float = 600.0, **options: object) -> heat.HeatResult:
    absorbed = heat.exponential_source(CELLS, entering_w_per_m2, 0.7)
    return heat.simulate(CELLS, absorbed, duration_s, **options)  # type: ignore[arg-type]


def test_edges_of_cells_meet_every_boundary_and_the_core() -> None:
    boundaries = np.cumsum(THICKNESS_MM)
    assert CELLS.edges_mm[0] == 0.0
    assert all(np.any(CELLS.edges_mm == boundary) for boundary in boundaries)
    assert CELLS.edges_mm[-1] == heat.CORE_DEPTH_MM
    assert np.all(np.diff(CELLS.edges_mm) > 0.0)
    assert CELLS.count == CELLS.layer_index.size == CELLS.edges_mm.size - 1
    assert set(CELLS.layer_index) == set(range(len(NAMES)))
    assert np.all(np.diff(CELLS.layer_index) >= 0)
    for number, (top, bottom) in enumerate(zip([0.0, *boundaries[:-1]], boundaries, strict=True)):
        inside = (CELLS.centre_mm > top) & (CELLS.centre_mm < bottom)
        assert set(CELLS.layer_index[inside]) == {number}


def test_grid_is_fine_at_the_surface_and_coarse_below() -> None:
    assert CELLS.thickness_mm[0] < 0.02
    assert CELLS.thickness_mm[CELLS.centre_mm < 0.3].max() < 0.06
    assert CELLS.thickness_mm.max() < 6.0


def test_a_skin_deeper_than_the_core_depth_is_kept_whole() -> None:
    deep = heat.grid(["living epidermis", "subcutaneous fat", "muscle"], [0.1, 30.0, 30.0])
    assert deep.edges_mm[-1] == pytest.approx(60.1)


@given(st.lists(st.floats(1e-6, 50.0), min_size=1, max_size=8), st.floats(0.25, 4.0))
def test_grid_of_any_layers_is_valid_and_stays_at_rest_without_light(thickness: list[float], refinement: float) -> None:
    cells = heat.grid(NAMES[: len(thickness)], thickness, refinement)
    assert np.all(np.diff(cells.edges_mm) > 0.0)
    result = heat.simulate(cells, np.zeros(cells.count), 60.0, look_ahead_s=0.0)
    assert abs(result.surface_end_c - result.surface_start_c) < 1e-6


@pytest.mark.parametrize(
    ("names", "thickness", "error"),
    [
        (["dermus"], [1.0], UnknownNameError),
        ([], [], InputError),
        (["muscle"], [1.0, 2.0], InputError),
        (["muscle"], [0.0], RangeError),
        (["muscle"], [float("nan")], RangeError),
        (["muscle"], [-1.0], RangeError),
    ],
)
def test_bad_layers_are_one_sentence(names: list[str], thickness: list[float], error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        heat.grid(names, thickness)
    assert "\n" not in str(caught.value)


def test_bad_refinement_is_refused() -> None:
    with pytest.raises(RangeError):
        heat.grid(["muscle"], [1.0], refinement=0.0)


@pytest.mark.parametrize(
    ("absorbed", "duration", "options"),
    [
        (np.zeros(3), 60.0, {}),
        (np.full(CELLS.count, np.nan), 60.0, {}),
        (np.full(CELLS.count, -1.0), 60.0, {}),
        (np.zeros(CELLS.count), 0.0, {}),
        (np.zeros(CELLS.count), float("nan"), {}),
        (np.zeros(CELLS.count), 90_000.0, {}),
        (np.zeros(CELLS.count), 60.0, {"ambient_c": 100.0}),
        (np.zeros(CELLS.count), 60.0, {"ambient_c": float("nan")}),
        (np.zeros(CELLS.count), 60.0, {"perfusion_scale": -1.0}),
        (np.zeros(CELLS.count), 60.0, {"look_ahead_s": -1.0}),
        (np.zeros(CELLS.count), 60.0, {"tolerance_c": 0.0}),
        (np.zeros(CELLS.count), 60.0, {"constants": heat.properties(heat.grid(["muscle"], [1.0]))}),
    ],
)
def test_bad_input_is_refused(absorbed: np.ndarray, duration: float, options: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        heat.simulate(CELLS, absorbed, duration, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("temperature", "conductance"), [(70.0, 10.0), (20.0, -1.0), (20.0, 1e7)])
def test_bad_contact_is_refused(temperature: float, conductance: float) -> None:
    with pytest.raises(RangeError):
        heat.contact(temperature, conductance)


def test_an_unknown_kind_of_surface_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        heat.Surface("water", 10.0, 20.0)  # type: ignore[arg-type]


def test_cem43_of_constant_temperatures() -> None:
    """43 degC counts as it is; each degree above doubles, each below down to 39 quarters, and then nothing counts."""
    minutes = np.array([0.0, 10.0]) * 60.0
    for temperature, expected in [(43.0, 10.0), (44.0, 20.0), (48.0, 320.0), (42.0, 2.5), (39.0, 10 / 256), (38.9, 0)]:
        assert heat.cem43(minutes, [temperature] * 2) == pytest.approx(expected, rel=1e-12)


@given(st.floats(30.0, 50.0), st.floats(30.0, 50.0), st.floats(1.0, 1000.0))
def test_cem43_of_a_straight_line_is_its_fine_sum(low: float, high: float, duration: float) -> None:
    fine = np.linspace(0.0, 1.0, 40_001)
    middle = 0.5 * (fine[1:] + fine[:-1])
    expected = float(heat.cem43_rate(low + (high - low) * middle).mean()) * duration / 60.0
    found = float(heat.cem43([0.0, duration], [low, high]))
    assert found == pytest.approx(expected, rel=2e-3, abs=1e-6 * duration)


def test_cem43_by_depth_is_that_of_each_depth() -> None:
    course = np.array([[42.0, 44.0], [43.0, 44.0], [43.5, 45.0]])
    both = heat.cem43([0.0, 60.0, 90.0], course)
    alone = [float(heat.cem43([0.0, 60.0, 90.0], course[:, i])) for i in range(2)]
    assert both == pytest.approx(alone)


def test_times_run_from_the_start_to_exactly_the_end() -> None:
    result = lit(200.0, 754.3)
    assert result.time_s[0] == 0.0
    assert result.time_s[-1] == 754.3
    assert np.all(np.diff(result.ahead_time_s) > 0.0)
    assert result.ahead_time_s[-1] == 3600.0
    assert result.temperature_c.shape == (result.time_s.size, result.depth_mm.size)
    assert np.array_equal(result.ahead_surface_c[: result.time_s.size], result.surface_c)


def test_a_long_session_is_followed_to_its_end_only() -> None:
    result = lit(100.0, 7200.0)
    assert result.ahead_time_s[-1] == result.time_s[-1] == 7200.0


@pytest.mark.parametrize("duration", [1e-3, 0.5, 86_400.0])
def test_very_short_and_very_long_sessions(duration: float) -> None:
    result = lit(100.0, duration)
    assert np.isfinite(result.temperature_c).all()
    assert result.time_s[-1] == duration


def test_time_to_a_limit_lies_where_the_course_crosses_it() -> None:
    result = lit(400.0, 300.0)
    seconds = result.time_to_c(39.0)
    assert seconds is not None
    assert np.interp(seconds, result.ahead_time_s, result.ahead_hottest_c) == pytest.approx(39.0)
    on_surface = result.time_to_c(39.0, where="surface")
    assert on_surface is not None
    assert on_surface >= seconds
    assert result.time_to_c(60.0) is None
    assert result.time_to_c(30.0) == 0.0
    beyond = result.time_to_c(41.0)
    assert beyond is not None
    assert beyond > result.duration_s


def test_time_to_a_limit_refuses_nonsense() -> None:
    result = lit(0.0, 60.0)
    with pytest.raises(InputError):
        result.time_to_c(float("nan"))
    with pytest.raises(InputError):
        result.time_to_c(41.0, where="liver")  # type: ignore[arg-type]


def test_dict_is_json_with_units_sources_and_warnings() -> None:
    answer = json.loads(json.dumps(lit(300.0).to_dict(), allow_nan=False))
    assert set(answer["skin_temperature_c"]) == {"start", "end", "max"}
    assert len(answer["profile"]["depth_mm"]) == len(answer["profile"]["end_c"])
    assert len(answer["course"]["time_s"]) == len(answer["course"]["surface_c"])
    assert all(source["citation"] and source["confidence"] for source in answer["sources"])
    assert any("Blood flow was held" in words for words in answer["warnings"])
    rising = lit(300.0, perfusion_rises=True).to_dict()
    assert not any("Blood flow was held" in words for words in rising["warnings"])
    assert any("Wenger" in source["citation"] for source in rising["sources"])


def test_xarray_and_plot_carry_units() -> None:
    result = lit(300.0)
    data = result.to_xarray()
    assert data.temperature.dims == ("time_s", "depth_mm")
    assert data.temperature.attrs["units"] == "degC"
    axes = result.plot()
    assert "°C" in axes.get_ylabel()
    assert result.plot(axes) is axes


def test_dilation_is_that_measured_and_held_outside() -> None:
    rise = load_document("tissue/perfusion_rise", PerfusionRiseDocument)
    assert heat.dilation(40.0, 33.0) == pytest.approx(rise.ratio.mean)
    assert heat.dilation(33.0, 33.0) == 1.0
    assert heat.dilation(45.0, 33.0) == heat.dilation(40.0, 33.0)
    assert heat.dilation(10.0, 33.0) == heat.dilation(26.0, 33.0)
    # Wenger 1985 measured 42 % at 26 degC, which the law that fits 40 degC gives within 12 %
    assert heat.dilation(26.0, 33.0) == pytest.approx(0.42, rel=0.13)


@pytest.mark.parametrize(("entering", "decay"), [(-1.0, 1.0), (1.0, 0.0), (float("nan"), 1.0), (1.0, float("inf"))])
def test_bad_exponential_source_is_refused(entering: float, decay: float) -> None:
    with pytest.raises(InputError):
        heat.exponential_source(CELLS, entering, decay)


def words(entering: float, duration_s: float = 600.0, **options: object) -> str:
    return " ".join(heat.explain(lit(entering, duration_s, **options)))


def test_words_always_hold_the_limit_and_the_honest_place_of_stars() -> None:
    for entering in (0.0, 100.0, 800.0):
        said = words(entering)
        assert "41 degrees or pain is the end" in said
        assert "forearm of healthy adults, in a clinic" in said
        assert "never a ceiling for a face at home" in said
        assert "fresh scars blister" in said


def test_words_follow_the_numbers() -> None:
    assert "stays at" in words(0.0)
    assert "does not reach 41 degrees" in words(50.0)
    assert "would reach 41 degrees after" in words(400.0, 60.0)
    assert "this session is too long or too strong" in words(800.0)
    assert "CEM43" in words(800.0)
    assert "CEM43" not in words(50.0)
    assert "cools from" in words(0.0, surface=heat.contact(10.0, 200.0))
    assert "before the light starts" in words(100.0, ambient_c=60.0)
    assert "over the 60 seconds" in words(100.0, 60.0)
    assert "over the 10 minutes" in words(100.0, 600.0)


def test_words_compare_with_lighter_skin() -> None:
    dark, light = lit(300.0), lit(200.0)
    assert "degrees more than light skin" in " ".join(heat.explain(dark, light))
    assert "about the same" in " ".join(heat.explain(light, light))


def test_words_are_short_sentences() -> None:
    """At most 30 words a sentence, so that a tired person at home follows."""
    for entering in (0.0, 400.0, 800.0):
        for paragraph in heat.explain(lit(entering), lit(0.0)):
            for sentence in re.split(r"(?<=[.:;]) ", paragraph):
                assert len(sentence.split()) <= 30, sentence
    assert heat_explain.LIMIT.endswith(".")
