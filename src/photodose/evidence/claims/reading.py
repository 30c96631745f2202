"""Whether a sentence asserts, softens or denies what it names: scope of negation and hedging inside a clause."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from typing import Final

from photodose.data import load_document
from photodose.data.schema_claims import Cues, Polarity
from photodose.evidence.claims.patterns import compile_phrases

_MASK: Final = "_"
_DETERMINER: Final = re.compile(r"(?<= )(?:no|without|zero) ")
_SCOPE_END: Final = re.compile(r"(?<= )(?:,|and|or|for|to|in|is|are|will|can) ")
_CONDITION: Final = re.compile(r"(?<= )(?:if|unless|in case|rather than) [^,;:]*")
_TURNS: Final = ("but", "yet", "however", "though", "although", ";")
"""Words after which the writer speaks again, and no longer the leaflet."""
_NEVER: Final = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class CueExpressions:
    """The cues, compiled; `_NEVER` stands for an empty list."""

    light: re.Pattern[str]
    treating_light: re.Pattern[str]
    light_document: re.Pattern[str]
    other_light: re.Pattern[str]
    body: re.Pattern[str]
    device: re.Pattern[str]
    device_word: re.Pattern[str]
    gadget: re.Pattern[str]
    other_treatment: re.Pattern[str]
    need: re.Pattern[str]
    warning: re.Pattern[str]
    neutral: re.Pattern[str]
    negation_before: re.Pattern[str]
    negation_clause: re.Pattern[str]
    negation_sentence: re.Pattern[str]
    open_nouns: re.Pattern[str]
    hedge_before: re.Pattern[str]
    attributed: re.Pattern[str]
    confirmed: re.Pattern[str]
    hedge_clause: re.Pattern[str]
    hedge_sentence: re.Pattern[str]
    clause_starts: re.Pattern[str]
    yes: re.Pattern[str]
    no: re.Pattern[str]
    perhaps: re.Pattern[str]
    asks: re.Pattern[str]


@cache
def cues() -> CueExpressions:
    """The cue words of the data, compiled once."""
    content = load_document("evidence/claims/cues", Cues)
    names = CueExpressions.__dataclass_fields__
    return CueExpressions(**{name: compile_phrases(getattr(content, name)) or _NEVER for name in names})


def _masked(text: str, pattern: re.Pattern[str]) -> str:
    """The same string with every match's letters replaced, so that positions stay."""
    return pattern.sub(lambda match: re.sub(r"\S", _MASK, match.group()), text)


@dataclass(frozen=True, slots=True)
class Reading:
    """A normalised sentence, its clauses, and what an answer to a question begins with.

    `text` is complete; `free` has its if-clauses masked; `plain` has the phrases masked that only look like negation
    ("not only"). All three have the same positions.
    """

    text: str
    free: str
    plain: str
    boundaries: tuple[int, ...]
    opening: Polarity | None
    answer_from: int = 0

    def clause(self, position: int) -> tuple[int, int]:
        """Start and end of the clause at a position."""
        index = bisect_right(self.boundaries, position)
        start = self.boundaries[index - 1] if index else 0
        return start, self.boundaries[index] if index < len(self.boundaries) else len(self.text)

    def polarity(self, start: int, end: int) -> Polarity:
        """How the sentence means what stands between two positions."""
        first, last, end = self._scope(start, end)
        if self._negated(first, end, last):
            return "negated"
        if self._hedged(first, end, last):
            return "hedged"
        in_first = self.clause(start)[0] <= self.answer_from
        return self.opening if self.opening is not None and in_first else "asserted"

    def hedged(self, start: int, end: int) -> bool:
        """Whether hedging words stand around what is between two positions."""
        first, last, end = self._scope(start, end)
        return self._hedged(first, end, last)

    def _scope(self, start: int, end: int) -> tuple[int, int, int]:
        """Start and end of the clauses around a match, and where cues that stand before it may stand at the latest.

        What a question names is decided by the first clause of the answer.
        """
        last = self.clause(max(start, end - 1, self.answer_from))[1]
        return self.clause(start)[0], last, last if start < self.answer_from else end

    def _negated(self, first: int, end: int, last: int) -> bool:
        if cues().negation_sentence.search(self.plain) or cues().negation_clause.search(self.plain, first, last):
            return True
        for match in cues().negation_before.finditer(self.plain, first, last):
            if match.start() >= end:
                break
            if self._scope_end(match, last) >= end:
                return True
        return False

    def _scope_end(self, match: re.Match[str], last: int) -> int:
        """Where the scope of a negation ends: a bare "no pain" reaches its own noun, all else the clause's end."""
        if not _DETERMINER.match(self.plain, match.start()) or cues().open_nouns.match(self.plain, match.end()):
            return last
        stop = _SCOPE_END.search(self.plain, match.end(), last)
        return stop.start() if stop else last

    def _hedged(self, first: int, end: int, last: int) -> bool:
        if cues().hedge_clause.search(self.plain, first, last) or cues().hedge_sentence.search(self.plain):
            return True
        if cues().confirmed.search(self.plain, end):
            return False
        turned = max(self.plain.rfind(f" {word} ", 0, first + 1) for word in _TURNS) + 1
        cue = (cues().hedge_before.search(self.plain, first, last), cues().attributed.search(self.plain, turned, last))
        return any(match is not None and match.start() < end for match in cue)


def read(normalised: str, opening: Polarity | None = None, answer_from: int = 0) -> Reading:
    """Find clauses and conditions in a normalised sentence.

    Parameters
    ----------
    normalised : str
        As from `tokens.normalise`; a question may stand before its answer.
    opening : str or None
        What the first word of an answer says ("no": negated), as from `opening_of`.
    answer_from : int
        Where the answer begins, if a question stands before it.
    """
    boundaries = [match.start() for match in cues().clause_starts.finditer(normalised) if match.start() > 1]
    boundaries = [position for position in boundaries if position > answer_from]
    plain = _masked(normalised, cues().neutral)
    if answer_from:
        plain = re.sub(r"\S", _MASK, plain[:answer_from]) + plain[answer_from:]
    return Reading(normalised, _masked(normalised, _CONDITION), plain, tuple(sorted(boundaries)), opening, answer_from)


def opening_of(normalised: str) -> Polarity | None:
    """What the first words of an answer say about its question."""
    known = cues()
    if known.perhaps.match(normalised, 1):
        return "hedged"
    if known.no.match(normalised, 1):
        return "negated"
    return "asserted" if known.yes.match(normalised, 1) else None
