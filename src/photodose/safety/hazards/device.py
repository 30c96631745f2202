"""A device of the catalogue, or of a user's file, as a lamp for the hazard assessment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from photodose.devices import Device, prior, usual_size_cm
from photodose.quantities import InputError, UnknownNameError
from photodose.quantities.values import Estimate
from photodose.safety.hazards.lamp import Lamp, LightBand
from photodose.safety.hazards.laser import LaserBeam
from photodose.safety.hazards.tables import eye_data


def mode_names(device: Device) -> tuple[str | None, ...]:
    """The modes to judge a device in, one at a time; (None,) where all its bands count as shining together.

    That is so for a device without modes, and for one whose modes leave out a band.
    """
    covered = {device.band(peak).peak_nm for mode in device.modes for peak in mode.peaks_nm}
    if covered != set(device.wavelengths_nm):
        return (None,)
    return tuple(mode.name for mode in device.modes)


def lamp_of(
    device: Device,
    irradiance_mw_cm2: Mapping[float, float] | None = None,
    *,
    led_size_mm: float | None = None,
    half_angle_deg: float | None = None,
    laser_class: str | None = None,
    duty_cycle: float = 1.0,
    mode: str | None = None,
) -> Lamp:
    """The lamp that a device is; what is not published takes its worst plausible value and says so.

    Parameters
    ----------
    device : Device
        From `devices.device` or a device file.
    irradiance_mw_cm2 : mapping of float to float, optional
        The user's own irradiance by peak [nm] at the distance of use [mW/cm2].
    led_size_mm, half_angle_deg : float, optional
        Side of one chip [mm] and angle of half intensity [degree], where known.
    laser_class : str, optional
        Class by IEC 60825-1, in place of the one in the device's file.
    duty_cycle : float
        Share of the time that the light is on.
    mode : str, optional
        One mode of the device. Without it the worst of its modes counts, each hazard for itself (see `mode_names`).

    Raises
    ------
    UnknownNameError
        If the device has no band at a peak given, or no such mode.
    InputError
        If an irradiance given is negative.
    """
    names = [item.name for item in device.modes]
    if mode is not None and mode not in names:
        raise UnknownNameError(f"mode of {device.id}", mode, names)
    given = {device.band(peak).peak_nm: value for peak, value in (irradiance_mw_cm2 or {}).items()}
    geometry = (led_size_mm, half_angle_deg, laser_class, duty_cycle)
    judged = (mode,) if mode is not None else mode_names(device)
    lamps = tuple(_lamp(device, _peaks(device, name), given, *geometry) for name in judged)
    if len(lamps) == 1:
        return lamps[0]
    together = _lamp(device, device.wavelengths_nm, given, *geometry)
    assumed = tuple(dict.fromkeys(text for lamp in lamps for text in lamp.assumptions))
    return replace(together, modes=lamps, assumptions=assumed)


def _peaks(device: Device, mode: str | None) -> tuple[float, ...]:
    """Peaks of the bands that shine together in a mode [nm]; all without one."""
    if mode is None:
        return device.wavelengths_nm
    found = next(item for item in device.modes if item.name == mode)
    return tuple(device.band(peak).peak_nm for peak in found.peaks_nm)


def _lamp(
    device: Device,
    peaks_nm: tuple[float, ...],
    given: Mapping[float, float],
    led_size_mm: float | None,
    half_angle_deg: float | None,
    laser_class: str | None,
    duty_cycle: float,
) -> Lamp:
    """The lamp that the bands with these peaks make together."""
    data, assumed, bands = eye_data(), [], []
    usual = data.kind(device.kind)
    for band in (device.band(peak) for peak in peaks_nm):
        value, at_cm, basis = _output(device, band.peak_nm, given.get(band.peak_nm), len(peaks_nm))
        if basis == "assumed" and band.light_source != "laser":
            assumed.append(f"{value:.0f} mW/cm2 at {band.peak_nm:g} nm, the high end of devices of this kind")
        bands.append(LightBand(band.spectrum, value, at_cm, basis, band.light_source, duty_cycle))
    size = device.size_cm or usual_size_cm(device.kind)
    if device.size_cm is None or device.size_assumed:
        assumed.append(f"an emitting area of {size[0]:.1f} by {size[1]:.1f} cm")
    leds = float(device.leds or len(device.emitters) or max(1.0, usual.leds_per_cm2 * size[0] * size[1]))
    if not (device.leds or device.emitters):
        assumed.append(f"{leds:.0f} LEDs")
    if led_size_mm is None:
        assumed.append(f"LED chips of {data.led_size_mm:g} mm, {usual.chips_per_led} in each LED")
    if half_angle_deg is None and device.lambertian_order is not None:
        half_angle_deg = math.degrees(math.acos(2.0 ** (-1.0 / device.lambertian_order)))
    if half_angle_deg is None:
        assumed.append(f"any emission angle from a bare LED to a lens of {usual.narrowest_half_angle_deg:g} degrees")
    if bands and all(band.light_source == "laser" for band in bands):
        assumed = []  # nothing of LEDs is used for a laser
    stated = laser_class or (device.laser_class.name if device.laser_class else None)
    known = device.leds or device.emitters
    if known:  # a mode lights only the LEDs of its own bands: a band has as many as it has with all bands on
        leds *= min(usual.chips_per_led / len(device.bands), 1.0) / min(usual.chips_per_led / len(bands), 1.0)
    return Lamp(
        tuple(bands),
        size,
        leds,
        led_size_mm or data.led_size_mm,
        half_angle_deg,
        stated,
        chips_per_led=usual.chips_per_led,
        narrowest_half_angle_deg=usual.narrowest_half_angle_deg,
        led_power_max_w=math.inf if known else data.led_power_max_w,
        near_point_cm=data.near_point_cm,
        assumptions=tuple(assumed),
        laser_beams=_beams(device, peaks_nm, stated),
    )


def _beams(device: Device, peaks_nm: tuple[float, ...], stated_class: str | None) -> tuple[LaserBeam, ...]:
    """One beam of each band that comes from a laser; a power that nobody read does not count."""
    spec = device.laser_beam
    if spec is None or spec.basis == "unverified":
        known: tuple[float | None, float | None, float] = (None, None, 0.0)
    else:
        divergence = None if spec.divergence_deg is None else math.radians(spec.divergence_deg)
        known = (spec.power_mw, divergence, spec.beam_mm or 0.0)
    peaks = (peak for peak in peaks_nm if device.band(peak).light_source == "laser")
    return tuple(LaserBeam(peak, *known, stated_class) for peak in peaks)


def _output(device: Device, peak_nm: float, given: float | None, together: int) -> tuple[float, float, str]:
    """Irradiance [mW/cm2], the distance where it holds [cm], and its basis; never below what was claimed.

    Without a number the high end of the kind's prior is that of the light of all bands that shine together, of which
    each takes its share: two bands are not both at their own high end at once.
    """
    band = device.band(peak_nm)
    if given is not None:
        if not given >= 0.0:
            raise InputError(f"irradiance_mw_cm2 at {peak_nm:g} nm must be 0 or more, not {given:g}.")
        return given, device.distance_cm, "claimed"
    at_cm = device.distance_cm if band.at_cm is None else band.at_cm
    if band.irradiance_mw_cm2 is not None:
        return band.irradiance_mw_cm2, at_cm, band.basis or "unverified"
    total = prior(device.kind)
    return Estimate.lognormal(total.median, total.log_sd).high / together, device.distance_cm, "assumed"
