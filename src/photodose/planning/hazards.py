"""The safety answer whole: the lamp's hazards with the skin's temperature, and what both leave of a session."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from photodose import devices
from photodose.devices import Device, Exposure, prior, true_ratio
from photodose.dosimetry import exposure_on
from photodose.dosimetry.delivered import check_minutes, skin_heat
from photodose.dosimetry.heat import SKIN_LIMIT_C, HeatResult, explain
from photodose.dosimetry.heat_explain import BEYOND_C, until
from photodose.planning.laser import laser_classes
from photodose.quantities import InputError, plain, short
from photodose.quantities.values import Estimate
from photodose.safety import Verdict, strictest
from photodose.safety.hazards import EYES, HazardAssessment, assess, lamp_of, mode_names
from photodose.tissue import Skin
from photodose.tissue import skin as make_skin

FloatArray = NDArray[np.float64]

WITHOUT_END_MINUTES: Final = 60.0
"""Where no time is given, the skin is followed for an hour: it is as good as steady then."""
WARMEST_SKIN: Final = ("cheek", "VI")
"""Where no skin is given, the one that warms most takes its place: dark skin absorbs most."""
LIGHT_SKIN: Final = "II"
"""What darker skin is compared with, to say what its melanin changes."""


@dataclass(frozen=True)
class SafetyAnswer:
    """Hazards of a lamp with the skin's temperature.

    Attributes
    ----------
    device : Device
    assessment : HazardAssessment
    skin : Skin
    skin_given : bool
        False where the skin that warms most was taken.
    minutes : float or None
        Length of the session [min]; None for exposures without end.
    temperature : HeatResult
        Under the median irradiance.
    careful : HeatResult
        Under the irradiance as claimed (or the high end of what is assumed); the limit is judged by it.
    lighter : HeatResult or None
        The same on light skin (type II), where the person's is darker.
    """

    device: Device
    assessment: HazardAssessment
    skin: Skin
    skin_given: bool
    minutes: float | None
    temperature: HeatResult
    careful: HeatResult
    warnings: tuple[str, ...]
    lighter: HeatResult | None = None

    @property
    def time_to_skin_limit_s(self) -> float | None:
        """When the skin would reach its limit under the careful irradiance [s]; None if not within the hour."""
        return self.careful.time_to_c(SKIN_LIMIT_C)

    @property
    def permissible_s(self) -> float | None:
        """Shortest of all permissible times [s], eyes as given; None where nothing limits a day's session."""
        return shortest(self.assessment.permissible_s, self.time_to_skin_limit_s)

    @property
    def allowed_by_eyes(self) -> dict[str, dict[str, Any]]:
        """For each state of the eyes the time that light and heat both allow [s], and which of them ends it."""
        heat_s = self.time_to_skin_limit_s
        found: dict[str, dict[str, Any]] = {}
        for state, light_s in self.assessment.permissible_by_eyes_s.items():
            seconds = shortest(light_s, heat_s)
            by = None if seconds is None else "heat" if seconds == heat_s and seconds != light_s else "light"
            found[state] = {"allowed_s": seconds, "by": by}
        return found

    @property
    def heat_words(self) -> tuple[str, ...]:
        """What the careful temperature means for this device and skin, sentence by sentence."""
        return explain(self.careful, self.lighter)

    @property
    def verdict(self) -> Verdict:
        """The strictest of light, heat and recall: a recalled device is at least "ask"."""
        hot = _passed(self.time_to_skin_limit_s, self.minutes)
        recalled = Verdict.ASK if self.device.recalled else Verdict.CLEAR
        return strictest([self.assessment.verdict, Verdict.STOP if hot else Verdict.CLEAR, recalled])

    @property
    def exit_code(self) -> int:
        """5 where a limit would be exceeded, 3 for "ask" (a recalled device, a laser without limits), else 0."""
        return 5 if self.verdict is Verdict.STOP else self.verdict.exit_code

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `photodose safety` (interface.md)."""
        content = self.assessment.to_dict()
        content.update(
            device=self.device.id,
            minutes=self.minutes,
            permissible_s=self.permissible_s,
            allowed_by_eyes=self.allowed_by_eyes,
            skin=self.skin.to_dict(),
            skin_given=self.skin_given,
            skin_temperature_c=self.temperature.skin_temperature(),
            skin_temperature_careful_c=self.careful.skin_temperature(),
            skin_limit_c=SKIN_LIMIT_C,
            skin_temperature_bound_c=BEYOND_C,
            time_to_skin_limit_s=self.time_to_skin_limit_s,
            heat_words=list(self.heat_words),
            recalls=plain(self.device.recalls),
            verdict=self.verdict.value,
            warnings=list(self.warnings),
        )
        content["sources"] = [*content["sources"], *plain(self.device.sources)]
        return content


def shortest(*times_s: float | None) -> float | None:
    """The shortest of some times [s] of which None stands for no limit."""
    return min((time for time in times_s if time is not None), default=None)


def _passed(limit_s: float | None, minutes: float | None) -> bool:
    return limit_s is not None and (minutes is None or 60.0 * minutes > limit_s)


def check_eyes(eyes: str | None) -> None:
    """Raise InputError unless eyes are open, closed, shielded, or left to the answer (None)."""
    if eyes is not None and eyes not in EYES:
        raise InputError(f"eyes must be one of {', '.join(EYES)}, not {eyes!r}.")


def lamp_device(unit: Device, distance_cm: float, irradiance_mw_cm2: Mapping[float, float] | None) -> Device:
    """The device as the hazard assessment must see it: a user's own readings where they were taken, at the distance
    given; published numbers stay at their own distance."""
    bands = tuple(replace(band, at_cm=unit.distance_cm if band.at_cm is None else band.at_cm) for band in unit.bands)
    return replace(unit, bands=bands, distance_cm=distance_cm if irradiance_mw_cm2 else unit.distance_cm)


def hazards_of(
    unit: Device,
    exposure: Exposure,
    minutes: float | None,
    eyes: str,
    irradiance_mw_cm2: Mapping[float, float] | None = None,
) -> HazardAssessment:
    """The hazard assessment of a device in the mode and at the distance of an exposure."""
    return _assessed(unit, exposure.mode, exposure.distance_cm, minutes, eyes, irradiance_mw_cm2)


def _assessed(
    unit: Device,
    mode: str | None,
    distance_cm: float,
    minutes: float | None,
    eyes: str,
    irradiance_mw_cm2: Mapping[float, float] | None,
) -> HazardAssessment:
    """The same for a mode, or for the worst of all modes."""
    seen = lamp_device(unit, distance_cm, irradiance_mw_cm2)
    readings = {float(peak): float(value) for peak, value in (irradiance_mw_cm2 or {}).items()}
    seconds = None if minutes is None else 60.0 * minutes
    return assess(lamp_of(seen, readings, mode=mode), distance_cm, seconds, eyes)


def careful_irradiance(exposure: Exposure) -> FloatArray:
    """Irradiance by band on the careful side [mW/cm2]: as claimed, as measured, or the high end of what is assumed.

    The same choice as in the hazard assessment: what nobody measured may make a verdict stricter, never milder.
    """
    values = []
    for band in exposure.bands:
        if band.published_mw_cm2 is None and band.basis != "measured":
            # the high end of all bands together, of which each has its share (as `lamp_of` takes it)
            width = math.hypot(prior(exposure.device.kind).log_sd, band.gain_log_sd)
            values.append(Estimate.lognormal(band.median_mw_cm2, width).high)
        else:
            values.append(band.median_mw_cm2 / min(true_ratio(band.basis).median, 1.0))
    return np.array(values)


def careful_heat(skin: Skin, exposure: Exposure, minutes: float) -> HeatResult:
    """Temperature of the skin under the careful irradiance."""
    return skin_heat(skin, exposure, careful_irradiance(exposure), minutes)


def safety(
    device: Device | str,
    skin: Skin | None = None,
    distance_cm: float | None = None,
    minutes: float | None = None,
    eyes: str = "open",
    irradiance_mw_cm2: Mapping[float, float] | None = None,
    mode: str | None = None,
) -> SafetyAnswer:
    """Hazards of a device for eyes and skin, its risk group, permissible times and the skin's temperature.

    Parameters
    ----------
    device : Device or str
        A device, a catalogue id or the path of a device file.
    skin : Skin or None
        Whose temperature is followed; without it the skin that warms most (type VI, cheek).
    distance_cm : float or None
        Distance of use [cm], 0 to 500; the device's own unless given.
    minutes : float or None
        Length of the session [min]; without it the verdict is for exposures without end.
    eyes : str
        "open", "closed" or "shielded".
    irradiance_mw_cm2 : mapping or None
        Own measured irradiance by peak at that distance [nm -> mW/cm2].
    mode : str or None
        The device's mode; without it the worst of all its modes, each hazard for itself.

    Raises
    ------
    InputError, RangeError, UnknownNameError
    """
    unit = devices.device(device) if isinstance(device, str) else device
    length = None if minutes is None else check_minutes(minutes)
    person = make_skin(WARMEST_SKIN[0], skin_type=WARMEST_SKIN[1]) if skin is None else skin
    names = (mode,) if mode is not None else mode_names(unit)
    whole = replace(unit, modes=()) if names == (None,) else unit
    exposures = [exposure_on(whole, person, distance_cm, irradiance_mw_cm2, assume=True, mode=name) for name in names]
    assessment = _assessed(unit, mode, exposures[0].distance_cm, length, eyes, irradiance_mw_cm2)
    followed = WITHOUT_END_MINUTES if length is None else length
    heated = [(careful_heat(person, item, followed), item) for item in exposures]
    careful, exposure = max(heated, key=lambda pair: pair[0].surface_max_c)
    median = np.array([band.irradiance_mw_cm2.value for band in exposure.bands])
    light_skin = make_skin(person.site.id, skin_type=LIGHT_SKIN)
    darker = person.ita_deg < light_skin.ita_deg
    answer = SafetyAnswer(
        device=unit,
        assessment=assessment,
        skin=person,
        skin_given=skin is not None,
        minutes=length,
        temperature=skin_heat(person, exposure, median, followed),
        careful=careful,
        warnings=(),
        lighter=careful_heat(light_skin, exposure, followed) if darker else None,
    )
    return replace(answer, warnings=(*assessment.warnings, *_notes(answer, exposure, exposures)))


def _notes(answer: SafetyAnswer, exposure: Exposure, exposures: Sequence[Exposure]) -> list[str]:
    notes = []
    if answer.assessment.laser is not None:
        notes += _laser_light(exposure)
    else:
        notes += _eye_light(exposures)
    limit = answer.time_to_skin_limit_s
    if limit is not None:
        after = until(limit)
        notes.append(
            f"If the light is as strong as it may be, the skin reaches {SKIN_LIMIT_C:g} degrees after {after}; "
            "stop there, or earlier at any pain."
        )
    if not answer.skin_given:
        notes.append(
            f"No skin was given: the temperature is that of the {WARMEST_SKIN[0]}, skin type {WARMEST_SKIN[1]}, "
            "which warms most."
        )
    if answer.minutes is None:
        notes.append("No time was given: the verdict is for light that stays on; the times say how long is allowed.")
    notes += [
        f"This product was recalled ({item.authority}, {item.date}): {item.reason}. Ask if yours is one of them."
        for item in answer.device.recalls
    ]
    return notes


def _eye_light(exposures: Sequence[Exposure]) -> list[str]:
    """Why the light at the eyes is another number than the dose's."""
    claimed: dict[float, str] = {}
    likely: dict[float, str] = {}
    for exposure in exposures:
        for band, most in zip(exposure.bands, careful_irradiance(exposure), strict=True):
            if band.basis == "claimed" and band.published_mw_cm2 is not None:
                claimed[band.peak_nm] = f"{short(most / band.gain)} at {band.peak_nm:g} nm"
                likely[band.peak_nm] = short(band.free_air_mw_cm2)
    if not claimed:
        return []
    return [
        f"For the eyes the light counts as claimed ({', '.join(claimed.values())}, in mW/cm2), not as it likely is "
        f"({', '.join(likely.values())}): lamps that were measured gave less than their claim. The dose of the skin "
        "starts at the likely light; under a mask or in a bed, light that goes to and fro adds to it."
    ]


def _laser_light(exposure: Exposure) -> list[str]:
    """What light the skin's temperature of a laser product rests on, which no hazard of lamps says."""
    return [
        f"For the skin's temperature {short(band.median_mw_cm2)} mW/cm2 at {band.peak_nm:g} nm is taken as likely and "
        f"{short(high)} mW/cm2 as the most it may be ({band.basis})."
        for band, high in zip(exposure.bands, careful_irradiance(exposure), strict=True)
    ]


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """What the limits leave of one session.

    Attributes
    ----------
    eyes : str
        As given, or "shielded" where the session needs shields.
    shields_needed : bool
        With open eyes a limit would be passed.
    allowed_s : float or None
        Longest time inside all limits with those eyes [s]; None where nothing limits it.
    why : str
        What limits it.
    forbidden : str or None
        Why there may be no session at all.
    heat_s : float or None
        When the skin would reach its limit under the irradiance as claimed [s]; None if not within the hour.
    """

    eyes: str
    shields_needed: bool
    allowed_s: float | None
    why: str
    forbidden: str | None
    assessment: HazardAssessment
    heat_s: float | None = None


def session_limits(
    unit: Device,
    skin: Skin,
    exposure: Exposure,
    minutes: float,
    eyes: str | None = None,
    irradiance_mw_cm2: Mapping[float, float] | None = None,
) -> SessionLimits:
    """Limits of eyes and skin on a session.

    Parameters
    ----------
    minutes : float
        Wished length [min].
    eyes : str or None
        As the person will have them; None leaves it to the answer: shields where open eyes would pass a limit.
    """
    check_eyes(eyes)
    open_eyes = hazards_of(unit, exposure, minutes, "open", irradiance_mw_cm2)
    laser = open_eyes.laser is not None
    needed = laser or _passed(open_eyes.permissible_s, minutes)
    kept = eyes or ("shielded" if needed else "open")
    found = open_eyes if kept == "open" else hazards_of(unit, exposure, minutes, kept, irradiance_mw_cm2)
    heat_s = careful_heat(skin, exposure, minutes).time_to_c(SKIN_LIMIT_C)
    light_s = found.permissible_s
    forbidden = None
    if found.risk_group == "RG3":
        forbidden = "This lamp falls in risk group 3 by what is known of it: it is no lamp for a home."
    elif laser and kept == "open":
        forbidden = f"This is a laser product ({laser_classes(open_eyes.laser)}): not with open, unshielded eyes."
    if light_s is not None and (heat_s is None or light_s < heat_s):
        worst = min(
            (item for item in found.hazards if item.permissible_s is not None and item.at_cm == found.at_cm),
            key=lambda item: item.permissible_s or 0.0,
            default=None,
        )
        name = "light" if worst is None else worst.name.lower()
        why = f"the limit for {name} would be passed after that, with eyes {kept}"
    else:
        why = f"the skin would reach {SKIN_LIMIT_C:g} degrees after that, if the light is as strong as it may be"
    return SessionLimits(kept, needed, shortest(light_s, heat_s), why, forbidden, found, heat_s)


__all__ = ["SafetyAnswer", "SessionLimits", "hazards_of", "safety", "session_limits", "shortest"]
