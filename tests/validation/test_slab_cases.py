"""Slabs that others solved: every printed digit of tests/validation/reference/slab_cases.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from photodose.transport import SolveResult, solve

REFERENCE = Path(__file__).parent / "reference"
CASES: list[dict[str, Any]] = yaml.safe_load((REFERENCE / "slab_cases.yaml").read_text(encoding="utf-8"))["cases"]


def _result(case: dict[str, Any], **options: Any) -> SolveResult:
    keys = ("layers", "refractive_index", "depths_mm")
    return solve({key: case[key] for key in keys if key in case}, **options)


def _value(result: SolveResult, key: str) -> Any:
    return {
        "specular": result.reflectance["specular"],
        "diffuse": result.reflectance["diffuse"],
        "total": result.reflectance["total"],
        "transmittance": result.transmittance["total"],
        "absorbed": list(result.absorbed.values()),
        "absorbed_total": sum(result.absorbed.values()),
        "fluence_rate": result.fluence_rate,
    }[key]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_every_printed_digit(case: dict[str, Any]) -> None:
    result = _result(case)
    for key, expected in case["expected"].items():
        allowed = np.array(case["uncertainty"][key], dtype=float)
        off = np.abs(np.array(_value(result, key)) - np.array(expected, dtype=float))
        assert np.all(off <= allowed), (key, off / allowed)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_default_accuracy_keeps_its_promise(case: dict[str, Any]) -> None:
    """The streams that the batch solver chooses by itself: fluence within 0.3 % of the published values."""
    result = _result(case, accuracy="default")
    for key in ("fluence_rate", "transmittance", "total", "diffuse"):
        if key in case["expected"]:
            allowed = 3e-3 * np.array(case["expected"][key], dtype=float) + np.array(case["uncertainty"][key], float)
            assert np.all(np.abs(np.array(_value(result, key)) - case["expected"][key]) <= allowed), key
