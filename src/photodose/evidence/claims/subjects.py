"""What a clause speaks of: light, or another treatment (a cream, a drug, needles) that the claim belongs to instead."""

from __future__ import annotations

import re
from typing import Final, Literal

from photodose.evidence.claims.reading import Reading, cues

Subject = Literal["light", "other"]

_ASIDE: Final = re.compile(
    r"(?<= )(?:unlike|without|no|not|than|after|before|like|alongside|beside|besides|plus|instead of|rather than"
    r"|as well as|together with|combined with|followed by|skip|forget|ditch|replaces?|beats?) (?:\S+ ){0,2}$"
)
"""Before another treatment: it is only compared with or left away, so it is not what the clause speaks of."""
_GOES_ON: Final = re.compile(
    r" ?(?:[;,] )?(?:(?:but|although|though|while|whereas|yet|however|because|and|so|or|since) )?(?:also )?"
    r"(?:it|they|its|their|both|which|can|could|may|might|will|would|does|do|did|is|are|was|were|has|have"
    r"|then|even|never) "
)
"""A clause that begins so has the subject of the one before."""


def _named(text: str, first: int, end: int) -> Subject | None:
    """What a stretch of text names; light wins where both stand, unless its word is part of the other's name."""
    known = cues()
    stretch = text[first:end]
    others = list(known.other_treatment.finditer(" " + stretch))
    for match in others:
        start, stop = match.start() - 1, match.end() - 1
        stretch = stretch[:start] + re.sub(r"\S", "_", stretch[start:stop]) + stretch[stop:]
    padded = " " + stretch
    if known.light.search(padded) is not None or known.gadget.search(padded) is not None:
        return "light"
    return "other" if any(not _ASIDE.search(text[: first + match.start() - 1]) for match in others) else None


def subject(reading: Reading, start: int, end: int, before: Subject | None = None) -> Subject | None:
    """What the clause around a match speaks of, as far as it is said up to the match's end.

    Parameters
    ----------
    reading : Reading
        The sentence.
    start, end : int
        Where the match stands.
    before : str or None
        What the sentence before speaks of, for a sentence that begins with "it".
    """
    first = reading.clause(start)[0]
    found = _named(reading.plain, first, end)
    while found is None and _GOES_ON.match(reading.plain, first):
        if first <= 1:
            return before
        first, last = reading.clause(first - 1)
        found = _named(reading.plain, first, last)
    return found


def subject_of_sentence(reading: Reading, before: Subject | None = None) -> Subject | None:
    """What a sentence speaks of first, for a next one that begins with "it"; its own "it" goes on with `before`."""
    position = 0
    while position < len(reading.plain):
        first, last = reading.clause(position)
        found = _named(reading.plain, first, last)
        if found is not None:
            return found
        position = last if last > position else len(reading.plain)
    return before if _GOES_ON.match(reading.plain) else None
