"""Radial profiles beside the sample that MCML's authors distribute with the program."""

from __future__ import annotations

import numpy as np

from photodose.transport.monte_carlo import simulate

PACKETS_THERE = 1_000_000
REFLECTED_PER_CM2 = """
30.924 10.071 6.1187 4.4015 3.5138 2.8528 2.4344 2.0692 1.7715 1.5409 1.3425 1.2006 1.0319 0.89424 0.79300 0.70183
0.61493 0.54537 0.48518 0.42576 0.37759 0.32900 0.29997 0.26421 0.23595 0.20775 0.18657 0.16498 0.14860 0.14064 0.12364
0.10955 0.099937 0.089281 0.083917 0.071952 0.065441 0.058384 0.053626 0.048753 0.045503 0.038753 0.036688 0.031858
0.031348 0.026778 0.025402 0.022791 0.020812
"""
TRANSMITTED_PER_CM2 = "0.58942 0.60085 0.56453 0.55132 0.53655 0.53603 0.52027 0.49193 0.46582 0.43591 0.41109"


def test_sample_of_mcml() -> None:
    """Wang and Jacques, MCML 1.x (in the public domain), file Sample/sample.mco: one million packets, three layers.

    Set up: n 1.37, pencil beam, rings of 0.1 mm. Expected: its Rd_r (49 rings), Tt_r (11), diffuse reflectance,
    transmittance and absorption per layer. Its standard errors are not given; they are taken to be ours, scaled to
    its count. Bound: 4.5 standard errors for 65 comparisons. Its last ring also holds all beyond and is left out.
    """
    rows = ((0.1, 10.0, 0.9, 1.0), (0.1, 1.0, 0.0, 1.0), (0.2, 1.0, 0.7, 2.0))
    layers = [
        {"name": f"layer {k}", "thickness_mm": d, "absorption_per_mm": a, "scattering_per_mm": s, "anisotropy": g}
        for k, (a, s, g, d) in enumerate(rows, 1)
    ]
    grid = {"radial_step_mm": 0.1, "radial_bins": 49, "depth_step_mm": 0.1, "depth_bins": 40, "tallies": ["absorbed"]}
    photons = 1_000_000
    result = simulate({"refractive_index": 1.37, "layers": layers, "grid": grid}, photons=photons, seed=1992)
    wider = np.sqrt(1.0 + photons / PACKETS_THERE)
    scores: list[float] = []
    for name, text in (("reflected_by_radius", REFLECTED_PER_CM2), ("transmitted_by_radius", TRANSMITTED_PER_CM2)):
        known = np.array([float(word) for word in text.split()]) / 100.0
        tally = result[name]
        value, error = tally.value[: known.size], tally.standard_error[: known.size]
        assert np.all(error < 0.08 * value)
        scores += list((value - known) / (wider * error))
    whole = {"reflectance_diffuse": 0.237544, "transmittance_total": 0.0964896}
    scores += [(result[k].value - v) / (wider * result[k].standard_error) for k, v in whole.items()]
    absorbed = result["absorbed"]
    scores += list((absorbed.value - [0.2612, 0.1488, 0.2316]) / (wider * absorbed.standard_error + 5e-5))
    assert len(scores) == 65
    assert abs(result["reflectance_specular"].value - 0.0243729) < 1e-7
    assert np.abs(scores).max() < 4.5, scores
    assert 0.6 < np.mean(np.square(scores)) < 1.5
