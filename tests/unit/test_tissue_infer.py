"""A skin inferred from a spectrum or a colour: found again, uncertain where it must be, refused where wrong."""

import numpy as np
import pytest

from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.tissue import infer, ita_from_reflectance, skin
from photodose.tissue.parameters import INDEX
from photodose.tissue.pigmentation import ita_wavelengths_nm, lab_from_reflectance

GRID = np.arange(420.0, 1001.0, 20.0)


@pytest.mark.parametrize("ita", [-45.0, 10.0, 50.0])
def test_a_spectrum_finds_its_skin_again(ita):
    """A sampled skin's own spectrum: the mode shows that spectrum, and the truth lies inside the posterior."""
    truth = skin("forearm", ita_deg=ita).sample(1, seed=7)[0]
    spectrum = truth.reflectance(GRID)
    found = infer("forearm", GRID, spectrum)
    assert np.sqrt(np.mean((found.skin.reflectance(GRID) - spectrum) ** 2)) < 0.008
    assert found.residual_rms < 0.008
    sd = np.sqrt(np.diag(found.z_covariance))
    away = (np.array(truth.z) - np.array(found.skin.z)) / sd
    others = [number for name, number in INDEX.items() if name != "melanin"]
    assert np.abs(away[others]).max() < 3.0
    melanin = np.log(found.skin.arrays.melanosome_fraction / truth.arrays.melanosome_fraction)[0]
    assert abs(melanin) < 3.0 * max(found.skin.log_melanin_sd, 0.05)


def test_a_spectrum_tells_blood_but_not_thickness():
    found = infer("forearm", GRID, skin("forearm", ita_deg=45.0).reflectance(GRID))
    sd = np.sqrt(np.diag(found.z_covariance))
    assert sd[INDEX["dermal_blood"]] < 0.7
    assert sd[INDEX["dermal_scattering"]] > 0.8  # reflectance does not fix the scale of scattering
    assert sd[INDEX["stratum_corneum"]] > 0.9


def test_a_colour_finds_its_angle_and_its_samples_keep_it():
    person = skin("cheek", ita_deg=20.0)
    grid = ita_wavelengths_nm()
    found = infer("cheek", lab=lab_from_reflectance(person.reflectance(grid)))
    assert found.ita_deg == pytest.approx(20.0, abs=1.0)
    assert ita_from_reflectance(found.skin.reflectance(grid)) == pytest.approx(found.ita_deg, abs=1.0)
    seen = np.array([ita_from_reflectance(item.reflectance(grid)) for item in found.sample(80, seed=2)])
    assert np.mean(seen) == pytest.approx(found.ita_deg, abs=2.0)
    assert np.std(seen) == pytest.approx(found.ita_sd_deg, rel=0.4)
    assert [item.z for item in found.sample(3, seed=1)] == [item.z for item in found.sample(3, seed=1)]


def test_more_light_seen_is_less_light_inferred_lost():
    """The same reading through a port that loses light belongs to a brighter skin."""
    spectrum = skin("forearm", ita_deg=45.0).reflectance(GRID)
    whole = infer("forearm", GRID, spectrum)
    through = infer("forearm", GRID, spectrum, spot_mm=5.0, port_mm=12.0)
    near_infrared = GRID > 700
    assert np.all(through.skin.reflectance(GRID)[near_infrared] > whole.skin.reflectance(GRID)[near_infrared])


def test_wrong_measurements_are_refused_in_words():
    good = np.full(GRID.shape, 0.4)
    for arguments in (
        {},
        {"wavelength_nm": GRID},
        {"wavelength_nm": GRID, "reflectance": good, "lab": (60, 10, 15)},
        {"wavelength_nm": GRID[:3], "reflectance": good[:3]},
        {"wavelength_nm": GRID[::-1], "reflectance": good},
        {"wavelength_nm": GRID, "reflectance": good[:-1]},
        {"wavelength_nm": GRID, "reflectance": good * np.nan},
        {"wavelength_nm": GRID, "reflectance": ["much"] * len(GRID)},
        {"wavelength_nm": GRID, "reflectance": good, "reflectance_sd": [0.01, 0.02]},
        {"wavelength_nm": GRID, "reflectance": good, "spot_mm": 5.0},
        {"wavelength_nm": GRID, "reflectance": good, "spot_mm": 5.0, "port_mm": 6.0},
        {"lab": (60.0, 10.0)},
    ):
        with pytest.raises(InputError):
            infer("forearm", **arguments)
    for arguments in (
        {"wavelength_nm": GRID, "reflectance": good * 100},
        {"wavelength_nm": GRID + 500, "reflectance": good},
        {"lab": (160.0, 10.0, 15.0)},
        {"lab": (60.0, 10.0, 15.0), "lab_sd": 0.0},
    ):
        with pytest.raises(RangeError):
            infer("forearm", **arguments)
    with pytest.raises(UnknownNameError):
        infer("moon", lab=(60, 10, 15))
    with pytest.raises(RangeError):
        infer("forearm", lab=(60, 10, 15)).sample(0)
