"""What a device is: frozen dataclasses built from a validated device file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from photodose.data import Source
from photodose.data.schema_devices import (
    BandSpec,
    ClearanceSpec,
    DeviceSpec,
    EmitterSpec,
    LaserBeamSpec,
    LaserClassSpec,
    RecallSpec,
)
from photodose.devices.practice import default_fwhm_nm
from photodose.optics import Spectrum
from photodose.quantities import InputError, UnknownNameError, half_angle_to_lambertian_order, plain

ENCLOSING_KINDS = frozenset({"mask", "bed"})
"""Kinds that send light reflected by the skin back to it."""


@dataclass(frozen=True, slots=True)
class Band:
    """One band of light.

    Attributes
    ----------
    peak_nm, fwhm_nm : float
        Peak and full width at half maximum [nm], 400 to 1100 and 0.1 to 200.
    irradiance_mw_cm2 : float or None
        As published or typed in, per band [mW/cm2]; its meaning is in `basis`.
    basis : str or None
        "claimed", "measured", "assumed" or "unverified".
    condition : str
        "free_air" or "on_skin" (the skin's own back reflection already included).
    at_cm : float or None
        Distance at which the irradiance holds; None = the distance of use.
    """

    peak_nm: float
    fwhm_nm: float
    irradiance_mw_cm2: float | None = None
    basis: str | None = None
    condition: str = "free_air"
    statistic: str = "unknown"
    split: str = "own"
    at_cm: float | None = None
    light_source: str = "led"
    peak_confidence: str = "read"
    fwhm_assumed: bool = False
    source: Source | None = None
    note: str | None = None
    table: tuple[tuple[float, ...], tuple[float, ...]] | None = None

    @property
    def spectrum(self) -> Spectrum:
        """Emission spectrum: the file's table, else a Gaussian line of the band's peak and width."""
        if self.table is not None:
            return Spectrum.from_table(*self.table)
        return Spectrum.gaussian(self.peak_nm, self.fwhm_nm)

    def to_dict(self) -> dict[str, Any]:
        return {
            "peak_nm": self.peak_nm,
            "peak_confidence": self.peak_confidence,
            "fwhm_nm": self.fwhm_nm,
            "fwhm_assumed": self.fwhm_assumed,
            "irradiance_mw_cm2": self.irradiance_mw_cm2,
            "irradiance_basis": self.basis,
            "irradiance_condition": self.condition,
            "irradiance_split": self.split,
            "at_cm": self.at_cm,
            "light_source": self.light_source,
            "source": plain(self.source),
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Emitter:
    """One emitter: position [mm], unit direction, radiant power [mW], Lambertian order m, band by its peak [nm]."""

    position_mm: tuple[float, float, float]
    direction: tuple[float, float, float]
    radiant_power_mw: float
    lambertian_order: float
    band_nm: float


@dataclass(frozen=True, slots=True)
class Mode:
    """Bands that shine together."""

    name: str
    peaks_nm: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """A light device, from the catalogue or from a user's file.

    Attributes
    ----------
    bands : tuple of Band
        In the file's order.
    size_cm : (float, float) or None
        Width and height of the emitting area [cm]; a square when only the area is known.
    distance_cm : float
        Distance of use [cm]; 0 is contact.
    lambertian_order : float or None
        Order m of the emission where the file gives it.
    trial : str or None
        The study of the evidence base that used this very product.
    origin : str
        "catalogue" or "file".
    """

    id: str
    name: str
    kind: str
    bands: tuple[Band, ...]
    size_cm: tuple[float, float] | None = None
    size_assumed: bool = False
    distance_cm: float = 0.0
    distance_assumed: bool = False
    lambertian_order: float | None = None
    emitters: tuple[Emitter, ...] = ()
    array_basis: str = "assumed"
    modes: tuple[Mode, ...] = ()
    maker: str | None = None
    form: str | None = None
    light_source: str = "led"
    leds: int | None = None
    lasers: int | None = None
    laser_class: LaserClassSpec | None = None
    laser_beam: LaserBeamSpec | None = None
    session_minutes: float | None = None
    per_week: float | None = None
    trial: str | None = None
    clearance: tuple[ClearanceSpec, ...] = ()
    recalls: tuple[RecallSpec, ...] = ()
    limits: tuple[str, ...] = ()
    eye_protection: str | None = None
    sources: tuple[Source, ...] = ()
    unverified_fields: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    origin: str = field(default="file", compare=False)

    @property
    def wavelengths_nm(self) -> tuple[float, ...]:
        """Peaks of all bands [nm], in the file's order."""
        return tuple(band.peak_nm for band in self.bands)

    @property
    def emitting_area_cm2(self) -> float | None:
        """Emitting area [cm2], where known."""
        return None if self.size_cm is None else self.size_cm[0] * self.size_cm[1]

    @property
    def has_laser(self) -> bool:
        """Whether any band comes from a laser: then it is a laser product (IEC 60825-1), not a lamp (IEC 62471)."""
        return any(band.light_source == "laser" for band in self.bands)

    @property
    def recalled(self) -> bool:
        return bool(self.recalls)

    def band(self, peak_nm: float) -> Band:
        """The band with this peak.

        Raises
        ------
        UnknownNameError
            With the device's peaks.
        """
        return self.bands[match_peak(self, peak_nm)]

    def has_usable_number(self, band: Band) -> bool:
        """Whether the band's published number may enter a dose: one of the catalogue that nobody read may not."""
        if any(emitter.band_nm == band.peak_nm for emitter in self.emitters):
            return True
        if band.irradiance_mw_cm2 is None:
            return False
        return self.origin == "file" or band.basis != "unverified"

    def _irradiance(self, basis: str) -> dict[str, float]:
        return {
            f"{band.peak_nm:g}": band.irradiance_mw_cm2
            for band in self.bands
            if band.basis == basis and band.irradiance_mw_cm2 is not None
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; claimed, measured, assumed and unverified irradiance stand apart."""
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "maker": self.maker,
            "form": self.form,
            "origin": self.origin,
            "wavelengths_nm": list(self.wavelengths_nm),
            "irradiance_mw_cm2": {
                basis: self._irradiance(basis) for basis in ("claimed", "measured", "assumed", "unverified")
            },
            "bands": [band.to_dict() for band in self.bands],
            "modes": plain(self.modes),
            "light_source": self.light_source,
            "laser_product": self.has_laser,
            "leds": self.leds,
            "lasers": self.lasers,
            "laser_class": plain(self.laser_class),
            "laser_beam": plain(self.laser_beam),
            "emitting_area_cm2": self.emitting_area_cm2,
            "size_cm": None if self.size_cm is None or self.size_assumed else list(self.size_cm),
            "distance_cm": self.distance_cm,
            "session_minutes": self.session_minutes,
            "per_week": self.per_week,
            "trial": self.trial,
            "clearance": plain(self.clearance),
            "recalls": plain(self.recalls),
            "recalled": self.recalled,
            "limits": list(self.limits),
            "eye_protection": self.eye_protection,
            "unverified_fields": list(self.unverified_fields),
            "notes": list(self.notes),
            "sources": plain(self.sources),
        }


def match_peak(device: Device, peak_nm: float) -> int:
    """Index of the device's band whose peak is within 0.5 nm of `peak_nm`."""
    for index, band in enumerate(device.bands):
        if abs(band.peak_nm - peak_nm) <= 0.5:
            return index
    known = sorted(device.wavelengths_nm, key=lambda peak: abs(peak - peak_nm))
    raise UnknownNameError(
        f"peak of {device.id}", f"{peak_nm:g}", (), "Its peaks are " + ", ".join(f"{p:g}" for p in known) + " nm."
    )


def _order(half_angle_deg: float | None, order: float | None) -> float | None:
    return half_angle_to_lambertian_order(half_angle_deg) if half_angle_deg is not None else order


def _band(spec: BandSpec, device: DeviceSpec) -> Band:
    source = spec.light_source or ("laser" if device.light_source == "laser" else "led")
    table = None
    if spec.spectrum is not None:
        table = (tuple(spec.spectrum.wavelength_nm), tuple(spec.spectrum.power))
    basis = spec.irradiance_basis
    if spec.irradiance_mw_cm2 is not None and basis is None:
        basis = "claimed"  # a number without a basis is what somebody says, not what somebody measured
    band = Band(
        peak_nm=spec.peak_nm,
        fwhm_nm=default_fwhm_nm(spec.peak_nm, source) if spec.fwhm_nm is None else spec.fwhm_nm,
        irradiance_mw_cm2=spec.irradiance_mw_cm2,
        basis=basis,
        condition=spec.irradiance_condition,
        statistic=spec.irradiance_statistic,
        split=spec.irradiance_split,
        at_cm=spec.at_cm,
        light_source=source,
        peak_confidence=spec.peak_confidence,
        fwhm_assumed=spec.fwhm_nm is None and table is None,
        source=spec.irradiance_source,
        note=spec.note,
        table=table,
    )
    if table is not None:
        _ = band.spectrum  # a table that is no spectrum must be found on reading, not on use
    return band


def _emitter(spec: EmitterSpec, default_order: float) -> Emitter:
    position = spec.position_mm
    if position is None:
        if spec.position_cm is None:
            raise InputError("an emitter has no position")
        x, y, z = spec.position_cm
        position = (10.0 * x, 10.0 * y, 10.0 * z)
    length = sum(component**2 for component in spec.direction) ** 0.5
    dx, dy, dz = spec.direction
    order = _order(spec.half_angle_deg, spec.lambertian_order)
    return Emitter(
        position,
        (dx / length, dy / length, dz / length),
        spec.radiant_power_mw,
        default_order if order is None else order,
        spec.band,
    )


DEFAULT_DISTANCE_CM = {"mask": 0.0, "cap": 0.0, "handheld": 0.0, "panel": 15.0, "bed": 5.0}
"""Distance of use where a file gives none: contact for what is worn or held; 15 cm (6 inches) is where makers of panels
state their irradiance; 5 cm for a bed is judgement. The exposure says when one of them was used."""


def from_spec(spec: DeviceSpec, origin: str) -> Device:
    """The Device of a validated device file."""
    size, assumed = spec.size_cm, False
    if size is None and spec.emitting_area_cm2 is not None:
        side = spec.emitting_area_cm2**0.5
        size, assumed = (side, side), True
    order = _order(spec.half_angle_deg, spec.lambertian_order)
    emitters = spec.array.emitters if spec.array else []
    return Device(
        id=spec.id,
        name=spec.name,
        kind=spec.kind,
        bands=tuple(_band(band, spec) for band in spec.bands),
        size_cm=size,
        size_assumed=assumed,
        distance_cm=DEFAULT_DISTANCE_CM[spec.kind] if spec.distance_cm is None else spec.distance_cm,
        distance_assumed=spec.distance_cm is None,
        lambertian_order=order,
        emitters=tuple(_emitter(emitter, 1.0 if order is None else order) for emitter in emitters),
        array_basis=spec.array.basis if spec.array else "assumed",
        modes=tuple(Mode(mode.name, tuple(mode.peaks_nm)) for mode in spec.modes),
        maker=spec.maker,
        form=spec.form,
        light_source=spec.light_source,
        leds=spec.leds,
        lasers=spec.lasers,
        laser_class=spec.laser_class,
        laser_beam=spec.laser_beam,
        session_minutes=spec.session_minutes,
        per_week=spec.per_week,
        trial=spec.trial,
        clearance=tuple(spec.clearance),
        recalls=tuple(spec.recalls),
        limits=tuple(spec.limits),
        eye_protection=spec.eye_protection,
        sources=tuple(spec.sources),
        unverified_fields=tuple(spec.unverified_fields),
        notes=tuple(spec.notes),
        origin=origin,
    )
