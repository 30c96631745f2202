"""Trials, their certainty, and the doses that plans may be matched to."""

from photodose.evidence.catalogue import Goal, StudyFinding, goals, indication, studies, studies_for
from photodose.evidence.exposure import (
    DoseWindow,
    TrialBand,
    TrialExposure,
    dose_candidates,
    dose_window,
    readable_exposures,
    why_no_protocol,
    why_not_usable,
)
from photodose.evidence.pooling import (
    Combined,
    PooledEffect,
    PublishedEffect,
    TrialDifference,
    combine,
    pooled,
    trial_differences,
    why_not_pooled,
)

__all__ = [
    "Combined",
    "DoseWindow",
    "Goal",
    "PooledEffect",
    "PublishedEffect",
    "StudyFinding",
    "TrialBand",
    "TrialDifference",
    "TrialExposure",
    "combine",
    "dose_candidates",
    "dose_window",
    "goals",
    "indication",
    "pooled",
    "readable_exposures",
    "studies",
    "studies_for",
    "trial_differences",
    "why_no_protocol",
    "why_not_pooled",
    "why_not_usable",
]
