"""Schemas of the screening rules: drugs, conditions, sites, and names that are known but not covered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from photodose.data.schema import USABLE, Confidence, DocumentMeta, Record, Source

VerdictName = Literal["clear", "caution", "ask", "stop"]
DrugKind = Literal["medicine", "skincare", "supplement", "dye", "pdt"]
Text = Annotated[str, Field(min_length=2)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class BandVerdict(Record):
    """The verdict for one band of light, with its reason in plain words."""

    verdict: VerdictName
    reason: Text


class ByBand(Record):
    """Verdicts for blue (400-500 nm), red (600-700 nm) and near infrared (700-1100 nm)."""

    blue: BandVerdict
    red: BandVerdict
    nir: BandVerdict

    def has_clear(self) -> bool:
        return "clear" in (self.blue.verdict, self.red.verdict, self.nir.verdict)


class Brands(Record):
    """Brand names by market."""

    us: tuple[str, ...] = ()
    uk: tuple[str, ...] = ()
    eu: tuple[str, ...] = ()
    confidence: Confidence = "unverified"

    def all(self) -> list[str]:
        return [*self.us, *self.uk, *self.eu]


class Washout(Record):
    """How long the verdict holds after the last use; `hours` is None where no source gives an interval."""

    text: Text
    hours: float | None = Field(default=None, ge=0.0)
    confidence: Confidence


class Form(Record):
    """A milder verdict that holds only when the person has said so with one of the phrases."""

    phrases: Annotated[list[str], Field(min_length=1)]
    when: Text
    by_band: ByBand


class Rule(Record):
    """What drugs and conditions share.

    A rule without any source that was read never holds the verdict "clear": what nobody verified may make an answer
    stricter, never milder.
    """

    id: Id
    name: Text
    synonyms: tuple[str, ...] = ()
    by_band: ByBand
    forms: tuple[Form, ...] = ()
    why: Text
    still_possible: Text
    sources: Annotated[list[Source], Field(min_length=1)]

    @property
    def verified(self) -> bool:
        """Whether at least one source was read."""
        return any(source.confidence in USABLE for source in self.sources)

    @property
    def may_be_clear(self) -> bool:
        """Whether enough was read for the verdict "clear" in some band."""
        return self.verified

    def verdict_sets(self) -> list[ByBand]:
        """Every set of verdicts that this rule can answer with."""
        return [self.by_band, *(form.by_band for form in self.forms)]

    @model_validator(mode="after")
    def _unverified_is_never_clear(self) -> Rule:
        if not self.may_be_clear and any(verdicts.has_clear() for verdicts in self.verdict_sets()):
            raise ValueError(f"{self.id}: 'clear' needs a source that was read")
        return self


class Drug(Rule):
    """A medicine, skincare ingredient, supplement, dye or photodynamic agent."""

    kind: DrugKind
    rxnorm_name: str | None = None
    drug_class: Text
    brands: Brands = Brands()
    action_spectrum: Text
    spectrum_confidence: Confidence
    peaks_nm: tuple[Annotated[float, Field(ge=200.0, le=1100.0)], ...] = ()
    washout: Washout | None = None
    evidence_strength: Text

    @property
    def may_be_clear(self) -> bool:
        """A drug is clear in a band only where both its reaction and its action spectrum were read."""
        return self.verified and self.spectrum_confidence in USABLE

    def names(self) -> list[str]:
        """Every name by which the drug is found."""
        own = [self.name, self.id, *([self.rxnorm_name] if self.rxnorm_name else [])]
        return [*own, *self.synonyms, *self.brands.all()]


class SiteRule(Record):
    """Verdicts that hold where the light falls on one of these sites."""

    sites: Annotated[list[str], Field(min_length=1)]
    by_band: ByBand


class Condition(Rule):
    """A state of health, an implant, a procedure or a life stage.

    `by_band` holds at every site without a rule of its own; `pulsed` holds instead for pulsed light, everywhere;
    beyond `window_days` after the event the verdict is "caution". Within the window of the condition `recent` that one
    holds too, where the person says how long ago it was.
    """

    group: Text
    site_rules: tuple[SiteRule, ...] = ()
    pulsed: ByBand | None = None
    window_days: float | None = Field(default=None, gt=0.0)
    recent: Id | None = None

    def names(self) -> list[str]:
        return [self.name, self.id, *self.synonyms]

    def verdict_sets(self) -> list[ByBand]:
        sites = [rule.by_band for rule in self.site_rules]
        return [self.by_band, *(form.by_band for form in self.forms), *sites, *([self.pulsed] if self.pulsed else [])]


class SiteGroup(Record):
    """A place on the body and the tags that site rules may name."""

    site: str
    tags: Annotated[list[str], Field(min_length=1)]
    synonyms: tuple[str, ...] = ()


class _Rules(Record):
    @staticmethod
    def _once(what: str, ids: list[str]) -> None:
        twice = sorted({item for item in ids if ids.count(item) > 1})
        if twice:
            raise ValueError(f"{what} {', '.join(twice)} stands twice")


class DrugRules(_Rules):
    """One file of drug rules."""

    meta: DocumentMeta
    drugs: Annotated[list[Drug], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_once(self) -> DrugRules:
        self._once("drug", [drug.id for drug in self.drugs])
        return self


class ConditionRules(_Rules):
    """The conditions, the sites they depend on, and the rules on age, skin type and recalls."""

    meta: DocumentMeta
    sites: Annotated[list[SiteGroup], Field(min_length=1)]
    conditions: Annotated[list[Condition], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> ConditionRules:
        self._once("condition", [condition.id for condition in self.conditions])
        self._once("site", [group.site for group in self.sites])
        tags = {tag for group in self.sites for tag in group.tags}
        lasting = {condition.id for condition in self.conditions if condition.window_days is not None}
        for condition in self.conditions:
            if condition.recent is not None and condition.recent not in lasting:
                raise ValueError(f"{condition.id}: {condition.recent} is no condition with a window")
            for rule in condition.site_rules:
                if stray := set(rule.sites) - tags:
                    raise ValueError(f"{condition.id}: no site carries {', '.join(sorted(stray))}")
        return self


class OtherNames(Record):
    """Names of common medicines that no rule covers, so that none of them is taken for a misspelling of another."""

    meta: DocumentMeta
    names: Annotated[list[str], Field(min_length=1)]
