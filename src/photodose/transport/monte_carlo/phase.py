"""Phase functions that packets can scatter by: Henyey-Greenstein, modified Henyey-Greenstein, a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.transport._kernels import layout

FloatArray = NDArray[np.float64]

KINDS = ("henyey_greenstein", "modified_henyey_greenstein", "table")


@dataclass(frozen=True, slots=True)
class PhaseFunction:
    """How one layer scatters into angles.

    Attributes
    ----------
    kind : str
        "henyey_greenstein" (by the layer's anisotropy), "modified_henyey_greenstein" or "table".
    anisotropy : float
        g of the Henyey-Greenstein part of the modified function, -0.99 to 0.999.
    share : float
        Share of the Henyey-Greenstein part, 0 to 1; the rest scatters as 3 cos^2 / (4 pi)
        (Bevilacqua and Depeursinge 1999, doi 10.1364/JOSAA.16.002935).
    cosines, values : tuple of float
        For "table": phase function (any scale) at cosines that rise from -1 to 1, linear between.
    """

    kind: str = "henyey_greenstein"
    anisotropy: float = 0.0
    share: float = 1.0
    cosines: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnknownNameError("phase function", str(self.kind), KINDS)
        if not -0.99 <= self.anisotropy <= 0.999:
            raise RangeError("phase anisotropy", self.anisotropy, -0.99, 0.999)
        if not 0.0 <= self.share <= 1.0:
            raise RangeError("phase share", self.share, 0.0, 1.0)
        if self.kind == "table":
            self._check_table()

    def _check_table(self) -> None:
        mu, value = np.array(self.cosines), np.array(self.values)
        if mu.size < 2 or mu.shape != value.shape:
            raise InputError("a phase table needs as many values as cosines, at least two of each.")
        if not (np.all(np.diff(mu) > 0) and mu[0] == -1.0 and mu[-1] == 1.0):
            raise InputError("a phase table's cosines must rise strictly from -1 to 1.")
        if not (np.all(np.isfinite(value)) and value.min() >= 0.0 and value.max() > 0.0):
            raise InputError("a phase table's values must be finite, not negative and not all zero.")

    @classmethod
    def from_mapping(cls, content: Mapping[str, Any] | PhaseFunction) -> PhaseFunction:
        """From the YAML form, such as `{kind: modified_henyey_greenstein, anisotropy: 0.9, share: 0.95}`."""
        if isinstance(content, PhaseFunction):
            return content
        if not isinstance(content, Mapping):
            raise InputError("phase must be a mapping such as {kind: table, cosines: [...], values: [...]}.")
        known = ("kind", "anisotropy", "share", "cosines", "values")
        for key in content:
            if key not in known:
                raise UnknownNameError("phase key", str(key), known)
        values: dict[str, Any] = dict(content)
        try:
            for key in ("anisotropy", "share"):
                if key in values:
                    values[key] = float(values[key])
            for key in ("cosines", "values"):
                if key in values:
                    values[key] = tuple(float(x) for x in values[key])
        except (TypeError, ValueError):
            raise InputError(f"phase {key} must be a number or a list of numbers.") from None
        return cls(**values)

    @property
    def mean_cosine(self) -> float:
        """Mean cosine of the scattering angle, by the exact integral over a table."""
        if self.kind != "table":
            return self.share * self.anisotropy
        mu, density, _ = piecewise_linear(np.array(self.cosines), np.array(self.values))
        a, b = mu[:-1], mu[1:]
        slope = np.diff(density) / (b - a)
        start = density[:-1] - slope * a
        return float(np.sum(start * (b**2 - a**2) / 2.0 + slope * (b**3 - a**3) / 3.0))

    def rows(self) -> FloatArray | None:
        """Rows for the kernel's `tables`; None for plain Henyey-Greenstein."""
        if self.kind == "henyey_greenstein":
            return None
        if self.kind == "modified_henyey_greenstein":
            return np.array([[layout.PHASE_MODIFIED_HG, self.share, self.anisotropy]])
        table = np.column_stack(piecewise_linear(np.array(self.cosines), np.array(self.values)))
        head = np.array([[layout.PHASE_TABLE, float(len(table)), 0.0]])
        return np.vstack([head, table])


def piecewise_linear(x: FloatArray, density: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A piecewise linear density with integral 1 and its cumulative, each of shape (n,)."""
    steps = 0.5 * (density[1:] + density[:-1]) * np.diff(x)
    total = float(steps.sum())
    return x, density / total, np.concatenate([[0.0], np.cumsum(steps / total)])


def henyey_greenstein_constants(g: float) -> tuple[float, float, float, float]:
    """a, b, k, h with cos = a + b / (1 + k xi)^2 + h xi, the cosine drawn by a uniform number xi.

    Inverse of the cumulative of Henyey and Greenstein 1941 (doi 10.1086/144246): as xi goes from 0 to 1 the cosine
    rises from -1 to 1. Under |g| = 1e-6 the function is isotropic to rounding: cos = 2 xi - 1.
    """
    if math.fabs(g) < 1e-6:
        return -1.0, 0.0, 0.0, 2.0
    return (1.0 + g * g) / (2.0 * g), -((1.0 + g) ** 2) / (2.0 * g), 2.0 * g / (1.0 - g), 0.0
