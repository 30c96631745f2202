"""What trials gave the target, against what they found."""

import json

import pytest

from photodose import evidence
from photodose.planning.equivalent import equivalents, trial_light, trial_skin
from photodose.planning.trialdose import trial_doses


def test_the_dose_is_the_one_that_plans_match():
    """The same trial, the same skin, the same code: the plan's trial fluence is the dose shown here."""
    found = trial_doses("fine_lines_wrinkles")
    item = next(row for row in found.doses if row.trial.study == "couturaud_2023")
    person = trial_skin(item.trial, "periorbital")
    (same,) = equivalents(person, [trial_light(item.trial, person)], [item.trial], "papillary dermis")
    band = item.bands[0].fluence_j_cm2
    assert band.value == pytest.approx(same.bands[0].trial_fluence_j_cm2.value, rel=1e-9)
    assert band.low < band.value < band.high


def test_null_trials_stand_beside_positive_ones():
    found = trial_doses("stress_mood_sleep")
    assert {item.trial.direction for item in found.doses} >= {"negative"}
    assert not {item.trial.study for item in found.doses} & {t.study for t in evidence.dose_candidates(found.goal.id)}


def test_without_a_target_only_the_surface_is_known():
    for item in trial_doses("stress_mood_sleep").doses:
        assert item.target is None
        assert all(band.fluence_j_cm2 is None and band.radiant_exposure_j_cm2 > 0 for band in item.bands)


@pytest.mark.parametrize("goal", [goal.id for goal in evidence.goals()])
def test_every_goal_says_what_is_to_be_seen(goal):
    record = trial_doses(goal)
    content = json.loads(json.dumps(record.to_dict(), allow_nan=False))
    assert content["words"]
    assert content["dose_response"] is None
    assert bool(content["meta_analysis"]) == (content["why_no_meta_analysis"] is None)
    if len({item.trial.study for item in record.doses}) < 3:
        assert "no dose-response can be seen" in record.words or "no dose to show" in record.words


def test_the_picture_is_saved_whole(tmp_path):
    file = tmp_path / "dose.png"
    axes = trial_doses("fine_lines_wrinkles").plot(str(file))
    assert file.read_bytes().startswith(b"\x89PNG")
    assert "papillary dermis" in axes.get_xlabel()
    empty = trial_doses("stretch_marks").plot()
    assert empty.get_xlabel()


def test_an_effect_stands_at_its_own_arm():
    """Gavish 2020 reports 27 % more flow under near-infrared; the red arm, which had no such number, stays without."""
    arms = {item.trial.arm: item.effects for item in trial_doses("circulation").doses}
    assert [effect.value for effect in arms["near-infrared"]] == [27.0, 54.0]
    assert arms["red"] == ()
