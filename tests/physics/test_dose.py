"""What must hold of a dose, whatever the numbers."""

import dataclasses

import numpy as np
import pytest

import photodose
from photodose.dosimetry import relative_fluence
from photodose.dosimetry.relative import solve_skins
from photodose.optics import Incidence, Spectrum
from photodose.tissue.parameters import PARAMETERS
from photodose.tissue.person import sample_coordinates

MASK = "omnilux-contour-face"


@pytest.fixture(scope="module")
def doses():
    return {
        name: photodose.dose(photodose.device(MASK), photodose.skin("cheek", skin_type=name), minutes=10)
        for name in ("III", "VI")
    }


def test_darker_skin_gets_less_below_the_epidermis_and_red_suffers_more(doses):
    """Melanin sits above every target below the epidermis and absorbs red more than near infrared."""
    for light, dark in zip(doses["III"].targets, doses["VI"].targets, strict=True):
        if light.name == "epidermal basal layer":
            continue
        assert dark.fluence_j_cm2.value < light.fluence_j_cm2.value
        red, infrared = (dark.by_band[i].fluence_j_cm2.value / light.by_band[i].fluence_j_cm2.value for i in (0, 1))
        assert red < infrared < 1


def test_fluence_in_the_papillary_dermis_exceeds_the_radiant_exposure_within_reason(doses):
    """Light that skin scatters back passes more than once: between 1 and 6 times the radiant exposure."""
    dose = doses["III"]
    for band, light in zip(dose.at("papillary dermis").by_band, dose.exposure.bands, strict=True):
        radiant_exposure = light.irradiance_mw_cm2.value * 0.6
        assert 1.0 < band.fluence_j_cm2.value / radiant_exposure < 6.0
    assert 0.25 < dose.reflected_fraction < 0.75


def test_dose_is_proportional_to_time(doses):
    twice = photodose.dose(photodose.device(MASK), photodose.skin("cheek", skin_type="III"), minutes=20)
    for one, two in zip(doses["III"].targets, twice.targets, strict=True):
        assert two.fluence_j_cm2.value == pytest.approx(2 * one.fluence_j_cm2.value, rel=1e-9)


def test_target_dose_lies_within_the_profile(doses):
    """The mean over a depth range lies between the smallest and largest fluence in it."""
    dose = doses["III"]
    total = dose.profile_j_cm2.sum(axis=0)
    for target in dose.targets:
        inside = (dose.depth_mm >= target.range.upper_mm) & (dose.depth_mm <= target.range.lower_mm)
        if inside.sum() > 2:
            edges = np.interp([target.range.upper_mm, target.range.lower_mm], dose.depth_mm, total)
            values = np.concatenate([total[inside], edges])
            assert values.min() * 0.98 <= target.fluence_j_cm2.value <= values.max() * 1.02


def test_deep_dose_says_that_it_rests_on_scattering(doses):
    assert any("scattering prior" in text for text in doses["III"].warnings)


def test_a_thicker_fat_layer_shades_the_muscle():
    person = photodose.skin("thigh", skin_type="II")
    spectrum = [Spectrum.gaussian(850.0, 30.0)]
    offset = np.zeros(len(PARAMETERS))
    offset[list(PARAMETERS).index("subcutaneous_fat")] = 1.0
    thick = dataclasses.replace(person, z=tuple(offset))
    place = [target.name for target in person.targets].index("muscle")
    thin_dose, thick_dose = (
        relative_fluence(skin, spectrum, Incidence(kind="diffuse")).targets[0, place] for skin in (person, thick)
    )
    assert thick_dose < thin_dose


@pytest.mark.parametrize(("site", "skin_type"), [("cheek", "III"), ("thigh", "II"), ("scalp", "V")])
def test_interval_is_that_of_many_samples(site, skin_type):
    """A single answer may use a local expansion where it stays within 10 % of the interval of 10,000 samples.

    Skins are sampled in all their parameters, the fluence at each target is solved for each, and the width of the
    90 % interval of its logarithm is compared; the device is left out, since its spread is the same in both.
    """
    person = photodose.skin(site, skin_type=skin_type)
    spectrum = Spectrum.gaussian(830.0, 30.0)
    incidence = Incidence(kind="diffuse")
    local = relative_fluence(person, [spectrum], incidence)

    means, _, _ = solve_skins(
        person, np.array([spectrum.centroid_nm]), sample_coordinates(10_000, seed=5), incidence, np.zeros(0)
    )
    low, high = np.quantile(np.log(means[:, 0]), [0.05, 0.95], axis=0)
    guess_low, guess_high = local.target_response[0].spread()
    centre = np.log(local.targets[0])
    for number, name in enumerate(target.name for target in person.targets):
        width = high[number] - low[number]
        # an interval narrower than 10 % is known to no more than the third decimal of the logarithm by sampling
        bound = max(0.10 * width, 0.03)
        assert guess_high[number] - guess_low[number] == pytest.approx(width, abs=bound), name
        assert centre[number] + guess_low[number] == pytest.approx(low[number], abs=bound), name
        assert centre[number] + guess_high[number] == pytest.approx(high[number], abs=bound), name
