"""The event API: sent twice stored once, whatever fails in between."""

from __future__ import annotations

import random
import uuid

import pytest

from photodose.app.models import DeletedSession, Plan, Reaction, Session, SessionEvent

pytestmark = pytest.mark.django_db


def whole(make_event):
    return [
        make_event(0, "shield", 0),
        make_event(1, "start", 1),
        make_event(2, "tick", 16),
        make_event(3, "pause", 101),
        make_event(4, "resume", 201),
        make_event(5, "zone_done", 701),
        make_event(6, "finish", 701),
    ]


def test_a_session_is_made_by_its_first_batch(put, plan, make_event):
    session_id = uuid.uuid4()
    answer = put(session_id, whole(make_event), plan=plan)
    assert answer.status_code == 200
    session = answer.json()["session"]
    assert session["status"] == "finished"
    assert session["confirmed_s"] == pytest.approx(600)
    assert session["assumed_s"] == 0
    assert session["eyes_confirmed"] is True
    assert session["zones"] == [{"site": "face", "planned_s": 600, "confirmed_s": 600, "assumed_s": 0}]
    stored = Session.objects.get(pk=session_id)
    assert stored.engine_version == "0.1.0"
    assert stored.data_hash == "ab" * 32
    assert stored.device == plan.device


def test_repeating_splitting_and_shuffling_batches_changes_nothing(put, plan, make_event):
    events = whole(make_event)
    once, split = uuid.uuid4(), uuid.uuid4()
    put(once, [e | {"id": str(uuid.uuid4())} for e in events], plan=plan)
    order = events * 3
    random.Random(4).shuffle(order)
    for one in order:
        assert put(split, [one], plan=plan).status_code == 200
    assert SessionEvent.objects.filter(session_id=split).count() == len(events)
    a, b = Session.objects.get(pk=once), Session.objects.get(pk=split)
    for name in ("status", "confirmed_s", "assumed_s", "planned_s", "started_at", "ended_at", "local_date"):
        assert getattr(a, name) == getattr(b, name), name


def test_a_deleted_session_is_not_brought_back(client, put, make_event):
    session_id = uuid.uuid4()
    events = whole(make_event)
    put(session_id, events[:4])
    assert client.delete(f"/api/v1/sessions/{session_id}").status_code == 204
    assert put(session_id, events).status_code == 410
    assert not Session.objects.filter(pk=session_id).exists()
    assert DeletedSession.objects.filter(pk=session_id).exists()
    assert SessionEvent.objects.count() == 0


def test_an_event_id_of_another_session_is_refused(put, make_event):
    events = whole(make_event)
    put(uuid.uuid4(), events)
    other = uuid.uuid4()
    assert put(other, events).status_code == 409
    assert not Session.objects.filter(pk=other).exists()


@pytest.mark.parametrize(
    "broken",
    [
        {"timezone": "Mars/Olympus"},
        {"zones": []},
        {"zones": [{"site": "face", "seconds": -1}]},
        {"zones": [{"site": "a\u0000b", "seconds": 60}]},
        {"events": []},
        {"surprise": 1},
    ],
)
def test_bad_batches_are_refused_in_one_sentence(client, batch, make_event, broken):
    body = batch([make_event(0, "start", 0)]) | broken
    answer = client.put(f"/api/v1/sessions/{uuid.uuid4()}", body, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert answer.json()["detail"]
    assert Session.objects.count() == 0


def test_late_entry_counts_as_assumed_and_not_before_it_was_done(client, person):
    body = {
        "started_at": "2026-03-01T19:00:00+01:00",
        "zones": [{"site": "knee", "seconds": 300}],
        "id": str(uuid.uuid4()),
    }
    first = client.post("/api/v1/sessions", body, content_type="application/json")
    assert first.status_code == 201
    assert first.json()["assumed_s"] == 300
    assert first.json()["confirmed_s"] == 0
    assert first.json()["status"] == "entered"
    again = client.post("/api/v1/sessions", body, content_type="application/json")
    assert again.json()["id"] == first.json()["id"]
    assert Session.objects.filter(person=person).count() == 1
    future = body | {"started_at": "2099-01-01T00:00:00Z", "id": None}
    assert client.post("/api/v1/sessions", future, content_type="application/json").status_code == 400


def test_a_correction_holds_against_events_that_arrive_later(client, put, make_event):
    session_id = uuid.uuid4()
    events = whole(make_event)
    put(session_id, events[:4])
    corrected = client.patch(
        f"/api/v1/sessions/{session_id}", {"seconds": [240.0], "note": "moved"}, content_type="application/json"
    )
    assert corrected.status_code == 200
    assert corrected.json()["confirmed_s"] + corrected.json()["assumed_s"] == 240
    late = put(session_id, events[4:]).json()["session"]
    assert late["confirmed_s"] + late["assumed_s"] == 240
    assert late["note"] == "moved"
    wrong = client.patch(f"/api/v1/sessions/{session_id}", {"seconds": [1, 2]}, content_type="application/json")
    assert wrong.status_code == 400


@pytest.mark.parametrize("kind", ["blister", "redness", "eye", "headache"])
def test_a_reaction_pauses_the_plan_until_it_is_over(client, put, plan, make_event, kind):
    session_id = uuid.uuid4()
    put(session_id, whole(make_event), plan=plan)
    reaction = {"id": str(uuid.uuid4()), "kind": kind}
    path = f"/api/v1/sessions/{session_id}/reactions"
    first = client.post(path, reaction, content_type="application/json")
    assert first.status_code == 200
    client.post(path, reaction, content_type="application/json")
    assert Reaction.objects.count() == 1
    plan.refresh_from_db()
    assert plan.paused_because == kind
    assert client.get("/api/v1/player").json()["plans"][0]["paused_because"] == kind
    assert client.post(f"/api/v1/sessions/reactions/{reaction['id']}/resolve").status_code == 200
    plan.refresh_from_db()
    assert plan.paused_at is None


def test_fine_does_not_pause(client, put, plan, make_event):
    session_id = uuid.uuid4()
    put(session_id, whole(make_event), plan=plan)
    path = f"/api/v1/sessions/{session_id}/reactions"
    client.post(path, {"id": str(uuid.uuid4()), "kind": "fine"}, content_type="application/json")
    assert Plan.objects.get(pk=plan.pk).paused_at is None


def test_totals_by_site_of_day_and_week(client, put, make_event, person):
    person.timezone = "Europe/Berlin"
    person.save()
    zones = [{"site": "face", "seconds": 60.0}, {"site": "knee", "seconds": 120.0}]
    events = [
        make_event(0, "start", 0),
        make_event(1, "zone_done", 60),
        make_event(2, "start", 90, zone=1),
        make_event(3, "stop", 150, zone=1),
    ]
    day = put(uuid.uuid4(), events, zones=zones).json()["session"]["local_date"]
    totals = client.get(f"/api/v1/sessions/totals?day={day}").json()
    assert totals["day_s"] == {"face": 60.0, "knee": 60.0}
    assert totals["week_s"] == {"face": 60.0, "knee": 60.0}
    assert totals["week_sessions"] == totals["day_sessions"] == 1
