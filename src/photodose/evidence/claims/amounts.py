"""Numbers with units in a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from photodose.evidence.claims.tokens import NUMBER_WORDS, number

_UNITS: Final = {
    "mw/cm2": ("mW/cm2", 1.0),
    "j/cm2": ("J/cm2", 1.0),
    "nm": ("nm", 1.0),
    "nanometer": ("nm", 1.0),
    "nanometre": ("nm", 1.0),
    "mm": ("mm", 1.0),
    "millimeter": ("mm", 1.0),
    "millimetre": ("mm", 1.0),
    "cm": ("mm", 10.0),
    "centimeter": ("mm", 10.0),
    "centimetre": ("mm", 10.0),
    "inch": ("mm", 25.4),
    "inche": ("mm", 25.4),
    "%": ("%", 1.0),
    "second": ("min", 1.0 / 60.0),
    "min": ("min", 1.0),
    "minute": ("min", 1.0),
    "hour": ("min", 60.0),
    "day": ("days", 1.0),
    "week": ("weeks", 1.0),
    "month": ("months", 1.0),
    "session": ("sessions", 1.0),
    "study": ("studies", 1.0),
    "studie": ("studies", 1.0),
    "trial": ("studies", 1.0),
}
_VALUE: Final = r"(\d+(?:\.\d+)?|" + "|".join(NUMBER_WORDS) + ")"
_AMOUNT = re.compile(
    rf"(?<= ){_VALUE} (?:(?:to|and|or) {_VALUE} )?(?:(?:short|full|peer|reviewed|clinical|quiet|more) )?"
    r"(mw/cm2|j/cm2|%|[a-z]+) "
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of a sentence, or a range of it, in a plain unit: mW/cm2, J/cm2, nm, mm, %, min, days, weeks ..."""

    value: float
    low: float | None
    unit: str

    def to_dict(self) -> dict[str, float | str]:
        content: dict[str, float | str] = {"value": self.value, "unit": self.unit}
        return content if self.low is None else {"low": self.low, "high": self.value, **content}


def amounts(normalised: str) -> tuple[Amount, ...]:
    """Numbers with units, in order; centimetres and inches as mm, hours and seconds as minutes.

    Parameters
    ----------
    normalised : str
        As from `tokens.normalise`.

    Examples
    --------
    >>> from photodose.evidence.claims.tokens import normalise
    >>> [(a.low, a.value, a.unit) for a in amounts(normalise("8 to 10 cm deep with 30 mW/cm² at 850nm"))]
    [(80.0, 100.0, 'mm'), (None, 30.0, 'mW/cm2'), (None, 850.0, 'nm')]
    """
    found: list[Amount] = []
    for match in _AMOUNT.finditer(normalised):
        first, second, word = match.groups()
        unit = _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))
        if unit is None:
            continue
        name, factor = unit
        values = [number(text) for text in (first, second) if text is not None]
        known = [value * factor for value in values if value is not None]
        found.append(Amount(max(known), min(known) if len(known) == 2 else None, name))
    return tuple(found)
