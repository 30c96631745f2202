"""Sentences of a text with their offsets: prose, headings, lists, tables, as people paste them from a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 1500
"""A "sentence" longer than this is no sentence; it is cut at a space, so that no rule meets an endless line."""
WRAPPED_FROM: Final = 60
"""A line at least this long without an end is taken to go on in the next line."""

_ABBREVIATION_LIST: Final = (
    "dr mr mrs ms prof st no nos vs approx ca cf al fig min max sec hr hrs in ft oz e.g i.e eg ie a.m p.m am pm "
    "incl inc ltd co corp dept est u.s u.k ph.d m.d b.sc m.sc jan feb mar apr jun jul aug sept sep oct nov dec"
)
_ABBREVIATIONS: Final = frozenset(_ABBREVIATION_LIST.split())
_ITEM = re.compile(r"[ \t]*(?:#{1,6}|[>|]|[-*+•◦‣·–—✓✔✅★☆→➤►]|\(?\d{1,3}[.)]|[a-zA-Z][.)])\s")
_END = re.compile(r"[.!?…]+[\"'”’»)\]*_]*(?=\s|$)|[!?]+(?=[A-Z])")
_LAST_WORD = re.compile(r"[^\s(\"'“‘*_]*$")
_WORD_CHARACTER = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, `text[start:end]`; `question` where it asks, `block` the number of the paragraph, item or heading."""

    text: str
    start: int
    end: int
    question: bool
    block: int


def split_sentences(text: str) -> list[Sentence]:
    """All sentences of a text, in order, without the space and the item marks around them.

    A line that starts an item, a heading or a table row starts anew; a short line ends its sentence (adverts set one
    claim a line); a long line without an end goes on in the next one (wrapped prose). Abbreviations, initials and
    decimals do not end a sentence.
    """
    found: list[Sentence] = []
    for block, (start, end) in enumerate(_blocks(text)):
        for first, last in _within(text, start, end):
            piece = text[first:last]
            if _WORD_CHARACTER.search(piece):
                found.append(Sentence(piece, first, last, piece.rstrip("\"'”’»)]*_ ").endswith("?"), block))
    return found


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    start: int | None = None
    before = ""
    position = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if not bare:
            if start is not None:
                yield start, position
            start, before = None, ""
        elif start is None:
            start, before = position, bare
        elif _ITEM.match(line) or not _goes_on(before, bare):
            yield start, position
            start, before = position, bare
        else:
            before = bare
        position += len(line)
    if start is not None:
        yield start, position


def _goes_on(before: str, line: str) -> bool:
    """Whether a line is the rest of the one before: that was long, or this begins in lower case."""
    if before.endswith((".", "!", "?", ":")):
        return len(before) >= WRAPPED_FROM
    return len(before) >= WRAPPED_FROM or line[0].islower()


def _within(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences of one block as (start, end)."""
    marker = _ITEM.match(text, start, end)
    first = start = marker.end() if marker else start
    for match in _END.finditer(text, start, end):
        if _ends_here(text, match, first, end):
            yield from _trimmed(text, first, match.end())
            first = match.end()
    yield from _trimmed(text, first, end)


def _ends_here(text: str, match: re.Match[str], first: int, end: int) -> bool:
    rest = text[match.end() : min(match.end() + 12, end)]
    after = rest.lstrip()
    if not after:
        return True
    if "…" in match.group() or "..." in match.group():
        return not after[0].islower()
    if not match.group().startswith("."):
        return not (after[0].islower() and match.group()[-1] in "\"'”’»")
    word_match = _LAST_WORD.search(text, max(first, match.start() - 20), match.start())
    word = word_match.group().lower() if word_match else ""
    if word == "no":
        return not after[0].isdigit()  # "No. 5" goes on, "No." is an answer
    if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word != "i"):
        return word in {"p.m", "a.m"} and after[0].isupper()
    if word.isdigit() and match.start() - len(word) <= first + 2:
        return False  # "1. Wash your face"
    return not after[0].islower() or "\n" in rest[: len(rest) - len(after)]


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Without space at the ends, and in pieces of at most LONGEST characters."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    while end - start > LONGEST:
        cut = text.rfind(" ", start + 1, start + LONGEST)
        cut = start + LONGEST if cut <= start else cut
        yield start, cut
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if end > start:
        yield start, end
