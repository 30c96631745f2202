"""Lasers: exposure limits, classes, and what is said of a product; against published worked examples."""

from __future__ import annotations

import math

import pytest

import photodose
from photodose import devices
from photodose.data import load_document
from photodose.data.schema_limits import LaserClasses
from photodose.quantities import InputError, RangeError
from photodose.safety.hazards import assess, lamp_of
from photodose.safety.hazards.laser import (
    NOT_ASSESSED,
    LaserBeam,
    classify,
    correction,
    emission_limits_mw,
    eye_limit_w_m2,
    eye_time_s,
    judge,
    nominal_ocular_hazard_distance_m,
    skin_time_s,
    sources,
)

PUPIL_M2 = math.pi / 4.0 * 7e-3**2


# --- worked examples that others published


def test_class_2_is_the_limit_of_a_quarter_second_through_a_pupil() -> None:
    """LMI Selcom SLS 5000 manual, page 17: 25 W/m2 for 0.25 s is 1 mW through 7 mm."""
    limit = eye_limit_w_m2(650.0, 0.25)
    assert limit == pytest.approx(25.0, rel=0.02)
    assert limit * PUPIL_M2 == pytest.approx(1e-3, rel=0.03)
    assert emission_limits_mw(650.0)["2"] == 1.0


@pytest.mark.parametrize("wavelength_nm", [532.0, 650.0, 700.0, 808.0, 904.0, 980.0, 1064.0])
def test_class_1_is_the_endless_limit_through_a_pupil(wavelength_nm: float) -> None:
    """Seibersdorf Laboratories: the power of class 1 results directly from the exposure limits of the eye."""
    power_mw = 1e3 * eye_limit_w_m2(wavelength_nm, 30_000.0) * PUPIL_M2
    assert emission_limits_mw(wavelength_nm)["1"] == pytest.approx(power_mw, rel=0.02)


def test_emission_limits_of_red_and_infrared_diodes() -> None:
    """3.9e-4 C_4 W: 0.39 mW at 650 nm, 1.0 mW at 904 nm (C_4 = 2.56); class 3R five times class 2 or class 1."""
    assert emission_limits_mw(650.0) == {"1": 0.39, "2": 1.0, "3R": 5.0, "3B": 500.0}
    infrared = emission_limits_mw(904.0)
    assert infrared["1"] == pytest.approx(0.998, abs=0.001)
    assert infrared["3R"] == pytest.approx(5.0 * infrared["1"])
    assert list(infrared) == ["1", "3R", "3B"]


def test_hazard_distance_of_a_published_beam() -> None:
    """Emerson SpeedVue 430 manual, page 8: 50 mW, visible, 0.5 mrad: 100 m (330 ft)."""
    beam = LaserBeam(650.0, 50.0, divergence_rad=0.5e-3)
    assert nominal_ocular_hazard_distance_m(beam, 0.25) == pytest.approx(100.0, rel=0.02)


def test_a_dose_that_somebody_worked_out_for_an_infrared_diode() -> None:
    """Electronics Stack Exchange 509582, from IEC 60825-1: 950 nm, 7 s: 244.96 J/m2."""
    assert 7.0 * eye_limit_w_m2(950.0, 7.0) == pytest.approx(244.96, rel=1e-3)


# --- tables of the Directive: corners


def test_factor_of_wavelength() -> None:
    assert correction(500.0) == correction(700.0) == 1.0
    assert correction(850.0) == pytest.approx(10.0**0.3)
    assert correction(1050.0) == correction(1150.0) == pytest.approx(5.0, rel=0.01)
    for wavelength in (499.9, 1150.1):
        with pytest.raises(RangeError, match="wavelength_nm"):
            correction(wavelength)


def test_limits_of_the_eye_meet_where_formulas_change() -> None:
    assert eye_limit_w_m2(650.0, 10.0) == 10.0
    assert eye_limit_w_m2(650.0, 9.999) == pytest.approx(10.0, rel=0.02)
    assert eye_limit_w_m2(650.0, 1.0) == 18.0
    assert eye_limit_w_m2(650.0, 1.8e-5) == pytest.approx(18.0 * 1.8e-5**-0.25, rel=0.02)
    assert eye_limit_w_m2(650.0, 1e-6) == pytest.approx(5e-3 / 1e-6)
    assert eye_limit_w_m2(850.0, 1.0) == pytest.approx(18.0 * 10.0**0.3)
    for seconds in (0.0, -1.0, 1e-9, 30_001.0, math.nan):
        with pytest.raises(RangeError, match="exposure_s"):
            eye_limit_w_m2(650.0, seconds)


@pytest.mark.parametrize("seconds", [2e-6, 1e-4, 0.25, 3.0, 9.0])
def test_times_are_the_inverse_of_limits(seconds: float) -> None:
    for wavelength in (650.0, 905.0):
        assert eye_time_s(eye_limit_w_m2(wavelength, seconds), wavelength) == pytest.approx(seconds, rel=1e-9)


def test_what_may_last_and_what_not() -> None:
    assert eye_time_s(10.0, 650.0) is None
    assert eye_time_s(10.01, 650.0) == 10.0
    assert skin_time_s(2000.0, 650.0) is None
    assert skin_time_s(2000.1, 650.0) == pytest.approx((11000.0 / 2000.1) ** (4.0 / 3.0))
    assert skin_time_s(11000.0, 650.0) == 1.0
    assert skin_time_s(3900.0, 850.0) is None


# --- classes


@pytest.mark.parametrize(
    ("wavelength_nm", "power_mw", "expected"),
    [
        (650.0, 0.39, "1"), (650.0, 0.4, "2"), (650.0, 1.0, "2"), (650.0, 1.01, "3R"), (650.0, 5.0, "3R"),
        (650.0, 5.01, "3B"), (650.0, 500.0, "3B"), (650.0, 501.0, "4"),
        (850.0, 0.77, "1"), (850.0, 0.79, "3R"), (850.0, 3.8, "3R"), (850.0, 4.0, "3B"),
        (450.0, 5.0, NOT_ASSESSED), (1550.0, 5.0, NOT_ASSESSED), (650.0, None, NOT_ASSESSED),
    ],
)  # fmt: skip
def test_class_by_power(wavelength_nm: float, power_mw: float | None, expected: str) -> None:
    assert classify(LaserBeam(wavelength_nm, power_mw)) == expected


def test_a_wide_beam_falls_lower_and_a_telescope_gathers_it_again() -> None:
    assert classify(LaserBeam(650.0, 5.0, divergence_rad=0.4)) == "1"
    assert classify(LaserBeam(650.0, 5.0, divergence_rad=1e-4, beam_mm=30.0)) == "1M"
    assert classify(LaserBeam(650.0, 15.0, divergence_rad=1e-4, beam_mm=30.0)) == "2M"
    assert classify(LaserBeam(650.0, 2000.0, divergence_rad=1e-4, beam_mm=500.0)) == "2M"


def test_share_of_a_widening_beam() -> None:
    beam = LaserBeam(650.0, 5.0, divergence_rad=0.07)
    assert beam.through(7.0, 10.0) == pytest.approx(1.0 - math.exp(-1.0))
    assert LaserBeam(650.0, 5.0, divergence_rad=0.07).through(7.0, 0.0) == 1.0
    assert LaserBeam(650.0, 5.0).through(7.0, 1000.0) == 1.0
    for power in (0.0, -1.0, math.nan, 1e6):
        with pytest.raises(RangeError, match="power_mw"):
            LaserBeam(650.0, power)


# --- what is said of a product


def test_the_maker_s_class_against_the_power() -> None:
    assert judge(LaserBeam(650.0, 5.0, stated_class="3R"), 0.0).consistency == "consistent"
    too_much = judge(LaserBeam(678.0, 7.0, stated_class="3R"), 0.0)
    assert too_much.consistency.startswith("only if the beam widens, so that no more than 71 %")
    assert "The maker's class 3R goes with its power only if" in " ".join(too_much.words)
    wide = LaserBeam(635.0, 17.25, divergence_rad=0.5, stated_class="2")
    assert judge(wide, 0.0).consistency == "consistent"
    narrow = LaserBeam(635.0, 17.25, divergence_rad=0.01, stated_class="2")
    assert judge(narrow, 0.0).consistency == "not consistent"
    assert judge(LaserBeam(650.0, 900.0, divergence_rad=0.001, stated_class="3B"), 0.0).consistency == "not consistent"
    assert judge(LaserBeam(650.0, 900.0, stated_class="4"), 0.0).consistency == "consistent"
    assert judge(LaserBeam(650.0, 5.0, stated_class="1M"), 0.0).consistency == NOT_ASSESSED
    assert judge(LaserBeam(650.0, None, stated_class="3R"), 0.0).consistency == NOT_ASSESSED
    assert judge(LaserBeam(650.0, 5.0), 0.0).consistency == NOT_ASSESSED


@pytest.mark.parametrize(
    ("stated", "power_mw", "basis"),
    [("1", 0.385, "class limit"), ("2M", 1.0, "class limit"), ("3R", 5.0, "class limit"), ("3B", 500.0, "class limit"),
     ("4", 500.0, "assumed"), ("1C", 7.0, "assumed"), (None, 7.0, "assumed")],
)  # fmt: skip
def test_a_power_that_nobody_published(stated: str | None, power_mw: float, basis: str) -> None:
    found = judge(LaserBeam(650.0, stated_class=stated), 0.0)
    assert (found.power_mw, found.power_basis) == (pytest.approx(power_mw, rel=1e-3), basis)
    assert any("mW" in text for text in found.words[:1])
    if stated == "1":
        assert found.eye_s is None


def test_hazard_distance_and_its_words() -> None:
    harmless = judge(LaserBeam(650.0, 0.3), 0.0)
    assert harmless.hazard_distance_cm == 0.0
    assert harmless.eye_s is None
    assert not any("Beyond" in text or "How far" in text for text in harmless.words)
    known = judge(LaserBeam(650.0, 5.0, divergence_rad=0.2), 0.0)
    assert known.hazard_distance_cm == pytest.approx(12.37, abs=0.01)
    assert f"Beyond {math.ceil(known.hazard_distance_cm)} cm a beam stays inside the limit of the eye." in known.words
    near, far = (judge(LaserBeam(650.0, 5.0, divergence_rad=0.2), at_cm) for at_cm in (12.3, 12.4))
    assert near.eye_s == 10.0
    assert far.eye_s is None
    assert "Looking into one beam with eyes open: the limit is reached after 10 s." in near.words
    with pytest.raises(RangeError, match="power_mw"):
        nominal_ocular_hazard_distance_m(LaserBeam(650.0), 0.25)
    assert nominal_ocular_hazard_distance_m(LaserBeam(650.0, 0.5), 0.25) == 0.0
    assert nominal_ocular_hazard_distance_m(LaserBeam(650.0, 5.0), 0.25) is None


def test_a_wavelength_without_limits_is_not_assessed() -> None:
    found = judge(LaserBeam(450.0, 5.0, stated_class="3R"), 0.0)
    assert not found.assessed
    assert found.computed_class == found.consistency == NOT_ASSESSED
    assert found.words == ("No limit was read for a laser of 450 nm (only 500 to 1150 nm).",)
    unit = photodose.device({
        "id": "blue", "name": "Blue", "kind": "handheld", "light_source": "laser", "laser_class": "3R",
        "bands": [{"peak_nm": 450}],
    })  # fmt: skip
    answer = assess(lamp_of(unit), 1.0)
    assert answer.verdict == "ask"
    assert answer.permissible_by_eyes_s == {}
    assert assess(lamp_of(unit), 1.0, eyes="closed").verdict == "ask"
    assert assess(lamp_of(unit), 1.0, eyes="shielded").verdict == "caution"


def test_a_wavelength_without_limits_hides_no_other_beam_of_the_device() -> None:
    unit = photodose.device({
        "id": "two", "name": "Two", "kind": "handheld", "light_source": "laser", "laser_class": "3R",
        "bands": [{"peak_nm": 450}, {"peak_nm": 650}],
    })  # fmt: skip
    answer = assess(lamp_of(unit), 1.0)
    assert answer.verdict == "stop"  # 5 mW of red, the most of class 3R
    assert answer.permissible_by_eyes_s == judge(LaserBeam(650.0, 5.0, stated_class="3R"), 1.0).permissible_by_eyes_s
    assert assess(lamp_of(unit), 1.0, eyes="shielded").verdict == "caution"


def test_more_power_is_never_milder() -> None:
    order = ["1", "2", "3R", "3B", "4"]
    before: tuple[int, float] = (0, math.inf)
    for power in (0.1, 0.39, 0.5, 1.0, 3.0, 5.0, 7.0, 50.0, 499.0, 600.0):
        found = judge(LaserBeam(655.0, power), 0.0)
        seconds = math.inf if found.eye_s is None else found.eye_s
        now = (order.index(found.computed_class), seconds)
        assert now[0] >= before[0]
        assert now[1] <= before[1]
        before = now


# --- devices


def test_a_device_file_may_state_class_and_beam() -> None:
    spec = {
        "id": "mine", "name": "Mine", "kind": "cap", "light_source": "laser", "lasers": 80, "laser_class": "3R",
        "laser_beam": {"power_mw": 4, "divergence_deg": 20, "beam_mm": 1.0}, "bands": [{"peak_nm": 655}],
    }  # fmt: skip
    unit = photodose.device(spec)
    beam = lamp_of(unit).beams[0]
    assert beam == LaserBeam(655.0, 4.0, math.radians(20.0), 1.0, "3R")
    assert unit.to_dict()["laser_class"]["name"] == "3R"
    assert unit.to_dict()["laser_beam"]["power_mw"] == 4.0
    assert lamp_of(unit, laser_class="1").beams[0].stated_class == "1"
    unread = photodose.device({**spec, "laser_beam": {"power_mw": 0.1, "basis": "unverified"}})
    assert lamp_of(unread).beams[0].power_mw is None
    led = {**spec, "light_source": "led"}
    with pytest.raises(InputError, match="need a laser"):
        photodose.device(led)
    with pytest.raises(RangeError, match="power_mw"):
        photodose.device({**spec, "laser_beam": {"power_mw": -4}})
    with pytest.raises(InputError, match="laser_class"):
        photodose.device({**spec, "laser_class": "5"})


def test_every_laser_of_the_catalogue_is_judged() -> None:
    units = [unit for unit in devices.catalogue() if unit.has_laser]
    assert len(units) >= 10
    for unit in units:
        answer = assess(lamp_of(unit), unit.distance_cm)
        assert answer.verdict == "stop", unit.id  # with open eyes in a beam
        assert assess(lamp_of(unit), unit.distance_cm, eyes="shielded").verdict == "caution", unit.id
        assert answer.laser["eye_limit_w_m2"] == 10.0
        assert answer.sources == sources()
        if unit.laser_class is not None:
            assert unit.laser_class.source is not None
            assert answer.laser["class"] == unit.laser_class.name
    stated = {unit.id: unit.laser_class.name for unit in units if unit.laser_class is not None}
    assert stated["theradome-pro-lh80"] == stated["hairmax-laserband-82"] == "3R"
    assert stated["erchonia-fx-635"] == "2"


def test_limits_of_classes_must_rise() -> None:
    table = load_document("safety/limits/iec_60825_1_2014/classes", LaserClasses).model_dump()
    table["classes"] = list(reversed(table["classes"]))
    with pytest.raises(ValueError, match="must rise"):
        LaserClasses.model_validate(table)
