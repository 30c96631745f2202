"""The small pattern language of the rules, turned into regular expressions without unbounded repeats.

    wrinkle*            a word that begins so
    fine line|lines     words in sequence, `|` between alternatives of one word
    skin ~4 smooth*     at most four words between, none of them a semicolon
    wash? #  weeks      `?` a word that may be absent, `#` a number in digits or as a word

Phrases are matched against `tokens.normalise`, so hyphens, case and apostrophes do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from photodose.evidence.claims.tokens import NUMBER_WORDS
from photodose.quantities import DataError

_NUMBER: Final = r"(?:\d[\d.]*|" + "|".join(NUMBER_WORDS) + ")"
_PART: Final = re.compile(r"[^\W_]+(?:/[^\W_]+)?\*?|#|%|,|:|;")


def _alternative(part: str, phrase: str) -> str:
    if not _PART.fullmatch(part):
        raise DataError(f"claims: the phrase {phrase!r} holds {part!r}, which is no pattern")
    if part == "#":
        return _NUMBER
    if part.endswith("*"):
        return re.escape(part[:-1]) + r"\S*"
    return re.escape(part)


def _element(word: str, phrase: str) -> str:
    if re.fullmatch(r"~\d", word):
        return r"(?:[^\s;]\S* ){0," + word[1:] + "}?"
    optional = word.endswith("?")
    body = "|".join(_alternative(part, phrase) for part in word.removesuffix("?").split("|"))
    return f"(?:(?:{body}) )?" if optional else f"(?:{body}) "


def expression(phrase: str) -> str:
    """The regular expression of one phrase.

    Raises
    ------
    DataError
        If the phrase breaks the language.
    """
    words = phrase.split()
    if not words or words[0].startswith("~") or all(word.endswith("?") for word in words):
        raise DataError(f"claims: the phrase {phrase!r} begins with a gap or may be empty")
    return "".join(_element(word, phrase) for word in words)


@lru_cache(maxsize=1024)
def _compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("(?<= )(?:" + "|".join(expression(phrase) for phrase in phrases) + ")")


def compile_phrases(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """One expression for a list of phrases, or None for an empty list."""
    chosen = tuple(phrases)
    return _compiled(chosen) if chosen else None
