"""A real server in its own process, and the system's Chromium driven by Playwright."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AXE = Path(__file__).parent / "assets" / "axe.min.js"
SCREENSHOTS = ROOT / "docs" / "screenshots"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
]


def chromium() -> str:
    """The browser to drive: PHOTODOSE_CHROMIUM, or one of the system's (scripts/ensure_browser.sh installs it)."""
    names = (
        os.environ.get("PHOTODOSE_CHROMIUM", ""),
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    )
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("no Chromium here: run scripts/ensure_browser.sh, or set PHOTODOSE_CHROMIUM")
    return found


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(str(item.fspath)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


class Server:
    """`photodose serve` in a process group of its own, so that it can be killed as a power cut would."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> Server:
        command = [
            sys.executable,
            "-m",
            "photodose.cli",
            "serve",
            "--port",
            str(self.port),
            "--data-dir",
            str(self.data),
        ]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PHOTODOSE_", "DJANGO_"))}
        environment["PHOTODOSE_MACHINE_CODE"] = "0"  # each of these servers lives for seconds
        with (self.data.parent / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=environment, start_new_session=True, cwd=ROOT
            )
        for _ in range(600):
            if self.process.poll() is not None:
                pytest.fail("the server ended: " + (self.data.parent / "server.log").read_text()[-3000:])
            try:
                with urllib.request.urlopen(self.url + "/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return self
            except OSError:
                time.sleep(0.1)
        pytest.fail("the server did not start: " + (self.data.parent / "server.log").read_text()[-3000:])

    def kill(self) -> None:
        """kill -9 of all its processes."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode


@pytest.fixture
def server(tmp_path):
    data = tmp_path / "data"
    running = Server(data).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def playwright():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium_path():
    return chromium()


@pytest.fixture(scope="session")
def browser_arguments():
    return ARGUMENTS


@pytest.fixture(scope="session")
def browser(playwright, chromium_path):
    running = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
    yield running
    running.close()


def watch(context, url: str) -> list[str]:
    """Collect every request that does not go to `url`, and every script error and CSP refusal."""
    found: list[str] = []

    def seen(request) -> None:
        if not request.url.startswith((url, "data:", "blob:", "about:")):
            found.append("foreign request: " + request.url)

    def said(message) -> None:
        if message.type == "error" and "net::ERR" not in message.text and "status of 4" not in message.text:
            found.append("console: " + message.text)

    context.on("request", seen)
    context.on("console", said)
    context.on("weberror", lambda error: found.append("script error: " + str(error.error)))
    return found


@pytest.fixture(params=["phone", "desktop"])
def size(request):
    return request.param


@pytest.fixture
def open_context(browser, server):
    """Make a browser context of a size; at the end nothing foreign was asked for and no script failed."""
    contexts, troubles = [], []

    def make(size: str = "phone", **more):
        phone = size == "phone"
        context = browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            device_scale_factor=2 if phone else 1,
            has_touch=phone,
            locale=more.pop("locale", "en-GB"),
            timezone_id=more.pop("timezone_id", "Europe/Berlin"),
            reduced_motion="reduce",
            base_url=server.url,
            **more,
        )
        context.set_default_timeout(20_000)
        troubles.append(watch(context, server.url))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert not [line for found in troubles for line in found]


def plan_by_api(page, zones, **more) -> dict:
    """Make a routine by the API, as a page's own script would."""
    token = page.request.get("/api/v1/me").json()["csrf"]
    routine = {"zones": [{"site": s, "seconds": t} for s, t in zones], "sessions_per_week": 21, "eyes": "shielded"}
    answer = page.request.post(
        "/api/v1/my/plans",
        data={"name": "Evening mask", "routine": routine | more},
        headers={"X-CSRFToken": token, "Origin": "/".join(page.url.split("/")[:3])},
    )
    assert answer.status == 201, answer.text()
    return answer.json()


@pytest.fixture
def give_plan():
    return plan_by_api


@pytest.fixture
def shot():
    """Keep a picture of the screen for the documentation."""

    def take(page, name: str, size: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}-{size}.png", animations="disabled")

    return take


@pytest.fixture
def accessible():
    """axe finds nothing serious on this page."""

    def check(page) -> None:
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [
            f"{v['id']}: {v['help']} {[n['target'] for n in v['nodes']][:4]}"
            for v in found["violations"]
            if v["impact"] in {"serious", "critical"}
        ]
        assert not serious, f"{page.url}: {serious}"

    return check
