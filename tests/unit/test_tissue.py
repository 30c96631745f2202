"""The skin: names, ranges, geometry, colour, sampling."""

import colour
import numpy as np
import pytest

from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.tissue import sites, skin, target_ranges
from photodose.tissue.calibration import calibration, people_map
from photodose.tissue.chromophores import (
    blood_absorption_per_mm,
    melanosome_absorption_per_mm,
    packaging_correction,
    reduced_scattering_per_mm,
    skin_anisotropy,
)
from photodose.tissue.parameters import INDEX, PARAMETERS, composition
from photodose.tissue.pigmentation import ita_from_reflectance, ita_wavelengths_nm, lab_from_reflectance


def test_every_site_makes_a_skin_with_its_targets():
    for place in sites():
        person = skin(place.id, ita_deg=30.0)
        names = [target.name for target in person.targets]
        assert names == list(place.targets)
        for target in person.targets:
            assert 0.0 <= target.upper_mm < target.lower_mm
        assert person.layer_names[:7] == (
            "stratum corneum", "living epidermis", "papillary dermis", "upper blood net", "reticular dermis",
            "deep blood net", "subcutaneous fat",
        )  # fmt: skip
        assert person.layer_names[7] == place.below_fat


def test_melanin_is_found_at_every_angle_and_grows_towards_dark():
    fractions = [skin("forearm", ita_deg=float(ita)).melanosome_fraction for ita in range(-60, 66, 25)]
    assert np.all(np.diff(fractions) < 0)
    assert fractions[0] < 0.8


def test_dermis_is_divided_without_loss():
    for place in sites():
        thickness = skin(place.id, ita_deg=30.0).arrays.thickness_mm[0]
        assert thickness[2:6].sum() == pytest.approx(place.thickness.dermis.mean)
        assert (thickness > 0).all()


def test_names_are_forgiving_and_errors_helpful():
    assert skin("Crow's feet", skin_type="iii").site.id == "periorbital"
    assert skin("cheek", skin_type="3").skin_type == "III"
    with pytest.raises(UnknownNameError, match="cheek"):
        skin("cheke", skin_type="III")
    with pytest.raises(UnknownNameError, match="I to VI"):
        skin("cheek", skin_type="seven")
    with pytest.raises(InputError, match="type"):
        skin("cheek")
    for ita in (400.0, float("nan"), -71.0):
        with pytest.raises(RangeError):
            skin("cheek", ita_deg=ita)
    with pytest.raises(RangeError):
        skin("cheek", ita_deg=30.0, outside_index=0.9)


@pytest.mark.parametrize("place", [place.id for place in sites() if place.pigment_relative_to_forearm is None])
@pytest.mark.parametrize("ita", [-60.0, -30.0, 0.0, 20.0, 41.0, 55.0, 65.0])
def test_ita_asked_is_ita_predicted(ita, place):
    person = skin(place, ita_deg=ita)
    predicted = ita_from_reflectance(person.reflectance(ita_wavelengths_nm()))
    assert predicted == pytest.approx(ita, abs=0.5)


def test_types_run_from_light_to_dark():
    people = [skin("cheek", skin_type=name) for name in ("I", "II", "III", "IV", "V", "VI")]
    assert np.all(np.diff([person.ita_deg for person in people]) < 0)
    assert np.all(np.diff([person.melanosome_fraction for person in people]) > 0)


def test_lab_agrees_with_another_code():
    """CIELAB of a spectrum against colour-science, which integrates by ASTM E308."""
    spectrum = skin("forearm", ita_deg=30.0).reflectance(ita_wavelengths_nm())
    data = dict(zip(ita_wavelengths_nm(), spectrum, strict=True))
    shape = colour.SpectralShape(400, 700, 10)
    cmfs = colour.MSDS_CMFS["CIE 1964 10 Degree Standard Observer"].copy().align(shape)
    light = colour.SDS_ILLUMINANTS["D65"].copy().align(shape)
    xyz = colour.sd_to_XYZ(colour.SpectralDistribution(data), cmfs, light, method="Integration") / 100
    white = colour.sd_to_XYZ(colour.SpectralDistribution(dict.fromkeys(data, 1.0)), cmfs, light, method="Integration")
    expected = colour.XYZ_to_Lab(xyz, colour.XYZ_to_xy(white / 100))
    assert lab_from_reflectance(spectrum) == pytest.approx(expected, abs=0.02)


def test_blood_mixes_by_saturation():
    oxy, deoxy = blood_absorption_per_mm(660.0, 1.0), blood_absorption_per_mm(660.0, 0.0)
    assert blood_absorption_per_mm(660.0, 0.7) == pytest.approx(0.7 * oxy + 0.3 * deoxy)
    assert deoxy > 5 * oxy
    with pytest.raises(RangeError):
        blood_absorption_per_mm(1101.0, 0.7)


def test_packaging_hides_absorption_in_wide_vessels_only():
    assert packaging_correction(10.0, None) == 1.0
    assert packaging_correction(1e-6, 0.1) == pytest.approx(1.0)
    assert packaging_correction(100.0, 0.1) == pytest.approx((1 - np.exp(-10.0)) / 10.0)


def test_melanosome_law_at_its_reference_and_inside_the_published_slopes():
    """Jacques 1998 gives 6.6e11 nm^-3.33 per cm; slopes from 2.8 to 4 are published."""
    law = composition().parameters
    value = melanosome_absorption_per_mm(500.0, law["melanosome_absorption_500nm_per_mm"].mean, 3.33)
    assert value * 10 == pytest.approx(6.6e11 * 500.0**-3.33, rel=2e-3)
    assert 2.8 <= law["melanosome_power"].mean <= 4.0


def test_dermal_scattering_stays_in_its_measured_range():
    """Measured scattering is a prior that reflectance must not move: 1.8 to 3.5 per mm at 633 nm."""
    optical = skin("forearm", ita_deg=40.0).optical(633.0)
    reduced = optical.scattering_per_mm[0, 0] * (1.0 - optical.anisotropy[0, 0])
    assert np.all((reduced[2:6] >= 1.8) & (reduced[2:6] <= 3.5))
    for layer in composition().layers[2:6]:
        before = reduced_scattering_per_mm(
            633.0, layer.reduced_scattering_500nm_per_mm.mean, layer.scattering_power.mean, layer.rayleigh_fraction
        )
        assert reduced[2] == pytest.approx(before, rel=0.2)


def test_anisotropy_stays_below_one():
    g = skin_anisotropy(np.linspace(400, 1100, 50))
    assert np.all((g > 0.7) & (g < 0.95))


def test_layer_stack_is_the_same_skin():
    person = skin("cheek", skin_type="III")
    stack = person.layer_stack(660.0)
    assert stack.wavelength_nm == 660.0
    assert stack.names == person.layer_names
    assert stack.array("thickness_mm") == pytest.approx(person.arrays.thickness_mm[0])
    with pytest.raises(RangeError):
        person.layer_stack(1200.0)
    assert target_ranges(person.site, person.layer_names, stack.array("thickness_mm")) == person.targets


def test_samples_repeat_and_keep_their_colour():
    """Skins drawn about one angle scatter about it as that angle is known, though blood and thickness vary much more.

    The bound allows for the second order that a linear compensation leaves: 3 degrees beside a stated spread of 8.
    """
    person = skin("cheek", ita_deg=35.0, ita_sd_deg=8.0)
    again = [item.z for item in person.sample(5, seed=3)]
    assert again == [item.z for item in person.sample(5, seed=3)]
    grid = ita_wavelengths_nm()
    seen = np.array([ita_from_reflectance(item.reflectance(grid)) for item in person.sample(150, seed=1)])
    assert np.std(seen) == pytest.approx(8.0, rel=0.25)
    assert np.mean(seen) == pytest.approx(35.0, abs=3.0)
    with pytest.raises(RangeError):
        person.sample(0)


def test_parameters_move_what_they_name():
    """Each coordinate moves its own part; others only by their correlation, and melanin to keep the colour."""
    person = skin("cheek", skin_type="III")
    base = person.arrays
    parts = {
        "thickness": ("thickness_mm",),
        "scattering": ("reduced_scattering_500nm_per_mm", "scattering_power"),
        "melanin": ("melanosome_fraction",),
        "blood": ("blood_fraction", "saturation", "baseline_scale"),
    }
    for name, number in INDEX.items():
        offset = np.zeros((1, len(PARAMETERS)))
        offset[0, number] = 1.0
        moved = person.batch(offset)
        change = {
            group: max(float(np.abs(getattr(moved, key) - getattr(base, key)).max()) for key in keys)
            for group, keys in parts.items()
        }
        assert change[PARAMETERS[name]] > 1e-3, name
        if name == "melanin":
            assert [group for group, value in change.items() if value > 0] == ["melanin"]


def test_samples_are_correlated_as_calibrated():
    """Sampled coordinates have the covariance of the map: calibration and people together."""
    expected = people_map("forearm").factor @ people_map("forearm").factor.T
    z = np.random.default_rng(5).standard_normal((20_000, len(PARAMETERS)))
    drawn = np.cov(z @ people_map("forearm").factor.T, rowvar=False)
    sd = np.sqrt(np.maximum(np.diag(expected), 1e-12))
    assert np.abs((drawn - expected) / np.outer(sd, sd))[1:, 1:].max() < 0.05
    off = expected / np.outer(sd, sd)
    assert off[INDEX["deep_scattering"], INDEX["deep_blood"]] > 0.1  # more scattering allows more absorption
    assert people_map("forearm").factor[INDEX["melanin"]].max() == 0.0


def test_calibration_stays_inside_what_is_published():
    """No parameter at a bound: power 2.8 to 4.0, port at least 10 mm, scattering as measured."""
    by_name = {item.name: item for item in calibration().parameters}
    assert 2.85 < by_name["melanosome_power"].value < 3.95
    assert 0.02 < by_name["pheomelanin_share"].value < 0.98
    assert 0.02 < by_name["saturation"].value < 0.98
    assert calibration().instrument.port_mm > 10.5
    assert 1.8 <= calibration().derived["dermal_reduced_scattering_633nm"].value <= 3.5
    for item in by_name.values():
        assert abs(item.shift) < 4.0 * item.prior_sd, item.name
        assert item.sd <= item.prior_sd * 1.01, item.name
    eigenvalues = np.linalg.eigvalsh(np.array(calibration().covariance))
    assert eigenvalues.min() > 0.0
