"""Equivalent exposure: what must hold whatever the numbers, and its borders."""

from dataclasses import replace

import pytest

import photodose
from photodose import evidence
from photodose.data.schema_evidence import USABLE, usable
from photodose.devices import exposure as exposure_of
from photodose.dosimetry import exposure_on
from photodose.evidence.catalogue import studies
from photodose.planning.equivalent import equivalent, match_bands
from photodose.planning.find import probability_in_window

ALL = [trial for goal in evidence.goals() for trial in evidence.dose_candidates(goal.id)]


def lamp(*bands, kind="handheld"):
    return photodose.device(
        {
            "id": "own",
            "name": "Own lamp",
            "kind": kind,
            "distance_cm": 0.0,
            "bands": [
                {"peak_nm": peak, "irradiance_mw_cm2": value, "irradiance_basis": "measured"} for peak, value in bands
            ],
        }
    )


@pytest.fixture(scope="module")
def person():
    return photodose.skin("periorbital", skin_type="III")


@pytest.fixture(scope="module")
def couturaud():
    """One band, 630 nm, 15.6 J/cm2 in 12 minutes (21.7 mW/cm2), a mask round the eyes."""
    return next(t for t in evidence.dose_candidates("fine_lines_wrinkles") if t.study == "couturaud_2023")


def at(person, trial, irradiance, peak=630.0):
    return equivalent(person, exposure_on(lamp((peak, irradiance)), person), trial, "papillary dermis")


def test_time_is_inverse_to_irradiance(person, couturaud):
    one, two = at(person, couturaud, 10.0), at(person, couturaud, 20.0)
    assert one.minutes.value == pytest.approx(2.0 * two.minutes.value, rel=1e-9)
    assert two.irradiance_ratio == pytest.approx(2.0 * one.irradiance_ratio, rel=1e-9)


def test_the_borders_of_extrapolation(person, couturaud):
    """1/3 to 3 times the trial's irradiance and time is inside; 1/10 to 10 is extrapolated; beyond is too far.

    On one skin time goes as the inverse of irradiance, so the irradiance at each border follows from one answer.
    """
    base = at(person, couturaud, 20.0)
    low = max(1.0 / base.irradiance_ratio, base.time_ratio)  # worst ratio grows by this factor when light gets weaker
    for factor, extrapolated, too_far in (
        (2.99, False, False),
        (3.01, True, False),
        (9.99, True, False),
        (10.01, True, True),
    ):
        item = at(person, couturaud, 20.0 * low / factor)
        assert item.worst_ratio == pytest.approx(factor, rel=1e-6)
        assert (item.extrapolated, item.too_far) == (extrapolated, too_far)
    high = max(base.irradiance_ratio, 1.0 / base.time_ratio)
    for factor, extrapolated, too_far in ((2.99, False, False), (3.01, True, False), (10.01, True, True)):
        item = at(person, couturaud, 20.0 / high * factor)
        assert item.worst_ratio == pytest.approx(factor, rel=1e-6)
        assert (item.extrapolated, item.too_far) == (extrapolated, too_far)


def test_too_far_is_no_protocol_and_says_how_long(person):
    plan = photodose.plan("collagen_elasticity", lamp((630.0, 0.5)), person)
    assert plan.protocol is None
    assert plan.equivalent is None
    assert "no trial used that" in plan.why
    assert any("is weak for this goal" in text for text in plan.advice)


def test_one_band_far_off_is_not_hidden_by_another(person):
    """Red four times too strong and infrared four times too weak is an extrapolation, though their mean is 1."""
    park = next(t for t in evidence.dose_candidates("fine_lines_wrinkles") if t.study == "park_2025")
    even = equivalent(person, exposure_on(lamp((630.0, 12.0), (850.0, 12.0)), person), park, "papillary dermis")
    bent = equivalent(person, exposure_on(lamp((630.0, 48.0), (850.0, 3.0)), person), park, "papillary dermis")
    assert not even.extrapolated
    assert bent.extrapolated
    assert bent.minutes.value == pytest.approx(even.minutes.value, rel=1e-6)


def test_darker_skin_needs_more_minutes(couturaud):
    times = []
    for name in ("II", "IV", "VI"):
        skin = photodose.skin("periorbital", skin_type=name)
        times.append(at(skin, couturaud, 20.0).minutes.value)
    assert times[0] < times[1] < times[2]


@pytest.mark.parametrize(("peak", "matched"), [(610.0, True), (609.9, False), (650.0, True), (650.1, False)])
def test_bands_match_within_20_nm(peak, matched, couturaud):
    assert (match_bands([peak], couturaud) is not None) == matched


def test_two_bands_of_a_trial_need_two_of_the_device():
    """One red band near both of a trial's red bands is not counted twice, and fluences are never added."""
    park = next(t for t in evidence.dose_candidates("fine_lines_wrinkles") if t.study == "park_2025")
    assert match_bands([630.0], park) is None
    near = replace(park, bands=(park.bands[0], replace(park.bands[0], peak_nm=640.0)))
    assert match_bands([635.0], near) is None
    assert match_bands([635.0, 645.0], near) == [(0, 0), (1, 1)]


def test_what_is_uncertain_in_common_cancels(person, couturaud):
    """The same skin on both sides: the interval of the ratio is narrower than that of the dose."""
    item = at(person, couturaud, 20.0)
    dose = photodose.dose(lamp((630.0, 20.0)), person, minutes=10).at("papillary dermis").by_band[0].fluence_j_cm2
    ratio = item.minutes.high / item.minutes.low
    melanin_and_device = item.bands[0].own_log_sd
    assert ratio < dose.high / dose.low * 2.0
    assert melanin_and_device > 0.0


@pytest.mark.parametrize("trial", ALL, ids=lambda trial: trial.study)
def test_only_numbers_that_were_read_enter(trial):
    """Every number of every candidate stands, usable, in its study's file, or follows from two that do."""
    study = studies()[trial.study]
    minutes = usable(study.minutes)
    if minutes is not None:
        assert trial.minutes == minutes
    assert trial.confidence in USABLE
    for band in trial.bands:
        record = next(item for item in study.light if item.peak_nm == band.peak_nm and (trial.arm in (None, item.arm)))
        assert record.usable
        irradiance, dose = usable(record.irradiance_mw_cm2), usable(record.radiant_exposure_j_cm2)
        assert sum(value is not None for value in (irradiance, dose, minutes)) >= 2
        if band.derived != "irradiance_mw_cm2":
            assert band.irradiance_mw_cm2 == irradiance
        if band.derived != "radiant_exposure_j_cm2":
            assert band.radiant_exposure_j_cm2 == dose


def test_lee_2007_from_memory_sets_no_dose():
    """105 and 55 mW/cm2, 126 and 66 J/cm2 agree with each other; nobody read them in the paper, so they set nothing."""
    assert "lee_2007" in {finding.study.id for finding in evidence.studies_for("fine_lines_wrinkles")}
    assert "lee_2007" not in {trial.study for trial in ALL}


def test_an_unverified_number_of_a_device_needs_a_word(person):
    with pytest.raises(photodose.quantities.InputError, match="irradiance"):
        photodose.plan("fine_lines_wrinkles", "currentbody-skin-series-1", person)


def test_the_window_needs_two_controlled_trials(person, couturaud, monkeypatch):
    """With a window made of two trials the probability is that of lying between them; it falls far outside."""
    from photodose.evidence import DoseWindow
    from photodose.planning import find

    half = replace(couturaud, study="half", bands=(replace(couturaud.bands[0], radiant_exposure_j_cm2=5.2),))
    window = DoseWindow(((630.0, 5.2, 15.6),), (half, couturaud), "low")
    monkeypatch.setattr(find.evidence, "dose_window", lambda _goal: (window, "made for the test"))
    light = exposure_on(lamp((630.0, 20.0)), person)
    times = [at(person, trial, 20.0).minutes.value for trial in (half, couturaud)]
    inside, far = (
        probability_in_window("fine_lines_wrinkles", "papillary dermis", person, [light], minutes)[0]
        for minutes in ((times[0] * times[1]) ** 0.5, 100.0 * times[1])
    )
    assert 0.2 < inside < 1.0
    assert far < 0.01


def test_light_of_the_trial_and_of_the_device_gain_alike(person, couturaud):
    """A mask gains what the skin sends back; the trial's mask does too, so the same mask has irradiance ratio 1."""
    same = exposure_on(lamp((630.0, 21.7), kind="mask"), person)
    assert exposure_of(lamp((630.0, 21.7), kind="mask")).bands[0].median_mw_cm2 < same.bands[0].median_mw_cm2
    item = equivalent(person, same, couturaud, "papillary dermis")
    assert item.irradiance_ratio == pytest.approx(1.0, abs=0.1)


def test_a_goal_without_a_target_compares_the_surface_alone(person, couturaud, monkeypatch):
    """No skin between: 15.6 J/cm2 at 21.7 mW/cm2 measured takes the trial's minutes whatever the skin type."""
    from photodose.planning import find

    calm = replace(couturaud, device_kind="handheld")
    monkeypatch.setattr(find.evidence, "dose_candidates", lambda _goal: (calm,))
    times = []
    for skin in (person, photodose.skin("forearm", skin_type="VI")):
        plan = photodose.plan("stress_mood_sleep", lamp((630.0, 21.7)), skin)
        times.append(plan.equivalent.minutes.value)
        assert plan.equivalent.target == "skin surface"
        assert plan.equivalent.bands[0].trial_fluence_j_cm2.value == pytest.approx(15.6, rel=0.02)
        assert "no target in tissue" in plan.why
    assert times == pytest.approx([12.0, 12.0], rel=0.02)
