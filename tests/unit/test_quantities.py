"""Errors read as one sentence; conversions and values keep their promises."""

import math

import numpy as np
import pytest

from photodose.quantities import (
    Estimate,
    InputError,
    RangeError,
    UnknownNameError,
    half_angle_to_lambertian_order,
    photon_energy_ev,
    plain,
)


def test_unknown_name_offers_the_nearest():
    error = UnknownNameError("site", "cheke", ["cheek", "chest"])
    assert str(error) == "Unknown site 'cheke'; did you mean cheek, chest?"
    assert error.exit_code == 2


def test_range_error_names_value_and_range():
    assert str(RangeError("ita_deg", 400.0, -70.0, 70.0)) == "ita_deg 400 is outside its range -70 to 70."


def test_photon_energy_against_the_published_einstein():
    # Walter and others (WALT 2022, Front Oncol 12:927685, table 3): 3 J/cm2 at 810 nm are 4.5 p.J/cm2
    assert 3.0 * photon_energy_ev(810.0) == pytest.approx(4.5, abs=0.1)
    with pytest.raises(InputError):
        photon_energy_ev(0.0)


@pytest.mark.parametrize("angle", [0.0, 90.0, math.nan])
def test_half_angle_has_a_range(angle):
    with pytest.raises(RangeError):
        half_angle_to_lambertian_order(angle)


def test_lognormal_interval_holds_ninety_percent():
    rng = np.random.default_rng(1)
    estimate = Estimate.lognormal(3.0, 0.4)
    draws = 3.0 * np.exp(0.4 * rng.standard_normal(200_000))
    assert np.mean((draws > estimate.low) & (draws < estimate.high)) == pytest.approx(0.9, abs=0.003)


def test_plain_turns_everything_into_json_values():
    value = {
        "a": np.float64(1.5),
        "b": np.array([1, 2]),
        "c": math.inf,
        "d": Estimate(1.0, 0.5, 2.0),
        "e": (True, None),
    }
    assert plain(value) == {
        "a": 1.5,
        "b": [1, 2],
        "c": None,
        "d": {"value": 1.0, "low": 0.5, "high": 2.0},
        "e": [True, None],
    }
    with pytest.raises(TypeError):
        plain(object())
