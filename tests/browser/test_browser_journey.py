"""From a fresh database to a logged session and its export, on a phone and on a desk."""

from __future__ import annotations

import json

import pytest


def test_from_nothing_to_a_logged_session_and_its_export(open_context, size, tmp_path, shot, accessible):
    page = open_context(size).new_page()
    page.clock.install()  # a session of ten minutes is run through in seconds
    page.goto("/")
    accessible(page)
    shot(page, "first-page", size)
    page.goto("/devices/add/")  # the set-up with doses and plans has its own test
    page.get_by_label("What do you call it?").fill("Evening mask")
    page.get_by_label("Mask", exact=True).check()
    page.get_by_label("Face", exact=True).check()
    page.get_by_label("Minutes for each place").fill("10")
    page.get_by_label("Eye shields on").check()
    accessible(page)
    shot(page, "add-device", size)
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("link", name="Start a session").click()
    begin = page.get_by_role("button", name="Start", exact=True)
    begin.wait_for()
    assert begin.is_disabled(), "the light must not start before the eyes are seen to"
    shot(page, "session-ready", size)
    accessible(page)
    page.get_by_text("My eye shields are on").click()
    begin.click()
    page.get_by_role("button", name="Pause").wait_for()
    page.clock.run_for(222_000)
    page.evaluate("window.dispatchEvent(new Event('online'))")  # the page's clock ran ahead of its network
    page.get_by_text("Saved").wait_for()
    shot(page, "session-running", size)
    accessible(page)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Go on").wait_for()
    shot(page, "session-paused", size)
    page.clock.run_for(90_000)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.clock.run_for(385_000)
    page.get_by_role("heading", name="Done").wait_for(timeout=30_000)
    shot(page, "session-done", size)
    accessible(page)
    page.get_by_role("button", name="Fine").click()
    page.wait_for_url("**/log/")
    page.get_by_text("finished").wait_for()
    shot(page, "log", size)
    accessible(page)

    page.goto("/yours/")
    accessible(page)
    shot(page, "yours", size)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="JSON").click()
    target = tmp_path / "export.json"
    waiting.value.save_as(target)
    exported = json.loads(target.read_text())
    sessions = [s for p in exported["people"] for s in p["sessions"]]
    assert len(sessions) == 1
    assert sessions[0]["status"] == "finished"
    assert sessions[0]["confirmed_s"] == pytest.approx(600, abs=0.01), "the pause counts nothing, the light all"
    assert sessions[0]["timezone"] == "Europe/Berlin"
    assert sessions[0]["eyes_confirmed"] is True
    assert [r["kind"] for p in exported["people"] for r in p["reactions"]] == ["fine"]
    page.goto("/")
    accessible(page)
    shot(page, "today", size)


def test_warning_before_a_session_beyond_the_plan_and_a_reaction_that_pauses(
    open_context, size, shot, accessible, give_plan
):
    page = open_context(size).new_page()
    page.clock.install()
    page.goto("/")
    give_plan(page, [("face", 600)], sessions_per_week=5)
    for turn in range(2):
        page.goto("/session/")
        page.get_by_text("My eye shields are on").click()
        page.get_by_role("button", name="Start", exact=True).click()
        if turn:
            page.get_by_role("heading", name="Before you start").wait_for()
            shot(page, "session-warning", size)
            accessible(page)
            page.get_by_role("button", name="Start all the same").click()
        page.get_by_role("button", name="Pause").wait_for()
        page.clock.run_for(602_000)
        page.get_by_role("heading", name="Done").wait_for(timeout=30_000)
        if not turn:
            page.get_by_role("button", name="Fine").click()
            page.wait_for_url("**/log/")
    page.get_by_role("button", name="A reaction").click()
    shot(page, "reaction", size)
    page.get_by_role("button", name="Something with my eyes").click()
    page.get_by_text("have your eyes examined today").wait_for()
    shot(page, "reaction-advice", size)
    accessible(page)
    page.get_by_role("button", name="To the log").click()
    page.wait_for_url("**/log/")
    page.goto("/")
    page.get_by_role("heading", name="Your routine is paused").wait_for()
    shot(page, "paused", size)
    accessible(page)
    sessions = page.request.get("/api/v1/sessions").json()
    assert sorted(s["warnings_accepted"] for s in sessions) == [[], ["plan:face"]]
    page.get_by_role("button", name="It is over").click()
    assert page.get_by_role("heading", name="Your routine is paused").count() == 0
