"""A skin inferred from what was measured of it: a spectrum, or a colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.data.schema_tissue import Site
from photodose.quantities import InputError, RangeError
from photodose.tissue import pigmentation
from photodose.tissue.calibration import log_melanin_at, people_map, shifts
from photodose.tissue.optical import optical_arrays
from photodose.tissue.parameters import INDEX, PARAMETERS, skin_arrays
from photodose.tissue.person import FAST_PORT_MARGIN_MM, Skin, port_losses
from photodose.tissue.sites import site as find_site
from photodose.transport import slab

FloatArray = NDArray[np.float64]

MODEL_ERROR: Final = 0.01
"""What the skin model is trusted to meet of a spectrum, in reflectance (docs/methods/skin.md)."""
CORRELATION_NM: Final = 80.0
"""Over how many nanometres its error repeats itself."""
LAB_ERROR: Final = 1.0
"""Model error of L*, a* and b*."""
_PRIOR_LOG_MELANIN_SD: Final = 1.5
_STREAMS: Final = 16
_STEP: Final = 0.15


@dataclass(frozen=True)
class InferredSkin:
    """A skin as far as a measurement tells: the posterior about its mode.

    Attributes
    ----------
    skin : Skin
        The most probable skin.
    z_covariance : ndarray (p, p)
        Posterior covariance of the standard-normal coordinates; the one of melanin counts in `skin.log_melanin_sd`.
    ita_deg, ita_sd_deg : float
        Angle and its standard deviation [degree].
    residual_rms : float
        How far the most probable skin is from the measurement: in reflectance, or in L*a*b*.
    """

    skin: Skin
    z_covariance: FloatArray
    ita_deg: float
    ita_sd_deg: float
    residual_rms: float

    def sample(self, count: int, seed: int = 0) -> tuple[Skin, ...]:
        """Skins drawn from the posterior.

        Parameters
        ----------
        count : int
            At least 1.
        seed : int
            Seed of the generator; the same seed gives the same skins.

        Raises
        ------
        RangeError
        """
        if count < 1:
            raise RangeError("count", count, 1, math.inf)
        middle = np.array(self.skin.z)
        rows = np.random.default_rng(seed).multivariate_normal(middle, self.z_covariance, count, method="eigh")
        return tuple(replace(self.skin, z=tuple(float(x) for x in row)) for row in rows)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "skin": self.skin.to_dict(),
            "ita_deg": self.ita_deg,
            "ita_sd_deg": self.ita_sd_deg,
            "residual_rms": self.residual_rms,
            "z": dict(zip(PARAMETERS, self.skin.z, strict=True)),
            "z_sd": dict(zip(PARAMETERS, np.sqrt(np.diag(self.z_covariance)).tolist(), strict=True)),
        }


@dataclass(frozen=True)
class _Measurement:
    """What was seen, on its own grid, with its error, and how a spectrum becomes it."""

    wavelength_nm: FloatArray
    value: FloatArray
    error: FloatArray
    is_lab: bool
    spot_mm: float | None
    port_mm: float | None
    specular: bool


def _predicted(place: Site, points: FloatArray, seen: _Measurement) -> FloatArray:
    """Prediction for points (n, 1 + p): logarithm of the melanosome fraction, then z; shape (n, value)."""
    u = points[:, 1:] @ people_map(place.id).factor.T
    melanin = np.minimum(np.exp(points[:, 0]), 0.9)
    optical = optical_arrays(skin_arrays(place, u, melanin, shifts()), seen.wavelength_nm)
    below = float(optical.refractive_index[0, 0, -1])
    answer = slab.solve_batch(**optical.flat(), outside_index_below=below, streams=_STREAMS)
    spectrum = answer.reflectance - answer.specular
    if seen.spot_mm is not None and seen.port_mm is not None:
        spectrum = spectrum * (1.0 - port_losses(optical, seen.spot_mm, seen.port_mm))
    if seen.specular:
        spectrum = spectrum + answer.specular
    spectrum = spectrum.reshape(len(points), -1)
    return np.asarray(pigmentation.lab_from_reflectance(spectrum) if seen.is_lab else spectrum)


def _mode(place: Site, seen: _Measurement, start: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Posterior mode, its covariance, and the residual there, by damped Gauss-Newton steps on central differences."""
    size = 1 + len(PARAMETERS)
    centre = np.zeros(size)
    centre[0] = start
    precision = np.ones(size)
    precision[0] = 1.0 / _PRIOR_LOG_MELANIN_SD**2
    offsets = np.concatenate([np.zeros((1, size)), _STEP * np.eye(size), -_STEP * np.eye(size)])

    def cost(point: FloatArray, miss: FloatArray) -> float:
        return float(((miss / seen.error) ** 2).sum() + precision @ (point - centre) ** 2)

    point, damping, best = centre.copy(), 0.0, math.inf
    values = _predicted(place, point + offsets, seen)
    for _ in range(25):
        miss = values[0] - seen.value
        best = cost(point, miss)
        slope = (values[1 : size + 1] - values[size + 1 :]).T / (2.0 * _STEP) / seen.error[:, None]
        hessian = slope.T @ slope + np.diag(precision)
        gradient = slope.T @ (miss / seen.error) + precision * (point - centre)
        step = -np.linalg.solve(hessian + damping * np.diag(np.diag(hessian)), gradient)
        step *= min(1.0, 1.0 / np.abs(step).max())
        following = point + step
        ahead = _predicted(place, following + offsets, seen)
        if cost(following, ahead[0] - seen.value) > best:
            damping = max(0.1, 4.0 * damping)
            if damping > 1e4:
                break
            continue
        damping /= 4.0
        point, values = following, ahead
        if np.abs(step).max() < 0.01:
            break
    return point, np.asarray(np.linalg.inv(hessian)), np.asarray(values[0] - seen.value)


def infer(
    site: str,
    wavelength_nm: ArrayLike | None = None,
    reflectance: ArrayLike | None = None,
    lab: Sequence[float] | None = None,
    reflectance_sd: ArrayLike = 0.01,
    lab_sd: float = 1.0,
    spot_mm: float | None = None,
    port_mm: float | None = None,
    specular: bool = True,
) -> InferredSkin:
    """The skin of a site from a measured reflectance spectrum, or from its colour: a posterior, not a point.

    The prior is the skin of anybody: people of all colours, scattering about the calibrated median of the site. A
    colour fixes melanin and little else; a spectrum also fixes blood, its saturation, and the ratio of absorption to
    scattering. Neither fixes the scattering itself, nor how thick the layers are.

    Parameters
    ----------
    site : str
        Id or synonym.
    wavelength_nm, reflectance : array_like (w,)
        Wavelengths [nm], rising, 400 to 1100, and reflectance there, 0 to 1; at least 5.
    lab : sequence of 3 float
        L*, a*, b* under D65 for the 10 degree observer, instead of a spectrum.
    reflectance_sd : float or array_like (w,)
        Standard deviation of the measured reflectance; the error of the model is added.
    lab_sd : float
        Standard deviation of L*, a* and b*.
    spot_mm, port_mm : float or None
        Diameters of the lit spot and of the port of the instrument [mm], the port at least 5 mm wider; None is
        infinite.
    specular : bool
        Whether the measurement includes the light that the outer face returns.

    Returns
    -------
    InferredSkin

    Raises
    ------
    InputError, RangeError, UnknownNameError
        On bad input; also where the skin cannot be told apart from none.
    """
    place = find_site(site)
    if (spot_mm is None) != (port_mm is None):
        raise InputError("give both spot_mm and port_mm, or neither.")
    if spot_mm is not None and port_mm is not None and not (spot_mm > 0 and port_mm - spot_mm >= FAST_PORT_MARGIN_MM):
        raise InputError(f"the port must be at least {FAST_PORT_MARGIN_MM:g} mm wider than the spot, and both above 0.")
    if (lab is None) == (reflectance is None) or (reflectance is None) != (wavelength_nm is None):
        raise InputError("give either a spectrum (wavelength_nm and reflectance) or a colour (lab), not both.")
    if lab is not None:
        seen = _from_lab(lab, lab_sd, spot_mm, port_mm, specular)
        angle = math.degrees(math.atan2(float(seen.value[0]) - 50.0, float(seen.value[2])))
    else:
        assert wavelength_nm is not None
        assert reflectance is not None
        seen = _from_spectrum(wavelength_nm, reflectance, reflectance_sd, spot_mm, port_mm, specular)
        angle = 30.0
    guess = log_melanin_at(float(np.clip(angle, *pigmentation.ITA_RANGE_DEG)))[0]
    point, covariance, miss = _mode(place, seen, guess)
    return _as_skin(place, point, covariance, float(np.sqrt(np.mean(miss**2))))


def _from_lab(
    lab: Sequence[float], lab_sd: float, spot_mm: float | None, port_mm: float | None, specular: bool
) -> _Measurement:
    values = _numbers(lab, "lab")
    if values.shape != (3,):
        raise InputError("lab must be three numbers: L*, a* and b*.")
    if not 0.0 < values[0] <= 100.0:
        raise RangeError("L*", float(values[0]), 0.0, 100.0)
    if not 0.0 < lab_sd <= 20.0:
        raise RangeError("lab_sd", lab_sd, 0.0, 20.0)
    error = np.full(3, math.hypot(lab_sd, LAB_ERROR))
    return _Measurement(pigmentation.ita_wavelengths_nm(), values, error, True, spot_mm, port_mm, specular)


def _from_spectrum(
    wavelength_nm: ArrayLike,
    reflectance: ArrayLike,
    reflectance_sd: ArrayLike,
    spot_mm: float | None,
    port_mm: float | None,
    specular: bool,
) -> _Measurement:
    grid, values = _numbers(wavelength_nm, "wavelength_nm"), _numbers(reflectance, "reflectance")
    sd = _numbers(reflectance_sd, "reflectance_sd")
    if grid.ndim != 1 or grid.shape != values.shape or len(grid) < 5:
        raise InputError("wavelength_nm and reflectance must be lists of the same length, at least 5 values.")
    if not (np.diff(grid) > 0).all():
        raise InputError("wavelength_nm must rise.")
    if sd.ndim and sd.shape != grid.shape:
        raise InputError("reflectance_sd must be one number or one for each wavelength.")
    for name, array, low, high in (("reflectance", values, 0.0, 1.0), ("reflectance_sd", sd, 1e-5, 0.5)):
        wrong = ~((array >= low) & (array <= high))
        if wrong.any():
            raise RangeError(name, float(np.atleast_1d(array)[np.atleast_1d(wrong)][0]), low, high)
    # neighbours within the correlation length of the model's error count as one
    repeats = np.maximum(1.0, CORRELATION_NM / np.gradient(grid))
    error = np.sqrt(sd**2 + MODEL_ERROR**2 * repeats)
    return _Measurement(grid, values, error, False, spot_mm, port_mm, specular)


def _numbers(values: ArrayLike, name: str) -> FloatArray:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be numbers.") from None
    if not np.isfinite(array).all():
        raise InputError(f"{name} must be finite numbers.")
    return array


def _as_skin(place: Site, point: FloatArray, covariance: FloatArray, rms: float) -> InferredSkin:
    """The posterior as a `Skin` at its mode, with melanin on its own coordinate beside what keeps the colour."""
    size = len(PARAMETERS)
    column = INDEX["melanin"]
    factor = people_map(place.id).factor
    grid = pigmentation.ita_wavelengths_nm()

    def angle(row: FloatArray) -> FloatArray:
        seen = _Measurement(grid, np.zeros(0), np.zeros(0), False, None, None, True)
        return pigmentation.ita_from_reflectance(_predicted(place, row, seen))

    offsets = np.concatenate([np.zeros((1, 1 + size)), _STEP * np.eye(1 + size), -_STEP * np.eye(1 + size)])
    angles = angle(point + offsets)
    slope = (angles[1 : size + 2] - angles[size + 2 :]) / (2.0 * _STEP)
    ita, ita_sd = float(angles[0]), float(np.sqrt(slope @ covariance @ slope))
    ita = float(np.clip(ita, *pigmentation.ITA_RANGE_DEG))
    # Skin takes ln(fraction) = ln(fraction at z = 0) + sd z_melanin + compensation . u
    compensation = Skin(place, ita, 0.0, None, 0.5, 0.0).melanin_compensation @ factor
    log_sd = max(math.sqrt(float(covariance[0, 0])), 1e-6)
    to_z = np.zeros((size, 1 + size))
    to_z[:, 1:] = np.eye(size)
    to_z[column] = 0.0
    to_z[column, 0] = 1.0 / log_sd
    to_z[column, 1:] = -compensation / log_sd
    z = point[1:].copy()
    z[column] = 0.0
    base = math.exp(float(point[0] - compensation @ z))
    person = Skin(place, ita, ita_sd, None, base, log_sd, z=tuple(z.tolist()))
    return InferredSkin(person, to_z @ covariance @ to_z.T, ita, ita_sd, rms)
