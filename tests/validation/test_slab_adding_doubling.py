"""Reflectance and transmittance of 146 homogeneous slabs by another method and another code (adding-doubling)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photodose.transport.slab import solve_batch

TABLE = np.genfromtxt(Path(__file__).parent / "reference" / "adding_doubling.csv", delimiter=",", names=True)
BOUND = 1.5e-4


@pytest.mark.parametrize("options", [{"accuracy": "default"}, {"streams": 80}], ids=["default", "fine"])
@pytest.mark.parametrize(
    ("incidence", "columns"),
    [({"kind": "collimated"}, ("UR1", "UT1")), ({"kind": "lambertian", "order": 1.0}, ("URU", "UTU"))],
    ids=["collimated", "lambertian"],
)
def test_every_row(incidence: dict[str, Any], columns: tuple[str, str], options: dict[str, Any]) -> None:
    """Within 1.5e-4 beyond the row's own numerical spread, in all four columns."""
    thickness = TABLE["optical_thickness"][:, None]
    albedo = TABLE["albedo"][:, None]
    slab = solve_batch(
        (1.0 - albedo) * thickness,
        albedo * thickness,
        TABLE["anisotropy"][:, None],
        np.ones_like(thickness),
        TABLE["refractive_index"][:, None],
        incidence=incidence,
        **options,
    )
    assert len(TABLE) == 146
    for found, column in zip((slab.reflectance, slab.transmittance), columns, strict=True):
        excess = np.abs(found - TABLE[column]) - TABLE["spread"]
        assert excess.max() <= BOUND, (column, TABLE[excess.argmax()])
