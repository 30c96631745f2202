"""From sensitivities to a 90 % interval and the share of variance due to each cause."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from photodose.devices import Exposure
from photodose.quantities import Estimate
from photodose.quantities.values import Z90
from photodose.tissue.parameters import PARAMETERS

FloatArray = NDArray[np.float64]

__all__ = ["CAUSES", "Z90", "DeviceSpread", "estimate", "sum_of_bands"]

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


def sum_of_bands(values: FloatArray, gradients: FloatArray, spread: DeviceSpread) -> tuple[float, FloatArray, float]:
    """Total of the bands, its log-gradient over the skin's parameters, and its log-spread due to the device.

    Parameters
    ----------
    values : ndarray (b,)
        Fluence of each band.
    gradients : ndarray (b, p)
        Log-gradient of each band.
    spread : DeviceSpread
    """
    total = float(values.sum())
    if total <= 0.0:
        return 0.0, np.zeros(gradients.shape[1]), 0.0
    share = values / total
    return total, share @ gradients, spread.weighted(share)


def estimate(total: float, gradient: FloatArray, device_log_sd: float) -> tuple[Estimate, dict[str, float]]:
    """First-order lognormal estimate and variance shares.

    Parameters
    ----------
    total : float
        Median.
    gradient : ndarray (p,)
        d ln(value)/dz for the standard-normal parameters in the order of `tissue.parameters.PARAMETERS`.
    device_log_sd : float
        Standard deviation of the logarithm due to the device.

    Returns
    -------
    Estimate, dict
        The 90 % interval, and the share of variance of each of `CAUSES` (they sum to 1).
    """
    variance = dict.fromkeys(CAUSES, 0.0)
    variance["device"] = device_log_sd**2
    for group, slope in zip(PARAMETERS.values(), gradient, strict=True):
        variance[group] += float(slope) ** 2
    whole = sum(variance.values())
    shares = {cause: (value / whole if whole > 0 else 0.0) for cause, value in variance.items()}
    return Estimate.lognormal(total, math.sqrt(whole)), shares
