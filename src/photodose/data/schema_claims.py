"""Schema of the rules that find claims in a text, of the words that turn a claim round, and of general answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from photodose.data.schema import Record, Source

ClaimKind = Literal[
    "benefit",
    "condition",
    "depth",
    "time",
    "onset",
    "irradiance",
    "safety",
    "skin_types",
    "side_effects",
    "eyes",
    "medicines",
    "regulatory",
    "proof",
    "mechanism",
]
Polarity = Literal["asserted", "hedged", "negated"]
Phrase = Annotated[str, Field(min_length=1)]
"""Words with a small pattern language, see `photodose.evidence.claims.patterns`."""


class Example(Record):
    """A sentence that the rule must find, with the polarity it must read; the test runs every one."""

    text: Annotated[str, Field(min_length=3)]
    polarity: Polarity = "asserted"


class ClaimRule(Record):
    """One readable rule: a sentence makes this claim if it holds one of `says`, or one of `names` and of `effects`.

    `effects` lists phrases, or `@group` for a group of the files. `unless` silences the rule in a sentence.
    `polarity` "read" takes it from negation and hedging around the match; any other value is what the phrases mean.
    `hedgeable` lets hedging words soften such a fixed polarity. `in_condition` finds the claim in an if-clause too.
    `carries` takes kind and goal from the benefit that the same paragraph spoke of last, if there is one.
    `unless_negated` drops the claim where the sentence denies it ("not one centimetre lost in twelve weeks" tells not
    when).
    `one_clause` wants the name and the effect in one clause; `alone` finds it only beside no benefit.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    kind: ClaimKind
    goal: str | None = None
    says: tuple[Phrase, ...] = ()
    names: tuple[Phrase, ...] = ()
    effects: tuple[Phrase, ...] = ()
    unless: tuple[Phrase, ...] = ()
    polarity: Literal["read", "asserted", "hedged", "negated"] = "read"
    hedgeable: bool = False
    in_condition: bool = False
    carries: bool = False
    unless_negated: bool = False
    one_clause: bool = False
    alone: bool = False
    examples: Annotated[tuple[Example, ...], Field(min_length=1)]
    not_examples: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _finds_something(self) -> ClaimRule:
        if not self.says and not self.names:
            raise ValueError(f"{self.id}: neither 'says' nor 'names'")
        if bool(self.names) != bool(self.effects):
            raise ValueError(f"{self.id}: 'names' and 'effects' belong together")
        return self


class RuleFile(Record):
    """A file of rules that share a subject; `groups` are lists of phrases that rules refer to as `@group`."""

    title: str
    licence: str
    digitised_by: str
    groups: dict[str, tuple[Phrase, ...]] = Field(default_factory=dict)
    rules: tuple[ClaimRule, ...] = ()


class Cues(Record):
    """Words around a match that change what it says.

    `light` is any word for light. A text is about light treatment if it holds a phrase of `light_document`, or one of
    `treating_light` and one of `body` in a sentence; if it also speaks of `other_light` (hair removal, grow lamps), the
    first must be as frequent. `device` names what could be a light device though no light is named; `device_word` does
    so only beside an effect in its sentence; `gadget` are words that a light device is called by in a text about light.
    `other_treatment` says that a sentence speaks of something else, `need` that it describes a need and no effect,
    `warning` that it warns some people off. `attributed` says that a leaflet, a page or a seller is quoted, `confirmed`
    that the writer agrees; `asks` begins a true question.
    """

    title: str
    licence: str
    digitised_by: str
    light: tuple[Phrase, ...]
    treating_light: tuple[Phrase, ...]
    light_document: tuple[Phrase, ...]
    other_light: tuple[Phrase, ...]
    body: tuple[Phrase, ...]
    device: tuple[Phrase, ...]
    device_word: tuple[Phrase, ...]
    gadget: tuple[Phrase, ...]
    other_treatment: tuple[Phrase, ...]
    need: tuple[Phrase, ...]
    warning: tuple[Phrase, ...]
    neutral: tuple[Phrase, ...]
    negation_before: tuple[Phrase, ...]
    negation_clause: tuple[Phrase, ...]
    negation_sentence: tuple[Phrase, ...]
    open_nouns: tuple[Phrase, ...]
    hedge_before: tuple[Phrase, ...]
    attributed: tuple[Phrase, ...]
    confirmed: tuple[Phrase, ...]
    hedge_clause: tuple[Phrase, ...]
    hedge_sentence: tuple[Phrase, ...]
    clause_starts: tuple[Phrase, ...]
    yes: tuple[Phrase, ...]
    no: tuple[Phrase, ...]
    perhaps: tuple[Phrase, ...]
    asks: tuple[Phrase, ...]


class GeneralAnswer(Record):
    """What is said to a claim of a kind without an indication of its own; `when` narrows it to some sentences."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    kind: ClaimKind
    when: tuple[Phrase, ...] = ()
    verdict: Annotated[str, Field(min_length=20)]
    sources: tuple[Source, ...] = ()


class AnswerFile(Record):
    title: str
    licence: str
    digitised_by: str
    answers: Annotated[tuple[GeneralAnswer, ...], Field(min_length=1)]
