"""A routine is held by what the person answers today and by a reaction that is not over."""

from __future__ import annotations

import uuid

import pytest

from photodose.app.models import Person, Plan, Reaction
from photodose.app.plans import store_plan
from photodose.app.standing import hold_of

pytestmark = pytest.mark.django_db

SETUP = {"goal": "fine_lines_wrinkles", "device": "omnilux-contour-face", "site": "cheek", "skin_type": "III"}


@pytest.fixture
def begun(client, person):
    """A person who has kept the plan of clear answers."""
    client.post("/setup/", SETUP)
    assert client.post("/plan/start/").headers["Location"] == "/session/"
    return person


def page(client, path="/") -> str:
    return client.get(path).content.decode()


def test_clear_answers_hold_nothing(client, begun):
    assert "Start a session" in page(client)
    answer = client.get("/api/v1/player").json()
    assert answer["held"] is None
    assert len(answer["plans"]) == 1


def test_answers_that_come_to_a_stop_hold_the_routine(client, begun):
    client.post("/setup/", SETUP | {"medicines": "verteporfin"})
    today = page(client)
    assert "Your routine is paused: do not use this light now" in today
    assert "verteporfin" in today.casefold()
    assert "Start a session" not in today
    answer = client.get("/api/v1/player").json()
    assert answer["plans"] == []
    assert answer["held"]["kind"] == "stop"
    assert any("verteporfin" in line.casefold() for line in answer["held"]["lines"])
    client.post("/setup/", SETUP)
    assert "Start a session" in page(client)
    assert client.get("/api/v1/player").json()["held"] is None


def test_a_question_is_shown_and_does_not_stop(client, begun):
    client.post("/setup/", SETUP | {"medicines": "unheardofine"})
    today = page(client)
    assert "Ask a doctor or pharmacist before you use this light." in today
    assert "Start a session" in today
    answer = client.get("/api/v1/player").json()
    assert answer["held"]["kind"] == "ask"
    assert len(answer["plans"]) == 1


def test_the_plans_own_device_is_screened(client, begun):
    """Answers about another device do not unlock the routine of this one."""
    client.post("/setup/", SETUP | {"medicines": "verteporfin", "device": ""})
    assert hold_of(Person.objects.get(pk=begun.pk), Plan.objects.get(active=True)).kind == "stop"


def test_a_blister_holds_until_it_has_healed(client, begun):
    reaction = Reaction.objects.create(person=begun, kind="blister")
    today = page(client)
    assert "Your routine is paused" in today
    assert "Start a session" not in today
    assert client.get("/api/v1/player").json()["held"]["kind"] == "paused"
    client.post(f"/log/reaction/{reaction.pk}/over/")
    assert "Start a session" in page(client)
    assert client.get("/api/v1/player").json()["held"] is None


def test_a_new_plan_is_no_way_round_a_reaction(person, plan):
    Reaction.objects.create(person=person, kind="blister")
    again = store_plan(person, "Another", plan.routine)
    assert again.paused_because == "blister"
    assert again.paused_at is not None


def test_a_reaction_can_be_told_later(client, put, plan, make_event):
    session_id = uuid.uuid4()
    put(session_id, [make_event(0, "start", 0), make_event(1, "finish", 600)], plan=plan)
    assert "A blister or burn" in page(client, f"/log/{session_id}/")
    answer = client.post(f"/log/{session_id}/reaction/", {"kind": "blister"})
    assert answer.headers["Location"] == f"/log/{session_id}/"
    told = page(client, f"/log/{session_id}/")
    assert '<section class="notice stop"><p><strong>A blister or burn' in told
    assert "Cool the skin" in told
    plan.refresh_from_db()
    assert plan.paused_because == "blister"
    client.post(f"/log/{session_id}/reaction/", {"kind": "nonsense"})
    client.post(f"/log/{session_id}/reaction/", {"kind": "fine"})
    assert Reaction.objects.count() == 1


def test_a_reaction_to_an_older_plans_session_pauses_the_present_one(client, put, person, plan, make_event):
    session_id = uuid.uuid4()
    put(session_id, [make_event(0, "start", 0), make_event(1, "finish", 600)], plan=plan)
    present = store_plan(person, "Another", plan.routine)
    client.post(f"/log/{session_id}/reaction/", {"kind": "eye"})
    present.refresh_from_db()
    assert present.paused_because == "eye"
