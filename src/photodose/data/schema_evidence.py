"""Schema of the evidence base: studies, their light, what they found, and what that says about each claim.

Every number is a `Value` that says how it was obtained, so that what nobody read can be filtered out mechanically
(`usable`). Doses, minutes and schedules of a study live in `Study`; what a study says about one claim lives in the
indication that refers to it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from photodose.data.schema import USABLE, Confidence, Record, Source

Design = Literal[
    "rct_sham",
    "rct_active",
    "rct_untreated",
    "controlled",
    "crossover",
    "single_arm",
    "case_series",
    "systematic_review",
    "guideline",
    "consensus",
    "in_vitro_animal",
    "other",
]
Direction = Literal["positive", "negative", "mixed", "unclear"]
DeviceKind = Literal["mask", "panel", "bed", "cap", "handheld", "laser", "other"]
Delivery = Literal["together", "alternating", "separate_arms"]
Certainty = Literal["high", "moderate", "low", "very_low"]
Bias = Literal["low", "some_concerns", "high", "critical", "unclear"]
BiasDomain = Literal["randomisation", "deviations", "missing_data", "measurement", "reporting", "confounding"]
GradeDomain = Literal["risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias"]
VerdictKind = Literal["supported", "plausible", "unproven", "not_supported", "contradicted", "harm_possible"]
SkinType = Literal["I", "II", "III", "IV", "V", "VI"]
Target = Literal[
    "epidermal basal layer",
    "papillary dermis",
    "reticular dermis",
    "sub-epidermal vessels",
    "sebaceous gland",
    "hair bulb",
    "muscle",
    "joint capsule",
    "tendon",
]
Site = Literal[
    "forehead",
    "cheek",
    "periorbital",
    "nose",
    "chin",
    "neck",
    "scalp",
    "chest",
    "abdomen",
    "upper back",
    "lower back",
    "forearm",
    "dorsum of hand",
    "finger joint",
    "knee",
    "thigh",
    "calf",
    "shin",
    "sole",
]

CERTAINTIES: tuple[Certainty, ...] = ("very_low", "low", "moderate", "high")
JENKINS_CARROLL: tuple[str, ...] = (
    "wavelength",
    "power",
    "irradiation time",
    "beam area at the skin",
    "pulse parameters",
    "anatomical location",
    "number of treatments",
    "interval between treatments",
)
"""The eight parameters every report must state (Jenkins and Carroll 2011, doi:10.1089/pho.2011.9895)."""

MAX_QUOTATION_WORDS = 25


class Value(Record):
    """One number and how it was obtained; `low` and `high` bound it where the source gives a range.

    `qualifier` "<=" means the source gives an upper bound ("max 10 mW/cm2"), "~" an approximate number.
    """

    value: float
    low: float | None = None
    high: float | None = None
    qualifier: Literal["=", "<=", "~"] = "="
    confidence: Confidence
    note: str | None = None

    @property
    def usable(self) -> bool:
        """Whether the number may enter a dose, a plan, an effect or a figure."""
        return self.confidence in USABLE

    @model_validator(mode="after")
    def _bounds_enclose_the_value(self) -> Value:
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise ValueError(f"value {self.value} lies outside {self.low} to {self.high}")
        return self


def usable(value: Value | None) -> float | None:
    """The number of a Value that may be used, else None."""
    return value.value if value is not None and value.usable else None


class Band(Record):
    """One band of a study's light as it fell on the skin.

    `averaged_over` says what area the irradiance and radiant exposure belong to: the treated skin, or only the spot of
    one beam (a number that must not be read as an average over the skin).
    """

    peak_nm: Annotated[float, Field(ge=300, le=1200)]
    fwhm_nm: Annotated[float, Field(gt=0)] | None = None
    range_nm: tuple[float, float] | None = None
    confidence: Confidence
    irradiance_mw_cm2: Value | None = None
    radiant_exposure_j_cm2: Value | None = None
    averaged_over: Literal["skin", "beam_spot", "unstated"] = "unstated"
    arm: str | None = None
    note: str | None = None

    @property
    def usable(self) -> bool:
        """Whether the wavelength was read."""
        return self.confidence in USABLE


class Population(Record):
    """Who was treated, and where. `sites` are names of skin sites; the first is the main one."""

    skin_types: tuple[SkinType, SkinType] | None = None
    ita_deg: Value | None = None
    age_years: tuple[float, float] | None = None
    sites: tuple[Site, ...] = ()
    description: str = ""
    confidence: Confidence = "read"

    @property
    def usable(self) -> bool:
        return self.confidence in USABLE


class Effect(Record):
    """One effect as the source reports it, with its 95 % interval where given."""

    measure: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str
    compared_with: Literal["sham", "control", "baseline", "active"]
    p: str | None = None
    at_weeks: float | None = None
    confidence: Confidence
    note: str | None = None

    @property
    def usable(self) -> bool:
        return self.confidence in USABLE


class ArmSummary(Record):
    """One outcome of one arm: mean over its people and, where given, their number and standard deviation."""

    mean: float
    sd: Annotated[float, Field(gt=0)] | None = None
    n: Annotated[int, Field(ge=2)] | None = None


class Comparison(Record):
    """One outcome of one trial in its two arms, with what its standard error follows from: two SDs or a p value.

    `outcome` names what is measured alike in several trials ("hair density") and must be spelled alike. `kind` says
    whether means are changes from baseline or values at the end. `p` is the two-sided p value of the difference of the
    means; where the source prints only a bound ("p < .0001") `p_is_bound` is true, and the largest standard error
    that agrees with it is taken. `n_total` stands where the size of each arm is not known.
    """

    outcome: str
    unit: str
    kind: Literal["change", "final"]
    at_weeks: Annotated[float, Field(gt=0)]
    compared_with: Literal["sham", "control"]
    light: ArmSummary
    comparator: ArmSummary
    n_total: Annotated[int, Field(ge=4)] | None = None
    p: Annotated[float, Field(gt=0, lt=1)] | None = None
    p_is_bound: bool = False
    confidence: Confidence
    note: str | None = None

    @property
    def usable(self) -> bool:
        return self.confidence in USABLE

    @property
    def people(self) -> int | None:
        """People in both arms together."""
        if self.light.n is not None and self.comparator.n is not None:
            return self.light.n + self.comparator.n
        return self.n_total

    @model_validator(mode="after")
    def _has_a_standard_error(self) -> Comparison:
        spread = None not in (self.light.sd, self.light.n, self.comparator.sd, self.comparator.n)
        if not spread and (self.p is None or self.people is None):
            raise ValueError(f"{self.outcome}: needs n and SD of both arms, or a p value and the number of people")
        return self


class RiskOfBias(Record):
    """Risk of bias, overall and by domain where the text that was read allows it."""

    overall: Bias
    domains: dict[BiasDomain, Bias] = Field(default_factory=dict)
    judged_by: Literal["us", "authors", "review"] = "us"
    note: str | None = None


class Study(Record):
    """One study, label or guideline. Field names listed in `unverified` hold what nobody read yet."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    title: str
    authors: str | None = None
    year: int | None = None
    journal: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    registry: str | None = None
    design: Design
    controlled: bool
    sham: bool
    n: Value | None = None
    n_studies: Value | None = None
    population: Population = Population(confidence="unverified")
    light: tuple[Band, ...] = ()
    delivery: Delivery = "together"
    minutes: Value | None = None
    per_week: Value | None = None
    weeks: Value | None = None
    sessions: Value | None = None
    power_mw: Value | None = None
    beam_area_cm2: Value | None = None
    energy_j: Value | None = None
    device: str | None = None
    device_kind: DeviceKind | None = None
    contact: bool | None = None
    pulse: str | None = None
    co_interventions: tuple[str, ...] = ()
    comparator: str | None = None
    outcome: str
    effects: tuple[Effect, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    direction: Direction
    risk_of_bias: RiskOfBias
    funding: str | None = None
    notes: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @property
    def read(self) -> bool:
        """Whether at least one source of this record was opened."""
        return any(source.confidence in USABLE for source in self.sources)

    @property
    def citation(self) -> str:
        """Short citation: "Park SH et al. 2025"."""
        first = (self.authors or self.title).split(",")[0].removesuffix(" et al.")
        many = self.authors is not None and ("," in self.authors or "et al" in self.authors)
        return f"{first}{' et al.' if many else ''}{f' {self.year}' if self.year else ''}"

    @property
    def completeness(self) -> dict[str, bool]:
        """Which parameters of Jenkins and Carroll's list this record states with a number that was read.

        A source that emits continuously states its pulse parameters by saying so. Interval counts as stated when
        sessions a week (or both weeks and number of sessions) were read.
        """
        sessions = usable(self.sessions) is not None
        weeks, per_week = usable(self.weeks) is not None, usable(self.per_week) is not None
        stated = (
            bool(self.light) and all(band.usable for band in self.light),
            usable(self.power_mw) is not None or self._stated_in_bands("irradiance_mw_cm2"),
            usable(self.minutes) is not None,
            usable(self.beam_area_cm2) is not None,
            self.pulse is not None and "pulse" not in self.unverified,
            self.population.usable and bool(self.population.sites),
            sessions or (weeks and per_week),
            per_week or (weeks and sessions),
        )
        return dict(zip(JENKINS_CARROLL, stated, strict=True))

    def _stated_in_bands(self, field: str) -> bool:
        return bool(self.light) and all(usable(getattr(band, field)) is not None for band in self.light)

    @model_validator(mode="after")
    def _consistent(self) -> Study:
        if self.sham and not self.controlled:
            raise ValueError(f"{self.id}: a sham-controlled study is a controlled study")
        if self.design == "rct_sham" and not self.sham:
            raise ValueError(f"{self.id}: design rct_sham without sham")
        unknown = set(self.unverified) - set(type(self).model_fields)
        if unknown:
            raise ValueError(f"{self.id}: 'unverified' names unknown fields {sorted(unknown)}")
        for source in self.sources:
            if source.quotation and len(source.quotation.split()) > MAX_QUOTATION_WORDS:
                raise ValueError(f"{self.id}: a quotation is longer than {MAX_QUOTATION_WORDS} words")
        return self


class StudyFile(Record):
    """A file of studies that share a field."""

    title: str
    licence: str
    digitised_by: str
    studies: Annotated[tuple[Study, ...], Field(min_length=1)]


class StepDown(Record):
    """One reason for which the certainty was lowered (GRADE), by one to three steps."""

    domain: GradeDomain
    steps: Annotated[int, Field(ge=1, le=3)]
    reason: Annotated[str, Field(min_length=10)]


class IndicationStudy(Record):
    """What one study says about one claim."""

    study: str
    outcome: str
    direction: Direction
    weight_note: str | None = None


class Indication(Record):
    """One claim made for the light: what trials found, how certain that is, and the verdict.

    `certainty` = the starting level (`high` for randomised trials, `low` for other studies) less all steps down, never
    below very_low. `plan` says why no plan may be made for the claim, or is null where one may be.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    claim: str
    goal: str
    kind: Literal["benefit", "safety", "usage"]
    target: Target | None
    sites: tuple[Site, ...]
    starts_from: Literal["high", "low"]
    certainty: Certainty
    steps_down: tuple[StepDown, ...]
    verdict_kind: VerdictKind
    verdict: str
    note: str | None = None
    no_plan: str | None = None
    weeks_until_fair_judgement: Value | None = None
    phrases: Annotated[tuple[str, ...], Field(min_length=1)]
    studies: Annotated[tuple[IndicationStudy, ...], Field(min_length=1)]
    licence: str
    digitised_by: str

    @model_validator(mode="after")
    def _certainty_follows_from_its_steps(self) -> Indication:
        level = CERTAINTIES.index(self.starts_from) - sum(step.steps for step in self.steps_down)
        expected = CERTAINTIES[max(level, 0)]
        if expected != self.certainty:
            raise ValueError(f"{self.id}: certainty {self.certainty} but its steps lead to {expected}")
        if len({entry.study for entry in self.studies}) != len(self.studies):
            raise ValueError(f"{self.id}: a study stands twice")
        return self
