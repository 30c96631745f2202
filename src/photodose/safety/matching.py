"""From what a person typed to the rules that speak about it. Nothing is dropped: what is not known is handed back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from photodose.safety.catalogue import Index, Kind, index, words
from photodose.safety.rules import answered_phrases

_SEPARATORS = re.compile(r"[,;/+&|\n\r]+|\band\b|\bwith\b|\bplus\b", re.IGNORECASE)
_AGO = re.compile(r"[\s:]+(\d{1,5})\s*(h|hours?|d|days?|w|weeks?|months?|years?)(?:\s+ago)?\s*$", re.IGNORECASE)
_DAYS = {"h": 1.0 / 24.0, "d": 1.0, "w": 7.0, "m": 30.0, "y": 365.0}

# Words that name no substance and no illness: doses, forms, salts, routes, how often, and small talk.
_NOISE_WORDS = """
mg mcg ug g ml iu percent mgs tab tabs tablet tablets cap caps capsule capsules pill pills cream creams gel
gels lotion ointment serum solution suspension foam spray injection drops patch oral topical hyclate
monohydrate hydrochloride hcl sodium potassium calcium sulfate sulphate mesylate maleate phosphate daily once
twice day night morning nightly weekly every per a an the my i im am is on of in for take taking took taken
use using used have had at by mouth dose low
"""
_NOISE = frozenset(_NOISE_WORDS.split())
# Small words before a number of days, where it says that something lasts or is to come, and not how long ago it was.
_LASTING = frozenset({"for", "in", "every", "per"})
# What makes more of a dose, so that "twice the normal dose" is no normal dose.
_MORE = re.compile(r"twice|\d+x?")
_UNIT = re.compile(r"\d+(mg|mcg|ug|g|ml|iu)")
_MOST_GUESSES = 200
"""How many names of one text are compared with all known ones; whatever comes after is unknown, so at least "ask"."""
_MAX_FUZZY_LENGTH = 60
_WINDOW = 3


@dataclass(frozen=True, slots=True)
class Match:
    """One thing found in a text.

    `rules` holds what it may stand for; `how` is "name" (all of the rules are meant) or "spelling" (one of them is,
    and the strictest holds). `phrases` is the text around it, for rules that ask a further question, empty where the
    text is not sure; `days` how long ago the person said it was.
    """

    typed: str
    rules: tuple[tuple[Kind, str], ...]
    how: str
    phrases: str = ""
    days: float | None = None


@dataclass(slots=True)
class Matches:
    """What was found in a text, and what is left that nobody knows."""

    matches: dict[Match, None] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)
    guesses: int = _MOST_GUESSES

    @property
    def found(self) -> list[Match]:
        """Each match once, in the order of the text."""
        return list(self.matches)


def find(text: str, kind: Kind) -> Matches:
    """Find drugs or conditions in what a person typed.

    Parameters
    ----------
    text : str
        One name, or several split by , ; / + & or "and"; brand names, misspellings, doses and strengths may stand in
        it. Any length.
    kind : str
        "drug" or "condition": what the text is meant to name. A name of the other kind is found too.

    Returns
    -------
    Matches
        Never empty: a text without any known name comes back as unknown.
    """
    names, result = index(), Matches()
    whole = " ".join(words(text))
    if whole in names.entries:
        _add_name(names, result, text.strip(), whole, kind, "", None)
        return result
    for chunk in _SEPARATORS.split(text):
        if words(chunk):
            _find_in_chunk(names, chunk.strip(), kind, result)
    if not (result.found or result.unknown):
        result.unknown.setdefault(text.strip() or "(empty)")
    return result


def _find_in_chunk(names: Index, chunk: str, kind: Kind, result: Matches) -> None:
    tokens, days = _time_of(chunk)
    hits = list(_scan(names, tokens))
    known = [" ".join(tokens[start:end]) for start, end in hits]
    answers = _answers(names, known, kind, tokens)
    asked = {word for answer in answers for word in answer.split()}
    covered = {position for start, end in hits for position in range(start, end)}
    rest = [token for i, token in enumerate(tokens) if i not in covered and token not in asked]
    rest = [token for token in rest if token not in _NOISE and not _is_amount(token)]
    # An answer or a time among words that nobody knows may mean the opposite: "not label dose". It is not taken then.
    phrases = "" if rest or _more(answers, tokens) else " ".join(answers)
    said = _with_units(tokens)
    for place, name in enumerate(known, start=1):
        when = days if place == len(known) and not rest else None
        _add_name(names, result, chunk if len(known) == 1 else name, name, kind, phrases, when)
        if any(other <= said for other in names.beside.get(name, ())):
            result.unknown.setdefault(chunk)
    if rest:
        _find_misspelt(names, rest, chunk if not hits else " ".join(rest), kind, None if hits else days, result)
    elif not hits:
        result.unknown.setdefault(chunk)


def _time_of(chunk: str) -> tuple[list[str], float | None]:
    """The words of a part of the text, and how many days ago it was, where that is said at its end."""
    ago = _AGO.search(chunk)
    tokens = words(chunk[: ago.start()] if ago else chunk)
    if ago is None or (tokens and tokens[-1] in _LASTING):
        return tokens, None
    return tokens, float(ago.group(1)) * _DAYS[ago.group(2)[0].lower()]


def _answers(names: Index, known: list[str], kind: Kind, tokens: list[str]) -> list[str]:
    """The phrases that answer a question of one of the rules that were named."""
    rules = [rule for name in known for rule in names.wanted(name, kind) if rule[0] != "other"]
    return answered_phrases(rules, " ".join(tokens))


def _more(answers: list[str], tokens: list[str]) -> bool:
    """Whether the word before one of the answers makes more of it."""
    text = f" {' '.join(tokens)} "
    before = (text[: text.index(f" {answer} ")].split() for answer in answers)
    return any(found and _MORE.fullmatch(found[-1]) for found in before)


def _with_units(tokens: list[str]) -> set[str]:
    """The words, and the unit of each amount: "5mg" also as "mg"."""
    return {*tokens, *(found.group(1) for found in map(_UNIT.fullmatch, tokens) if found)}


def _scan(names: Index, tokens: list[str]) -> Iterator[tuple[int, int]]:
    """Spans of known names, the longest at each place, from left to right."""
    start = 0
    while start < len(tokens):
        end = start
        if tokens[start] in names.first_words:
            longest = min(names.longest, len(tokens) - start)
            ends = (start + count for count in range(longest, 0, -1))
            end = next((stop for stop in ends if " ".join(tokens[start:stop]) in names.entries), start)
        if end > start:
            yield start, end
        start = max(end, start + 1)


def _add_name(
    names: Index, result: Matches, typed: str, name: str, kind: Kind, phrases: str, days: float | None
) -> None:
    rules = names.wanted(name, kind)
    if rules[0][0] == "other":
        result.unknown.setdefault(typed)
    else:
        result.matches.setdefault(Match(typed, tuple(rules), "name", phrases, days))


def _is_amount(token: str) -> bool:
    return re.fullmatch(r"\d+(mg|mcg|ug|g|ml|iu|x)?", token) is not None


def _find_misspelt(names: Index, rest: list[str], typed: str, kind: Kind, days: float | None, result: Matches) -> None:
    """Take the words together, then in runs of up to three, for misspelt names; what stays is unknown."""
    if near := _guess(names, " ".join(rest), kind, result):
        result.matches.setdefault(Match(typed, near, "spelling", days=days))
        return
    unknown: list[str] = []
    start = 0
    while start < len(rest):
        size, near = _guess_from(names, rest[start : start + _WINDOW], len(rest), kind, result)
        part = " ".join(rest[start : start + size])
        if near:
            result.matches.setdefault(Match(part, near, "spelling"))
        else:
            unknown.append(part)
        start += size
    if unknown:
        result.unknown.setdefault(typed if len(unknown) == len(rest) else " ".join(unknown))


def _guess_from(
    names: Index, ahead: list[str], most: int, kind: Kind, result: Matches
) -> tuple[int, tuple[tuple[Kind, str], ...]]:
    """The longest run of the words ahead that is a misspelt name, shorter than all of them; or one unknown word."""
    for size in range(min(len(ahead), most - 1), 0, -1):
        if near := _guess(names, " ".join(ahead[:size]), kind, result):
            return size, near
    return 1, ()


def _guess(names: Index, name: str, kind: Kind, result: Matches) -> tuple[tuple[Kind, str], ...]:
    """The rules that a misspelt name may mean, as long as guesses are left for this text."""
    if len(name) > _MAX_FUZZY_LENGTH or _slips(len(name)) == 0 or result.guesses == 0:
        return ()
    result.guesses -= 1
    return _nearest(names, name, kind)


def _nearest(names: Index, name: str, kind: Kind) -> tuple[tuple[Kind, str], ...]:
    """The rules whose names are within a few slips of the pen; all that are nearly as close as the closest."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    extracted = extract(name, names.keys(kind), scorer=OSA.distance, score_cutoff=_slips(len(name)), limit=None)
    near = [(key, int(slips)) for key, slips, _ in extracted if _may_be(name, key, int(slips))]
    closest = min((slips for _, slips in near), default=0)
    rules = [rule for key, slips in near if slips <= closest + 1 for rule in names.wanted(key, kind)]
    return tuple(dict.fromkeys(rules))


def _may_be(name: str, key: str, slips: int) -> bool:
    """Whether this many slips are few for so short a name, and no letter or number that stands alone differs.

    One letter is all that tells vitamin C from vitamin K, so such short words must agree.
    """
    return slips <= _slips(min(len(key), len(name))) and short_words(name) == short_words(key)


def short_words(name: str) -> list[str]:
    """The words of a name that tell it from others by one letter or number: "k2" of vitamin K2."""
    return [word for word in name.split() if len(word) < 3 or any(char.isdigit() for char in word)]


def _slips(length: int) -> int:
    """How many letters may be wrong, missing, doubled or swapped in a name of this length."""
    return 0 if length < 5 else 1 if length < 9 else 2 if length < 13 else 3
