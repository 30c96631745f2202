"""Safety in plans: hazards with the skin's temperature, minutes never past a limit, shields where they are a must."""

import json

import pytest

import photodose
from photodose.cli.run import run
from photodose.planning.hazards import careful_irradiance, session_limits
from photodose.planning.make import LEAST_SHARE
from photodose.quantities import InputError, RangeError
from photodose.safety import Verdict

MASK = "omnilux-contour-face"


def lamp(*bands, kind="panel", basis="measured", distance_cm=15.0):
    return photodose.device(
        {
            "id": "own",
            "name": "Own lamp",
            "kind": kind,
            "size_cm": [30.0, 30.0],
            "distance_cm": distance_cm,
            "leds": 200,
            "half_angle_deg": 60.0,
            "bands": [
                {"peak_nm": peak, "irradiance_mw_cm2": value, "irradiance_basis": basis} for peak, value in bands
            ],
        }
    )


@pytest.fixture(scope="module")
def dark():
    return photodose.skin("cheek", skin_type="VI")


@pytest.fixture(scope="module")
def pale():
    return photodose.skin("cheek", skin_type="II")


def test_safety_has_the_keys_of_the_contract(capsys):
    code = run(["safety", MASK, "--minutes", "5", "--eyes", "shielded", "--json"])
    content = json.loads(capsys.readouterr().out)
    assert code == 0
    assert set(content) >= {
        "hazards", "risk_group", "provisional", "hazard_distance_cm", "skin_temperature_c", "verdict", "sources",
        "warnings",
    }  # fmt: skip
    assert set(content["skin_temperature_c"]) == {"start", "end", "max"}
    hazard = {"id", "name", "edition", "at_cm", "value", "unit", "limit", "ratio", "permissible_s"}
    assert all(set(row) >= hazard for row in content["hazards"])
    assert {row["at_cm"] for row in content["hazards"]} == {20.0, 0.0}
    assert {row["id"] for row in content["hazards"]} == {
        "actinic_uv", "uva_eye", "blue_light", "blue_light_small", "retinal_thermal", "retinal_thermal_weak_visual",
        "ir_eye", "skin_thermal",
    }  # fmt: skip


def test_exit_code_5_where_a_limit_would_be_exceeded(capsys):
    arguments = ["safety", "kala-red-light-elite", "--skin-type", "II", "--minutes"]
    assert run([*arguments, "10"]) == 5
    assert run([*arguments, "2", "--eyes", "shielded"]) == 0
    assert run([*arguments, "2", "--eyes", "half"]) == 2
    assert "open, closed, shielded" in capsys.readouterr().err


def test_the_room_is_the_command():
    answer = photodose.safety(MASK, minutes=5, eyes="shielded")
    assert answer.verdict is Verdict.CAUTION
    assert photodose.safety.screen().verdict is Verdict.CLEAR


def test_closer_longer_and_opener_are_never_milder(pale):
    panel = lamp((850, 30.0))
    base = photodose.planning.safety(panel, pale, distance_cm=30, minutes=5, eyes="closed")
    for change in ({"distance_cm": 15}, {"minutes": 50}, {"eyes": "open"}):
        asked = {"distance_cm": 30, "minutes": 5, "eyes": "closed", **change}
        assert photodose.planning.safety(panel, pale, **asked).verdict >= base.verdict


def test_without_a_skin_the_one_that_warms_most_is_taken(pale):
    panel = lamp((660, 40.0), (850, 40.0))
    worst = photodose.planning.safety(panel, minutes=20)
    told = photodose.planning.safety(panel, pale, minutes=20)
    assert not worst.skin_given
    assert worst.careful.skin_temperature()["max"] > told.careful.skin_temperature()["max"]
    assert any("No skin was given" in text for text in worst.warnings)


def test_a_reading_at_a_distance_holds_there(pale):
    """What a person measured at 40 cm is the irradiance at 40 cm, not at the device's own 15 cm."""
    panel = lamp((850, 90.0))
    own = photodose.planning.safety(panel, pale, distance_cm=40, irradiance_mw_cm2={850: 20.0}, minutes=1)
    infrared = [row for row in own.assessment.hazards if row.id == "ir_eye" and row.at_cm == 40]
    assert infrared[0].value == pytest.approx(200.0, rel=0.02)


def test_a_claim_is_taken_at_its_word_where_it_warms(pale):
    panel = lamp((660, 50.0), basis="claimed")
    from photodose.dosimetry import exposure_on

    exposure = exposure_on(panel, pale)
    assert careful_irradiance(exposure)[0] == pytest.approx(50.0, rel=0.01)
    assert exposure.bands[0].median_mw_cm2 < 50.0


def test_the_heat_limit_cuts_and_says_so(dark):
    """73 mW/cm2 on the darkest skin: the trial's dose would take it past 41 degrees, so the minutes are fewer."""
    strong = lamp((630, 36.0), (850, 36.0))
    plan = photodose.plan("fine_lines_wrinkles", strong, dark)
    assert plan.limits
    assert "At most" in plan.limits[0]
    assert plan.hazards.allowed_s < 60.0 * plan_minutes(plan)
    if plan.protocol is not None:
        assert 60.0 * plan.protocol.minutes <= plan.hazards.allowed_s
        assert plan.session.temperature.skin_temperature()["max"] <= 41.0
        assert any("%" in text for text in plan.limits)
    else:
        assert "cannot be had safely" in plan.why


def plan_minutes(plan):
    """Minutes wished for before the limits cut them."""
    return float(plan.limits[0].split(" of ")[1].split(" minutes")[0])


@pytest.mark.parametrize("power", [15.0, 25.0, 40.0, 70.0])
@pytest.mark.parametrize("eyes", [None, "open", "closed", "shielded"])
def test_no_protocol_passes_a_limit(power, eyes, dark):
    """Whatever the light and the eyes: a protocol's minutes stay inside every limit, judged anew."""
    unit = lamp((630, power), (850, power))
    plan = photodose.plan("fine_lines_wrinkles", unit, dark, eyes=eyes)
    if plan.protocol is None:
        return
    exposure = plan.session.exposure
    limits = session_limits(unit, dark, exposure, plan.protocol.minutes, plan.protocol.eyes)
    assert limits.allowed_s is None or limits.allowed_s >= 60.0 * plan.protocol.minutes
    assert eyes is None or plan.protocol.eyes == eyes
    assert min(plan.to_dict()["equivalent"]["share_of_trial_dose"].values()) >= LEAST_SHARE * 0.8


def test_shields_are_a_must_where_open_eyes_would_pass_a_limit(pale):
    unit = lamp((630, 10.0), (850, 30.0), kind="mask", distance_cm=0.0)
    plan = photodose.plan("fine_lines_wrinkles", unit, pale)
    assert plan.hazards.shields_needed
    assert plan.protocol.eyes == "shielded"
    assert any(step.title == "You must cover your eyes" for step in plan.routine)
    bare = photodose.plan("fine_lines_wrinkles", unit, pale, eyes="open")
    assert bare.protocol is None or bare.protocol.minutes < plan.protocol.minutes


def test_the_own_schedule_past_a_limit_is_exit_5(dark):
    unit = lamp((630, 70.0), (850, 70.0))
    plan = photodose.plan("fine_lines_wrinkles", unit, dark, minutes=30)
    assert plan.exit_code == 5
    assert not plan.own_schedule["within_limits"]
    assert "Too long" in plan.own_schedule["words"]
    short = photodose.plan("fine_lines_wrinkles", unit, dark, minutes=0.5)
    assert short.exit_code == 0


def test_cli_exit_5_of_a_plan(capsys):
    arguments = ["plan", "--goal", "fine_lines_wrinkles", "--device", "bon-charge-max", "--site", "cheek"]
    assert run([*arguments, "--skin-type", "VI", "--minutes", "20"]) == 5
    assert "Too long" in " ".join(capsys.readouterr().out.split())


def test_a_laser_cap_is_no_lamp():
    answer = photodose.planning.safety("capillus-82", minutes=1, eyes="shielded")
    assert answer.to_dict()["laser"]["class"] == "not assessed"
    assert answer.to_dict()["risk_group"] == "not assessed"
    assert answer.verdict is not Verdict.CLEAR


@pytest.mark.parametrize(
    ("options", "error"),
    [({"minutes": 0}, RangeError), ({"distance_cm": -1}, RangeError), ({"eyes": "shut"}, InputError)],
)
def test_bad_input(options, error):
    with pytest.raises(error):
        photodose.planning.safety(MASK, **options)


def test_too_strong_is_shorter_or_further_and_the_advice_holds(pale):
    """The advised distance is where the lamp is as strong as the trial's light, and its minutes give the same dose."""
    unit = lamp((630, 60.0), (850, 60.0))
    near = photodose.plan("fine_lines_wrinkles", unit, pale)
    further = next(text for text in near.advice if text.startswith("Move further away"))
    distance = float(further.split("at ")[1].split(" cm")[0])
    there = photodose.plan("fine_lines_wrinkles", unit, pale, distance_cm=distance)
    assert distance > 15
    assert there.equivalent.irradiance_ratio == pytest.approx(1.0, abs=0.1)
    assert f"{there.equivalent.minutes.value:.2g}" in further
    assert not any("Move" in text for text in there.advice)
    assert any("More is not better" in text for text in near.advice)


def test_too_weak_is_nearer_or_an_honest_no(pale):
    unit = lamp((630, 60.0), (850, 60.0))
    far = photodose.plan("fine_lines_wrinkles", unit, pale, distance_cm=190)
    assert any(text.startswith("Move nearer") for text in far.advice)
    weak = photodose.plan("fine_lines_wrinkles", lamp((630, 0.5), (850, 0.5)), pale)
    assert weak.protocol is None
    assert any("no trial used that" in text for text in weak.advice)
    assert not any(text.startswith("Move") for text in weak.advice)


def test_more_fat_more_minutes_for_muscle():
    """The same bed, the same back: over thicker fat the muscle gets less, so its dose takes longer."""
    import dataclasses

    from photodose.tissue.parameters import INDEX, PARAMETERS

    person = photodose.skin("lower back", skin_type="III")
    z = [0.0] * len(PARAMETERS)
    z[INDEX["subcutaneous_fat"]] = 1.0
    thick = dataclasses.replace(person, z=tuple(z))
    thin_plan, thick_plan = (photodose.plan("chronic_pain", "novothor", skin) for skin in (person, thick))
    assert thick_plan.equivalent is None or thick_plan.equivalent.minutes.value > thin_plan.equivalent.minutes.value
    assert any("mm of fat" in text for text in thin_plan.advice)
    assert any("both sides" in text for text in thin_plan.advice)


def test_a_cut_by_heat_says_what_the_likely_light_would_do(dark):
    """The limit is judged by the claim; the likely light is weaker and warms later, and both are said."""
    claimed = lamp((630, 36.0), (850, 36.0), basis="claimed")
    words = photodose.plan("fine_lines_wrinkles", claimed, dark, minutes=20).own_schedule["words"]
    assert "Too long" in words
    assert "At its likely strength" in words
    measured = lamp((630, 36.0), (850, 36.0))
    assert "likely" not in photodose.plan("fine_lines_wrinkles", measured, dark, minutes=20).own_schedule["words"]


@pytest.mark.parametrize("device", ["omnilux-contour-face", "omnilux-clear", "joovv-solo-3"])
def test_the_time_that_is_printed_is_allowed(device: str) -> None:
    from photodose.cli.hazards import _time

    assert (_time(591.9), _time(119.99), _time(0.927), _time(None)) == ("9.8 min", "119 s", "0.92 s", "8 h or more")
    seconds = photodose.planning.safety(device).permissible_s
    assert seconds is not None
    number, unit = _time(seconds).split()
    minutes = float(number) * {"s": 1.0 / 60.0, "min": 1.0}[unit]
    assert 0.85 * seconds < 60.0 * minutes <= seconds * (1.0 + 1e-12)


def test_a_laser_product_says_what_light_its_skin_temperature_rests_on() -> None:
    answer = photodose.planning.safety("capillus-82", minutes=1.0)
    assert any("mW/cm2 at 650 nm is taken as likely" in text and "(assumed)" in text for text in answer.warnings)


@pytest.mark.parametrize(
    ("text", "said"),
    [("laser:0d", "0 days ago"), ("laser:1d", "1 day ago"), ("laser:13h", "0 days ago"), ("laser:3d", "3 days ago")],
)
def test_days_since_a_treatment(text: str, said: str) -> None:
    found = photodose.planning.after_treatment(text)
    assert found.condition == f"laser {said}"
    assert found.recent


def test_the_light_is_judged_without_a_trial() -> None:
    """A laser product without a protocol: its class, shields and the skin's limit are said all the same."""
    scalp = photodose.skin("scalp", skin_type="II")
    answer = photodose.plan("hair_aga", "theradome-pro-lh80", scalp, assume=True)
    assert answer.protocol is None
    assert answer.to_dict()["safety"]["shields_needed"]
    assert "class 3R by its maker, class 3B by its power" in answer.warnings[0]
    assert answer.light == "past"
    assert any(text.startswith("At most ") for text in answer.limits)
    stopped = photodose.plan("hair_aga", "theradome-pro-lh80", scalp, assume=True, conditions=["skin cancer"])
    assert (stopped.light, stopped.hazards, stopped.limits) == ("", None, ())


def test_a_laser_at_open_eyes_is_past_its_limit_at_once() -> None:
    back = photodose.skin("lower-back", skin_type="II")
    told = {"assume": True, "eyes": "open"}
    answer = photodose.plan("chronic_pain", "erchonia-fx-635", back, **told)
    assert "class 2 by its maker" in answer.limits[0]
    own = photodose.plan("chronic_pain", "erchonia-fx-635", back, minutes=20.0, **told).own_schedule["words"]
    assert "at once a limit is reached" in own
    assert "not known here" not in own


def test_screening_and_light_are_two_lines(capsys) -> None:
    arguments = ["plan", "--goal", "fine_lines_wrinkles", "--device", MASK, "--site", "cheek", "--skin-type", "II"]
    assert run(arguments) == 0
    out = capsys.readouterr().out
    assert "Medicines and conditions: clear" in out
    assert "The light itself: " in out
    assert "Safe for you" not in out


@pytest.mark.parametrize("goal", ["wound_healing", "rosacea", "eczema", "psoriasis"])
def test_a_goal_implies_its_condition(goal: str, pale) -> None:
    from photodose.planning.screened import GOAL_CONDITIONS

    alone = photodose.planning.screen(conditions=[GOAL_CONDITIONS[goal]])
    assert alone.unknown == ()
    assert alone.verdict is not Verdict.CLEAR
    answer = photodose.plan(goal, MASK, pale)
    assert answer.verdict is alone.verdict
    both = photodose.planning.plan_together(["fine_lines_wrinkles", goal], MASK, pale)
    assert both.screening.verdict is alone.verdict
    told = photodose.plan(goal, MASK, pale, conditions=[GOAL_CONDITIONS[goal]])
    assert len(told.screening.reasons) == len(answer.screening.reasons)


def test_a_calendar_says_that_shields_are_a_must_and_no_more(pale) -> None:
    from photodose.planning.documents import plan_ics

    strong = lamp((630, 10.0), (850, 30.0), kind="mask", distance_cm=0.0)
    shielded = photodose.plan("fine_lines_wrinkles", strong, pale)
    assert b"DESCRIPTION:Eye shields on." in plan_ics(shielded)
    bare = photodose.plan("fine_lines_wrinkles", strong, pale, eyes="open")
    assert bare.protocol is None or b"DESCRIPTION" not in plan_ics(bare)
