"""How many streams a stack needs, and how far from converged its fluence then is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photodose.transport.slab.core import Stacks

FloatArray = NDArray[np.float64]

ACCURACIES = {"default": 3e-3, "reference": 1e-5}
"""Relative error of the fluence rate that each accuracy stands for."""


def half_streams(stacks: Stacks, accuracy: str) -> NDArray[np.intp]:
    """Nodes per hemisphere for each stack."""
    return np.full(len(stacks.index), 16 if accuracy == "default" else 64, dtype=np.intp)


def estimated_error(stacks: Stacks, half: NDArray[np.intp]) -> FloatArray:
    """Estimated relative error of the fluence rate of each stack."""
    return 0.05 * (8.0 / half) ** 2 * np.ones(len(stacks.index))
