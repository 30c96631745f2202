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
from photodose.devices.sizes import usual_size_cm, usual_sizes
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


ENCLOSING_CM = {"mask": 3.0, "bed": 30.0}
"""Up to this distance [cm] a mask closes in the face and a bed the body: light comes from all sides (judgement: a shell
stands a finger's breadth off the skin, a canopy about a forearm above the body); farther off it is a lamp."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """A device's geometry at one distance; `size_cm` is the device's own, else the usual one of its kind if taken."""

    device: Device
    distance_cm: float
    contact: bool
    order: float
    order_known: bool
    incidence: Incidence
    incidence_reason: str
    view_factor: float | None
    rectangle_peak_to_mean: float | None
    size_cm: tuple[float, float] | None
    assumptions: tuple[str, ...] = field(default=())

    def ratio(self, band: Band) -> tuple[float, float]:
        """Mean irradiance here over the published irradiance there, and the log standard deviation of that ratio.

        The published irradiance holds at the band's `at_cm` (else at the device's distance of use), at the centre or
        as a mean by its `statistic`; a number of unknown statistic is a uniform field and scales as the mean does.
        """
        at = self.device.distance_cm if band.at_cm is None else band.at_cm
        same = abs(at - self.distance_cm) <= 1e-9 or (self.contact and at <= CONTACT_CM)
        if same and (band.statistic != "centre" or self.device.size_cm is None or self.contact):
            return 1.0, 0.0
        size = self.size_cm
        if size is None:
            raise InputError(
                f"the irradiance of {self.device.id} is known at {at:g} cm only and its emitting size is not; measure "
                f"it at {self.distance_cm:g} cm and give --irradiance-mw-cm2 {band.peak_nm:g}=12 (peak=mW/cm2), take a "
                f"usual size for a {self.device.kind} with --assume, use --distance-cm {at:g}, or give a device file "
                "with size_cm."
            )
        value = _rescale(size, at, self.distance_cm, self.order, band.statistic)
        variance = 0.0
        if self.device.size_cm is None:
            factor = usual_sizes().side_factor
            small, large = (
                _rescale((size[0] * f, size[1] * f), at, self.distance_cm, self.order, band.statistic)
                for f in (1.0 / factor, factor)
            )
            variance += (math.log(large / small) / (2.0 * Z90)) ** 2
        if not self.order_known:
            low, high = (_rescale(size, at, self.distance_cm, m, band.statistic) for m in LENS_ORDER_RANGE)
            variance += (math.log(high / low) / (2.0 * Z90)) ** 2
        if not self.contact and self.distance_cm > 0.0:
            step = math.exp(knowledge().distance_log_sd)
            near = _rescale(size, at, self.distance_cm / step, self.order, band.statistic)
            far = _rescale(size, at, self.distance_cm * step, self.order, band.statistic)
            variance += (0.5 * math.log(near / far)) ** 2
        return value, math.sqrt(variance)


def treated_cm(lamp: Device, distance_cm: float) -> tuple[float, float]:
    """The treated area [cm]: the emitting rectangle's shadow, from the emitters where no size is given."""
    if lamp.size_cm is not None:
        return lamp.size_cm
    xs = [emitter.position_mm[0] / 10.0 for emitter in lamp.emitters]
    ys = [emitter.position_mm[1] / 10.0 for emitter in lamp.emitters]
    # a lone row or point still lights about as wide as it is far
    least = max(distance_cm, 1.0)
    return max(max(xs) - min(xs), least), max(max(ys) - min(ys), least)


def _rescale(size: tuple[float, float], at: float, distance: float, order: float, statistic: str) -> float:
    here = mean_relative_irradiance(size, distance, order)
    if statistic == "centre":
        return here / float(relative_irradiance(size, at, 0.0, 0.0, order))
    return here / mean_relative_irradiance(size, at, order)


def geometry_of(lamp: Device, distance_cm: float, assume: bool = False) -> Geometry:
    """The geometry of a device at a distance [cm]; with `assume` a usual size by kind where one is needed."""
    contact = distance_cm <= CONTACT_CM
    assumptions: list[str] = []
    size = lamp.size_cm
    if size is None and assume and _needs_size(lamp, distance_cm):
        size = usual_size_cm(lamp.kind)
        assumptions.append(
            f"No emitting size is published: {size[0]:g} x {size[1]:g} cm is assumed for a {lamp.kind}, each side "
            f"within a factor {usual_sizes().side_factor:g} of it; that widens what holds at another distance."
        )
    order, known = _order(lamp, distance_cm, size, assumptions)
    incidence, reason = _incidence(lamp, distance_cm, size, order)
    peak_to_mean = None
    if not contact and lamp.size_cm is not None and not lamp.emitters and distance_cm > 0.0:
        centre = float(relative_irradiance(lamp.size_cm, distance_cm, 0.0, 0.0, order))
        peak_to_mean = centre / mean_relative_irradiance(lamp.size_cm, distance_cm, order)
        if lamp.size_assumed:
            assumptions.append("Only the emitting area is known: a square of that area is assumed.")
    return Geometry(
        lamp, distance_cm, contact, order, known, incidence, reason,
        _view_factor(lamp, distance_cm, size), peak_to_mean, size, tuple(assumptions),
    )  # fmt: skip


def _needs_size(lamp: Device, distance_cm: float) -> bool:
    """Whether any published number, or the distance of use, is at another distance than this."""
    known = {lamp.distance_cm} | {band.at_cm for band in lamp.bands if band.at_cm is not None}
    return any(abs(at - distance_cm) > 1e-9 and max(at, distance_cm) > CONTACT_CM for at in known)


def _encloses(lamp: Device, distance_cm: float) -> bool:
    return distance_cm <= ENCLOSING_CM.get(lamp.kind, CONTACT_CM)


def _order(
    lamp: Device, distance_cm: float, size: tuple[float, float] | None, assumptions: list[str]
) -> tuple[float, bool]:
    contact = distance_cm <= CONTACT_CM
    if lamp.lambertian_order is not None:
        return lamp.lambertian_order, True
    if lamp.kind == "panel" and not contact and not lamp.emitters:
        assumptions.append("The panel's lens is not published: emission of 60 degrees full angle is assumed.")
        return half_angle_to_lambertian_order(LENS_HALF_ANGLE_DEG), False
    if size is not None and not lamp.emitters and not _encloses(lamp, distance_cm):
        assumptions.append(
            f"The emission angle of the {lamp.kind} is not published: that of bare diodes (Lambertian) is assumed."
        )
    return 1.0, contact


def _incidence(
    lamp: Device, distance_cm: float, size: tuple[float, float] | None, order: float
) -> tuple[Incidence, str]:
    if distance_cm <= CONTACT_CM:
        return Incidence("diffuse"), "diffuse: the device lies on the skin"
    if _encloses(lamp, distance_cm):
        inside = "face" if lamp.kind == "mask" else "body"
        return Incidence("diffuse"), f"diffuse: the device encloses the {inside}"
    whose = "" if lamp.size_cm is not None or lamp.emitters else " (assumed)"
    if lamp.emitters:
        size = treated_cm(lamp, distance_cm)
        order = sum(e.lambertian_order * e.radiant_power_mw for e in lamp.emitters) / sum(
            e.radiant_power_mw for e in lamp.emitters
        )
    elif size is None:
        return Incidence("diffuse"), "diffuse: the device is known only by its numbers"
    matched = min(max(equivalent_order(mean_cosine(size, distance_cm, order)), 1.0), 1000.0)
    return (
        Incidence("lambertian", order=matched),
        f"Lambertian of order {matched:.1f}: the mean cosine of an emitting rectangle of "
        f"{size[0]:.0f} x {size[1]:.0f} cm{whose} at {distance_cm:g} cm",
    )


def _view_factor(lamp: Device, distance_cm: float, size: tuple[float, float] | None) -> float | None:
    if distance_cm <= CONTACT_CM or (lamp.kind == "bed" and _encloses(lamp, distance_cm)):
        return 1.0
    return None if size is None else view_factor(size, distance_cm)
