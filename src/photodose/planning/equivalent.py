"""Equivalent exposure: the time at which this device gives a target in this skin the fluence that one trial gave it.

The trial's light on the trial's skin and this device's light on this skin go through the same code with the same
standard-normal parameters, so that what is uncertain in common (scattering, blood, thickness of the model) cancels in
the ratio; what is each one's own (its melanin, its irradiance) does not. Bands are matched by peak within 20 nm and
never added.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from photodose import devices
from photodose.devices import Exposure, ExposureBand
from photodose.dosimetry import exposure_on, relative_fluence
from photodose.dosimetry.uncertainty import Response
from photodose.evidence import TrialExposure
from photodose.quantities import Estimate, plain
from photodose.tissue import SKIN_TYPES, Skin, site, skin
from photodose.tissue.parameters import INDEX
from photodose.tissue.pigmentation import fitzpatrick_ranges

PEAK_TOLERANCE_NM: Final = 20.0
EXTRAPOLATED: Final = 3.0
TOO_FAR: Final = 10.0
UNSTATED_SKIN_TYPES: Final = ("II", "IV")
"""Skin types of a trial that does not say whom it treated; their spread is part of the answer's interval."""
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
        This device's irradiance and time over the trial's; irradiance as geometric mean over the bands.
    unused_peaks_nm : tuple of float
        Bands of the device that the trial did not use.
    """

    trial: TrialExposure
    target: str
    bands: tuple[BandMatch, ...]
    minutes: Estimate
    irradiance_ratio: float
    time_ratio: float
    unused_peaks_nm: tuple[float, ...]

    @property
    def worst_ratio(self) -> float:
        """The larger distance from 1 of the irradiance and the time ratio, as a factor of at least 1."""
        return max(max(x, 1.0 / x) for x in (self.irradiance_ratio, self.time_ratio))

    @property
    def extrapolated(self) -> bool:
        """Whether irradiance or time lies outside a third to three times the trial's."""
        return self.worst_ratio > EXTRAPOLATED

    @property
    def too_far(self) -> bool:
        """Whether irradiance or time lies outside a tenth to ten times the trial's: no protocol stands on that."""
        return self.worst_ratio > TOO_FAR

    def session_fluence_j_cm2(self, minutes: float) -> dict[float, float]:
        """Median fluence at the target of each matched band in a session of this length."""
        return {band.peak_nm: band.fluence_per_minute_j_cm2 * minutes for band in self.bands}

    def to_dict(self, minutes: float) -> dict[str, Any]:
        own = self.session_fluence_j_cm2(minutes)
        return {
            "trial": self.trial.study,
            "citation": self.trial.citation,
            "target": self.target,
            "trial_fluence_j_cm2": {f"{band.trial_peak_nm:g}": plain(band.trial_fluence_j_cm2) for band in self.bands},
            "session_fluence_j_cm2": {f"{peak:g}": value for peak, value in own.items()},
            "irradiance_ratio": self.irradiance_ratio,
            "time_ratio": minutes / self.trial.minutes,
            "minutes": plain(self.minutes),
            "extrapolated": self.extrapolated,
            "upper_bound": self.trial.upper_bound,
            "unused_peaks_nm": list(self.unused_peaks_nm),
        }


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
        Name of the target.
    """
    pairs = match_bands(exposure.peaks_nm, trial)
    place = _target_index(person, target)
    if not pairs or place is None:
        return None
    other = trial_skin(trial, person.site.id)
    other_place = _target_index(other, target)
    if other_place is None:
        other, other_place = trial_skin_at(trial, person.site.id), place
    theirs = trial_light(trial, other)
    own = relative_fluence(person, [exposure.bands[i].spectrum for i, _ in pairs], exposure.incidence)
    their = relative_fluence(other, [theirs.bands[j].spectrum for _, j in pairs], theirs.incidence)
    matches = tuple(
        _band_match(
            exposure.bands[i],
            theirs.bands[j],
            trial.bands[j].radiant_exposure_j_cm2,
            (float(own.targets[row, place]), own.target_response[row, place]),
            (float(their.targets[row, other_place]), their.target_response[row, other_place]),
        )
        for row, (i, j) in enumerate(pairs)
    )
    return _combine(matches, exposure, trial, target, {i for i, _ in pairs})


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
) -> BandMatch:
    """One band of the device against one of the trial, from each one's relative fluence and its response."""
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
        own_log_sd=math.sqrt(both_melanins + own.log_sd**2 + their.log_sd**2),
    )


def _combine(
    matches: tuple[BandMatch, ...], exposure: Exposure, trial: TrialExposure, target: str, used: set[int]
) -> Equivalent:
    """One time for all bands: the geometric mean, so that no band is favoured; bands err together."""
    minutes = math.exp(float(np.mean([math.log(match.minutes) for match in matches])))
    gradient = np.mean([match.shared.gradient for match in matches], axis=0)
    hessian = np.mean([match.shared.hessian for match in matches], axis=0)
    own_log_sd = float(np.mean([match.own_log_sd for match in matches]))
    low, high = (float(side) for side in Response(gradient, hessian).spread(own_log_sd))
    ratios = [math.log(match.irradiance_mw_cm2 / match.trial_irradiance_mw_cm2) for match in matches]
    return Equivalent(
        trial=trial,
        target=target,
        bands=matches,
        minutes=Estimate(minutes, minutes * math.exp(low), minutes * math.exp(high)),
        irradiance_ratio=math.exp(float(np.mean(ratios))),
        time_ratio=minutes / trial.minutes,
        unused_peaks_nm=tuple(band.peak_nm for i, band in enumerate(exposure.bands) if i not in used),
    )


def equivalents(person: Skin, exposure: Exposure, trials: Sequence[TrialExposure], target: str) -> list[Equivalent]:
    """Equivalents to all trials whose bands and target have a counterpart, in the trials' order."""
    return [item for item in (equivalent(person, exposure, trial, target) for trial in trials) if item is not None]


def rank(item: Equivalent, device_kind: str) -> tuple[Any, ...]:
    """Sort key, best first: controlled by sham before controlled before uncontrolled, read before read second-hand,
    exact before upper bounds, same kind of device first, then nearest irradiance."""
    return (
        not item.trial.sham,
        not item.trial.controlled,
        item.trial.confidence != "read",
        item.trial.upper_bound,
        item.trial.device_kind != device_kind,
        abs(math.log(item.irradiance_ratio)),
    )
