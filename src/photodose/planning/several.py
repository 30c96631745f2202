"""Several goals at once: minutes of each mode that come as near as possible to the trial dose of every goal.

For a demand d (one band of the trial that one goal follows) with fluence D_d at its target, and modes m that give that
target a_dm per minute in that band, the minutes t_m >= 0 minimise

    sum_d w_d |sum_m a_dm t_m / D_d - 1| + epsilon sum_m t_m,   with   sum_m t_m / T_m <= 1,

where T_m is the longest time that the limits of eyes and skin allow for mode m alone: shares of a limit add up, which
is careful, since skin cools and eyes rest between two modes. What the first goal misses weighs MAIN_WEIGHT times: with
one mode its minutes are met wherever another goal can be kept beside it at all. Solved as a linear programme by HiGHS
(Huangfu and Hall 2018, doi:10.1007/s12532-017-0130-5).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from photodose import devices, evidence
from photodose.devices import Device, Exposure
from photodose.dosimetry import relative_fluence
from photodose.planning.aftercare import AfterCare, after_treatment
from photodose.planning.equivalent import ABOUT, EXTRAPOLATED, PEAK_TOLERANCE_NM, SURFACE, Equivalent
from photodose.planning.find import Choice, choose
from photodose.planning.hazards import SessionLimits, check_eyes, session_limits
from photodose.planning.laser import laser_warning
from photodose.planning.make import (
    AFTER_WHY,
    check_schedule,
    engine_versions,
    light_state,
    own_schedule,
    round_minutes,
    usual_minutes,
)
from photodose.planning.protocol import Protocol
from photodose.planning.routine import Step, routine
from photodose.planning.screened import goal_conditions, screen
from photodose.planning.words import minutes_words
from photodose.quantities import InputError, plain, short
from photodose.safety import Screening, Verdict
from photodose.tissue import Skin

FloatArray = NDArray[np.float64]

TIE_BREAK: Final = 1e-4
"""Weight of a minute against a whole trial dose missed: of two equal solutions the shorter is taken."""
MOST_GOALS: Final = 6
MAIN_WEIGHT: Final = EXTRAPOLATED
"""Weight of what the first goal misses. Where two goals want a and b minutes of one mode, the first one's are the best
as long as a / b is below this weight, and beyond this factor the other goal is given up anyway."""


@dataclass(frozen=True, slots=True)
class Demand:
    """One band of the trial that one goal follows: fluence at its target, and what a minute of each mode gives."""

    goal: str
    target: str
    trial_peak_nm: float
    trial_fluence_j_cm2: float
    per_minute_j_cm2: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Met:
    """How far one demand is met: share of the trial's dose, and in words."""

    demand: Demand
    share: float

    def to_dict(self) -> dict[str, Any]:
        low, high = ABOUT
        return {
            "goal": self.demand.goal,
            "target": self.demand.target,
            "trial_peak_nm": self.demand.trial_peak_nm,
            "trial_fluence_j_cm2": self.demand.trial_fluence_j_cm2,
            "session_fluence_j_cm2": self.share * self.demand.trial_fluence_j_cm2,
            "share_of_trial_dose": self.share,
            "met": "about" if low <= self.share <= high else "less" if self.share < 1 else "more",
        }


@dataclass(frozen=True)
class Together:
    """A session for several goals.

    Attributes
    ----------
    minutes_by_mode : mapping of mode (None: the only one) to minutes, or None
        None where the screening stands against it, no goal carries a dose, or the limits leave nothing.
    for_clinician : the same, with the verdict "ask"
    met : tuple of Met
    left_out : mapping of goal to why it sets no dose
    eyes : str
    after : AfterCare or None
        What is known of light after a professional treatment, where one was named.
    routine : tuple of Step
        Empty without minutes_by_mode.
    distance_cm : float or None
        None where nothing was computed.
    allowed_s : float or None
        Longest session in these shares inside the limits [s]; None where nothing limits it.
    allowed_why : str
    own_schedules : mapping of goal to what `plan` says of the person's own minutes
    light : str
        As in `Plan`: "inside", "shields", "past", or empty where nothing was judged.
    """

    device: Device
    skin: Skin
    goals: tuple[str, ...]
    screening: Screening
    minutes_by_mode: Mapping[str | None, float] | None
    for_clinician: Mapping[str | None, float] | None
    met: tuple[Met, ...]
    left_out: Mapping[str, str]
    trials: Mapping[str, Equivalent]
    eyes: str
    shields_needed: bool
    why: str
    warnings: tuple[str, ...]
    after: AfterCare | None = None
    routine: tuple[Step, ...] = ()
    distance_cm: float | None = None
    allowed_s: float | None = None
    allowed_why: str = ""
    engine: Mapping[str, str] = field(default_factory=dict)
    own_schedules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    light: str = ""

    @property
    def session(self) -> Protocol | None:
        """What to do, or what would be done if a clinician agrees, as a plan for one goal has it."""
        shown = self.minutes_by_mode or self.for_clinician
        if shown is None or self.distance_cm is None:
            return None
        return Protocol(
            minutes=sum(shown.values()),
            distance_cm=self.distance_cm,
            sessions_per_week=self.sessions_per_week,
            weeks=None,
            words=_turns_words(shown) if len(shown) > 1 else "",
            eyes=self.eyes,
        )

    @property
    def exit_code(self) -> int:
        """3 or 4 from the screening, 5 where the person's own schedule would pass a limit, else 0."""
        within = all(own["within_limits"] for own in self.own_schedules.values())
        return self.screening.exit_code or (0 if within else 5)

    @property
    def sessions_per_week(self) -> float | None:
        """The fewest sessions a week of the trials followed: no goal gets more light than its trial gave."""
        given = [item.trial.per_week for item in self.trials.values() if item.trial.per_week is not None]
        return min(given, default=None)

    def to_dict(self) -> dict[str, Any]:
        shown = self.minutes_by_mode or self.for_clinician
        return {
            "goals": list(self.goals),
            "device": self.device.id,
            "skin": self.skin.to_dict(),
            "verdict": self.screening.verdict.value,
            "screening": self.screening.to_dict(),
            "protocol": _protocol(self.minutes_by_mode, self),
            "for_clinician": _protocol(self.for_clinician, self),
            "why": self.why,
            "met": [item.to_dict() for item in self.met] if shown else [],
            "left_out": dict(self.left_out),
            "trials": {
                goal: {
                    "trial": item.trial.study,
                    "citation": item.trial.citation,
                    "irradiance_ratio": item.irradiance_ratio,
                    "extrapolated": item.extrapolated,
                    "sessions_per_week": item.trial.per_week,
                    "weeks": item.trial.weeks,
                }
                for goal, item in self.trials.items()
            },
            "own_schedules": plain(self.own_schedules),
            "routine": plain(self.routine),
            "after": plain(self.after),
            "engine": dict(self.engine),
            "sources": [source for item in self.trials.values() for source in plain(item.trial.sources)],
            "warnings": list(self.warnings),
        }


def _protocol(minutes: Mapping[str | None, float] | None, item: Together) -> dict[str, Any] | None:
    if minutes is None:
        return None
    return {
        "minutes": sum(minutes.values()),
        "minutes_by_mode": {"all bands" if mode is None else mode: value for mode, value in minutes.items()},
        "sessions_per_week": item.sessions_per_week,
        "eyes": item.eyes,
    }


def plan_together(
    goals: Sequence[str],
    device: Device | str,
    skin: Skin,
    distance_cm: float | None = None,
    irradiance_mw_cm2: Mapping[float, float] | None = None,
    assume: bool = False,
    age: float | None = None,
    drugs: Iterable[str] = (),
    conditions: Iterable[str] = (),
    eyes: str | None = None,
    after: str | None = None,
    *,
    minutes: float | None = None,
    per_week: float | None = None,
) -> Together:
    """One session for several goals at one place: minutes of each mode of the device.

    Parameters
    ----------
    goals : sequence of str
        Two to six goals; the first is the main one, which weighs more and is given up last.
    device, skin, distance_cm, irradiance_mw_cm2, assume, age, drugs, conditions, eyes, after
        As for `plan`.
    minutes, per_week : float or None
        The person's own schedule [min, sessions a week], judged against each goal.

    Raises
    ------
    InputError, RangeError, UnknownNameError
    """
    check_schedule(minutes, per_week)
    records = list(dict.fromkeys(evidence.indication(goal).id for goal in goals))
    if not 2 <= len(records) <= MOST_GOALS:
        raise InputError(f"give two to {MOST_GOALS} different goals, not {len(records)}.")
    check_eyes(eyes)
    unit = devices.device(device) if isinstance(device, str) else device
    care = None if after is None else after_treatment(after)
    told = [conditions] if isinstance(conditions, str) else list(conditions)
    told = goal_conditions(records, [*told, *([] if care is None else [care.condition])])
    screening = screen(drugs=drugs, conditions=told, device=unit, site=skin.site.id, age=age, skin_type=skin.skin_type)
    if screening.verdict is Verdict.STOP or (care is not None and care.recent):
        stop = screening.verdict is Verdict.STOP
        why = "The screening says stop: " + screening.reasons[0].why if stop else AFTER_WHY
        return Together(
            unit, skin, tuple(records), screening, None, None, (), {}, {}, eyes or "open", False, why,
            screening.warnings, care, engine=engine_versions(screening),
        )  # fmt: skip
    light: dict[str, Any] = {"distance_cm": distance_cm, "irradiance_mw_cm2": irradiance_mw_cm2, "assume": assume}
    choices = {goal: choose(evidence.indication(goal), unit, skin, light) for goal in records}
    own = {
        goal: judged
        for goal, choice in choices.items()
        if (judged := own_schedule(minutes, per_week, choice, unit, skin, light, eyes)[0]) is not None
    }
    return replace(_solve(choices, unit, skin, screening, eyes, irradiance_mw_cm2), after=care, own_schedules=own)


def _solve(
    choices: Mapping[str, Choice],
    unit: Device,
    skin: Skin,
    screening: Screening,
    eyes: str | None,
    irradiance_mw_cm2: Mapping[float, float] | None,
) -> Together:
    exposures = next(iter(choices.values())).exposures
    trials = {goal: choice.best for goal, choice in choices.items() if choice.best is not None}
    left_out = {goal: choice.why for goal, choice in choices.items() if choice.best is None}
    modes = list(exposures)
    total = sum(item.minutes.value for item in trials.values()) or usual_minutes(unit)
    limits = {mode: session_limits(unit, skin, exposures[mode], total, eyes, irradiance_mw_cm2) for mode in modes}
    longest = [_longest_minutes(limits[mode]) for mode in modes]
    minutes, met, dropped = _settle(_demands(trials, skin, list(exposures.values())), longest, next(iter(choices)))
    left_out |= dropped
    trials = {goal: item for goal, item in trials.items() if goal not in dropped}
    chosen = {mode: value for mode, value in zip(modes, minutes, strict=True) if value > 0.0}
    ask = screening.verdict is Verdict.ASK
    answer = chosen or None
    shields = any(limits[mode].shields_needed for mode in chosen)
    kept_eyes = eyes or ("shielded" if shields else "open")
    used = sum(chosen[mode] / part for mode, part in zip(modes, longest, strict=True) if mode in chosen and part)
    distance = next(iter(exposures.values())).distance_cm
    warnings = [text for mode in modes for text in (*laser_warning(limits[mode].assessment), *exposures[mode].warnings)]
    followed = [limits[mode] for mode in chosen or modes]
    short_of = any(
        item.forbidden or (item.allowed_s is not None and item.allowed_s < 60.0 * total) for item in followed
    )
    return Together(
        device=unit,
        skin=skin,
        goals=tuple(choices),
        screening=screening,
        minutes_by_mode=None if ask else answer,
        for_clinician=answer if ask else None,
        met=met,
        left_out=left_out,
        trials=trials,
        eyes=kept_eyes,
        shields_needed=shields,
        why=_why(chosen, met, trials, left_out, screening),
        warnings=tuple(dict.fromkeys([*warnings, *screening.warnings])),
        routine=() if ask or answer is None else routine(
            unit, skin, sum(chosen.values()), screening, distance_cm=distance, shields_needed=shields, eyes=kept_eyes,
            modes=[(str(mode), value) for mode, value in chosen.items()] if len(unit.modes) > 1 else (),
        ),
        distance_cm=distance,
        allowed_s=60.0 * sum(chosen.values()) / used if used > 0.0 else None,
        allowed_why="; ".join(dict.fromkeys(limits[mode].why for mode in chosen if limits[mode].why)),
        engine=engine_versions(screening),
        light=light_state(any(item.shields_needed for item in followed), not chosen and short_of),
    )  # fmt: skip


def _longest_minutes(limits: SessionLimits) -> float:
    """Longest time that the limits allow [min]; 0 where there may be no session."""
    if limits.forbidden is not None:
        return 0.0
    return math.inf if limits.allowed_s is None else limits.allowed_s / 60.0


def _settle(
    demands: Sequence[Demand], longest: Sequence[float], main: str | None = None
) -> tuple[list[float], tuple[Met, ...], dict[str, str]]:
    """Minutes of each mode and what they meet, without goals that would get another treatment than their trial's.

    Where a goal's worst band gets less than a third or more than three times the trial's dose, the goal that is worst
    off is given up, the main goal last, and the rest is solved again.
    """
    dropped: dict[str, str] = {}
    while True:
        minutes = _minutes(demands, longest, main)
        met = tuple(
            Met(one, sum(a * t for a, t in zip(one.per_minute_j_cm2, minutes, strict=True)) / one.trial_fluence_j_cm2)
            for one in demands
        )
        worst = max(met, key=lambda item: _off(item.share), default=None)
        if worst is None or _off(worst.share) <= EXTRAPOLATED * (1.0 + 1e-9):
            return minutes, met, dropped
        others = [item for item in met if item.demand.goal != main]
        worst = max(others, key=lambda item: _off(item.share), default=worst)
        goal = worst.demand.goal
        dropped[goal] = (
            f"beside the other goals and inside the limits it would get {short(100.0 * worst.share)} % of its trial's "
            f"dose at {worst.demand.trial_peak_nm:g} nm."
        )
        demands = [item for item in demands if item.goal != goal]


def _off(share: float) -> float:
    """A share as a factor of at least 1."""
    return math.inf if share <= 0.0 else max(share, 1.0 / share)


def _demands(trials: Mapping[str, Equivalent], skin: Skin, exposures: Sequence[Exposure]) -> list[Demand]:
    """What each band of each trial asks for, and what a minute of each mode gives of it."""
    relative = [
        relative_fluence(skin, [band.spectrum for band in item.bands], item.incidence).targets for item in exposures
    ]
    names = [item.name for item in skin.targets]
    found = []
    for goal, trial in trials.items():
        place = None if trial.target == SURFACE else names.index(trial.target)
        for band in trial.bands:
            rates = []
            for exposure, targets in zip(exposures, relative, strict=True):
                near = min(range(len(exposure.bands)), key=lambda i: abs(exposure.peaks_nm[i] - band.trial_peak_nm))
                fits = abs(exposure.peaks_nm[near] - band.trial_peak_nm) <= PEAK_TOLERANCE_NM
                relative_here = 1.0 if place is None else float(targets[near, place])
                rate = exposure.bands[near].median_mw_cm2 * 0.06 * relative_here
                rates.append(rate if fits else 0.0)
            found.append(Demand(goal, trial.target, band.trial_peak_nm, band.trial_fluence_j_cm2.value, tuple(rates)))
    return found


def _minutes(demands: Sequence[Demand], longest: Sequence[float], main: str | None = None) -> list[float]:
    """Minutes of each mode that solve the programme of this module, rounded down inside the limits."""
    count = len(longest)
    if not demands or not any(value > 0.0 for value in longest):
        return [0.0] * count
    from scipy.optimize import linprog

    rates = np.array([[rate / item.trial_fluence_j_cm2 for rate in item.per_minute_j_cm2] for item in demands])
    d = len(demands)
    weights = np.array([MAIN_WEIGHT if item.goal == main else 1.0 for item in demands])
    cost = np.concatenate([np.full(count, TIE_BREAK), weights, weights])
    equal = np.hstack([rates, np.eye(d), -np.eye(d)])
    shares = np.array([[1.0 / value if 0.0 < value < math.inf else 0.0 for value in longest] + [0.0] * (2 * d)])
    bounds = [(0.0, None if value > 0.0 else 0.0) for value in longest] + [(0.0, None)] * (2 * d)
    solved = linprog(cost, A_ub=shares, b_ub=[1.0], A_eq=equal, b_eq=np.ones(d), bounds=bounds, method="highs")
    if not solved.success:  # the slacks make every programme feasible and the cost bounds it
        raise AssertionError(f"HiGHS: {solved.message}")
    found = [float(value) if value > 0.05 else 0.0 for value in solved.x[:count]]
    rounded = [round_minutes(value) if value > 0.0 else 0.0 for value in found]
    used = sum(value / limit for value, limit in zip(rounded, longest, strict=True) if 0.0 < limit < math.inf)
    return rounded if used <= 1.0 else [math.floor(10.0 * value) / 10.0 for value in found]


def _turns_words(minutes: Mapping[str | None, float]) -> str:
    """`One session: mode red for 5 min, then mode blue for 3 min.`"""
    parts = [f"mode {mode} for {minutes_words(value)}" for mode, value in minutes.items()]
    return f"One session: {', then '.join(parts)}."


def _why(
    chosen: Mapping[str | None, float],
    met: Sequence[Met],
    trials: Mapping[str, Equivalent],
    left_out: Mapping[str, str],
    screening: Screening,
) -> str:
    words = []
    if screening.verdict is Verdict.ASK:
        words.append("Ask a clinician first: " + screening.reasons[0].why)
    if not trials:
        words.append("No goal of these carries a dose over to this device.")
    elif not chosen:
        words.append("The limits of eyes and skin leave no time for these goals.")
    else:
        parts = [minutes_words(value) + ("" if mode is None else f" in mode {mode}") for mode, value in chosen.items()]
        words.append(f"{', then '.join(parts)} come nearest to the trials of all these goals.")
        words += [
            f"{evidence.indication(item.demand.goal).goal}: {short(item.share)} times the trial's dose at "
            f"{item.demand.trial_peak_nm:g} nm in the {item.demand.target}."
            for item in met
        ]
    words += [f"{evidence.indication(goal).goal} is left out: {why}" for goal, why in left_out.items()]
    if any(item.trial.delivery == "alternating" for item in trials.values()) and len(chosen) > 1:
        words.append(
            "A trial among them gave one band a session, in turn: alternate the modes from session to session."
        )
    return " ".join(words)


__all__ = ["Demand", "Met", "Together", "plan_together"]
