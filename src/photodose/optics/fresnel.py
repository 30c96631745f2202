"""Fresnel reflection and Snell refraction of unpolarised light at a plane index step."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def refracted_cosine(cosine: ArrayLike, index_from: ArrayLike, index_to: ArrayLike) -> FloatArray:
    """Cosine of the refracted direction by Snell's law; 0 under total internal reflection.

    Parameters
    ----------
    cosine : array_like
        Cosine to the surface normal in the first medium, 0 to 1.
    index_from, index_to : array_like
        Refractive indices of the first and second medium, above 0; broadcast with `cosine`.
    """
    ratio = np.asarray(index_from, dtype=float) / np.asarray(index_to, dtype=float)
    sine_squared = ratio**2 * (1.0 - np.asarray(cosine, dtype=float) ** 2)
    return np.asarray(np.sqrt(np.maximum(0.0, 1.0 - sine_squared)))


def critical_cosine(index_from: ArrayLike, index_to: ArrayLike) -> FloatArray:
    """Cosine below which light going from the first medium is totally reflected; 0 where it never is."""
    ratio = np.asarray(index_to, dtype=float) / np.asarray(index_from, dtype=float)
    return np.asarray(np.sqrt(np.maximum(0.0, 1.0 - ratio**2)))


def fresnel_reflectance(cosine: ArrayLike, index_from: ArrayLike, index_to: ArrayLike) -> FloatArray:
    """Reflectance of unpolarised light, the mean of both polarisations (Born and Wolf, Principles of Optics, 1.5.2).

    Parameters
    ----------
    cosine : array_like
        Cosine to the surface normal in the first medium, 0 to 1.
    index_from, index_to : array_like
        Refractive indices, above 0; broadcast with `cosine`.

    Returns
    -------
    ndarray
        Reflectance from 0 to 1; 1 under total internal reflection.

    Examples
    --------
    >>> round(float(fresnel_reflectance(1.0, 1.0, 1.4)), 7)
    0.0277778
    """
    first = np.asarray(index_from, dtype=float)
    second = np.asarray(index_to, dtype=float)
    mu = np.asarray(cosine, dtype=float)
    nu = refracted_cosine(mu, first, second)
    total = nu <= 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        senkrecht = ((first * mu - second * nu) / (first * mu + second * nu)) ** 2
        parallel = ((first * nu - second * mu) / (first * nu + second * mu)) ** 2
    return np.where(total, 1.0, 0.5 * (senkrecht + parallel))
