"""Schemas shared by every table and document: where a number comes from and how sure that is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Confidence = Literal["read", "read_secondary", "derived", "judgement", "unverified"]
"""How a value was obtained.

read: stood in the primary source or its abstract as opened; read_secondary: stood in a source that quotes the
primary; derived: arithmetic from read values; judgement: our own, reasoned in the note; unverified: nobody read it
(such a value may make a verdict stricter, never milder, and enters no dose, plan, effect or figure).
"""

USABLE: frozenset[str] = frozenset({"read", "read_secondary", "derived"})
"""Confidences whose numbers may enter a dose, a plan, an effect or a figure."""


class Record(BaseModel):
    """Base of every schema: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Source(Record):
    """One source: a citation, where it can be opened, and how it was read."""

    citation: Annotated[str, Field(min_length=3)]
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None
    confidence: Confidence = "read"
    quotation: str | None = None
    note: str | None = None


class Column(Record):
    """One column of a table, with its unit ("1" for a pure number) and the range its values must lie in."""

    name: str
    unit: str
    low: float | None = None
    high: float | None = None
    description: str = ""


class TableMeta(Record):
    """Provenance of one CSV table (the YAML file of the same name beside it)."""

    title: str
    sources: Annotated[list[Source], Field(min_length=1)]
    conditions: str
    licence: str
    digitised_by: str
    columns: Annotated[list[Column], Field(min_length=1)]
    key: str | None = None
    """Column that rises strictly down the table and over which it is interpolated."""
    notes: list[str] = []


class DocumentMeta(Record):
    """Provenance of a YAML document as a whole; its records carry their own sources."""

    title: str
    conditions: str
    licence: str
    digitised_by: str
    units: str
    version: str
    notes: list[str] = []
