"""Irradiance of a uniform emitting rectangle on a plane parallel to it, near field included.

The radiance is proportional to cos^(m-1) of the angle from the normal (Lambertian order m; m = 1 is a matt emitter).
On a parallel plane at distance z

    E(x, y) = M (m + 1) / (2 pi) * integral over the rectangle of (z / r)^(m+1) / r^2 dA,

M being the radiant exitance. With x = s tan(phi), s = sqrt(y^2 + z^2), y = z tan(psi) the inner integral is an
incomplete beta function and the outer one is smooth, so that Gauss-Legendre nodes give it to rounding. For m = 1 the
closed form of the configuration factor holds (Hottel 1931; Howell, Catalog of Radiation Heat Transfer Configuration
Factors, B-3 and C-11).
"""

from __future__ import annotations

import math
from functools import cache, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import beta, betainc

from photodose.quantities import RangeError

FloatArray = NDArray[np.float64]

_NODES = 96


@cache
def _legendre(count: int) -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return nodes, weights


def _cosine_power_integral(angle: FloatArray, power: float) -> FloatArray:
    """Integral of cos(phi)^power from 0 to `angle`, odd in angle: half an incomplete beta function."""
    a, b = 0.5, 0.5 * (power + 1.0)
    return np.asarray(0.5 * beta(a, b) * betainc(a, b, np.sin(angle) ** 2) * np.sign(angle))


def _solid_integral(low: FloatArray, high: FloatArray, half_x: float, x: FloatArray, power: float) -> FloatArray:
    """The integral of (z/r)^power / r^2 over the strip low <= psi <= high; x and half_x in units of z."""
    nodes, weights = _legendre(_NODES)
    middle, half = 0.5 * (high + low)[..., None], 0.5 * (high - low)[..., None]
    psi = middle + half * nodes
    cosine = np.cos(psi)
    right = np.arctan((half_x - x)[..., None] * cosine)
    left = np.arctan((-half_x - x)[..., None] * cosine)
    inner = _cosine_power_integral(right, power) - _cosine_power_integral(left, power)
    return np.asarray(np.sum(weights * inner * cosine ** (power - 1.0) * half, axis=-1))


def _rectangle_integral(
    size_cm: tuple[float, float], distance_cm: float, x_cm: ArrayLike, y_cm: ArrayLike, power: float
) -> FloatArray:
    """Integral of (z/r)^power / r^2 dA over the rectangle, seen from (x, y, z)."""
    x, y = np.broadcast_arrays(np.asarray(x_cm, float) / distance_cm, np.asarray(y_cm, float) / distance_cm)
    half_x, half_y = 0.5 * size_cm[0] / distance_cm, 0.5 * size_cm[1] / distance_cm
    low, high = np.arctan(-half_y - y), np.arctan(half_y - y)
    split = np.clip(0.0, low, high)  # the integrand peaks at psi = 0: let the nodes crowd there
    return _solid_integral(low, split, half_x, x, power) + _solid_integral(split, high, half_x, x, power)


def _check(size_cm: tuple[float, float], distance_cm: float, order: float) -> None:
    if not min(size_cm) > 0.0:
        raise RangeError("size_cm", min(size_cm), 0.01, 500.0)
    if not distance_cm >= 0.0:
        raise RangeError("distance_cm", distance_cm, 0.0, 500.0)
    if not 0.5 <= order <= 1000.0:
        raise RangeError("lambertian_order", order, 0.5, 1000.0)


def relative_irradiance(
    size_cm: tuple[float, float], distance_cm: float, x_cm: ArrayLike = 0.0, y_cm: ArrayLike = 0.0, order: float = 1.0
) -> FloatArray:
    """Irradiance per radiant exitance at points of a plane parallel to an emitting rectangle.

    Parameters
    ----------
    size_cm : (float, float)
        Width and height of the rectangle [cm], centred on the origin.
    distance_cm : float
        Distance of the plane [cm], 0 or more; at 0 the answer is 1 over the rectangle, 1/2 on its edge, 0 outside.
    x_cm, y_cm : array_like
        Points of the plane [cm], broadcast together.
    order : float
        Lambertian order m, 0.5 to 1000; 1 takes the closed form.

    Returns
    -------
    ndarray
        E / M, 0 to 1.

    Raises
    ------
    RangeError
        Outside these ranges.

    Examples
    --------
    >>> round(float(relative_irradiance((20.0, 20.0), 0.001)), 4)
    1.0
    """
    _check(size_cm, distance_cm, order)
    x, y = np.broadcast_arrays(np.asarray(x_cm, float), np.asarray(y_cm, float))
    if distance_cm < 1e-9:  # as good as in contact, and the ratios below would overflow at the tiniest distances
        inside_x, inside_y = np.sign(size_cm[0] / 2 - np.abs(x)), np.sign(size_cm[1] / 2 - np.abs(y))
        return np.asarray((inside_x + 1.0) / 2.0 * (inside_y + 1.0) / 2.0)
    if order == 1.0:
        return _closed_form(size_cm, distance_cm, x, y)
    return (order + 1.0) / (2.0 * math.pi) * _rectangle_integral(size_cm, distance_cm, x, y, order + 1.0)


def _corner(a: FloatArray, b: FloatArray) -> FloatArray:
    """Configuration factor of a corner element, odd in both of its sides over the distance."""
    root_a, root_b = np.sqrt(1.0 + a * a), np.sqrt(1.0 + b * b)
    return (a / root_a * np.arctan(b / root_a) + b / root_b * np.arctan(a / root_b)) / (2.0 * math.pi)


def _closed_form(size_cm: tuple[float, float], distance_cm: float, x: FloatArray, y: FloatArray) -> FloatArray:
    right, left = (size_cm[0] / 2 - x) / distance_cm, (-size_cm[0] / 2 - x) / distance_cm
    top, bottom = (size_cm[1] / 2 - y) / distance_cm, (-size_cm[1] / 2 - y) / distance_cm
    total = _corner(right, top) - _corner(left, top) - _corner(right, bottom) + _corner(left, bottom)
    return np.asarray(total, dtype=float)


@lru_cache(maxsize=4096)
def mean_relative_irradiance(size_cm: tuple[float, float], distance_cm: float, order: float = 1.0) -> float:
    """Mean of E / M over the emitter's own shadow on the plane (the treated area).

    A shift (u, v) joins (a - |u|) (b - |v|) of all pairs of points of two equal rectangles a x b, so that, lengths
    in units of the distance and s^2 = 1 + v^2,

        mean = (m + 1) / (2 pi) * 4 / (a b) * integral of (a - u) (b - v) (1 + u^2 + v^2)^(-(m+3)/2) over 0..a, 0..b.

    Over u it is elementary but for an incomplete beta function; over v = tan(psi) Gauss-Legendre nodes give it to
    1e-11. Parameters and errors as for `relative_irradiance`.

    Examples
    --------
    >>> round(mean_relative_irradiance((20.0, 20.0), 20.0), 4)
    0.1998
    """
    _check(size_cm, distance_cm, order)
    if distance_cm < 1e-9:
        return 1.0
    wide, high = size_cm[0] / distance_cm, size_cm[1] / distance_cm
    nodes, weights = _legendre(_NODES)
    top = math.atan(high)
    psi = 0.5 * top * (nodes + 1.0)
    cosine = np.cos(psi)
    whole = wide * _cosine_power_integral(np.arctan(wide * cosine), order + 1.0) * cosine**order
    # 1 - (1 + x)^-p, without loss where x is small
    shifted = -np.expm1(-0.5 * (order + 1.0) * np.log1p((wide * cosine) ** 2)) / (order + 1.0) * cosine ** (order - 1.0)
    total = 0.5 * top * float(weights @ ((high - np.tan(psi)) * (whole - shifted)))
    return min(1.0, (order + 1.0) / (2.0 * math.pi) * 4.0 / (wide * high) * total)


def mean_cosine(size_cm: tuple[float, float], distance_cm: float, order: float = 1.0) -> float:
    """Irradiance-weighted mean cosine of incidence at the middle of the plane; (m + 1)/(m + 2) for order m light."""
    _check(size_cm, distance_cm, order)
    if distance_cm == 0.0:
        return (order + 1.0) / (order + 2.0)
    zero = np.zeros(1)
    above = _rectangle_integral(size_cm, distance_cm, zero, zero, order + 2.0)[0]
    below = _rectangle_integral(size_cm, distance_cm, zero, zero, order + 1.0)[0]
    return float(above / below)


def equivalent_order(cosine: float) -> float:
    """Lambertian order of incident light with this irradiance-weighted mean cosine: m = (2 c - 1) / (1 - c)."""
    if not 0.5 < cosine < 1.0:
        raise RangeError("mean cosine", cosine, 0.5, 1.0)
    return (2.0 * cosine - 1.0) / (1.0 - cosine)


def view_factor(size_cm: tuple[float, float], distance_cm: float) -> float:
    """View factor between two equal, facing rectangles: the share of light leaving one that reaches the other.

    Parameters
    ----------
    size_cm : (float, float)
        Sides [cm].
    distance_cm : float
        Gap [cm]; 0 gives 1.

    Returns
    -------
    float
        F of the enclosure between a device and the skin it faces, 0 to 1 (Howell, C-11: the mean of the point factor).

    Examples
    --------
    >>> round(view_factor((10.0, 10.0), 10.0), 4)
    0.1998
    """
    return mean_relative_irradiance(size_cm, distance_cm, 1.0)
