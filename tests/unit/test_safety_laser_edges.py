"""Lasers at the very edges: wavelengths, times and powers that equal a limit, and every word of an answer."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from photodose.quantities import RangeError
from photodose.safety.hazards import laser
from photodose.safety.hazards.laser import (
    LaserAnswer,
    LaserBeam,
    class_limits,
    classify,
    correction,
    emission_limits_mw,
    exposure_limits,
    eye_limit_w_m2,
    judge,
    nominal_ocular_hazard_distance_m,
    skin_time_s,
)

PUPIL_M2 = math.pi / 4.0 * 7e-3**2


def said(answer: LaserAnswer, start: str) -> list[str]:
    return [text for text in answer.words if text.startswith(start)]


# --- wavelengths, times and openings


@pytest.mark.parametrize(("nm", "within"), [(499.9, False), (500.0, True), (1150.0, True), (1150.1, False)])
def test_the_ends_of_the_wavelengths_that_were_read(nm: float, within: bool) -> None:
    assert LaserBeam(nm).in_range is within
    assert judge(LaserBeam(nm), 10.0).assessed is within
    if within:
        assert correction(nm) >= 1.0
        return
    with pytest.raises(RangeError) as caught:
        correction(nm)
    assert (caught.value.what, caught.value.value) == ("wavelength_nm", nm)


def test_times_that_no_limit_is_for() -> None:
    for seconds in (1e-9, 30_000.1):
        with pytest.raises(RangeError) as caught:
            eye_limit_w_m2(650.0, seconds)
        assert (caught.value.what, caught.value.low, caught.value.high) == ("exposure_s", 1e-9, 30_000.0)
    assert eye_limit_w_m2(650.0, 30_000.0) == eye_limit_w_m2(650.0, 10.0) == 10.0


def test_at_18_microseconds_the_later_and_stricter_limit_holds() -> None:
    assert eye_limit_w_m2(650.0, 18e-6) == pytest.approx(18.0 * 18e-6**-0.25)
    assert eye_limit_w_m2(650.0, 17.999e-6) == pytest.approx(5e-3 / 17.999e-6)


def test_a_beam_without_a_width_passes_any_opening() -> None:
    assert LaserBeam(650.0, 1.0, 0.1).through(7.0, 0.0) == 1.0
    assert LaserBeam(650.0, 1.0, 0.1, 0.5).through(0.5, 0.0) == pytest.approx(1.0 - math.exp(-1.0))
    assert LaserBeam(650.0, 1.0).through(0.5, 1e6) == 1.0
    assert LaserBeam(650.0).stated_class is None


# --- classes


def test_limits_of_classes_at_the_end_of_the_visible() -> None:
    assert "2" in emission_limits_mw(700.0)
    assert "2" not in emission_limits_mw(700.1)
    assert emission_limits_mw(808.0)["3B"] == 500.0  # without the factor of the wavelength
    assert emission_limits_mw(808.0)["1"] == pytest.approx(0.39 * correction(808.0))


@pytest.mark.parametrize(
    ("naked", "telescope", "expected"),
    [
        (0.39, 0.39, "1"),
        (0.39, 1.0, "1M"),
        (0.39, 500.0, "1M"),
        (0.39, 500.1, "4"),
        (0.391, 1.0, "2"),
        (1.0, 500.0, "2M"),
        (1.01, 500.0, "3B"),
        (1.01, 5.0, "3R"),
    ],
)
def test_a_beam_exactly_at_the_limits_of_a_class(
    naked: float, telescope: float, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {"1": 0.39, "2": 1.0, "3R": 5.0, "3B": 500.0}
    monkeypatch.setattr(laser, "emission_limits_mw", lambda _: limits)
    eye = class_limits().naked_eye
    monkeypatch.setattr(laser, "_share", lambda _, opening: naked if opening == eye else telescope)
    assert classify(LaserBeam(650.0, 1.0)) == expected


@pytest.mark.parametrize(
    ("power_mw", "divergence_rad", "stated", "expected"),
    [
        (0.39, None, "1", "consistent"),
        (4.0, 0.5, "1", "consistent"),
        (400.0, 0.5, "1", "not consistent"),
        (4.0, 1e-3, "3R", "consistent"),
        (6.0, 1e-3, "3R", "not consistent"),
        (1.0, None, "4", "consistent"),
        (0.1, None, "1M", "not assessed"),
        (1.0, None, None, "not assessed"),
        (None, None, "1", "not assessed"),
    ],
)
def test_whether_the_makers_class_goes_with_the_power(
    power_mw: float | None, divergence_rad: float | None, stated: str | None, expected: str
) -> None:
    assert judge(LaserBeam(650.0, power_mw, divergence_rad, 0.0, stated), 10.0).consistency == expected


def test_a_wide_beam_of_class_1m() -> None:
    """2 mW in 20 mm: a tenth passes the eye, nearly all of it a telescope."""
    beam = LaserBeam(650.0, 2.0, 1e-3, 20.0, "1")
    assert classify(beam) == "1M"
    assert judge(beam, 10.0).consistency == "consistent"
    assert judge(replace(beam, power_mw=40.0), 10.0).consistency == "not consistent"


# --- answers


def test_a_wavelength_without_limits_gives_this_answer_and_no_more() -> None:
    words = ("No limit was read for a laser of 450 nm (only 500 to 1150 nm).",)
    answer = judge(LaserBeam(450.0, 5.0, stated_class="3R"), 10.0)
    assert answer == LaserAnswer("3R", "not assessed", "not assessed", None, "not assessed", {}, words=words)
    bare = LaserAnswer(None, "not assessed", "not assessed", None, "not assessed", {})
    assert (bare.eye_irradiance_w_m2, bare.eye_limit_w_m2, bare.eye_s, bare.skin_s, bare.hazard_distance_cm) == (
        None, None, None, None, None
    )  # fmt: skip
    assert (bare.permissible_by_eyes_s, bare.words) == ({}, ())


def test_answers_can_be_told_apart_and_kept_in_sets() -> None:
    first, second = (judge(LaserBeam(650.0, power), 10.0) for power in (1.0, 2.0))
    assert len({first, second, judge(LaserBeam(650.0, 1.0), 10.0)}) == 2
    assert len({judge(LaserBeam(450.0), 10.0), judge(LaserBeam(460.0), 10.0)}) == 2
    with pytest.raises(TypeError):
        LaserAnswer(None, "4", "consistent", 1.0, "stated")  # type: ignore[call-arg]


def test_the_skin_has_its_own_time() -> None:
    answer = judge(LaserBeam(650.0, 100.0), 10.0)
    assert answer.skin_s == skin_time_s(0.1 / (math.pi / 4.0 * 3.5e-3**2), 650.0)
    assert answer.skin_s is not None
    assert answer.permissible_by_eyes_s["shielded"] == answer.skin_s == answer.to_dict()["skin_permissible_s"]


def test_the_distance_of_harm_is_where_the_beam_is_as_wide_as_that() -> None:
    beam = LaserBeam(650.0, 50.0, 0.1, 2.0)
    for seconds in (0.25, 30_000.0):
        metres = nominal_ocular_hazard_distance_m(beam, seconds)
        assert metres is not None
        irradiance = 0.05 * beam.through(7.0, 100.0 * metres) / PUPIL_M2
        assert irradiance == pytest.approx(eye_limit_w_m2(650.0, seconds))
    assert judge(beam, 10.0).hazard_distance_cm == pytest.approx(100.0 * metres)
    wide = LaserBeam(650.0, 0.5, 0.1, 900.0)
    assert nominal_ocular_hazard_distance_m(wide, 30_000.0) == 0.0
    assert nominal_ocular_hazard_distance_m(LaserBeam(650.0, 50.0), 1.0) is None
    assert nominal_ocular_hazard_distance_m(LaserBeam(650.0, 0.1), 1.0) == 0.0
    with pytest.raises(RangeError) as caught:
        nominal_ocular_hazard_distance_m(LaserBeam(650.0), 1.0)
    assert (caught.value.what, caught.value.low, caught.value.high) == ("power_mw", 0.0, 1e5)


def test_a_power_just_at_the_limit_has_no_distance_of_harm() -> None:
    aperture = exposure_limits().eye.aperture_mm
    watts = 10.0 * laser._area_m2(aperture)
    assert 10.0 * laser._area_m2(aperture) / watts == 1.0
    assert laser._hazard_distance_cm(LaserBeam(650.0, 1.0, 0.1), watts, 10.0) == 0.0
    above = laser._hazard_distance_cm(LaserBeam(650.0, 1.0, 0.1), 1.001 * watts, 10.0)
    assert above is not None
    assert above > 0.0


# --- words


def test_every_word_about_a_beam() -> None:
    answer = judge(LaserBeam(650.0, 7.0, stated_class="3R"), 10.0)
    assert answer.words == (
        "The times rest on 7 mW a beam, as stated.",
        "By its power a beam falls in class 3B (our own arithmetic, not a certificate). "
        "The limits are 0.39 mW for class 1, 1 mW for class 2, 5 mW for class 3R, 500 mW for class 3B.",
        "The maker's class 3R goes with its power only if the beam widens, so that no more than 71 % of it passes an "
        "opening of 7 mm at 10 cm.",
        "Looking into one beam with eyes open: the limit is passed faster than a blink.",
        "Looking into one beam with eyes closed: the limit is passed faster than a blink.",
        "Looking into one beam with eyes shielded: no limit is reached in eight hours.",
        "How far the beam widens was not published, so this counts at any distance.",
    )
    assert not said(judge(LaserBeam(650.0, 4.0, stated_class="3R"), 10.0), "The maker's class")
    assert said(judge(LaserBeam(650.0, stated_class="2"), 10.0), "The times") == [
        "The times rest on 1 mW a beam, the most that class 2 allows."
    ]
    assert not said(judge(LaserBeam(650.0), 10.0), "By its power")


def test_a_blink_is_a_quarter_of_a_second() -> None:
    answer = judge(LaserBeam(650.0, 7.0, 0.1), 10.0)
    for seconds, words in (
        (0.249, "the limit is passed faster than a blink."),
        (0.25, "the limit is reached after 0.25 s."),
        (0.9, "the limit is reached after 0.9 s."),
    ):
        made = replace(answer, permissible_by_eyes_s={"open": seconds})
        assert f"Looking into one beam with eyes open: {words}" in laser._words(made)


def test_how_far_a_beam_reaches_in_words() -> None:
    answer = judge(LaserBeam(650.0, 7.0, 0.1), 10.0)
    for distance, words in ((0.0, []), (0.5, ["1"]), (1.0, ["1"]), (36.2, ["37"])):
        made = laser._words(replace(answer, hazard_distance_cm=distance))
        assert [text for text in made if "Beyond" in text] == [
            f"Beyond {cm} cm a beam stays inside the limit of the eye." for cm in words
        ]
        assert not any("How far" in text for text in made)


def test_the_sources_are_those_of_every_part() -> None:
    exposure, classes = exposure_limits(), class_limits()
    parts = [exposure.correction.sources, exposure.eye.sources, exposure.skin.sources, classes.opening_sources,
             exposure.unknown_power_sources, *(row.sources for row in classes.classes)]  # fmt: skip
    wanted = {source for part in parts for source in part}
    assert set(laser.sources()) == wanted
    assert len(laser.sources()) == len(wanted)
