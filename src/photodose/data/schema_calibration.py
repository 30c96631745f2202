"""Schema of the calibration of the skin to living people: what was moved, by how much, and how sure that is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from photodose.data.schema import DocumentMeta, Record, Source


class CalibratedParameter(Record):
    """One parameter that the calibration moved.

    `shift` is the posterior mean on the scale named, relative to the value in tissue/composition (0 there): a
    logarithm of a factor, a difference of logits, or a plain difference.
    """

    name: str
    scale: Literal["log", "logit", "plain"]
    prior_sd: Annotated[float, Field(gt=0.0)]
    shift: float
    sd: Annotated[float, Field(gt=0.0)]
    prior_value: float
    value: float
    unit: str
    source: str
    note: str | None = None


class ClassResult(Record):
    """One class of people: its measured typology angle, its melanin, and how far the skin model is from its mean."""

    name: str
    people: Annotated[int, Field(gt=0)]
    ita_deg: float
    melanosome_fraction: Annotated[float, Field(gt=0.0, lt=1.0)]
    rms: Annotated[float, Field(ge=0.0)]


class Instrument(Record):
    """What measured the reflectance: diameters of the lit spot and of the port that collects [mm]."""

    spot_mm: Annotated[float, Field(gt=0.0)]
    port_mm: Annotated[float, Field(gt=0.0)]


class MelaninByAngle(Record):
    """Melanin of the forearm by typology angle, and how it answers to the skin's other parameters at a fixed angle."""

    ita_deg: Annotated[list[float], Field(min_length=2)]
    log_fraction: list[float]
    per_coordinate: dict[str, list[float]]
    """Change of the logarithm of the fraction per unit of each coordinate that keeps the angle, by angle."""

    @model_validator(mode="after")
    def _same_length(self) -> MelaninByAngle:
        lengths = {len(self.ita_deg), len(self.log_fraction), *(len(row) for row in self.per_coordinate.values())}
        if len(lengths) != 1 or self.ita_deg != sorted(self.ita_deg):
            raise ValueError("the lists must be of one length and the angles must rise")
        return self


class PeopleSpread(Record):
    """How the reflectance of people of one colour scatters, and how the model answers to each coordinate there.

    Measured standard deviations of one class at a few wavelengths, and the change of reflectance per unit of each
    coordinate while melanin keeps the angle.
    """

    ita_class: str
    wavelength_nm: Annotated[list[float], Field(min_length=1)]
    sd: list[float]
    per_coordinate: dict[str, list[float]]

    @model_validator(mode="after")
    def _same_length(self) -> PeopleSpread:
        if len({len(self.wavelength_nm), len(self.sd), *(len(row) for row in self.per_coordinate.values())}) != 1:
            raise ValueError("the lists must be of one length")
        return self


class Derived(Record):
    """A number that follows from the calibration, with its 90 % interval."""

    value: float
    low: float
    high: float
    unit: str


class CalibrationDocument(Record):
    meta: DocumentMeta
    sources: dict[str, Source]
    instrument: Instrument
    parameters: Annotated[list[CalibratedParameter], Field(min_length=1)]
    covariance: list[list[float]]
    """Of the shifts, in the order of `parameters`."""
    classes: Annotated[list[ClassResult], Field(min_length=1)]
    rms: float
    derived: dict[str, Derived]
    melanin: MelaninByAngle
    people: PeopleSpread

    @model_validator(mode="after")
    def _consistent(self) -> CalibrationDocument:
        count = len(self.parameters)
        if len(self.covariance) != count or any(len(row) != count for row in self.covariance):
            raise ValueError("the covariance must have one row and column for each parameter")
        for item in self.parameters:
            if item.source not in self.sources:
                raise ValueError(f"{item.name}: no source {item.source!r}")
        return self
