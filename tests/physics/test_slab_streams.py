"""The streams that the slab chooses keep the accuracy that it promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from photodose.transport import SlabBatch
from photodose.transport.slab import solve_batch

INCIDENCES: list[dict[str, Any]] = [
    {"kind": "collimated"},
    {"kind": "collimated", "angle_deg": 65},
    {"kind": "diffuse"},
    {"kind": "lambertian", "order": 5},
]
Stacks = dict[str, NDArray[np.float64]]


def _skin(batch: int, seed: int) -> Stacks:
    """Seven layers like skin, from a film of horny layer to fat, with a step of index at every boundary."""
    rng = np.random.default_rng(seed)
    shape = (batch, 7)
    return {
        "thickness_mm": np.array([0.015, 0.08, 0.1, 0.08, 1.6, 0.2, 6.0]) * rng.uniform(0.3, 3.0, shape),
        "scattering_per_mm": 10.0 ** rng.uniform(0.7, 1.9, shape),
        "anisotropy": rng.uniform(0.7, 0.93, shape),
        "absorption_per_mm": 10.0 ** rng.uniform(-3.0, 0.5, shape),
        "refractive_index": np.array([1.53, 1.42, 1.40, 1.39, 1.40, 1.39, 1.44]) + np.zeros(shape),
    }


def _any(batch: int, layers: int, low: float, high: float, seed: int) -> Stacks:
    rng = np.random.default_rng(seed)
    shape = (batch, layers)
    return {
        "thickness_mm": 10.0 ** rng.uniform(-3.0, 1.5, shape),
        "scattering_per_mm": 10.0 ** rng.uniform(-1.0, 2.2, shape),
        "anisotropy": rng.uniform(low, high, shape),
        "absorption_per_mm": 10.0 ** rng.uniform(-3.5, 1.0, shape),
        "refractive_index": rng.uniform(1.33, 1.5, layers) + np.zeros(shape),
    }


def _errors(
    stacks: Stacks, incidence: dict[str, Any], finer: int = 160, **options: Any
) -> tuple[NDArray[np.float64], SlabBatch]:
    """Largest relative error of the fluence of each stack, wherever it exceeds 1e-6, against many streams."""
    total = stacks["thickness_mm"].sum(axis=1, keepdims=True)
    depths = total * np.linspace(0.0, 1.0, 20) ** 3
    answer = solve_batch(**stacks, depths_mm=depths, incidence=incidence, **options)
    fine = solve_batch(**stacks, depths_mm=depths, incidence=incidence, streams=finer).fluence_rate
    off = np.abs(answer.fluence_rate / np.maximum(fine, 1e-300) - 1.0)
    return np.where(fine > 1e-6, off, 0.0).max(axis=1), answer


@pytest.mark.parametrize("incidence", INCIDENCES, ids=lambda value: value["kind"] + str(value.get("angle_deg", "")))
@pytest.mark.parametrize("kind", ["skin", "one", "three"])
def test_default_accuracy(kind: str, incidence: dict[str, Any]) -> None:
    """Within 0.3 % for anisotropy from 0 to 0.95, with an estimate that 19 of 20 stacks keep."""
    stacks = _skin(12, 21) if kind == "skin" else _any(20, {"one": 1, "three": 3}[kind], 0.0, 0.95, 22)
    errors, answer = _errors(stacks, incidence)
    assert errors.max() < 3e-3
    assert np.mean(errors <= answer.error_estimate) >= 0.95
    assert np.all(answer.error_estimate < 3e-3)


@pytest.mark.parametrize(("low", "high"), [(-0.9, 0.0), (0.95, 0.99)])
def test_beyond_the_range_of_anisotropy(low: float, high: float) -> None:
    """Within 3 % for backward scattering and for anisotropy up to 0.99."""
    for incidence in INCIDENCES:
        errors, _ = _errors(_any(12, 2, low, high, 23), incidence)
        assert errors.max() < 3e-2


def test_reference_accuracy() -> None:
    """Within 1e-5 for skin and for any three layers."""
    for stacks in (_skin(2, 24), _any(3, 3, 0.0, 0.95, 25)):
        errors, answer = _errors(stacks, {"kind": "collimated"}, 256, accuracy="reference")
        assert errors.max() < 1e-5
        assert np.all(answer.streams == 192)


def test_more_is_asked_where_more_is_needed() -> None:
    """Streams grow with index steps and with anisotropy, and diffuse light needs fewer than a beam."""
    base = {key: value[:1] for key, value in _skin(1, 26).items()}

    def streams(incidence: dict[str, Any], **change: Any) -> int:
        return int(solve_batch(**{**base, **change}, incidence=incidence).streams[0])

    beam: dict[str, Any] = {"kind": "collimated"}
    flat = np.full((1, 7), 1.4)
    assert streams({"kind": "diffuse"}) < streams(beam)
    assert streams(beam, refractive_index=flat) < streams(beam)
    assert streams(beam, refractive_index=flat) < streams(beam, refractive_index=flat, anisotropy=np.full((1, 7), 0.95))
