"""From sensitivities to a 90 % interval and the share of variance due to each cause."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from photodose.devices import Exposure
from photodose.quantities import Estimate
from photodose.tissue.parameters import INDEX, PARAMETERS

FloatArray = NDArray[np.float64]

__all__ = ["CAUSES", "DeviceSpread", "Response", "estimate", "response_design", "sum_of_bands"]

COUNT: Final = len(PARAMETERS)
DRAWS: Final = 8192
STEP: Final = 1.645
"""How far a parameter is moved to see the response, in standard deviations: to where a 90 % interval ends."""
CAUSES: Final = ("device", "melanin", "blood", "thickness", "scattering")


@dataclass(frozen=True, slots=True)
class DeviceSpread:
    """Spread of a device's irradiances, as standard deviations of the logarithm; b bands.

    Attributes
    ----------
    whole : ndarray (b,)
        All of it.
    common : ndarray (b,)
        The part that all bands share: they were claimed, or measured, by the same hand.
    """

    whole: FloatArray
    common: FloatArray

    @classmethod
    def of(cls, exposure: Exposure) -> DeviceSpread:
        return cls(
            np.array([band.log_sd for band in exposure.bands]),
            np.array([math.hypot(band.common_log_sd, band.gain_log_sd) for band in exposure.bands]),
        )

    def weighted(self, share: FloatArray) -> float:
        """Standard deviation of the logarithm of a sum to which the bands contribute these shares."""
        alone = np.maximum(self.whole**2 - self.common**2, 0.0)
        return math.sqrt(float((share @ self.common) ** 2 + (share**2) @ alone))


@cache
def _pairs() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first, second = np.triu_indices(COUNT, k=1)
    return first, second


@cache
def response_design() -> FloatArray:
    """Offsets z of the skins from which a response is fitted, shape (1 + 2 p + p (p - 1) / 2, p).

    The skin itself, each parameter moved up, each moved down, and each pair moved up together, by `STEP`.
    """
    unit = STEP * np.eye(COUNT)
    first, second = _pairs()
    return np.concatenate([np.zeros((1, COUNT)), unit, -unit, unit[first] + unit[second]])


@cache
def _draws() -> tuple[FloatArray, FloatArray]:
    """Terms of a response for fixed draws (n, q), and the device's standard-normal errors (n,).

    The draws are mirrored, so that their odd moments vanish.
    """
    half = np.random.default_rng(20261122).standard_normal((DRAWS // 2, COUNT + 1))
    both = np.concatenate([half, -half])
    z = both[:, :-1]
    first, second = _pairs()
    return np.concatenate([z, z**2 / 2.0, z[:, first] * z[:, second]], axis=1), both[:, -1]


def _percentiles(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """5th and 95th percentile of each row, as `numpy.quantile` has them: whole rows sort faster than they part."""
    rows.sort(axis=1)
    found = []
    for share in (0.05, 0.95):
        place = share * (rows.shape[1] - 1)
        below = int(place)
        found.append(rows[:, below] + (place - below) * (rows[:, below + 1] - rows[:, below]))
    return found[0], found[1]


@dataclass(frozen=True, slots=True)
class Response:
    """How the logarithm of a value answers to the skin's standard-normal parameters, to second order.

    Attributes
    ----------
    gradient : ndarray (..., p)
        First derivatives.
    hessian : ndarray (..., p, p)
        Second derivatives, symmetric.
    """

    gradient: FloatArray
    hessian: FloatArray

    @classmethod
    def fitted(cls, values: FloatArray) -> Response:
        """From values at the skins of `response_design`, shape (1 + 2 p + p (p - 1) / 2, ...)."""
        logs = np.log(np.maximum(values, 1e-300))
        middle, up, down = logs[0], logs[1 : COUNT + 1], logs[COUNT + 1 : 2 * COUNT + 1]
        first, second = _pairs()
        mixed = (logs[2 * COUNT + 1 :] - up[first] - up[second] + middle) / STEP**2
        hessian = np.zeros((COUNT, COUNT, *middle.shape))
        hessian[np.arange(COUNT), np.arange(COUNT)] = (up - 2.0 * middle + down) / STEP**2
        hessian[first, second] = hessian[second, first] = mixed
        gradient = (up - down) / (2.0 * STEP)
        return cls(np.moveaxis(gradient, 0, -1), np.moveaxis(hessian, (0, 1), (-2, -1)))

    def __getitem__(self, key: Any) -> Response:
        """The response of some of the values, by an index over the leading axes."""
        return Response(self.gradient[key], self.hessian[key])

    def without(self, parameter: str) -> Response:
        """The same response with one parameter held at its median."""
        keep = np.ones(COUNT)
        keep[INDEX[parameter]] = 0.0
        return Response(self.gradient * keep, self.hessian * keep * keep[:, None])

    def __sub__(self, other: Response) -> Response:
        """Response of the ratio of two values that share the same parameters."""
        return Response(self.gradient - other.gradient, self.hessian - other.hessian)

    def spread(self, device_log_sd: float | FloatArray = 0.0) -> tuple[FloatArray, FloatArray]:
        """5th and 95th percentile of the logarithm about its value at z = 0, with a normal device error on top.

        Parameters
        ----------
        device_log_sd : float or ndarray
            Standard deviation of the logarithm due to the device; broadcasts with the values.
        """
        terms, device = _draws()
        first, second = _pairs()
        diagonal = np.diagonal(self.hessian, axis1=-2, axis2=-1)
        weights = np.concatenate([self.gradient, diagonal, self.hessian[..., first, second]], axis=-1)
        shape = weights.shape[:-1]
        sd = np.broadcast_to(np.asarray(device_log_sd, dtype=float), shape).reshape(-1, 1)
        moved = weights.reshape(-1, weights.shape[-1]) @ terms.T + sd * device
        low, high = _percentiles(moved)
        return np.minimum(low, 0.0).reshape(shape), np.maximum(high, 0.0).reshape(shape)

    def by_cause(self, device_log_sd: float) -> dict[str, float]:
        """Variance of the logarithm of one value due to each of `CAUSES`; a mixed term counts half for either."""
        variance = dict.fromkeys(CAUSES, 0.0)
        variance["device"] = device_log_sd**2
        for number, group in enumerate(PARAMETERS.values()):
            variance[group] += float(self.gradient[number] ** 2 + (self.hessian[number] ** 2).sum() / 2.0)
        return variance


def sum_of_bands(values: FloatArray, bands: Response, spread: DeviceSpread) -> tuple[float, Response, float]:
    """Total of the bands, its response to the skin's parameters, and its log-spread due to the device.

    Parameters
    ----------
    values : ndarray (b,)
        Fluence of each band.
    bands : Response
        Of each band, leading axis b.
    spread : DeviceSpread
    """
    total = float(values.sum())
    share = values / total if total > 0.0 else np.full(len(values), 1.0 / len(values))
    outer = bands.gradient[:, :, None] * bands.gradient[:, None, :]
    gradient = share @ bands.gradient
    hessian = np.tensordot(share, bands.hessian + outer, axes=1) - np.outer(gradient, gradient)
    return total, Response(gradient, hessian), spread.weighted(share)


def estimate(total: float, response: Response, device_log_sd: float) -> tuple[Estimate, dict[str, float]]:
    """A value with its 90 % interval, and the share of variance of each of `CAUSES` (they sum to 1).

    Parameters
    ----------
    total : float
        Value of the median skin under the median light.
    response : Response
        Of this one value.
    device_log_sd : float
        Standard deviation of the logarithm due to the device.
    """
    low, high = (float(side) for side in response.spread(device_log_sd))
    variance = response.by_cause(device_log_sd)
    whole = sum(variance.values())
    shares = {cause: (value / whole if whole > 0 else 0.0) for cause, value in variance.items()}
    return Estimate(total, total * math.exp(low), total * math.exp(high)), shares
