"""A device of the catalogue, or of a user's file, as a lamp for the hazard assessment."""

from __future__ import annotations

import math
from collections.abc import Mapping

from photodose.devices import Device, prior
from photodose.quantities import InputError
from photodose.quantities.values import Estimate
from photodose.safety.hazards.lamp import Lamp, LightBand
from photodose.safety.hazards.tables import eye_data


def lamp_of(
    device: Device,
    irradiance_mw_cm2: Mapping[float, float] | None = None,
    *,
    led_size_mm: float | None = None,
    half_angle_deg: float | None = None,
    laser_class: str | None = None,
    duty_cycle: float = 1.0,
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
        Class by IEC 60825-1, where published.
    duty_cycle : float
        Share of the time that the light is on.

    Raises
    ------
    UnknownNameError
        If the device has no band at a peak given.
    """
    given = {device.band(peak).peak_nm: value for peak, value in (irradiance_mw_cm2 or {}).items()}
    data, assumed, bands = eye_data(), [], []
    usual = data.kind(device.kind)
    for band in device.bands:
        value, at_cm, basis = _output(device, band.peak_nm, given.get(band.peak_nm))
        if basis == "assumed" and band.light_source != "laser":
            assumed.append(f"{value:.0f} mW/cm2 at {band.peak_nm:g} nm, the high end of devices of this kind")
        bands.append(LightBand(band.spectrum, value, at_cm, basis, band.light_source, duty_cycle))
    size = device.size_cm or usual.size_cm
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
    known = device.leds or device.emitters
    return Lamp(
        tuple(bands),
        size,
        leds,
        led_size_mm or data.led_size_mm,
        half_angle_deg,
        laser_class,
        chips_per_led=usual.chips_per_led,
        narrowest_half_angle_deg=usual.narrowest_half_angle_deg,
        led_power_max_w=math.inf if known else data.led_power_max_w,
        near_point_cm=data.near_point_cm,
        assumptions=tuple(assumed),
    )


def _output(device: Device, peak_nm: float, given: float | None) -> tuple[float, float, str]:
    """Irradiance [mW/cm2], the distance where it holds [cm], and its basis; never below what was claimed."""
    band = device.band(peak_nm)
    if given is not None:
        if not given >= 0.0:
            raise InputError(f"irradiance_mw_cm2 at {peak_nm:g} nm must be 0 or more, not {given:g}.")
        return given, device.distance_cm, "claimed"
    at_cm = device.distance_cm if band.at_cm is None else band.at_cm
    if band.irradiance_mw_cm2 is not None:
        return band.irradiance_mw_cm2, at_cm, band.basis or "unverified"
    truth = prior(device.kind, len(device.bands))
    return Estimate.lognormal(truth.median, truth.log_sd).high, device.distance_cm, "assumed"
