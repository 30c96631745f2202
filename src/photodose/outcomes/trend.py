"""Is it working for this one person? Smallest real change, and a robust trend with its probability."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.data.schema_outcomes import Measure
from photodose.quantities import Estimate, InputError, RangeError

FloatArray = NDArray[np.float64]
Answer = Literal["working", "not working", "too early"]

MIN_READINGS = 5
MIN_BEFORE = 2
SURE = 0.8
"""Probability from which a direction is named."""
_T_WEIGHT_DF = 4.0
_MAX_AUTOCORRELATION = 0.8


@dataclass(frozen=True, slots=True)
class Trend:
    """The answer for one person and one measure.

    `change` is the improvement so far with its 90 % interval (positive is better), `probability` the probability that
    it is at least `threshold`, both in the measure's unit. `answer` is "too early" as long as the time or the readings
    do not allow a judgement; `because` says why, in a sentence.
    """

    answer: Answer
    probability: float
    probability_worse: float
    change: Estimate
    threshold: float
    threshold_basis: Literal["important change", "smallest real change"]
    smallest_real_change: float
    unit: str
    readings: int
    weeks: float
    because: str
    warnings: tuple[str, ...]


def smallest_real_change(readings: ArrayLike) -> float:
    """Smallest change between two readings that is more than noise, from one person's readings while nothing changed.

    SDC = 1.96 sqrt(2) SEM. The standard error of measurement is estimated from successive differences,
    SEM = sqrt(sum (y[i+1] - y[i])^2 / (2 (n - 1))), so that a slow drift does not count as noise.

    Parameters
    ----------
    readings : array_like, shape (n,)
        Scores in order of time, at least 3.

    Returns
    -------
    float
        The smallest real change, in the unit of the scores.

    Raises
    ------
    InputError
        If there are fewer than 3 readings or one is not a finite number.

    Notes
    -----
    de Vet HC, Terwee CB, Ostelo RW et al. 2006, Health Qual Life Outcomes 4:54, doi:10.1186/1477-7525-4-54 (smallest
    detectable change); von Neumann J et al. 1941, Ann Math Stat 12:153, doi:10.1214/aoms/1177731746 (successive
    differences).

    Examples
    --------
    >>> round(smallest_real_change([5, 6, 5, 6, 5]), 3)
    1.96
    """
    values = _finite("readings", readings)
    if values.size < 3:
        raise InputError(f"readings: at least 3 are needed for a smallest real change, not {values.size}.")
    sem = math.sqrt(float(np.sum(np.diff(values) ** 2)) / (2.0 * (values.size - 1)))
    return 1.96 * math.sqrt(2.0) * sem


def trend(
    measure: Measure,
    days: ArrayLike,
    scores: ArrayLike,
    weeks_until_fair_judgement: float | None = None,
) -> Trend:
    """Whether a score improved since the light began, and how sure that is.

    Model: y = a + c r(t) + noise, with r = 0 up to the first session, rising linearly to 1 at the time of fair
    judgement and 1 from then on (or rising to the last day where no such time is given). a and c are fitted with the
    weights of a Student t error of 4 degrees of freedom, so that single outliers count little. c r(last day) has a
    t distribution with n - 2 degrees of freedom; its standard error is widened by sqrt((1 + rho) / (1 - rho)) for the
    correlation rho of neighbouring readings. `probability` is that of an improvement of at least the smallest
    important change if one was read for the measure, else of the smallest real change of this person's own readings.

    A change in one person has no control: time, season, attention and regression to the mean are in it.

    Parameters
    ----------
    measure : Measure
        What was measured; says which direction is better.
    days : array_like, shape (n,)
        Day of each reading, 0 = first session, negative before; any order, at most one reading per time.
    scores : array_like, shape (n,)
        Scores in the measure's unit, inside its range.
    weeks_until_fair_judgement : float, optional
        Weeks until trials saw a difference, above 0.

    Raises
    ------
    InputError
        If the measure has no better direction, lengths differ, a value is not finite or a day stands twice.
    RangeError
        If a score lies outside the measure's range.

    Notes
    -----
    Lange KL, Little RJA, Taylor JMG 1989, J Am Stat Assoc 84:881, doi:10.1080/01621459.1989.10478852 (t weights);
    Bayley GV, Hammersley JM 1946, J R Stat Soc Suppl 8:184, doi:10.2307/2983560 (effective number of correlated
    readings).
    """
    time, values = _checked(measure, days, scores)
    if weeks_until_fair_judgement is not None and not weeks_until_fair_judgement > 0:
        raise InputError(f"weeks_until_fair_judgement must be above 0, not {weeks_until_fair_judgement:g}.")
    sign = 1.0 if measure.better == "higher" else -1.0
    weeks = max(float(time[-1]), 0.0) / 7.0
    since_start = int(np.count_nonzero(time > 0))
    if values.size < MIN_READINGS or since_start < 2 or np.unique(np.maximum(time, 0.0)).size < 3:
        return _too_few(measure, values, weeks, since_start)

    ramp = _ramp(time, weeks_until_fair_judgement)
    intercept, slope, slope_se, noise = _robust_line(ramp, values)
    degrees = values.size - 2
    change = sign * slope * float(ramp[-1])
    error = slope_se * float(ramp[-1])
    sdc = 1.96 * math.sqrt(2.0) * noise
    threshold, basis = _threshold(measure, intercept, sdc)
    half = _t_quantile(0.95, degrees) * error
    probability = 1.0 - _t_cdf((threshold - change) / error, degrees)
    worse = _t_cdf((-threshold - change) / error, degrees)
    answer, because = _judge(probability, worse, weeks, weeks_until_fair_judgement)
    return Trend(
        answer=answer,
        probability=probability,
        probability_worse=worse,
        change=Estimate(change, change - half, change + half),
        threshold=threshold,
        threshold_basis=basis,
        smallest_real_change=sdc,
        unit=measure.unit,
        readings=int(values.size),
        weeks=weeks,
        because=because,
        warnings=_warnings(time),
    )


def _checked(measure: Measure, days: ArrayLike, scores: ArrayLike) -> tuple[FloatArray, FloatArray]:
    if measure.better == "none":
        raise InputError(f"{measure.name} is a classification and has no better direction; follow another measure.")
    time, values = _finite("days", days), _finite("scores", scores)
    if time.shape != values.shape:
        raise InputError(f"days and scores must have the same length, not {time.size} and {values.size}.")
    low = measure.low if measure.low is not None else -math.inf
    high = measure.high if measure.high is not None else math.inf
    for value in values:
        if not low <= value <= high:
            raise RangeError("score", float(value), low, high, measure.name)
    order = np.argsort(time, kind="stable")
    time, values = time[order], values[order]
    if np.any(np.diff(time) == 0):
        raise InputError("days: two readings stand at the same time; give one of them.")
    return time, values


def _finite(what: str, values: ArrayLike) -> FloatArray:
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or not np.all(np.isfinite(array)):
        raise InputError(f"{what} must be a list of finite numbers.")
    return array


def _ramp(time: FloatArray, fair_weeks: float | None) -> FloatArray:
    full = 7.0 * fair_weeks if fair_weeks is not None else float(time[-1])
    return np.clip(time / full, 0.0, 1.0)


def _robust_line(x: FloatArray, y: FloatArray) -> tuple[float, float, float, float]:
    """Line by iteratively reweighted least squares with t weights: intercept, slope, its standard error, noise.

    The noise is never taken below that of rounding (a twelfth of the score's step, squared): five equal readings on a
    coarse scale are not five exact ones.
    """
    floor = _resolution(y) / math.sqrt(12.0)
    weights = np.ones_like(y)
    intercept = slope = scale = 0.0
    for _ in range(100):
        mean_x = float(np.average(x, weights=weights))
        mean_y = float(np.average(y, weights=weights))
        spread = float(np.sum(weights * (x - mean_x) ** 2))
        before = slope
        slope = float(np.sum(weights * (x - mean_x) * (y - mean_y))) / spread
        intercept = mean_y - slope * mean_x
        residual = y - intercept - slope * x
        scale = max(math.sqrt(float(np.sum(weights * residual**2)) / (y.size - 2)), floor)
        if abs(slope - before) <= 1e-10 * (1.0 + abs(slope)):
            break
        weights = (_T_WEIGHT_DF + 1.0) / (_T_WEIGHT_DF + (residual / scale) ** 2)
    noise = scale * math.sqrt((_T_WEIGHT_DF + 3.0) / (_T_WEIGHT_DF + 1.0))
    rho = _neighbour_correlation(y - intercept - slope * x)
    error = noise / math.sqrt(float(np.sum((x - x.mean()) ** 2))) * math.sqrt((1.0 + rho) / (1.0 - rho))
    return intercept, slope, error, noise


def _resolution(y: FloatArray) -> float:
    """The smallest step between different scores; one unit where all are equal."""
    steps = np.diff(np.unique(y))
    return float(steps.min()) if steps.size else 1.0


def _neighbour_correlation(residual: FloatArray) -> float:
    """Correlation of neighbouring residuals, corrected for its bias (1 + 3 rho) / n, between 0 and 0.8.

    Marriott FHC, Pope JA 1954, Biometrika 41:390, doi:10.1093/biomet/41.3-4.390.
    """
    total = float(np.sum(residual**2))
    raw = float(np.sum(residual[1:] * residual[:-1])) / total if total > 0 else 0.0
    corrected = (residual.size * raw + 1.0) / (residual.size - 3.0)
    return min(max(corrected, 0.0), _MAX_AUTOCORRELATION)


def _threshold(
    measure: Measure, baseline: float, sdc: float
) -> tuple[float, Literal["important change", "smallest real change"]]:
    mcid = measure.mcid
    if mcid is not None and mcid.usable:
        if mcid.absolute is not None:
            return mcid.absolute, "important change"
        if mcid.percent_of_baseline is not None and baseline > 0:
            return baseline * mcid.percent_of_baseline / 100.0, "important change"
    return sdc, "smallest real change"


def _judge(probability: float, worse: float, weeks: float, fair_weeks: float | None) -> tuple[Answer, str]:
    if fair_weeks is not None and weeks < fair_weeks:
        return "too early", f"{weeks:.1f} of the {fair_weeks:g} weeks that trials needed have passed."
    if probability >= SURE:
        return "working", f"The improvement is large enough with a probability of {probability:.0%}."
    if worse >= SURE:
        return "not working", f"The score got worse, with a probability of {worse:.0%}."
    if probability <= 1.0 - SURE:
        return "not working", f"An improvement that matters has a probability of only {probability:.0%}."
    return "too early", "The readings scatter too much to tell; go on measuring at the same time of day."


def _warnings(time: FloatArray) -> tuple[str, ...]:
    warnings = ["A change in one person has no control: time, season and expectation are in it."]
    if int(np.count_nonzero(time <= 0)) < MIN_BEFORE:
        warnings.append(
            "Fewer than two readings before the first session: a bad day at the start looks like an improvement later."
        )
    return tuple(warnings)


def _too_few(measure: Measure, values: FloatArray, weeks: float, since_start: int) -> Trend:
    sdc = smallest_real_change(values) if values.size >= 3 else math.nan
    baseline = float(np.median(values)) if values.size else 0.0
    threshold, basis = _threshold(measure, baseline, sdc)
    missing = max(MIN_READINGS - values.size, 2 - since_start, 1)
    return Trend(
        answer="too early",
        probability=math.nan,
        probability_worse=math.nan,
        change=Estimate(math.nan, math.nan, math.nan),
        threshold=threshold,
        threshold_basis=basis,
        smallest_real_change=sdc,
        unit=measure.unit,
        readings=int(values.size),
        weeks=weeks,
        because=f"At least {missing} more reading{'s' if missing > 1 else ''} on other days are needed.",
        warnings=(),
    )


def _t_cdf(t: float, degrees: int) -> float:
    """Cumulative Student t distribution by quadrature of cos^(nu-1) after t = sqrt(nu) tan(theta).

    Examples
    --------
    >>> round(_t_cdf(2.0, 1), 6)
    0.852416
    """
    angle = math.atan(t / math.sqrt(degrees))
    return _cosine_power(angle, degrees) / _cosine_power(math.pi / 2.0, degrees)


def _cosine_power(upper: float, degrees: int) -> float:
    """Integral of cos^(degrees - 1) from -pi/2 to `upper`, by 64-point Gauss-Legendre quadrature in eight panels."""
    nodes, weights = _gauss_legendre()
    edges = np.linspace(-math.pi / 2.0, upper, 9)
    middle, half = (edges[1:] + edges[:-1]) / 2.0, (edges[1:] - edges[:-1]) / 2.0
    theta = middle[:, None] + half[:, None] * nodes[None, :]
    return float(np.sum(half[:, None] * weights[None, :] * np.cos(theta) ** (degrees - 1)))


@cache
def _gauss_legendre() -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.legendre.leggauss(64)
    return nodes, weights


@cache
def _t_quantile(probability: float, degrees: int) -> float:
    low, high = 0.0, 1.0
    while _t_cdf(high, degrees) < probability:
        high *= 2.0
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _t_cdf(middle, degrees) < probability else (low, middle)
    return (low + high) / 2.0


def paired_days(first: str, dates: Sequence[str]) -> list[float]:
    """Days of ISO dates ("2026-11-22") since the first session.

    Raises
    ------
    InputError
        If a date is not an ISO date.

    Examples
    --------
    >>> paired_days("2026-11-22", ["2026-11-21", "2026-11-29"])
    [-1.0, 7.0]
    """
    from datetime import date

    def parse(text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise InputError(f"date {text!r} is not a date like 2026-11-22.") from None

    start = parse(first)
    return [float((parse(text) - start).days) for text in dates]
