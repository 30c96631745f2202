"""Light after a laser, peel, microneedling or surgery: what trials found and what the rules say; never a protocol."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final

from photodose import evidence, safety
from photodose.data import Source
from photodose.quantities import InputError, RangeError, UnknownNameError, plain

GOAL: Final = "after_professional"
RULE: Final = "recent-procedure"
TREATMENTS: Final = ("laser", "peel", "microneedling", "surgery", "IPL", "dermabrasion", "hair transplant")
LONGEST_DAYS: Final = 3650.0
_DAYS: Final = {"h": 1.0 / 24.0, "d": 1.0, "w": 7.0, "m": 30.0, "y": 365.0}
_ENTRY: Final = re.compile(
    r"^\s*([A-Za-z][A-Za-z -]{1,40}?)\s*(?::\s*|\s+)(\d{1,4}(?:\.\d+)?)\s*([hdwmy])[a-z]*(?: ago)?\s*$"
)


@dataclass(frozen=True, slots=True)
class AfterCare:
    """What is known of light after one professional treatment.

    Attributes
    ----------
    treatment : str
    days : float
        Since it was done [days].
    window_days : float
        So long after it the answer is "ask the clinic that did it" [days].
    advice : tuple of str
    findings : tuple of dict
        What each trial of light after a procedure found.
    """

    treatment: str
    days: float
    window_days: float
    advice: tuple[str, ...]
    findings: tuple[dict[str, Any], ...]
    sources: tuple[Source, ...]

    @property
    def recent(self) -> bool:
        """Whether it lies within the window, so that there is no protocol."""
        return self.days <= self.window_days

    @property
    def condition(self) -> str:
        """The entry as the screening reads it."""
        whole = math.floor(self.days)  # never longer ago than it was
        return f"{self.treatment} {whole} day{'' if whole == 1 else 's'} ago"

    def to_dict(self) -> dict[str, Any]:
        return {
            "treatment": self.treatment,
            "days": self.days,
            "window_days": self.window_days,
            "recent": self.recent,
            "advice": list(self.advice),
            "evidence": [dict(item) for item in self.findings],
            "sources": plain(self.sources),
        }


def after_treatment(text: str) -> AfterCare:
    """What is known of light after a professional treatment.

    Parameters
    ----------
    text : str
        Treatment and time since, for example "laser:3d", "peel:2w", "microneedling 10 days ago".

    Raises
    ------
    InputError, RangeError, UnknownNameError

    Examples
    --------
    >>> found = after_treatment("laser:3d")
    >>> found.days, found.recent
    (3.0, True)
    """
    match = _ENTRY.match(text) if isinstance(text, str) else None
    if match is None:
        raise InputError(f"after must be a treatment and the time since, for example laser:3d, not {str(text)[:40]!r}.")
    name, days = match.group(1).strip(), float(match.group(2)) * _DAYS[match.group(3)]
    if days > LONGEST_DAYS:
        raise RangeError("days since the treatment", days, 0.0, LONGEST_DAYS)
    screened = safety.screen(conditions=[name])
    reason = next((item for item in screened.reasons if item.rule_id == RULE and item.match == "name"), None)
    if reason is None:
        raise UnknownNameError("treatment", name, TREATMENTS)
    rule = next(item for item in safety.conditions() if item.id == RULE)
    window = rule.window_days
    assert window is not None
    record = evidence.indication(GOAL)
    advice = [f"{record.verdict.rstrip('.')}.", reason.why, reason.still_possible]
    if days > window:
        advice.append(f"It was more than {window:g} days ago: start low and watch your skin.")
    findings = tuple(
        {
            "study": item.study.id,
            "citation": item.study.citation,
            "direction": item.direction,
            "outcome": item.outcome,
            "read": item.read,
        }
        for item in evidence.studies_for(GOAL)
    )
    sources = [source for item in evidence.studies_for(GOAL) for source in item.study.sources] + list(reason.sources)
    return AfterCare(name, days, window, tuple(advice), findings, tuple(dict.fromkeys(sources)))
