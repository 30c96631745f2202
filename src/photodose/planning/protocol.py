"""What a plan is: protocol, reason, evidence, screening, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from photodose import evidence
from photodose.data.schema_evidence import Indication, usable
from photodose.devices import Device, Exposure
from photodose.dosimetry import Dose
from photodose.planning.aftercare import AfterCare
from photodose.planning.equivalent import Equivalent
from photodose.planning.hazards import SessionLimits
from photodose.planning.routine import Step
from photodose.quantities import plain
from photodose.safety import Screening, Verdict
from photodose.tissue import Skin

EVIDENCE_WORDS: Final = {
    "high": "high: further trials are unlikely to change this",
    "moderate": "moderate: further trials may change this",
    "low": "low: further trials are likely to change this",
    "very_low": "very low: nobody knows",
}


@dataclass(frozen=True, slots=True)
class Protocol:
    """What to do.

    Attributes
    ----------
    minutes : float
        Length of a session [min]; where sessions take turns and differ, the shortest.
    distance_cm : float
    sessions_per_week, weeks : float or None
        None where the trial does not say.
    minutes_by_band : mapping of str to float
        Minutes of each band [nm -> min]; in one session together, or each in sessions of its own.
    sessions : str
        "together" or "alternating" (one band a session, in turn).
    words : str
        How sessions take turns; empty where they do not.
    eyes : str
        "open", "closed" or "shielded": the eyes for which the limits hold.
    """

    minutes: float
    distance_cm: float
    sessions_per_week: float | None
    weeks: float | None
    minutes_by_band: Mapping[str, float] = field(default_factory=dict)
    sessions: str = "together"
    words: str = ""
    eyes: str = "open"


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
        What one session delivers; where sessions take turns, the first of them.
    sessions : tuple of Dose
        All kinds of session.
    own_schedule : mapping or None
        The person's own minutes and sessions, judged.
    hazards : SessionLimits or None
        The limits of eyes and skin on the session.
    advice : tuple of str
        What would be better: nearer, further, shorter, another device.
    after : AfterCare or None
        What is known of light after a professional treatment, where one was named.
    inputs : mapping
        What was asked, enough to make the plan again (`plan_from_json`).
    nearest : Equivalent or None
        The best trial that fits this device at all, however far away.
    exposures : mapping of mode to Exposure
        The device's light on this skin in each mode; empty where the screening says stop.
    light : str
        What the limits of eyes and skin say of the session: "inside", "shields" (only with shields over the eyes),
        "past", or empty where nothing was judged.
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
    sessions: tuple[Dose, ...] = ()
    hazards: SessionLimits | None = None
    advice: tuple[str, ...] = ()
    after: AfterCare | None = None
    window: tuple[float | None, str] = (None, "")
    inputs: Mapping[str, Any] = field(default_factory=dict)
    nearest: Equivalent | None = None
    exposures: Mapping[str | None, Exposure] = field(default_factory=dict)
    light: str = ""

    @property
    def verdict(self) -> Verdict:
        return self.screening.verdict

    @property
    def exit_code(self) -> int:
        """3 or 4 from the screening, 5 where the person's own schedule would pass a limit, else 0."""
        return self.screening.exit_code or (0 if self.within_limits else 5)

    @property
    def weeks_until_fair_judgement(self) -> float | None:
        """Weeks after which trials saw whether it works; None where nobody said."""
        return usable(self.goal.weeks_until_fair_judgement)

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
            "weeks_until_fair_judgement": plain(self.goal.weeks_until_fair_judgement),
            "equivalent": self._equivalent(shown) if self.equivalent and shown else None,
            "nearest_trial": self._nearest(),
            "own_schedule": plain(self.own_schedule),
            "session": None if self.session is None else self.session.to_dict(),
            "sessions": [item.to_dict() for item in self.sessions] if len(self.sessions) > 1 else [],
            "routine": plain(self.routine),
            "evidence": self._evidence(),
            "limits": list(self.limits),
            "safety": self._safety(),
            "advice": list(self.advice),
            "after": plain(self.after),
            "inputs": plain(self.inputs),
            "engine": dict(self.engine),
            "sources": self._sources(),
            "warnings": list(self.warnings),
        }

    def _equivalent(self, shown: Protocol) -> dict[str, Any]:
        assert self.equivalent is not None
        by_band = {float(peak): minutes for peak, minutes in shown.minutes_by_band.items()}
        content = self.equivalent.to_dict(shown.minutes, by_band or None)
        content["probability_in_window"], content["why_no_window"] = self.window
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

    def _nearest(self) -> dict[str, Any] | None:
        """The best trial that fits this device at all, and how far away it is."""
        if self.nearest is None:
            return None
        item = self.nearest
        return {
            "trial": item.trial.study,
            "citation": item.trial.citation,
            "minutes": plain(item.minutes),
            "irradiance_ratio": item.irradiance_ratio,
            "time_ratio": item.time_ratio,
            "extrapolated": item.extrapolated,
            "too_far": item.too_far,
        }

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

    def _safety(self) -> dict[str, Any] | None:
        if self.hazards is None:
            return None
        found = self.hazards
        return {
            "eyes": found.eyes,
            "shields_needed": found.shields_needed,
            "allowed_s": found.allowed_s,
            "risk_group": found.assessment.risk_group,
            "provisional": found.assessment.provisional,
            "hazard_distance_cm": found.assessment.hazard_distance_cm,
            "permissible_by_eyes_s": dict(found.assessment.permissible_by_eyes_s),
            "warnings": list(found.assessment.warnings),
        }

    def _sources(self) -> list[dict[str, Any]]:
        own = [] if self.session is None else self.session.sources()
        trials = [] if self.equivalent is None else plain(self.equivalent.trial.sources)
        later = [] if self.after is None else plain(self.after.sources)
        found = [*trials, *own, *plain(self.screening.sources), *later]
        return [item for i, item in enumerate(found) if item not in found[:i]]
