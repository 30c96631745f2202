"""The plan: a protocol that meets the dose of a trial at the target, inside the safety limits, or an honest no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from photodose import devices, evidence
from photodose.data import data_hash
from photodose.data.schema_evidence import Indication, usable
from photodose.devices import Device
from photodose.dosimetry import Dose, dose, exposure_on
from photodose.dosimetry.delivered import check_minutes
from photodose.planning.equivalent import TOO_FAR, Equivalent, equivalents, rank
from photodose.planning.routine import Step, routine
from photodose.planning.screened import screen
from photodose.quantities import InputError, RangeError, plain
from photodose.safety import Screening, Verdict
from photodose.tissue import Skin

SKIN_LIMIT_C: Final = 41.0
"""Skin temperature at which a session ends, or earlier at pain."""
NO_TARGET: Final = "This goal has no target in tissue to carry a dose over to."
MAX_SESSIONS_PER_WEEK: Final = 21.0
EVIDENCE_WORDS: Final = {
    "high": "high: further trials are unlikely to change this",
    "moderate": "moderate: further trials may change this",
    "low": "low: further trials are likely to change this",
    "very_low": "very low: nobody knows",
}


@dataclass(frozen=True, slots=True)
class Protocol:
    """What to do: minutes a session, distance, sessions a week, weeks; None where the trial does not say."""

    minutes: float
    distance_cm: float
    sessions_per_week: float | None
    weeks: float | None


@dataclass(frozen=True)
class Plan:
    """A plan for one goal, person and device.

    Attributes
    ----------
    protocol : Protocol or None
        None where no trial carries one, or the screening stands against it; `why` says which.
    for_clinician : Protocol or None
        With the verdict "ask": what would be done if a clinician agrees.
    equivalent, runner_up : Equivalent or None
        The trial that the protocol rests on, and the next best.
    session : Dose or None
        What one session delivers.
    own_schedule : mapping or None
        The person's own minutes and sessions, judged.
    """

    goal: Indication
    device: Device
    skin: Skin
    screening: Screening
    protocol: Protocol | None
    for_clinician: Protocol | None
    why: str
    equivalent: Equivalent | None
    runner_up: Equivalent | None
    session: Dose | None
    own_schedule: Mapping[str, Any] | None
    routine: tuple[Step, ...]
    limits: tuple[str, ...]
    warnings: tuple[str, ...]
    within_limits: bool = True
    engine: Mapping[str, str] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        return self.screening.verdict

    @property
    def exit_code(self) -> int:
        """3 or 4 from the screening, 5 where the person's own schedule would pass a limit, else 0."""
        return self.screening.exit_code or (0 if self.within_limits else 5)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `photodose plan` (interface.md)."""
        shown = self.protocol or self.for_clinician
        return {
            "goal": self.goal.id,
            "claim": self.goal.claim,
            "device": self.device.id,
            "skin": self.skin.to_dict(),
            "verdict": self.verdict.value,
            "screening": self.screening.to_dict(),
            "certainty": self.goal.certainty,
            "certainty_words": EVIDENCE_WORDS[self.goal.certainty],
            "evidence_verdict": self.goal.verdict,
            "protocol": plain(self.protocol),
            "for_clinician": plain(self.for_clinician),
            "why": self.why,
            "equivalent": self._equivalent(shown.minutes) if self.equivalent and shown else None,
            "own_schedule": plain(self.own_schedule),
            "session": None if self.session is None else self.session.to_dict(),
            "routine": plain(self.routine),
            "evidence": self._evidence(),
            "limits": list(self.limits),
            "engine": dict(self.engine),
            "sources": self._sources(),
            "warnings": list(self.warnings),
        }

    def _equivalent(self, minutes: float) -> dict[str, Any]:
        assert self.equivalent is not None
        content = self.equivalent.to_dict(minutes)
        content["probability_in_window"] = None
        content["why_no_window"] = evidence.dose_window(self.goal.id)[1]
        content["runner_up"] = (
            None
            if self.runner_up is None
            else {
                "trial": self.runner_up.trial.study,
                "citation": self.runner_up.trial.citation,
                "minutes": plain(self.runner_up.minutes),
                "irradiance_ratio": self.runner_up.irradiance_ratio,
                "extrapolated": self.runner_up.extrapolated,
            }
        )
        return content

    def _evidence(self) -> list[dict[str, Any]]:
        return [
            {
                "study": finding.study.id,
                "citation": finding.study.citation,
                "design": finding.study.design,
                "n": usable(finding.study.n),
                "direction": finding.direction,
                "outcome": finding.outcome,
                "read": finding.read,
                "doi": finding.study.doi,
            }
            for finding in evidence.studies_for(self.goal.id)
        ]

    def _sources(self) -> list[dict[str, Any]]:
        own = [] if self.session is None else self.session.sources()
        trials = [] if self.equivalent is None else plain(self.equivalent.trial.sources)
        return [*trials, *own, *plain(self.screening.sources)]


def _protocol(item: Equivalent, distance_cm: float, minutes: float) -> Protocol:
    """The trial's own schedule with this device's minutes; what follows from two of its numbers is worked out."""
    trial = item.trial
    per_week, weeks = trial.per_week, trial.weeks
    if trial.sessions is not None and weeks is None and per_week:
        weeks = trial.sessions / per_week
    if trial.sessions is not None and per_week is None and weeks:
        per_week = trial.sessions / weeks
    return Protocol(minutes, distance_cm, per_week, weeks)


def round_minutes(minutes: float) -> float:
    """Minutes that a person can set: to half a minute from 2 on, to a tenth below."""
    return max(0.1, round(minutes * 2) / 2 if minutes >= 2 else round(minutes, 1))


def _too_far_words(item: Equivalent) -> str:
    return (
        f"The trial that comes nearest ({item.trial.citation}) used {1 / item.irradiance_ratio:.2g} times the "
        f"irradiance of this device, so the same light at the target would take {item.minutes.value:.3g} minutes "
        f"instead of {item.trial.minutes:g}; beyond a factor of {TOO_FAR:g} no trial says that this works."
    )


def _reason(item: Equivalent) -> str:
    pieces = ", ".join(
        f"{band.trial_fluence_j_cm2.value:.2g} J/cm2 at {band.trial_peak_nm:g} nm" for band in item.bands
    )
    words = (
        f"{item.trial.citation} gave the {item.target} about {pieces}. This device gives your skin the same in "
        f"{item.minutes.value:.3g} minutes ({item.minutes.low:.2g} to {item.minutes.high:.2g})."
    )
    if item.trial.upper_bound:
        words += " The trial gives its irradiance only as an upper bound, so its dose may have been lower."
    if item.extrapolated:
        words += (
            " That lies outside a third to three times the trial's irradiance or time "
            f"(factor {item.worst_ratio:.2g}): an extrapolation, since equal fluence at another "
            "irradiance is not proven equal in effect."
        )
    else:
        words += " Equal fluence at another irradiance is not proven equal in effect."
    return words


def _heat_limit(session: Dose, minutes: float) -> tuple[float, list[str]]:
    """Minutes after the limit on skin temperature, and what it says."""
    limit = session.temperature.time_to_c(SKIN_LIMIT_C)
    if limit is None or limit >= 60.0 * minutes:
        return minutes, []
    shorter = int(limit / 6.0) / 10.0
    return shorter, [
        f"Cut from {minutes:g} to {shorter:g} minutes: the skin would reach {SKIN_LIMIT_C:g} degrees after that. "
        "Stop earlier at any pain."
    ]


def _own_schedule(
    minutes: float, per_week: float | None, session: Dose, item: Equivalent | None
) -> tuple[dict[str, Any], bool]:
    """The person's own minutes against the trial's fluence at the target, and whether it stays inside the limits."""
    limit = session.temperature.time_to_c(SKIN_LIMIT_C)
    inside = limit is None or limit >= 60.0 * minutes
    content: dict[str, Any] = {"minutes": minutes, "sessions_per_week": per_week, "within_limits": inside}
    if item is None:
        content["words"] = "No trial with readable numbers to judge this schedule by."
        return content, inside
    ratio = minutes / item.minutes.value
    content["share_of_trial_dose"] = ratio
    content["by_band"] = {
        f"{band.peak_nm:g}": band.fluence_per_minute_j_cm2 * minutes / band.trial_fluence_j_cm2.value
        for band in item.bands
    }
    level = "about" if 0.67 <= ratio <= 1.5 else "less than" if ratio < 1 else "more than"
    content["words"] = (
        f"{minutes:g} minutes give the {item.target} {ratio:.2g} times the dose of {item.trial.citation}: "
        f"{level} what worked there."
    )
    if per_week is not None and item.trial.per_week is not None and per_week < item.trial.per_week:
        content["words"] += f" The trial had {item.trial.per_week:g} sessions a week, not {per_week:g}."
    if not inside:
        content["words"] += f" The skin would pass {SKIN_LIMIT_C:g} degrees: too long."
    return content, inside


def _check_per_week(per_week: float | None) -> float | None:
    if per_week is None:
        return None
    if not 0.0 < per_week <= MAX_SESSIONS_PER_WEEK:
        raise RangeError("per_week", per_week, 0.0, MAX_SESSIONS_PER_WEEK)
    return float(per_week)


def plan(
    goal: str,
    device: Device | str,
    skin: Skin,
    minutes: float | None = None,
    per_week: float | None = None,
    distance_cm: float | None = None,
    irradiance_mw_cm2: Mapping[float, float] | None = None,
    assume: bool = False,
    age: float | None = None,
    drugs: Iterable[str] = (),
    conditions: Iterable[str] = (),
) -> Plan:
    """A plan for a goal by equivalent exposure, or an honest no.

    Parameters
    ----------
    goal : str
        A goal's id (see `photodose.goals`).
    device : Device or str
        A device, a catalogue id or the path of a device file.
    skin : Skin
    minutes, per_week : float or None
        The person's own schedule [min, sessions a week], judged against the goal.
    distance_cm, irradiance_mw_cm2, assume
        As for `dose`.
    age : float or None
        Age [years].
    drugs, conditions : iterable of str
        As a person would type them.

    Raises
    ------
    InputError, RangeError, UnknownNameError
    """
    indication = evidence.indication(goal)
    unit = devices.device(device) if isinstance(device, str) else device
    own_minutes = None if minutes is None else check_minutes(minutes)
    per_week = _check_per_week(per_week)
    if per_week is not None and own_minutes is None:
        raise InputError("give the minutes of your own schedule too, not only the sessions a week.")
    screening = screen(
        drugs=drugs, conditions=conditions, device=unit, site=skin.site.id, age=age, skin_type=skin.skin_type
    )
    light: dict[str, Any] = {"distance_cm": distance_cm, "irradiance_mw_cm2": irradiance_mw_cm2, "assume": assume}
    best, second, mode, why = _find(indication, unit, skin, light)
    light["mode"] = mode
    limits: list[str] = []
    protocol, session = None, None
    if best is not None:
        wished = round_minutes(best.minutes.value)
        session = dose(unit, skin, wished, **light)
        allowed, limits = _heat_limit(session, wished)
        if allowed < wished:
            session = dose(unit, skin, max(allowed, 0.1), **light)
        protocol = _protocol(best, session.exposure.distance_cm, allowed)
        why = _reason(best)
    own, inside = None, True
    if own_minutes is not None:
        own_session = dose(unit, skin, own_minutes, **light)
        own, inside = _own_schedule(own_minutes, per_week, own_session, best)
        session = session or own_session
    return _assemble(indication, unit, skin, screening, protocol, why, best, second, session, own, inside, limits)


def _find(
    indication: Indication, unit: Device, skin: Skin, light: Mapping[str, Any]
) -> tuple[Equivalent | None, Equivalent | None, str | None, str]:
    """The trial to follow, the runner-up and the device's mode for it; or why there is none."""
    trials = evidence.dose_candidates(indication.id)
    if indication.target is None or not trials:
        return None, None, None, evidence.why_no_protocol(indication.id) or NO_TARGET
    if indication.target not in {item.name for item in skin.targets}:
        why = (
            f"The target of this goal, the {indication.target}, does not exist at the {skin.site.name.lower()}. "
            f"Sites for this goal: {', '.join(indication.sites)}."
        )
        return None, None, None, why
    found: list[tuple[Equivalent, str | None]] = []
    modes: list[str | None] = [item.name for item in unit.modes] or [None]
    for mode in modes:
        exposure = exposure_on(unit, skin, mode=mode, **light)
        found += [(item, mode) for item in equivalents(skin, exposure, trials, indication.target)]
    found.sort(key=lambda pair: rank(pair[0], unit.kind))
    near = [pair for pair in found if not pair[0].too_far]
    if near:
        best, mode = near[0]
        second = next((item for item, _ in near[1:] if item.trial is not best.trial), None)
        return best, second, mode, ""
    if found:
        return None, None, None, _too_far_words(found[0][0])
    peaks = sorted({f"{band.peak_nm:g}" for trial in trials for band in trial.bands}, key=float)
    why = (
        f"The trials with readable numbers used {', '.join(peaks)} nm in combinations that this device "
        f"({', '.join(f'{peak:g}' for peak in unit.wavelengths_nm)} nm) does not have; light of another colour is not "
        "the same treatment."
    )
    return None, None, None, why


def _assemble(
    indication: Indication,
    unit: Device,
    skin: Skin,
    screening: Screening,
    protocol: Protocol | None,
    why: str,
    best: Equivalent | None,
    second: Equivalent | None,
    session: Dose | None,
    own: Mapping[str, Any] | None,
    inside: bool,
    limits: list[str],
) -> Plan:
    from photodose import __version__

    clinician = None
    if screening.verdict is Verdict.STOP:
        protocol, best, second, session = None, None, None, None
        why = "The screening says stop: " + screening.reasons[0].why
    elif screening.verdict is Verdict.ASK:
        clinician, protocol = protocol, None
        why = "Ask a clinician first: " + screening.reasons[0].why + (f" If they agree: {why}" if why else "")
    warnings = [] if session is None else list(session.warnings)
    return Plan(
        goal=indication,
        device=unit,
        skin=skin,
        screening=screening,
        protocol=protocol,
        for_clinician=clinician,
        why=why,
        equivalent=best,
        runner_up=second,
        session=session,
        own_schedule=own if screening.verdict is not Verdict.STOP else None,
        routine=() if protocol is None else routine(unit, skin, protocol.minutes, screening),
        limits=tuple(limits),
        warnings=(*warnings, *screening.warnings),
        within_limits=inside,
        engine={"version": __version__, "data": data_hash(), "rules": screening.rules_version},
    )


__all__ = ["Plan", "Protocol", "plan", "round_minutes"]
