"""Several goals at once: a linear programme that meets each trial's dose as nearly as limits allow."""

import json

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import photodose
from photodose import evidence
from photodose.cli.run import run
from photodose.planning import plan_together
from photodose.planning.several import Demand, _minutes, _settle
from photodose.quantities import InputError, UnknownNameError

MASK = "omnilux-contour-face"
WHOLE = float("inf")


def lamp(*bands, modes=()):
    return photodose.device(
        {
            "id": "own",
            "name": "Own lamp",
            "kind": "handheld",
            "distance_cm": 0.0,
            "bands": [{"peak_nm": p, "irradiance_mw_cm2": v, "irradiance_basis": "measured"} for p, v in bands],
            "modes": [{"name": name, "peaks_nm": list(peaks)} for name, peaks in modes],
        }
    )


def demand(dose, *rates):
    return Demand("goal", "target", 633.0, dose, rates)


@pytest.fixture(scope="module")
def cheek():
    return photodose.skin("cheek", skin_type="II")


def test_two_modes_meet_two_demands_exactly():
    """2 t1 = 10 and t1 + t2 = 8: five minutes of the first mode, three of the second."""
    assert _minutes([demand(10.0, 2.0, 0.0), demand(8.0, 1.0, 1.0)], [WHOLE, WHOLE]) == [5.0, 3.0]


def test_a_limit_is_shared_between_modes():
    """Each mode alone may last 4 minutes: together they use at most one whole limit."""
    minutes = _minutes([demand(10.0, 2.0, 0.0), demand(8.0, 0.0, 1.0)], [4.0, 4.0])
    assert sum(value / 4.0 for value in minutes) <= 1.0
    assert sum(minutes) > 3.5


def test_a_mode_that_may_not_be_used_is_not():
    assert _minutes([demand(10.0, 2.0, 1.0)], [0.0, WHOLE]) == [0.0, 10.0]
    assert _minutes([demand(10.0, 2.0)], [0.0]) == [0.0]
    assert _minutes([], [WHOLE]) == [0.0]


def test_the_programme_agrees_with_a_plain_search():
    """One mode, three demands: the minimum of the sum of relative misses, found by another method."""
    demands = [demand(10.0, 2.0), demand(9.0, 1.0), demand(20.0, 2.5)]

    def missed(t):
        return sum(abs(d.per_minute_j_cm2[0] * t / d.trial_fluence_j_cm2 - 1.0) for d in demands)

    searched = minimize_scalar(missed, bounds=(0.0, 20.0), method="bounded", options={"xatol": 1e-6})
    assert missed(_minutes(demands, [WHOLE])[0]) == pytest.approx(searched.fun, rel=1e-3)


def test_goals_that_ask_for_different_light_are_not_halved(cheek):
    """Acne in its trial had 96 J/cm2 of red, wrinkles 5.4: no session is both, so one of them is given up and named."""
    modes = [("red", [633, 850]), ("blue", [415]), ("only red", [633])]
    unit = lamp((415, 15.0), (633, 20.0), (850, 12.0), modes=modes)
    answer = plan_together(["acne", "fine_lines_wrinkles", "stretch_marks"], unit, cheek)
    kept = {item.demand.goal for item in answer.met}
    assert len(kept) == 1
    assert kept | set(answer.left_out) == {"acne", "fine_lines_wrinkles", "stretch_marks"}
    (given_up,) = set(answer.left_out) - {"stretch_marks"}
    assert "% of its trial's dose" in answer.left_out[given_up]
    assert evidence.indication(given_up).goal in answer.why
    assert all(1 / 3 <= item.share <= 3 for item in answer.met)
    json.dumps(answer.to_dict(), allow_nan=False)


def test_goals_that_agree_share_a_session(cheek):
    """Two goals that follow trials of one band: each demand is that of its own plan."""
    unit = lamp((630, 15.0), (850, 12.0), modes=[("both", [630, 850]), ("red", [630])])
    goals = ["smoother_appearance", "fine_lines_wrinkles"]
    answer = plan_together(goals, unit, cheek)
    assert {item.demand.goal for item in answer.met} == set(goals)
    assert set(answer.minutes_by_mode) <= {"both", "red"}
    for item in answer.met:
        single = photodose.plan(item.demand.goal, unit, cheek).equivalent
        band = next(band for band in single.bands if band.trial_peak_nm == item.demand.trial_peak_nm)
        assert item.demand.trial_fluence_j_cm2 == pytest.approx(band.trial_fluence_j_cm2.value)
        assert 1 / 3 <= item.share <= 3
    assert min(abs(item.share - 1.0) for item in answer.met) < 0.05  # minutes are rounded
    assert answer.sessions_per_week == 5


def test_a_goal_is_given_up_before_it_becomes_another_treatment():
    """One mode, doses 1 and 10: whichever is kept is met, the other would be ten times off."""
    near, far = demand(1.0, 1.0), Demand("far", "target", 633.0, 10.0, (1.0,))
    minutes, met, dropped = _settle([near, far], [WHOLE])
    assert len(met) == 1
    assert len(dropped) == 1
    assert met[0].share == pytest.approx(1.0)
    assert minutes in ([1.0], [10.0])
    assert _settle([near, Demand("two", "target", 633.0, 2.0, (1.0,))], [WHOLE])[2] == {}


def test_the_first_goal_is_met_and_given_up_last():
    """One mode, doses 1 and 2: whichever comes first is met; doses 1 and 10: the other one is given up."""
    one, two, ten = (
        Demand(name, "target", 633.0, dose, (1.0,)) for name, dose in (("1", 1.0), ("2", 2.0), ("10", 10.0))
    )
    assert _settle([one, two], [WHOLE], "1")[0] == [1.0]
    assert _settle([one, two], [WHOLE], "2")[0] == [2.0]
    for main, other in ((one, ten), (ten, one)):
        minutes, met, dropped = _settle([one, ten], [WHOLE], main.goal)
        assert set(dropped) == {other.goal}
        assert minutes == [main.trial_fluence_j_cm2]
        assert [item.demand.goal for item in met] == [main.goal]


def test_the_session_has_steps_and_a_limit(cheek):
    modes = [("red", [630]), ("infrared", [850])]
    unit = lamp((630, 15.0), (850, 12.0), modes=modes)
    answer = plan_together(["fine_lines_wrinkles", "smoother_appearance"], unit, cheek)
    titles = [step.title for step in answer.routine]
    if len(answer.minutes_by_mode) > 1:
        assert "Change the mode" in titles
        assert "then mode" in answer.session.words
    else:
        assert f"Set the mode: {next(iter(answer.minutes_by_mode))}" in titles
    alone = photodose.plan(
        "fine_lines_wrinkles", lamp((630, 15.0), (850, 12.0), modes=[("both", [630, 850]), *modes]), cheek
    )
    assert "Set the mode: both" in [step.title for step in alone.routine]
    assert answer.session.minutes == pytest.approx(sum(answer.minutes_by_mode.values()))
    assert answer.session.distance_cm == 0.0
    assert answer.allowed_s is None or answer.allowed_s >= 60.0 * answer.session.minutes * (1 - 1e-9)
    assert set(answer.engine) == {"version", "data", "rules"}


def test_the_page_for_a_clinician_reports_the_session_that_is_done(cheek):
    from photodose.planning.documents import reporting_rows
    from photodose.planning.documents.page import _with_session

    goals = ["fine_lines_wrinkles", "smoother_appearance"]
    together = plan_together(goals, MASK, cheek)
    plan = _with_session(photodose.plan(goals[0], MASK, cheek), together)
    rows = {name: value for name, value, _ in reporting_rows(plan)}
    assert rows["irradiation time"] == f"{60 * together.session.minutes:g}"
    assert plan.protocol == together.session
    asked = plan_together(goals, MASK, cheek, drugs=["no such drug at all"])
    assert _with_session(plan, asked).protocol is None
    assert _with_session(plan, asked).for_clinician == asked.session


def test_a_recent_treatment_bars_the_session(cheek):
    goals = ["fine_lines_wrinkles", "smoother_appearance"]
    recent = plan_together(goals, MASK, cheek, after="laser:3d")
    assert recent.session is None
    assert recent.routine == ()
    assert recent.exit_code == 3
    assert "only the clinic" in recent.why
    assert recent.after.recent
    later = plan_together(goals, MASK, cheek, after="laser:60d")
    assert later.session is not None
    assert later.screening.verdict.value == "caution"
    assert any(step.title == "Go gently" for step in later.routine)
    json.dumps(later.to_dict(), allow_nan=False)


def test_never_past_a_limit():
    dark = photodose.skin("cheek", skin_type="VI")
    unit = lamp((415, 60.0), (633, 90.0), (850, 90.0), modes=[("red", [633, 850]), ("blue", [415])])
    answer = plan_together(["acne", "fine_lines_wrinkles"], unit, dark)
    from photodose.planning.find import mode_exposures
    from photodose.planning.hazards import session_limits

    light = {"distance_cm": None, "irradiance_mw_cm2": None, "assume": False}
    exposures = mode_exposures(unit, dark, light)
    used = 0.0
    for mode, minutes in (answer.minutes_by_mode or {}).items():
        allowed = session_limits(unit, dark, exposures[mode], minutes, answer.eyes).allowed_s
        used += 0.0 if allowed is None else 60.0 * minutes / allowed
    assert used <= 1.0 + 1e-9


def test_stop_and_ask(cheek):
    stopped = plan_together(["acne", "fine_lines_wrinkles"], MASK, cheek, drugs=["methylene blue"])
    assert stopped.exit_code == 4
    assert stopped.minutes_by_mode is None
    assert stopped.for_clinician is None
    asked = plan_together(["collagen_elasticity", "fine_lines_wrinkles"], MASK, cheek, drugs=["no such drug at all"])
    assert asked.exit_code == 3
    assert asked.minutes_by_mode is None
    assert asked.for_clinician


def test_command(capsys):
    arguments = ["plan", "--device", MASK, "--site", "cheek", "--skin-type", "III", "--goal", "fine_lines_wrinkles"]
    assert run([*arguments, "--goal", "smoother_appearance", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["protocol"]["minutes"] > 0
    assert {item["goal"] for item in content["met"]} == {"fine_lines_wrinkles", "smoother_appearance"}
    assert run([*arguments, "--goal", "stretch_marks"]) == 0
    assert "left out" in " ".join(capsys.readouterr().out.split())
    assert run([*arguments, "--goal", "smoother_appearance", "--after", "peel:2d"]) == 3
    assert "only the clinic" in " ".join(capsys.readouterr().out.split())
    assert run([*arguments, "--goal", "acne", "--per-week", "3"]) == 2
    assert "minutes of your own" in capsys.readouterr().err


@pytest.mark.parametrize(("goals", "error"), [(["acne"], InputError), (["acne", "acne"], InputError),
                                              (["acne", "wrinkels"], UnknownNameError)])  # fmt: skip
def test_bad_input(goals, error, cheek):
    with pytest.raises(error):
        plan_together(goals, MASK, cheek)


def test_shares_are_plain_numbers(cheek):
    answer = plan_together(["collagen_elasticity", "fine_lines_wrinkles"], MASK, cheek)
    assert np.isfinite([item.share for item in answer.met]).all()
    assert answer.to_dict()["met"][0]["met"] in {"about", "less", "more"}


def test_own_minutes_files_and_goals_go_together(cheek, tmp_path, capsys):
    """The person's minutes are judged for each goal as its own plan judges them; PDF and calendar hold the session."""
    goals = ["fine_lines_wrinkles", "smoother_appearance"]
    answer = plan_together(goals, MASK, cheek, minutes=10.0, per_week=3.0)
    for goal in goals:
        alone = photodose.plan(goal, MASK, cheek, minutes=10.0, per_week=3.0)
        assert answer.own_schedules[goal] == alone.own_schedule
    assert answer.exit_code == 0
    strong = lamp((630, 120.0), (850, 120.0))
    assert plan_together(goals, strong, cheek, minutes=60.0).exit_code == 5
    with pytest.raises(InputError, match="minutes of your own"):
        plan_together(goals, MASK, cheek, per_week=3.0)
    wall, days = tmp_path / "p.pdf", tmp_path / "p.ics"
    options = ["--device", MASK, "--site", "cheek", "--skin-type", "II", "--pdf", str(wall), "--ics", str(days)]
    assert run(["plan", "--goal", goals[0], "--goal", goals[1], *options, "--json"]) == 0
    minutes = json.loads(capsys.readouterr().out)["protocol"]["minutes"]
    assert wall.read_bytes().startswith(b"%PDF")
    assert f"DURATION:PT{int(np.ceil(minutes))}M" in days.read_text()
    assert run(["plan", "--goal", goals[0], "--goal", goals[1], *options, "--report", str(tmp_path / "r.md")]) == 2
    assert "one --goal" in capsys.readouterr().err
