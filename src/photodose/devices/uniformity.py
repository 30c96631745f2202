"""How uneven a device's light is over the treated area: peak over mean irradiance, and where that is from."""

from __future__ import annotations

import math

from photodose.devices.array import lattice_peak_to_mean, peak_to_mean_of_contrast
from photodose.devices.claims import knowledge
from photodose.devices.geometry import Geometry
from photodose.devices.model import Band, Device

STANDOFF_MM = 5.0
"""From an emitter to the skin in a worn mask [mm]: silicone or shell over the diode (judgement; 3 to 10 mm)."""


def peak_to_mean(lamp: Device, band: Band, geometry: Geometry) -> tuple[float | None, str]:
    if geometry.rectangle_peak_to_mean is not None:
        return geometry.rectangle_peak_to_mean, "emitting-rectangle model over the treated area"
    area, count = lamp.emitting_area_cm2, lamp.leds
    if geometry.contact and area is not None and count and band.light_source == "led":
        pitch = 10.0 * math.sqrt(area / count)
        order = lamp.lambertian_order or 1.0
        return (
            lattice_peak_to_mean(pitch, STANDOFF_MM, order),
            f"square lattice of {count} emitters at {STANDOFF_MM:g} mm from the skin",
        )
    if geometry.contact and lamp.kind == "mask":
        return _contrast_of_a_mask()
    return None, "not known: number of emitters or emitting area not published"


def _contrast_of_a_mask() -> tuple[float | None, str]:
    """Peak to mean of the one mask that was measured over and between its emitters; a lower bound for that mask."""
    for pair in knowledge().pairs:
        if pair.measured_mw_cm2 is not None and pair.between_mw_cm2 is not None:
            contrast = pair.measured_mw_cm2 / pair.between_mw_cm2
            reason = (
                f"not of this product: a lattice of emitters with the contrast of the one mask that was measured, "
                f"{pair.measured_mw_cm2:g} mW/cm2 over an LED and under {pair.between_mw_cm2:g} between"
            )
            return peak_to_mean_of_contrast(contrast), reason
    return None, "not known"
