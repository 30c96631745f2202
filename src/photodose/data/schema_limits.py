"""Schemas of exposure limits, risk groups, and what eyelids, shields and unpublished LEDs are taken to be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from photodose.data.schema import USABLE, DocumentMeta, Record, Source

HazardId = Literal[
    "actinic_uv",
    "uva_eye",
    "blue_light",
    "blue_light_small",
    "retinal_thermal",
    "retinal_thermal_weak_visual",
    "ir_eye",
    "skin_thermal",
]
Positive = Annotated[float, Field(gt=0.0)]
Sources = Annotated[tuple[Source, ...], Field(min_length=1)]


class _Sourced(Record):
    sources: Sources

    @property
    def verified(self) -> bool:
        """Whether every number of it was read; one unverified source makes the whole provisional."""
        return all(source.confidence in USABLE - {"derived"} for source in self.sources)


class ExposureLimit(_Sourced):
    """One exposure limit of one publication; `constants` are the numbers of its formula."""

    id: HazardId
    name: str
    quantity: Literal["irradiance", "radiance"]
    unit: Literal["W/m2", "W/m2/sr"]
    wavelength_nm: tuple[Positive, Positive]
    reference: Annotated[str, Field(min_length=3)]
    formula: Annotated[str, Field(min_length=3)]
    constants: dict[str, float]
    action_spectrum: str | None = None


class RiskGroupRow(_Sourced):
    """Emission limits of the exempt group and risk groups 1 and 2; with per_alpha they are divided by alpha [rad]."""

    hazard: HazardId
    exempt: Positive
    rg1: Positive
    rg2: Positive
    times_s: tuple[Positive, Positive, Positive]
    per_alpha: bool
    alpha_min_rad: tuple[Positive, Positive, Positive] = (0.011, 0.011, 0.011)
    fields_rad: tuple[Positive, Positive, Positive] = (0.011, 0.011, 0.011)

    @model_validator(mode="after")
    def _rises(self) -> RiskGroupRow:
        if not self.exempt <= self.rg1 <= self.rg2:
            raise ValueError(f"{self.hazard}: the limits of the risk groups must not fall")
        return self


class LimitTable(Record):
    """The limits of one publication."""

    meta: DocumentMeta
    edition: str
    assessment_cm: Positive
    limits: Annotated[tuple[ExposureLimit, ...], Field(min_length=1)]
    risk_groups: tuple[RiskGroupRow, ...] = ()

    def limit(self, hazard: str) -> ExposureLimit:
        """The limit of one hazard."""
        return next(limit for limit in self.limits if limit.id == hazard)


class LaserLimit(_Sourced):
    """An exposure limit for one laser beam; `constants` are the numbers of its formula."""

    name: str
    reference: Annotated[str, Field(min_length=3)]
    formula: Annotated[str, Field(min_length=3)]
    constants: dict[str, float]
    aperture_mm: Positive
    """Diameter over which the irradiance is averaged."""


class LaserExposureLimits(Record):
    """Limits for eyes and skin in a laser beam, with the factor C_A by wavelength."""

    meta: DocumentMeta
    edition: str
    wavelength_nm: tuple[Positive, Positive]
    correction: LaserLimit
    """C_A; its aperture is that of the eye and is not used."""
    eye: LaserLimit
    skin: LaserLimit
    nearest_cm: Positive
    """Distance from which the most of a beam reaches a retina as a sharp image."""
    unknown_power_mw: Positive
    """Power of a beam whose power and class nobody published: the highest that was read among products for the home."""
    unknown_power_sources: Sources


class LaserClass(_Sourced):
    """Accessible emission limit of one class; beyond 700 nm it is `infrared_w`, times C_A where `with_c_a` is set."""

    name: Literal["1", "2", "3R", "3B"]
    visible_w: Positive
    infrared_w: Positive | None
    with_c_a: bool
    meaning: str


class LaserOpening(Record):
    """One condition of measurement: what passes this opening at this distance counts."""

    aperture_mm: Positive
    distance_cm: Positive


class LaserClasses(Record):
    """Accessible emission limits of the classes of lasers, for beams that stay on."""

    meta: DocumentMeta
    edition: str
    wavelength_nm: tuple[Positive, Positive]
    visible_to_nm: Positive
    classes: Annotated[tuple[LaserClass, ...], Field(min_length=1)]
    naked_eye: LaserOpening
    telescope: LaserOpening
    opening_sources: Sources

    @model_validator(mode="after")
    def _rises(self) -> LaserClasses:
        limits = [item.visible_w for item in self.classes]
        if limits != sorted(limits):
            raise ValueError("the limits of the laser classes must rise")
        return self


class LidRange(_Sourced):
    """The share of light that a closed eyelid lets through, in a range of wavelengths."""

    low_nm: Positive
    high_nm: Positive
    transmittance: Annotated[float, Field(ge=0.0, le=1.0)]


class KindAssumption(Record):
    """What an unpublished device of a kind is taken to be; its size is in `devices/usual_sizes`."""

    kind: str
    leds_per_cm2: Positive
    chips_per_led: Annotated[int, Field(ge=1, le=10)]
    narrowest_half_angle_deg: Annotated[float, Field(gt=0.0, lt=90.0)]


class EyeData(Record):
    """Eyelids, shields, and what is assumed of LEDs whose data are not published."""

    meta: DocumentMeta
    eyelid: Annotated[tuple[LidRange, ...], Field(min_length=1)]
    shield_transmittance: Annotated[float, Field(ge=0.0, le=1.0)]
    near_point_cm: Positive
    """No eye forms a sharp image of anything nearer, so that hazards of the retina do not grow below it."""
    led_size_mm: Positive
    led_power_max_w: Positive
    kinds: Annotated[tuple[KindAssumption, ...], Field(min_length=1)]
    assumption_sources: Sources

    def kind(self, kind: str) -> KindAssumption:
        """The assumptions for a kind of device; the first of the list for any other kind."""
        return next((item for item in self.kinds if item.kind == kind), self.kinds[0])

    @model_validator(mode="after")
    def _without_gaps(self) -> EyeData:
        if any(before.high_nm != after.low_nm for before, after in zip(self.eyelid, self.eyelid[1:], strict=False)):
            raise ValueError("the ranges of the eyelid must touch each other")
        return self


class Standard(_Sourced):
    """A standard: what it covers and what it does not."""

    id: str
    covers: str
    does_not_cover: str


class Standards(Record):
    """Standards for light devices used at home."""

    meta: DocumentMeta
    standards: Annotated[tuple[Standard, ...], Field(min_length=1)]
