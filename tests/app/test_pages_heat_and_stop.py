"""Pages of a strong panel speak of heat wherever they speak of its light, and a stop comes before any dose."""

from __future__ import annotations

import html
import json
import re

import pytest

from photodose.app.pages.dose.views import minutes_of
from photodose.app.pages.plan.views import times_the_trial

pytestmark = pytest.mark.django_db

MASK = {"goal": "fine_lines_wrinkles", "device": "omnilux-contour-face", "site": "cheek", "skin_type": "III"}
PANEL = {
    "goal": "fine_lines_wrinkles", "device": "own", "site": "cheek", "skin_type": "III",
    "own_name": "Strong panel", "own_kind": "panel", "own_peak_0": "660", "own_irradiance_0": "100",
    "own_peak_1": "850", "own_irradiance_1": "80", "own_distance": "15", "own_width": "30", "own_height": "60",
}  # fmt: skip
SHIELDS = "With shields over the eyes this would stay inside the limits."


@pytest.fixture(autouse=True)
def _owner(person):
    """The implicit owner of a computer at home."""


def read(client, path: str) -> str:
    body = re.sub(r"<script.*?</script>", " ", client.get(path).content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_shields_are_no_help_against_heat(client):
    client.post("/setup/", PANEL)
    assert "It could be reached after" in read(client, "/safety/own/?minutes=10")
    assert SHIELDS not in read(client, "/safety/own/?minutes=10")
    client.post("/setup/", PANEL | {"own_irradiance_0": "20", "own_irradiance_1": "30"})
    assert "It could be reached after" not in read(client, "/safety/own/?minutes=60")
    assert SHIELDS in read(client, "/safety/own/?minutes=60"), "here the eyes alone are past a limit"


def test_the_verdict_page_speaks_of_heat(client):
    client.post("/setup/", PANEL)
    words = read(client, "/verdict/")
    assert "Past a limit for skin heat too: 41 °C could be reached after" in words
    assert "may be too long for the skin" in words
    client.post("/setup/", MASK)
    assert "skin heat" not in read(client, "/verdict/")


def test_the_dose_page_says_after_how_many_minutes_the_skin_may_be_too_hot(client):
    client.post("/setup/", PANEL)
    page = client.get("/dose/?minutes=60").content.decode()
    data = json.loads(re.search(r'<script id="dose-data" type="application/json">(.*?)</script>', page, re.S)[1])
    claimed, likely = data["heat"]["careful_limit_s"], data["heat"]["limit_s"]
    assert 0 < claimed < 600
    assert likely is None or likely > claimed
    assert re.search(r"limit of 41 °C could be reached after [\d.]+ minutes", read(client, "/dose/?minutes=60"))
    assert "too long" in data["words"]["hot_claimed"]
    client.post("/setup/", MASK)
    assert "limit of 41 °C" not in read(client, "/dose/")


def test_a_stop_stands_before_any_dose(client):
    client.post("/setup/", MASK)
    assert "that worked in the trial" in read(client, "/dose/")
    part = client.post("/setup/", MASK, headers={"HX-Request": "true"}).content.decode()
    assert "J/cm²" in part.split('id="understood"')[0]
    part = client.post("/setup/", MASK | {"medicines": "verteporfin"}, headers={"HX-Request": "true"}).content.decode()
    assert "J/cm²" not in part.split('id="understood"')[0]
    words = read(client, "/dose/")
    assert "that worked in the trial" not in words
    assert words.index("Do not use this light now.") < words.index("A cut through your skin")


def test_a_stop_stands_before_the_example_too(client):
    client.post("/setup/", {"medicines": "verteporfin"})
    assert "Do not use this light now." in read(client, "/dose/")


def test_many_times_the_trials_dose_is_said_plainly(client):
    client.post("/setup/", MASK)
    assert "that trial did not test so much" in read(client, "/plan/?minutes=60&per_week=14")
    assert "that trial did not test so much" not in read(client, "/plan/?minutes=10&per_week=5")
    assert times_the_trial({"share_of_trial_dose": 6.04}) == "6"
    assert times_the_trial({"share_of_trial_dose": 1.9}) == ""
    assert times_the_trial({}) == ""
    assert minutes_of(None) is None
