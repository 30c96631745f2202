"""The light of trials, as far as it was read: what a plan may be matched to.

A trial sets a dose only if every number of its light was read, or follows from read numbers by H = E t. What is missing
is said, never filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from photodose.data import Source
from photodose.data.schema import Confidence
from photodose.data.schema_evidence import Band, Certainty, DeviceKind, Study, Value, usable
from photodose.evidence.catalogue import StudyFinding, indication, studies_for
from photodose.quantities import radiant_exposure_j_cm2

AGREEMENT = 0.10
"""Largest relative difference between a stated radiant exposure and E t; beyond it the report contradicts itself."""
WINDOW_FOLD = 5.0
"""Largest ratio between the doses of trials that may span a window (physics of the plan: fivefold)."""
BAND_MATCH_NM = 20.0
"""Bands whose peaks lie within this are the same band."""

_NOT_A_TRIAL = {"systematic_review", "guideline", "consensus", "in_vitro_animal", "other"}
_RANK: dict[Confidence, int] = {"read": 0, "derived": 0, "read_secondary": 1, "judgement": 2, "unverified": 3}


@dataclass(frozen=True, slots=True)
class TrialBand:
    """One band of a trial's light on the skin, all of it read or derived from what was read.

    `irradiance_qualifier` is "<=" where the trial gives only an upper bound, so that its dose is one too. `derived`
    names what follows from the other numbers by H = E t.
    """

    peak_nm: float
    fwhm_nm: float | None
    irradiance_mw_cm2: float
    irradiance_qualifier: str
    radiant_exposure_j_cm2: float
    derived: str | None


@dataclass(frozen=True, slots=True)
class TrialExposure:
    """The light of one arm of one trial with a positive result, complete enough to be matched.

    minutes [min] per session and band; `delivery` "together" (all bands in each session) or "alternating" (one band a
    session). `skin_types` is the range of Fitzpatrick types treated, None where not stated. `upper_bound` says that
    the trial gives only an upper bound of its irradiance. `confidence` is "read" if every number stood in the primary
    source, else "read_secondary".
    """

    study: str
    citation: str
    arm: str | None
    bands: tuple[TrialBand, ...]
    delivery: str
    minutes: float
    per_week: float | None
    weeks: float | None
    sessions: float | None
    site: str | None
    skin_types: tuple[str, str] | None
    device_kind: DeviceKind | None
    contact: bool | None
    pulse: str | None
    sham: bool
    controlled: bool
    direction: str
    outcome: str
    upper_bound: bool
    confidence: Confidence
    co_interventions: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class DoseWindow:
    """Radiant exposures [J/cm2] at the skin, per band, spanned by two or more positive controlled trials."""

    bands: tuple[tuple[float, float, float], ...]
    """(peak_nm, lowest, highest) for each band."""
    exposures: tuple[TrialExposure, ...]
    certainty: Certainty


def dose_candidates(goal: str) -> tuple[TrialExposure, ...]:
    """Trials of a goal whose light may be matched, best evidence first.

    A trial stands here if its result for this goal was positive and read; if the wavelength, and two of irradiance,
    radiant exposure and minutes, were read (the third follows from H = E t); if the numbers hold for the skin and not
    for the spot of one beam, and do not contradict each other; and if the treated site was read (for goals with a
    target in tissue). Order: with sham, then controlled, then the rest; within each, read before secondary, exact
    before upper bounds, newest first. The planner goes on to rank by kind of device and irradiance.

    Raises
    ------
    UnknownNameError
        If the goal is not known.
    """
    record = indication(goal)
    if record.no_plan is not None:
        return ()
    found = [
        exposure
        for finding in studies_for(goal)
        if finding.direction == "positive" and finding.read
        for exposure in _exposures(finding, needs_site=record.target is not None)
    ]
    return tuple(
        sorted(
            found,
            key=lambda trial: (
                not trial.sham,
                not trial.controlled,
                _RANK[trial.confidence],
                trial.upper_bound,
                -(_year(trial)),
                trial.study,
            ),
        )
    )


def readable_exposures(goal: str) -> tuple[TrialExposure, ...]:
    """All arms of a goal's trials whose light was read completely enough, whatever they found, in the file's order.

    For pictures of dose against effect, where null and negative trials must stand beside positive ones; a plan is
    matched to `dose_candidates` only.

    Raises
    ------
    UnknownNameError
        If the goal is not known.
    """
    needs_site = indication(goal).target is not None
    return tuple(
        exposure for finding in studies_for(goal) if finding.read for exposure in _exposures(finding, needs_site)
    )


def why_no_protocol(goal: str) -> str | None:
    """Why no plan can be derived for a goal, as one or two sentences; None if a usable trial exists."""
    record = indication(goal)
    if record.no_plan is not None:
        return record.no_plan
    if dose_candidates(goal):
        return None
    trials = [f for f in studies_for(goal) if f.study.design not in _NOT_A_TRIAL]
    positive = [f for f in trials if f.direction == "positive" and f.read]
    if not positive:
        return f"No trial for '{record.goal}' with a positive result was read, so there is no dose to match."
    reasons = [f"{f.study.citation}: {why_not_usable(f.study, record.target is not None)}" for f in positive[:3]]
    more = f", and {len(positive) - 3} more" if len(positive) > 3 else ""
    return (
        f"No positive trial for '{record.goal}' states its light completely enough, as far as we could read it, to be "
        f"matched ({'; '.join(reasons)}{more})."
    )


def dose_window(goal: str) -> tuple[DoseWindow | None, str]:
    """The window of radiant exposures that worked, or None, with the reason in a sentence.

    A window needs two or more positive controlled trials with exact doses in the same bands (peaks within 20 nm) whose
    radiant exposures lie within fivefold of each other; otherwise nobody can say what is too little or too much.
    """
    record = indication(goal)
    trials = [t for t in dose_candidates(goal) if t.controlled and not t.upper_bound]
    if len(trials) < 2:
        return None, (
            f"A dose window needs two positive controlled trials whose doses were read; "
            f"for '{record.goal}' there {'is one' if len(trials) == 1 else 'are none'}."
        )
    spans: list[tuple[float, float, float]] = []
    used: set[str] = set()
    for peak in sorted({band.peak_nm for trial in trials for band in trial.bands}):
        in_band = [
            (trial.study, band.radiant_exposure_j_cm2)
            for trial in trials
            for band in trial.bands
            if abs(band.peak_nm - peak) <= BAND_MATCH_NM
        ]
        doses = [dose for _, dose in in_band]
        if len({study for study, _ in in_band}) >= 2 and max(doses) <= WINDOW_FOLD * min(doses):
            spans.append((peak, min(doses), max(doses)))
            used.update(study for study, _ in in_band)
    if not spans:
        return None, f"The controlled trials for '{record.goal}' share no band with doses within fivefold."
    window = DoseWindow(tuple(spans), tuple(t for t in trials if t.study in used), record.certainty)
    return window, f"Spanned by {len(used)} positive controlled trials."


def why_not_usable(study: Study, needs_site: bool = True) -> str | None:
    """What keeps a study's light from being matched, in a few words; None if nothing does."""
    if study.design in _NOT_A_TRIAL:
        return "not a trial"
    if not study.light:
        return "its light was not read"
    if any(not band.usable for band in study.light):
        return "its wavelength was not read"
    if any(band.averaged_over == "beam_spot" for band in study.light):
        return "its dose is that of a beam spot, not an average over the skin"
    minutes = usable(study.minutes)
    missing: set[str] = set()
    for band in study.light:
        have = (usable(band.irradiance_mw_cm2), usable(band.radiant_exposure_j_cm2), minutes)
        if sum(value is not None for value in have) < 2:
            names = ("irradiance", "radiant exposure", "minutes")
            missing.update(name for name, value in zip(names, have, strict=True) if value is None)
        elif all(value is not None for value in have) and not _agrees(*have):
            return "its irradiance, radiant exposure and minutes contradict each other"
    if missing:
        order = [name for name in ("irradiance", "radiant exposure", "minutes") if name in missing]
        return f"{', '.join(order)} not read"
    if needs_site and not (study.population.usable and study.population.sites):
        return "the treated site was not read"
    return None


def _agrees(irradiance: float | None, radiant_exposure: float | None, minutes: float | None) -> bool:
    if irradiance is None or radiant_exposure is None or minutes is None:
        return True
    expected = radiant_exposure_j_cm2(irradiance, 60.0 * minutes)
    return abs(expected - radiant_exposure) <= AGREEMENT * radiant_exposure


def _exposures(finding: StudyFinding, needs_site: bool) -> list[TrialExposure]:
    study = finding.study
    if why_not_usable(study, needs_site) is not None:
        return []
    if study.delivery == "separate_arms":
        return [_exposure(finding, (band,), band.arm) for band in study.light]
    return [_exposure(finding, study.light, None)]


def _exposure(finding: StudyFinding, bands: Sequence[Band], arm: str | None) -> TrialExposure:
    study = finding.study
    minutes = usable(study.minutes)
    if minutes is None:
        first = bands[0]
        minutes = _value(first.radiant_exposure_j_cm2) * 1000.0 / _value(first.irradiance_mw_cm2) / 60.0
    complete = tuple(_complete(band, minutes) for band in bands)
    numbers = [study.minutes, *(band.irradiance_mw_cm2 for band in bands)]
    numbers += [band.radiant_exposure_j_cm2 for band in bands]
    secondary = any(number is not None and number.confidence == "read_secondary" for number in numbers)
    population = study.population
    return TrialExposure(
        study=study.id,
        citation=study.citation,
        arm=arm,
        bands=complete,
        delivery=study.delivery,
        minutes=minutes,
        per_week=usable(study.per_week),
        weeks=usable(study.weeks),
        sessions=usable(study.sessions),
        site=population.sites[0] if population.usable and population.sites else None,
        skin_types=population.skin_types if population.usable else None,
        device_kind=None if "device_kind" in study.unverified else study.device_kind,
        contact=None if "contact" in study.unverified else study.contact,
        pulse=study.pulse,
        sham=study.sham,
        controlled=study.controlled,
        direction=finding.direction,
        outcome=finding.outcome,
        upper_bound=any(band.irradiance_qualifier == "<=" for band in complete),
        confidence="read_secondary" if secondary or any(b.confidence == "read_secondary" for b in bands) else "read",
        co_interventions=study.co_interventions,
        notes=study.notes,
        sources=study.sources,
    )


def _complete(band: Band, minutes: float) -> TrialBand:
    """Fill in the one of irradiance and radiant exposure that was not read, by H = E t."""
    irradiance, radiant_exposure = usable(band.irradiance_mw_cm2), usable(band.radiant_exposure_j_cm2)
    stated = band.irradiance_mw_cm2 if irradiance is not None else band.radiant_exposure_j_cm2
    derived = None
    if irradiance is None:
        irradiance, derived = _value(band.radiant_exposure_j_cm2) * 1000.0 / (60.0 * minutes), "irradiance_mw_cm2"
    elif radiant_exposure is None:
        derived = "radiant_exposure_j_cm2"
    if radiant_exposure is None:
        radiant_exposure = radiant_exposure_j_cm2(irradiance, 60.0 * minutes)
    return TrialBand(
        peak_nm=band.peak_nm,
        fwhm_nm=band.fwhm_nm,
        irradiance_mw_cm2=irradiance,
        irradiance_qualifier=stated.qualifier if stated is not None else "=",
        radiant_exposure_j_cm2=radiant_exposure,
        derived=derived,
    )


def _value(value: Value | None) -> float:
    number = usable(value)
    if number is None:
        raise AssertionError("a band without a usable number passed why_not_usable")
    return number


def _year(trial: TrialExposure) -> int:
    digits = trial.citation[-4:]
    return int(digits) if digits.isdigit() else 0
