"""How a device's irradiance changes with distance, and how its light falls on the skin."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from photodose.devices.claims import knowledge
from photodose.devices.model import Band, Device
from photodose.devices.rectangle import (
    equivalent_order,
    mean_cosine,
    mean_relative_irradiance,
    relative_irradiance,
    view_factor,
)
from photodose.optics import Incidence
from photodose.quantities import InputError, half_angle_to_lambertian_order
from photodose.quantities.values import Z90

CONTACT_CM = 1.0
"""Up to this distance [cm] a device counts as in contact with the skin."""

LENS_HALF_ANGLE_DEG = 30.0
"""Half angle of a panel's emission where none is published [degree]: lenses of 60 degrees full angle are common
(GembaRed, Advanced Intensity Analysis for Red Light Panels, names its own; 30 to 90 degrees are sold)."""

LENS_ORDER_RANGE = (1.0, half_angle_to_lambertian_order(15.0))
"""From a bare diode (Lambertian) to a 30 degree lens: the range behind the uncertainty of a change of distance."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """A device's geometry at one distance."""

    device: Device
    distance_cm: float
    contact: bool
    order: float
    order_known: bool
    incidence: Incidence
    incidence_reason: str
    view_factor: float | None
    rectangle_peak_to_mean: float | None
    assumptions: tuple[str, ...] = field(default=())

    def treated_cm(self, lamp: Device) -> tuple[float, float]:
        """The treated area [cm]: the emitting rectangle's shadow, from the emitters where no size is given."""
        if lamp.size_cm is not None:
            return lamp.size_cm
        xs = [emitter.position_mm[0] / 10.0 for emitter in lamp.emitters]
        ys = [emitter.position_mm[1] / 10.0 for emitter in lamp.emitters]
        # a lone row or point still lights about as wide as it is far
        least = max(self.distance_cm, 1.0)
        return max(max(xs) - min(xs), least), max(max(ys) - min(ys), least)

    def ratio(self, band: Band) -> tuple[float, float]:
        """Mean irradiance here over the published irradiance there, and the log standard deviation of that ratio.

        The published irradiance holds at the band's `at_cm` (else at the device's distance of use), at the centre or
        as a mean by its `statistic`; a number of unknown statistic is a uniform field and scales as the mean does.
        """
        at = self.device.distance_cm if band.at_cm is None else band.at_cm
        same = abs(at - self.distance_cm) <= 1e-9 or (self.contact and at <= CONTACT_CM)
        if same and (band.statistic != "centre" or self.device.size_cm is None or self.contact):
            return 1.0, 0.0
        size = self.device.size_cm
        if size is None:
            raise InputError(
                f"the irradiance of {self.device.id} is known at {at:g} cm only and its emitting size is not; "
                f"use distance_cm {at:g}, or give a device file with size_cm."
            )
        value = _rescale(size, at, self.distance_cm, self.order, band.statistic)
        variance = 0.0
        if not self.order_known:
            low, high = (_rescale(size, at, self.distance_cm, m, band.statistic) for m in LENS_ORDER_RANGE)
            variance += (math.log(high / low) / (2.0 * Z90)) ** 2
        if not self.contact and self.distance_cm > 0.0:
            step = math.exp(knowledge().distance_log_sd)
            near = _rescale(size, at, self.distance_cm / step, self.order, band.statistic)
            far = _rescale(size, at, self.distance_cm * step, self.order, band.statistic)
            variance += (0.5 * math.log(near / far)) ** 2
        return value, math.sqrt(variance)


def _rescale(size: tuple[float, float], at: float, distance: float, order: float, statistic: str) -> float:
    here = mean_relative_irradiance(size, distance, order)
    if statistic == "centre":
        return here / float(relative_irradiance(size, at, 0.0, 0.0, order))
    return here / mean_relative_irradiance(size, at, order)


def geometry_of(lamp: Device, distance_cm: float) -> Geometry:
    """The geometry of a device at a distance [cm]."""
    contact = distance_cm <= CONTACT_CM
    assumptions: list[str] = []
    order, known = _order(lamp, contact, assumptions)
    incidence, reason = _incidence(lamp, distance_cm, contact, order)
    peak_to_mean = None
    if not contact and lamp.size_cm is not None and not lamp.emitters and distance_cm > 0.0:
        centre = float(relative_irradiance(lamp.size_cm, distance_cm, 0.0, 0.0, order))
        peak_to_mean = centre / mean_relative_irradiance(lamp.size_cm, distance_cm, order)
        if lamp.size_assumed:
            assumptions.append("Only the emitting area is known: a square of that area is assumed.")
    return Geometry(
        lamp, distance_cm, contact, order, known, incidence, reason,
        _view_factor(lamp, distance_cm, contact), peak_to_mean, tuple(assumptions),
    )  # fmt: skip


def _order(lamp: Device, contact: bool, assumptions: list[str]) -> tuple[float, bool]:
    if lamp.lambertian_order is not None:
        return lamp.lambertian_order, True
    if lamp.kind == "panel" and not contact and not lamp.emitters:
        assumptions.append("The panel's lens is not published: emission of 60 degrees full angle is assumed.")
        return half_angle_to_lambertian_order(LENS_HALF_ANGLE_DEG), False
    return 1.0, contact


def _incidence(lamp: Device, distance_cm: float, contact: bool, order: float) -> tuple[Incidence, str]:
    if contact:
        return Incidence("diffuse"), "diffuse: the device lies on the skin"
    if lamp.kind == "bed":
        return Incidence("diffuse"), "diffuse: the device encloses the body"
    if lamp.kind == "mask":
        return Incidence("diffuse"), "diffuse: the device encloses the face"
    size = lamp.size_cm
    if size is None and not lamp.emitters:
        return Incidence("diffuse"), "diffuse: the device is known only by its numbers"
    if size is None:
        size = Geometry(lamp, distance_cm, False, order, True, Incidence("diffuse"), "", None, None).treated_cm(lamp)
    if lamp.emitters:
        order = sum(e.lambertian_order * e.radiant_power_mw for e in lamp.emitters) / sum(
            e.radiant_power_mw for e in lamp.emitters
        )
    matched = min(max(equivalent_order(mean_cosine(size, distance_cm, order)), 1.0), 1000.0)
    return (
        Incidence("lambertian", order=matched),
        f"Lambertian of order {matched:.1f}: the mean cosine of an emitting rectangle of "
        f"{size[0]:.0f} x {size[1]:.0f} cm at {distance_cm:g} cm",
    )


def _view_factor(lamp: Device, distance_cm: float, contact: bool) -> float | None:
    if contact or lamp.kind == "bed":
        return 1.0
    return None if lamp.size_cm is None else view_factor(lamp.size_cm, distance_cm)
