"""Pooling of trials: what is compared, what follows from what was read, and that few trials stay apart."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from photodose import evidence
from photodose.data.schema_evidence import Comparison
from photodose.evidence import pooling
from photodose.quantities import DataError, InputError

GOALS = [goal.id for goal in evidence.goals()]


def _comparison(**changes: object) -> Comparison:
    fields: dict[str, object] = {
        "outcome": "hair density",
        "unit": "per cm2",
        "kind": "change",
        "at_weeks": 16,
        "compared_with": "sham",
        "light": {"mean": 20.0, "sd": 10.0, "n": 25},
        "comparator": {"mean": 5.0, "sd": 12.0, "n": 16},
        "confidence": "read",
    }
    return Comparison.model_validate(fields | changes)


def _naive(values: list[float], variances: list[float]) -> tuple[float, float, float]:
    """Paule-Mandel by bisection, then mean and the larger of the classical and the Hartung-Knapp standard error."""

    def surplus(tau2: float) -> float:
        weights = [1 / (v + tau2) for v in variances]
        mean = sum(w * y for w, y in zip(weights, values, strict=True)) / sum(weights)
        return sum(w * (y - mean) ** 2 for w, y in zip(weights, values, strict=True)) - (len(values) - 1)

    low, high = 0.0, 1e6
    if surplus(0.0) <= 0:
        high = 0.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if surplus(middle) > 0 else (low, middle)
    weights = [1 / (v + high) for v in variances]
    mean = sum(w * y for w, y in zip(weights, values, strict=True)) / sum(weights)
    spread = sum(w * (y - mean) ** 2 for w, y in zip(weights, values, strict=True)) / (len(values) - 1)
    return high, mean, math.sqrt(max(1.0, spread) / sum(weights))


@pytest.mark.parametrize(
    ("values", "variances"),
    [
        ([27.4, 26.8, 23.2, 41.2, 17.4], [45.9, 20.8, 84.5, 141.6, 75.7]),
        ([1.0, 5.0, 9.0, 2.0], [0.5, 0.4, 0.6, 0.8]),
        ([-1.0, 0.0, 1.0], [4.0, 4.0, 4.0]),
    ],
)
def test_the_mean_is_that_of_a_literal_reckoning(values: list[float], variances: list[float]) -> None:
    tau2, mean, error = _naive(values, variances)
    found = evidence.combine(values, variances)
    assert found.tau_squared == pytest.approx(tau2, abs=1e-4 * (1 + tau2))
    assert found.value == pytest.approx(mean, rel=1e-5)
    assert found.standard_error == pytest.approx(error, rel=1e-4)
    half = stats.t.ppf(0.975, len(values) - 1) * found.standard_error
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half))


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 100)), min_size=3, max_size=8), st.floats(-20, 20))
def test_a_shift_of_all_trials_shifts_the_mean_alone(rows: list[tuple[float, float]], shift: float) -> None:
    values, variances = [row[0] for row in rows], [row[1] for row in rows]
    first, second = evidence.combine(values, variances), evidence.combine([v + shift for v in values], variances)
    assert second.value == pytest.approx(first.value + shift, abs=1e-3)
    assert second.high - second.low == pytest.approx(first.high - first.low, rel=1e-3, abs=1e-6)
    assert min(values) - 1e-6 <= first.value <= max(values) + 1e-6
    assert first.prediction_low <= first.low <= first.value <= first.high <= first.prediction_high
    assert sum(first.weights) == pytest.approx(1.0)
    assert 0.0 <= first.i_squared <= 1.0


@pytest.mark.parametrize(
    ("values", "variances"),
    [([1.0, 2.0], [1.0, 1.0]), ([1.0, 2.0, 3.0], [1.0, 1.0]), ([1.0, 2.0, 3.0], [1.0, 0.0, 1.0])],
)
def test_too_few_or_impossible_trials_are_refused(values: list[float], variances: list[float]) -> None:
    with pytest.raises(InputError, match="Pooling needs"):
        evidence.combine(values, variances)


def test_a_comparison_needs_something_its_standard_error_follows_from() -> None:
    assert _comparison().people == 41
    with pytest.raises(ValidationError, match="needs n and SD"):
        _comparison(comparator={"mean": 5.0, "n": 16})
    with pytest.raises(ValidationError, match="needs n and SD"):
        _comparison(comparator={"mean": 5.0}, p=0.01)
    assert _comparison(comparator={"mean": 5.0}, p=0.01, n_total=40).people == 40


def test_standard_errors_follow_from_standard_deviations_or_p() -> None:
    rows = {row.study: row for row in evidence.trial_differences("hair_aga")}
    women = rows["lanzafame_2014"]
    # abstract: 100.3 (SD 53.4, 24 people) against 23.9 (SD 30.1, 18 people) in 2.85 cm2
    assert women.difference == pytest.approx((100.3 - 23.9) / 2.85, rel=2e-3)
    assert women.standard_error == pytest.approx(math.sqrt(53.4**2 / 24 + 30.1**2 / 18) / 2.85, rel=2e-3)
    men = rows["leavitt_2009"]
    # p < .0001 with 110 people: the largest standard error has p = .0001
    t = men.difference / men.standard_error
    assert 2 * stats.t.sf(t, 108) == pytest.approx(1e-4, rel=1e-6)
    assert men.basis == "p < 0.0001"
    assert rows["jimenez_2014"].low == pytest.approx(0.0, abs=1e-9)  # "significant" alone: it may just be


def test_hair_is_pooled_and_every_trial_was_read() -> None:
    (pool,) = evidence.pooled("hair_aga")
    assert (pool.outcome, pool.unit, pool.compared_with) == ("hair density", "per cm2", "sham")
    assert len(pool.trials) >= 5
    for trial in pool.trials:
        study = evidence.studies()[trial.study]
        assert study.sham
        assert study.read
        assert trial.confidence in {"read", "read_secondary", "derived"}
        assert trial.low < trial.difference < trial.high
    assert sum(trial.weight or 0.0 for trial in pool.trials) == pytest.approx(1.0)
    low, high = pool.without_each
    assert low <= pool.combined.value <= high
    assert "A further trial" in pool.words
    assert "bound of p" in pool.words


@pytest.mark.parametrize("goal", GOALS)
def test_three_trials_or_the_reason_why_nothing_is_pooled(goal: str) -> None:
    pools, why = evidence.pooled(goal), evidence.why_not_pooled(goal)
    assert bool(pools) == (why is None)
    assert why is None or why.endswith("read.")
    for pool in pools:
        assert len({trial.study for trial in pool.trials}) == len(pool.trials) >= pooling.LEAST_TRIALS
        assert len({(trial.outcome.casefold(), trial.unit, trial.compared_with) for trial in pool.trials}) == 1


def test_only_differences_that_were_read_are_compared() -> None:
    for goal in GOALS:
        for row in evidence.trial_differences(goal):
            study = evidence.studies()[row.study]
            assert study.controlled
            assert study.design not in {"systematic_review", "guideline", "consensus"}
            assert np.isfinite([row.difference, row.standard_error]).all()


def test_one_trial_that_gives_an_outcome_twice_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = next(f for f in evidence.studies_for("hair_aga") if f.study.id == "lanzafame_2014")
    double = finding.study.model_copy(update={"comparisons": (_comparison(), _comparison())})
    twice = type(finding)(double, finding.outcome, finding.direction, None)
    monkeypatch.setattr(pooling, "studies_for", lambda _goal: (twice,))
    with pytest.raises(DataError, match="twice"):
        evidence.trial_differences("hair_aga")


def test_pain_is_pooled_by_place_and_only_reviews_of_that_place_stand_beside_it() -> None:
    (back,), (knee,) = evidence.pooled("chronic_pain"), evidence.pooled("joint_health")
    assert (back.outcome, back.unit, knee.outcome, knee.unit) == ("low back pain", "mm", "knee pain", "mm")
    assert {trial.study for trial in back.trials} == {"guimaraes_2021", "glazov_2014", "shin_2015", "djavid_2007"}
    assert back.combined.low < 0 < back.combined.high
    assert knee.combined.low < 0 < knee.combined.high
    for pool in (back, knee):
        assert pool.published
        assert all(item.measure.startswith(pool.outcome) for item in pool.published)
    assert {item.study for item in back.published} == {"huang_2015_lbp"}  # the review of the neck stays apart
    assert "naterstad_2022" not in {item.study for item in knee.published}  # tendons


def test_three_trials_predict_nothing_that_is_shown() -> None:
    """The interval for a further trial has k - 2 degrees of freedom: of three trials it would outgrow the scale."""
    three, four = (
        evidence.combine([-1.0, -13.0, -24.0], [16.0] * 3),
        evidence.combine([-1.0, -13.0, -24.0, -12.0], [16.0] * 4),
    )
    assert not three.predicts
    assert four.predicts
    assert three.prediction_low < -100.0 < four.prediction_low
    (knee,) = [pool for pool in evidence.pooled("joint_health") if pool.outcome == "knee pain"]
    assert ("too few" in knee.words) == (len(knee.trials) == 3)
