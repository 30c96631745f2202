"""Irradiance of an array of emitters on any oriented points: the exact sum of its emitters, near field included."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.devices.model import Emitter
from photodose.quantities import InputError, RangeError

FloatArray = NDArray[np.float64]

_CHUNK = 2_000_000
"""Emitter-point pairs worked on at a time (about 100 MB)."""

_PAIRS = 20_000_000
"""Emitter-point pairs that a mean over a plane may cost (a few seconds)."""

MM2_PER_CM2 = 100.0


def channels(emitters: Sequence[Emitter]) -> tuple[tuple[float, ...], FloatArray]:
    """Channels of an array (one per band, by rising peak) and their radiant powers.

    Returns
    -------
    peaks_nm : tuple of float
        Peak of each channel [nm].
    powers_mw : ndarray, shape (channel,)
        Radiant power of each channel [mW].
    """
    peaks = tuple(sorted({emitter.band_nm for emitter in emitters}))
    powers = [sum(e.radiant_power_mw for e in emitters if e.band_nm == peak) for peak in peaks]
    return peaks, np.array(powers)


def irradiance(emitters: Sequence[Emitter], points_mm: ArrayLike, normals: ArrayLike) -> FloatArray:
    """Matrix from channel powers to irradiance on points: irradiance = matrix @ powers.

    Each emitter has the radiant intensity P (m + 1) / (2 pi) cos^m(theta) of a generalised Lambertian source of
    order m (Moreno and Sun, Optics Express 16:1808, 2008, doi:10.1364/OE.16.001808); at distance r on a surface whose
    normal makes the angle phi with the ray E = I cos(phi) / r^2. Nothing but the surface's own back side shadows.

    Parameters
    ----------
    emitters : sequence of Emitter
        At least one.
    points_mm : array_like, shape (point, 3)
        Points [mm], not on an emitter.
    normals : array_like, shape (point, 3) or (3,)
        Outward normals of the surface (any length above 0); light from behind counts nothing.

    Returns
    -------
    ndarray, shape (point, channel)
        Irradiance per channel power [mW/cm2 per mW]; channels as in `channels`, each emitter's share of its channel's
        power being fixed.

    Raises
    ------
    InputError
        On wrong shapes, a normal of length 0, or a point on an emitter.

    Examples
    --------
    >>> lamp = Emitter((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), 10.0, 1.0, 660.0)
    >>> round(float(irradiance([lamp], [[0.0, 0.0, 10.0]], [0.0, 0.0, -1.0])[0, 0]) * math.pi, 9)
    1.0
    """
    if not emitters:
        raise InputError("an array needs at least one emitter.")
    points = np.atleast_2d(np.asarray(points_mm, dtype=float))
    facing = np.broadcast_to(np.atleast_2d(np.asarray(normals, dtype=float)), points.shape)
    if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
        raise InputError("points_mm must be finite rows of x, y, z.")
    length = np.linalg.norm(facing, axis=1, keepdims=True)
    if not (np.isfinite(length).all() and (length > 0.0).all()):
        raise InputError("normals must be finite and of length above 0.")
    facing = facing / length
    peaks, powers = channels(emitters)
    channel = np.array([peaks.index(emitter.band_nm) for emitter in emitters])
    share = np.array([emitter.radiant_power_mw for emitter in emitters]) / powers[channel]
    matrix = np.zeros((points.shape[0], len(peaks)))
    step = max(1, _CHUNK // len(emitters))
    for start in range(0, points.shape[0], step):
        part = slice(start, start + step)
        kernel = _kernel(emitters, points[part], facing[part]) * share
        for index in range(len(peaks)):
            matrix[part, index] = kernel[:, channel == index].sum(axis=1)
    return matrix * MM2_PER_CM2


def _kernel(emitters: Sequence[Emitter], points: FloatArray, normals: FloatArray) -> FloatArray:
    """Irradiance per emitter power [1/mm2], shape (point, emitter)."""
    position = np.array([emitter.position_mm for emitter in emitters])
    direction = np.array([emitter.direction for emitter in emitters])
    order = np.array([emitter.lambertian_order for emitter in emitters])
    ray = points[:, None, :] - position[None, :, :]
    distance2 = np.einsum("pei,pei->pe", ray, ray)
    if (distance2 == 0.0).any():
        raise InputError("a point lies on an emitter; move it off.")
    distance = np.sqrt(distance2)
    leaving = np.clip(np.einsum("pei,ei->pe", ray, direction) / distance, 0.0, 1.0)
    arriving = np.clip(-np.einsum("pei,pi->pe", ray, normals) / distance, 0.0, 1.0)
    # a ray in the emitter's own plane leaves it with 0, whatever the order
    lobe = np.where(leaving > 0.0, leaving**order, 0.0)
    return np.asarray((order + 1.0) / (2.0 * math.pi) * lobe * arriving / distance2)


def plane_statistics(
    emitters: Sequence[Emitter], size_cm: tuple[float, float], distance_cm: float
) -> tuple[tuple[float, ...], FloatArray, FloatArray]:
    """Mean and peak irradiance of each channel over a rectangle parallel to the array.

    Parameters
    ----------
    size_cm : (float, float)
        The treated area [cm], centred on the array's middle.
    distance_cm : float
        Distance of the plane from the foremost emitter along +z [cm], above 0.

    Returns
    -------
    peaks_nm : tuple of float
    mean_mw_cm2, peak_mw_cm2 : ndarray, shape (channel,)
        The mean over midpoints of cells no wider than half the distance, as far as `_PAIRS` allows; the peak also looks
        right in front of the emitters.
    """
    return _plane_statistics(tuple(emitters), size_cm, distance_cm)


@lru_cache(maxsize=16)
def _plane_statistics(
    emitters: tuple[Emitter, ...], size_cm: tuple[float, float], distance_cm: float
) -> tuple[tuple[float, ...], FloatArray, FloatArray]:
    peaks, powers = channels(emitters)
    position = np.array([emitter.position_mm for emitter in emitters])
    middle = 0.5 * (position[:, :2].min(axis=0) + position[:, :2].max(axis=0))
    height = position[:, 2].max() + 10.0 * distance_cm
    most = max(31, int(math.sqrt(_PAIRS / len(emitters))))
    sides = [min(most, max(61, math.ceil(2.0 * size / distance_cm))) for size in size_cm]
    axes = [middle[i] + 10.0 * size_cm[i] * ((np.arange(sides[i]) + 0.5) / sides[i] - 0.5) for i in range(2)]
    x, y = np.meshgrid(*axes, indexing="ij")
    grid = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, height)])
    some = position[:: max(1, math.ceil(len(emitters) ** 2 / _PAIRS))]
    front = np.column_stack([some[:, :2], np.full(len(some), height)])
    normal = np.array([0.0, 0.0, -1.0])
    field = irradiance(emitters, grid, normal) * powers
    hot = irradiance(emitters, front, normal) * powers
    return peaks, field.mean(axis=0), np.maximum(field.max(axis=0), hot.max(axis=0))


def _lattice(pitch_mm: float, standoff_mm: float, order: float, shift: float) -> float:
    """Irradiance over mean irradiance in front of a square lattice, `shift` cells off an emitter along both axes."""
    reach = max(5, math.ceil(40.0 * standoff_mm / pitch_mm))
    offsets = (np.arange(-reach, reach + 1) + shift) * pitch_mm
    square = offsets[:, None] ** 2 + offsets[None, :] ** 2 + standoff_mm**2
    field = (order + 1.0) / (2.0 * math.pi) * np.sum(standoff_mm ** (order + 1.0) / square ** (0.5 * (order + 3.0)))
    return float(field) * pitch_mm**2


def lattice_peak_to_mean(pitch_mm: float, standoff_mm: float, order: float = 1.0) -> float:
    """Peak over mean irradiance in front of an endless square lattice of equal emitters.

    The mean is one emitter's power over one cell (all of it arrives); the peak, right in front of an emitter, is the
    sum over its neighbours.

    Parameters
    ----------
    pitch_mm, standoff_mm : float
        Spacing of the emitters and distance from them to the surface [mm], both above 0.
    order : float
        Lambertian order.
    """
    if not (pitch_mm > 0.0 and standoff_mm > 0.0):
        raise InputError("pitch_mm and standoff_mm must be above 0.")
    if standoff_mm >= 2.0 * pitch_mm:
        return 1.0  # even to 1e-4 by then, whatever the order
    return max(1.0, _lattice(pitch_mm, standoff_mm, order, 0.0))


@cache
def peak_to_mean_of_contrast(contrast: float) -> float:
    """Peak over mean of a square lattice of Lambertian emitters from the contrast over and between them.

    Parameters
    ----------
    contrast : float
        Irradiance in front of an emitter over that midway between four, 1.01 to 1e4.
    """
    if not 1.01 <= contrast <= 1e4:
        raise RangeError("contrast", contrast, 1.01, 1e4)
    low, high = 0.02, 2.0  # stand-off over pitch: the contrast falls steadily from one to the other
    for _ in range(60):
        middle = math.sqrt(low * high)
        if _lattice(1.0, middle, 1.0, 0.0) / _lattice(1.0, middle, 1.0, 0.5) > contrast:
            low = middle
        else:
            high = middle
    return lattice_peak_to_mean(1.0, low)
