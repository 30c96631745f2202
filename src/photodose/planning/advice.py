"""What would be better than the plan as asked: nearer, further, shorter, hair parted, rest."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from photodose.data import load_document
from photodose.data.schema_evidence import Indication
from photodose.data.schema_planning import HairShading
from photodose.devices import Device, Exposure
from photodose.devices.geometry import CONTACT_CM
from photodose.dosimetry import exposure_on
from photodose.planning.equivalent import EXTRAPOLATED, Equivalent, equivalent
from photodose.planning.hazards import session_limits
from photodose.planning.words import counted
from photodose.quantities import InputError, short
from photodose.tissue import Skin

NEAREST_CM: Final = 5.0
"""No advice brings a panel nearer than this: the field of single LEDs begins there."""
FURTHEST_CM: Final = 200.0
RELAXATION: Final = "stress_mood_sleep"


@cache
def hair_shading() -> HairShading:
    """What is known of the light that hair holds back."""
    return load_document("evidence/hair_shading", HairShading)


def _ratio(item: Equivalent, exposure: Exposure) -> float:
    """Irradiance over the trial's at another distance, for the trial's first band."""
    band = item.bands[0]
    return exposure.band(band.peak_nm).median_mw_cm2 / band.trial_irradiance_mw_cm2


def trial_distance_cm(item: Equivalent, unit: Device, skin: Skin, light: Mapping[str, Any]) -> float | None:
    """The distance at which this device is as strong as the trial's light [cm]; None where it has none.

    Only for devices that stand away from the skin, whose published or measured light can be carried to other
    distances.
    """
    if unit.kind != "panel" or light.get("irradiance_mw_cm2"):
        return None
    other = {"assume": light["assume"], "mode": item.modes[0]}

    def ratio(distance: float) -> float:
        return _ratio(item, exposure_on(unit, skin, distance_cm=distance, **other))

    try:
        low, high = NEAREST_CM, FURTHEST_CM
        if not ratio(high) <= 1.0 <= ratio(low):
            return None
        while high - low > 0.5:
            middle = (low + high) / 2.0
            low, high = (middle, high) if ratio(middle) > 1.0 else (low, middle)
    except InputError:
        return None
    return round(high)


def distance_advice(
    item: Equivalent, unit: Device, skin: Skin, light: Mapping[str, Any], cut: bool, eyes: str | None = None
) -> list[str]:
    """Shorter or further away where the device is too strong; nearer, or no, where it is too weak."""
    strong = cut or item.irradiance_ratio > EXTRAPOLATED or item.time_ratio < 1.0 / EXTRAPOLATED
    weak = item.irradiance_ratio < 1.0 / EXTRAPOLATED or item.time_ratio > EXTRAPOLATED
    if not (strong or weak) or item.alternating:
        return []
    found = []
    distance = trial_distance_cm(item, unit, skin, light)
    if distance is not None:
        exposure = exposure_on(unit, skin, distance_cm=distance, assume=light["assume"], mode=item.modes[0])
        there = equivalent(skin, exposure, item.trial, item.target)
        if there is not None:
            minutes = there.minutes.value
            limits = session_limits(unit, skin, exposure, minutes, eyes)
            inside = limits.forbidden is None and (limits.allowed_s is None or limits.allowed_s >= 60.0 * minutes)
            way = "Move further away" if strong else "Move nearer"
            text = (
                f"{way}: at {distance:g} cm the light is as strong as in the trial, and in "
                f"{counted(short(minutes))} it gives "
            )
            text += ("the same dose on average over the bands" if there.uneven else "the same dose") + (
                "." if inside else ", which would pass a limit there too."
            )
            found.append(text)
    if strong and not cut:
        found.append(
            f"This device is stronger than the trial's light: keep to the short time "
            f"({counted(short(item.minutes.value))}). More is not better."
        )
    if weak:
        found.append(
            f"This device is weak for this goal: the trial's dose takes {counted(short(item.minutes.value))}, "
            f"and no trial used that (it took {short(item.trial.minutes)})."
        )
    return found


def contact_advice(item: Equivalent, distance_cm: float) -> list[str]:
    """Where the trial's light lay on the skin and this one does not, or the other way round."""
    if item.trial.contact is None or item.trial.contact == (distance_cm <= CONTACT_CM):
        return []
    how = "held its light on the skin" if item.trial.contact else "kept its light away from the skin"
    return [f"The trial {how}, which this plan does not: pressing on the skin also moves blood and fat aside."]


def general_advice(indication: Indication, unit: Device, skin: Skin) -> list[str]:
    """What holds for this site, goal and kind of device whatever the minutes."""
    found = []
    if skin.site.region == "scalp":
        hair = hair_shading()
        found.append(
            f"Hair shades the scalp: between {100 * hair.transmittance_low:g} and {100 * hair.transmittance_high:g} % "
            "of the light reaches the skin through it, and nobody measured yours. The dose shown is that of a parting "
            "or of bare scalp."
        )
    if indication.target == "muscle":
        fat = float(skin.arrays.thickness_mm[0][skin.layer_names.index("subcutaneous fat")])
        found.append(
            f"The dose in the muscle is that below {short(fat)} mm of fat, as usual at this site; more fat, less light."
        )
    if unit.kind == "bed":
        found.append("A bed lights both sides of the body at once; the dose shown is that of each side.")
    if indication.id == RELAXATION:
        found.append(
            "No trial shows that the light itself calms. A quiet rest of the same length may do as much, and is yours "
            "with or without a lamp; keep bright light away from the hours before sleep."
        )
    return found
