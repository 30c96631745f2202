"""Schemas of devices: one for the catalogue's files and a user's own device file, and those of the room's tables."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from photodose.data.schema import Confidence, DocumentMeta, Record, Source
from photodose.quantities import WAVELENGTH_RANGE_NM, InputError, RangeError

Kind = Literal["mask", "panel", "bed", "cap", "handheld"]
Basis = Literal["claimed", "measured", "assumed", "unverified"]
Condition = Literal["free_air", "on_skin"]
LightSource = Literal["led", "laser", "mixed", "fluorescent"]
Authority = Literal["FDA 510(k)", "UKCA", "CE", "ARTG"]
LaserClassName = Literal["1", "1C", "1M", "2", "2M", "3R", "3B", "4"]

LIMITS: dict[str, tuple[float, float]] = {
    "peak_nm": WAVELENGTH_RANGE_NM,
    "fwhm_nm": (0.1, 200.0),
    "irradiance_mw_cm2": (1e-4, 1e4),
    "at_cm": (0.0, 500.0),
    "distance_cm": (0.0, 500.0),
    "emitting_area_cm2": (1e-3, 1e5),
    "size_cm": (0.01, 500.0),
    "half_angle_deg": (1.0, 89.0),
    "lambertian_order": (0.5, 1000.0),
    "radiant_power_mw": (1e-6, 1e7),
    "session_minutes": (0.01, 600.0),
    "per_week": (0.1, 50.0),
    "power_mw": (1e-4, 1e5),
    "divergence_deg": (0.01, 170.0),
    "beam_mm": (0.001, 100.0),
}
"""Valid ranges of the numbers of a device file, ends included."""


def _float(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{what} must be a number, not {value!r}")
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf if value > 0 else -math.inf


def _number(value: Any, key: str) -> float:
    number = _float(value, key)
    low, high = LIMITS[key]
    if not low <= number <= high:
        raise RangeError(key, number, low, high)
    return number


def _count(value: Any) -> int:
    number = _float(value, "the number of emitters")
    if not (1 <= number <= 100_000 and number == int(number)):
        raise RangeError("the number of emitters", number, 1, 100_000)
    return int(number)


def _limited(key: str) -> Any:
    return BeforeValidator(lambda value: _number(value, key))


def _limited_pair(key: str) -> Any:
    def check(value: Any) -> Any:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise InputError(f"{key} must be a list of two numbers, not {value!r}")
        return tuple(_number(item, key) for item in value)

    return BeforeValidator(check)


def _coordinate(value: Any) -> float:
    number = _float(value, "a coordinate")
    if not abs(number) <= 1e5:
        raise RangeError("coordinate", number, -1e5, 1e5)
    return number


Wavelength = Annotated[float, _limited("peak_nm")]
Fwhm = Annotated[float, _limited("fwhm_nm")]
IrradianceValue = Annotated[float, _limited("irradiance_mw_cm2")]
Length = Annotated[float, _limited("distance_cm")]
HalfAngle = Annotated[float, _limited("half_angle_deg")]
Order = Annotated[float, _limited("lambertian_order")]
Coordinate = Annotated[float, BeforeValidator(_coordinate)]
Count = Annotated[int, BeforeValidator(_count)]
Vector = tuple[Coordinate, Coordinate, Coordinate]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]


class SpectrumSpec(Record):
    """A measured emission spectrum, any scale."""

    wavelength_nm: Annotated[list[float], Field(min_length=2, max_length=5000)]
    power: Annotated[list[float], Field(min_length=2, max_length=5000)]


class BandSpec(Record):
    """One band of light of a device."""

    peak_nm: Wavelength
    peak_confidence: Confidence = "read"
    fwhm_nm: Fwhm | None = None
    spectrum: SpectrumSpec | None = None
    light_source: Literal["led", "laser", "fluorescent"] | None = None
    irradiance_mw_cm2: IrradianceValue | None = None
    irradiance_basis: Basis | None = None
    irradiance_condition: Condition = "free_air"
    irradiance_statistic: Literal["mean", "centre", "unknown"] = "unknown"
    irradiance_split: Literal["own", "equal"] = "own"
    """equal: only a total of several bands was published and an equal share is assumed."""
    at_cm: Annotated[float, _limited("at_cm")] | None = None
    irradiance_source: Source | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _basis_needs_a_number(self) -> BandSpec:
        if self.irradiance_mw_cm2 is None and self.irradiance_basis is not None:
            raise InputError("irradiance_basis is given without irradiance_mw_cm2")
        return self


class EmitterSpec(Record):
    """One emitter of an array; give the position in mm or in cm."""

    position_mm: Vector | None = None
    position_cm: Vector | None = None
    direction: Vector = (0.0, 0.0, 1.0)
    radiant_power_mw: Annotated[float, _limited("radiant_power_mw")]
    half_angle_deg: HalfAngle | None = None
    lambertian_order: Order | None = None
    band: Wavelength

    @model_validator(mode="after")
    def _one_way_each(self) -> EmitterSpec:
        if (self.position_mm is None) == (self.position_cm is None):
            raise InputError("give position_mm or position_cm (one of the two)")
        if self.half_angle_deg is not None and self.lambertian_order is not None:
            raise InputError("give half_angle_deg or lambertian_order, not both")
        if math.hypot(*self.direction) == 0.0:
            raise InputError("direction must not be 0, 0, 0")
        return self


class ArraySpec(Record):
    """Emitters with their radiant power; the device shines along +z from about z = 0."""

    basis: Basis = "assumed"
    emitters: Annotated[list[EmitterSpec], Field(min_length=1, max_length=20_000)]


class ModeSpec(Record):
    """Bands that shine at the same time."""

    name: str
    peaks_nm: Annotated[list[float], Field(min_length=1)]


class ClearanceSpec(Record):
    """A clearance or registration; known "no": looked for and not found, "unknown": not looked for or not stated."""

    authority: Authority
    known: Literal["yes", "no", "unknown"]
    number: str | None = None
    date: str | None = None
    claim: str | None = None
    source: Source | None = None


class RecallSpec(Record):
    """A recall of this product."""

    authority: str
    date: str
    reason: str
    refs: tuple[str, ...] = ()
    source: Source


class LaserClassSpec(Record):
    """The class of a laser product as its maker states it; a class by the older US scheme stands in `us_class`."""

    name: LaserClassName
    standard: str = "IEC 60825-1"
    us_class: Literal["I", "II", "IIa", "IIIa", "IIIb", "IV"] | None = None
    source: Source | None = None


class LaserBeamSpec(Record):
    """One of a product's laser beams; the power is that of one beam while it is on."""

    power_mw: Annotated[float, _limited("power_mw")]
    divergence_deg: Annotated[float, _limited("divergence_deg")] | None = None
    """Full angle of the cone that holds 63 % of the power."""
    beam_mm: Annotated[float, _limited("beam_mm")] | None = None
    """Diameter that holds 63 % of the power where the beam leaves the product."""
    basis: Literal["claimed", "measured", "unverified"] = "claimed"
    source: Source | None = None


def _laser_class(value: Any) -> Any:
    """`laser_class: 3R` in a device file says as much as `laser_class: {name: 3R}`."""
    return {"name": str(value)} if isinstance(value, str | int) and not isinstance(value, bool) else value


class DeviceSpec(Record):
    """A device file: the user's own and every file of the catalogue."""

    id: Identifier
    name: Annotated[str, Field(min_length=1, max_length=120)]
    kind: Kind
    bands: Annotated[list[BandSpec], Field(min_length=1, max_length=30)]
    emitting_area_cm2: Annotated[float, _limited("emitting_area_cm2")] | None = None
    size_cm: Annotated[tuple[float, float], _limited_pair("size_cm")] | None = None
    distance_cm: Length | None = None
    half_angle_deg: HalfAngle | None = None
    lambertian_order: Order | None = None
    array: ArraySpec | None = None
    modes: tuple[ModeSpec, ...] = ()
    maker: str | None = None
    form: str | None = None
    light_source: LightSource = "led"
    leds: Count | None = None
    lasers: Count | None = None
    laser_class: Annotated[LaserClassSpec, BeforeValidator(_laser_class)] | None = None
    laser_beam: LaserBeamSpec | None = None
    session_minutes: Annotated[float, _limited("session_minutes")] | None = None
    per_week: Annotated[float, _limited("per_week")] | None = None
    trial: Identifier | None = None
    """The study of the evidence base that used this very product."""
    clearance: tuple[ClearanceSpec, ...] = ()
    recalls: tuple[RecallSpec, ...] = ()
    limits: tuple[str, ...] = ()
    eye_protection: str | None = None
    sources: tuple[Source, ...] = ()
    unverified_fields: tuple[str, ...] = ()
    """Fields of this file that nobody read in a source; shown as such."""
    notes: tuple[str, ...] = ()
    licence: str = "facts"
    digitised_by: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> DeviceSpec:
        peaks = [band.peak_nm for band in self.bands]
        if len(set(peaks)) != len(peaks):
            raise InputError("two bands have the same peak_nm; give each band its own")
        if self.size_cm is not None and self.emitting_area_cm2 is not None:
            raise InputError("give emitting_area_cm2 or size_cm, not both")
        if self.half_angle_deg is not None and self.lambertian_order is not None:
            raise InputError("give half_angle_deg or lambertian_order, not both")
        laser = self.light_source == "laser" or any(band.light_source == "laser" for band in self.bands)
        if (self.laser_class or self.laser_beam) and not laser:
            raise InputError("laser_class and laser_beam need a laser: give light_source: laser, or one of a band")
        used = [(peak, "modes") for mode in self.modes for peak in mode.peaks_nm]
        used += [(emitter.band, "array") for emitter in (self.array.emitters if self.array else [])]
        for peak, place in used:
            if peak not in peaks:
                raise InputError(f"{place} names a band of {peak:g} nm that is not among the bands")
        return self


class ClaimedPair(Record):
    """An irradiance as claimed (or as a solar meter shows it) and the one measured at the same place."""

    what: str
    claimed_mw_cm2: float | None = None
    measured_mw_cm2: float | None = None
    between_mw_cm2: float | None = None
    """Measured between two emitters, where the measured value was taken over one."""
    ratio_low: float
    ratio_high: float
    independent: bool
    use: bool = True
    source: Source
    note: str | None = None


class ClaimedToTrue(Record):
    """What is known of the ratio of true to claimed irradiance."""

    meta: DocumentMeta
    pairs: Annotated[list[ClaimedPair], Field(min_length=3)]
    selection_log_sd: float
    contact_log_sd: float
    unverified_log_sd: float
    assumed_log_sd: float
    split_log_sd: float
    measured_log_sd: float
    unknown_meter_log_sd: float
    distance_log_sd: float
    reasons: dict[str, str]
    device_reflectance_low: float
    device_reflectance_high: float
    sources: list[Source]


class UsualSize(Record):
    """Emitting size of a kind of device."""

    kind: Kind
    size_cm: tuple[Annotated[float, Field(gt=0.0)], Annotated[float, Field(gt=0.0)]]


class UsualSizes(Record):
    """The emitting size taken for a kind of device where none is published, and how far from it one may be."""

    meta: DocumentMeta
    sizes: list[UsualSize]
    side_factor: Annotated[float, Field(gt=1.0)]
    """Each side lies within this factor of the one taken, either way, for 90 of 100 devices."""
    reasons: dict[str, str]
    sources: Annotated[list[Source], Field(min_length=1)]

    @model_validator(mode="after")
    def _every_kind_once(self) -> UsualSizes:
        if sorted(item.kind for item in self.sizes) != sorted(get_args(Kind)):
            raise ValueError("every kind of device needs one size")
        return self


class MeterSpec(Record):
    """One type of meter."""

    id: str
    name: str
    over_reading_low: float
    over_reading_high: float
    log_sd: float
    source: Source
    note: str | None = None


class Meters(Record):
    """Types of meter and what they show for narrow bands of red and near-infrared light."""

    meta: DocumentMeta
    meters: list[MeterSpec]
