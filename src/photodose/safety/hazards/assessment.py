"""The photobiological hazard assessment of a lamp: risk group, hazard distance, permissible time, verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from photodose.data import Source
from photodose.quantities import RangeError
from photodose.safety.hazards import laser
from photodose.safety.hazards.evaluate import Hazard, Weighted, group_of, hazards_at, weigh, worst
from photodose.safety.hazards.lamp import MOST_DISTANCE_CM, Lamp, Place
from photodose.safety.hazards.laser import NOT_ASSESSED
from photodose.safety.hazards.tables import EYES, PUBLICATIONS, eye_data, eye_transmittance, limits, standards
from photodose.safety.verdicts import Verdict, strictest

GROUPS = ("exempt", "RG1", "RG2", "RG3")
STANDARD_CM = 20.0
"""Distance at which risk groups hold [cm] (IEC 62471:2006)."""

LONGEST_S = 86_400.0
SHIELDS_HELP = "With shields over the eyes this would stay inside the limits."


@dataclass(frozen=True, slots=True)
class HazardAssessment:
    """The answer of `assess`.

    Attributes
    ----------
    hazards : tuple of Hazard
        Each at 20 cm with open eyes, and at the distance of use with the eyes as given.
    risk_group : str
        "exempt", "RG1", "RG2", "RG3" at 20 cm, or "not assessed" for a product with lasers.
    risk_groups : dict
        Group of each hazard.
    provisional : bool
        True as long as a number behind the group was not read or measured; why stands in `provisional_because`.
    hazard_distance_cm : float or None
        Beyond it no limit is reached in eight hours with open eyes [cm]; None for a laser product whose beams nobody
        knows to widen. 1000 says that a limit is still reached there, the farthest that is computed; a warning says so.
    permissible_s : float or None
        Shortest permissible time at the distance of use, eyes as given [s]; None if eight hours or longer.
    permissible_by_eyes_s : dict
        The same for open, closed and shielded eyes.
    verdict : Verdict
        stop: a limit would be passed in the time given (without a time: ever); caution: look at the warnings; clear;
        ask: a laser product for whose wavelength no limit was read, unless the eyes are shielded.
    """

    hazards: tuple[Hazard, ...]
    risk_group: str
    risk_groups: dict[str, str]
    provisional: bool
    provisional_because: tuple[str, ...]
    hazard_distance_cm: float | None
    at_cm: float
    eyes: str
    exposure_s: float | None
    permissible_s: float | None
    permissible_by_eyes_s: dict[str, float | None]
    laser: dict[str, Any] | None
    verdict: Verdict
    warnings: tuple[str, ...]
    sources: tuple[Source, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "hazards": [hazard.to_dict() for hazard in self.hazards],
            "risk_group": self.risk_group,
            "risk_groups": dict(self.risk_groups),
            "provisional": self.provisional,
            "provisional_because": list(self.provisional_because),
            "hazard_distance_cm": self.hazard_distance_cm,
            "at_cm": self.at_cm,
            "eyes": self.eyes,
            "exposure_s": self.exposure_s,
            "permissible_s": self.permissible_s,
            "permissible_by_eyes_s": dict(self.permissible_by_eyes_s),
            "laser": self.laser,
            "skin_temperature_c": None,
            "verdict": self.verdict.value,
            "standards": [
                {"id": item.id, "covers": item.covers, "does_not_cover": item.does_not_cover}
                for item in standards().standards
            ],
            "warnings": list(self.warnings),
            "sources": [source.model_dump(exclude_none=True) for source in self.sources],
        }


def assess(lamp: Lamp, at_cm: float, exposure_s: float | None = None, eyes: str = "open") -> HazardAssessment:
    """Assess a lamp at its distance of use, and at 20 cm for its risk group.

    Parameters
    ----------
    lamp : Lamp
        Bands with spectrum and irradiance, emitting area, LEDs (see `lamp_of` for a device). Of a lamp with modes the
        worst counts, each hazard for itself.
    at_cm : float
        Distance of use [cm], 0 to 1000.
    exposure_s : float, optional
        Length of a session [s], above 0 to 86400; without it the verdict is for exposures without end.
    eyes : str
        "open", "closed" or "shielded" at the distance of use; the risk group is always for open eyes.

    Returns
    -------
    HazardAssessment

    Raises
    ------
    RangeError, InputError

    Examples
    --------
    >>> from photodose.optics import Spectrum
    >>> from photodose.safety.hazards import Lamp, LightBand
    >>> panel = Lamp((LightBand(Spectrum.gaussian(850.0, 30.0), 30.0, 20.0),), (20.0, 20.0), 100, 1.0)
    >>> round(assess(panel, 20.0).permissible_s)
    235
    """
    _check(at_cm, exposure_s)
    if lamp.has_laser:
        return _laser_assessment(lamp, at_cm, exposure_s, eyes)
    states = dict.fromkeys(("open", "closed", "shielded", eyes))
    lit = [(one, {state: weigh(one, state) for state in states}) for one in lamp.modes or (lamp,)]

    def hazards(state: str, distance_cm: float) -> list[Hazard]:
        return worst([hazards_at(one, weights[state], distance_cm) for one, weights in lit])

    here = hazards(eyes, at_cm)
    times = {state: _shortest(hazards(state, at_cm)) for state in states}
    groups = _worst_groups([risk_groups(one, weights["open"]) for one, weights in lit])
    overall = max(groups.values())
    because = _provisional_because(lamp, here)
    passed = _passed(times[eyes], exposure_s)
    reach = max(hazard_distance_cm(one, weights["open"]) for one, weights in lit)
    warnings = _warnings(lamp, here, times, exposure_s, eyes)
    if reach >= MOST_DISTANCE_CM:
        warnings = (f"With open eyes a limit is still reached at {MOST_DISTANCE_CM / 100.0:g} m.", *warnings)
    return HazardAssessment(
        hazards=(*hazards("open", STANDARD_CM), *here),
        risk_group=GROUPS[overall],
        risk_groups={name: GROUPS[group] for name, group in groups.items()},
        provisional=bool(because),
        provisional_because=because,
        hazard_distance_cm=reach,
        at_cm=at_cm,
        eyes=eyes,
        exposure_s=exposure_s,
        permissible_s=times[eyes],
        permissible_by_eyes_s=times,
        laser=None,
        verdict=strictest(
            ["stop" if passed or overall == 3 else "clear", "caution" if warnings or overall else "clear"]
        ),
        warnings=warnings,
        sources=_sources(),
    )


def _check(at_cm: float, exposure_s: float | None) -> None:
    if not 0.0 <= at_cm <= MOST_DISTANCE_CM:
        raise RangeError("at_cm", at_cm, 0.0, MOST_DISTANCE_CM)
    if exposure_s is not None and not 0.0 < exposure_s <= LONGEST_S:
        raise RangeError("exposure_s", exposure_s, 0.0, LONGEST_S)


def _first(times_s: Iterable[float | None]) -> float | None:
    """The shortest of some times [s]; None stands for no limit."""
    return min((time for time in times_s if time is not None), default=None)


def _shortest(hazards: list[Hazard]) -> float | None:
    return _first(hazard.permissible_s for hazard in hazards)


def _passed(permissible_s: float | None, exposure_s: float | None) -> bool:
    return permissible_s is not None and (exposure_s is None or exposure_s > permissible_s)


def _worst_groups(modes: list[dict[str, int]]) -> dict[str, int]:
    return {name: max(groups[name] for groups in modes) for name in modes[0]}


def risk_groups(lamp: Lamp, weights: list[Weighted]) -> dict[str, int]:
    """Risk group of each hazard at 20 cm with open eyes, the worst of all possible emission angles."""
    table = limits(PUBLICATIONS[0])
    own = {item.limit.id: item for item in weights if item.edition == table.edition}
    places = [Place.of(lamp, table.assessment_cm, order) for order in lamp.orders]
    return {row.hazard: max(group_of(row, place, own[row.hazard]) for place in places) for row in table.risk_groups}


def hazard_distance_cm(lamp: Lamp, weights: list[Weighted]) -> float:
    """The distance [cm] beyond which no limit is reached in eight hours; 1000 where one is still reached there."""

    def safe(distance: float) -> bool:
        return _shortest(hazards_at(lamp, weights, distance)) is None

    if safe(0.0):
        return 0.0
    low, high = 0.0, MOST_DISTANCE_CM
    if not safe(high):
        return high
    while high - low > 0.1:
        middle = (low + high) / 2.0
        low, high = (low, middle) if safe(middle) else (middle, high)
    return math.ceil(high * 10.0) / 10.0


def _provisional_because(lamp: Lamp, hazards: list[Hazard]) -> tuple[str, ...]:
    reasons = [f"the limit of {item.id} ({item.edition}) was not read in full" for item in hazards if not item.verified]
    rows = [row for row in limits(PUBLICATIONS[0]).risk_groups if not row.verified]
    reasons.extend(f"the risk groups of {row.hazard} are derived or unread" for row in rows)
    if any(band.basis != "measured" for band in lamp.bands):
        reasons.append("the irradiance was not measured")
    return (*dict.fromkeys(reasons), *lamp.assumptions)


def _warnings(
    lamp: Lamp, here: list[Hazard], times: dict[str, float | None], exposure_s: float | None, eyes: str
) -> tuple[str, ...]:
    found = []
    infrared = next(item for item in here if item.id == "ir_eye")
    if infrared.ratio > 1.0:
        found.append("Near infrared at the eye is above 10 mW/cm2: wear shields that let no light in.")
    if _passed(times[eyes], exposure_s) and not _passed(times["shielded"], exposure_s):
        found.append(SHIELDS_HELP)
    if eyes == "closed":
        found.append(
            "Nobody measured how much near infrared a closed lid lets through; none of it counts as held back."
        )
    found.extend(f"Assumed: {text}." for text in lamp.assumptions)
    return tuple(found)


def _laser_assessment(lamp: Lamp, at_cm: float, exposure_s: float | None, eyes: str) -> HazardAssessment:
    """A product with lasers: class and distance of its worst beam, never a risk group of lamps.

    The shortest time of all its beams and of its LEDs counts, for each state of the eyes.
    """
    eye_transmittance(eyes)  # an unknown state of the eyes is an error here too
    found = [laser.judge(beam, at_cm) for beam in lamp.beams]
    answer = min(found, key=_first_limit_s)
    times = [one.permissible_by_eyes_s for one in found if one.assessed]
    leds = lamp.leds_alone()
    lit = None if leds is None else assess(leds, at_cm, exposure_s, eyes)
    if lit is not None:
        times.append(lit.permissible_by_eyes_s)
    by_eyes = {state: _first(one[state] for one in times) for state in EYES} if times else {}
    passed = _passed(by_eyes.get(eyes), exposure_s)
    unknown = eyes != "shielded" and not all(one.assessed for one in found)
    name = answer.stated_class or NOT_ASSESSED
    warnings = [f"This is a laser product (IEC 60825-1, class {name}). Never look into it.", *answer.words]
    if passed and not _passed(by_eyes["shielded"], exposure_s):
        warnings.append(SHIELDS_HELP)
    if lit is not None:
        warnings.extend(lit.warnings)
    because = ["a laser product is not assessed by IEC 62471", "IEC 60825-1 itself was not opened"]
    if any(one.power_basis != "stated" for one in found):
        because.append("the power of a beam was not published")
    return HazardAssessment(
        hazards=(),
        risk_group=NOT_ASSESSED,
        risk_groups={},
        provisional=True,
        provisional_because=(*because, *lamp.assumptions),
        hazard_distance_cm=_farthest([*found, *([] if lit is None else [lit])]),
        at_cm=at_cm,
        eyes=eyes,
        exposure_s=exposure_s,
        permissible_s=by_eyes.get(eyes),
        permissible_by_eyes_s=by_eyes,
        laser=answer.to_dict(),
        verdict=strictest(
            ["stop" if passed else "caution", "ask" if unknown else "caution", *([] if lit is None else [lit.verdict])]
        ),
        warnings=tuple(dict.fromkeys(warnings)),
        sources=(*laser.sources(), *(() if lit is None else lit.sources)),
    )


def _first_limit_s(answer: laser.LaserAnswer) -> float:
    """When open eyes reach a limit [s]; a beam that could not be assessed counts as the worst."""
    if not answer.assessed:
        return -math.inf
    seconds = answer.permissible_by_eyes_s["open"]
    return math.inf if seconds is None else seconds


def _farthest(answers: Sequence[laser.LaserAnswer | HazardAssessment]) -> float | None:
    """The largest of several hazard distances [cm]; None if one of them is not known."""
    distances = [answer.hazard_distance_cm for answer in answers]
    known = [distance for distance in distances if distance is not None]
    return max(known) if len(known) == len(distances) else None


def _sources() -> tuple[Source, ...]:
    found = [source for name in PUBLICATIONS for limit in limits(name).limits for source in limit.sources]
    found += [source for lid in eye_data().eyelid for source in lid.sources]
    found += eye_data().assumption_sources
    return tuple(dict.fromkeys(found))
