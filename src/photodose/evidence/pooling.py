"""One outcome over the controlled trials of a goal: differences between arms, and their random-effects mean.

Differences are pooled where three or more trials measured the same outcome in the same unit against the same kind of
comparator. A standard error comes from both standard deviations, else from an interval, else from the p value of the
difference; where only a bound of p is printed, the largest standard error that agrees with it is taken, as the
Cochrane Handbook advises (section 6.5.2), so that such a trial weighs less than it should and never more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from photodose.data.schema import Confidence
from photodose.data.schema_evidence import Comparison, Effect
from photodose.evidence.catalogue import StudyFinding, studies_for
from photodose.quantities import DataError, InputError, plain

LEAST_TRIALS: Final = 3
"""Fewest trials with one outcome, unit and comparator that are pooled."""
LEVEL: Final = 0.95
"""Level of all intervals."""

Estimator = Literal["paule_mandel", "dersimonian_laird"]
_METHODS: Final[Mapping[str, str]] = {"paule_mandel": "iterated", "dersimonian_laird": "dl"}
_SYNTHESES: Final = frozenset({"systematic_review", "guideline", "consensus"})


@dataclass(frozen=True, slots=True)
class TrialDifference:
    """The difference between the arms of one trial (light less comparator) in one outcome, in that outcome's unit.

    `low` and `high` bound its 95 % interval; `basis` says what its standard error follows from; `weight` is its share
    in the pooled mean, None where nothing was pooled.
    """

    study: str
    citation: str
    outcome: str
    unit: str
    compared_with: str
    at_weeks: float | None
    people: int | None
    difference: float
    standard_error: float
    low: float
    high: float
    basis: str
    confidence: Confidence
    note: str | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class PublishedEffect:
    """What a published meta-analysis reports in the same unit, for a measure whose name starts with the outcome."""

    study: str
    citation: str
    measure: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Combined:
    """Random-effects mean of several differences.

    `low`, `high`: 95 % interval of the mean, by Hartung and Knapp with the guard of Röver and others: never narrower
    than the classical interval. `prediction_low`, `prediction_high`: where the true difference of a further trial is
    expected. `tau_squared` is the variance between trials, `i_squared` [0 to 1] its share in what is seen, `q`
    Cochran's Q; `weights` add to 1.
    """

    value: float
    standard_error: float
    low: float
    high: float
    prediction_low: float
    prediction_high: float
    tau_squared: float
    i_squared: float
    q: float
    weights: tuple[float, ...]

    @property
    def predicts(self) -> bool:
        """Whether the trials are enough to show where a further one would lie: with three, one degree of freedom makes
        the prediction interval wider than the scales themselves."""
        return len(self.weights) > LEAST_TRIALS


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """One outcome pooled over the trials of a goal, with its trials and what others published.

    `without_each` is the lowest and highest mean when any one trial is left out.
    """

    goal: str
    outcome: str
    unit: str
    compared_with: str
    trials: tuple[TrialDifference, ...]
    combined: Combined
    without_each: tuple[float, float]
    people: int | None
    published: tuple[PublishedEffect, ...]
    words: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "unit": self.unit,
            "compared_with": self.compared_with,
            "trials": [plain(trial) for trial in self.trials],
            "people": self.people,
            "mean": self.combined.value,
            "low": self.combined.low,
            "high": self.combined.high,
            "prediction_low": self.combined.prediction_low,
            "prediction_high": self.combined.prediction_high,
            "tau_squared": self.combined.tau_squared,
            "i_squared": self.combined.i_squared,
            "q": self.combined.q,
            "without_each": list(self.without_each),
            "published": [plain(item) for item in self.published],
            "words": self.words,
        }


def combine(
    differences: Sequence[float], variances: Sequence[float], estimator: Estimator = "paule_mandel"
) -> Combined:
    """Random-effects mean of independent differences with its interval and prediction interval.

    Parameters
    ----------
    differences : sequence of float, shape (k,)
        One difference a trial, k from 3.
    variances : sequence of float, shape (k,)
        Their squared standard errors, above 0.
    estimator : {"paule_mandel", "dersimonian_laird"}
        How the variance between trials is found (Veroniki and others 2016, doi:10.1002/jrsm.1164).

    Raises
    ------
    InputError
        If there are fewer than three, lengths differ, or a variance is not above 0.

    Notes
    -----
    Mean and variances by statsmodels' `combine_effects`. Interval: t with k - 1 degrees of freedom and the standard
    error of Hartung and Knapp (doi:10.1002/sim.791), not below the classical one (Röver, Knapp and Friede,
    doi:10.1186/s12874-015-0091-1). Prediction: mean +- t(k - 2) sqrt(tau2 + se2) (Higgins, Thompson and Spiegelhalter,
    doi:10.1111/j.1467-985X.2008.00552.x, equation 12).
    """
    import numpy as np
    from scipy import stats
    from statsmodels.stats.meta_analysis import combine_effects

    effect, variance = np.asarray(differences, dtype=float), np.asarray(variances, dtype=float)
    count = effect.size
    if effect.ndim != 1 or effect.shape != variance.shape or count < LEAST_TRIALS:
        raise InputError(f"Pooling needs {LEAST_TRIALS} or more differences and as many variances.")
    if not (np.all(np.isfinite(effect)) and np.all(np.isfinite(variance)) and np.all(variance > 0)):
        raise InputError("Pooling needs finite differences and variances above 0.")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # the library divides by Q, 0 where all agree
        found = combine_effects(effect, variance, method_re=_METHODS[estimator], use_t=True)
    tau_squared = max(float(found.tau2), 0.0)
    weights = 1.0 / (variance + tau_squared)
    error = max(float(found.sd_eff_w_re), float(found.sd_eff_w_re_hksj))
    mean = float(found.mean_effect_re)
    half = float(stats.t.ppf(0.5 + LEVEL / 2, count - 1)) * error
    far = float(stats.t.ppf(0.5 + LEVEL / 2, count - 2)) * math.sqrt(tau_squared + error**2)
    q = float(found.q)
    return Combined(
        value=mean,
        standard_error=error,
        low=mean - half,
        high=mean + half,
        prediction_low=mean - far,
        prediction_high=mean + far,
        tau_squared=tau_squared,
        i_squared=max(0.0, 1.0 - (count - 1) / q) if q > 0 else 0.0,
        q=q,
        weights=tuple(float(weight) for weight in weights / weights.sum()),
    )


def trial_differences(goal: str) -> tuple[TrialDifference, ...]:
    """All differences between arms that were read in the controlled trials of a goal, in the file's order.

    Raises
    ------
    UnknownNameError
        If the goal is not known.
    DataError
        If one trial gives the same outcome twice.
    """
    found: list[TrialDifference] = []
    seen: set[tuple[str, tuple[str, str, str]]] = set()
    for finding in studies_for(goal):
        for difference in _differences(finding):
            place = (difference.study, _key(difference))
            if place in seen:
                raise DataError(f"{difference.study} gives {difference.outcome} ({difference.unit}) twice")
            seen.add(place)
            found.append(difference)
    return tuple(found)


def pooled(goal: str) -> tuple[PooledEffect, ...]:
    """Every outcome of a goal that three or more controlled trials measured alike, pooled.

    Raises
    ------
    UnknownNameError
        If the goal is not known.
    """
    groups: dict[tuple[str, str, str], list[TrialDifference]] = {}
    for difference in trial_differences(goal):
        groups.setdefault(_key(difference), []).append(difference)
    return tuple(_pool(goal, rows) for rows in groups.values() if len(rows) >= LEAST_TRIALS)


def why_not_pooled(goal: str) -> str | None:
    """Why nothing is pooled for a goal, as a sentence; None if something is."""
    counts: dict[tuple[str, str, str], int] = {}
    for difference in trial_differences(goal):
        counts[_key(difference)] = counts.get(_key(difference), 0) + 1
    most = max(counts.values(), default=0)
    if most >= LEAST_TRIALS:
        return None
    return (
        f"Pooling needs {LEAST_TRIALS} comparable controlled trials with an effect against sham or control and its "
        f"interval; {most if most else 'none'} of this goal {'was' if most < 2 else 'were'} read."
    )


def _key(difference: TrialDifference) -> tuple[str, str, str]:
    return difference.outcome.casefold(), difference.unit, difference.compared_with


def _differences(finding: StudyFinding) -> list[TrialDifference]:
    study = finding.study
    if not (finding.read and study.controlled) or study.design in _SYNTHESES:
        return []
    rows = [_of_comparison(finding, item) for item in study.comparisons if item.usable]
    for effect in study.effects:
        whole = None not in (effect.value, effect.low, effect.high)
        if effect.usable and whole and effect.compared_with in {"sham", "control"}:
            rows.append(_of_effect(finding, effect))
    return rows


def _of_comparison(finding: StudyFinding, item: Comparison) -> TrialDifference:
    from scipy import stats

    difference = item.light.mean - item.comparator.mean
    people = item.people
    light, other = item.light, item.comparator
    if light.sd is not None and light.n is not None and other.sd is not None and other.n is not None:
        error = math.sqrt(light.sd**2 / light.n + other.sd**2 / other.n)
        degrees, basis = light.n + other.n - 2, "standard deviations"
    else:
        if item.p is None or people is None:
            raise AssertionError("a comparison without a standard error passed its schema")
        degrees = people - 2
        error = abs(difference) / float(stats.t.ppf(1.0 - item.p / 2.0, degrees))
        basis = f"p {'<' if item.p_is_bound else '='} {item.p:g}"
    half = float(stats.t.ppf(0.5 + LEVEL / 2, degrees)) * error
    return TrialDifference(
        study=finding.study.id,
        citation=finding.study.citation,
        outcome=item.outcome,
        unit=item.unit,
        compared_with=item.compared_with,
        at_weeks=item.at_weeks,
        people=people,
        difference=difference,
        standard_error=error,
        low=difference - half,
        high=difference + half,
        basis=basis,
        confidence=item.confidence,
        note=item.note,
    )


def _of_effect(finding: StudyFinding, effect: Effect) -> TrialDifference:
    from scipy import stats

    if effect.value is None or effect.low is None or effect.high is None:
        raise AssertionError("an effect without an interval was taken")
    error = (effect.high - effect.low) / (2.0 * float(stats.norm.ppf(0.5 + LEVEL / 2)))
    return TrialDifference(
        study=finding.study.id,
        citation=finding.study.citation,
        outcome=effect.measure,
        unit=effect.unit,
        compared_with=effect.compared_with,
        at_weeks=effect.at_weeks,
        people=None,
        difference=effect.value,
        standard_error=error,
        low=effect.low,
        high=effect.high,
        basis="interval",
        confidence=effect.confidence,
        note=effect.note,
    )


def _pool(goal: str, rows: Sequence[TrialDifference]) -> PooledEffect:
    values, variances = [row.difference for row in rows], [row.standard_error**2 for row in rows]
    found = combine(values, variances)
    left = [_mean_without(values, variances, number) for number in range(len(rows))]
    sizes = [row.people for row in rows]
    trials = tuple(_weighed(row, weight) for row, weight in zip(rows, found.weights, strict=True))
    first = rows[0]
    published = _published(goal, first.outcome, first.unit)
    people = None if None in sizes else sum(size for size in sizes if size is not None)
    words = (
        f"{len(rows)} trials that could be read give {first.outcome} {found.value:+.3g} {first.unit} against "
        f"{first.compared_with} (95 % interval {found.low:.3g} to {found.high:.3g})."
    )
    words += (
        f" A further trial would be expected between {found.prediction_low:.3g} and {found.prediction_high:.3g}."
        if found.predicts
        else " Three trials are too few to say where a further one would lie."
    )
    if any(row.basis.startswith("p <") for row in rows):
        words += (
            " Where only a bound of p is printed, that trial's interval is too wide and hides how much trials differ."
        )
    return PooledEffect(
        goal=goal,
        outcome=first.outcome,
        unit=first.unit,
        compared_with=first.compared_with,
        trials=trials,
        combined=found,
        without_each=(min(left), max(left)),
        people=people,
        published=published,
        words=words,
    )


def _weighed(row: TrialDifference, weight: float) -> TrialDifference:
    from dataclasses import replace

    return replace(row, weight=weight)


def _mean_without(values: Sequence[float], variances: Sequence[float], number: int) -> float:
    """Mean when one trial is left out, with the variance between trials that remains."""
    rest = [row for place, row in enumerate(zip(values, variances, strict=True)) if place != number]
    if len(rest) < LEAST_TRIALS:
        weights = [1.0 / variance for _, variance in rest]
        return sum(w * value for w, (value, _) in zip(weights, rest, strict=True)) / sum(weights)
    return combine([value for value, _ in rest], [variance for _, variance in rest]).value


def _published(goal: str, outcome: str, unit: str) -> tuple[PublishedEffect, ...]:
    return tuple(
        PublishedEffect(finding.study.id, finding.study.citation, effect.measure, effect.value, effect.low, effect.high)
        for finding in studies_for(goal)
        if finding.study.design == "systematic_review" and finding.read
        for effect in finding.study.effects
        if effect.usable and effect.unit == unit and effect.measure.casefold().startswith(outcome.casefold())
        if effect.value is not None and effect.low is not None and effect.high is not None
    )
