"""What the uncertainty of a dose is made of, as a bar for each target, and what to measure first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from photodose.app import wording
from photodose.dosimetry import Dose
from photodose.dosimetry.shares import COLOURS

register = template.Library()

ADVICE: Final = {
    "device": gettext_noop("Measure first: your device's irradiance."),
    "device again": gettext_noop("Measure more exactly: your device's irradiance."),
    "melanin": gettext_noop("Measure first: the colour of your skin (ITA), in place of its type."),
    "melanin again": gettext_noop("Measure more exactly: the colour of your skin (ITA)."),
    "thickness": gettext_noop("Measure first: how thick skin and fat are here. Ultrasound shows it."),
    "blood": gettext_noop("Most of it is the blood in your skin. Nobody measures that at home: take the whole range."),
    "scattering": gettext_noop(
        "Most of it is how your skin scatters light. Nobody measures that at home: take the whole range."
    ),
}
"""By the cause with the largest share; "again" where it has been measured."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One cause in a bar: where it begins and how wide it is, in whole percent."""

    cause: str
    name: str
    colour: str
    begins: int
    percent: int


def whole_percents(shares: Mapping[str, float]) -> dict[str, int]:
    """Shares as whole percents that still add up to 100: the largest remainders are rounded up."""
    exact = {name: 100.0 * value for name, value in shares.items()}
    whole = {name: math.floor(value) for name, value in exact.items()}
    left = sorted(exact, key=lambda name: whole[name] - exact[name])[: 100 - sum(whole.values())]
    return {name: value + (name in left) for name, value in whole.items()}


def pieces(shares: Mapping[str, float]) -> list[Piece]:
    """The bar of one target; causes under half a percent are left out."""
    found, begins = [], 0
    for cause, percent in whole_percents(shares).items():
        if percent:
            found.append(Piece(cause, wording.cause_name(cause), COLOURS[cause], begins, percent))
        begins += percent
    return found


def advice(dose: Dose, shares: Mapping[str, float]) -> str:
    """What a person should measure first, in their language."""
    cause = max(shares, key=lambda name: shares[name])
    measured = all(band.basis == "measured" for band in dose.exposure.bands)
    again = (cause == "device" and measured) or (cause == "melanin" and dose.skin.skin_type is None)
    return _(ADVICE[f"{cause} again" if again else cause])


@register.inclusion_tag("pages/dose/shares.html")
def dose_shares(dose: Dose) -> dict[str, Any]:
    """A bar for each target of a dose, with its advice; advice that is the same for all is said once."""
    bars = [pieces(target.variance_share) for target in dose.targets]
    said = [advice(dose, target.variance_share) for target in dose.targets]
    rows = [
        {"name": target.name, "pieces": bar, "advice": words}
        for target, bar, words in zip(dose.targets, bars, said, strict=True)
    ]
    first = said[0]
    shown = {piece.cause: piece for bar in bars for piece in bar}
    return {
        "rows": rows,
        "first": first,
        "same": all(words == first for words in said),
        "key": [shown[cause] for cause in COLOURS if cause in shown],
    }
