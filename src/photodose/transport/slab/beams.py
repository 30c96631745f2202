"""The unscattered beam differentiated: every reflection of it, by the layers' optical paths and the faces (eq. 16)."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from photodose.transport.slab import core

FloatArray = NDArray[np.float64]


class _Sums(Protocol):
    @property
    def reflectance(self) -> FloatArray: ...

    @property
    def transmittance(self) -> FloatArray: ...


def beam_gradient(
    solution: core.Solution, down: FloatArray, up: FloatArray, weights: _Sums
) -> tuple[FloatArray, FloatArray]:
    """Derivatives by each layer's optical path along the beam and by each face's Fresnel reflectance.

    Parameters
    ----------
    solution : Solution
        Of collimated light.
    down, up : ndarray, shape (batch, layer)
        Derivatives by the beam's flux at each layer's top going down and at its bottom going up.
    weights
        Its `reflectance` and `transmittance`, shape (batch,), weigh what leaves.

    Returns
    -------
    ndarray, shape (batch, layer), and ndarray, shape (batch, layer + 1)
    """
    beams = solution.beams
    assert beams is not None
    layers = down.shape[1]
    faces = np.broadcast_to(beams.faces, (len(down), layers + 1))
    passed = np.exp(-beams.slope * solution.media.optical_thickness)
    back, within = _returned(faces, passed)
    below = back[:, 1:] * passed**2
    arrived = np.concatenate([np.ones((len(down), 1)), beams.down * passed], axis=1)
    by_faces, by_passed, by_below = np.zeros(faces.shape), np.zeros(passed.shape), np.zeros(passed.shape)
    by_back = np.zeros(back.shape)
    up = up.copy()
    up[:, 0] += weights.reflectance * passed[:, 0] * (1.0 - faces[:, 0])
    by_passed[:, 0] += weights.reflectance * beams.up[:, 0] * (1.0 - faces[:, 0])
    by_faces[:, 0] += weights.reflectance * (1.0 - beams.up[:, 0] * passed[:, 0])
    by_faces[:, -1] -= weights.transmittance * arrived[:, -1]
    flux = weights.transmittance * (1.0 - faces[:, -1])
    for layer in range(layers - 1, -1, -1):
        face, rest = faces[:, layer], within[:, layer]
        flux = flux + up[:, layer] * back[:, layer + 1]
        by_back[:, layer + 1] += up[:, layer] * arrived[:, layer + 1]
        by_down = down[:, layer] + flux * passed[:, layer]
        by_passed[:, layer] += flux * beams.down[:, layer]
        lit = by_down * arrived[:, layer] / rest
        by_faces[:, layer] += lit * ((1.0 - face) * below[:, layer] / rest - 1.0)
        by_below[:, layer] += lit * (1.0 - face) * face / rest
        flux = by_down * (1.0 - face) / rest
    for layer in range(layers):
        face, rest = faces[:, layer], within[:, layer]
        through = (1.0 - face) / rest
        deep = through * below[:, layer]
        by_faces[:, layer] += by_back[:, layer] * (1.0 - 2.0 * deep + deep**2)
        by_below[:, layer] += by_back[:, layer] * through**2
        by_back[:, layer + 1] += by_below[:, layer] * passed[:, layer] ** 2
        by_passed[:, layer] += 2.0 * by_below[:, layer] * back[:, layer + 1] * passed[:, layer]
    by_faces[:, -1] += by_back[:, -1]
    return -by_passed * passed, by_faces


def _returned(faces: FloatArray, passed: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What returns from each face and all below it, and 1 minus its share between the face and what lies below."""
    back, within = np.empty(faces.shape), np.empty(passed.shape)
    back[:, -1] = faces[:, -1]
    for layer in range(passed.shape[1] - 1, -1, -1):
        below = back[:, layer + 1] * passed[:, layer] ** 2
        face = faces[:, layer]
        within[:, layer] = np.maximum(1.0 - face * below, 1e-300)
        back[:, layer] = face + (1.0 - face) ** 2 * below / within[:, layer]
    return back, within
