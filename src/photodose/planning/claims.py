"""Claims of an advert or article, each answered: certainty, what trials found, physics, and one device's dose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from photodose import devices, evidence
from photodose.data import Source
from photodose.data.schema_evidence import Indication, usable
from photodose.devices import Device, true_ratio
from photodose.evidence.claims import Amount, FoundClaim, find_claims, general_answer, rules, speaks_of_light
from photodose.evidence.claims.patterns import compile_phrases
from photodose.evidence.claims.tokens import normalise
from photodose.planning.claims_depth import DepthQuestion, DepthShare, depth_question, depth_shares, share_words
from photodose.planning.claims_session import Session
from photodose.quantities import Estimate, InputError, plain
from photodose.tissue import Skin

MAX_CHARACTERS: Final = 2_000_000
MAX_CONTROL: Final = 0.01
"""Share of control characters above which a text is taken for a binary file."""
ENGLISH: Final = frozenset(
    ["the", "and", "of", "to", "in", "is", "it", "for", "you", "with", "that", "on", "your", "are", "this", "we", "our"]
)
PEAKS_FROM: Final = 100_000
"""Characters of a text that are searched for the wavelengths of the device it speaks of."""
_PEAKS: Final = re.compile(
    r"(?P<range> (?:between|from))? (?P<list>\d{3,4}(?: (?:,|and|or|to|nm) (?:and )?\d{3,4}){0,6}) nm(?= )"
)
_WARNING_KINDS: Final = frozenset({"safety", "side_effects", "skin_types", "eyes"})
_POLARITY_WORDS: Final = {
    "asserted": "",
    "hedged": "Put cautiously in the text. ",
    "negated": "The text itself denies or limits this. ",
}


@dataclass(frozen=True)
class JudgedClaim:
    """One claim with its answer.

    Attributes
    ----------
    found : FoundClaim
    certainty : str or None
        GRADE certainty of the goal's evidence; None where the claim has no indication.
    verdict_kind : str
        That of the indication (supported, plausible, unproven, ...), or "explained" for claims without one.
    verdict : str
    numbers : mapping
        `claimed`: numbers in the sentence; `studies`: what each study that was read found; `physics`: what light does.
    reached : mapping or None
        Whether the device's session reaches the trial's dose; None without a device.
    sources : tuple of Source
    """

    found: FoundClaim
    certainty: str | None
    verdict_kind: str
    verdict: str
    numbers: dict[str, Any]
    reached: dict[str, Any] | None
    sources: tuple[Source, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "sentence": self.found.sentence,
            "start": self.found.start,
            "end": self.found.end,
            "kind": self.found.kind,
            "goal": self.found.goal,
            "polarity": self.found.polarity,
            "certainty": self.certainty,
            "verdict": self.verdict,
            "numbers": plain(self.numbers),
            "reached": plain(self.reached),
        }


@dataclass(frozen=True)
class ClaimsAnswer:
    """All claims of a text, answered; `text` is the text as it was given, to which the offsets refer."""

    text: str
    claims: tuple[JudgedClaim, ...]
    device: Device | None
    skin: Skin | None
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `photodose claims` (interface.md)."""
        return {
            "claims": [item.to_dict() for item in self.claims],
            "sources": self.sources(),
            "warnings": list(self.warnings),
        }

    def sources(self) -> list[dict[str, Any]]:
        """Every source behind the answers, once."""
        unique = {(s.citation, s.url): s for item in self.claims for s in item.sources}
        return [plain(source) for source in unique.values()]

    def to_html(self) -> str:
        """One self-contained page: the text with every claim marked in place, and the answers below."""
        from photodose.planning.claims_page import page

        return page(self)


def claims(
    text: str, device: Device | str | None = None, skin: Skin | None = None, assume: bool = False
) -> ClaimsAnswer:
    """Find every claim that a text makes for treatment with light, and answer each.

    Parameters
    ----------
    text : str
        An advert or article in English, at most 2 million characters.
    device : Device, str or None
        Judge also whether a session with this device reaches the dose of a trial; needs `skin`. The text is then taken
        to be about this device even if it never says "light".
    skin : Skin or None
        Whose skin; for depths a fitting site of type III unless given.
    assume : bool
        Take a labelled prior where the device has no published irradiance.

    Returns
    -------
    ClaimsAnswer
        Deterministic: the same text, data and version give the same answer.

    Raises
    ------
    InputError
        If the text is empty, too long or no text, or a device comes without a skin.
    """
    _check(text)
    if device is not None and skin is None:
        raise InputError("give the skin (site and type or ITA) too: what a device reaches depends on it.")
    unit = devices.device(device) if isinstance(device, str) else device
    found = find_claims(text, about_light=unit is not None)
    session = None if unit is None or skin is None else Session.of(unit, skin, found, assume)
    context = _Context(unit, skin, session, _peaks(text, unit))
    judged = tuple(context.judge(item) for item in found)
    return ClaimsAnswer(text, judged, unit, skin, tuple(_warnings(text, found, unit, session)))


def _check(text: str) -> None:
    if not isinstance(text, str):
        raise InputError(f"claims wants a text, not a {type(text).__name__}.")
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            f"the text is longer than {MAX_CHARACTERS // 1_000_000} million characters; give one advert or article."
        )
    if not text.strip():
        raise InputError("the text is empty; give an advert or an article.")
    control = sum(1 for sign in text if (sign < " " and sign not in "\n\r\t\f\v") or sign == "\ufffd")
    if "\x00" in text or control > MAX_CONTROL * len(text) or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise InputError("this is not plain text (it looks like a binary file); give an advert or an article as text.")


def _peaks(text: str, unit: Device | None) -> tuple[float, ...]:
    """Wavelengths of the device, or else those that the text names one by one; a range "600 to 900 nm" is none [nm]."""
    if unit is not None:
        return unit.wavelengths_nm
    found: set[float] = set()
    for match in _PEAKS.finditer(normalise(text[:PEAKS_FROM])):
        if match["range"] is None and " to " not in match["list"]:
            found.update(float(value) for value in re.findall(r"\d+(?:\.\d+)?", match["list"]))
    return tuple(sorted(found))


def _warnings(text: str, found: Sequence[FoundClaim], unit: Device | None, session: Session | None) -> list[str]:
    result: list[str] = []
    words = normalise(text[:20_000]).split()
    if len(words) >= 30 and sum(word in ENGLISH for word in words) < 0.06 * len(words):
        result.append("The rules read English; this text looks like another language, so claims may be missed.")
    if not found:
        light = unit is not None or speaks_of_light(text)
        result.append(
            "No claim for light was found in this text."
            if light
            else "This text does not speak of treatment with light, so nothing was checked."
        )
    elif unit is None and not speaks_of_light(text):
        result.append(
            "This text hardly speaks of light: it was checked as if it were about a light device; if it is about"
            " something else, these answers do not hold for it."
        )
    if session is not None and session.minutes_from == "assumed":
        result.append(
            f"Neither the text nor the device gives the minutes of a session; {session.minutes:g} were taken."
        )
    if unit is not None and unit.recalled:
        result.append(f"{unit.name} was recalled: {unit.recalls[0].reason}")
    return result


@dataclass
class _Context:
    """What all claims of one text share."""

    device: Device | None
    skin: Skin | None
    session: Session | None
    peaks_nm: tuple[float, ...]
    _shares: dict[DepthQuestion, tuple[DepthShare, ...]] = field(default_factory=dict)

    def judge(self, found: FoundClaim) -> JudgedClaim:
        """The answer to one claim."""
        if found.kind == "depth":
            return self._depth(found)
        if found.kind == "irradiance":
            return self._irradiance(found)
        if found.goal is not None:
            return self._goal(found, evidence.indication(found.goal))
        answer = general_answer(found.kind, found.normalised)
        verdict = _opening(found) + answer.verdict
        if found.kind == "regulatory" and answer.id != "nasa" and self.device is not None:
            verdict += " " + _clearance_words(self.device)
        return JudgedClaim(found, None, "explained", verdict, _claimed(found.amounts), None, answer.sources)

    def _goal(self, found: FoundClaim, record: Indication) -> JudgedClaim:
        numbers = _claimed(found.amounts)
        rows, sources = _studies(record.id)
        numbers["studies"] = [*rows]
        outcome = found.kind in {"benefit", "condition"}
        reached = self.session.reached(record) if self.session is not None and outcome else None
        verdict = _opening(found) + record.verdict
        return JudgedClaim(found, record.certainty, record.verdict_kind, verdict, numbers, reached, sources)

    def _depth(self, found: FoundClaim) -> JudgedClaim:
        answer = general_answer("depth", found.normalised)
        question = depth_question(found.normalised, found.amounts, self.peaks_nm)
        if question not in self._shares:
            self._shares[question] = depth_shares(question, self.skin)
        shares = self._shares[question]
        numbers = {**_claimed(found.amounts), "physics": [item.to_dict() for item in shares]}
        verdict = f"{_opening(found)}{answer.verdict} {_depth_words(shares)}"
        reached = self.session.at_depth(shares) if self.session is not None and shares else None
        return JudgedClaim(found, None, "explained", verdict, numbers, reached, answer.sources)

    def _irradiance(self, found: FoundClaim) -> JudgedClaim:
        answer = general_answer("irradiance", found.normalised)
        ratio = true_ratio("claimed")
        rows = [
            {"claimed": item.value, "unit": item.unit, "likely": plain(ratio.estimate.scaled(item.value))}
            for item in found.amounts
            if item.unit in {"mW/cm2", "J/cm2"}
        ]
        numbers = {**_claimed(found.amounts), "physics": rows}
        verdict = _opening(found) + answer.verdict
        for row in rows:
            verdict += " " + _likely_words(row, ratio.estimate)
        return JudgedClaim(found, None, "explained", verdict, numbers, None, (*answer.sources, *ratio.sources))


def _opening(found: FoundClaim) -> str:
    """How the text puts the claim, before the answer; a warning about safety is no denial of a benefit."""
    if found.polarity == "negated" and found.kind in _WARNING_KINDS:
        return "A warning in the text. "
    return _POLARITY_WORDS[found.polarity]


def _claimed(amounts: Sequence[Amount]) -> dict[str, Any]:
    return {"claimed": [item.to_dict() for item in amounts]}


def _short(value: float) -> str:
    """Two significant digits without an exponent."""
    return f"{value:.2g}" if value < 100.0 else f"{round(value, 2 - len(str(int(value)))):.0f}"


def _likely_words(row: dict[str, Any], ratio: Estimate) -> str:
    likely = row["likely"]
    return (
        f"A printed {row['claimed']:g} {row['unit']} is likely {_short(likely['value'])} ({_short(likely['low'])} to "
        f"{_short(likely['high'])}): published comparisons put the true value at {ratio.value:.2g} times the claim."
    )


def _depth_words(shares: Sequence[DepthShare]) -> str:
    if not shares:
        return "A depth beyond 15 cm is further than any light of this kind can be computed or measured."
    pieces = [
        f"{share_words(item.share.value)} of the irradiance on the skin at {item.peak_nm:g} nm "
        f"({share_words(item.share.low)} to {share_words(item.share.high)}) at {item.place}"
        for item in shares
    ]
    first = shares[0]
    words = f"Computed for a wide lamp on the {first.site.replace('-', ' ')}, skin {first.skin_type}: " + "; ".join(
        pieces
    )
    if any(item.share.value > 1.0 for item in shares):
        words += ". More than 100 % is possible where scattered light passes many times"
    return words + ". A small lamp leaves less, since light spreads to the sides."


def _clearance_words(unit: Device) -> str:
    known = [item for item in unit.clearance if item.known == "yes"]
    if known:
        rows = "; ".join(
            ", ".join(part for part in (item.authority, item.number, item.date, item.claim) if part) for item in known
        )
        return f"For {unit.name} the catalogue holds: {rows}."
    if any(item.known == "no" for item in unit.clearance):
        return f"For {unit.name} a clearance was looked for and not found."
    return (
        f"The catalogue does not hold whether {unit.name} is cleared: nobody looked it up, or it was not found. "
        "Ask the maker for the 510(k) number."
    )


@cache
def _studies(goal: str) -> tuple[tuple[dict[str, Any], ...], tuple[Source, ...]]:
    """What every study that was read found for a claim, with its effects that may be used and fit the claim."""
    rows: list[dict[str, Any]] = []
    sources: list[Source] = []
    for finding in evidence.studies_for(goal):
        if not finding.read:
            continue
        study = finding.study
        rows.append(
            {
                "study": study.id,
                "citation": study.citation,
                "design": study.design,
                "n": usable(study.n),
                "direction": finding.direction,
                "outcome": finding.outcome,
                "effects": [
                    plain(
                        effect.model_dump(
                            include={"measure", "value", "low", "high", "unit", "compared_with", "at_weeks"}
                        )
                    )
                    for effect in study.effects
                    if effect.usable and _fits(goal, study.id, effect.measure)
                ],
            }
        )
        sources += study.sources
    return tuple(rows), tuple(sources)


def _fits(goal: str, study: str, measure: str) -> bool:
    """Whether an effect of a study belongs to this claim: it names it, or the study serves no other claim."""
    own = [rule for rule in rules().values() if rule.goal == goal]
    phrases = [phrase for rule in own for phrase in (*rule.names, *rule.says)]
    expression = compile_phrases(phrases)
    if expression is not None and expression.search(normalise(measure)):
        return True
    serving = [item.id for item in evidence.goals() if study in {e.study for e in evidence.indication(item.id).studies}]
    return serving == [goal]
