"""The numbered routine of a session, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from photodose.devices import Device
from photodose.safety import Screening
from photodose.tissue import Skin


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, and why where it is not plain."""

    title: str
    detail: str


def _minutes(value: float) -> str:
    whole, seconds = int(value), round(60 * (value - int(value)))
    return f"{whole} min" + (f" {seconds} s" if seconds else "")


def _position(device: Device, skin: Skin) -> Step:
    place = skin.site.name.lower()
    if device.distance_cm <= 0.5:
        return Step(
            "Put the device on", f"Let it lie close to the skin of the {place}. A gap of a finger changes the dose."
        )
    return Step(
        f"Sit {device.distance_cm:g} cm away",
        f"Measure from the lights to the skin of the {place}. Half the distance is not twice the dose.",
    )


def routine(device: Device, skin: Skin, minutes: float, screening: Screening) -> tuple[Step, ...]:
    """Steps of one session with this device on this skin.

    Parameters
    ----------
    device : Device
    skin : Skin
    minutes : float
        Length of the session [min].
    screening : Screening
        Its cautions become a step.
    """
    face = skin.site.region in {"face", "neck", "scalp"}
    steps = [
        Step("Clean, dry skin", "Take make-up and sunscreen off: both hold light back. Rinse, then pat dry."),
        Step(
            "Nothing that stings first", "Leave retinoids, acids and fragrance oils for after it, or for the evening."
        ),
    ]
    if face or device.kind in {"panel", "bed"}:
        shields = "Wear the shields that came with the device, or opaque goggles."
        steps.append(Step("Cover your eyes", f"{shields} Closed lids let red and infrared through."))
    steps.append(_position(device, skin))
    steps.append(
        Step(f"{_minutes(minutes)}, then off", "Stop at once if it hurts, blisters or gets hot: pain is the end.")
    )
    cautions = [reason for reason in screening.reasons if reason.verdict.value == "caution"]
    if cautions:
        steps.append(Step("Go gently", " ".join(dict.fromkeys(reason.why for reason in cautions))))
    steps.append(Step("Afterwards", "Moisturiser first. Retinoid or acid in the evening, sunscreen in the morning."))
    steps.append(Step("Wipe the device", "A soft cloth with mild soap, no spray into the lights. Let it dry."))
    return tuple(steps)
