"""How many streams a stack needs, and how far from converged its fluence then is.

The error at a given number of streams was measured on 9,600 random stacks (docs/methods/slab.md, section 8) and its
98th percentile fitted by quantile regression on what makes it large. The fit is not a law: it is what was measured,
with a margin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodose.transport.slab.core import Stacks

FloatArray = NDArray[np.float64]

ACCURACIES = {"default": 3e-3, "reference": 1e-5}
"""Relative error of the fluence rate that each accuracy stands for."""

_SIZES = np.array([8, 10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 64])
_REFERENCE_SIZE = 96
_MARGIN = 2.2
"""The fitted 98th percentile times this is kept below the bound: 3 in 10,000 stacks of the check set exceeded it."""

_INTERCEPT = -7.924
_WEIGHTS = {
    "collimated": 0.171,
    "oblique": 1.215,
    "order": 0.111,
    "inner_step": 1.351,
    "forward": 0.104,
    "forward_collimated": 0.726,
    "thin_layer": 0.265,
    "thin_stack": 1.558,
    "absorbing": 0.774,
    "backward": 3.0,  # not fitted: no such stacks in the set; brings backward scattering from 2.5 % under 1 %
}
_POWER, _POWER_FORWARD = -2.544, -0.796


def _features(stacks: Stacks) -> dict[str, FloatArray]:
    """What the error depends on, each of shape (batch,)."""
    anisotropy = np.abs(stacks.anisotropy)
    scattered = stacks.scattering * stacks.thickness
    transport = scattered * (1.0 - anisotropy)
    absorbed = stacks.absorption * stacks.thickness
    fourth = (anisotropy * anisotropy) ** 2
    peaked = fourth * fourth * -np.expm1(-scattered)
    forward = np.max(peaked, axis=1)
    squares = stacks.index**2
    steps = np.abs(np.diff(squares, axis=1))
    light = stacks.incidence
    collimated = float(light.kind == "collimated")
    sine = np.minimum(stacks.above * np.sin(np.radians(light.angle_deg)) / stacks.index[:, 0], 1.0)
    order = np.log(max(light.order, 1.0)) if light.kind == "lambertian" else 0.0
    one = np.ones(len(stacks.index))
    return {
        "collimated": collimated * one,
        "oblique": collimated * (1.0 - np.sqrt(1.0 - sine**2)),
        "order": order * one,
        "inner_step": (steps > 1e-3).any(axis=1).astype(float),
        "forward": forward,
        "forward_collimated": forward * collimated,
        "thin_layer": np.log10(1.0 + 1.0 / (np.min(transport + absorbed, axis=1) + 1e-3)),
        "thin_stack": np.log10(1.0 + 1.0 / (np.sum(transport, axis=1) + 1e-3 * stacks.index.shape[1])),
        "backward": np.max(np.where(stacks.anisotropy < 0.0, peaked, 0.0), axis=1) * collimated,
        "absorbing": np.max(absorbed / (transport + absorbed + 1e-9), axis=1),
    }


@dataclass(frozen=True, slots=True)
class Fit:
    """Logarithm of each stack's error at 12 nodes per hemisphere, and the power of its fall; shape (batch,)."""

    level: FloatArray
    power: FloatArray


def fitted(stacks: Stacks) -> Fit:
    """What was measured on stacks like each."""
    features = _features(stacks)
    level = _INTERCEPT + sum(weight * features[name] for name, weight in _WEIGHTS.items())
    return Fit(np.asarray(level), _POWER + _POWER_FORWARD * features["forward"])


def half_streams(fit: Fit, accuracy: str) -> NDArray[np.intp]:
    """Nodes per hemisphere for each stack: the fewest whose estimated error, with its margin, keeps the accuracy."""
    if accuracy == "reference":
        return np.full(len(fit.level), _REFERENCE_SIZE, dtype=np.intp)
    wanted = np.log(ACCURACIES[accuracy] / _MARGIN)
    needed = 12.0 * np.exp((wanted - fit.level) / fit.power)
    place = np.searchsorted(_SIZES, needed)
    return np.asarray(_SIZES[np.minimum(place, len(_SIZES) - 1)], dtype=np.intp)


def estimated_error(fit: Fit, half: NDArray[np.intp]) -> FloatArray:
    """Relative error of the fluence rate, wherever it exceeds 1e-6, that 98 of 100 stacks like each do not exceed."""
    return np.asarray(np.exp(fit.level + fit.power * np.log(half / 12.0)))
