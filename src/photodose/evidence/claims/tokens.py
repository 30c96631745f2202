"""A sentence as plain lower-case tokens, one space between: what the rules are matched against."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

NUMBER_WORDS: Final = {
    "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0,
    "nine": 9.0, "ten": 10.0, "eleven": 11.0, "twelve": 12.0, "fifteen": 15.0, "sixteen": 16.0, "twenty": 20.0,
    "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "ninety": 90.0,
}  # fmt: skip

_QUOTES: Final = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "″": '"', "−": "-", "‐": "-", "‑": "-"}
)
_PER_CM2 = r"\s*(?:/|per|p\.|\s)\s*(?:cm\s*\^?\s*2|cm\s*-2|sq\.?\s*cm|square\s+cent(?:imet(?:er|re)s?)?)"
_REWRITES: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(\d)\s*[–—]\s*(?=\d)", r"\1 to "),
        (r"(?<![\d.,])(\d{1,3}),(\d{3})(?!\d)", r"\1\2"),
        (r"(\d)-(?=\d)", r"\1 to "),
        (r"\b(?:mw|milliwatts?)" + _PER_CM2, " mw/cm2 "),
        (r"\bmw\s*/?\s*cm\s*\^?-?\s*2", " mw/cm2 "),
        (r"\b(?:j|joules?)" + _PER_CM2, " j/cm2 "),
        (r"(\d)\s*(?:mw|milliwatts?)\s*/\s*cm\s*\^?\s*2", r"\1 mw/cm2 "),
        (r"(\d)\s*(?:j|joules?)\s*/\s*cm\s*\^?\s*2", r"\1 j/cm2 "),
        (r"\bper\s*cent\b", " % "),
        (r"\bthree\s+quarters\s+of\s+an\s+hour\b", "45 minutes"),
        (r"\b(?:a\s+)?quarter\s+of\s+an\s+hour\b|\ba\s+quarter[ -]hour\b", "15 minutes"),
        (r"\b(?:a\s+)?half[ -](?:an[ -])?hour\b", "30 minutes"),
        (r"\bhalf\s+a\s+minute\b", "30 seconds"),
        (r"\bhalf\s+a\s+year\b", "6 months"),
        (r"\bhalf\s+an?\s+(?=inch\b|centimet|cm\b)", "0.5 "),
        (r"\ban?\s+(?=inch\b|centimet(?:er|re)\b)", "1 "),
        (r"\ba\s+fortnight\b", "2 weeks"),
        (r"\b(?:a\s+)?couple\s+of\b", "2"),
        (r"\b(?:u\.?s\.?\s+)?food\s+and\s+drug\s+administration\b", "fda"),
        (r'(\d)\s*"(?!\w)', r"\1 inch "),
        (r"\bwon't\b", "will not"),
        (r"\bcan't\b|\bcannot\b", "can not"),
        (r"\bshan't\b", "shall not"),
        (r"n't\b", " not"),
        (r"\b(it|that|there|what|here|she|he|who|how|where)'s\b", r"\1 is"),
        (r"'", ""),
        (r"\s[–—]\s|—", " , "),
        (r"(\d)(?=[a-z%])", r"\1 "),
    )
)
_TOKEN = re.compile(r"\d+(?:\.\d+)?|mw/cm2|j/cm2|[^\W\d_]+|[%,;:()]")


def normalise(sentence: str) -> str:
    """Tokens of a sentence between single spaces, with a space at both ends.

    Letters in lower case and compatibility form, apostrophes and hyphens resolved ("won't" is "will not", "anti-ageing"
    two tokens), units in one form, end marks and symbols dropped.

    Examples
    --------
    >>> normalise("Won't reach 5–10 mm at 1,200 mW/cm²!")
    ' will not reach 5 to 10 mm at 1200 mw/cm2 '
    """
    text = unicodedata.normalize("NFKC", sentence).lower().translate(_QUOTES)
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    return " " + "".join(token + " " for token in _TOKEN.findall(text))


def number(token: str) -> float | None:
    """The number that a token stands for, as digits or as a word; None if it is none."""
    if token in NUMBER_WORDS:
        return NUMBER_WORDS[token]
    try:
        return float(token)
    except ValueError:
        return None
