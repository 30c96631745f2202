"""How light falls on a surface, in angle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photodose.quantities import InputError, RangeError, UnknownNameError

KINDS = ("collimated", "diffuse", "lambertian", "table")


@dataclass(frozen=True, slots=True)
class Incidence:
    """Angular distribution of the light that falls on a surface, in the outside medium, azimuth-independent.

    Attributes
    ----------
    kind : str
        "collimated" (one polar angle), "diffuse" (isotropic radiance), "lambertian" (radiance proportional to
        cos^(order-1), so that order 1 is diffuse) or "table".
    angle_deg : float
        Polar angle of collimated light, 0 to below 90 degrees.
    order : float
        Lambertian order m, at least 0.5 and at most 1000.
    cosines, radiances : tuple of float
        For "table": radiance (any scale) at rising cosines in (0, 1], linear between, 0 outside.
    """

    kind: str = "collimated"
    angle_deg: float = 0.0
    order: float = 1.0
    cosines: tuple[float, ...] = ()
    radiances: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnknownNameError("incidence kind", str(self.kind), KINDS)
        if not 0.0 <= self.angle_deg < 90.0:
            raise RangeError("incidence angle_deg", self.angle_deg, 0.0, 89.999)
        if not 0.5 <= self.order <= 1000.0:
            raise RangeError("incidence order", self.order, 0.5, 1000.0)
        if self.kind == "table":
            self._check_table()

    def _check_table(self) -> None:
        mu, radiance = np.array(self.cosines), np.array(self.radiances)
        if mu.size < 2 or mu.shape != radiance.shape:
            raise InputError("incidence table needs as many radiances as cosines, at least two of each.")
        if not (np.all(np.diff(mu) > 0) and mu[0] > 0.0 and mu[-1] <= 1.0):
            raise InputError("incidence table: cosines must rise strictly within 0 (excluded) to 1.")
        if not (np.all(np.isfinite(radiance)) and radiance.min() >= 0.0 and radiance.max() > 0.0):
            raise InputError("incidence table: radiances must be finite, not negative and not all zero.")

    @classmethod
    def from_mapping(cls, content: Mapping[str, Any] | Incidence | None) -> Incidence:
        """From the YAML form `{kind: collimated, angle_deg: 0}`; None is collimated and normal."""
        if content is None:
            return cls()
        if isinstance(content, Incidence):
            return content
        if not isinstance(content, Mapping):
            raise InputError("incidence must be a mapping such as {kind: diffuse}.")
        known = {"kind", "angle_deg", "order", "cosines", "radiances"}
        for key in content:
            if key not in known:
                raise UnknownNameError("incidence key", str(key), sorted(known))
        values: dict[str, Any] = dict(content)
        try:
            for key in ("angle_deg", "order"):
                if key in values:
                    values[key] = float(values[key])
            for key in ("cosines", "radiances"):
                if key in values:
                    values[key] = tuple(float(x) for x in values[key])
        except (TypeError, ValueError):
            raise InputError(f"incidence {key} must be a number.") from None
        return cls(**values)

    def radiance_per_irradiance(self, cosine: NDArray[np.float64]) -> NDArray[np.float64]:
        """Radiance [1/sr] at the given cosines when the irradiance is 1; not defined for collimated light."""
        if self.kind == "collimated":
            raise InputError("collimated light has no radiance at an angle.")
        if self.kind == "table":
            shape = np.interp(cosine, self.cosines, self.radiances, left=0.0, right=0.0)
            return shape / self._table_irradiance()
        order = 1.0 if self.kind == "diffuse" else self.order
        return (order + 1.0) / (2.0 * np.pi) * np.asarray(cosine, dtype=float) ** (order - 1.0)

    def _table_irradiance(self) -> float:
        """2 pi times the exact integral of mu L(mu) over the piecewise linear table."""
        mu, radiance = np.array(self.cosines), np.array(self.radiances)
        a, b = mu[:-1], mu[1:]
        slope = np.diff(radiance) / (b - a)
        start = radiance[:-1] - slope * a
        return float(2.0 * np.pi * np.sum(start * (b**2 - a**2) / 2.0 + slope * (b**3 - a**3) / 3.0))
