"""Equivalent exposure: the time at which this device gives a target in this skin the fluence that one trial gave it.

The trial's light on the trial's skin and this device's light on this skin go through the same code with the same
standard-normal parameters, so that what is uncertain in common (scattering, blood, thickness of the model) cancels in
the ratio; what is each one's own (its melanin, its irradiance) does not. Bands are matched by peak within 20 nm and
never added. A trial that gave one band in each session, in turn, is matched by modes of the device that do the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from photodose import devices
from photodose.devices import Exposure, ExposureBand
from photodose.devices.claims import true_ratio
from photodose.devices.geometry import CONTACT_CM
from photodose.dosimetry import exposure_on, relative_fluence
from photodose.dosimetry.delivered import skin_reflectance
from photodose.dosimetry.uncertainty import COUNT, Response
from photodose.evidence import TrialExposure
from photodose.quantities import Estimate, plain
from photodose.tissue import SKIN_TYPES, Skin, site, skin
from photodose.tissue.parameters import INDEX
from photodose.tissue.pigmentation import fitzpatrick_ranges

PEAK_TOLERANCE_NM: Final = 20.0
EXTRAPOLATED: Final = 3.0
TOO_FAR: Final = 10.0
ABOUT: Final = (2.0 / 3.0, 1.5)
"""Shares of a trial's dose that are called "about" the same: within half as much again."""
UNSTATED_SKIN_TYPES: Final = ("II", "IV")
"""Skin types of a trial that does not say whom it treated; their spread is part of the answer's interval."""
SURFACE: Final = "skin surface"
"""Stands for the target of goals that have none in tissue: radiant exposures at the surface are compared."""
DEVICE_KINDS: Final = frozenset({"mask", "panel", "bed", "cap", "handheld"})


@dataclass(frozen=True, slots=True)
class BandMatch:
    """One band of the device against one band of the trial, at the target.

    Attributes
    ----------
    peak_nm, trial_peak_nm : float
    irradiance_mw_cm2, trial_irradiance_mw_cm2 : float
        Medians on the skin.
    trial_fluence_j_cm2 : Estimate
        What the trial's session gave the target.
    fluence_per_minute_j_cm2 : float
        What this device gives the target in a minute, median.
    minutes : float
        Time at which both are equal, for this band alone.
    shared : Response
        Response of ln(trial fluence / own fluence per minute) to the parameters that both skins share.
    own_log_sd : float
        Spread of what the two do not share: irradiances and both melanins.
    """

    peak_nm: float
    trial_peak_nm: float
    irradiance_mw_cm2: float
    trial_irradiance_mw_cm2: float
    trial_fluence_j_cm2: Estimate
    fluence_per_minute_j_cm2: float
    minutes: float
    shared: Response
    own_log_sd: float


@dataclass(frozen=True, slots=True)
class Equivalent:
    """Equivalent exposure to one trial.

    Attributes
    ----------
    trial : TrialExposure
    target : str
    bands : tuple of BandMatch
    minutes : Estimate
        Geometric mean over the bands of the time that gives each the trial's fluence at the target [min].
    irradiance_ratio, time_ratio : float
        This device's irradiance and time over the trial's, each for the band that lies furthest from the trial.
    unused_peaks_nm : tuple of float
        Bands that shine in these sessions without being the trial's.
    modes : tuple of str or None
        The device's mode for each band; None where it has no modes.
    alternating : bool
        Whether each session gives one band, in turn, as the trial did.
    delivery_differs : bool
        The trial gave its bands in turn, and this device can only give them together.
    own_device : bool
        The trial used this very product at its own distance: its light is the trial's, whatever its true strength.
    claim_ratio : float or None
        Median of true over claimed irradiance, where a matched band rests on a claim and the trial's does not share it.
    """

    trial: TrialExposure
    target: str
    bands: tuple[BandMatch, ...]
    minutes: Estimate
    irradiance_ratio: float
    time_ratio: float
    unused_peaks_nm: tuple[float, ...]
    modes: tuple[str | None, ...] = ()
    alternating: bool = False
    delivery_differs: bool = False
    own_device: bool = False
    claim_ratio: float | None = None

    @property
    def uneven(self) -> bool:
        """Whether the one time for all bands gives some band clearly less or more than the trial's dose."""
        if self.alternating:
            return False
        return any(not is_about(self.minutes.value / band.minutes) for band in self.bands)

    @property
    def minutes_if_overstated(self) -> float | None:
        """Minutes for the same dose if the trial's irradiance was overstated as this device's may be [min]."""
        return None if self.claim_ratio is None else self.minutes.value * self.claim_ratio

    def shares(self, minutes: float, by_band: Mapping[float, float] | None = None) -> dict[float, float]:
        """Share of the trial's dose that a session of this length gives each band, by the trial's peak."""
        own = self.minutes_of(minutes, by_band)
        return {band.trial_peak_nm: own[band.peak_nm] / band.minutes for band in self.bands}

    @property
    def worst_ratio(self) -> float:
        """The larger distance from 1 of the irradiance and the time ratio, as a factor of at least 1."""
        return max(_distance_from_one(x) for x in (self.irradiance_ratio, self.time_ratio))

    @property
    def extrapolated(self) -> bool:
        """Whether irradiance or time lies outside a third to three times the trial's."""
        return self.worst_ratio > EXTRAPOLATED

    @property
    def too_far(self) -> bool:
        """Whether irradiance or time lies outside a tenth to ten times the trial's: no protocol stands on that."""
        return self.worst_ratio > TOO_FAR

    def minutes_of(self, minutes: float, by_band: Mapping[float, float] | None = None) -> dict[float, float]:
        """Minutes of each matched band, by its peak on the device [nm -> min]."""
        return {band.peak_nm: minutes if by_band is None else by_band[band.peak_nm] for band in self.bands}

    def to_dict(self, minutes: float, by_band: Mapping[float, float] | None = None) -> dict[str, Any]:
        """Plain values for a session of this length; `by_band` where sessions differ by band."""
        own = self.minutes_of(minutes, by_band)
        time_ratio = _furthest([value / self.trial.minutes for value in own.values()])
        ratios = {f"{band.peak_nm:g}": band.irradiance_mw_cm2 / band.trial_irradiance_mw_cm2 for band in self.bands}
        return {
            "trial": self.trial.study,
            "citation": self.trial.citation,
            "target": self.target,
            "trial_fluence_j_cm2": {f"{band.trial_peak_nm:g}": plain(band.trial_fluence_j_cm2) for band in self.bands},
            "session_fluence_j_cm2": {
                f"{band.peak_nm:g}": band.fluence_per_minute_j_cm2 * own[band.peak_nm] for band in self.bands
            },
            "share_of_trial_dose": {f"{band.peak_nm:g}": own[band.peak_nm] / band.minutes for band in self.bands},
            "irradiance_ratio": self.irradiance_ratio,
            "irradiance_ratio_by_band": ratios,
            "time_ratio": time_ratio,
            "minutes": plain(self.minutes),
            "minutes_by_band": {f"{band.peak_nm:g}": band.minutes for band in self.bands},
            "sessions": "alternating" if self.alternating else "together",
            "delivery_differs": self.delivery_differs,
            "own_device": self.own_device,
            "minutes_if_overstated": self.minutes_if_overstated,
            "extrapolated": max(map(_distance_from_one, (self.irradiance_ratio, time_ratio))) > EXTRAPOLATED,
            "upper_bound": self.trial.upper_bound,
            "unused_peaks_nm": list(self.unused_peaks_nm),
        }


def is_about(share: float) -> bool:
    """Whether a share of a trial's dose is called "about" the same."""
    return ABOUT[0] <= share <= ABOUT[1]


def _distance_from_one(ratio: float) -> float:
    """A ratio as a factor of at least 1."""
    return max(ratio, 1.0 / ratio)


def _furthest(ratios: Sequence[float]) -> float:
    """The ratio that lies furthest from 1."""
    return max(ratios, key=_distance_from_one)


def trial_skin(trial: TrialExposure, fallback_site: str) -> Skin:
    """The skin of a trial's population: its main site, and the middle of its range of skin types with their spread."""
    place = fallback_site if trial.site is None else site(trial.site).id
    types = trial.skin_types or UNSTATED_SKIN_TYPES
    first, last = SKIN_TYPES.index(types[0]), SKIN_TYPES.index(types[1])
    ranges = fitzpatrick_ranges()
    members = [ranges[name].ita_deg for name in SKIN_TYPES[first : last + 1]]
    mean = float(np.mean([item.mean for item in members]))
    spread = math.sqrt(float(np.mean([item.sd**2 + (item.mean - mean) ** 2 for item in members])))
    return skin(place, ita_deg=mean, ita_sd_deg=spread)


def trial_light(trial: TrialExposure, population: Skin) -> Exposure:
    """The trial's light on its own population, through the same code as the person's device.

    Its irradiance is taken as printed; a mask or bed gains what the population's skin sends back, as any other does.
    What the trial does not say about its device is that of a device known only by its numbers.
    """
    kind = trial.device_kind if trial.device_kind in DEVICE_KINDS else "handheld"
    bands = [
        {
            "peak_nm": band.peak_nm,
            **({} if band.fwhm_nm is None else {"fwhm_nm": band.fwhm_nm}),
            "irradiance_mw_cm2": band.irradiance_mw_cm2,
            "irradiance_basis": "measured",
        }
        for band in trial.bands
    ]
    source = "laser" if trial.device_kind == "laser" else "led"
    spec = {"id": "trial", "name": trial.citation, "kind": kind, "light_source": source, "bands": bands}
    return exposure_on(devices.device(spec), population)


def is_own_device(exposure: Exposure, band: ExposureBand, trial: TrialExposure) -> bool:
    """Whether this light is that of the very product of the trial, as published and at its distance of use.

    A reading of one's own or another distance makes it light like any other.
    """
    unit = exposure.device
    if unit.trial != trial.study or exposure.distance_cm != unit.distance_cm:
        return False
    return band.published_mw_cm2 == unit.band(band.peak_nm).irradiance_mw_cm2 is not None


def _own_light(exposure: Exposure, band: ExposureBand, population: Skin) -> ExposureBand:
    """The same light on the trial's population: only what its skin sends back differs."""
    if exposure.enclosure is None or band.on_skin:
        return band
    reflectance = skin_reflectance(exposure.device, population)[band.peak_nm]
    gain, log_sd = exposure.enclosure.moments(reflectance)
    return replace(band, gain=gain, gain_log_sd=log_sd)


def match_bands(own_peaks_nm: Sequence[float], trial: TrialExposure) -> list[tuple[int, int]] | None:
    """Pairs (own, trial) of bands within 20 nm; None unless every band of the trial has a partner of its own."""
    pairs: list[tuple[int, int]] = []
    free = set(range(len(own_peaks_nm)))
    for number, band in enumerate(trial.bands):
        near = [i for i in free if abs(own_peaks_nm[i] - band.peak_nm) <= PEAK_TOLERANCE_NM]
        if not near:
            return None
        best = min(near, key=lambda i: abs(own_peaks_nm[i] - band.peak_nm))
        free.remove(best)
        pairs.append((best, number))
    return pairs


def _target_index(person: Skin, target: str) -> int | None:
    names = [item.name for item in person.targets]
    return names.index(target) if target in names else None


def equivalent(person: Skin, exposure: Exposure, trial: TrialExposure, target: str) -> Equivalent | None:
    """Equivalent exposure of one device on one skin to one trial; None where bands or target have no counterpart.

    Parameters
    ----------
    person : Skin
    exposure : Exposure
        The device's light on this skin.
    trial : TrialExposure
        A trial whose irradiance, radiant exposure and minutes were read.
    target : str
        Name of the target, or `SURFACE`.
    """
    pairs = match_bands(exposure.peaks_nm, trial)
    if not pairs:
        return None
    lights = {number: (exposure, own) for own, number in pairs}
    differs = trial.delivery == "alternating" and len(trial.bands) > 1
    return _matched(person, lights, trial, target, alternating=False, delivery_differs=differs)


def equivalent_in_turn(
    person: Skin, exposures: Sequence[Exposure], trial: TrialExposure, target: str
) -> Equivalent | None:
    """Equivalent exposure to a trial that gave one band in each session, in turn, by modes that do the same.

    Parameters
    ----------
    person : Skin
    exposures : sequence of Exposure
        The device's light in each of its modes.
    trial : TrialExposure
        With delivery "alternating".
    target : str

    Returns
    -------
    Equivalent or None
        None unless each band of the trial has a mode that holds it and none of the trial's other bands; of several
        such modes the one with the fewest bands, then the nearest peak.
    """
    lights: dict[int, tuple[Exposure, int]] = {}
    for number, band in enumerate(trial.bands):
        others = [other.peak_nm for other in trial.bands if other is not band]
        fits = []
        for exposure in exposures:
            if any(_near(peak, other) for peak in exposure.peaks_nm for other in others):
                continue
            near = [(abs(peak - band.peak_nm), i) for i, peak in enumerate(exposure.peaks_nm)]
            if min(near)[0] <= PEAK_TOLERANCE_NM:
                fits.append((len(near), *min(near), exposure))
        if not fits:
            return None
        _, _, index, exposure = min(fits, key=lambda fit: fit[:3])
        lights[number] = (exposure, index)
    return _matched(person, lights, trial, target, alternating=True, delivery_differs=False)


def _at_target(
    person: Skin, bands: Sequence[ExposureBand], light: Exposure, target: str
) -> list[tuple[float, Response]]:
    """Fluence at a target per radiant exposure, with its response, for each band; 1 at the surface itself."""
    if target == SURFACE:
        return [(1.0, Response(np.zeros(COUNT), np.zeros((COUNT, COUNT)))) for _ in bands]
    place = _target_index(person, target)
    assert place is not None
    found = relative_fluence(person, [band.spectrum for band in bands], light.incidence)
    return [(float(found.targets[j, place]), found.target_response[j, place]) for j in range(len(bands))]


def _near(first_nm: float, second_nm: float) -> bool:
    return abs(first_nm - second_nm) <= PEAK_TOLERANCE_NM


def _matched(
    person: Skin,
    lights: Mapping[int, tuple[Exposure, int]],
    trial: TrialExposure,
    target: str,
    *,
    alternating: bool,
    delivery_differs: bool,
) -> Equivalent | None:
    """From the light (exposure, index of its band) that stands for each band of the trial."""
    if target != SURFACE and _target_index(person, target) is None:
        return None
    other = trial_skin(trial, person.site.id)
    if target != SURFACE and _target_index(other, target) is None:
        other = trial_skin_at(trial, person.site.id)
    theirs = trial_light(trial, other)
    mine = [lights[j][0].bands[lights[j][1]] for j in range(len(trial.bands))]
    same = all(is_own_device(lights[j][0], mine[j], trial) for j in range(len(mine)))
    their_bands = [_own_light(lights[j][0], mine[j], other) for j in range(len(mine))] if same else list(theirs.bands)
    own = _at_target(person, mine, lights[0][0], target)
    their = _at_target(other, their_bands, lights[0][0] if same else theirs, target)
    given = [
        their_bands[j].free_air_mw_cm2 * 0.06 * trial.minutes if same else band.radiant_exposure_j_cm2
        for j, band in enumerate(trial.bands)
    ]
    matches = tuple(
        _band_match(mine[j], their_bands[j], given[j], own[j], their[j], same_light=same) for j in range(len(mine))
    )
    claimed = not same and any(band.basis == "claimed" for band in mine)
    used = {band.peak_nm for band in mine}
    shining = dict.fromkeys(band.peak_nm for exposure, _ in lights.values() for band in exposure.bands)
    times = [match.minutes / trial.minutes for match in matches]
    minutes = _combined_minutes(matches)
    return Equivalent(
        trial=trial,
        target=target,
        bands=matches,
        minutes=minutes,
        irradiance_ratio=_furthest([match.irradiance_mw_cm2 / match.trial_irradiance_mw_cm2 for match in matches]),
        time_ratio=_furthest(times) if alternating else minutes.value / trial.minutes,
        unused_peaks_nm=tuple(peak for peak in shining if peak not in used),
        modes=tuple(lights[j][0].mode for j in range(len(trial.bands))),
        alternating=alternating,
        delivery_differs=delivery_differs,
        own_device=same,
        claim_ratio=true_ratio("claimed", lights[0][0].distance_cm <= CONTACT_CM).median if claimed else None,
    )


def trial_skin_at(trial: TrialExposure, site_id: str) -> Skin:
    """The trial's population at another site, where its own site lacks the target."""
    population = trial_skin(trial, site_id)
    return skin(site_id, ita_deg=population.ita_deg, ita_sd_deg=population.ita_sd_deg)


def _band_match(
    own: ExposureBand,
    their: ExposureBand,
    radiant_exposure_j_cm2: float,
    own_light: tuple[float, Response],
    their_light: tuple[float, Response],
    *,
    same_light: bool = False,
) -> BandMatch:
    """One band of the device against one of the trial, from each one's relative fluence and its response.

    Where both are the same light, what is not known of its irradiance cancels.
    """
    per_minute = own.median_mw_cm2 * 60.0 / 1000.0 * own_light[0]
    fluence = radiant_exposure_j_cm2 * their.gain * their_light[0]
    melanin = INDEX["melanin"]
    both_melanins = own_light[1].gradient[melanin] ** 2 + their_light[1].gradient[melanin] ** 2
    low, high = (float(side) for side in their_light[1].spread(their.log_sd))
    return BandMatch(
        peak_nm=own.peak_nm,
        trial_peak_nm=their.peak_nm,
        irradiance_mw_cm2=own.median_mw_cm2,
        trial_irradiance_mw_cm2=their.median_mw_cm2,
        trial_fluence_j_cm2=Estimate(fluence, fluence * math.exp(low), fluence * math.exp(high)),
        fluence_per_minute_j_cm2=per_minute,
        minutes=fluence / per_minute,
        shared=(their_light[1] - own_light[1]).without("melanin"),
        own_log_sd=math.sqrt(both_melanins + (0.0 if same_light else own.log_sd**2 + their.log_sd**2)),
    )


def _combined_minutes(matches: Sequence[BandMatch]) -> Estimate:
    """One time for all bands: the geometric mean, so that no band is favoured; bands err together."""
    minutes = math.exp(float(np.mean([math.log(match.minutes) for match in matches])))
    gradient = np.mean([match.shared.gradient for match in matches], axis=0)
    hessian = np.mean([match.shared.hessian for match in matches], axis=0)
    own_log_sd = float(np.mean([match.own_log_sd for match in matches]))
    low, high = (float(side) for side in Response(gradient, hessian).spread(own_log_sd))
    return Estimate(minutes, minutes * math.exp(low), minutes * math.exp(high))


def equivalents(
    person: Skin, exposures: Sequence[Exposure], trials: Sequence[TrialExposure], target: str
) -> list[Equivalent]:
    """Equivalents to all trials whose bands and target have a counterpart in one of the modes, or in turn in several.

    Parameters
    ----------
    exposures : sequence of Exposure
        The device's light in each of its modes (one, where it has none).
    """
    found = [equivalent(person, exposure, trial, target) for exposure in exposures for trial in trials]
    in_turn = [trial for trial in trials if trial.delivery == "alternating" and len(trial.bands) > 1]
    found += [equivalent_in_turn(person, exposures, trial, target) for trial in in_turn]
    return [item for item in found if item is not None]


def rank(item: Equivalent, device_kind: str) -> tuple[Any, ...]:
    """Sort key, best first: controlled by sham before controlled before uncontrolled, read before read second-hand,
    exact before upper bounds, the trial's own order of bands, same kind of device first, then nearest irradiance."""
    return (
        not item.trial.sham,
        not item.trial.controlled,
        item.trial.confidence != "read",
        item.trial.upper_bound,
        item.delivery_differs,
        item.trial.device_kind != device_kind,
        abs(math.log(item.irradiance_ratio)),
        len(item.unused_peaks_nm),
    )
