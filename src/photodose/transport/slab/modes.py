"""The layers: scaled optical properties, eigenmodes, and what a collimated beam drives in them.

Arrays are (batch, layer, ...); depth inside a layer is the scaled optical depth. Equation numbers are those of
docs/methods/slab.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

THINNEST = 1e-13
"""Optical thickness that a layer without any interaction is given, so that light trapped in it stays bounded."""


@dataclass(frozen=True, slots=True)
class Media:
    """Properties of all layers after delta-M scaling (eq. 3), shape (batch, layer) unless said.

    `moments` (batch, layer, degree) are the scaled phase function's, times the scaled albedo; `loss` is 1 - `moments`
    with the first exact: the scaled absorption albedo.
    """

    thickness: FloatArray
    absorption: FloatArray
    optical_thickness: FloatArray
    full_optical_thickness: FloatArray
    moments: FloatArray
    loss: FloatArray


def scaled_media(
    absorption: FloatArray,
    scattering: FloatArray,
    anisotropy: FloatArray,
    thickness: FloatArray,
    kept: NDArray[np.intp],
    half: int,
    thinnest: float = THINNEST,
) -> Media:
    """Delta-M scaling: the share g^L of scattering is left in the beam (eq. 3); `kept` (batch or 1, layer) is L."""
    degree = np.arange(2 * half)
    forward = anisotropy**kept
    scaled = scattering * (1.0 - forward)
    extinction = absorption + scaled
    clear = extinction <= 0.0
    albedo = scaled / np.where(clear, 1.0, extinction)
    powers = (anisotropy[..., None] ** degree - forward[..., None]) / (1.0 - forward[..., None])
    moments = np.where(degree < kept[..., None], albedo[..., None] * powers, 0.0)
    loss = 1.0 - moments
    loss[..., 0] = np.where(clear, 1.0, absorption / np.where(clear, 1.0, extinction))
    return Media(
        thickness,
        absorption,
        np.maximum(extinction * thickness, thinnest),
        (absorption + scattering) * thickness,
        moments,
        loss,
    )


@dataclass(frozen=True, slots=True)
class Modes:
    """Eigenmodes of all layers (eq. 9-11): even part = `even` a, odd part = `odd` b, with a' = -b, b' = -rate^2 a.

    Attributes
    ----------
    rate : ndarray, shape (batch, layer, half)
    vectors : ndarray, shape (batch, layer, half, half)
        Orthonormal eigenvectors X.
    even, odd : ndarray, shape (batch, layer, half, half)
        U and Y, with Y^T U = 1.
    fluence, even_flux, odd_flux : ndarray, shape (batch, layer, half)
        Fluence rate = fluence . a; downward and upward flux = (even_flux . a +- odd_flux . b) / 2.
    root : ndarray, shape (batch, layer, half)
        Square root of the odd losses.
    """

    rate: FloatArray
    vectors: FloatArray
    even: FloatArray
    odd: FloatArray
    fluence: FloatArray
    even_flux: FloatArray
    odd_flux: FloatArray
    root: FloatArray


def eigenmodes(
    media: Media, index: FloatArray, cosine: FloatArray, weight: FloatArray, harmonics: FloatArray, coupling: FloatArray
) -> Modes:
    """Eigenmodes from a symmetric problem (eq. 9); the grid's arrays are (batch or 1, layer, half[, half])."""
    root_even, root_odd = np.sqrt(media.loss[..., 0::2]), np.sqrt(media.loss[..., 1::2])
    factor = coupling * root_even[..., None]
    factor *= root_odd[..., None, :]
    square, vectors = np.linalg.eigh(np.swapaxes(factor, -1, -2) @ factor)
    # The slowest mode carries light to depth and closes the energy balance: its rate from the factor itself, whose
    # rounding does not grow with the square of the fastest rate.
    slowest = (factor @ vectors[..., :1])[..., 0]
    square[..., 0] = np.sum(slowest * slowest, axis=-1)
    rate = np.maximum(np.sqrt(np.maximum(square, 0.0)), 1e-25)
    inverse_root = 1.0 / np.sqrt(cosine)
    even = (harmonics * inverse_root[..., None]) @ (root_odd[..., None] * vectors)
    odd = (harmonics / inverse_root[..., None]) @ (vectors / root_odd[..., None])
    clear = ~(media.moments[..., 0] > 0.0)
    if clear.any():
        # Nothing mixes directions here. Exactly diagonal modes keep light that is trapped by total reflection exactly
        # apart from light that can leave; rounding would let one leak into the other and pile up.
        along = np.broadcast_to(inverse_root, rate.shape)[clear]
        diagonal = along[:, :, None] * np.eye(along.shape[-1])
        rate[clear], even[clear] = along**2, diagonal
        vectors[clear] = np.broadcast_to(np.swapaxes(harmonics, -1, -2), vectors.shape)[clear]
        odd[clear] = np.where(diagonal > 0.0, 1.0 / np.where(diagonal > 0.0, diagonal, 1.0), 0.0)
    power = (index[..., None] * np.sqrt(weight * cosine))[..., None, :]
    return Modes(
        rate,
        vectors,
        even,
        odd,
        ((power / cosine[..., None, :]) @ even)[..., 0, :],
        (power @ even)[..., 0, :],
        (power @ odd)[..., 0, :],
        root_odd,
    )


@dataclass(frozen=True, slots=True)
class Beams:
    """Collimated light in every layer and what it drives (eq. 12).

    Attributes
    ----------
    down, up : ndarray, shape (batch, layer)
        Flux of the unscattered beam at the layer's top going down, and at its bottom going up.
    slope : ndarray, shape (batch, layer)
        1 / cosine of the beam.
    even, odd : ndarray, shape (batch, layer, half)
        Drive of a and of b per unit flux.
    near : ndarray of bool, shape (batch, layer, half)
        Modes whose rate is so near the beam's slope that the resonant form is used.
    harmonics : ndarray, shape (batch or 1, layer, degree)
        sqrt(2 l + 1) P_l(cosine) / (cosine index): the beam's moments, to be scattered.
    faces : ndarray, shape (batch, layer + 1)
        Fresnel reflectance of every face for the beam.
    """

    down: FloatArray
    up: FloatArray
    slope: FloatArray
    even: FloatArray
    odd: FloatArray
    near: NDArray[np.bool_]
    harmonics: FloatArray
    faces: FloatArray

    def take(self, where: Any) -> Beams:
        """The same for a selection of (batch, layer)."""
        names = ("down", "up", "slope", "even", "odd", "near")
        return replace(self, **{name: getattr(self, name)[where] for name in names})


def drive(
    media: Media,
    modes: Modes,
    index: FloatArray,
    coupling: FloatArray,
    projections: tuple[FloatArray, FloatArray],
    cosine: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, NDArray[np.bool_], FloatArray]:
    """What a beam of unit flux drives in each mode (eq. 12): slope, even, odd, near, harmonics; cosine (batch or 1,
    layer)."""
    count = media.moments.shape[-1]
    slope = np.broadcast_to(1.0 / np.maximum(cosine, 1e-12), media.thickness.shape)
    legendre = np.polynomial.legendre.legvander(cosine, count - 1) * np.sqrt(2.0 * np.arange(count) + 1.0)
    harmonics = legendre * (1.0 / (np.maximum(cosine, 1e-12) * index))[..., None]
    source = media.moments * harmonics
    flipped = np.swapaxes(modes.vectors, -1, -2)
    even_source = projections[0] @ source[..., 0::2, None]
    odd_source = projections[1] @ source[..., 1::2, None]
    even = (flipped @ (odd_source / modes.root[..., None]))[..., 0]
    across = (np.swapaxes(coupling, -1, -2) @ even_source)[..., 0]
    odd = (flipped @ (modes.root * across)[..., None])[..., 0]
    near = np.abs(modes.rate - slope[..., None]) < 0.3 * slope[..., None]
    return slope, even, odd, near, harmonics


def forced(beams: Beams, rate: FloatArray, depth: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Particular solution (a, b) per unit flux at scaled depth from where the beam enters (eq. 12).

    Away from resonance it falls with the beam; near resonance the downward wave starts from nothing, which keeps
    the difference quotient of two exponentials in place of a division by almost zero.
    """
    slope = beams.slope[..., None]
    beam = np.exp(-beams.slope * depth)[..., None]
    away = (beams.odd + slope * beams.even) / np.where(beams.near, 1.0, rate**2 - slope**2) * beam
    even, odd = away, beams.even * beam + slope * away
    if beams.near.any():
        near = np.broadcast_to(beams.near, even.shape)
        full = (np.broadcast_to(part, even.shape)[near] for part in (slope, depth[..., None], rate, beam))
        drives = (np.broadcast_to(part, even.shape)[near] for part in (beams.even, beams.odd))
        even[near], odd[near] = _resonant(*full, *drives)
    return even, odd


def _resonant(
    slope: FloatArray, depth: FloatArray, rate: FloatArray, beam: FloatArray, even: FloatArray, odd: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The resonant form of the particular solution, elements one by one."""
    gap = np.abs(rate - slope)
    wide = gap * depth > 1e-12
    quotient = np.where(wide, -np.expm1(-gap * depth) / np.where(wide, gap, 1.0), depth)
    falling = (odd + rate * even) * quotient * np.exp(-np.minimum(rate, slope) * depth)
    rising = (rate * even - odd) * beam / (rate + slope)
    return (falling - rising) / (2.0 * rate), (falling + rising) / 2.0


def forced_integral(beams: Beams, rate: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    """Integral of the particular solution's a over scaled depth, per unit flux (eq. 19)."""
    slope = beams.slope[..., None]
    beam = (np.exp(-beams.slope * start) * -np.expm1(-beams.slope * (end - start)) / beams.slope)[..., None]
    away = (beams.odd + slope * beams.even) / np.where(beams.near, 1.0, rate**2 - slope**2)
    change = forced(beams, rate, start)[1] - forced(beams, rate, end)[1]
    resonant = (change + beams.odd * beam) / np.where(beams.near, rate, 1.0) ** 2
    return np.where(beams.near, resonant, away * beam)


def unscattered(
    optical_thickness: FloatArray, cosine: FloatArray, reflectance: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Rays through all layers with every reflection at every face, nothing scattered (eq. 16).

    Parameters
    ----------
    optical_thickness, cosine : ndarray, shape (..., layer)
        Of each layer; broadcast.
    reflectance : ndarray, shape (..., layer + 1)
        Fresnel reflectance of each face.

    Returns
    -------
    down, up, out : ndarray
        Flux at each layer's top going down and at its bottom going up, shape (..., layer); what leaves below, (...).
    """
    passed = np.exp(-optical_thickness / np.maximum(cosine, 1e-12))
    passed, faces = np.broadcast_arrays(passed, reflectance[..., :-1])
    last = np.broadcast_to(reflectance[..., -1], passed.shape[:-1])
    count = passed.shape[-1]
    back = [last]
    for layer in range(count - 1, -1, -1):
        below = back[-1] * passed[..., layer] ** 2
        face = faces[..., layer]
        # Where light of this angle cannot pass the face (face = 1) nothing returns from below it.
        within = np.maximum(1.0 - face * below, 1e-300)
        back.append(face + (1.0 - face) ** 2 * below / within)
    back.reverse()
    down, up = np.empty(passed.shape), np.empty(passed.shape)
    flux = np.ones(passed.shape[:-1])
    for layer in range(count):
        below = back[layer + 1] * passed[..., layer] ** 2
        face = faces[..., layer]
        down[..., layer] = flux * (1.0 - face) / np.maximum(1.0 - face * below, 1e-300)
        flux = down[..., layer] * passed[..., layer]
        up[..., layer] = flux * back[layer + 1]
    return down, up, flux * (1.0 - last)
