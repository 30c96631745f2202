"""Meters: what a reading under a narrow band really is."""

import math

import pytest

from photodose.devices.meter import luminous_efficacy, true_irradiance
from photodose.optics import Spectrum
from photodose.quantities import InputError, RangeError, UnknownNameError

RED = Spectrum.gaussian(660.0, 20.0)
NIR = Spectrum.gaussian(850.0, 30.0)


def test_a_solar_meter_reads_half_to_twice_too_much():
    corrected = true_irradiance(100.0, "solar", RED)
    assert corrected.median_mw_cm2 == pytest.approx(100.0 / math.sqrt(1.5 * 2.0))
    assert corrected.estimate.low < 100.0 / 2.0
    assert corrected.estimate.high > 100.0 / 1.5


def test_a_thermopile_is_flat():
    assert true_irradiance(30.0, "thermopile", RED).median_mw_cm2 == 30.0
    assert true_irradiance(30.0, "thermopile", NIR).median_mw_cm2 == 30.0


def test_a_silicon_meter_is_right_at_its_setting_only():
    """Set to 660 nm under 850 nm light it reads high by the ratio of responsivities, 0.5421 over 0.4552."""
    right = true_irradiance(30.0, "silicon", NIR)
    wrong = true_irradiance(30.0, "silicon", NIR, calibrated_at_nm=660.0)
    assert right.median_mw_cm2 == pytest.approx(30.0, rel=2e-3)
    assert 30.0 / wrong.median_mw_cm2 == pytest.approx(0.5421 / 0.4550, rel=3e-3)
    with pytest.raises(RangeError, match="wavelength_nm"):
        true_irradiance(30.0, "silicon", NIR, calibrated_at_nm=450.0)
    blue = true_irradiance(30.0, "silicon", Spectrum.gaussian(450.0, 20.0))
    assert blue.median_mw_cm2 == 30.0


def test_lux_through_v_lambda():
    """At a narrow 555 nm line 683 lm/W: 6830 lx are 10 W/m2 = 1 mW/cm2; at 660 nm V = 0.061."""
    line = Spectrum.gaussian(555.0, 0.5)
    assert luminous_efficacy(line) == pytest.approx(683.0, rel=1e-3)
    assert true_irradiance(6830.0, "lux", line).median_mw_cm2 == pytest.approx(1.0, rel=1e-3)
    assert luminous_efficacy(Spectrum.gaussian(660.0, 1.0)) == pytest.approx(683.0 * 0.061, rel=2e-2)


def test_a_lux_meter_does_not_see_infrared():
    with pytest.raises(InputError, match="does not see"):
        true_irradiance(100.0, "lux", NIR)


def test_wrong_questions():
    with pytest.raises(UnknownNameError, match="solar"):
        true_irradiance(1.0, "sollar", RED)
    for reading in (0.0, -1.0, float("nan")):
        with pytest.raises(RangeError, match="reading"):
            true_irradiance(reading, "solar", RED)
