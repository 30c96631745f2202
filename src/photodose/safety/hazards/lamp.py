"""What the hazard assessment needs to know of a lamp, and the light it sends to a place.

Radiometry of a rectangle of LEDs whose radiance is proportional to cos^(m-1) (Lambertian order m):
irradiance on the axis E(d) = M f(d), with f of `devices.rectangle`; mean radiance on the axis L = M (m + 1) / (2 pi);
one LED has radiant intensity I = P (m + 1) / (2 pi) with P = M A / n. Seen within a field of view gamma its radiance is
I over the larger of its own apparent area and the area pi (gamma d)^2 / 4 that the field cuts out. A lens makes the LED
look (m + 1) / 2 times as large as its chip, which keeps the radiance of the chip.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, replace

from photodose.devices.rectangle import relative_irradiance
from photodose.optics import Spectrum
from photodose.quantities import InputError, RangeError, half_angle_to_lambertian_order, mw_per_cm2_to_w_per_m2
from photodose.safety.hazards.laser import LaserBeam

MOST_DISTANCE_CM = 1000.0
MOST_IRRADIANCE_MW_CM2 = 1e5
_CONTACT_CM = 1e-3


@dataclass(frozen=True, slots=True)
class LightBand:
    """One band of light at a known place.

    Attributes
    ----------
    spectrum : Spectrum
        Relative emission.
    irradiance_mw_cm2 : float
        Irradiance on the axis at `at_cm` [mW/cm2], 0 to 1e5, averaged over pulses, without light that skin sends back.
    at_cm : float
        Distance where it holds [cm], 0 to 1000.
    basis : str
        "measured", "claimed", "assumed" or "unverified"; only "measured" counts as known.
    light_source : str
        "led", "fluorescent" or "laser".
    duty_cycle : float
        Share of the time that the light is on, above 0 to 1; heat in the retina is judged by the peak.
    """

    spectrum: Spectrum
    irradiance_mw_cm2: float
    at_cm: float
    basis: str = "claimed"
    light_source: str = "led"
    duty_cycle: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.irradiance_mw_cm2 <= MOST_IRRADIANCE_MW_CM2:
            raise RangeError("irradiance_mw_cm2", self.irradiance_mw_cm2, 0.0, MOST_IRRADIANCE_MW_CM2)
        if not 0.0 <= self.at_cm <= MOST_DISTANCE_CM:
            raise RangeError("at_cm", self.at_cm, 0.0, MOST_DISTANCE_CM)
        if not 0.0 < self.duty_cycle <= 1.0:
            raise RangeError("duty_cycle", self.duty_cycle, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Lamp:
    """A lamp as the hazard assessment sees it.

    Attributes
    ----------
    bands : tuple of LightBand
        One or more.
    size_cm : (float, float)
        Width and height of the emitting area [cm].
    leds : float
        Number of LEDs (of all bands together), above 0.
    led_size_mm : float
        Side of one chip [mm], above 0.
    chips_per_led : int
        How many bands have their chips side by side in one LED.
    half_angle_deg : float or None
        Angle of half intensity [degree], above 0 and below 90; None where it is not known.
    laser_class : str or None
        Class by IEC 60825-1, where published.
    laser_beams : tuple of LaserBeam
        One beam of each kind that the product has; empty where nothing is known but the bands.
    narrowest_half_angle_deg : float
        Where the emission angle is not known, a bare LED and a lens of this half angle are both tried [degree].
    led_power_max_w : float
        No LED is taken to send out more than this in one band [W].
    near_point_cm : float
        Distance below which no eye forms a sharp image [cm].
    assumptions : tuple of str
        What had to be assumed.
    modes : tuple of Lamp
        The lamp in each of its modes, of which one shines at a time; then the worst of them counts, each hazard for
        itself, and `bands` holds those of all modes. Empty where all bands shine together.
    """

    bands: tuple[LightBand, ...]
    size_cm: tuple[float, float]
    leds: float
    led_size_mm: float
    half_angle_deg: float | None = None
    laser_class: str | None = None
    chips_per_led: int = 1
    narrowest_half_angle_deg: float = 15.0
    led_power_max_w: float = math.inf
    near_point_cm: float = 5.0
    assumptions: tuple[str, ...] = ()
    modes: tuple[Lamp, ...] = ()
    laser_beams: tuple[LaserBeam, ...] = ()

    def __post_init__(self) -> None:
        if not self.bands:
            raise InputError("a lamp needs one band of light or more.")
        for name, value, high in (
            ("size_cm", self.size_cm[0], 500.0),
            ("size_cm", self.size_cm[1], 500.0),
            ("near_point_cm", self.near_point_cm, 100.0),
            ("led_power_max_w", self.led_power_max_w, math.inf),
            ("leds", self.leds, 1e6),
            ("led_size_mm", self.led_size_mm, 100.0),
            ("chips_per_led", self.chips_per_led, 100.0),
        ):
            if not 0.0 < value <= high:
                raise RangeError(name, value, 0.0, high)

    @property
    def orders(self) -> tuple[float, ...]:
        """Lambertian orders to try: the known one, or both ends of what is sold."""
        if self.half_angle_deg is not None:
            return (half_angle_to_lambertian_order(self.half_angle_deg),)
        return (1.0, half_angle_to_lambertian_order(self.narrowest_half_angle_deg))

    @property
    def has_laser(self) -> bool:
        return any(band.light_source == "laser" for band in self.bands)

    @property
    def beams(self) -> tuple[LaserBeam, ...]:
        """One laser beam of each kind; of a product whose beams nobody described those that its bands tell of."""
        described = [
            LaserBeam(band.spectrum.centroid_nm, stated_class=self.laser_class)
            for band in self.bands
            if band.light_source == "laser"
        ]
        return self.laser_beams or tuple(described)

    def leds_alone(self) -> Lamp | None:
        """The lamp without its lasers, each band with as many LEDs as before; None where nothing is left."""
        bands = tuple(band for band in self.bands if band.light_source != "laser")
        if not bands:
            return None
        modes = tuple(one for one in (mode.leds_alone() for mode in self.modes) if one is not None)
        shares = (min(self.chips_per_led / len(lit), 1.0) for lit in (self.bands, bands))
        leds = self.leds * next(shares) / next(shares)
        return replace(self, bands=bands, modes=modes, leds=leds, laser_beams=())


@dataclass(frozen=True, slots=True)
class Place:
    """The light of one lamp at one distance, for one Lambertian order.

    Attributes
    ----------
    irradiance : tuple of float
        Of each band on the axis [W/m2].
    radiance : tuple of float
        Mean radiance of the array in each band [W/m2/sr].
    led_intensity : tuple of float
        Radiant intensity of one LED in each band [W/sr].
    """

    lamp: Lamp
    distance_cm: float
    order: float
    irradiance: tuple[float, ...]
    radiance: tuple[float, ...]
    led_intensity: tuple[float, ...]

    @classmethod
    def of(cls, lamp: Lamp, distance_cm: float, order: float) -> Place:
        """The light of a lamp at a distance [cm], 0 to 1000."""
        here = _axis(lamp.size_cm, distance_cm, order)
        exitance = [
            mw_per_cm2_to_w_per_m2(band.irradiance_mw_cm2) / _axis(lamp.size_cm, band.at_cm, order)
            for band in lamp.bands
        ]
        per_steradian = (order + 1.0) / (2.0 * math.pi)
        area_m2 = lamp.size_cm[0] * lamp.size_cm[1] * 1e-4
        leds_of_a_band = max(lamp.leds * min(lamp.chips_per_led / len(lamp.bands), 1.0), 1.0)
        return cls(
            lamp,
            distance_cm,
            order,
            tuple(value * here for value in exitance),
            tuple(value * per_steradian for value in exitance),
            tuple(min(value * area_m2 / leds_of_a_band, lamp.led_power_max_w) * per_steradian for value in exitance),
        )

    @property
    def led_area_m2(self) -> float:
        """Apparent area of one LED, lens included [m2]."""
        return (self.lamp.led_size_mm * 1e-3) ** 2 * (self.order + 1.0) / 2.0

    @property
    def _image_cm(self) -> float:
        """The distance from which the retina sees the sharpest image: not nearer than the near point [cm]."""
        return max(self.distance_cm, self.lamp.near_point_cm)

    def led_radiance(self, shares: tuple[float, ...], field_rad: float) -> float:
        """Weighted radiance of the LEDs within a field of view [W/m2/sr]; never below that of the array.

        The strongest bands have their chips side by side, as many as sit in one LED; all others count with their
        mean radiance.
        """
        seen_m2 = max(self.led_area_m2, math.pi / 4.0 * (field_rad * self._image_cm * 1e-2) ** 2)
        means = by_shares(self.radiance, shares)
        single = [intensity / seen_m2 for intensity in by_shares(self.led_intensity, shares)]
        excess: list[float] = sorted((max(more, 0.0) for more in map(operator.sub, single, means)), reverse=True)
        return sum(means) + sum(excess[: self.lamp.chips_per_led])

    def led_irradiance(self, shares: tuple[float, ...], alpha_below_rad: float) -> float:
        """Weighted irradiance from one LED alone, seen as a small source [W/m2].

        Nearer than where the LED fills `alpha_below_rad` its radiance is what counts; the value there is kept, so that
        coming closer is never judged milder.
        """
        distance_m = max(self.distance_cm * 1e-2, math.sqrt(self.led_area_m2) / alpha_below_rad)
        return sum(by_shares(self.led_intensity, shares)) / distance_m**2

    def array_subtense_rad(self) -> float:
        """Angle under which the array is seen, the mean of both sides [rad], not clipped."""
        return _angle(sum(self.lamp.size_cm) / 2.0, self._image_cm)

    def led_subtense_rad(self) -> float:
        """Angle under which one LED is seen [rad], not clipped."""
        return _angle(math.sqrt(self.led_area_m2) * 1e2, self._image_cm)


def by_shares(values: tuple[float, ...], shares: tuple[float, ...]) -> list[float]:
    """The value of each band times its share; a share too many or too few is an error (ValueError)."""
    return [value * share for value, share in zip(values, shares, strict=True)]


def _axis(size_cm: tuple[float, float], distance_cm: float, order: float) -> float:
    """E / M on the axis; a hair's breadth counts as contact."""
    near = distance_cm if distance_cm >= _CONTACT_CM else 0.0
    return float(relative_irradiance(size_cm, near, order=order))


def _angle(length_cm: float, distance_cm: float) -> float:
    return 2.0 * math.atan2(length_cm / 2.0, distance_cm)
