"""Two methods that share no code, packets and discrete ordinates, on 200 random stacks."""

from __future__ import annotations

import numpy as np
import pytest

from photodose.optics import Incidence, Layer, LayerStack
from photodose.transport import solve
from photodose.transport.monte_carlo import solve_stack

STACKS, PACKETS = 200, 30_000
STREAMS = 96
"""Far closer than the packets can see, and a fraction of the default's time."""

LEAST = 1e-3
"""Fractions smaller than this rest on too few packets for a normal distribution."""


def random_stack(rng: np.random.Generator, steps: bool) -> LayerStack:
    """One to five layers, 0.02 to 3 mm, absorption 0.003 to 2/mm, scattering 1 to 40/mm, g 0 to 0.95."""
    common = float(rng.uniform(1.33, 1.5))
    layers = tuple(
        Layer(
            f"layer {k}",
            float(10.0 ** rng.uniform(-1.7, 0.5)),
            float(10.0 ** rng.uniform(-2.5, 0.3)),
            float(10.0 ** rng.uniform(0.0, 1.6)),
            float(rng.uniform(0.0, 0.95)),
            float(rng.uniform(1.33, 1.55)) if steps else common,
        )
        for k in range(int(rng.integers(1, 6)))
    )
    return LayerStack(layers, 1.0 if rng.random() < 0.7 else common)


def random_incidence(rng: np.random.Generator) -> Incidence:
    kind = rng.random()
    if kind < 0.4:
        return Incidence()
    if kind < 0.6:
        return Incidence("collimated", float(rng.uniform(0.0, 75.0)))
    if kind < 0.8:
        return Incidence("diffuse")
    return Incidence("lambertian", order=float(rng.uniform(1.0, 20.0)))


@pytest.mark.slow
def test_packets_and_ordinates_agree_on_random_stacks() -> None:
    """Why: an error of either method alone shows here. Set up: a third of the stacks with index steps inside.

    Expected: over fluence at five depths, reflectance, direct and total transmittance and every layer's absorption,
    chi-squared per bin near 1 (63 degrees of freedom each), no single outlier (Bonferroni at 1e-3), and no common
    relative deviation of the fluence.
    """
    rng = np.random.default_rng(2024)
    scores: list[float] = []
    deviations, errors = [], []
    for number in range(STACKS):
        stack, light = random_stack(rng, number % 3 == 0), random_incidence(rng)
        depths = np.sort(rng.uniform(0.0, stack.boundaries_mm[-1], 5))
        known = solve(stack, depths, light, streams=STREAMS)
        drawn = solve_stack(stack, depths, light, photons=PACKETS, seed=number)
        assert drawn.standard_error is not None
        assert drawn.reflectance["specular"] == pytest.approx(
            known.reflectance["specular"], abs=5.0 * drawn.standard_error["reflectance"]["specular"] + 1e-6
        )
        pairs = [*zip(known.fluence_rate, drawn.fluence_rate, drawn.standard_error["fluence_rate"], strict=True)]
        deviations += [(got - value) / value for value, got, _ in pairs if value > LEAST]
        errors += [error / value for value, _, error in pairs if value > LEAST]
        for group, parts in (
            ("reflectance", ("diffuse",)),
            ("transmittance", ("direct", "total")),
            ("absorbed", stack.names),
        ):
            for part in parts:
                value = getattr(known, group)[part]
                pairs.append((value, getattr(drawn, group)[part], drawn.standard_error[group][part]))
        scores += [(got - value) / error for value, got, error in pairs if value > LEAST]
    assert len(scores) > 1900
    squares = np.mean(np.square(scores))
    assert 0.85 < squares < 1.25, squares
    assert np.abs(scores).max() < 5.6, np.sort(np.abs(scores))[-5:]
    weights = 1.0 / np.square(errors)
    common = np.average(deviations, weights=weights)
    assert abs(common) < 4.0 * np.sqrt(5.0 / weights.sum()), common
    # strong enough to see what matters: a common bias of 0.3 % would fail
    assert 4.0 * np.sqrt(5.0 / weights.sum()) < 0.003
