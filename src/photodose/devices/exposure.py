"""What a device really puts on the skin: irradiance by band with its uncertainty, how the light falls, and why."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.data import Source
from photodose.devices.array import plane_statistics
from photodose.devices.claims import TrueRatio, knowledge, true_ratio
from photodose.devices.enclosure import enclosure_gain
from photodose.devices.geometry import CONTACT_CM, Geometry, geometry_of, treated_cm
from photodose.devices.meter import true_irradiance
from photodose.devices.model import ENCLOSING_KINDS, Band, Device, match_peak
from photodose.devices.prior import prior
from photodose.devices.reading import device as read_device
from photodose.devices.uniformity import STANDOFF_MM, peak_to_mean
from photodose.optics import Incidence, Spectrum
from photodose.optics.spectrum import TAIL_WARNING
from photodose.quantities import Estimate, InputError, RangeError, UnknownNameError, plain

FloatArray = NDArray[np.float64]
SkinReflectance = float | Mapping[float, float] | Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What sends reflected light back: view factor F and the range of the device's own reflectance (uniform)."""

    view_factor: float
    device_reflectance_low: float
    device_reflectance_high: float

    def gain(self, skin_reflectance: ArrayLike, device_reflectance: ArrayLike) -> FloatArray:
        """Gain 1 / (1 - F rho_skin rho_device)."""
        return enclosure_gain(skin_reflectance, device_reflectance, self.view_factor)

    def moments(self, skin_reflectance: float) -> tuple[float, float]:
        """Median gain and the standard deviation of its logarithm over the device's reflectance."""
        rho = np.linspace(self.device_reflectance_low, self.device_reflectance_high, 401)
        gain = self.gain(skin_reflectance, rho)
        return float(np.median(gain)), float(np.log(gain).std())


@dataclass(frozen=True, slots=True)
class ExposureBand:
    """One band on the skin.

    Attributes
    ----------
    free_air_mw_cm2, free_air_log_sd : float
        Median of the mean irradiance over the treated area without the skin's own back reflection [mW/cm2], and the
        standard deviation of its logarithm (for an irradiance given on skin, with it).
    common_log_sd : float
        The part of `free_air_log_sd` that all bands of the device share.
    gain, gain_log_sd : float
        Enclosure gain for the skin reflectance given (1 and 0 without).
    basis : str
        "claimed", "measured", "assumed" or "unverified".
    published_mw_cm2 : float or None
        The number behind it, as published or typed in.
    peak_to_mean : float or None
        Highest over mean irradiance on the treated area; None where nothing is known of the emitters.
    """

    peak_nm: float
    spectrum: Spectrum
    free_air_mw_cm2: float
    free_air_log_sd: float
    common_log_sd: float
    gain: float
    gain_log_sd: float
    basis: str
    on_skin: bool
    published_mw_cm2: float | None
    peak_to_mean: float | None
    peak_to_mean_source: str
    light_source: str
    reason: str

    @property
    def median_mw_cm2(self) -> float:
        """Median irradiance on the skin, enclosure gain included [mW/cm2]."""
        return self.free_air_mw_cm2 * self.gain

    @property
    def log_sd(self) -> float:
        """Standard deviation of the logarithm of the irradiance on the skin."""
        return math.hypot(self.free_air_log_sd, self.gain_log_sd)

    @property
    def irradiance_mw_cm2(self) -> Estimate:
        """Irradiance on the skin with its 90 % interval [mW/cm2]."""
        return Estimate.lognormal(self.median_mw_cm2, self.log_sd)

    def to_dict(self) -> dict[str, Any]:
        return {
            "peak_nm": self.peak_nm,
            "irradiance_mw_cm2": self.irradiance_mw_cm2.to_dict(),
            "free_air_mw_cm2": Estimate.lognormal(self.free_air_mw_cm2, self.free_air_log_sd).to_dict(),
            "enclosure_gain": self.gain,
            "basis": self.basis,
            "published_mw_cm2": self.published_mw_cm2,
            "on_skin": self.on_skin,
            "peak_to_mean": self.peak_to_mean,
            "peak_to_mean_source": self.peak_to_mean_source,
            "light_source": self.light_source,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Exposure:
    """The light of one device on the skin at one distance."""

    device: Device
    distance_cm: float
    bands: tuple[ExposureBand, ...]
    incidence: Incidence
    incidence_reason: str
    enclosure: Enclosure | None
    mode: str | None
    warnings: tuple[str, ...]
    assumptions: tuple[str, ...]
    sources: tuple[Source, ...]

    @property
    def peaks_nm(self) -> tuple[float, ...]:
        return tuple(band.peak_nm for band in self.bands)

    def band(self, peak_nm: float) -> ExposureBand:
        """The band with this peak (within 0.5 nm)."""
        for band in self.bands:
            if abs(band.peak_nm - peak_nm) <= 0.5:
                return band
        shown = ", ".join(f"{peak:g}" for peak in self.peaks_nm)
        raise UnknownNameError("band", f"{peak_nm:g}", (), f"The bands are {shown} nm.")

    def sample(self, count: int, rng: np.random.Generator, skin_reflectance: ArrayLike | None = None) -> FloatArray:
        """Draw irradiances on the skin.

        Parameters
        ----------
        count : int
            Number of draws.
        rng : numpy.random.Generator
            Source of random numbers.
        skin_reflectance : array_like, shape (count, band) or broadcastable, optional
            Diffuse reflectance of each sampled skin; without it the gains computed for the exposure are used.

        Returns
        -------
        ndarray, shape (count, band)
            Irradiance [mW/cm2]. What the device's bands share (its claim, its distance, its inner face) is drawn once
            per row.
        """
        common, own = rng.standard_normal((count, 1)), rng.standard_normal((count, len(self.bands)))
        draw = rng.uniform(size=(count, 1))
        median = np.array([band.free_air_mw_cm2 for band in self.bands])
        shared = np.array([band.common_log_sd for band in self.bands])
        total = np.array([band.free_air_log_sd for band in self.bands])
        alone = np.sqrt(np.maximum(total**2 - shared**2, 0.0))
        field = median * np.exp(shared * common + alone * own)
        if self.enclosure is None:
            return np.asarray(field)
        low, high = self.enclosure.device_reflectance_low, self.enclosure.device_reflectance_high
        rho_device = low + (high - low) * draw
        if skin_reflectance is None:
            gain = np.array([[band.gain for band in self.bands]])
            spread = np.array([[band.gain_log_sd for band in self.bands]])
            gain = gain * np.exp(spread * math.sqrt(12.0) * (draw - 0.5))  # uniform with that standard deviation
        else:
            gain = self.enclosure.gain(skin_reflectance, rho_device)
        free = np.array([not band.on_skin for band in self.bands])
        return np.asarray(field * np.where(free, gain, 1.0))

    def to_dict(self) -> dict[str, Any]:
        return {
            "device": self.device.id,
            "distance_cm": self.distance_cm,
            "mode": self.mode,
            "bands": [band.to_dict() for band in self.bands],
            "incidence": {"kind": self.incidence.kind, "order": self.incidence.order, "reason": self.incidence_reason},
            "warnings": list(self.warnings),
            "assumptions": list(self.assumptions),
            "sources": plain(self.sources),
        }


@dataclass(slots=True)
class _Notes:
    """Warnings, assumptions and sources gathered on the way; each once, in order."""

    warnings: dict[str, None]
    assumptions: dict[str, None]
    sources: dict[str, Source]

    def cite(self, *sources: Source | None) -> None:
        for source in sources:
            if source is not None:
                self.sources.setdefault(source.citation, source)


def exposure(
    device: Device | str,
    distance_cm: float | None = None,
    irradiance_mw_cm2: Mapping[float, float] | None = None,
    assume: bool = False,
    skin_reflectance: SkinReflectance | None = None,
    mode: str | None = None,
    meter: str | None = None,
) -> Exposure:
    """Irradiance of a device on the skin, by band, with its uncertainty.

    Parameters
    ----------
    device : Device or str
        A device, or its id or path.
    distance_cm : float, optional
        Distance from the emitting surface [cm], 0 to 500; the device's own distance of use unless given.
    irradiance_mw_cm2 : mapping of peak [nm] to irradiance [mW/cm2], optional
        Measured by the user where the skin will be; takes the place of the published number of that band.
    assume : bool
        Take a labelled prior by kind for a band without a usable published irradiance, and a labelled emitting size by
        kind where another distance needs one that is not published.
    skin_reflectance : float, mapping of peak to float, or function of wavelength, optional
        Diffuse reflectance of the skin, 0 to 1, for the enclosure gain of masks and beds.
    mode : str, optional
        Name of the device's mode; its first mode unless given.
    meter : str, optional
        Type of meter behind `irradiance_mw_cm2`: "solar", "silicon", "thermopile" or "lux"; readings are corrected.

    Returns
    -------
    Exposure

    Raises
    ------
    InputError
        If `assume` is false and a band has no usable irradiance, or a distance needs an emitting size that is unknown.
    UnknownNameError
        For a peak, mode or meter the device does not have.
    RangeError
        For an irradiance, reflectance or distance outside its range.
    """
    lamp = read_device(device)
    distance = _distance(lamp, distance_cm)
    notes = _Notes({}, {}, {})
    notes.cite(*lamp.sources)
    bands, chosen = _bands_of_mode(lamp, mode, notes)
    own = _overrides(lamp, irradiance_mw_cm2 or {})
    geometry = geometry_of(lamp, distance, assume)
    notes.assumptions.update(dict.fromkeys(geometry.assumptions))
    enclosure = _enclosure(lamp, geometry)
    made = []
    for band in _usable(lamp, bands, own, assume, notes):
        reading = own.get(lamp.bands.index(band))
        made.append(_band_exposure(lamp, band, reading, meter, geometry, notes))
    made = [_with_gain(band, enclosure, skin_reflectance, notes) for band in made]
    _general_notes(lamp, distance, distance_cm is None, made, notes)
    return Exposure(
        lamp, distance, tuple(made), geometry.incidence, geometry.incidence_reason, enclosure, chosen,
        tuple(notes.warnings), tuple(notes.assumptions), tuple(notes.sources.values()),
    )  # fmt: skip


def _distance(lamp: Device, distance_cm: float | None) -> float:
    distance = lamp.distance_cm if distance_cm is None else distance_cm
    if isinstance(distance, bool) or not isinstance(distance, int | float) or not 0.0 <= distance <= 500.0:
        if isinstance(distance, int | float):
            raise RangeError("distance_cm", float(distance), 0.0, 500.0)
        raise InputError(f"distance_cm must be a number, not {distance!r}.")
    return float(distance)


def _bands_of_mode(lamp: Device, mode: str | None, notes: _Notes) -> tuple[tuple[Band, ...], str | None]:
    if not lamp.modes:
        if mode is not None:
            raise UnknownNameError(f"mode of {lamp.id}", mode, (), "It has no modes: all its bands shine together.")
        return lamp.bands, None
    names = [item.name for item in lamp.modes]
    if mode is None:
        chosen = lamp.modes[0]
        others = ", ".join(names[1:])
        if others:
            notes.assumptions[f"Mode {chosen.name!r}; its other modes are {others}."] = None
    elif mode in names:
        chosen = lamp.modes[names.index(mode)]
    else:
        raise UnknownNameError(f"mode of {lamp.id}", mode, names)
    return tuple(lamp.band(peak) for peak in chosen.peaks_nm), chosen.name


def _overrides(lamp: Device, given: Mapping[float, float]) -> dict[int, float]:
    found: dict[int, float] = {}
    for peak, value in given.items():
        try:
            number, irradiance = float(peak), float(value)
        except (TypeError, ValueError):
            raise InputError(f"irradiance_mw_cm2 needs peak=value pairs of numbers, not {peak}={value}.") from None
        if not (math.isfinite(irradiance) and 0.0 < irradiance <= 1e4):
            raise RangeError("irradiance_mw_cm2", irradiance, 1e-4, 1e4, f"band {number:g} nm")
        found[match_peak(lamp, number)] = irradiance
    return found


def _usable(lamp: Device, bands: tuple[Band, ...], own: Mapping[int, float], assume: bool, notes: _Notes) -> list[Band]:
    """The bands to compute; a band whose very peak is unverified and that has no number is left out with a warning."""
    kept, missing = [], []
    for band in bands:
        given = lamp.bands.index(band) in own
        if given or lamp.has_usable_number(band):
            kept.append(band)
        elif band.peak_confidence == "unverified":
            notes.warnings[
                f"The {band.peak_nm:g} nm band of {lamp.name} is unverified and has no published irradiance: left out."
            ] = None
        else:
            missing.append(band)
    if missing and not assume:
        raise InputError(_missing_sentence(lamp, missing))
    if assume:
        kept = [band for band in bands if band in kept or band in missing]
    if assume and not kept:
        kept = list(bands)
        notes.warnings = dict.fromkeys(w for w in notes.warnings if "left out" not in w)
        notes.warnings[f"Nobody read the wavelengths of {lamp.name} in a source; they are unverified."] = None
    if not kept:
        raise InputError(_missing_sentence(lamp, list(bands)))
    return kept


def _missing_sentence(lamp: Device, missing: list[Band]) -> str:
    peaks = ", ".join(f"{band.peak_nm:g}" for band in missing)
    example = ",".join(f"{band.peak_nm:g}={value}" for band, value in zip(missing, (12, 18, 9, 9, 9), strict=False))
    kind = "published irradiance" if all(b.irradiance_mw_cm2 is None for b in missing) else "verified irradiance"
    return (
        f"{lamp.name} ({lamp.id}) has no {kind} at {peaks} nm; measure it and give --irradiance-mw-cm2 {example} "
        f"(peak=mW/cm2), or take a labelled prior for a {lamp.kind} with --assume."
    )


@dataclass(frozen=True, slots=True)
class _Basis:
    """Where one band's irradiance comes from: the number, its truth, and how it changes on the way to the skin."""

    published: float | None
    truth: TrueRatio
    ratio: float = 1.0
    ratio_log_sd: float = 0.0
    split_log_sd: float = 0.0
    on_skin: bool = False
    peak: float | None = None


def _band_exposure(
    lamp: Device, band: Band, reading: float | None, meter: str | None, geometry: Geometry, notes: _Notes
) -> ExposureBand:
    basis = _basis(lamp, band, reading, meter, geometry, notes)
    truth = basis.truth
    notes.cite(*truth.sources)
    if truth.basis == "unverified":
        notes.warnings[f"The irradiance at {band.peak_nm:g} nm is unverified: nobody read it in a source."] = None
    common = math.hypot(truth.log_sd, basis.ratio_log_sd)
    uneven, why = peak_to_mean(lamp, band, geometry)
    if basis.peak is not None and basis.published is not None:
        uneven, why = basis.peak / basis.published, "computed from the emitters of the file"
    return ExposureBand(
        peak_nm=band.peak_nm,
        spectrum=band.spectrum,
        free_air_mw_cm2=truth.median * (1.0 if basis.published is None else basis.published) * basis.ratio,
        free_air_log_sd=math.hypot(common, basis.split_log_sd),
        common_log_sd=common,
        gain=1.0,
        gain_log_sd=0.0,
        basis=truth.basis,
        on_skin=basis.on_skin,
        published_mw_cm2=basis.published,
        peak_to_mean=uneven,
        peak_to_mean_source=why,
        light_source=band.light_source,
        reason=truth.reason,
    )


def _basis(
    lamp: Device, band: Band, reading: float | None, meter: str | None, geometry: Geometry, notes: _Notes
) -> _Basis:
    if reading is not None:
        return _Basis(reading, _reading_truth(band, reading, meter, notes))
    array = _array_mean(lamp, band, geometry, notes)
    if array is not None:
        return _Basis(array[0], true_ratio(lamp.array_basis, geometry.contact), peak=array[1])
    if band.irradiance_mw_cm2 is None:
        together = len(lamp.modes[0].peaks_nm) if lamp.modes else len(lamp.bands)
        truth = prior(lamp.kind, together)
        notes.assumptions[f"No usable irradiance at {band.peak_nm:g} nm: {truth.reason}."] = None
        # the prior is of devices at their distance of use
        return _Basis(None, truth, *geometry.ratio(replace(band, at_cm=None, statistic="unknown")))
    # an unverified number of the catalogue comes this far only with `assume`
    notes.cite(band.source)
    split = 0.0
    if band.split == "equal":
        split = knowledge().split_log_sd
        notes.assumptions[
            "Only a total was published: it is split equally between the bands, which widens each of them."
        ] = None
    # a number for contact stays as doubtful as contact makes it wherever it is carried
    at_contact = (lamp.distance_cm if band.at_cm is None else band.at_cm) <= CONTACT_CM
    truth = true_ratio(band.basis or "claimed", geometry.contact or at_contact)
    ratio, ratio_log_sd = geometry.ratio(band)
    return _Basis(band.irradiance_mw_cm2, truth, ratio, ratio_log_sd, split, band.condition == "on_skin")


def _reading_truth(band: Band, reading: float, meter: str | None, notes: _Notes) -> TrueRatio:
    known = knowledge()
    if meter is None:
        notes.assumptions[
            "Measured by the user, meter not named: a solar power meter would read 50 to 100 % too high."
        ] = None
        return TrueRatio(1.0, known.unknown_meter_log_sd, "measured", known.reasons["unknown_meter_log_sd"])
    corrected = true_irradiance(reading, meter, band.spectrum)
    reason = f"measured by the user with a {meter} meter, corrected"
    return TrueRatio(corrected.median_mw_cm2 / reading, corrected.log_sd, "measured", reason, (corrected.source,))


def _array_mean(lamp: Device, band: Band, geometry: Geometry, notes: _Notes) -> tuple[float, float] | None:
    """Mean and peak irradiance of the band from the file's emitters, or None when it has none for this band."""
    if not any(emitter.band_nm == band.peak_nm for emitter in lamp.emitters):
        return None
    distance = geometry.distance_cm
    if distance < STANDOFF_MM / 10.0:
        distance = STANDOFF_MM / 10.0
        notes.assumptions[f"In contact the emitters are taken to be {STANDOFF_MM:g} mm from the skin."] = None
    peaks, mean, peak = plane_statistics(lamp.emitters, treated_cm(lamp, geometry.distance_cm), distance)
    index = peaks.index(band.peak_nm)
    if not mean[index] > 0.0:
        raise InputError(f"no light of the array of {lamp.id} reaches the plane at {geometry.distance_cm:g} cm.")
    return float(mean[index]), float(peak[index])


def _enclosure(lamp: Device, geometry: Geometry) -> Enclosure | None:
    if lamp.kind not in ENCLOSING_KINDS or geometry.view_factor is None:
        return None
    known = knowledge()
    return Enclosure(geometry.view_factor, known.device_reflectance_low, known.device_reflectance_high)


def _reflectance_at(skin: SkinReflectance, band: ExposureBand) -> float:
    if callable(skin):
        value = float(skin(band.peak_nm))
    elif isinstance(skin, Mapping):
        near = [value for peak, value in skin.items() if abs(float(peak) - band.peak_nm) <= 0.5]
        if not near:
            raise InputError(f"skin_reflectance has no value for {band.peak_nm:g} nm.")
        value = float(near[0])
    else:
        value = float(skin)
    if not 0.0 <= value < 1.0:
        raise RangeError("skin_reflectance", value, 0.0, 0.999)
    return value


def _with_gain(
    band: ExposureBand, enclosure: Enclosure | None, skin: SkinReflectance | None, notes: _Notes
) -> ExposureBand:
    if enclosure is None or band.on_skin:
        return band
    if skin is None:
        notes.warnings[
            "Irradiance in free air: the gain by light going to and fro between skin and device needs the skin."
        ] = None
        return band
    gain, log_sd = enclosure.moments(_reflectance_at(skin, band))
    return replace(band, gain=gain, gain_log_sd=log_sd)


def _general_notes(lamp: Device, distance: float, default: bool, bands: list[ExposureBand], notes: _Notes) -> None:
    if default and lamp.distance_assumed and distance > 0.0:
        notes.assumptions[f"No distance of use is published: {distance:g} cm is assumed."] = None
    if lamp.has_laser:
        notes.warnings[
            f"{lamp.name} is a laser product (IEC 60825-1): its class and limits apply, lamp risk groups do not."
        ] = None
    for recall in lamp.recalls:
        notes.warnings[f"{lamp.name} was recalled ({recall.authority}, {recall.date}): {recall.reason}."] = None
    for band in bands:
        if band.spectrum.lost_fraction > TAIL_WARNING:
            notes.warnings[
                f"{band.spectrum.lost_fraction:.1%} of the {band.peak_nm:g} nm band lies outside 400 to 1100 nm "
                "and is left out."
            ] = None
    if any(band.basis == "claimed" for band in bands):
        notes.warnings[
            "The irradiance rests on the maker's claim; published measurements found about half of what was claimed."
        ] = None
    widths = [b for b in lamp.bands if b.fwhm_assumed and b.peak_nm in {x.peak_nm for x in bands}]
    if widths:
        notes.assumptions["Spectral widths were not published: typical widths of such emitters are taken."] = None
