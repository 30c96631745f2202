"""Making a plan: choose the trial, carry its dose over, keep it inside the limits, and say what stands against it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from photodose import devices, evidence
from photodose.data import data_hash
from photodose.data.schema_evidence import Indication
from photodose.devices import Device, Exposure
from photodose.dosimetry import Dose, dose
from photodose.dosimetry.delivered import check_minutes, skin_heat
from photodose.dosimetry.heat import SKIN_LIMIT_C
from photodose.planning.advice import contact_advice, distance_advice, general_advice
from photodose.planning.aftercare import AfterCare, after_treatment
from photodose.planning.equivalent import EXTRAPOLATED, SURFACE, Equivalent
from photodose.planning.find import Choice, choose, probability_in_window
from photodose.planning.hazards import SessionLimits, check_eyes, session_limits, shortest
from photodose.planning.inputs import device_input, skin_input
from photodose.planning.laser import laser_warning
from photodose.planning.protocol import Plan, Protocol
from photodose.planning.routine import routine
from photodose.planning.screened import goal_conditions, screen
from photodose.planning.words import alternating_words, counted, reason_words, share_words
from photodose.quantities import InputError, RangeError, short, short_down
from photodose.safety import Screening, Verdict
from photodose.tissue import Skin

MAX_SESSIONS_PER_WEEK: Final = 21.0
SHORTEST_MINUTES: Final = 0.1
USUAL_MINUTES: Final = 10.0
"""Session looked at where neither a trial nor the maker gives one; shown as such."""
NOT_MEASURED: Final = (
    "The limits are judged by the strongest light this device may have, since nobody measured it. Measure it, give the "
    "numbers, and more minutes may be allowed."
)
AFTER_WHY: Final = "After a treatment only the clinic that did it can say when light may start."
LEAST_SHARE: Final = 1.0 / EXTRAPOLATED
"""Where limits leave less than this share of the trial's dose, what is left is no longer that trial's treatment."""


def round_minutes(minutes: float) -> float:
    """Minutes that a person can set: to half a minute from 2 on, to a tenth below."""
    return max(SHORTEST_MINUTES, round(minutes * 2) / 2 if minutes >= 2 else round(minutes, 1))


@dataclass(frozen=True)
class _Worked:
    """A protocol with what it rests on; protocol None where the limits leave too little."""

    protocol: Protocol | None
    why: str
    sessions: tuple[Dose, ...]
    limits: tuple[str, ...]
    hazards: SessionLimits


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
    *,
    eyes: str | None = None,
    after: str | None = None,
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
    eyes : str or None
        "open", "closed" or "shielded" during the session; None: shields where open eyes would pass a limit.
    after : str or None
        A professional treatment and the time since, for example "laser:3d"; within the days in which only the clinic
        can say when light may start there is no protocol.

    Raises
    ------
    InputError, RangeError, UnknownNameError
    """
    indication = evidence.indication(goal)
    unit = devices.device(device) if isinstance(device, str) else device
    own_minutes, per_week = check_schedule(minutes, per_week)
    drugs, conditions = _texts(drugs), _texts(conditions)
    care = None if after is None else after_treatment(after)
    told = goal_conditions([indication.id], [*conditions, *([] if care is None else [care.condition])])
    screening = screen(drugs=drugs, conditions=told, device=unit, site=skin.site.id, age=age, skin_type=skin.skin_type)
    light: dict[str, Any] = {"distance_cm": distance_cm, "irradiance_mw_cm2": irradiance_mw_cm2, "assume": assume}
    check_eyes(eyes)
    barred = screening.verdict is Verdict.STOP or (care is not None and care.recent)
    choice = Choice(None, None, None, "", {}) if barred else choose(indication, unit, skin, light)
    worked = None if choice.best is None else _work_out(choice, choice.best, indication, unit, skin, light, eyes)
    judged = None if barred else own_minutes
    own, own_session, own_limits = own_schedule(judged, per_week, choice, unit, skin, light, eyes)
    looked: tuple[str, ...] = ()
    if not barred and worked is None and own is None:
        own_limits, looked = _without_protocol(choice, unit, skin, eyes, irradiance_mw_cm2)
    inputs = {
        "goal": indication.id, "device": device_input(unit), "skin": skin_input(skin), "minutes": minutes,
        "per_week": per_week, "distance_cm": distance_cm,
        "irradiance_mw_cm2": _plain_light(irradiance_mw_cm2),
        "assume": assume, "age": age, "drugs": list(drugs), "conditions": list(conditions), "eyes": eyes,
        "after": after,
    }  # fmt: skip
    return _assemble(
        indication, unit, skin, screening, choice, worked, care,
        own=own, own_session=own_session, own_limits=own_limits, looked=looked, inputs=inputs, light=light, eyes=eyes,
    )  # fmt: skip


def _plain_light(irradiance_mw_cm2: Mapping[float, float] | None) -> dict[str, float] | None:
    if irradiance_mw_cm2 is None:
        return None
    return {f"{float(peak):g}": float(value) for peak, value in irradiance_mw_cm2.items()}


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def check_schedule(minutes: float | None, per_week: float | None) -> tuple[float | None, float | None]:
    """A person's own minutes and sessions a week, if they can be judged.

    Raises
    ------
    InputError, RangeError
        If one is out of range, or sessions a week come without minutes.
    """
    checked = None if minutes is None else check_minutes(minutes)
    if per_week is None:
        return checked, None
    if not 0.0 < per_week <= MAX_SESSIONS_PER_WEEK:
        raise RangeError("per_week", per_week, 0.0, MAX_SESSIONS_PER_WEEK)
    if checked is None:
        raise InputError("give the minutes of your own schedule too, not only the sessions a week.")
    return checked, float(per_week)


def _work_out(
    choice: Choice,
    best: Equivalent,
    indication: Indication,
    unit: Device,
    skin: Skin,
    light: Mapping[str, Any],
    eyes: str | None,
) -> _Worked:
    """Minutes of each session inside all limits, and what one session delivers."""
    wished = (
        {band.peak_nm: round_minutes(band.minutes) for band in best.bands}
        if best.alternating
        else dict.fromkeys((band.peak_nm for band in best.bands), round_minutes(best.minutes.value))
    )
    modes = dict(zip((band.peak_nm for band in best.bands), best.modes, strict=True))
    found: dict[str | None, SessionLimits] = {}
    notes: list[str] = []
    allowed = dict(wished)
    for peak, mode in modes.items():
        if mode not in found:
            found[mode] = session_limits(
                unit, skin, choice.exposures[mode], wished[peak], eyes, light["irradiance_mw_cm2"]
            )
        cap = found[mode].allowed_s
        if cap is not None and cap < 60.0 * wished[peak]:
            allowed[peak] = math.floor(cap / 6.0) / 10.0
            notes.append(
                f"At most {allowed[peak]:g} of {wished[peak]:g} minutes: {found[mode].why}."
                f"{likely_words(skin, choice.exposures[mode], wished[peak], found[mode])} Stop earlier at any pain."
            )
    strictest = min(found.values(), key=_strictness)
    cut = next((item.why for item in found.values() if item is strictest and allowed != wished), "")
    why = reason_words(best, indication, skin, allowed, cut)
    forbidden = next((item.forbidden for item in found.values() if item.forbidden), None)
    share = min(allowed[peak] / wished[peak] for peak in wished)
    if forbidden is None and (share < LEAST_SHARE or min(allowed.values()) < SHORTEST_MINUTES):
        forbidden = (
            f"The limits leave {100 * share:.0f} % of the trial's dose at this distance, so its treatment cannot be "
            f"had safely here ({strictest.why})."
        )
    if forbidden is not None:
        return _Worked(None, f"{forbidden} {why}", (), tuple(dict.fromkeys(notes)), strictest)
    if share < 1.0:
        notes.append(f"What is left gives {100 * share:.0f} % of the trial's dose.")
    sessions = tuple(
        dose(unit, skin, allowed[peak], mode=mode, **light)
        for mode, peak in {mode: peak for peak, mode in reversed(modes.items())}.items()
    )[::-1]
    protocol = _protocol(best, sessions[0].exposure.distance_cm, allowed, strictest)
    return _Worked(protocol, why, sessions, tuple(dict.fromkeys(notes)), strictest)


def usual_minutes(unit: Device) -> float:
    """The maker's own session, or ten minutes where the maker gives none [min]."""
    return USUAL_MINUTES if unit.session_minutes is None else unit.session_minutes


def _without_protocol(
    choice: Choice, unit: Device, skin: Skin, eyes: str | None, irradiance_mw_cm2: Mapping[float, float] | None
) -> tuple[SessionLimits, tuple[str, ...]]:
    """Limits of eyes and skin, strictest of all modes, on the session that a person would take without a trial."""
    minutes = usual_minutes(unit)
    found = [
        (session_limits(unit, skin, exposure, minutes, eyes, irradiance_mw_cm2), exposure)
        for exposure in choice.exposures.values()
    ]
    limits, exposure = min(found, key=lambda pair: (pair[0].forbidden is None, *_strictness(pair[0])))
    if limits.forbidden is not None:
        return limits, (limits.forbidden,)
    if limits.allowed_s is None or limits.allowed_s >= 60.0 * minutes:
        return limits, ()
    allowed = math.floor(limits.allowed_s / 6.0) / 10.0
    if allowed < SHORTEST_MINUTES:
        return limits, (f"At once a limit is reached: {limits.why}.",)
    return limits, (
        f"At most {allowed:g} of {minutes:g} minutes: {limits.why}."
        f"{likely_words(skin, exposure, minutes, limits)} Stop earlier at any pain.",
    )


def likely_words(skin: Skin, exposure: Exposure, minutes: float, limits: SessionLimits) -> str:
    """When the skin would reach its limit under the light at its likely strength; empty where eyes are the limit, or
    where the light was measured and there is no other strength."""
    light_s = limits.assessment.permissible_s
    if limits.allowed_s is None or (light_s is not None and light_s <= limits.allowed_s):
        return ""
    if all(band.basis == "measured" for band in exposure.bands):
        return ""
    median = np.array([band.median_mw_cm2 for band in exposure.bands])
    likely_s = skin_heat(skin, exposure, median, minutes).time_to_c(SKIN_LIMIT_C)
    if likely_s is None:
        return " At its likely strength it would not get there within the hour."
    return f" At its likely strength it would take {counted(short(likely_s / 60.0))}."


def _strictness(limits: SessionLimits) -> tuple[bool, float]:
    """Sort key, strictest first."""
    return not limits.shields_needed, math.inf if limits.allowed_s is None else limits.allowed_s


def _protocol(item: Equivalent, distance_cm: float, by_band: Mapping[float, float], limits: SessionLimits) -> Protocol:
    """The trial's own schedule with this device's minutes; what follows from two of its numbers is worked out."""
    trial = item.trial
    per_week, weeks = trial.per_week, trial.weeks
    if trial.sessions is not None and weeks is None and per_week:
        weeks = trial.sessions / per_week
    if trial.sessions is not None and per_week is None and weeks:
        per_week = trial.sessions / weeks
    return Protocol(
        minutes=min(by_band.values()),
        distance_cm=distance_cm,
        sessions_per_week=per_week,
        weeks=weeks,
        minutes_by_band={f"{peak:g}": value for peak, value in by_band.items()},
        sessions="alternating" if item.alternating else "together",
        words=alternating_words(item, by_band) if item.alternating else "",
        eyes=limits.eyes,
    )


def own_schedule(
    minutes: float | None,
    per_week: float | None,
    choice: Choice,
    unit: Device,
    skin: Skin,
    light: Mapping[str, Any],
    eyes: str | None,
) -> tuple[dict[str, Any] | None, Dose | None, SessionLimits | None]:
    """The person's own minutes against the trial's fluence at the target, and whether it stays inside the limits."""
    if minutes is None:
        return None, None, None
    item = choice.best or choice.nearest
    modes = list(dict.fromkeys(item.modes)) if item is not None else [next(iter(choice.exposures))]
    judged = [
        session_limits(unit, skin, choice.exposures[mode], minutes, eyes, light["irradiance_mw_cm2"]) for mode in modes
    ]
    strictest = min(judged, key=_strictness)
    allowed = shortest(*(limits.allowed_s for limits in judged))
    inside = (allowed is None or allowed >= 60.0 * minutes) and all(limits.forbidden is None for limits in judged)
    session = dose(unit, skin, minutes, mode=modes[0], **light)
    content: dict[str, Any] = {
        "minutes": minutes,
        "sessions_per_week": per_week,
        "within_limits": inside,
        "eyes": strictest.eyes,
        "allowed_minutes": None if allowed is None else allowed / 60.0,
    }
    content.update(_judged(minutes, per_week, item))
    if not inside:
        reason = strictest.forbidden or strictest.why
        after_minutes = (allowed or 0.0) / 60.0
        content["words"] += (
            f" Too long: at once a limit is reached ({reason})."
            if after_minutes < SHORTEST_MINUTES
            else f" Too long: after {counted(short_down(after_minutes))} a limit is reached ({reason})."
        )
        content["words"] += likely_words(skin, session.exposure, minutes, strictest)
    elif strictest.shields_needed:
        content["words"] += " It stays inside the limits only with shields over the eyes."
    return content, session, strictest


def _judged(minutes: float, per_week: float | None, item: Equivalent | None) -> dict[str, Any]:
    if item is None:
        return {"words": "No trial with readable numbers to judge this schedule by."}
    ratio = minutes / item.minutes.value
    words = share_words(minutes, ratio, item)
    if item.alternating:
        words += " That is for each kind of session, in turn."
    if item.too_far:
        words += " Its irradiance or time is more than ten times off, so this says little."
    trial = item.trial
    if per_week is not None and trial.per_week is not None:
        level = "fewer" if per_week < trial.per_week else "more" if per_week > trial.per_week else "as many"
        words += f" The trial had {trial.per_week:g} sessions a week; yours are {level}"
        words += "." if level == "as many" else f" ({per_week:g})."
    return {
        "words": words,
        "share_of_trial_dose": ratio,
        "by_band": {f"{band.peak_nm:g}": minutes / band.minutes for band in item.bands},
    }


def _assemble(
    indication: Indication,
    unit: Device,
    skin: Skin,
    screening: Screening,
    choice: Choice,
    worked: _Worked | None,
    care: AfterCare | None,
    *,
    own: Mapping[str, Any] | None,
    own_session: Dose | None,
    own_limits: SessionLimits | None,
    looked: tuple[str, ...],
    inputs: Mapping[str, Any],
    light: Mapping[str, Any],
    eyes: str | None,
) -> Plan:
    """Put the parts together; what the screening forbids goes out."""
    best, protocol, clinician = choice.best, None, None
    why = choice.why if worked is None else worked.why
    if worked is not None:
        protocol = worked.protocol
    advice = general_advice(indication, unit, skin)
    if best is not None and worked is not None:
        advice += distance_advice(best, unit, skin, light, cut=bool(worked.limits), eyes=eyes)
        advice += contact_advice(best, choice.exposures[best.modes[0]].distance_cm)
        if worked.limits and any(band.basis != "measured" for band in choice.exposures[best.modes[0]].bands):
            advice.append(NOT_MEASURED)
    elif looked and own_limits is not None and own_limits.forbidden is None and _any_unmeasured(choice):
        advice.append(NOT_MEASURED)
    if best is None and choice.nearest is not None:
        advice += distance_advice(choice.nearest, unit, skin, light, cut=False, eyes=eyes)
    recent = care is not None and care.recent
    if screening.verdict is Verdict.STOP:
        why = "The screening says stop: " + screening.reasons[0].why
    elif recent:
        why = AFTER_WHY
    elif screening.verdict is Verdict.ASK:
        clinician, protocol = protocol, None
        why = "Ask a clinician first: " + screening.reasons[0].why + (f" If they agree: {why}" if why else "")
    shown = protocol or clinician
    barred = screening.verdict is Verdict.STOP or recent
    sessions = worked.sessions if worked is not None and shown is not None else ()
    session = sessions[0] if sessions else own_session
    hazards = own_limits if worked is None else worked.hazards
    within = own is None or bool(own["within_limits"])
    return Plan(
        goal=indication,
        device=unit,
        skin=skin,
        screening=screening,
        protocol=protocol,
        for_clinician=clinician,
        why=why,
        equivalent=None if shown is None else best,
        runner_up=None if shown is None else choice.runner_up,
        session=session,
        own_schedule=own,
        routine=() if protocol is None else _routine(unit, skin, protocol, screening, best, hazards),
        limits=looked if worked is None else worked.limits,
        warnings=(
            *laser_warning(None if hazards is None else hazards.assessment),
            *(session.warnings if session is not None else ()),
            *screening.warnings,
        ),
        within_limits=within,
        engine=engine_versions(screening),
        sessions=sessions,
        hazards=hazards,
        advice=() if barred else tuple(advice),
        after=care,
        window=_window(indication, skin, choice, shown),
        inputs=inputs,
        nearest=choice.best or choice.nearest,
        exposures=choice.exposures,
        light=""
        if hazards is None
        else light_state(hazards.shields_needed, bool(looked) or (worked is not None and shown is None) or not within),
    )


def _any_unmeasured(choice: Choice) -> bool:
    return any(band.basis != "measured" for item in choice.exposures.values() for band in item.bands)


def light_state(shields_needed: bool, past: bool) -> str:
    """Where a session stands against the limits of eyes and skin: "inside", "shields" or "past"."""
    return "past" if past else "shields" if shields_needed else "inside"


def engine_versions(screening: Screening) -> dict[str, str]:
    """What made an answer: version of photodose, hash of the data, version of the rules."""
    from photodose import __version__

    return {"version": __version__, "data": data_hash(), "rules": screening.rules_version}


def _window(indication: Indication, skin: Skin, choice: Choice, shown: Protocol | None) -> tuple[float | None, str]:
    if shown is None:
        return None, evidence.dose_window(indication.id)[1]
    return probability_in_window(
        indication.id, indication.target or SURFACE, skin, list(choice.exposures.values()), shown.minutes
    )


def _routine(
    unit: Device,
    skin: Skin,
    protocol: Protocol,
    screening: Screening,
    best: Equivalent | None,
    hazards: SessionLimits | None,
) -> tuple[Any, ...]:
    turns, modes = [], []
    if best is not None and best.alternating:
        turns = [(f"{peak} nm", value) for peak, value in protocol.minutes_by_band.items()]
    elif best is not None and len(unit.modes) > 1:
        modes = [(str(mode), protocol.minutes) for mode in dict.fromkeys(best.modes)]
    return routine(
        unit,
        skin,
        protocol.minutes,
        screening,
        distance_cm=protocol.distance_cm,
        shields_needed=hazards is not None and hazards.shields_needed,
        eyes=protocol.eyes,
        turns=turns,
        modes=modes,
    )


__all__ = ["check_schedule", "light_state", "own_schedule", "plan", "round_minutes", "usual_minutes"]
