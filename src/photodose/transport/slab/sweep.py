"""Elimination: the stack is folded up from the bottom face by face and layer by layer, then unfolded downwards.

What lies below a plane answers the even part x of the radiance there with an odd part y = admittance x + source
(eq. 18). Both are matrices and vectors of one layer only, so the work grows with the number of layers and no large
matrix is ever built. Arrays are (batch, half[, half]).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photodose.transport.slab.modes import Modes

FloatArray = NDArray[np.float64]


def _t(matrix: FloatArray) -> FloatArray:
    return np.swapaxes(matrix, -1, -2)


def _apply(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    return np.asarray((matrix @ vector[..., None])[..., 0])


def _inverse(matrix: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Faces:
    """The index steps of a stack: `open_` = 1 - reflection; arrays (batch or 1, half, half), None where no step is.

    `inner[k]` couples layer k to layer k + 1: open seen from k, open seen from k + 1, transmission k -> k + 1.
    """

    top: FloatArray
    bottom: FloatArray
    inner: list[tuple[FloatArray, FloatArray, FloatArray] | None]


@dataclass(frozen=True, slots=True)
class Ends:
    """Modal amplitudes of the homogeneous part at both ends of each layer, shape (batch, layer, half)."""

    even_top: FloatArray
    even_bottom: FloatArray
    odd_top: FloatArray
    odd_bottom: FloatArray


@dataclass(slots=True)
class _Fold:
    """What the way down needs again from the way up, per layer."""

    admittance: FloatArray
    source: FloatArray
    modal: FloatArray
    modal_source: FloatArray
    solved: FloatArray
    sech: FloatArray
    lag: FloatArray
    step: _StepFold | None = None


@dataclass(slots=True)
class _StepFold:
    """The same of an index step: eq. 21 and the way down."""

    inverse: FloatArray
    weight: FloatArray
    seen: FloatArray
    closed_source: FloatArray


@dataclass(frozen=True, slots=True)
class Folded:
    """The folded stack: with it other sources are solved for by vectors alone (`fold_again`)."""

    layers: list[_Fold]
    system: FloatArray


def fold(
    modes: Modes,
    thickness: FloatArray,
    faces: Faces,
    forced_top: tuple[FloatArray, FloatArray],
    forced_bottom: tuple[FloatArray, FloatArray],
    entering: FloatArray,
) -> tuple[Ends, FloatArray, FloatArray, Folded]:
    """Solve for the diffuse light of the whole stack.

    Parameters
    ----------
    modes : Modes
    thickness : ndarray, shape (batch, layer)
        Scaled optical thickness.
    forced_top, forced_bottom : tuple of ndarray, shape (batch, layer, half)
        Particular solution (a, b) at each layer's top and bottom.
    entering : ndarray, shape (batch or 1, half)
        Diffuse light just inside the top face, flux-weighted.

    Returns
    -------
    Ends, reflected (batch, half), transmitted (batch, half), Folded
        The second and third are flux-weighted radiances that leave through the faces, by node of the first and last
        layer.
    """
    batch, layers, half = modes.rate.shape
    one = np.eye(half)
    beyond = 2.0 * one - faces.bottom
    admittance = np.broadcast_to(_solved(beyond, faces.bottom), (batch, half, half))
    source = np.zeros((batch, half))
    folds: list[_Fold] = []
    for layer in range(layers - 1, -1, -1):
        step = None
        if layer < layers - 1 and (face := faces.inner[layer]) is not None:
            admittance, source, step = _up_through_step(admittance, source, face)
        even, odd, rate = modes.even[:, layer], modes.odd[:, layer], modes.rate[:, layer]
        modal = _t(even) @ admittance @ even
        modal_source = _apply(_t(even), source) + _apply(modal, forced_bottom[0][:, layer]) - forced_bottom[1][:, layer]
        depth = rate * thickness[:, layer, None]
        rise, sech = np.tanh(depth), 1.0 / np.cosh(np.minimum(depth, 700.0))
        lag = rise / rate
        solved = _inverse(one + lag[..., None] * modal)
        folds.append(_Fold(admittance, source, modal, modal_source, solved, sech, lag, step))
        # eq. 20, free of differences of large numbers for any thickness
        top = sech[..., None] * (modal @ solved) * sech[..., None, :]
        top[..., np.arange(half), np.arange(half)] += rate * rise
        top_source = sech * _apply(_t(solved), modal_source)
        top_source = top_source + forced_top[1][:, layer] - _apply(top, forced_top[0][:, layer])
        admittance = odd @ top @ _t(odd)
        source = _apply(odd, top_source)
    folds.reverse()
    closed = 2.0 * one - faces.top
    system = 2.0 * admittance + faces.top @ (one - admittance)
    even_part = _solved(system, (2.0 * entering - _apply(closed, source))[..., None])[..., 0]
    odd_part = _apply(admittance, even_part) + source
    reflected = _apply(faces.top, (even_part - odd_part) / 2.0)
    ends, even_part, odd_part = _unfold(modes, faces, forced_top, forced_bottom, folds, even_part)
    return ends, reflected, _apply(faces.bottom, (even_part + odd_part) / 2.0), Folded(folds, system)


def fold_again(
    modes: Modes,
    faces: Faces,
    folded: Folded,
    odd_top: FloatArray,
    odd_bottom: FloatArray,
    entering: FloatArray,
    below: FloatArray,
) -> tuple[Ends, FloatArray, FloatArray]:
    """Solve a folded stack for other light.

    Parameters
    ----------
    odd_top, odd_bottom : ndarray, shape (batch, layer, half)
        What is added to the odd amplitude b at each layer's top and bottom.
    entering : ndarray, shape (batch, half)
        Diffuse light just inside the top face, flux-weighted.
    below : ndarray, shape (batch, half)
        Source of the bottom face: y = admittance x + source.

    Returns
    -------
    Ends, and the even part x just inside the top and the bottom face, shape (batch, half)
    """
    source = below
    folds: list[_Fold] = []
    for layer in range(len(folded.layers) - 1, -1, -1):
        kept = folded.layers[layer]
        step = kept.step
        if step is not None and (face := faces.inner[layer]) is not None:
            closed_source = 2.0 * source - _apply(face[1], source)
            returned = _apply(_t(face[2]), _apply(step.weight, closed_source) + source)
            step = replace(step, closed_source=closed_source)
            source = _apply(step.seen, returned)
        modal_source = _apply(_t(modes.even[:, layer]), source) - odd_bottom[:, layer]
        folds.append(replace(kept, source=source, modal_source=modal_source, step=step))
        top_source = kept.sech * _apply(_t(kept.solved), modal_source) + odd_top[:, layer]
        source = _apply(modes.odd[:, layer], top_source)
    folds.reverse()
    right = 2.0 * entering - 2.0 * source + _apply(faces.top, source)
    first = _solved(folded.system, right[..., None])[..., 0]
    nothing = np.zeros(modes.rate.shape)
    ends, last, _ = _unfold(modes, faces, (nothing, odd_top), (nothing, odd_bottom), folds, first)
    return ends, first, last


def _up_through_step(
    admittance: FloatArray, source: FloatArray, face: tuple[FloatArray, FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray, _StepFold]:
    """Admittance and source seen from above an index step (eq. 21), and what the way down needs."""
    open_above, open_below, passed = face
    one = np.eye(admittance.shape[-1])
    rest = one - admittance
    inverse = _inverse(2.0 * admittance + open_below @ rest)
    weight = rest @ inverse
    closed_source = 2.0 * source - _apply(open_below, source)
    loss = open_above - _t(passed) @ (weight @ passed)
    back = -0.5 * _apply(_t(passed), _apply(weight, closed_source) + source)
    seen = _inverse(2.0 * one - loss)
    return loss @ seen, -2.0 * _apply(seen, back), _StepFold(inverse, weight, seen, closed_source)


def _unfold(
    modes: Modes,
    faces: Faces,
    forced_top: tuple[FloatArray, FloatArray],
    forced_bottom: tuple[FloatArray, FloatArray],
    folds: list[_Fold],
    even_part: FloatArray,
) -> tuple[Ends, FloatArray, FloatArray]:
    ends = Ends(*(np.empty(modes.rate.shape) for _ in range(4)))
    odd_part = even_part
    for layer, kept in enumerate(folds):
        rate = modes.rate[:, layer]
        top = _apply(_t(modes.odd[:, layer]), even_part) - forced_top[0][:, layer]
        bottom = _apply(kept.solved, kept.sech * top - kept.lag * kept.modal_source)
        odd_bottom = _apply(kept.modal, bottom) + kept.modal_source
        ends.even_top[:, layer], ends.even_bottom[:, layer], ends.odd_bottom[:, layer] = top, bottom, odd_bottom
        ends.odd_top[:, layer] = rate * rate * kept.lag * top + kept.sech * odd_bottom
        even_part = _apply(modes.even[:, layer], bottom + forced_bottom[0][:, layer])
        odd_part = _apply(kept.admittance, even_part) + kept.source
        if kept.step is not None and (face := faces.inner[layer]) is not None:
            arrived = _apply(face[2], even_part + odd_part)
            even_part = _apply(kept.step.inverse, arrived - kept.step.closed_source)
    return ends, even_part, odd_part
