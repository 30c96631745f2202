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

__all__ = [
    "DoseWindow",
    "Goal",
    "StudyFinding",
    "TrialBand",
    "TrialExposure",
    "dose_candidates",
    "dose_window",
    "goals",
    "indication",
    "readable_exposures",
    "studies",
    "studies_for",
    "why_no_protocol",
    "why_not_usable",
]
