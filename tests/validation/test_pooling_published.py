"""Pooling against numbers that others published: a textbook example, and meta-analyses of hair density."""

from __future__ import annotations

import math

import pytest

from photodose import evidence

BCG = (
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
)
"""Ill and well, vaccinated and not, in 13 trials of the BCG vaccine (Colditz and others 1994, the data set dat.bcg)."""


def test_the_textbook_example_gives_the_textbook_numbers() -> None:
    """metafor's own tests on dat.bcg against Stata's metan: DerSimonian-Laird mean -0.7141, Cochran's Q 152.2330."""
    values = [math.log(a * (c + d) / (c * (a + b))) for a, b, c, d in BCG]
    variances = [1 / a - 1 / (a + b) + 1 / c - 1 / (c + d) for a, b, c, d in BCG]
    found = evidence.combine(values, variances, "dersimonian_laird")
    assert found.value == pytest.approx(-0.7141, abs=5e-5)
    assert found.q == pytest.approx(152.2330, abs=5e-5)
    # classical 95 % interval -1.0644 to -0.3638: Hartung-Knapp widens it
    classical = (-0.3638 + 1.0644) / (2 * 1.959964)
    assert classical - 1e-4 <= found.standard_error <= 1.05 * classical
    assert found.low < -1.0644
    assert found.high > -0.3638


def test_hair_density_agrees_with_a_published_meta_analysis() -> None:
    """Meng and others 2020 (doi:10.2351/1.5131551), nine trials: 18.56 per cm2 (13.22 to 23.89).

    Ours rests on the five trials that could be read; four of the five comb arms of Jimenez 2014, which pull the
    published mean down, could not. The intervals must overlap, and our mean must lie in what the published interval
    and the prediction allow.
    """
    (pool,) = evidence.pooled("hair_aga")
    (meng,) = [item for item in pool.published if item.study == "meng_2020"]
    assert (meng.value, meng.low, meng.high) == (18.56, 13.22, 23.89)
    assert pool.combined.low < meng.high
    assert meng.low < pool.combined.high
    assert pool.combined.prediction_low < meng.value < pool.combined.prediction_high
    error = math.hypot(pool.combined.standard_error, (meng.high - meng.low) / (2 * 1.959964))
    assert abs(pool.combined.value - meng.value) < 1.959964 * error
