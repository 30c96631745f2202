"""Laser beams: class by IEC 60825-1, time until the limits of eye and skin, distance of harm, where the data allow.

One beam is looked at, the worst of a product's: as a point source (C_E = 1), all of whose power passes the opening of
the eye where nobody published how far it widens. The share of a widening beam is that of a Gaussian of diameter D
(which holds 63 % of the power): 1 - exp(-(d/D)^2) through an opening d, with D = beam + distance * divergence.
The numbers stand in `limits/eu_2006_25_ec/laser` (exposure) and `limits/iec_60825_1_2014/classes` (emission).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from photodose.data import Source, load_document
from photodose.data.schema_limits import LaserClasses, LaserExposureLimits, LaserLimit, LaserOpening
from photodose.quantities import RangeError, short, short_down
from photodose.safety.hazards.tables import DAY_S, EYES, eye_transmittance

NOT_ASSESSED = "not assessed"
STANDARD = "IEC 60825-1"
MOST_POWER_MW = 1e5
BLINK_S = 0.25
"""Time after which an eye turns away from a bright beam [s]: the time base of class 2."""


@cache
def exposure_limits() -> LaserExposureLimits:
    """Limits of exposure to a laser beam, Directive 2006/25/EC, Annex II."""
    return load_document("safety/limits/eu_2006_25_ec/laser", LaserExposureLimits)


@cache
def class_limits() -> LaserClasses:
    """Accessible emission limits, IEC 60825-1:2014."""
    return load_document("safety/limits/iec_60825_1_2014/classes", LaserClasses)


@dataclass(frozen=True, slots=True)
class LaserBeam:
    """One beam of a laser product.

    Attributes
    ----------
    wavelength_nm : float
        Peak [nm], above 0 to 1e6; outside 500 to 1150 nm nothing is assessed.
    power_mw : float or None
        While the beam is on [mW], above 0 to 1e5; None where nobody published it.
    divergence_rad : float or None
        Full angle that holds 63 % of the power [rad], above 0 to pi; None where not published: the beam is taken not to
        widen.
    beam_mm : float
        Diameter that holds 63 % of the power at the product [mm], 0 to 1000.
    stated_class : str or None
        Class by IEC 60825-1 as the maker states it.
    """

    wavelength_nm: float
    power_mw: float | None = None
    divergence_rad: float | None = None
    beam_mm: float = 0.0
    stated_class: str | None = None

    def __post_init__(self) -> None:
        for name, value, high in (
            ("wavelength_nm", self.wavelength_nm, 1e6),
            ("power_mw", self.power_mw, MOST_POWER_MW),
            ("divergence_rad", self.divergence_rad, math.pi),
        ):
            if value is not None and not 0.0 < value <= high:
                raise RangeError(name, value, 0.0, high, above=True)
        if not 0.0 <= self.beam_mm <= 1000.0:
            raise RangeError("beam_mm", self.beam_mm, 0.0, 1000.0)

    @property
    def in_range(self) -> bool:
        """Whether limits for this wavelength were read."""
        low, high = exposure_limits().wavelength_nm
        return low <= self.wavelength_nm <= high

    def through(self, aperture_mm: float, distance_cm: float) -> float:
        """Share of the power that passes an opening [mm] at a distance [cm] on the axis, 0 to 1."""
        if self.divergence_rad is None:
            return 1.0
        diameter = self.beam_mm + 10.0 * distance_cm * self.divergence_rad
        return 1.0 if diameter <= 0.0 else -math.expm1(-((aperture_mm / diameter) ** 2))


def correction(wavelength_nm: float) -> float:
    """The factor C_A: 1 to 700 nm, 10^(0.002 (l - 700)) to 1050 nm, 5 beyond (Directive 2006/25/EC, table 2.5).

    Raises
    ------
    RangeError
        Outside 500 to 1150 nm.
    """
    table = exposure_limits()
    low, high = table.wavelength_nm
    if not low <= wavelength_nm <= high:
        raise RangeError("wavelength_nm", wavelength_nm, low, high)
    constants = table.correction.constants
    above = min(max(wavelength_nm, constants["from_nm"]), constants["to_nm"]) - constants["from_nm"]
    return float(10.0 ** (constants["slope_per_nm"] * above))


def eye_limit_w_m2(wavelength_nm: float, exposure_s: float) -> float:
    """Highest permissible irradiance at the eye, averaged over 7 mm [W/m2], for one exposure of this length [s].

    H <= 5e-3 C_A J/m2 to 18 us, 18 C_A t^0.75 J/m2 to 10 s, E <= 10 C_A W/m2 beyond (Directive 2006/25/EC,
    Annex II, tables 2.2 and 2.3).

    Raises
    ------
    RangeError
        Outside 500 to 1150 nm, or for a time of 1 ns or less or above 30000 s.

    Examples
    --------
    >>> round(eye_limit_w_m2(650.0, 0.25), 1)
    25.5
    """
    constants, factor = exposure_limits().eye.constants, correction(wavelength_nm)
    if not 1e-9 < exposure_s <= DAY_S:
        raise RangeError("exposure_s", exposure_s, 1e-9, DAY_S)
    if exposure_s >= constants["long_s"]:
        return constants["long_w_m2"] * factor
    if exposure_s < constants["pulse_s"]:
        return constants["pulse_j_m2"] * factor / exposure_s
    return float(constants["coefficient"] * exposure_s ** (constants["exponent"] - 1.0) * factor)


def _time_s(irradiance_w_m2: float, limit: LaserLimit, wavelength_nm: float) -> float | None:
    """Time until a dose that grows as t^exponent is reached [s]; None where the rate may last for ever."""
    constants, factor = limit.constants, correction(wavelength_nm)
    if irradiance_w_m2 <= constants["long_w_m2"] * factor:
        return None
    seconds = (constants["coefficient"] * factor / irradiance_w_m2) ** (1.0 / (1.0 - constants["exponent"]))
    pulse_s = constants.get("pulse_s", 0.0)
    if seconds < pulse_s:
        seconds = min(pulse_s, constants["pulse_j_m2"] * factor / irradiance_w_m2)
    return float(min(seconds, constants["long_s"]))


def eye_time_s(irradiance_w_m2: float, wavelength_nm: float) -> float | None:
    """Time until the limit of the eye is reached [s]; None where it is not reached in eight hours."""
    return _time_s(irradiance_w_m2, exposure_limits().eye, wavelength_nm)


def skin_time_s(irradiance_w_m2: float, wavelength_nm: float) -> float | None:
    """The same for the skin under the beam, averaged over 3.5 mm (Directive 2006/25/EC, Annex II, table 2.4)."""
    return _time_s(irradiance_w_m2, exposure_limits().skin, wavelength_nm)


def emission_limits_mw(wavelength_nm: float) -> dict[str, float]:
    """Accessible emission limits of the classes 1, 2, 3R and 3B [mW]; class 2 only up to 700 nm.

    Raises
    ------
    RangeError
        Outside 500 to 1150 nm.

    Examples
    --------
    >>> {name: round(limit, 2) for name, limit in emission_limits_mw(650.0).items()}
    {'1': 0.39, '2': 1.0, '3R': 5.0, '3B': 500.0}
    """
    table, factor = class_limits(), correction(wavelength_nm)
    limits: dict[str, float] = {}
    for row in table.classes:
        watts = row.visible_w if wavelength_nm <= table.visible_to_nm else row.infrared_w
        if watts is not None:
            limits[row.name] = 1e3 * watts * (factor if row.with_c_a else 1.0)
    return limits


def classify(beam: LaserBeam) -> str:
    """Class of a beam by its power alone: "1", "1M", "2", "2M", "3R", "3B", "4", or "not assessed".

    What passes 7 mm at 10 cm is compared, and 50 mm at 2 m for a telescope (conditions 3 and 1).
    """
    if beam.power_mw is None or not beam.in_range:
        return NOT_ASSESSED
    table, limits = class_limits(), emission_limits_mw(beam.wavelength_nm)
    naked, telescope = (beam.power_mw * _share(beam, opening) for opening in (table.naked_eye, table.telescope))
    for name, limit in limits.items():
        if max(naked, telescope) <= limit:
            return name
        if name in ("1", "2") and naked <= limit and telescope <= limits["3B"]:
            return f"{name}M"
    return "4"


def _share(beam: LaserBeam, opening: LaserOpening) -> float:
    return beam.through(opening.aperture_mm, opening.distance_cm)


def _area_m2(diameter_mm: float) -> float:
    return math.pi / 4.0 * (diameter_mm * 1e-3) ** 2


@dataclass(frozen=True, slots=True)
class LaserAnswer:
    """What can be said of a laser product.

    Attributes
    ----------
    stated_class : str or None
        As the maker states it.
    computed_class : str
        Of one beam by its power, or "not assessed".
    consistency : str
        How the class stated goes with the power stated, in words.
    power_mw : float or None
        The power that the times rest on [mW]; None outside the wavelengths that were read.
    power_basis : str
        "stated", "class limit" (the highest that the class allows) or "assumed" (the highest read elsewhere).
    emission_limits_mw : mapping of class to mW
    eye_irradiance_w_m2, eye_limit_w_m2 : float or None
        At the open eye, averaged over 7 mm, and what may last without end [W/m2].
    eye_s, skin_s : float or None
        Time until the limit is reached by open eyes, and by the skin in the beam [s]; None where it is not.
    permissible_by_eyes_s : mapping
        The shorter of eye and skin for open, closed and shielded eyes [s].
    hazard_distance_cm : float or None
        Beyond it the beam may be looked into without end [cm]; None where its divergence is not known.
    words : tuple of str
        The same in plain words.
    """

    stated_class: str | None
    computed_class: str
    consistency: str
    power_mw: float | None
    power_basis: str
    emission_limits_mw: Mapping[str, float] = field(hash=False)
    eye_irradiance_w_m2: float | None = None
    eye_limit_w_m2: float | None = None
    eye_s: float | None = None
    skin_s: float | None = None
    permissible_by_eyes_s: Mapping[str, float | None] = field(default_factory=dict, hash=False)
    hazard_distance_cm: float | None = None
    words: tuple[str, ...] = ()

    @property
    def assessed(self) -> bool:
        """Whether times could be computed."""
        return self.eye_limit_w_m2 is not None

    def to_dict(self) -> dict[str, Any]:
        return {
            "standard": STANDARD,
            "class": self.stated_class or NOT_ASSESSED,
            "computed_class": self.computed_class,
            "consistency": self.consistency,
            "power_mw": self.power_mw,
            "power_basis": self.power_basis,
            "emission_limits_mw": dict(self.emission_limits_mw),
            "eye_irradiance_w_m2": self.eye_irradiance_w_m2,
            "eye_limit_w_m2": self.eye_limit_w_m2,
            "eye_permissible_s": self.eye_s,
            "skin_permissible_s": self.skin_s,
            "hazard_distance_cm": self.hazard_distance_cm,
            "words": list(self.words),
        }


def judge(beam: LaserBeam, at_cm: float) -> LaserAnswer:
    """Class, times and distance of harm of one beam.

    Parameters
    ----------
    beam : LaserBeam
    at_cm : float
        Distance of use [cm], 0 or more; nearer than 10 cm no eye forms a sharp image, so that 10 cm counts.

    Returns
    -------
    LaserAnswer
        Without times outside 500 to 1150 nm.
    """
    computed = classify(beam)
    if not beam.in_range:
        low, high = exposure_limits().wavelength_nm
        words = (f"No limit was read for a laser of {beam.wavelength_nm:g} nm (only {low:g} to {high:g} nm).",)
        return LaserAnswer(beam.stated_class, computed, NOT_ASSESSED, None, NOT_ASSESSED, {}, words=words)
    limits = emission_limits_mw(beam.wavelength_nm)
    power, basis = _power(beam, limits)
    table = exposure_limits()
    watts = power * 1e-3
    distance = max(at_cm, table.nearest_cm)
    eye = watts * beam.through(table.eye.aperture_mm, distance) / _area_m2(table.eye.aperture_mm)
    skin = watts * beam.through(table.skin.aperture_mm, at_cm) / _area_m2(table.skin.aperture_mm)
    skin_s = skin_time_s(skin, beam.wavelength_nm)
    lids = {state: _lid(state, beam.wavelength_nm) for state in EYES}
    eyes_s = {state: eye_time_s(eye * lid, beam.wavelength_nm) for state, lid in lids.items()}
    answer = LaserAnswer(
        stated_class=beam.stated_class,
        computed_class=computed,
        consistency=_consistency(beam, computed, limits),
        power_mw=power,
        power_basis=basis,
        emission_limits_mw=MappingProxyType(limits),
        eye_irradiance_w_m2=eye,
        eye_limit_w_m2=eye_limit_w_m2(beam.wavelength_nm, DAY_S),
        eye_s=eyes_s["open"],
        skin_s=skin_s,
        permissible_by_eyes_s=MappingProxyType({state: _shorter(time, skin_s) for state, time in eyes_s.items()}),
        hazard_distance_cm=_hazard_distance_cm(beam, watts, eye_limit_w_m2(beam.wavelength_nm, DAY_S)),
    )
    return replace(answer, words=_words(answer))


def _lid(state: str, wavelength_nm: float) -> float:
    return float(eye_transmittance(state)(np.array([wavelength_nm]))[0])


def _shorter(first: float | None, second: float | None) -> float | None:
    return min((time for time in (first, second) if time is not None), default=None)


def _power(beam: LaserBeam, limits: Mapping[str, float]) -> tuple[float, str]:
    """Power of the beam [mW] and where it comes from; what nobody published takes its worst plausible value."""
    if beam.power_mw is not None:
        return beam.power_mw, "stated"
    stated = (beam.stated_class or "").removesuffix("M")  # M: more only for a telescope
    if stated == "1":  # its limit is the exposure limit of the eye, which the printed 0.39 mW rounds up
        aperture = exposure_limits().eye.aperture_mm
        return min(limits["1"], 1e3 * eye_limit_w_m2(beam.wavelength_nm, DAY_S) * _area_m2(aperture)), "class limit"
    if stated in limits:
        return limits[stated], "class limit"
    return (limits["3B"] if stated == "4" else exposure_limits().unknown_power_mw), "assumed"


def _consistency(beam: LaserBeam, computed: str, limits: Mapping[str, float]) -> str:
    """Whether the class stated allows the power stated."""
    stated = beam.stated_class
    if stated is None or beam.power_mw is None:
        return NOT_ASSESSED
    if stated not in limits:
        return "consistent" if stated in ("4", computed) else NOT_ASSESSED
    share = limits[stated] / beam.power_mw
    if share >= 1.0:
        return "consistent"
    if beam.divergence_rad is not None:
        order = [*limits, "4"]
        return "consistent" if order.index(computed.removesuffix("M")) <= order.index(stated) else "not consistent"
    opening = class_limits().naked_eye
    return (
        f"only if the beam widens, so that no more than {math.floor(100.0 * share):d} % of it passes an opening of "
        f"{opening.aperture_mm:g} mm at {opening.distance_cm:g} cm"
    )


def _hazard_distance_cm(beam: LaserBeam, watts: float, limit_w_m2: float) -> float | None:
    """Where the irradiance over 7 mm falls to a limit [cm]; None without a divergence."""
    aperture = exposure_limits().eye.aperture_mm
    share = limit_w_m2 * _area_m2(aperture) / watts
    if share >= 1.0:
        return 0.0
    if beam.divergence_rad is None:
        return None
    diameter = aperture / math.sqrt(-math.log1p(-share))
    return max(diameter - beam.beam_mm, 0.0) / beam.divergence_rad / 10.0


def nominal_ocular_hazard_distance_m(beam: LaserBeam, exposure_s: float) -> float | None:
    """Distance at which the limit for one exposure of this length is just reached [m]; None without a divergence.

    Raises
    ------
    RangeError
        See `eye_limit_w_m2`; also for a beam without power.
    """
    if beam.power_mw is None:
        raise RangeError("power_mw", math.nan, 0.0, MOST_POWER_MW)
    distance = _hazard_distance_cm(beam, beam.power_mw * 1e-3, eye_limit_w_m2(beam.wavelength_nm, exposure_s))
    return None if distance is None else distance / 100.0


def _words(answer: LaserAnswer) -> tuple[str, ...]:
    """What the answer says, sentence by sentence."""
    said = [_power_words(answer)]
    if answer.computed_class != NOT_ASSESSED:
        limits = ", ".join(f"{short(limit)} mW for class {name}" for name, limit in answer.emission_limits_mw.items())
        said.append(
            f"By its power a beam falls in class {answer.computed_class} (our own arithmetic, not a certificate). "
            f"The limits are {limits}."
        )
    if answer.consistency not in (NOT_ASSESSED, "consistent"):
        said.append(f"The maker's class {answer.stated_class} goes with its power {answer.consistency}.")
    for state, seconds in answer.permissible_by_eyes_s.items():
        if seconds is None:
            said.append(f"Looking into one beam with eyes {state}: no limit is reached in eight hours.")
        elif seconds < BLINK_S:
            said.append(f"Looking into one beam with eyes {state}: the limit is passed faster than a blink.")
        else:
            said.append(f"Looking into one beam with eyes {state}: the limit is reached after {short_down(seconds)} s.")
    if answer.hazard_distance_cm is None:
        said.append("How far the beam widens was not published, so this counts at any distance.")
    elif answer.hazard_distance_cm > 0.0:
        said.append(
            f"Beyond {short(math.ceil(answer.hazard_distance_cm))} cm a beam stays inside the limit of the eye."
        )
    return tuple(said)


def _power_words(answer: LaserAnswer) -> str:
    power = short(answer.power_mw or 0.0)
    if answer.power_basis == "stated":
        return f"The times rest on {power} mW a beam, as stated."
    if answer.power_basis == "class limit":
        return f"The times rest on {power} mW a beam, the most that class {answer.stated_class} allows."
    return f"Nobody published the power of a beam, so {power} mW is taken, the most read for such a product."


def sources() -> tuple[Source, ...]:
    """What the limits of lasers rest on."""
    exposure, classes = exposure_limits(), class_limits()
    found = [source for limit in (exposure.correction, exposure.eye, exposure.skin) for source in limit.sources]
    found += [source for row in classes.classes for source in row.sources]
    found += [*classes.opening_sources, *exposure.unknown_power_sources]
    return tuple(dict.fromkeys(found))
