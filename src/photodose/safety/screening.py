"""Screening: may this person, with these medicines and conditions, use light of these bands?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from photodose.data import Source, nearest_names
from photodose.data.schema_safety import BandVerdict, Condition, Drug
from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.safety.bands import BANDS, check_bands
from photodose.safety.catalogue import Kind, condition_rules, drug_rules, index, rules_version, site_tags, words
from photodose.safety.matching import Match, find, short_words
from photodose.safety.rules import UNVERIFIED_NOTE, Circumstances, rule_of, strictest_bands, verdicts_for
from photodose.safety.verdicts import Verdict, strictest

ADULT_AGE = 18.0
OLDEST_AGE = 130.0
_SKIN_TYPES = ("I", "II", "III", "IV", "V", "VI")
_SHOWN = 80
_MOST_UNKNOWN = 50
_ALIKE = 0.7
_INSIDE = 90.0
_LEAST_INSIDE = 6
"""Letters that a name needs to be offered because it stands inside what was typed, or the other way round."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a verdict.

    Attributes
    ----------
    what : str
        What the person gave, as typed.
    kind : str
        "drug", "condition", "age", "skin_type", "recall" or "unknown".
    matched : str or None
        The name it was understood as; None where it is not known.
    match : str
        "name", "spelling" (misspelt, understood as `matched`), "rule" or "none".
    verdict : Verdict
        The strictest over the bands that the device emits.
    by_band : mapping of band to Verdict
        For blue, red and nir, also those that the device does not emit.
    why, still_possible, washout : str
        Plain words.
    source : str
        Short citations, and whether any of them was read.
    """

    what: str
    kind: str
    matched: str | None
    match: str
    verdict: Verdict
    by_band: Mapping[str, Verdict] = field(hash=False)
    why: str
    still_possible: str
    washout: str | None
    source: str
    rule_id: str | None = None
    sources: tuple[Source, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "kind": self.kind,
            "matched": self.matched,
            "match": self.match,
            "verdict": self.verdict.value,
            "by_band": {band: self.by_band[band].value for band in BANDS},
            "why": self.why,
            "still_possible": self.still_possible,
            "washout": self.washout,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Screening:
    """The answer of `screen`; `verdict` is the strictest of its reasons, `exit_code` what the command line returns."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    unknown: tuple[str, ...]
    nearest: Mapping[str, tuple[str, ...]]
    bands: tuple[str, ...]
    rules_version: str
    sources: tuple[Source, ...]
    warnings: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        return self.verdict.exit_code

    def to_dict(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict.value,
            "reasons": [reason.to_dict() for reason in self.reasons],
            "unknown": list(self.unknown),
            "nearest": {name: list(names) for name, names in self.nearest.items()},
            "bands": list(self.bands),
            "rules_version": self.rules_version,
            "sources": [source.model_dump(exclude_none=True) for source in self.sources],
            "warnings": list(self.warnings),
        }


def screen(
    drugs: Iterable[str] | str = (),
    conditions: Iterable[str] | str = (),
    bands: Iterable[str] | None = None,
    site: str | None = None,
    age: float | None = None,
    skin_type: str | int | None = None,
    pulsed: bool = False,
    recalls: Iterable[str | Mapping[str, Any] | BaseModel] | str = (),
) -> Screening:
    """Judge whether a person may use light of these bands at home.

    Parameters
    ----------
    drugs, conditions : iterable of str
        As a person would type them: ingredients, brands, skincare, misspellings, several in one text. Any length.
    bands : iterable of str, optional
        What the device emits, of "blue", "red", "nir" (see `bands_of`); None for all.
    site : str, optional
        Where the light falls; None takes the strictest of all sites.
    age : float, optional
        In years, 0 to 130.
    skin_type : str or int, optional
        Fitzpatrick type I to VI, or 1 to 6.
    pulsed : bool
        Whether the light flashes in a way that eyes or nerves could follow.
    recalls : iterable of str, mapping or record
        Recalls of the device: the recall's own words, or something with a "reason".

    Returns
    -------
    Screening
        With one reason for each thing given. An unknown name is at least "ask".

    Raises
    ------
    InputError, RangeError, UnknownNameError
        For a name that is not text, an unknown band, site or skin type, or an impossible age.

    Examples
    --------
    >>> answer = screen(drugs=["Vibramycin"], bands={"red", "nir"})
    >>> answer.verdict.value, answer.reasons[0].matched
    ('caution', 'doxycycline')
    """
    emitted = check_bands(bands)
    around = Circumstances(None if site is None else site_tags(site), pulsed)
    reasons: list[Reason] = []
    unknown: list[tuple[str, Kind]] = []
    kinds: tuple[tuple[Kind, Iterable[str] | str], ...] = (("drug", drugs), ("condition", conditions))
    for kind, texts in kinds:
        for text in _texts(kind, texts):
            matches = find(text, kind)
            for match in matches.found:
                reasons.extend(_reasons_of(match, emitted, around))
            unknown.extend((name, kind) for name in matches.unknown)
    reasons.extend(_personal_reasons(age, skin_type, emitted, around))
    reasons.extend(_recall_reason(recall) for recall in ([recalls] if isinstance(recalls, str) else recalls))
    named = _named_unknown(unknown)
    reasons.extend(_unknown_reason(name, kind, nearest) for name, (kind, nearest) in named.items())
    reasons = sorted(dict.fromkeys(reasons), key=lambda reason: -reason.verdict.rank)
    return Screening(
        verdict=strictest(reason.verdict for reason in reasons),
        reasons=tuple(reasons),
        unknown=tuple(named),
        nearest={name: nearest for name, (_, nearest) in named.items() if nearest},
        bands=emitted,
        rules_version=rules_version(),
        sources=tuple(dict.fromkeys(source for reason in reasons for source in reason.sources)),
        warnings=_warnings(reasons, bool(named)),
    )


def _texts(kind: Kind, texts: Iterable[str] | str) -> list[str]:
    if not isinstance(texts, Iterable):
        raise InputError(f"{kind}s must be given as texts, not as {type(texts).__name__}.")
    given = [texts] if isinstance(texts, str) else list(texts)
    for text in given:
        if not isinstance(text, str):
            raise InputError(f"a {kind} must be given as text, not as {type(text).__name__}.")
    return given


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _reasons_of(match: Match, emitted: tuple[str, ...], around: Circumstances) -> list[Reason]:
    """One reason for each rule that is meant; where only one of several can be meant, one that takes the strictest."""
    each = [replace(match, rules=(rule,)) for rule in match.rules] if match.how == "name" else [match]
    return [_reason(one, emitted, around) for one in each]


def _reason(match: Match, emitted: tuple[str, ...], around: Circumstances) -> Reason:
    found = [(kind, rule_of(kind, rule_id)) for kind, rule_id in match.rules]
    sets = [verdicts_for(rule, around, match.phrases, match.days) for _, rule in found]
    merged = strictest_bands(sets)
    leading = max(range(len(sets)), key=lambda i: strictest(sets[i][band].verdict for band in emitted).rank)
    kind, rule = found[leading]
    names = [rule.name, *(other.name for _, other in found if other is not rule)]
    merged = _careful(merged) if match.how == "spelling" else merged
    verdict = strictest(merged[band].verdict for band in emitted)
    washout = rule.washout.text if isinstance(rule, Drug) and rule.washout else None
    why = [_read_as(match.typed, names)] if match.how == "spelling" else []
    why += [rule.why, *_band_words(merged, emitted, verdict)]
    why += [] if rule.verified else [UNVERIFIED_NOTE]
    return Reason(
        what=_short(match.typed),
        kind=kind,
        matched=" or ".join(names),
        match=match.how,
        verdict=verdict,
        by_band={band: Verdict(merged[band].verdict) for band in BANDS},
        why=" ".join(why),
        still_possible=rule.still_possible,
        washout=washout,
        source=_cite(rule.sources),
        rule_id=rule.id,
        sources=tuple(rule.sources),
    )


def _careful(merged: Mapping[str, BandVerdict]) -> dict[str, BandVerdict]:
    """A name that had to be guessed is never clear."""
    guess = BandVerdict(verdict="caution", reason="The name was a guess, so check the spelling.")
    return strictest_bands([dict.fromkeys(BANDS, guess), merged])


def _read_as(typed: str, names: list[str]) -> str:
    if len(names) == 1:
        return f"We read {_short(typed)} as {names[0]}."
    return f"{_short(typed)} could be {' or '.join(names)}. We took the one with the strictest rule."


def _band_words(merged: Mapping[str, BandVerdict], emitted: tuple[str, ...], verdict: Verdict) -> list[str]:
    """The reasons of the bands that decide, each once."""
    return list(dict.fromkeys(merged[band].reason for band in emitted if merged[band].verdict == verdict))


def _cite(sources: Iterable[Source]) -> str:
    return "; ".join(f"{source.citation} ({source.confidence.replace('_', ' ')})" for source in sources)


def _personal_reasons(
    age: float | None, skin_type: str | int | None, emitted: tuple[str, ...], around: Circumstances
) -> list[Reason]:
    """The reasons that follow from age and skin type, from the rules of the same name among the conditions."""
    asked: list[tuple[str, str, str]] = []
    if age is not None:
        if not hasattr(age, "__float__"):
            raise InputError(f"age must be given as a number of years, not as {type(age).__name__}.")
        if not 0.0 <= age <= OLDEST_AGE:
            raise RangeError("age", age, 0.0, OLDEST_AGE)
        if age < ADULT_AGE:
            asked.append(("age", f"age {age:g}", "under-18"))
    if skin_type is not None and _skin_type(skin_type) in _SKIN_TYPES[3:]:
        asked.append(("skin_type", f"skin type {_skin_type(skin_type)}", "skin-type-4-to-6"))
    reasons = []
    for kind, what, rule_id in asked:
        found = _reason(Match(what, (("condition", rule_id),), "rule"), emitted, around)
        reasons.append(replace(found, kind=kind))
    return reasons


def _skin_type(skin_type: str | int) -> str:
    text = str(skin_type).strip().upper()
    if text.isascii() and text.isdigit() and 1 <= int(text) <= len(_SKIN_TYPES):
        return _SKIN_TYPES[int(text) - 1]
    if text not in _SKIN_TYPES:
        raise UnknownNameError("skin type", str(skin_type), _SKIN_TYPES)
    return text


def _recall_reason(recall: str | Mapping[str, Any] | BaseModel) -> Reason:
    """A recall of the device: at least "ask", in every band, with the recall's own words."""
    if not isinstance(recall, str | Mapping | BaseModel):
        raise InputError(f"a recall must be given as text or as a record, not as {type(recall).__name__}.")
    record = {"reason": recall} if isinstance(recall, str) else dict(recall)
    text = str(record.get("reason") or "").strip().rstrip(".")
    if not text:
        raise InputError("a recall needs its words: give text, or a record with a 'reason'.")
    source = record.get("source")
    issued = [str(record[key]) for key in ("authority", "date") if record.get(key)]
    return Reason(
        what=_short(str(record.get("product") or "this device")),
        kind="recall",
        matched="recall",
        match="rule",
        verdict=Verdict.ASK,
        by_band=dict.fromkeys(BANDS, Verdict.ASK),
        why=f"This device was called back. The notice says: {text}.",
        still_possible="Ask the maker if yours is one of them. Ask a doctor or an eye doctor before you use it.",
        washout=None,
        source=", ".join(["recall notice", *issued]),
        sources=(source,) if isinstance(source, Source) else (),
    )


def _named_unknown(unknown: list[tuple[str, Kind]]) -> dict[str, tuple[Kind, tuple[str, ...]]]:
    """What is unknown, shortened, each once, with the nearest names that are known."""
    named: dict[str, tuple[Kind, tuple[str, ...]]] = {}
    for text, kind in unknown:
        shown = _short(text)
        if shown not in named and len(named) < _MOST_UNKNOWN:
            named[shown] = (kind, _suggestions(shown, kind))
    return named


def _suggestions(name: str, kind: Kind) -> tuple[str, ...]:
    """The nearest known names, none for a medicine that is spelt right and has no rule.

    A name is offered only if seven of ten letters agree, or if nine of ten stand inside what was typed (or the other
    way round): far names help nobody, and one of them might be taken for the right one.
    """
    from rapidfuzz import fuzz
    from rapidfuzz.distance import OSA

    typed = " ".join(words(name))
    if not typed or typed in index().entries:
        return ()

    def alike(known: str) -> bool:
        if short_words(known) != short_words(typed):  # vitamin K2 is no vitamin B2
            return False
        inside = min(len(known), len(typed)) >= _LEAST_INSIDE and fuzz.partial_ratio(typed, known) >= _INSIDE
        return inside or OSA.normalized_similarity(typed, known) >= _ALIKE

    near = nearest_names(typed, index().keys(kind), limit=12, cutoff=70.0)
    return tuple(known for known in near if alike(known))[:3]


def _unknown_reason(name: str, kind: Kind, nearest: tuple[str, ...]) -> Reason:
    hint = f"Did you mean {' or '.join(nearest)}? If so, type that name. If not, ask" if nearest else "Ask"
    return Reason(
        what=name,
        kind="unknown",
        matched=None,
        match="none",
        verdict=Verdict.ASK,
        by_band=dict.fromkeys(BANDS, Verdict.ASK),
        why="We have no rule for this name. That does not mean that it is safe with light.",
        still_possible=f"{hint} a {'pharmacist or doctor' if kind == 'drug' else 'doctor'} before you use the light.",
        washout=None,
        source="no rule",
    )


def _warnings(reasons: list[Reason], any_unknown: bool) -> tuple[str, ...]:
    found = []
    if any_unknown:
        found.append("Some names are not known here; nobody judged them.")
    if any(reason.match == "spelling" for reason in reasons):
        found.append("Some names were guessed from their spelling; check what they were read as.")
    if not reasons:
        found.append("No rule applies to what was given; that is not proof of safety.")
    return tuple(found)


def drugs(text: str | None = None) -> list[Drug]:
    """The drugs that the rules cover, or those that a text names or may mean.

    Parameters
    ----------
    text : str, optional
        Part of a name, a brand, a class, or a misspelling; None lists all.

    Returns
    -------
    list of Drug
        Rules sorted by name, those found by the whole name first; empty where nothing fits.
    """
    rules = drug_rules()
    if text is None:
        return sorted(rules.values(), key=lambda drug: drug.name.casefold())
    wanted = " ".join(words(text))
    named = [rule_id for match in find(text, "drug").found for kind, rule_id in match.rules if kind == "drug"]
    if wanted:
        for drug in drugs():
            searched = (" ".join(words(name)) for name in [*drug.names(), drug.drug_class])
            if any(wanted in name for name in searched):
                named.append(drug.id)
    return [rules[rule_id] for rule_id in dict.fromkeys(named)]


def conditions() -> list[Condition]:
    """All conditions that the rules cover, sorted by name."""
    return sorted(condition_rules().values(), key=lambda condition: condition.name.casefold())
