"""The skin against people and instruments that its calibration has not seen (docs/validation/elsewhere.md).

Bounds are what was found, with a little room: they say how far off the model is, and stop it from getting worse.
"""

import math
from pathlib import Path

import numpy as np
import pytest
import yaml

from photodose.quantities import RangeError
from photodose.tissue import elsewhere, skin
from photodose.transport import monte_carlo

DATA = yaml.safe_load((Path(__file__).parent / "reference" / "skin_elsewhere.yaml").read_text(encoding="utf-8"))
APERTURES = [tuple(pair) for pair in DATA["faces"]["apertures"]["spot_port_mm"]]
LID = elsewhere.Lid(*(DATA["eyelid"]["thickness"][key] for key in ("whole_mm", "skin_mm", "tarsus_mm")))


def face(ita_deg, aperture):
    """Mean colour of cheek and forehead."""
    return np.mean([elsewhere.instrument_colour(site, ita_deg, *aperture) for site in ("cheek", "forehead")], axis=0)


@pytest.mark.parametrize("aperture", APERTURES)
def test_colour_of_faces_from_very_light_to_dark(aperture):
    """2,113 people: L* within 1; a* and b* within 3.2 and 2.5, that is two standard deviations between readings."""
    rows = np.array(DATA["faces"]["rows"], dtype=float)
    miss = face(rows[:, 0], aperture) - rows[:, 2:]
    assert np.abs(miss[:, 0]).max() < 1.0
    assert np.abs(miss[:, 1]).max() < 3.2
    assert np.abs(miss[:, 2]).max() < 2.5


def test_dark_faces_are_redder_in_the_model_than_measured():
    """The known fault: from -15 degrees down a* is 2 too high, whichever aperture it was; it is stated, not hidden."""
    rows = np.array([row for row in DATA["faces"]["rows"] if row[0] <= -15], dtype=float)
    for aperture in APERTURES:
        miss = face(rows[:, 0], aperture)[:, 1] - rows[:, 3]
        assert np.all((miss > 1.0) & (miss < 3.0))


@pytest.mark.parametrize("row", DATA["forearms"]["rows"], ids=lambda row: row[0])
def test_colour_of_forearms_of_four_peoples(row):
    """Means of 960 people through 3 mm: within 3 in colour; two apertures of one instrument differ by 2 to 3."""
    lab = np.array(row[2:], dtype=float)
    angle = math.degrees(math.atan2(lab[0] - 50.0, lab[2]))
    miss = elsewhere.instrument_colour("forearm", angle, *APERTURES[1]) - lab
    assert np.sqrt((miss**2).sum()) < 3.0


@pytest.mark.parametrize("row", DATA["brightest"]["rows"], ids=lambda row: row[0])
def test_skin_reflects_most_where_it_was_found_to(row):
    """Near infrared of dark skin, which no colour instrument sees; 10 nm is the width of a printed curve's maximum."""
    _name, dark, light, low, high = row
    for ita in (dark, light):
        assert low - 10.0 <= elsewhere.brightest_nm("forearm", float(ita)) <= high + 10.0


def test_light_lost_beside_small_apertures_is_that_of_monte_carlo():
    """Layered diffusion, used for the colours, against photons: within 0.006 at the two apertures."""
    for ita in (50.0, -45.0):
        person = skin("cheek", ita_deg=ita)
        for wavelength in (550.0, 700.0):
            whole = person.reflectance(wavelength)
            outer = whole - person.reflectance(wavelength, specular=False)
            for spot, port in APERTURES:
                lost = elsewhere.port_losses(person.optical(wavelength), spot, port)
                fast = float((outer + (whole - outer) * (1.0 - lost))[0])
                stack = person.layer_stack(wavelength)
                traced, error = monte_carlo.port_reflectance(stack, spot, port, photons=60_000, seed=3)
                assert fast == pytest.approx(traced, abs=0.006 + 3.0 * error)


def test_living_dermis_lies_between_the_clearest_and_the_dead():
    """Absorption at 850 nm: above 3,809 living people's (haemoglobin alone), far below that of dermis ex vivo."""
    person = skin("forearm", ita_deg=40.0)
    flat = person.optical(850.0).flat()
    weight = flat["thickness_mm"][0, 2:6] / flat["thickness_mm"][0, 2:6].sum()
    ours = float(flat["absorption_per_mm"][0, 2:6] @ weight)
    lower = {(row[0], row[1], row[2]): row[3] for row in DATA["cohort"]["rows"]}
    assert lower["absorption", "lower", 850] < ours < 3.5 * lower["absorption", "lower", 850]
    assert ours < 0.2 * DATA["excised"]["dermis_ex_vivo"]["absorption_per_mm"]
    reduced = float((flat["scattering_per_mm"] * (1.0 - flat["anisotropy"]))[0, 4])
    assert 1.0 < reduced / lower["reduced_scattering", "all", 850] < 1.6


def test_excised_skin_lets_less_through_than_living():
    """0.784 mm at 850 nm: 0.34 measured, 0.51 in our living skin; with dermis as measured dead it would be 0.41."""
    cut = DATA["excised"]
    person = skin("abdomen", ita_deg=45.0)
    ours = elsewhere.excised_transmittance(person, cut["wavelength_nm"], cut["thickness_mm"])
    assert cut["transmittance"] < ours < 1.6 * cut["transmittance"]
    thicker = elsewhere.excised_transmittance(person, cut["wavelength_nm"], 1.5)
    assert thicker < ours


def test_eyelids_let_through_what_the_clearest_measurement_found():
    """Robinson 1991, 5 adults: 14.5 % at 700 nm, at most 3 % below 580 nm; ours within 1.45 times, and 3 %."""
    for ita in DATA["eyelid"]["ita_deg"]:
        passed = elsewhere.lid_transmittance(skin("periorbital", ita_deg=float(ita)), [550.0, 580.0, 700.0], LID)
        assert passed[0] < passed[1] < 0.03
        assert 0.9 < passed[2] / 0.145 < 1.45


def test_eyelids_are_clearer_in_the_model_than_in_two_of_three_measurements():
    """Bierman 2011: optical density 2.1 +- 0.3 between people; ours is 0.4 to 0.8 lower. Stated, not hidden."""
    grid = np.arange(450.0, 655.0, 10.0)
    for ita in DATA["eyelid"]["ita_deg"]:
        density = -np.log10(elsewhere.lid_transmittance(skin("periorbital", ita_deg=float(ita)), grid, LID)).mean()
        assert 0.3 < 2.1 - density < 0.9


def test_an_angle_that_no_skin_shows_is_refused():
    with pytest.raises(RangeError):
        elsewhere.instrument_colour("cheek", 89.0)
