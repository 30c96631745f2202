"""What must not be lost: the network, the server and the browser go away in the middle of a session.

PHOTODOSE_KILLS sets how often each is killed (default 3; `make kills` asks for 50 and takes ten minutes).
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import time

import psutil
import pytest
from playwright.sync_api import Error

KILLS = int(os.environ.get("PHOTODOSE_KILLS", "3"))


def begin(page, seconds: float, give_plan, **more) -> None:
    page.goto("/")
    give_plan(page, [("face", seconds)], **more)
    page.goto("/session/")
    page.get_by_text("My eye shields are on").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("button", name="Pause").wait_for()


def sessions_of(page) -> list[dict]:
    answer = page.request.get("/api/v1/my/export")
    assert answer.status == 200
    return [s for person in json.loads(answer.text())["people"] for s in person["sessions"]]


def only_session(page) -> dict:
    found = sessions_of(page)
    assert len(found) == 1, "one session, neither lost nor doubled"
    return found[0]


def test_offline_from_the_middle_of_a_session_to_its_end(open_context, give_plan, shot, size):
    context = open_context(size)
    page = context.new_page()
    page.goto("/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    begin(page, 8, give_plan)
    page.wait_for_timeout(1500)
    context.set_offline(True)
    page.get_by_text("No network").wait_for()
    shot(page, "session-offline", size)
    page.get_by_role("heading", name="Done").wait_for(timeout=30_000)
    page.get_by_role("button", name="Fine").click()
    page.get_by_text("Ready?").wait_for(timeout=30_000)  # the shell comes from this phone
    assert sessions_of(page)[0]["status"] == "running", "the server has not heard of the end"
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.get_by_text("Saved").wait_for(timeout=30_000)
    session = only_session(page)
    assert session["status"] == "finished"
    assert session["confirmed_s"] == pytest.approx(8, abs=0.01)
    assert [e["sequence"] for e in session["events"]] == list(range(len(session["events"])))
    page.goto("/log/")
    page.get_by_text("finished").wait_for()


def test_a_session_can_begin_without_the_network(open_context, give_plan):
    context = open_context("phone")
    page = context.new_page()
    page.goto("/")
    give_plan(page, [("knee", 3)])
    page.goto("/session/")
    page.get_by_text("Saved").wait_for()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.get_by_text("Ready?").wait_for()
    context.set_offline(True)
    page.reload()
    page.get_by_text("My eye shields are on").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("heading", name="Done").wait_for(timeout=30_000)
    assert sessions_of_online(context, page) == []
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.get_by_text("Saved").wait_for(timeout=30_000)
    assert only_session(page)["confirmed_s"] == pytest.approx(3, abs=0.01)


def sessions_of_online(context, page) -> list[dict]:
    """The server's sessions, asked for beside the page that is offline."""
    context.set_offline(False)
    try:
        return sessions_of(page)
    finally:
        context.set_offline(True)


def test_kill_the_server_at_random_moments(open_context, server, give_plan):
    dice = random.Random(20)
    page = open_context("phone").new_page()
    begin(page, 6.0 * KILLS, give_plan)
    for _ in range(KILLS):
        page.wait_for_timeout(dice.uniform(100, 2500))
        server.kill()
        page.wait_for_timeout(dice.uniform(0, 800))
        if page.get_by_role("button", name="Pause").count() and dice.random() < 0.5:
            page.get_by_role("button", name="Pause").click()
            page.get_by_role("button", name="Go on").click()
        server.start()
    page.get_by_role("heading", name="Done").wait_for(timeout=60_000 + 10_000 * KILLS)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.get_by_text("Saved").wait_for(timeout=30_000)
    session = only_session(page)
    assert session["status"] == "finished"
    assert session["confirmed_s"] + session["assumed_s"] == pytest.approx(6.0 * KILLS, abs=0.01)
    assert session["assumed_s"] == 0
    assert [e["sequence"] for e in session["events"]] == list(range(len(session["events"])))


class Phone:
    """A browser with a profile on the disk, that can be killed and started again."""

    def __init__(self, playwright, folder, url: str, executable: str, arguments: list[str]) -> None:
        self.launch = lambda: playwright.chromium.launch_persistent_context(
            folder,
            executable_path=executable,
            args=arguments,
            viewport={"width": 390, "height": 844},
            base_url=url,
            timezone_id="Europe/Berlin",
            locale="en-GB",
        )
        self.folder = str(folder)
        self.open()

    def open(self):
        self.context = self.launch()
        self.page = self.context.new_page()
        return self.page

    def kill(self) -> None:
        """kill -9 of every process of this profile; children first would let the parent write."""
        mine = [
            p
            for p in psutil.Process().children(recursive=True)
            if self.folder in " ".join(p.cmdline() if p.status() != psutil.STATUS_ZOMBIE else [])
        ]
        assert mine, "there is no browser to kill"
        for process in sorted(mine, key=lambda p: p.create_time()):
            if process.is_running():
                process.kill()
        psutil.wait_procs(mine, 10)
        with contextlib.suppress(Error):  # it is gone already
            self.context.close()


def test_kill_the_browser_at_random_moments(playwright, chromium_path, browser_arguments, tmp_path, server, give_plan):
    dice = random.Random(21)
    phone = Phone(playwright, tmp_path / "profile", server.url, chromium_path, browser_arguments)
    page = phone.page
    begin(page, 3600, give_plan)
    resumed = page.evaluate("Date.now()")
    light = 0.0
    for _ in range(KILLS):
        page.wait_for_timeout(dice.uniform(200, 3000))
        light += (page.evaluate("Date.now()") - resumed) / 1000
        phone.kill()
        page = phone.open()
        page.goto("/session/")
        page.get_by_role("heading", name="Did the light stay on?").wait_for()
        page.get_by_role("button", name="No, it was off").click()
        page.get_by_role("button", name="Go on").wait_for()
        page.get_by_text("Saved").wait_for()
        session = only_session(page)
        assert light - 1.0 <= session["confirmed_s"] <= light + 0.5, "a crash loses a second at most"
        assert session["assumed_s"] == 0
        assert [e["sequence"] for e in session["events"]] == list(range(len(session["events"])))
        light = session["confirmed_s"]
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Pause").wait_for()
        resumed = page.evaluate("Date.now()")
    page.get_by_role("button", name="End").click()
    page.get_by_role("button", name="End").click()
    page.get_by_role("heading", name="Done").wait_for()
    page.get_by_text("Saved").wait_for()
    assert only_session(page)["status"] == "stopped"
    phone.context.close()


@pytest.mark.parametrize(
    ("answer", "confirmed", "assumed"),
    [("Yes, the whole time", True, False), ("I am not sure", False, True), ("No, it was off", False, False)],
)
def test_a_hidden_page_asks_whether_the_light_stayed_on(open_context, give_plan, shot, answer, confirmed, assumed):
    context = open_context("phone")
    page = context.new_page()
    begin(page, 600, give_plan)
    hide = """hidden => {
        const get = () => hidden ? 'hidden' : 'visible';
        Object.defineProperty(document, 'visibilityState', {configurable: true, get});
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.wait_for_timeout(1000)
    page.evaluate(hide, True)
    left = time.monotonic()
    page.wait_for_timeout(3500)
    page.evaluate(hide, False)
    page.get_by_role("heading", name="Did the light stay on?").wait_for()
    if confirmed:
        shot(page, "session-gap", "phone")
    page.get_by_role("button", name=answer).click()
    page.get_by_role("button", name="Go on" if answer.startswith("No") else "Pause").wait_for()
    away = time.monotonic() - left
    page.get_by_role("button", name="End").click()
    page.get_by_role("button", name="End").click()
    page.get_by_role("heading", name="Done").wait_for()
    page.get_by_text("Saved").wait_for()
    session = only_session(page)
    assert (session["assumed_s"] > 3.4) == assumed
    assert session["assumed_s"] <= away
    assert (session["confirmed_s"] > 4.4) == confirmed
