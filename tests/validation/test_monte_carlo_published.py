"""Monte Carlo against numbers that others published."""

from __future__ import annotations

import numpy as np
import pytest

from photodose.optics import Incidence, LayerStack
from photodose.transport.monte_carlo import solve_stack

BOUND = 4.5
"""Standard errors allowed, for some thirty comparisons in this file together."""


def stack(rows: list[tuple[float, float, float, float, float]]) -> LayerStack:
    keys = ("refractive_index", "absorption_per_mm", "scattering_per_mm", "anisotropy", "thickness_mm")
    layers = [{"name": f"layer {k}", **dict(zip(keys, row, strict=True))} for k, row in enumerate(rows, 1)]
    return LayerStack.from_mapping({"layers": layers})


def test_van_de_hulst_slab() -> None:
    """van de Hulst 1980, table 35, as quoted by Wang, Jacques and Zheng 1995 (doi 10.1016/0169-2607(95)01640-F).

    Matched slab, optical thickness 2, albedo 0.9, g 0.75. Expected: R 0.09739, T 0.66096.
    """
    answer = solve_stack(stack([(1.0, 1.0, 9.0, 0.75, 0.2)]), [], Incidence(), photons=500_000, seed=11)
    error = answer.standard_error
    assert error is not None
    assert abs(answer.reflectance["total"] - 0.09739) < BOUND * error["reflectance"]["total"]
    assert abs(answer.transmittance["total"] - 0.66096) < BOUND * error["transmittance"]["total"]
    assert abs(answer.transmittance["direct"] - np.exp(-2.0)) < BOUND * error["transmittance"]["direct"]


def test_giovanelli_half_space() -> None:
    """Giovanelli 1955, as quoted by Wang, Jacques and Zheng 1995: index 1.5, albedo 0.9, isotropic: R 0.2600.

    The published digits carry about 1e-4.
    """
    answer = solve_stack(stack([(1.5, 0.1, 0.9, 0.0, 200.0)]), [], Incidence(), photons=300_000, seed=12)
    error = answer.standard_error
    assert error is not None
    assert abs(answer.reflectance["total"] - 0.2600) < BOUND * error["reflectance"]["total"] + 1e-4


def test_seven_layer_skin_of_gpumcml() -> None:
    """The seven-layer skin at 600 nm distributed with GPUMCML (Alerstam et al. 2010, doi 10.1364/BOE.1.000658).

    Expected: 1e8 photons with a sound generator (specular 0.0438845, diffuse 0.562605, T 0.0032621 and the layers).
    """
    rows = [
        (1.53, 0.02, 100.0, 0.90, 0.02),
        (1.34, 0.015, 40.0, 0.85, 0.08),
        (1.40, 0.07, 30.0, 0.80, 0.10),
        (1.39, 0.1, 35.0, 0.90, 0.08),
        (1.40, 0.07, 20.0, 0.76, 1.62),
        (1.39, 0.1, 35.0, 0.95, 0.20),
        (1.44, 0.03, 15.0, 0.80, 5.9),
    ]
    answer = solve_stack(stack(rows), [], Incidence(), photons=300_000, seed=13)
    error = answer.standard_error
    assert error is not None
    assert answer.reflectance["specular"] == pytest.approx(0.0438845, abs=1e-6)
    scores = [
        (answer.reflectance["diffuse"] - 0.562605) / error["reflectance"]["diffuse"],
        (answer.transmittance["total"] - 0.0032621) / error["transmittance"]["total"],
    ]
    layers = [0.002528, 0.005886, 0.03507, 0.03635, 0.2500, 0.01588, 0.04453]
    digits = [5e-7, 5e-7, 5e-6, 5e-6, 5e-5, 5e-6, 5e-6]
    for name, value, half in zip(answer.absorbed, layers, digits, strict=True):
        scores.append((abs(answer.absorbed[name] - value) - half) / error["absorbed"][name])
    assert np.max(np.abs(scores)) < BOUND, scores
