"""Several goals and a recent treatment: from the set-up to verdict, plan, calendar, PDF, session and export."""

from __future__ import annotations

import html
import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

import photodose
from photodose.app.answers import Answers
from photodose.app.exports import records
from photodose.app.exports.calendar import to_ics
from photodose.app.models import OwnedDevice, Person, Plan, Session
from photodose.app.pages.plan.course import Course, course_of
from photodose.app.pages.plan.keeping import routine_of
from photodose.planning import plan_together

pytestmark = pytest.mark.django_db

SETUP = {"goal": "fine_lines_wrinkles", "device": "omnilux-contour-face", "site": "cheek", "skin_type": "III"}
ALSO = ["smoother_appearance", "acne"]
OLD_EXPORT = Path(__file__).with_name("export_of_version_1.json")
"""Made by the application before it knew several goals and treatments."""


@pytest.fixture(autouse=True)
def _owner(person):
    """The implicit owner of a computer at home."""


def answer(client, **changes):
    return client.post("/setup/", SETUP | changes)


def text_of(response) -> str:
    body = re.sub(r"<script.*?</script>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def two_mode_lamp() -> dict:
    bands = [
        {"peak_nm": 630, "irradiance_mw_cm2": 30.0, "irradiance_basis": "measured"},
        {"peak_nm": 850, "irradiance_mw_cm2": 12.0, "irradiance_basis": "measured"},
        {"peak_nm": 590, "irradiance_mw_cm2": 8.0, "irradiance_basis": "measured"},
    ]
    modes = [{"name": "both", "peaks_nm": [630, 850]}, {"name": "amber", "peaks_nm": [590]}]
    return {"id": "my-device", "name": "Two modes", "kind": "handheld", "bands": bands, "modes": modes}


def test_several_goals_share_one_session(client, person):
    assert answer(client, also=ALSO).headers["Location"] == "/verdict/"
    engine = plan_together(
        ["fine_lines_wrinkles", "acne", "smoother_appearance"],
        "omnilux-contour-face",
        photodose.skin("cheek", skin_type="III"),
    )
    words = text_of(client.get("/plan/"))
    assert f"{engine.session.minutes:g} minutes" in words
    assert "One session for your goals" in words
    assert "Less acne has no part in it." in words
    assert engine.left_out["acne"] in words
    for step in engine.routine:
        assert step.title in words
    dose = client.get("/dose/").content.decode()
    assert f'id="minutes-out" for="minutes">{engine.session.minutes:g}<' in dose, "the light of that session"
    assert client.post("/plan/start/", {"time": "19:00"}).headers["Location"] == "/session/"
    plan = Plan.objects.get(active=True)
    assert plan.name == "Softer fine lines and wrinkles · Smoother-looking skin"
    assert plan.inputs["goals"] == list(engine.goals)
    assert plan.result["protocol"]["minutes"] == engine.session.minutes
    assert set(plan.result["left_out"]) == {"acne"}
    assert {row["goal"] for row in plan.result["met"]} == {"fine_lines_wrinkles", "smoother_appearance"}
    assert plan.routine["zones"] == [{"site": "cheek", "seconds": 60 * engine.session.minutes, "mode": ""}]
    assert plan.routine["limit_seconds"] == pytest.approx(engine.allowed_s)
    assert f"PT{int(engine.session.minutes)}M" in to_ics(person).decode()
    assert client.get("/api/v1/player").json()["plans"][0]["routine"] == plan.routine
    wall = client.get("/plan/plan.pdf")
    assert wall.content.startswith(b"%PDF")
    assert "T190000" in client.get("/plan/routine.ics?time=19:00").content.decode()
    assert client.get("/verdict/clinician.pdf").content.startswith(b"%PDF")


def test_a_session_in_several_modes_takes_them_in_turn(person):
    answers = Answers(
        goal="fine_lines_wrinkles", also=["smoother_appearance"], device="own", own=two_mode_lamp(), site="cheek",
        skin_type="II",
    )  # fmt: skip
    course = course_of(answers)
    assert course.shared is not None
    routine = routine_of(course)
    named = [(zone["mode"], zone["seconds"] / 60) for zone in routine["zones"]]
    assert dict(named) == {name: pytest.approx(minutes) for name, minutes in course.shared.minutes_by_mode.items()}
    assert sum(minutes for _, minutes in named) == pytest.approx(course.protocol.minutes)
    assert {zone["site"] for zone in routine["zones"]} == {"cheek"}


def test_a_plan_for_one_goal_names_the_mode_too(person):
    answers = Answers(goal="fine_lines_wrinkles", device="own", own=two_mode_lamp(), site="cheek", skin_type="II")
    course = course_of(answers)
    assert [zone["mode"] for zone in routine_of(course)["zones"]] == ["both"]
    assert any(step.startswith("Set the mode: both.") for step in routine_of(course)["steps"])


def test_one_goal_or_the_same_twice_is_a_plan_as_before(client):
    answer(client, also=["fine_lines_wrinkles"])
    engine = photodose.plan("fine_lines_wrinkles", "omnilux-contour-face", photodose.skin("cheek", skin_type="III"))
    words = text_of(client.get("/plan/"))
    assert f"{engine.protocol.minutes:g} minutes" in words
    assert "One session for your goals" not in words
    client.post("/plan/start/")
    assert "goals" not in Plan.objects.get(active=True).inputs


def test_where_the_main_goal_alone_is_left_its_own_plan_is_shown(client):
    answer(client, also=["acne"])
    engine = photodose.plan("fine_lines_wrinkles", "omnilux-contour-face", photodose.skin("cheek", skin_type="III"))
    words = text_of(client.get("/plan/"))
    assert f"{engine.protocol.minutes:g} minutes" in words
    assert "Less acne has no part in it." in words
    client.post("/plan/start/")
    kept = Plan.objects.get(active=True)
    assert kept.inputs["goals"] == ["fine_lines_wrinkles", "acne"]
    assert "changed since you kept your plan" not in text_of(client.get("/plan/"))


def test_a_goal_without_a_trial_beside_one_with(client):
    answer(client, goal="acne", also=["fine_lines_wrinkles"])
    words = text_of(client.get("/plan/"))
    assert "Less acne has no part in it." in words
    client.post("/plan/start/")
    assert Plan.objects.get(active=True).name == "Softer fine lines and wrinkles"


def test_the_own_schedule_is_judged_for_each_goal(client):
    answer(client, also=["smoother_appearance"])
    words = text_of(client.get("/plan/?minutes=5&per_week=7"))
    skin = photodose.skin("cheek", skin_type="III")
    for goal in ("fine_lines_wrinkles", "smoother_appearance"):
        judged = photodose.plan(goal, "omnilux-contour-face", skin, minutes=5, per_week=7)
        assert f"{judged.goal.goal}: {judged.own_schedule['words']}" in words
    far = text_of(client.get("/plan/?minutes=110"))
    assert far.count("more than what was given there") == 2


def test_an_own_schedule_is_judged_where_there_is_no_plan(client):
    answer(client, goal="texture_tone", skin_type="VI")
    page = client.get("/plan/?minutes=10")
    assert page.status_code == 200
    assert 'id="own"' in page.content.decode()


@pytest.mark.parametrize(("days", "verdict", "has_plan"), [("3", "ask", False), ("60", "caution", True)])
def test_a_recent_treatment_reaches_verdict_and_plan(client, person, days, verdict, has_plan):
    answer(client, also=["smoother_appearance"], treatment="microneedling", treated_days=days)
    person.refresh_from_db()
    kept = person.profile["answers"]
    assert kept["treatment"] == "microneedling"
    assert abs((date.fromisoformat(kept["treated_on"]) + timedelta(days=int(days)) - date.today()).days) <= 1
    assert f'class="verdict {verdict}' in client.get("/verdict/").content.decode()
    words = text_of(client.get("/plan/"))
    assert f"Microneedling, {days} days ago" in words
    assert "What trials of light after such a treatment found" in words
    assert ("No plan, and why" in words) != has_plan
    started = client.post("/plan/start/", {"agreed": "1"})
    assert (started.status_code == 302) == has_plan, "not even with a clinician's yes"
    assert Plan.objects.exists() == has_plan
    assert (client.get("/plan/routine.ics").status_code == 200) == has_plan
    assert client.get("/plan/plan.pdf").content.startswith(b"%PDF")
    assert client.get("/verdict/clinician.pdf").content.startswith(b"%PDF")
    assert client.get("/plan/?minutes=10").status_code == 200
    if has_plan:
        assert Plan.objects.get().inputs["after"] == "microneedling:60d"


def test_the_days_since_a_treatment_go_on_counting(person):
    answers = Answers(treatment="laser", treated_on=date.today() - timedelta(days=40))
    assert answers.treated_days in {39, 40, 41}
    assert answers.after == f"laser:{answers.treated_days}d"
    assert answers.told == [f"laser {answers.treated_days} days ago"]
    assert Answers(treatment="laser", treated_on=date.today() + timedelta(days=9)).treated_days == 0
    assert Answers(treatment="laser").after is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"treatment": "laser"}, "How many days ago was it?"),
        ({"treatment": "laser", "treated_days": "soon"}, "soon is not a number"),
        ({"treatment": "laser", "treated_days": "-2"}, "Give a number from 0"),
        ({"also": [goal.id for goal in photodose.evidence.goals()]}, "At most 5 goals"),
    ],
)
def test_nonsense_gets_one_sentence(client, person, changes, sentence):
    page = answer(client, **changes)
    assert page.status_code == 400
    assert sentence in text_of(page)
    if "treatment" in changes:
        person.refresh_from_db()
        assert person.profile["answers"]["treated_on"] in {
            (date.today() + timedelta(days=n)).isoformat() for n in (-1, 0, 1)
        }, "a treatment without a day counts as done today"
        part = client.post("/setup/", SETUP | changes, headers={"HX-Request": "true"})
        assert 'class="verdict ask"' in part.content.decode()


def test_unknown_goals_and_treatments_are_not_taken(client, person):
    answer(client, also=["world_peace", "scars"], treatment="exorcism", treated_days="3")
    person.refresh_from_db()
    assert not {"also", "treatment", "treated_on"} & set(person.profile["answers"])


def test_a_medicine_bars_the_shared_session_too(client):
    answer(client, also=["smoother_appearance"], medicines="verteporfin")
    assert "No plan, and why" in text_of(client.get("/plan/"))
    answer(client, also=["smoother_appearance"], medicines="unheardofine")
    assert "Only if your clinician agrees" in text_of(client.get("/plan/"))
    assert client.post("/plan/start/").status_code == 400
    assert client.post("/plan/start/", {"agreed": "1"}).status_code == 302
    assert Plan.objects.get(active=True).result["for_clinician"]["minutes"] > 0


def test_export_and_import_carry_goals_and_treatment(client, owner, person):
    answer(client, also=ALSO, treatment="peel", treated_days="90")
    client.post("/plan/start/")
    first = records.to_bytes(records.export_account(owner))
    Person.objects.filter(owner=owner).delete()
    Person.objects.create(owner=owner)
    records.import_account(owner, first)
    assert records.to_bytes(records.export_account(owner)) == first
    kept = json.loads(first)["people"][0]["profile"]["answers"]
    assert kept["also"] == ["acne", "smoother_appearance"]
    assert kept["treatment"] == "peel"


def test_an_export_made_before_still_imports_and_comes_out_the_same(client, owner):
    Person.objects.filter(owner=owner).delete()
    Person.objects.create(owner=owner)
    content = OLD_EXPORT.read_bytes()
    assert records.import_account(owner, content).added > 4
    assert records.to_bytes(records.export_account(owner)) == content
    assert Session.objects.count() == 1
    assert OwnedDevice.objects.count() == 1
    words = text_of(client.get("/plan/"))
    assert "minutes" in words
    assert "changed since you kept your plan" in words or "Softer fine lines" in words
    assert client.get("/session/").status_code == 200
    assert client.get("/api/v1/player").json()["plans"][0]["routine"]["zones"][0]["site"] == "cheek"


def test_a_course_without_together_is_its_plan():
    plan = photodose.plan("fine_lines_wrinkles", "omnilux-contour-face", photodose.skin("cheek", skin_type="III"))
    course = Course(plan)
    assert course.protocol == plan.protocol
    assert course.routine == plan.routine
    assert course.shares() == course.left_out() == []
    assert course.stages == [("", plan.protocol.minutes)]
