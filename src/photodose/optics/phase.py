"""Phase functions: how light scatters into angles."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.quantities import RangeError

FloatArray = NDArray[np.float64]


def _check_anisotropy(anisotropy: FloatArray) -> None:
    bad = ~((anisotropy > -1.0) & (anisotropy < 1.0))
    if bad.any():
        raise RangeError("scattering_anisotropy", float(anisotropy[bad].flat[0]), -1.0, 1.0)


def henyey_greenstein(cosine: ArrayLike, anisotropy: ArrayLike) -> FloatArray:
    """Henyey-Greenstein phase function, normalised so that its integral over all solid angles is 1.

    p(cos) = (1 - g^2) / (4 pi (1 + g^2 - 2 g cos)^1.5); Henyey and Greenstein 1941, doi 10.1086/144246, eq. 2.

    Parameters
    ----------
    cosine : array_like
        Cosine of the scattering angle, -1 to 1.
    anisotropy : array_like
        Mean cosine g, between -1 and 1 (ends excluded).

    Returns
    -------
    ndarray
        Phase function [1/sr].
    """
    g = np.asarray(anisotropy, dtype=float)
    _check_anisotropy(g)
    return np.asarray((1.0 - g**2) / (4.0 * np.pi * (1.0 + g**2 - 2.0 * g * np.asarray(cosine, dtype=float)) ** 1.5))


def henyey_greenstein_moments(anisotropy: ArrayLike, count: int) -> FloatArray:
    """Legendre moments of the Henyey-Greenstein phase function: chi_l = g^l, l = 0 ... count - 1.

    Returns
    -------
    ndarray
        Shape (..., count), the moments on the last axis.
    """
    g = np.asarray(anisotropy, dtype=float)
    _check_anisotropy(g)
    return np.asarray(g[..., None] ** np.arange(count))
