"""Each hazard of each publication for one lamp at one distance: value, limit, ratio, permissible time.

Every function returns the worst of the array and of one LED, and of all Lambertian orders that are possible.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from photodose.data.schema_limits import ExposureLimit, RiskGroupRow
from photodose.safety.hazards.lamp import Lamp, Place, by_shares
from photodose.safety.hazards.tables import (
    DAY_S,
    PUBLICATIONS,
    FloatArray,
    action_spectrum,
    eye_transmittance,
    limits,
    weighted_share,
)

EYE_HAZARDS = frozenset(
    {"uva_eye", "blue_light", "blue_light_small", "retinal_thermal", "retinal_thermal_weak_visual", "ir_eye"}
)


@dataclass(frozen=True, slots=True)
class Hazard:
    """One hazard at one distance.

    Attributes
    ----------
    value, limit : float
        Weighted quantity and the limit for exposures without end, in `unit` (W/m2 or W/m2/sr).
    ratio : float
        Value over limit.
    permissible_s : float or None
        Time until the limit is reached [s]; None where it is not reached in eight hours.
    worst_of : str
        "array" or "one LED".
    verified : bool
        Whether every number of the limit was read.
    """

    id: str
    name: str
    edition: str
    reference: str
    at_cm: float
    value: float
    unit: str
    limit: float
    ratio: float
    permissible_s: float | None
    worst_of: str
    verified: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "edition": self.edition,
            "reference": self.reference,
            "at_cm": self.at_cm,
            "value": self.value,
            "unit": self.unit,
            "limit": self.limit,
            "ratio": self.ratio,
            "permissible_s": self.permissible_s,
            "worst_of": self.worst_of,
            "verified": self.verified,
        }


@dataclass(frozen=True, slots=True)
class Weighted:
    """The share of each band that counts for one limit: action spectrum, and lid or shield where it is for the eye."""

    limit: ExposureLimit
    edition: str
    shares: tuple[float, ...]
    peak_shares: tuple[float, ...]
    """The same with each band raised to its peak between pulses."""


def weigh(lamp: Lamp, eyes: str) -> list[Weighted]:
    """Weight the lamp's spectrum by every limit of every publication; it does not depend on distance."""
    found = []
    for publication in PUBLICATIONS:
        table = limits(publication)
        for limit in table.limits:
            weight = action_spectrum(limit.action_spectrum, *limit.wavelength_nm)
            if limit.id == "skin_thermal" and "slope_per_nm" in limit.constants:
                weight = _skin_reference(limit)
            lid = eye_transmittance(eyes if limit.id in EYE_HAZARDS else "open")
            shares = tuple(weighted_share(band.spectrum, weight, lid) for band in lamp.bands)
            peak = tuple(map(operator.truediv, shares, (band.duty_cycle for band in lamp.bands)))
            found.append(Weighted(limit, table.edition, shares, peak))
    return found


def _skin_reference(limit: ExposureLimit) -> Callable[[FloatArray], FloatArray]:
    """Weight 1/C_A, so that the sum over bands compares with the limit at C_A = 1."""
    constants = limit.constants

    def weight(wavelength_nm: FloatArray) -> FloatArray:
        above = np.clip(wavelength_nm, constants["from_nm"], constants["to_nm"]) - constants["from_nm"]
        return np.asarray(10.0 ** (-constants["slope_per_nm"] * above))

    return weight


def hazards_at(lamp: Lamp, weights: list[Weighted], distance_cm: float) -> list[Hazard]:
    """All hazards of all publications at one distance [cm]."""
    places = [Place.of(lamp, distance_cm, order) for order in lamp.orders]
    found = []
    for weighted in weights:
        candidates = [hazard for place in places for hazard in _EVALUATE[weighted.limit.id](place, weighted)]
        found.append(_worst(candidates))
    return found


def worst(modes: list[list[Hazard]]) -> list[Hazard]:
    """Of several lists of the same hazards the worst of each."""
    return [_worst(list(rows)) for rows in zip(*modes, strict=True)]


def _worst(candidates: list[Hazard]) -> Hazard:
    return max(candidates, key=lambda hazard: (-_time(hazard), hazard.ratio))


def _time(hazard: Hazard) -> float:
    """Permissible time [s], endless where there is no limit."""
    return math.inf if hazard.permissible_s is None else hazard.permissible_s


def _make(
    weighted: Weighted, place: Place, value: float, limit: float, seconds: float, worst_of: str = "array"
) -> Hazard:
    rule = weighted.limit
    return Hazard(
        id=rule.id,
        name=rule.name,
        edition=weighted.edition,
        reference=rule.reference,
        at_cm=place.distance_cm,
        value=value,
        unit=rule.unit,
        limit=limit,
        ratio=value / limit,
        permissible_s=None if seconds >= DAY_S else seconds,
        worst_of=worst_of,
        verified=rule.verified,
    )


def _sum(values: tuple[float, ...], shares: tuple[float, ...]) -> float:
    return sum(by_shares(values, shares))


def _actinic(place: Place, weighted: Weighted) -> Iterator[Hazard]:
    """E_S t <= 30 J/m2 in eight hours."""
    value, dose = _sum(place.irradiance, weighted.shares), weighted.limit.constants["dose_j_m2"]
    yield _make(weighted, place, value, dose / DAY_S, dose / value if value > 0.0 else math.inf)


def _dose_then_rate(place: Place, weighted: Weighted, value: float, dose: float, worst_of: str = "array") -> Hazard:
    """A dose up to `long_s`, and a rate that may last for ever beyond."""
    long_limit = weighted.limit.constants["long_limit"]
    seconds = math.inf if value <= long_limit else dose / value
    return _make(weighted, place, value, long_limit, seconds, worst_of)


def _uva(place: Place, weighted: Weighted) -> Iterator[Hazard]:
    """E_UVA t <= 1e4 J/m2 up to 1000 s, 10 W/m2 beyond."""
    value = _sum(place.irradiance, weighted.shares)
    yield _dose_then_rate(place, weighted, value, weighted.limit.constants["dose_j_m2"])


def _blue(place: Place, weighted: Weighted) -> Iterator[Hazard]:
    """L_B t <= 1e6 J/m2/sr up to 1e4 s, 100 W/m2/sr beyond; one LED over 0.1 rad for the rate, 0.011 for the dose."""
    constants = weighted.limit.constants
    mean = _sum(place.radiance, weighted.shares)
    yield _dose_then_rate(place, weighted, mean, constants["dose_j_m2_sr"])
    led = place.led_radiance(weighted.shares, constants["long_field_rad"])
    if led > constants["long_limit"]:
        led = place.led_radiance(weighted.shares, constants["field_rad"])
    yield _dose_then_rate(place, weighted, led, constants["dose_j_m2_sr"], "one LED")


def _blue_small(place: Place, weighted: Weighted) -> Iterator[Hazard]:
    """E_B of one LED, seen as a small source (below 0.011 rad)."""
    constants = weighted.limit.constants
    value = place.led_irradiance(weighted.shares, constants["alpha_below_rad"])
    yield _dose_then_rate(place, weighted, value, constants["dose_j_m2"], "one LED")


def clipped(angle_rad: float, constants: dict[str, float]) -> float:
    """The angular subtense within its limits, 0.011 to 0.1 rad for ten seconds and longer."""
    return min(max(angle_rad, constants["alpha_min_rad"]), constants["alpha_max_rad"])


def _retinal(place: Place, weighted: Weighted) -> Iterator[Hazard]:
    """L_R <= c/alpha without end; before that coefficient/(alpha t^0.25) where the publication has it."""
    constants = weighted.limit.constants
    for worst_of, value, angle in (
        ("array", _sum(place.radiance, weighted.peak_shares), place.array_subtense_rad()),
        ("one LED", place.led_radiance(weighted.peak_shares, constants["field_rad"]), place.led_subtense_rad()),
    ):
        alpha = clipped(angle, constants)
        limit = constants["long_coefficient"] / alpha
        seconds = math.inf
        if value > limit:
            short = constants["coefficient"] / (alpha * value)
            seconds = min(short**4.0, constants["long_s"])
        yield _make(weighted, place, value, limit, seconds, worst_of)


def _infrared(place: Place, weighted: Weighted) -> Iterator[Hazard]:
    """E_IR <= 18000 t^-0.75 up to 1000 s, 100 W/m2 beyond; t = (18000/E)^(4/3)."""
    constants, value = weighted.limit.constants, _sum(place.irradiance, weighted.shares)
    long_limit = constants["long_limit"]
    seconds = math.inf if value <= long_limit else (constants["coefficient"] / value) ** (-1.0 / constants["exponent"])
    yield _make(weighted, place, value, long_limit, seconds)


def _skin(place: Place, weighted: Weighted) -> Iterator[Hazard]:
    """Below 10 s E <= 20000 t^-0.75 (IEC 62471); beyond, the laser limit as a reference."""
    constants, value = weighted.limit.constants, _sum(place.irradiance, weighted.shares)
    if "limit_w_m2" in constants:
        limit = constants["limit_w_m2"]
        yield _make(weighted, place, value, limit, constants["from_s"] if value > limit else math.inf)
        return
    limit = constants["coefficient"] * constants["long_s"] ** constants["exponent"]
    seconds = (constants["coefficient"] / value) ** (-1.0 / constants["exponent"]) if value > limit else math.inf
    yield _make(weighted, place, value, limit, seconds)


_EVALUATE: dict[str, Callable[[Place, Weighted], Iterator[Hazard]]] = {
    "actinic_uv": _actinic,
    "uva_eye": _uva,
    "blue_light": _blue,
    "blue_light_small": _blue_small,
    "retinal_thermal": _retinal,
    "retinal_thermal_weak_visual": _retinal,
    "ir_eye": _infrared,
    "skin_thermal": _skin,
}


def group_of(row: RiskGroupRow, place: Place, weighted: Weighted) -> int:
    """Risk group of one hazard at one place: 0 exempt, 1, 2, 3 (IEC 62471:2006, table 6.1)."""
    for group, emission_limit in enumerate((row.exempt, row.rg1, row.rg2)):
        if all(value <= limit for value, limit in _compared(row, place, weighted, group, emission_limit)):
            return group
    return 3


def _compared(
    row: RiskGroupRow, place: Place, weighted: Weighted, group: int, emission_limit: float
) -> Iterator[tuple[float, float]]:
    """Weighted values with the emission limit of a group: of the array, and of one LED."""
    if weighted.limit.quantity == "irradiance":
        small = weighted.limit.constants.get("alpha_below_rad")
        led = None if small is None else place.led_irradiance(weighted.shares, small)
        yield _sum(place.irradiance, weighted.shares) if led is None else led, emission_limit
        return
    shares = weighted.peak_shares if row.per_alpha else weighted.shares
    array, single = emission_limit, emission_limit
    if row.per_alpha:
        bounds = {"alpha_min_rad": row.alpha_min_rad[group], "alpha_max_rad": 0.1}
        array = emission_limit / clipped(place.array_subtense_rad(), bounds)
        single = emission_limit / clipped(place.led_subtense_rad(), bounds)
    yield _sum(place.radiance, shares), array
    yield place.led_radiance(shares, row.fields_rad[group]), single
