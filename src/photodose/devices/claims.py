"""From a published irradiance to the true one: distributions built from sourced pairs, never centred on a claim.

A lognormal stands for the ratio of true to published irradiance. Its centre and the part of its width that pairs can
give come from the pairs of the table `devices/claimed_to_true`: with n log ratios of mean a and standard deviation s,
the next one is Student t distributed, a + s sqrt(1 + 1/n) t(n - 1) (Hahn and Meeker, Statistical Intervals, 1991,
section 4.2); the lognormal used has the same 90 % interval. What the pairs cannot show (they were published because
they were striking; what a maker's number stands for on a surface) is added in quadrature from the same file, each with
its reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import stdtrit

from photodose.data import Source, load_document
from photodose.data.schema_devices import ClaimedToTrue
from photodose.quantities import Estimate
from photodose.quantities.values import Z90


@dataclass(frozen=True, slots=True)
class TrueRatio:
    """Ratio of true to published irradiance as a lognormal: median and standard deviation of the logarithm."""

    median: float
    log_sd: float
    basis: str
    reason: str
    sources: tuple[Source, ...] = ()

    @property
    def estimate(self) -> Estimate:
        return Estimate.lognormal(self.median, self.log_sd)


@cache
def knowledge() -> ClaimedToTrue:
    """The pairs and the documented extra widths."""
    return load_document("devices/claimed_to_true", ClaimedToTrue)


def predictive_lognormal(ratios: list[float]) -> tuple[float, float]:
    """Median and log standard deviation for the next value after a small sample of positive values.

    Parameters
    ----------
    ratios : list of float
        At least two positive values.

    Returns
    -------
    median, log_sd : float
        A lognormal whose 90 % interval is that of the Student t predictive distribution of the logarithms.

    Examples
    --------
    >>> median, log_sd = predictive_lognormal([0.4, 0.5, 0.6])
    >>> 0.49 < median < 0.5 and log_sd > 0.2
    True
    """
    logs = np.log(np.asarray(ratios, dtype=float))
    n = logs.size
    spread = float(logs.std(ddof=1)) * math.sqrt(1.0 + 1.0 / n)
    return math.exp(float(logs.mean())), float(stdtrit(n - 1, 0.95)) * spread / Z90


def _pairs_ratio() -> tuple[float, float]:
    used = [pair for pair in knowledge().pairs if pair.use]
    return predictive_lognormal([math.sqrt(pair.ratio_low * pair.ratio_high) for pair in used])


def true_ratio(basis: str, contact: bool = False) -> TrueRatio:
    """Distribution of true / published irradiance for a basis.

    Parameters
    ----------
    basis : str
        "claimed", "unverified", "assumed" or "measured".
    contact : bool
        Whether the device works in contact: then it is open whether a maker's number holds over an emitter or on the
        mean, which widens a claim.

    Returns
    -------
    TrueRatio
        For claimed and unverified numbers its median is that of the pairs, well below 1; for assumed and measured
        ones 1.
    """
    known = knowledge()
    sources = tuple(pair.source for pair in known.pairs if pair.use)
    if basis == "measured":
        return TrueRatio(1.0, known.measured_log_sd, basis, known.reasons["measured_log_sd"], tuple(known.sources))
    if basis == "assumed":
        return TrueRatio(1.0, known.assumed_log_sd, basis, known.reasons["assumed_log_sd"])
    median, log_sd = _pairs_ratio()
    variance = log_sd**2 + known.selection_log_sd**2
    reason = f"ratio of true to claimed irradiance from {len(sources)} published pairs, widened"
    if contact:
        variance += known.contact_log_sd**2
    if basis == "unverified":
        variance += known.unverified_log_sd**2
        reason += "; widened again because nobody read the number in a source"
    return TrueRatio(median, math.sqrt(variance), basis, reason, sources)
