"""Where packets start and which way they go."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photodose.optics import Incidence
from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.transport._kernels import layout
from photodose.transport.monte_carlo.phase import piecewise_linear

FloatArray = NDArray[np.float64]

PROFILES = {"pencil": layout.PENCIL, "disk": layout.DISK, "gaussian": layout.GAUSSIAN}
TABLE_STEPS = 2000
"""Steps into which a table of incident radiance is cut, so that cosine times radiance is linear between them."""


@dataclass(frozen=True, slots=True)
class Source:
    """Light that falls on the surface around the origin; its total radiant power is 1.

    Attributes
    ----------
    kind : str
        "pencil" (a point), "disk" (uniform) or "gaussian".
    radius_mm : float
        Radius of the disk, or where a Gaussian's irradiance has fallen to 1/e^2 [mm]; 1e-6 to 1e4.
    incidence : Incidence
        Angles in the outside medium. Collimated light off the normal travels towards +x.
    """

    kind: str = "pencil"
    radius_mm: float = 0.0
    incidence: Incidence = field(default_factory=Incidence)

    def __post_init__(self) -> None:
        if self.kind not in PROFILES:
            raise UnknownNameError("source", str(self.kind), tuple(PROFILES))
        if self.kind != "pencil" and not 1e-6 <= self.radius_mm <= 1e4:
            raise RangeError("source radius_mm", self.radius_mm, 1e-6, 1e4)

    @classmethod
    def from_mapping(cls, content: Mapping[str, Any] | Source | None) -> Source:
        """From the YAML form `{kind: disk, radius_mm: 2, incidence: {kind: diffuse}}`."""
        if content is None:
            return cls()
        if isinstance(content, Source):
            return content
        if not isinstance(content, Mapping):
            raise InputError("source must be a mapping such as {kind: disk, radius_mm: 2}.")
        known = ("kind", "radius_mm", "incidence")
        for key in content:
            if key not in known:
                raise UnknownNameError("source key", str(key), known)
        try:
            radius = float(content.get("radius_mm", 0.0))
        except (TypeError, ValueError):
            raise InputError("source radius_mm must be a number.") from None
        return cls(str(content.get("kind", "pencil")), radius, Incidence.from_mapping(content.get("incidence")))

    def array(self) -> FloatArray:
        """The kernel's `source`."""
        values = np.zeros(layout.SOURCE_SIZE)
        kind = self.incidence.kind
        values[layout.DIRECTION] = {"collimated": layout.COLLIMATED, "table": layout.ANGLE_TABLE}.get(
            kind, layout.COSINE_POWER
        )
        values[layout.SOURCE_COSINE] = math.cos(math.radians(self.incidence.angle_deg))
        values[layout.SOURCE_ORDER] = self.incidence.order if kind == "lambertian" else 1.0
        values[layout.PROFILE], values[layout.RADIUS] = PROFILES[self.kind], self.radius_mm
        values[layout.SOURCE_TABLE_ROWS] = float(len(self.table()))
        return values

    def table(self) -> FloatArray:
        """Rows for the kernel's `tables`: the density of the incident cosine, proportional to mu L(mu)."""
        if self.incidence.kind != "table":
            return np.zeros((0, layout.TABLE_COLUMNS))
        cosines, radiances = np.array(self.incidence.cosines), np.array(self.incidence.radiances)
        fine = np.union1d(cosines, np.linspace(cosines[0], cosines[-1], TABLE_STEPS + 1))
        return np.column_stack(piecewise_linear(fine, fine * np.interp(fine, cosines, radiances)))
