"""What is done before somebody waits: pages and machine code at the start, the slider's distances after a page."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from photodose.app import physics, warm
from photodose.app.pages.dose.ahead import WAITING, Ahead, ahead, outwards

pytestmark = pytest.mark.django_db
PANEL = "/dose/?device=joovv-mini-3&assume=1"


@pytest.fixture(autouse=True)
def _owner(person):
    """The implicit owner of a computer at home."""
    ahead.waiting.clear()


def test_nearest_distances_first_as_the_page_asks_for_them():
    assert outwards([2.0, 5.0, 10.0, 15.0, 30.0], 10.0) == [5.0, 15.0, 2.0, 30.0]
    assert outwards([2.0, 5.0], 2.0) == [5.0]


def test_a_stop_is_known_before_it_is_asked_for(client):
    page = client.get(PANEL)
    island = page.context["picture"]
    order = outwards(island["stops"], island["distance_cm"])
    assert [light["distance_cm"] for light, _, _ in ahead.waiting] == order
    ahead.step()
    before = dict(physics._dose.answers)
    asked = {"device": "joovv-mini-3", "assume": "1", "distance_cm": str(order[0]), "minutes": str(island["minutes"])}
    if island["mode"]:
        asked["mode"] = island["mode"]
    picture = client.get(island["address"], asked).json()
    assert picture["distance_cm"] == order[0]
    assert dict(physics._dose.answers) == before, "the page's own question was another one"


def test_a_worn_device_has_nothing_to_compute_ahead(client):
    assert client.get("/dose/?device=omnilux-contour-face").status_code == 200
    assert not ahead.waiting


def test_the_newest_page_comes_first_and_the_oldest_is_forgotten():
    own = Ahead()
    for number in range(4):
        own.add({"page": number}, 10.0, None, [float(cm) for cm in range(10)])
    assert len(own.waiting) == WAITING
    found = [(light["page"], light["distance_cm"]) for light, _, _ in own.waiting]
    assert found[:3] == [(3, 0.0), (3, 1.0), (3, 2.0)]
    assert {page for page, _ in found} == {3, 2, 1}


def test_a_distance_that_the_device_refuses_stops_nothing(caplog):
    own = Ahead()
    light = {"device": "omnilux-contour-face", "site": "cheek", "skin_type": "II", "ita_deg": None}
    own.add(light | {"irradiance_mw_cm2": None, "assume": False}, 10.0, None, [40.0])
    own.step()
    assert not own.waiting
    assert not caplog.records


def test_every_template_is_loaded_and_the_example_known(caplog):
    caplog.set_level(logging.INFO, "photodose.warm")
    warm.attempt(warm.pages)
    warm.attempt(warm.example)
    assert [record.getMessage() for record in caplog.records] == ["warmed up", "warmed up"]


def test_a_part_that_fails_is_told_and_stops_nothing(caplog):
    def broken() -> None:
        raise ZeroDivisionError

    warm.attempt(broken)
    assert caplog.records[0].exc_info[0] is ZeroDivisionError


def test_the_kernel_compiles_in_a_process_of_its_own():
    subprocess.run([sys.executable, "-c", warm.COMPILE], check=True, timeout=300)
    assert warm.is_compiled()
