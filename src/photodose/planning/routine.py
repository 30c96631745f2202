"""The numbered routine of a session, in plain words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from photodose.devices import Device
from photodose.planning.words import minutes_words
from photodose.safety import Screening, Verdict
from photodose.tissue import Skin

SHORTEST_FIRST_MINUTES: Final = 0.5


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, and why where it is not plain."""

    title: str
    detail: str


def _position(device: Device, skin: Skin, distance_cm: float) -> Step:
    place = skin.site.name.lower()
    # "around the eye" does not go with "of the"
    around_eye = skin.site.id == "periorbital"
    if device.kind == "bed":
        return Step("Lie down", "The bed lights both sides at once. Each side gets the dose shown here.")
    if distance_cm <= 0.5:
        if around_eye:
            close = "Let it lie close to the skin around the eye. A gap of a finger changes the dose."
        else:
            close = f"Let it lie close to the skin of the {place}. A gap of a finger changes the dose."
        return Step("Put the device on", close)
    if around_eye:
        measure = "Measure from the lights to the skin around the eye. Half the way is not twice the dose."
    else:
        measure = f"Measure from the lights to the skin of the {place}. Half the way is not twice the dose."
    if device.kind in {"mask", "cap"}:
        return Step(f"Wear it {distance_cm:g} cm away", measure)
    if device.kind == "handheld":
        return Step(f"Hold it {distance_cm:g} cm away", measure)
    return Step(f"Sit {distance_cm:g} cm away", measure)


def _eyes(device: Device, skin: Skin, shields_needed: bool, eyes: str) -> list[Step]:
    if shields_needed and eyes == "shielded":
        return [
            Step(
                "You must cover your eyes",
                "This light is too strong for bare eyes. Wear shields that let no light in. Put them on before you "
                "switch it on. Closed lids are not enough.",
            )
        ]
    near_face = skin.site.region in {"face", "neck", "scalp"} or device.kind in {"panel", "bed"}
    if not near_face:
        return [Step("Do not look into the lights", "Turn your head away, or close your eyes.")]
    shields = "Wear the shields that came with it, or dark goggles."
    return [Step("Cover your eyes", f"{shields} Closed lids let red light through.")]


def _first_time(minutes: float, screening: Screening) -> list[Step]:
    """With a medicine that asks for care, half the time at first (a judgement, in no trial)."""
    if not any(reason.kind == "drug" and reason.verdict is Verdict.CAUTION for reason in screening.reasons):
        return []
    half = math.floor(5.0 * minutes) / 10.0
    if half < SHORTEST_FIRST_MINUTES:
        return []
    detail = "That is half. Look at your skin the next day. If it stays calm, take the full time from then on."
    return [Step(f"The first time: {minutes_words(half)}", detail)]


def routine(
    unit: Device,
    skin: Skin,
    minutes: float,
    screening: Screening,
    *,
    distance_cm: float | None = None,
    shields_needed: bool = False,
    eyes: str = "open",
    turns: Sequence[tuple[str, float]] = (),
    modes: Sequence[tuple[str, float]] = (),
) -> tuple[Step, ...]:
    """Steps of one session with this device on this skin.

    Parameters
    ----------
    unit : Device
    skin : Skin
    minutes : float
        Length of the session [min].
    screening : Screening
        Its cautions become a step.
    distance_cm : float or None
        The device's distance of use unless given [cm].
    shields_needed : bool
        Open eyes would pass a limit: the step about the eyes is then a must.
    eyes : str
        "open", "closed" or "shielded".
    turns : sequence of (str, float)
        Where sessions take turns: the light of each ("415 nm") and its minutes.
    modes : sequence of (str, float)
        Where the device has several: the name of each mode that the session runs through, and its minutes.
    """
    steps = [
        Step("Clean, dry skin", "Take make-up and sunscreen off. Both hold light back. Rinse, then pat dry."),
        Step("Nothing that stings first", "Keep retinoids, acids and scented oils for later in the day."),
    ]
    if skin.site.region == "scalp":
        steps.append(Step("Part your hair", "Hair shades the skin. Part it, and move the part each time."))
    steps += _eyes(unit, skin, shields_needed, eyes)
    steps.append(_position(unit, skin, unit.distance_cm if distance_cm is None else distance_cm))
    if turns:
        names = ", then ".join(f"{name} for {minutes_words(value)}" for name, value in turns)
        steps.append(Step("Take turns", f"One kind of light each time: {names}. Note which one is next."))
    steps += _first_time(minutes, screening)
    if len(modes) == 1:
        steps.append(Step(f"Set the mode: {modes[0][0]}", "The other modes of this device give another light."))
    elif modes:
        names = ", then ".join(f"{name} for {minutes_words(value)}" for name, value in modes)
        steps.append(Step("Change the mode", f"All in one session: {names}."))
    stop = "Stop at once if it hurts, blisters or gets hot."
    steps.append(Step("Then off" if turns else f"{minutes_words(minutes)}, then off", stop))
    cautions = [reason for reason in screening.reasons if reason.verdict.value == "caution"]
    if cautions:
        steps.append(Step("Go gently", " ".join(dict.fromkeys(reason.why for reason in cautions))))
    steps.append(Step("After that", "Use a moisturiser first. Put retinoid or acid on at night. Use sunscreen by day."))
    steps.append(Step("Wipe the device", "Use a soft cloth with mild soap. Do not spray the lights. Let it dry."))
    return tuple(steps)
