"""Light that goes to and fro between skin and device: the gain of an enclosure."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.quantities import RangeError


def enclosure_gain(
    skin_reflectance: ArrayLike, device_reflectance: ArrayLike, view_factor: ArrayLike = 1.0
) -> NDArray[np.float64]:
    """Gain of irradiance on the skin by light that the skin and then the device reflect.

    The sum of the geometric series of round trips, gain = 1 / (1 - F rho_skin rho_device).

    Parameters
    ----------
    skin_reflectance : array_like
        Reflectance of the skin for diffuse light, 0 to 1.
    device_reflectance : array_like
        Reflectance of the device's inner face, 0 to 1.
    view_factor : array_like
        F, share of the light leaving the skin that meets the device and comes back, 0 to 1.

    Returns
    -------
    ndarray
        Gain, 1 or more.

    Raises
    ------
    RangeError
        Outside these ranges, or where the product reaches 1 (no light would ever be lost).

    Examples
    --------
    >>> [round(float(enclosure_gain(0.57, rho)), 2) for rho in (0.3, 0.5, 0.8)]
    [1.21, 1.4, 1.84]
    """
    skin, inner, share = (np.asarray(v, dtype=float) for v in (skin_reflectance, device_reflectance, view_factor))
    for name, value in (("skin_reflectance", skin), ("device_reflectance", inner), ("view_factor", share)):
        bad = ~((value >= 0.0) & (value <= 1.0))
        if bad.any():
            raise RangeError(name, float(value[bad].flat[0]), 0.0, 1.0)
    product = skin * inner * share
    if (product >= 1.0).any():
        raise RangeError("view_factor * skin_reflectance * device_reflectance", float(product.max()), 0.0, 0.999999)
    return np.asarray(1.0 / (1.0 - product))
