"""The dose: what a device delivers at each target of a skin, how sure that is, and how warm the skin gets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from photodose import devices
from photodose.devices import Device, Exposure
from photodose.dosimetry import heat, uncertainty
from photodose.dosimetry.heat_light import absorbed_light
from photodose.dosimetry.relative import RelativeFluence, relative_fluence
from photodose.optics import Incidence
from photodose.quantities import Estimate, InputError, RangeError, plain, short
from photodose.tissue import Skin, TargetRange
from photodose.tissue.calibration import calibration
from photodose.tissue.parameters import composition
from photodose.tissue.sites import site_sources

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from xarray import Dataset

FloatArray = NDArray[np.float64]

MAX_MINUTES = 24 * 60.0
DEEP_MM = 5.0


PROFILE_MM = 20.0
JUST_BELOW_MM = 1e-6


def profile_depths_mm(skin: Skin) -> FloatArray:
    """Depths of a skin's profile [mm]: 0 to 20 mm, dense near the surface.

    Each boundary of the skin's layers is there twice, on it (which belongs to the layer above) and a millionth of a
    millimetre below, so that where the refractive index jumps the fluence is drawn to jump, not to slope.
    """
    edges = np.cumsum(skin.arrays.thickness_mm[0])[:-1]
    edges = edges[edges < PROFILE_MM - JUST_BELOW_MM]
    return np.unique(np.concatenate([[0.0], np.geomspace(0.01, PROFILE_MM, 80), edges, edges + JUST_BELOW_MM]))


@dataclass(frozen=True, slots=True)
class BandDose:
    """One band on one target: median fluence with its interval [J/cm2]."""

    peak_nm: float
    fluence_j_cm2: Estimate


@dataclass(frozen=True, slots=True)
class TargetDose:
    """Dose of one target: the fluence averaged over its depth range [J/cm2]."""

    range: TargetRange
    fluence_j_cm2: Estimate
    by_band: tuple[BandDose, ...]
    variance_share: dict[str, float]

    @property
    def name(self) -> str:
        return self.range.name

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.range.name,
            "depth_mm": [self.range.upper_mm, self.range.lower_mm],
            "fluence_j_cm2": plain(self.fluence_j_cm2),
            "by_band": plain(self.by_band),
            "variance_share": dict(self.variance_share),
            "description": self.range.description,
            "source": self.range.source,
        }


@dataclass(frozen=True)
class Dose:
    """What one session delivers to one skin.

    Attributes
    ----------
    device, skin, exposure
        What was asked.
    minutes : float
        Duration [min].
    targets : tuple of TargetDose
    depth_mm : ndarray (d,)
    profile_j_cm2 : ndarray (b, d)
        Fluence of each band by depth, median [J/cm2].
    profile_low_j_cm2, profile_high_j_cm2 : ndarray (b, d)
        5th and 95th percentile of each band by depth.
    reflected_fraction : float
        Share of the incident light that the skin returns.
    temperature : heat.HeatResult
    """

    device: Device
    skin: Skin
    exposure: Exposure
    minutes: float
    targets: tuple[TargetDose, ...]
    relative: RelativeFluence
    depth_mm: FloatArray
    profile_j_cm2: FloatArray
    profile_low_j_cm2: FloatArray
    profile_high_j_cm2: FloatArray
    reflected_fraction: float
    temperature: heat.HeatResult
    warnings: tuple[str, ...]

    def at(self, target: str) -> TargetDose:
        """Dose of one target by name.

        Raises
        ------
        UnknownNameError
            With the targets that exist at this site.
        """
        from photodose.data import resolve_name

        return resolve_name("target", target, {item.name: item for item in self.targets})

    @property
    def peaks_nm(self) -> tuple[float, ...]:
        return tuple(band.peak_nm for band in self.exposure.bands)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `photodose dose` (interface.md)."""
        seconds = 60.0 * self.minutes
        main = main_target(self.targets)
        return {
            "device": self.device.id,
            "skin": self.skin.to_dict(),
            "exposure": {
                "minutes": self.minutes,
                "distance_cm": self.exposure.distance_cm,
                "mode": self.exposure.mode,
                "incidence": {"kind": self.exposure.incidence.kind, "reason": self.exposure.incidence_reason},
                "bands": [
                    {
                        "peak_nm": band.peak_nm,
                        "irradiance_mw_cm2": plain(band.irradiance_mw_cm2),
                        "radiant_exposure_j_cm2": plain(band.irradiance_mw_cm2.scaled(seconds / 1000.0)),
                        "basis": band.basis,
                        "free_air_mw_cm2": band.free_air_mw_cm2,
                        "enclosure_gain": band.gain,
                    }
                    for band in self.exposure.bands
                ],
                "assumptions": list(self.exposure.assumptions),
            },
            "targets": [target.to_dict() for target in self.targets],
            "profile": {
                "depth_mm": plain(self.depth_mm),
                "fluence_j_cm2": plain(self.profile_j_cm2.sum(axis=0)),
                "by_band": {
                    f"{peak:g}": {"value": plain(value), "low": plain(low), "high": plain(high)}
                    for peak, value, low, high in zip(
                        self.peaks_nm,
                        self.profile_j_cm2,
                        self.profile_low_j_cm2,
                        self.profile_high_j_cm2,
                        strict=True,
                    )
                },
            },
            "reflected_fraction": self.reflected_fraction,
            "skin_temperature_c": self.temperature.skin_temperature(),
            "variance_share": dict(main.variance_share),
            "variance_share_target": main.name,
            "sources": self.sources(),
            "warnings": list(self.warnings),
        }

    def sources(self) -> list[dict[str, Any]]:
        """Where the numbers of this answer come from."""
        behind_skin = {**composition().sources, **calibration().sources}
        skin_sources = [{"citation": item.citation, "confidence": item.confidence} for item in behind_skin.values()]
        return [*plain(self.exposure.sources), *site_sources(self.skin.site), *skin_sources]

    def to_xarray(self) -> Dataset:
        """Fluence by band and depth as a labelled dataset, units in the attributes."""
        import xarray

        units = {"units": "J/cm2", "long_name": "fluence"}
        coords = {
            "peak_nm": ("peak_nm", np.array(self.peaks_nm), {"units": "nm"}),
            "depth_mm": ("depth_mm", self.depth_mm, {"units": "mm"}),
        }
        dims = ("peak_nm", "depth_mm")
        return xarray.Dataset(
            {
                "fluence": (dims, self.profile_j_cm2, units),
                "fluence_low": (dims, self.profile_low_j_cm2, units),
                "fluence_high": (dims, self.profile_high_j_cm2, units),
            },
            coords=coords,
            attrs={"device": self.device.id, "site": self.skin.site.id, "minutes": self.minutes},
        )

    def plot(self, path: str | None = None) -> Axes:
        """Draw the cross-section of this skin with the light fading into it; saves it if a path is given."""
        from photodose.dosimetry.plot import cross_section

        return cross_section(self, path)


def main_target(targets: tuple[TargetDose, ...]) -> TargetDose:
    """The target whose causes of uncertainty are shown first: the papillary dermis, or else the first of the site."""
    return next((target for target in targets if target.name == "papillary dermis"), targets[0])


def check_minutes(minutes: float) -> float:
    """A session's duration [min]: above 0, at most a day."""
    if not isinstance(minutes, int | float | np.number) or isinstance(minutes, bool) or not math.isfinite(minutes):
        raise InputError(f"minutes must be a number above 0, not {minutes!r}.")
    if not 0.0 < minutes <= MAX_MINUTES:
        raise RangeError("minutes", float(minutes), 0.0, MAX_MINUTES, above=True)
    return float(minutes)


def check_skin(skin: Skin) -> None:
    """A skin, and not the name of one.

    Raises
    ------
    InputError
    """
    if not isinstance(skin, Skin):
        raise InputError(f"skin must come from photodose.skin(...), not be {skin!r}.")


def skin_reflectance(device: Device, skin: Skin) -> dict[float, float]:
    """Reflectance of a skin for diffuse light at each peak of a device."""
    peaks = np.array(device.wavelengths_nm, dtype=float)
    values = skin.reflectance(peaks, incidence=Incidence(kind="diffuse"))
    return {float(peak): float(value) for peak, value in zip(peaks, values, strict=True)}


def exposure_on(
    device: Device,
    skin: Skin,
    distance_cm: float | None = None,
    irradiance_mw_cm2: Mapping[float, float] | None = None,
    assume: bool = False,
    mode: str | None = None,
) -> Exposure:
    """Light that falls on this skin: the device's exposure with this skin's own reflectance in its enclosure."""
    return devices.exposure(
        device,
        distance_cm=distance_cm,
        irradiance_mw_cm2=irradiance_mw_cm2,
        assume=assume,
        skin_reflectance=skin_reflectance(device, skin),
        mode=mode,
    )


def dose(
    device: Device | str,
    skin: Skin,
    minutes: float,
    distance_cm: float | None = None,
    irradiance_mw_cm2: Mapping[float, float] | None = None,
    assume: bool = False,
    mode: str | None = None,
) -> Dose:
    """Dose at each target of a skin, with its 90 % interval and the causes of its uncertainty.

    Parameters
    ----------
    device : Device or str
        A device, a catalogue id or the path of a device file.
    skin : Skin
    minutes : float
        Duration of the session [min], above 0, at most a day.
    distance_cm : float or None
        Distance from the skin [cm]; the device's distance of use unless given.
    irradiance_mw_cm2 : mapping or None
        Own measured irradiance by peak [nm -> mW/cm2].
    assume : bool
        Take a labelled prior by kind where a device has no published irradiance.
    mode : str or None
        Which of the device's modes (bands that shine together); its first unless given.

    Raises
    ------
    InputError, RangeError, UnknownNameError
    """
    minutes = check_minutes(minutes)
    check_skin(skin)
    unit = devices.device(device) if isinstance(device, str) else device
    exposure = exposure_on(unit, skin, distance_cm, irradiance_mw_cm2, assume, mode)
    depths = profile_depths_mm(skin)
    relative = relative_fluence(skin, [band.spectrum for band in exposure.bands], exposure.incidence, depths)
    irradiance = np.array([band.irradiance_mw_cm2.value for band in exposure.bands])
    device_spread = uncertainty.DeviceSpread.of(exposure)
    radiant_exposure = irradiance * minutes * 60.0 / 1000.0
    profile = radiant_exposure[:, None] * relative.profile
    low, high = relative.profile_response.spread(device_spread.whole[:, None])
    temperature = skin_heat(skin, exposure, irradiance, minutes)
    return Dose(
        device=unit,
        skin=skin,
        exposure=exposure,
        minutes=minutes,
        targets=_target_doses(skin, exposure, relative, radiant_exposure, device_spread),
        relative=relative,
        depth_mm=depths,
        profile_j_cm2=profile,
        profile_low_j_cm2=profile * np.exp(low),
        profile_high_j_cm2=profile * np.exp(high),
        reflected_fraction=float(irradiance @ relative.reflectance / irradiance.sum()),
        temperature=temperature,
        warnings=(*exposure.warnings, *_heat_warnings(temperature), *_warnings(skin)),
    )


def _target_doses(
    skin: Skin,
    exposure: Exposure,
    relative: RelativeFluence,
    radiant_exposure: FloatArray,
    spread: uncertainty.DeviceSpread,
) -> tuple[TargetDose, ...]:
    doses = []
    for number, target in enumerate(skin.targets):
        values = radiant_exposure * relative.targets[:, number]
        bands = relative.target_response[:, number]
        total, shares = uncertainty.estimate(*uncertainty.sum_of_bands(values, bands, spread))
        by_band = tuple(
            BandDose(band.peak_nm, uncertainty.estimate(float(value), bands[i], float(spread.whole[i]))[0])
            for i, (band, value) in enumerate(zip(exposure.bands, values, strict=True))
        )
        doses.append(TargetDose(target, total, by_band, shares))
    return tuple(doses)


HEAT_LIMIT_C = 41.0
PULP_C = 50.0


def _heat_warnings(temperature: heat.HeatResult) -> list[str]:
    """41 degrees is the end of a session; far above it tissue changes, and no number of this model holds."""
    reached = temperature.time_to_c(HEAT_LIMIT_C)
    if temperature.hottest_c < HEAT_LIMIT_C or reached is None:
        return []
    words = (
        f"The skin would reach {HEAT_LIMIT_C:g} degrees after {short(reached / 60.0)} minutes: stop there, or at pain."
    )
    if temperature.hottest_c > PULP_C:
        words += " Beyond that skin burns, and neither this temperature nor this dose holds any more."
    return [words]


def _warnings(skin: Skin) -> list[str]:
    deep = [target.name for target in skin.targets if target.upper_mm > DEEP_MM]
    notes = []
    if deep:
        notes.append(
            f"Dose below about {DEEP_MM:g} mm ({', '.join(deep)}) rests mainly on the scattering prior: "
            "reflectance alone cannot fix it."
        )
    if skin.site.region == "scalp":
        notes.append("Hair is left out: it holds back 2 to 100 % of the light, so part it or expect less.")
    if skin.skin_type is not None and skin.ita_sd_deg > 5.0:
        notes.append("Skin type is a poor measure of how light travels; a measured ITA narrows the interval.")
    return notes


def skin_heat(skin: Skin, exposure: Exposure, irradiance_mw_cm2: FloatArray, minutes: float) -> heat.HeatResult:
    """Temperature of a skin under an exposure, from the light absorbed in each cell of the heat grid."""
    cells = heat.grid(skin.layer_names, skin.arrays.thickness_mm[0])
    centroids = np.array([band.spectrum.centroid_nm for band in exposure.bands])
    absorbed = absorbed_light(cells, skin, centroids, irradiance_mw_cm2, exposure.incidence)
    return heat.simulate(cells, absorbed, minutes * 60.0)
