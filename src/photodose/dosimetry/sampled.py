"""The dose of many sampled people at once: every skin solved, nothing expanded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from photodose import devices
from photodose.devices import Device, Exposure
from photodose.dosimetry.delivered import check_minutes, check_skin, exposure_on
from photodose.dosimetry.relative import SPECTRUM_NODES, solve_skins
from photodose.optics import Incidence, Spectrum
from photodose.quantities import Estimate, InputError, RangeError, plain
from photodose.tissue import Skin, TargetRange
from photodose.tissue.parameters import PARAMETERS
from photodose.tissue.person import sample_coordinates

FloatArray = NDArray[np.float64]

COUNT_RANGE: Final = (2, 1_000_000)
_PEOPLE_AT_ONCE: Final = 4096
"""Skins solved in one batch: the arrays of a three-band device then stay under 200 MB."""


@dataclass(frozen=True)
class SampledDose:
    """What one session delivers to sampled people of one site and colour; n people, b bands, t targets.

    Attributes
    ----------
    device, skin, exposure, minutes
        What was asked; `skin` is the median person.
    coordinates : ndarray (n, p)
        Standard-normal coordinates of each person (`tissue.parameters`).
    irradiance_mw_cm2 : ndarray (n, b)
        Light of each person's own device on their skin.
    by_band_j_cm2 : ndarray (n, b, t)
        Fluence averaged over each person's own depth range of each target.
    targets : tuple of TargetRange
        Depth ranges in the median person.
    """

    device: Device
    skin: Skin
    exposure: Exposure
    minutes: float
    coordinates: FloatArray
    irradiance_mw_cm2: FloatArray
    by_band_j_cm2: FloatArray
    targets: tuple[TargetRange, ...]

    @property
    def fluence_j_cm2(self) -> FloatArray:
        """Fluence of all bands at each target, shape (n, t) [J/cm2]."""
        return np.asarray(self.by_band_j_cm2.sum(axis=1))

    def at(self, target: str) -> Estimate:
        """Median of the people at one target, with their 5th and 95th percentile [J/cm2].

        Raises
        ------
        UnknownNameError
            With the targets that exist at this site.
        """
        from photodose.data import resolve_name

        return resolve_name("target", target, self._estimates())

    def _estimates(self) -> dict[str, Estimate]:
        low, middle, high = np.quantile(self.fluence_j_cm2, [0.05, 0.5, 0.95], axis=0)
        return {
            target.name: Estimate(float(middle[i]), float(low[i]), float(high[i]))
            for i, target in enumerate(self.targets)
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: one estimate for each target, and how many people stand behind it."""
        return {
            "device": self.device.id,
            "skin": self.skin.to_dict(),
            "minutes": self.minutes,
            "people": len(self.coordinates),
            "targets": [{"name": name, "fluence_j_cm2": plain(value)} for name, value in self._estimates().items()],
        }


def sampled_fluence(
    skin: Skin,
    spectra: Sequence[Spectrum],
    incidence: Incidence,
    coordinates: FloatArray,
    nodes: int = SPECTRUM_NODES,
) -> tuple[FloatArray, FloatArray]:
    """Fluence at the targets of many skins per unit irradiance, each skin solved over each spectrum.

    Each spectrum is integrated with few Gauss nodes of its own. What that leaves out is nearly the same in all skins of
    one site and colour, so it is found once, in the median skin on the spectrum's whole grid, and taken out of all as a
    factor (a control variate). The rest, against all wavelengths in every skin, is in docs/methods/dose.md.

    Parameters
    ----------
    skin : Skin
        The median person.
    spectra : sequence of Spectrum, length b
    incidence : Incidence
    coordinates : ndarray (n, p)
        Added to the coordinates of `skin`.
    nodes : int
        Gauss nodes of each spectrum, 1 to 32.

    Returns
    -------
    means : ndarray (n, b, t)
        Fluence rate averaged over each target's depth range, relative to the incident irradiance.
    reflectance : ndarray (n, b)
        Reflected fraction of the incident light.
    """
    rules = [spectrum.quadrature(nodes) for spectrum in spectra]
    edges = np.cumsum([0, *(len(rule[0]) for rule in rules)])
    parts = [(slice(edges[i], edges[i + 1]), rule[1]) for i, rule in enumerate(rules)]
    wavelengths = np.concatenate([rule[0] for rule in rules])
    none = np.zeros(0)

    def weighed(offsets: FloatArray) -> tuple[FloatArray, FloatArray]:
        means, _profile, reflectance = solve_skins(skin, wavelengths, offsets, incidence, none)
        return (
            np.stack([np.einsum("w,nwt->nt", weights, means[:, part]) for part, weights in parts], axis=1),
            np.stack([reflectance[:, part] @ weights for part, weights in parts], axis=1),
        )

    blocks = [
        weighed(coordinates[begin : begin + _PEOPLE_AT_ONCE]) for begin in range(0, len(coordinates), _PEOPLE_AT_ONCE)
    ]
    median = np.zeros((1, len(PARAMETERS)))
    whole = np.stack([_over_grid(skin, spectrum, incidence, median) for spectrum in spectra])
    few, _reflectance = weighed(median)
    return np.concatenate([block[0] for block in blocks]) * (whole / few[0]), np.concatenate([b[1] for b in blocks])


def _over_grid(skin: Skin, spectrum: Spectrum, incidence: Incidence, offsets: FloatArray) -> FloatArray:
    """Fluence at the targets of one skin over the whole grid of a spectrum, by the trapezoid rule, shape (t,)."""
    grid, step = spectrum.wavelength_nm, np.diff(spectrum.wavelength_nm)
    mass = spectrum.density_per_nm * (np.append(step, 0.0) + np.append(0.0, step)) / 2.0
    means, _profile, _reflectance = solve_skins(skin, grid, offsets, incidence, np.zeros(0))
    return np.asarray(mass @ means[0] / mass.sum())


def sampled_dose(
    device: Device | str,
    skin: Skin,
    minutes: float,
    people: int = 1000,
    seed: int = 0,
    distance_cm: float | None = None,
    irradiance_mw_cm2: Mapping[float, float] | None = None,
    assume: bool = False,
    mode: str | None = None,
) -> SampledDose:
    """Dose at each target of many sampled people of one site and colour, each with a device of their own.

    The full answer behind `dose`, whose interval expands the logarithm of the fluence to second order instead.

    Parameters
    ----------
    device, skin, minutes, distance_cm, irradiance_mw_cm2, assume, mode
        As in `dose`.
    people : int
        Number of people, 2 to 1,000,000.
    seed : int
        Seed of the generator, 0 or more; the same seed gives the same people.

    Raises
    ------
    InputError, RangeError, UnknownNameError
    """
    minutes = check_minutes(minutes)
    check_skin(skin)
    if isinstance(people, bool) or not isinstance(people, int | np.integer):
        raise InputError(f"people must be a whole number, not {people!r}.")
    if not COUNT_RANGE[0] <= people <= COUNT_RANGE[1]:
        raise RangeError("people", people, *COUNT_RANGE)
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"seed must be a whole number of 0 or more, not {seed!r}.")
    unit = devices.device(device) if isinstance(device, str) else device
    exposure = exposure_on(unit, skin, distance_cm, irradiance_mw_cm2, assume, mode)
    coordinates = sample_coordinates(people, [seed, 0])
    spectra = [band.spectrum for band in exposure.bands]
    means, reflectance = sampled_fluence(skin, spectra, exposure.incidence, coordinates)
    returned = reflectance if exposure.incidence.kind == "diffuse" else None
    irradiance = exposure.sample(people, np.random.default_rng([seed, 1]), returned)
    by_band = means * (irradiance * minutes * 60.0 / 1000.0)[:, :, None]
    return SampledDose(unit, skin, exposure, minutes, coordinates, irradiance, by_band, skin.targets)
