"""Plans: what the screening forbids, what the evidence does not carry, and bands in turn."""

import json
import re

import pytest

import photodose
from photodose import evidence
from photodose.planning.documents.reporting import reporting_rows
from photodose.planning.equivalent import trial_skin
from photodose.planning.make import round_minutes
from photodose.quantities import short
from photodose.safety import Verdict
from photodose.tissue import site

MASK = "omnilux-contour-face"
KINDS = {
    "mask": MASK, "panel": "hooga-hg500", "bed": "novothor", "cap": "capillus-82", "handheld": "theraface-pro-led",
}  # fmt: skip
GOALS = [goal.id for goal in evidence.goals()]


def lamp(*bands, kind="handheld", modes=(), basis="measured", **more):
    """A device file's content: bands as (peak, irradiance)."""
    return photodose.device(
        {
            "id": "own",
            "name": "Own lamp",
            "kind": kind,
            "distance_cm": 0.0,
            "emitting_area_cm2": 100.0,
            "bands": [
                {"peak_nm": peak, "irradiance_mw_cm2": value, "irradiance_basis": basis} for peak, value in bands
            ],
            "modes": [{"name": name, "peaks_nm": list(peaks)} for name, peaks in modes],
            **more,
        }
    )


@pytest.fixture(scope="module")
def cheek():
    return photodose.skin("cheek", skin_type="III")


@pytest.fixture(scope="module")
def wrinkles(cheek):
    return photodose.plan("fine_lines_wrinkles", MASK, cheek, minutes=10, per_week=5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("goal", GOALS)
def test_a_stop_leaves_no_protocol_for_any_goal_and_device(goal, kind, cheek):
    """Methylene blue in the body absorbs red: whatever is wished, with whatever device, the answer is no."""
    plan = photodose.plan(goal, KINDS[kind], cheek, minutes=10, assume=True, drugs=["methylene blue"])
    assert plan.verdict is Verdict.STOP
    assert plan.exit_code == 4
    assert plan.protocol is None
    assert plan.for_clinician is None
    assert plan.equivalent is None
    assert plan.session is None
    assert plan.routine == ()
    assert plan.own_schedule is None
    assert plan.why.startswith("The screening says stop")


def test_ask_keeps_the_protocol_for_the_clinician(cheek):
    plan = photodose.plan("fine_lines_wrinkles", MASK, cheek, conditions=["pregnant"], drugs=["no such drug at all"])
    assert plan.verdict is Verdict.ASK
    assert plan.exit_code == 3
    assert plan.protocol is None
    assert plan.for_clinician is not None
    assert plan.routine == ()
    assert "Ask a clinician first" in plan.why
    content = plan.to_dict()
    assert content["protocol"] is None
    assert content["for_clinician"]["minutes"] > 0
    assert content["equivalent"]["trial"] == "park_2025"


def test_doxycycline_with_red_and_infrared_goes_on_with_care_and_says_where_it_absorbs(cheek):
    plan = photodose.plan("fine_lines_wrinkles", MASK, cheek, drugs=["doxycycline"])
    assert plan.verdict is Verdict.CAUTION
    assert plan.exit_code == 0
    assert plan.protocol is not None
    reason = plan.screening.reasons[0]
    assert "UVA" in reason.why or "ultraviolet" in reason.why.lower() or "uv" in reason.why.lower()
    assert any(step.title == "Go gently" and reason.why in step.detail for step in plan.routine)
    (first,) = [step for step in plan.routine if step.title.startswith("The first time: ")]
    whole, half = int(plan.protocol.minutes * 60.0 / 2.0), first.title.removeprefix("The first time: ")
    read = re.fullmatch(r"(\d+) min(?: (\d+) s)?", half)
    assert read is not None
    assert 0 <= whole - (60 * int(read[1]) + int(read[2] or 0)) < 6
    assert not any("first time" in step.title for step in photodose.plan("fine_lines_wrinkles", MASK, cheek).routine)


def test_stretch_marks_have_no_controlled_trial():
    plan = photodose.plan("stretch_marks", MASK, photodose.skin("abdomen", skin_type="II"))
    assert plan.protocol is None
    assert plan.exit_code == 0
    assert "No controlled trial" in plan.why


@pytest.mark.parametrize("goal", [goal for goal in GOALS if not evidence.dose_candidates(goal)])
def test_a_goal_without_a_readable_trial_says_why(goal):
    record = evidence.indication(goal)
    place = site(record.sites[0]).id if record.sites else "cheek"
    plan = photodose.plan(goal, MASK, photodose.skin(place, skin_type="II"))
    assert plan.protocol is None
    assert plan.for_clinician is None
    if goal == "wound_healing":  # an open wound asks for a clinic first, also where it is the goal
        assert plan.exit_code == 3
        assert plan.why.endswith(f" If they agree: {evidence.why_no_protocol(goal)}")
    else:
        assert plan.exit_code == 0
        assert plan.why == evidence.why_no_protocol(goal)


def test_a_goal_whose_target_is_not_at_the_site_names_the_sites():
    plan = photodose.plan("acne", "theraface-mask", photodose.skin("sole", skin_type="II"))
    assert plan.protocol is None
    assert "does not exist at the sole" in plan.why
    assert "chin" in plan.why


def test_a_site_that_no_trial_treated_is_named(cheek):
    plan = photodose.plan("chronic_pain", "novothor", cheek)
    assert "Trials for this goal did not treat the cheek" in plan.why


def test_a_trial_of_another_place_is_used_and_named(wrinkles):
    """Park 2025 treated round the eyes; the plan for the cheek says so."""
    assert wrinkles.equivalent.trial.study == "park_2025"
    assert wrinkles.protocol is not None
    assert "another place (periorbital)" in wrinkles.why


def test_the_runner_up_is_another_trial(wrinkles):
    other = wrinkles.to_dict()["equivalent"]["runner_up"]
    assert other["trial"] == "couturaud_2023"
    assert other["minutes"]["low"] < other["minutes"]["value"] < other["minutes"]["high"]


def test_the_protocol_follows_the_trials_schedule(wrinkles):
    """Park 2025: 5 sessions a week for 12 weeks."""
    assert wrinkles.protocol.sessions_per_week == 5
    assert wrinkles.protocol.weeks == 12
    assert wrinkles.protocol.minutes_by_band == {"633": wrinkles.protocol.minutes, "830": wrinkles.protocol.minutes}
    assert wrinkles.protocol.sessions == "together"


def test_the_own_schedule_is_judged(wrinkles, cheek):
    own = wrinkles.own_schedule
    assert own["share_of_trial_dose"] == pytest.approx(10.0 / wrinkles.equivalent.minutes.value)
    assert own["within_limits"]
    assert "as many" in own["words"]
    few = photodose.plan("fine_lines_wrinkles", MASK, cheek, minutes=1, per_week=2)
    assert "less than" in few.own_schedule["words"]
    assert "fewer" in few.own_schedule["words"]
    assert few.own_schedule["by_band"]["633"] == pytest.approx(own["by_band"]["633"] / 10)


def test_no_window_no_probability(wrinkles):
    content = wrinkles.to_dict()["equivalent"]
    assert content["probability_in_window"] is None
    assert content["why_no_window"]


def test_acne_in_turn_gives_minutes_for_each_band(cheek):
    """Goldberg and Russell 2006 gave 415 and 633 nm on alternating sessions; a lamp with both modes does the same."""
    own = lamp((417.0, 20.0), (630.0, 40.0), modes=[("blue", [417.0]), ("red", [630.0]), ("both", [417.0, 630.0])])
    plan = photodose.plan("acne", own, cheek)
    item, protocol = plan.equivalent, plan.protocol
    assert item.trial.study == "goldberg_russell_2006"
    assert item.alternating
    assert item.modes == ("blue", "red")
    assert protocol.sessions == "alternating"
    assert set(protocol.minutes_by_band) == {"417", "630"}
    for band in item.bands:
        minutes = protocol.minutes_by_band[f"{band.peak_nm:g}"]
        assert minutes == pytest.approx(round_minutes(band.minutes))
        assert minutes * band.fluence_per_minute_j_cm2 == pytest.approx(band.trial_fluence_j_cm2.value, rel=0.03)
    assert protocol.minutes == min(protocol.minutes_by_band.values())
    assert [session.exposure.mode for session in plan.sessions] == ["blue", "red"]
    assert [session.minutes for session in plan.sessions] == list(protocol.minutes_by_band.values())
    assert "mode blue" in protocol.words
    assert "Never both" in protocol.words
    assert any(step.title == "Take turns" and "630 nm" in step.detail for step in plan.routine)
    content = plan.to_dict()
    assert content["equivalent"]["sessions"] == "alternating"
    assert len(content["sessions"]) == 2
    assert set(content["equivalent"]["session_fluence_j_cm2"]) == {"417", "630"}


def test_bands_that_only_shine_together_differ_from_a_trial_in_turn(cheek):
    plan = photodose.plan("acne", lamp((415.0, 20.0), (633.0, 40.0)), cheek)
    assert plan.equivalent is None or plan.equivalent.delivery_differs
    assert "gives them together, which nobody tested" in plan.why


def test_the_trials_own_light_needs_the_trials_own_time():
    """The same light on the same skin is the same treatment: time and irradiance ratio 1."""
    trial = next(item for item in evidence.dose_candidates("acne"))
    from photodose.planning.equivalent import equivalent_in_turn, trial_light, trial_skin

    population = trial_skin(trial, "cheek")
    light = trial_light(trial, population)
    from dataclasses import replace

    turns = [replace(light, bands=(band,), mode=f"{band.peak_nm:g}") for band in light.bands]
    item = equivalent_in_turn(population, turns, trial, "sebaceous gland")
    assert item.irradiance_ratio == pytest.approx(1.0)
    assert item.time_ratio == pytest.approx(1.0)
    assert [band.minutes for band in item.bands] == pytest.approx([trial.minutes] * 2)


def test_plans_are_json(wrinkles):
    text = json.dumps(wrinkles.to_dict(), allow_nan=False)
    assert json.loads(text)["goal"] == "fine_lines_wrinkles"


@pytest.mark.parametrize(("minutes", "expected"), [(10.9, 11.0), (2.2, 2.0), (1.24, 1.2), (0.01, 0.1)])
def test_minutes_that_can_be_set(minutes, expected):
    assert round_minutes(minutes) == expected


def test_after_a_treatment_there_is_advice_and_no_protocol(cheek):
    plan = photodose.plan("fine_lines_wrinkles", MASK, cheek, after="laser:3d")
    assert plan.verdict is Verdict.ASK
    assert plan.exit_code == 3
    assert plan.protocol is None
    assert plan.for_clinician is None
    assert "only the clinic" in plan.why
    after = plan.to_dict()["after"]
    assert after["days"] == 3
    assert {item["direction"] for item in after["evidence"]} >= {"positive", "negative"}
    assert any("clinic" in text for text in after["advice"])


def test_long_after_a_treatment_the_plan_stands_with_care(cheek):
    plan = photodose.plan("fine_lines_wrinkles", MASK, cheek, after="peel:8w")
    assert plan.verdict is Verdict.CAUTION
    assert plan.protocol is not None


@pytest.mark.parametrize("text", ["laser", "laser:", "3d", "laser:-3d", "laser:3x", "", "laser:99999d"])
def test_a_treatment_needs_its_time(text):
    with pytest.raises(photodose.quantities.InputError):
        photodose.planning.after_treatment(text)


def test_an_unknown_treatment_is_named(cheek):
    with pytest.raises(photodose.quantities.UnknownNameError, match="laser"):
        photodose.plan("fine_lines_wrinkles", MASK, cheek, after="haircut:3d")


def test_relaxation_is_honest(cheek):
    plan = photodose.plan("stress_mood_sleep", MASK, cheek)
    assert plan.protocol is None
    assert any("quiet rest" in text for text in plan.advice)


def test_hair_shades_the_scalp():
    plan = photodose.plan("hair_aga", "capillus-82", photodose.skin("scalp", skin_type="II"), assume=True)
    assert any("between 2 and 100 %" in text for text in plan.advice)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"per_week": 3}, "minutes"),
        ({"minutes": 10, "per_week": 0}, "per_week"),
        ({"minutes": -1}, "minutes"),
        ({"eyes": "half"}, "open, closed, shielded"),
        ({"after": 3}, "laser:3d"),
    ],
)
def test_bad_input_is_one_sentence(options, words, cheek):
    with pytest.raises(photodose.quantities.InputError, match=words):
        photodose.plan("fine_lines_wrinkles", MASK, cheek, **options)


def test_contact_or_not_is_said():
    """A trial with its light on the skin, a lamp away from it: the plan says that this differs."""
    from dataclasses import replace

    from photodose.planning.advice import contact_advice

    near = photodose.plan("chronic_pain", "novothor", photodose.skin("upper back", skin_type="III")).equivalent
    held = replace(near, trial=replace(near.trial, contact=True))
    assert "on the skin" in contact_advice(held, 15.0)[0]
    assert contact_advice(held, 0.0) == []
    assert "away from the skin" in contact_advice(replace(near, trial=replace(near.trial, contact=False)), 0.0)[0]
    assert contact_advice(replace(near, trial=replace(near.trial, contact=None)), 0.0) == []


def test_too_far_names_the_nearest_trial_in_json():
    weak = lamp((630.0, 0.5), kind="mask")
    content = photodose.plan("collagen_elasticity", weak, photodose.skin("periorbital", skin_type="III")).to_dict()
    assert content["protocol"] is None
    assert content["equivalent"] is None
    assert content["nearest_trial"]["trial"] == "couturaud_2023"
    assert content["nearest_trial"]["too_far"]


def test_sources_stand_once(wrinkles):
    sources = [json.dumps(item, sort_keys=True) for item in wrinkles.to_dict()["sources"]]
    assert len(sources) == len(set(sources))
    assert len(sources) > 5


OWN = {
    "korean-rct-mask-2025": ("fine_lines_wrinkles", "periorbital", "park_2025"),
    "dior-lucibel-skin-light": ("fine_lines_wrinkles", "periorbital", "couturaud_2023"),
    "novothor": ("chronic_pain", "upper-back", "navarro_ledesma_2024"),
}


@pytest.mark.parametrize("device", OWN)
def test_the_trials_own_device_takes_the_trials_minutes_on_the_trials_skin(device):
    """One product has one light: the claim is not discounted on one side of the ratio only."""
    goal, place, study = OWN[device]
    trial = next(item for item in evidence.dose_candidates(goal) if item.study == study)
    plan = photodose.plan(goal, device, trial_skin(trial, place))
    assert plan.equivalent.trial.study == study
    assert plan.equivalent.own_device
    assert plan.equivalent.irradiance_ratio == pytest.approx(1.0)
    assert plan.equivalent.minutes.value == pytest.approx(trial.minutes)
    assert plan.protocol.minutes == trial.minutes
    assert plan.equivalent.minutes_if_overstated is None
    assert "this very device" in plan.why
    # its strength is not known better by that: only the ratio is free of it
    other = photodose.plan(goal, device, photodose.skin(place, skin_type="VI"))
    assert other.equivalent.minutes.value > trial.minutes
    assert other.equivalent.irradiance_ratio == pytest.approx(1.0, abs=0.4)


def test_the_dose_shown_for_the_trials_own_device_is_the_one_it_is_compared_with():
    plan = photodose.plan("fine_lines_wrinkles", "korean-rct-mask-2025", photodose.skin("periorbital", skin_type="III"))
    shown = next(item for item in plan.session.targets if item.name == plan.goal.target)
    given = plan.to_dict()["equivalent"]["session_fluence_j_cm2"]
    for part in shown.by_band:
        assert part.fluence_j_cm2.value == pytest.approx(given[f"{part.peak_nm:g}"], rel=0.05)


def test_a_reading_of_ones_own_or_another_distance_is_light_like_any_other():
    skin = photodose.skin("periorbital", skin_type="III")
    read = photodose.plan("fine_lines_wrinkles", "korean-rct-mask-2025", skin, irradiance_mw_cm2={630: 5.0, 850: 5.0})
    assert not read.equivalent.own_device
    assert read.equivalent.irradiance_ratio == pytest.approx(0.5, rel=0.05)
    far = photodose.plan("fine_lines_wrinkles", "korean-rct-mask-2025", skin, distance_cm=3.0, assume=True)
    assert not far.equivalent.own_device


def test_every_trial_that_a_device_names_is_in_the_evidence():
    known = set(evidence.studies())
    named = {unit.id: unit.trial for unit in photodose.devices.catalogue() if unit.trial}
    assert named == {device: study for device, (_, _, study) in OWN.items()}
    assert set(named.values()) <= known


def test_a_claimed_device_says_how_long_if_the_trial_was_as_optimistic(wrinkles, cheek):
    """Undiscounted: the same claims taken at their word, as the trial's number is."""
    claimed = {band.peak_nm: band.irradiance_mw_cm2 for band in wrinkles.device.bands}
    bare = photodose.plan("fine_lines_wrinkles", MASK, cheek, irradiance_mw_cm2=claimed)
    found = wrinkles.equivalent.minutes_if_overstated
    assert found == pytest.approx(bare.equivalent.minutes.value)
    assert found < wrinkles.equivalent.minutes.value
    assert f"the same dose would take about {short(found)} minutes" in wrinkles.why
    assert bare.equivalent.minutes_if_overstated is None
    assert "optimistic" not in bare.why


def test_unequal_bands_are_called_an_average_and_named():
    """One band at a third of the other: the time between them is right for neither."""
    unit = lamp((630, 5.0), (850, 30.0))
    plan = photodose.plan("fine_lines_wrinkles", unit, photodose.skin("cheek", skin_type="II"), minutes=8)
    shares = plan.to_dict()["equivalent"]["share_of_trial_dose"]
    assert shares["630"] < 2 / 3
    assert shares["850"] > 1.5
    said = f"{short(shares['630'])} times at 630 nm, {short(shares['850'])} times at 850 nm"
    assert "the same on average in" in plan.why
    assert f"By band this plan gives {said} of the trial's dose." in plan.why
    row = next(row for row in reporting_rows(plan) if row[0] == "dose follows")
    assert row[2] == f"fluence at the target equal to the trial's on average only, by band {said}"
    assert "on average" in plan.own_schedule["words"]


def test_equal_bands_are_called_the_same():
    plan = photodose.plan(
        "fine_lines_wrinkles", lamp((630, 10.0), (850, 10.0)), photodose.skin("cheek", skin_type="II")
    )
    assert "the same in" in plan.why
    assert "on average" not in plan.why
    row = next(row for row in reporting_rows(plan) if row[0] == "dose follows")
    assert row[2] == "equal fluence at the target, band by band"


def test_where_a_limit_cut_the_minutes_the_reason_says_from_what_to_what():
    plan = photodose.plan(
        "chronic_pain", "kala-red-light-elite", photodose.skin("upper-back", skin_type="V"), assume=True
    )
    item, kept = plan.equivalent, plan.protocol.minutes
    assert plan.limits
    assert kept < item.minutes.value
    assert f"The plan is cut from {short(item.minutes.value)} to {kept:g} minutes by a limit: " in plan.why
    assert plan.hazards.why in plan.why
