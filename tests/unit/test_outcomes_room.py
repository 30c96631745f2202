"""Outcome measures, the smallest real change and the trend of one person."""

from __future__ import annotations

import importlib
import math

import numpy as np
import pytest
from pydantic import ValidationError

from photodose import outcomes
from photodose.data.schema_outcomes import Change, Measure
from photodose.quantities import InputError, RangeError, UnknownNameError

trend_module = importlib.import_module("photodose.outcomes.trend")


def test_only_measures_whose_licence_allows_it_are_shipped() -> None:
    for measure in outcomes.measures():
        if measure.shipped:
            assert measure.redistribution == "yes", measure.id
    for name in ("womac", "dlqi", "psqi", "poem", "ndi"):
        assert not outcomes.measure(name).shipped
    with pytest.raises(ValidationError, match="licence does not clearly allow"):
        Measure.model_validate(outcomes.measure("womac").model_dump() | {"shipped": True})


def test_every_goal_with_a_benefit_has_a_measure_that_may_be_shown() -> None:
    for goal in ("fine_lines_wrinkles", "acne", "hair_aga", "chronic_pain", "joint_health", "stress_mood_sleep"):
        first = outcomes.measures(goal)[0]
        assert first.shipped
        assert goal in first.default_for


def test_corrected_important_changes() -> None:
    pain, poem = outcomes.measure("pain_nrs"), outcomes.measure("poem")
    assert pain.mcid is not None
    assert (pain.mcid.absolute, pain.mcid.percent_of_baseline, pain.mcid.usable) == (2, 30, True)
    assert poem.mcid is not None
    assert (poem.mcid.absolute, poem.mcid.absolute_high) == (3, 3.9)
    easi = outcomes.measure("easi").mcid
    assert easi is not None
    assert easi.absolute is None  # 6.6 points was found nowhere; 50 % was
    assert easi.percent_of_baseline == 50
    line = outcomes.measure("pain_vas").mcid
    assert line is not None
    assert (line.absolute, line.percent_of_baseline, line.usable) == (15, 30, True)
    neck = outcomes.measure("ndi").mcid
    assert neck is not None
    assert not neck.usable  # of 50 or of 100: the abstract does not say


def test_names() -> None:
    assert outcomes.measure("Pain NRS").id == "pain_nrs"
    assert outcomes.measure("GAD-7").id == "gad7"
    with pytest.raises(UnknownNameError):
        outcomes.measure("pane")
    with pytest.raises(UnknownNameError) as caught:
        outcomes.measures("acnee")
    assert "acne" in caught.value.nearest
    with pytest.raises(ValidationError):
        Change(confidence="read")


def test_smallest_real_change_ignores_a_drift() -> None:
    noise = np.random.default_rng(5).normal(0.0, 1.0, 4000)
    expected = 1.96 * math.sqrt(2.0)
    assert outcomes.smallest_real_change(noise) == pytest.approx(expected, rel=0.05)
    assert outcomes.smallest_real_change(noise + np.linspace(0, 50, 4000)) == pytest.approx(expected, rel=0.05)
    with pytest.raises(InputError, match="at least 3"):
        outcomes.smallest_real_change([1.0, 2.0])


@pytest.mark.parametrize(
    ("t", "degrees", "table"),
    [(6.313752, 1, 0.95), (2.919986, 2, 0.95), (1.812461, 10, 0.95), (2.570582, 5, 0.975), (-1.812461, 10, 0.05)],
)
def test_student_t_against_the_printed_table(t: float, degrees: int, table: float) -> None:
    assert trend_module._t_cdf(t, degrees) == pytest.approx(table, abs=1e-6)
    if table > 0.5:
        assert trend_module._t_quantile(table, degrees) == pytest.approx(t, abs=1e-5)


PAIN = outcomes.measure("pain_nrs")
DAYS = np.arange(-14.0, 85.0, 7.0)


def _scores(change: float, noise: float = 0.5, seed: int = 1) -> np.ndarray:
    ramp = np.clip(DAYS / 56.0, 0.0, 1.0)
    return np.clip(6.0 + change * ramp + np.random.default_rng(seed).normal(0.0, noise, DAYS.size), 0.0, 10.0)


def test_a_large_fall_of_pain_is_working() -> None:
    answer = outcomes.trend(PAIN, DAYS, _scores(-4.0), weeks_until_fair_judgement=8)
    assert answer.answer == "working"
    assert answer.probability > 0.95
    assert answer.threshold_basis == "important change"
    assert answer.change.low < 4.0 < answer.change.high + 0.5


def test_no_change_and_a_rise_are_not_working() -> None:
    flat = outcomes.trend(PAIN, DAYS, _scores(0.0), weeks_until_fair_judgement=8)
    assert flat.answer == "not working"
    assert flat.probability < 0.05
    rise = outcomes.trend(PAIN, DAYS, _scores(3.5), weeks_until_fair_judgement=8)
    assert rise.answer == "not working"
    assert rise.probability_worse > 0.8
    assert "worse" in rise.because


def test_too_early_before_the_weeks_that_trials_needed() -> None:
    few = DAYS <= 28
    answer = outcomes.trend(PAIN, DAYS[few], _scores(-4.0)[few], weeks_until_fair_judgement=8)
    assert answer.answer == "too early"
    assert "8 weeks" in answer.because


def test_too_early_with_few_readings_and_says_how_many_are_missing() -> None:
    answer = outcomes.trend(PAIN, [-1.0, 0.0, 60.0], [6.0, 6.0, 3.0], weeks_until_fair_judgement=8)
    assert answer.answer == "too early"
    assert math.isnan(answer.probability)
    assert "2 more readings" in answer.because


def test_scatter_is_too_early_and_not_a_verdict() -> None:
    answer = outcomes.trend(PAIN, DAYS[:8], [2, 9, 3, 8, 2, 9, 1, 6], weeks_until_fair_judgement=4)
    assert answer.answer == "too early"
    assert "scatter" in answer.because


def test_one_outlier_does_not_turn_the_answer() -> None:
    scores = _scores(-4.0)
    scores[-1] = 10.0
    assert outcomes.trend(PAIN, DAYS, scores, weeks_until_fair_judgement=8).answer == "working"


def test_equal_readings_on_a_coarse_scale_are_not_certainty_of_nothing() -> None:
    self_rating = outcomes.measure("redness_self")  # its important change was not read
    answer = outcomes.trend(self_rating, DAYS, np.full(DAYS.size, 2.0), weeks_until_fair_judgement=8)
    assert answer.threshold_basis == "smallest real change"
    assert answer.smallest_real_change > 0.5
    assert answer.answer == "not working"
    assert 0.0 < answer.probability < 0.1


def test_higher_is_better_where_the_measure_says_so() -> None:
    hair = outcomes.measure("hair_density")
    scores = 150.0 + 60.0 * np.clip(DAYS / 56.0, 0.0, 1.0) + np.tile([1.0, -1.0], 8)[: DAYS.size]
    assert outcomes.trend(hair, DAYS, scores, weeks_until_fair_judgement=8).answer == "working"


def test_a_single_reading_before_the_start_is_warned_about() -> None:
    answer = outcomes.trend(PAIN, DAYS[2:], _scores(-4.0)[2:], weeks_until_fair_judgement=8)
    assert any("Fewer than two readings" in warning for warning in answer.warnings)


def test_order_of_readings_does_not_matter() -> None:
    order = np.random.default_rng(3).permutation(DAYS.size)
    scores = _scores(-2.0)
    assert outcomes.trend(PAIN, DAYS, scores) == outcomes.trend(PAIN, DAYS[order], scores[order])


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    # 400 people whose true improvement is 2.0: the 90 % interval should hold it in 90 % of them. Bound: 4 standard
    # errors of a proportion below 0.9; the interval may be wider, as correlation of neighbours is allowed for.
    rng = np.random.default_rng(11)
    ramp = np.clip(DAYS / 56.0, 0.0, 1.0)
    lesions = outcomes.measure("acne_lesions")
    held = 0
    for _ in range(400):
        scores = 40.0 - 2.0 * ramp + rng.normal(0.0, 1.0, DAYS.size)
        change = outcomes.trend(lesions, DAYS, scores, weeks_until_fair_judgement=8).change
        held += change.low <= 2.0 <= change.high
    assert held / 400 > 0.9 - 4 * math.sqrt(0.09 / 400)


@pytest.mark.parametrize(
    ("days", "scores", "error"),
    [
        ([0, 1], [5], InputError),
        ([0, 1, 1], [5, 5, 5], InputError),
        ([0, 1, math.nan], [5, 5, 5], InputError),
        ([0, 1, 2], [5, 5, 11], RangeError),
        ([0, 1, 2], [5, 5, math.inf], InputError),
    ],
)
def test_bad_readings_are_one_sentence(days: list[float], scores: list[float], error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        outcomes.trend(PAIN, days, scores)
    assert "\n" not in str(caught.value)


def test_a_classification_has_no_trend_and_weeks_must_be_positive() -> None:
    with pytest.raises(InputError, match="classification"):
        outcomes.trend(outcomes.measure("glogau"), DAYS, np.full(DAYS.size, 2.0))
    with pytest.raises(InputError, match="above 0"):
        outcomes.trend(PAIN, DAYS, _scores(0.0), weeks_until_fair_judgement=0.0)


def test_dates_become_days() -> None:
    assert outcomes.paired_days("2026-11-22", ["2026-11-20", "2026-12-01"]) == [-2.0, 9.0]
    with pytest.raises(InputError, match="not a date"):
        outcomes.paired_days("2026-11-22", ["yesterday"])
