"""Schemas of the few facts that only plans need: WALT's table, hair on the scalp."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from photodose.data.schema import DocumentMeta, Record, Source


class WaltRow(Record):
    """Recommended energy for one site: total joules over so many points (or cm2)."""

    site: str
    group: Literal["tendinopathy", "arthritis"]
    points: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]]
    total_j: Annotated[float, Field(gt=0)]
    least_j_per_point: float | None = None
    most_mw_cm2: float | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _ordered(self) -> WaltRow:
        if self.points[0] > self.points[1]:
            raise ValueError(f"{self.site}: fewer points at most than at least")
        return self


class WaltTable(Record):
    """Dose table of the World Association for Laser Therapy, 780-860 nm (2010)."""

    meta: DocumentMeta
    wavelength_nm: tuple[float, float]
    mean_output_mw: tuple[float, float]
    irradiation_time_s: tuple[float, float]
    population: str
    rows: Annotated[tuple[WaltRow, ...], Field(min_length=1)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]


class HairShading(Record):
    """Share of red and near-infrared light that reaches the scalp through hair: the range of what was found."""

    meta: DocumentMeta
    transmittance_low: Annotated[float, Field(gt=0, le=1)]
    transmittance_high: Annotated[float, Field(gt=0, le=1)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
