"""Claims in a text: every sentence against every rule, then what the sentence does with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from photodose.data import load_document
from photodose.data.loader import document_names
from photodose.data.schema_claims import ClaimKind, ClaimRule, Polarity, RuleFile
from photodose.evidence.catalogue import goals, indication
from photodose.evidence.claims.amounts import Amount, amounts
from photodose.evidence.claims.patterns import compile_phrases
from photodose.evidence.claims.reading import Reading, cues, opening_of, read
from photodose.evidence.claims.sentences import Sentence, split_sentences
from photodose.evidence.claims.subjects import Subject, subject, subject_of_sentence
from photodose.evidence.claims.tokens import normalise
from photodose.quantities import DataError

FOLDER: Final = "evidence/claims"
NEIGHBOURS: Final = 15
"""A sentence counts if light is spoken of within so many sentences of it."""
_OUTCOMES: Final = frozenset({"benefit", "condition"})
_WITHOUT_SUBJECT: Final = frozenset({"medicines", "eyes", "irradiance"})
"""Kinds that need no subject; a claim of every other kind belongs to what its clause speaks of."""
_CARRY: Final = 3
"""How many sentences a goal is remembered, for one that says no more than "the effect is small"."""
_COMPLETE: Final = _OUTCOMES | {"time", "onset", "depth", "irradiance"}
"""A sentence with a claim of these kinds stands by itself; it takes none from a question before it."""
_NAME: Final = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z]{3,}")
_SMALL: Final = re.compile(r"\b[a-z]{4,}")
_SCHEDULE: Final = frozenset({"time", "onset"})
"""Kinds that any text may hold (a recipe has minutes): alone they make no text one about a device."""


@dataclass(frozen=True, slots=True)
class FoundClaim:
    """One claim of a text.

    Attributes
    ----------
    sentence : str
        `text[start:end]`.
    start, end : int
        Character offsets in the text.
    kind, goal, polarity : str
        Goal is an id of the evidence base, or None where it has no record for this kind of claim.
    rule : str
        Id of the rule that found it.
    amounts : tuple of Amount
        Numbers with units in the sentence.
    normalised : str
        The sentence as the rules saw it.
    """

    sentence: str
    start: int
    end: int
    kind: ClaimKind
    goal: str | None
    polarity: Polarity
    rule: str
    amounts: tuple[Amount, ...]
    normalised: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule with its expressions."""

    record: ClaimRule
    says: re.Pattern[str] | None
    names: re.Pattern[str] | None
    effects: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def match(self, reading: Reading, start: int = 0) -> tuple[int, int] | None:
        """Where the rule matches, as (start, end) in the normalised sentence."""
        text = reading.text if self.record.in_condition else reading.free
        if self.unless is not None and self.unless.search(text):
            return None
        said = self.says.search(text, start) if self.says is not None else None
        if said is not None:
            return said.span()
        if self.names is None or self.effects is None:
            return None
        pair = _nearest(list(self.names.finditer(text)), list(self.effects.finditer(text)), reading)
        if pair is not None and self.record.one_clause and reading.clause(pair[0]) != reading.clause(pair[1] - 1):
            return None
        return pair


def _nearest(
    names: Sequence[re.Match[str]], effects: Sequence[re.Match[str]], reading: Reading
) -> tuple[int, int] | None:
    """The closest pair of a name and an effect, a pair inside one clause before any other."""
    best: tuple[bool, int, int, int] | None = None
    for name in names[:8]:
        clause = reading.clause(name.start())
        for effect in effects[:24]:
            if effect.start() < name.end() and name.start() < effect.end():
                continue
            apart = max(effect.start() - name.end(), name.start() - effect.end())
            inside = clause[0] <= effect.start() < clause[1]
            pair = (not inside, apart, min(name.start(), effect.start()), max(name.end(), effect.end()))
            best = pair if best is None or pair < best else best
    return None if best is None else (best[2], best[3])


@cache
def rules() -> Mapping[str, ClaimRule]:
    """All rules by id, with the groups they refer to written out; a goal without a rule gets one from its phrases.

    Raises
    ------
    DataError
        If an id stands twice or a rule refers to a goal or group that does not exist.
    """
    files = [load_document(name, RuleFile) for name in document_names(FOLDER) if "/rules_" in name]
    groups = {name: phrases for file in files for name, phrases in file.groups.items()}
    found: dict[str, ClaimRule] = {}
    known = {goal.id for goal in goals()}
    for rule in (rule for file in files for rule in file.rules):
        if rule.id in found:
            raise DataError(f"claims: the rule {rule.id} stands twice")
        if rule.goal is not None and rule.goal not in known:
            raise DataError(f"claims: the rule {rule.id} refers to the goal {rule.goal}, which is in no file")
        found[rule.id] = rule.model_copy(update={"effects": _written_out(rule, groups)})
    for goal in sorted(known - {rule.goal for rule in found.values()}):
        found[f"phrases_of_{goal}"] = _from_phrases(goal, groups["improves"])
    return found


def _written_out(rule: ClaimRule, groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    result: list[str] = []
    for phrase in rule.effects:
        if phrase.startswith("@"):
            if phrase[1:] not in groups:
                raise DataError(f"claims: the rule {rule.id} refers to the group {phrase}, which is in no file")
            result += groups[phrase[1:]]
        else:
            result.append(phrase)
    return tuple(result)


def _from_phrases(goal: str, effects: tuple[str, ...]) -> ClaimRule:
    """A rule for a goal that has none: what the evidence base itself lists as its words."""
    phrases = indication(goal).phrases
    names = tuple(normalise(phrase).strip() + "*" for phrase in phrases)
    return ClaimRule.model_validate(
        {
            "id": f"phrases_of_{goal}",
            "kind": "benefit",
            "goal": goal,
            "names": names,
            "effects": effects,
            "examples": [{"text": f"It helps with {phrases[0]}."}],
        }
    )


@cache
def _compiled_rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            record,
            compile_phrases(record.says),
            compile_phrases(record.names),
            compile_phrases(record.effects),
            compile_phrases(record.unless),
        )
        for record in rules().values()
    )


def speaks_of_light(text: str) -> bool:
    """Whether a text is about treatment with light: it says so, or coloured light and the body meet in one sentence."""
    return _is_about([normalise(sentence.text) for sentence in split_sentences(text)])


def _is_about(tokens: Sequence[str]) -> bool:
    """Whether a text is about treatment with light, and not rather about another use of it (hair removal)."""
    others = sum(cues().other_light.search(item) is not None for item in tokens)
    if others:
        return sum(cues().light_document.search(item) is not None for item in tokens) >= others
    return any(_about(item)[1] for item in tokens)


def _about(normalised: str) -> tuple[bool, bool]:
    """Whether a sentence speaks of light, and whether it makes the whole text one about light treatment."""
    known = cues()
    light = known.light.search(normalised) is not None
    whole = known.light_document.search(normalised) is not None
    treated = known.treating_light.search(normalised) is not None and known.body.search(normalised) is not None
    return light or whole, whole or treated


def find_claims(text: str, about_light: bool = False) -> list[FoundClaim]:
    """Every claim that a text makes for treatment with light, in the order of the text.

    Parameters
    ----------
    text : str
        English prose, an advert, or a page as copied.
    about_light : bool
        True if it is known that the text is about a light device though it does not say so.

    Returns
    -------
    list of FoundClaim
        At most one for each sentence, kind and goal; empty where the text neither speaks of light treatment nor reads
        like an advert of a device ("this mask reduces fine lines", "clinically proven to regrow hair").
    """
    sentences = split_sentences(text)
    tokens = [normalise(sentence.text) for sentence in sentences]
    if about_light or _is_about(tokens):
        return _in_sentences(sentences, tokens, _near_light(sentences, tokens, about_light))
    if any(cues().other_light.search(item) is not None for item in tokens) or _of_others(tokens):
        return []
    found = _in_sentences(sentences, tokens, _near_device(sentences, tokens))
    return found if any(claim.kind not in _SCHEDULE for claim in found) else []


def _in_sentences(sentences: Sequence[Sentence], tokens: Sequence[str], chosen: Sequence[bool]) -> list[FoundClaim]:
    found: list[FoundClaim] = []
    before: Subject | None = None
    carried = _Carried()
    for index, sentence in enumerate(sentences):
        own = tokens[index]
        doubted = sentence.question and _is_doubt(own)
        if chosen[index] and (doubted or not sentence.question):
            quoted = _is_quoted(sentences, tokens, index)
            claims = _in_sentence(
                sentence, own, _question_before(sentences, tokens, index), before, carried.at(sentence, index)
            )
            softened = doubted or quoted
            claims = [
                replace(claim, polarity="hedged") if softened and claim.polarity == "asserted" else claim
                for claim in claims
            ]
            found.extend(claims)
            carried.keep(sentence, index, claims)
        before = subject_of_sentence(read(own), before)
    return found


class _Carried:
    """The kind and goal of the last benefit spoken of, for "the effect is small" in the same paragraph."""

    def __init__(self) -> None:
        self._last: tuple[int, int, FoundClaim] | None = None

    def keep(self, sentence: Sentence, index: int, claims: Sequence[FoundClaim]) -> None:
        outcomes = [claim for claim in claims if claim.kind in _OUTCOMES and claim.goal is not None]
        if len(outcomes) == 1:
            self._last = (index, sentence.block, outcomes[0])
        elif outcomes:
            self._last = None

    def at(self, sentence: Sentence, index: int) -> FoundClaim | None:
        if self._last is None:
            return None
        near = index - self._last[0] <= _CARRY and sentence.block == self._last[1]
        return self._last[2] if near else None


def _is_doubt(own: str) -> bool:
    """Whether a question is a note in doubt ("Sleep: better?", "Bit of a glow?") and asks nobody."""
    return (
        cues().asks.match(own, 1) is None
        and own.count(" ") <= 8
        and (" : " in own or own.startswith((" bit ", " a bit ", " slightly ", " maybe ")))
    )


def _is_quoted(sentences: Sequence[Sentence], tokens: Sequence[str], index: int) -> bool:
    """Whether a sentence is what a leaflet or page says, as the sentence before tells."""
    if index == 0 or sentences[index].text[0] not in "\"“‘'«":
        return False
    same = sentences[index].block == sentences[index - 1].block
    return same and cues().attributed.search(tokens[index - 1]) is not None


def _of_others(tokens: Sequence[str]) -> bool:
    """Whether a text speaks of other treatments more often than of anything that could be a light device."""
    others = sum(subject_of_sentence(read(item)) == "other" for item in tokens)
    return others > 3 * sum(cues().device.search(item) is not None for item in tokens)


def _near_light(sentences: Sequence[Sentence], tokens: Sequence[str], about_light: bool) -> list[bool]:
    """For each sentence whether light, or the device under its own name, is spoken of nearby, in a text about light."""
    if about_light:
        return [True] * len(tokens)
    names = _product_names(sentences, tokens)
    return _around([_about(item)[0] or any(name in item for name in names) for item in tokens])


def _product_names(sentences: Sequence[Sentence], tokens: Sequence[str]) -> frozenset[str]:
    """Words that a light is called by, as tokens: capitals inside a sentence about it, and never without them."""
    inside = {
        word.lower()
        for sentence, own in zip(sentences, tokens, strict=True)
        if _about(own)[1]
        for word in _NAME.findall(sentence.text)
    }
    small = {word for sentence in sentences for word in _SMALL.findall(sentence.text)}
    return frozenset(f" {word} " for word in inside - small)


def _near_device(sentences: Sequence[Sentence], tokens: Sequence[str]) -> list[bool]:
    """For each sentence whether a device is named or a strong claim made nearby, in a text that names no light."""
    return _around([_could_be_device(sentence, own) for sentence, own in zip(sentences, tokens, strict=True)])


def _could_be_device(sentence: Sentence, own: str) -> bool:
    """Whether a sentence could advertise a light device: it names one, or claims an effect with proof or per cent."""
    known = cues()
    if known.device.search(own) is not None:
        return True
    if sentence.question or known.other_treatment.search(own) is not None:
        return False
    reading = read(own)
    strong = " % " in own or known.device_word.search(own) is not None or _makes(reading, frozenset({"proof"}))
    return strong and _makes(reading, _OUTCOMES)


def _makes(reading: Reading, kinds: Set[str]) -> bool:
    """Whether a sentence makes a claim of one of these kinds."""
    return any(rule.record.kind in kinds and _polarity(rule, reading) is not None for rule in _compiled_rules())


def _around(hits: Sequence[bool]) -> list[bool]:
    """For each place whether a hit is within `NEIGHBOURS` of it."""
    near = [False] * len(hits)
    for index, hit in enumerate(hits):
        if hit:
            first, end = max(0, index - NEIGHBOURS), min(len(hits), index + NEIGHBOURS + 1)
            near[first:end] = [True] * (end - first)
    return near


def _question_before(sentences: Sequence[Sentence], tokens: Sequence[str], index: int) -> str:
    """The question that this sentence answers: the sentence before it, in the same paragraph or the one before."""
    if index == 0 or not sentences[index - 1].question:
        return ""
    close = sentences[index].block - sentences[index - 1].block <= 1
    return tokens[index - 1] if close else ""


def _in_sentence(
    sentence: Sentence, own: str, question: str, before: Subject | None = None, carried: FoundClaim | None = None
) -> list[FoundClaim]:
    found: dict[tuple[str, str | None], FoundClaim] = {}
    opening = opening_of(own) if question else None
    reading = read(own, opening)
    joined = _with_question(question, own, opening, reading)
    known = cues()
    need = known.need.search(own) is not None and not any(it.search(own) for it in (known.light, known.gadget))
    skip_outcomes = need or known.warning.search(own) is not None
    numbers: tuple[Amount, ...] | None = None
    for rule in _compiled_rules():
        record = rule.record
        kind, goal = record.kind, record.goal
        if record.carries and carried is not None:
            kind, goal = carried.kind, carried.goal
        skipped = skip_outcomes and kind in _OUTCOMES and record.polarity == "read"
        if (kind, goal) in found or skipped or (record.alone and any(key[0] in _OUTCOMES for key in found)):
            continue
        polarity = _polarity(rule, reading, before)
        if polarity is None and joined is not None:
            polarity = _polarity(rule, joined, before)
        if polarity is None:
            continue
        numbers = amounts(own) if numbers is None else numbers
        found[kind, goal] = FoundClaim(
            sentence.text, sentence.start, sentence.end, kind, goal, polarity, record.id, numbers, own
        )
    return list(found.values())


def _with_question(question: str, own: str, opening: Polarity | None, reading: Reading) -> Reading | None:
    """Question and answer read as one, where the sentence does answer: by yes or no, by denying or softening, or
    because the question is a fragment ("Breakouts? Gone."). A sentence with a claim or subject of its own answers only
    by yes or no: "Does it reduce wrinkles? Red light may help hair growth." says nothing about wrinkles."""
    if not question or cues().other_treatment.search(own) is not None:
        return None
    said = opening is not None and not own.startswith((" it ", " they "))
    if not said and _makes(reading, _COMPLETE):
        return None
    if any(own.find(f" {word} ") >= 0 for word in ("them", "these", "those")):
        return read(question.rstrip() + " " + own.lstrip(), opening, len(question.rstrip()) + 1)
    polarity = reading.polarity(1, len(own))
    softens = polarity == "hedged" and cues().light.search(own) is None
    if opening is None and polarity != "negated" and not softens and question.count(" ") > 4:
        return None
    return read(question.rstrip() + " " + own.lstrip(), opening, len(question.rstrip()) + 1)


def _polarity(rule: _Rule, reading: Reading, before: Subject | None = None) -> Polarity | None:
    """What the sentence does with the rule's claim; None if it does not make it."""
    span = rule.match(reading)
    if span is None:
        return None
    record = rule.record
    if record.kind not in _WITHOUT_SUBJECT and subject(reading, *span, before) == "other":
        return None
    if record.polarity == "read":
        polarity = reading.polarity(*span)
        return None if record.unless_negated and polarity == "negated" else polarity
    if record.hedgeable and record.polarity == "asserted" and reading.hedged(*span):
        return "hedged"
    return record.polarity
