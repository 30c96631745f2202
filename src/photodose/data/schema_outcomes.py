"""Schema of the outcome measures: what may be asked, in whose licence, and which change means something."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from photodose.data.schema import USABLE, Confidence, Record, Source

Redistribution = Literal["yes", "no", "check"]


class Change(Record):
    """A change of the score in its own unit, or as a share of the baseline, and how it was obtained."""

    absolute: float | None = None
    absolute_high: float | None = None
    percent_of_baseline: float | None = None
    confidence: Confidence
    note: str | None = None

    @property
    def usable(self) -> bool:
        return self.confidence in USABLE

    @model_validator(mode="after")
    def _says_something(self) -> Change:
        if self.absolute is None and self.percent_of_baseline is None:
            raise ValueError("a change needs a number")
        return self


class Measure(Record):
    """One score or count that a person can follow.

    `mcid` is the smallest change people call important; `sem` the standard error of measurement of one reading, from
    which the smallest real change follows. `shipped` says whether photodose may show the questions themselves.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    name: str
    goals: tuple[str, ...]
    unit: str
    low: float | None = None
    high: float | None = None
    better: Literal["lower", "higher", "none"]
    who: Literal["self", "clinician", "photo", "device"]
    licence: str
    redistribution: Redistribution
    shipped: bool
    mcid: Change | None = None
    sem: Change | None = None
    use: str
    note: str | None = None
    default_for: tuple[str, ...] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _only_free_measures_are_shipped(self) -> Measure:
        if self.shipped and self.redistribution != "yes":
            raise ValueError(f"{self.id}: shipped although its licence does not clearly allow it")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(f"{self.id}: empty range")
        return self


class MeasureFile(Record):
    """All outcome measures."""

    title: str
    licence: str
    digitised_by: str
    notes: tuple[str, ...] = ()
    measures: Annotated[tuple[Measure, ...], Field(min_length=1)]
