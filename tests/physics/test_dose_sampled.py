"""The dose of sampled people: against a brute-force answer, and against the interval of a single dose."""

import numpy as np
import pytest

import photodose
from photodose.dosimetry import dose, sampled_dose, sampled_fluence
from photodose.dosimetry.relative import solve_skins
from photodose.optics import Incidence, Spectrum
from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.tissue.person import sample_coordinates

DIFFUSE = Incidence(kind="diffuse")


def brute_force(skin, spectrum, coordinates):
    """Every skin at every wavelength of the spectrum's grid, by the trapezoid rule, shape (n, t)."""
    grid = spectrum.wavelength_nm
    means, _profile, _reflectance = solve_skins(skin, grid, coordinates, DIFFUSE, np.zeros(0))
    return np.trapezoid(means * spectrum.density_per_nm[None, :, None], grid, axis=1)


@pytest.mark.parametrize(
    ("site", "skin_type", "peak_nm", "fwhm_nm", "rms", "largest"),
    [
        ("cheek", "III", 633.0, 18.0, 0.001, 0.005),
        ("cheek", "III", 850.0, 30.0, 0.002, 0.01),
        ("thigh", "VI", 940.0, 50.0, 0.005, 0.02),
        ("thigh", "VI", 590.0, 18.0, 0.01, 0.10),
    ],
)
def test_few_nodes_and_a_control_variate_are_as_good_as_every_wavelength(
    site, skin_type, peak_nm, fwhm_nm, rms, largest
):
    """Amber is the hard case: haemoglobin falls threefold within its band, and little of it arrives below the fat."""
    skin, spectrum = photodose.skin(site, skin_type=skin_type), Spectrum.gaussian(peak_nm, fwhm_nm)
    coordinates = sample_coordinates(40, 3)
    found, _reflectance = sampled_fluence(skin, [spectrum], DIFFUSE, coordinates)
    miss = found[:, 0] / brute_force(skin, spectrum, coordinates) - 1.0
    assert np.sqrt(np.mean(miss**2)) < rms
    assert np.abs(miss).max() < largest


def test_the_interval_of_a_dose_is_that_of_sampled_people():
    """Device and skin together: both ends within 10 % of the interval's width (of the logarithm), at every target."""
    device, skin = photodose.device("omnilux-contour-face"), photodose.skin("cheek", skin_type="IV")
    one, many = dose(device, skin, 10), sampled_dose(device, skin, 10, people=6000, seed=2)
    for target in one.targets:
        stated, sampled = target.fluence_j_cm2, many.at(target.name)
        bound = 0.10 * np.log(sampled.high / sampled.low)
        assert np.log(stated.low) == pytest.approx(np.log(sampled.low), abs=bound), target.name
        assert np.log(stated.high) == pytest.approx(np.log(sampled.high), abs=bound), target.name


def test_the_same_seed_gives_the_same_people_and_blocks_do_not_matter(monkeypatch):
    device, skin = photodose.device("omnilux-contour-face"), photodose.skin("cheek", ita_deg=35)
    whole = sampled_dose(device, skin, 5, people=30, seed=4)
    monkeypatch.setattr("photodose.dosimetry.sampled._PEOPLE_AT_ONCE", 7)
    parts = sampled_dose(device, skin, 5, people=30, seed=4)
    assert parts.by_band_j_cm2 == pytest.approx(whole.by_band_j_cm2, rel=1e-9)
    other = sampled_dose(device, skin, 5, people=30, seed=5)
    assert not np.allclose(other.coordinates, whole.coordinates)


def test_what_comes_back_is_plain_and_named():
    device, skin = photodose.device("omnilux-contour-face"), photodose.skin("scalp", ita_deg=0)
    plain = sampled_dose(device, skin, 5, people=20).to_dict()
    assert plain["people"] == 20
    assert [target["name"] for target in plain["targets"]] == [target.name for target in skin.targets]
    for target in plain["targets"]:
        assert target["fluence_j_cm2"]["low"] < target["fluence_j_cm2"]["value"] < target["fluence_j_cm2"]["high"]


@pytest.mark.parametrize("wrong", [{"people": 1}, {"people": 2.5}, {"people": True}, {"seed": -1}, {"minutes": 0}])
def test_nonsense_is_one_sentence(wrong):
    device, skin = photodose.device("omnilux-contour-face"), photodose.skin("cheek", ita_deg=35)
    with pytest.raises((InputError, RangeError)):
        sampled_dose(device, skin, **{"minutes": 10, "people": 10, **wrong})


def test_an_unknown_target_names_those_there_are():
    device, skin = photodose.device("omnilux-contour-face"), photodose.skin("cheek", ita_deg=35)
    with pytest.raises(UnknownNameError, match="muscle"):
        sampled_dose(device, skin, 10, people=4).at("muscel")
