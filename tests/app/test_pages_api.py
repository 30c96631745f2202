"""The API of what photodose computes: the same answers as the commands', and no 5xx whatever is sent."""

from __future__ import annotations

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import photodose
from photodose import planning
from photodose.quantities import plain

pytestmark = pytest.mark.django_db

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = tuple(
    f"/api/v1/{name}"
    for name in ("devices", "skins", "goals", "drugs", "dose", "plan", "screen", "safety", "claims", "compare")
)
LIGHT = {"device": "omnilux-contour-face", "site": "cheek", "skin_type": "III"}


def post(client, path, **body):
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def test_lists_are_those_of_the_commands(client):
    assert client.get("/api/v1/goals").json() == plain(planning.goals())
    assert client.get("/api/v1/skins").json() == json.loads(json.dumps(plain(planning.skins())))
    assert len(client.get("/api/v1/devices?kind=mask").json()["devices"]) == len(planning.devices("mask")["devices"])
    assert client.get("/api/v1/devices/omnilux-contour-face").json()["id"] == "omnilux-contour-face"
    assert client.get("/api/v1/drugs?text=doxycyclin").json()["drugs"][0]["id"] == "doxycycline"


def test_a_dose_is_that_of_the_command(client):
    answer = post(client, "dose", minutes=10, **LIGHT)
    assert answer.status_code == 200
    own = photodose.dose(photodose.device(LIGHT["device"]), photodose.skin("cheek", skin_type="III"), 10)
    assert answer.json()["targets"] == json.loads(json.dumps(plain(own.to_dict()["targets"])))


def test_a_plan_a_screening_and_hazards(client):
    plan = post(client, "plan", goal="fine_lines_wrinkles", drugs=["doxycycline"], **LIGHT).json()
    assert plan["verdict"] == "caution"
    assert plan["protocol"]["minutes"] > 0
    assert post(client, "screen", drugs=["verteporfin"], device=LIGHT["device"]).json()["verdict"] == "stop"
    hazards = post(client, "safety", device=LIGHT["device"], minutes=10, eyes="shielded").json()
    assert {h["id"] for h in hazards["hazards"]} >= {"blue_light", "ir_eye", "skin_thermal"}
    assert hazards["skin_temperature_c"]["max"] > 30
    claims = post(client, "claims", text="This red light mask removes all wrinkles.").json()
    assert claims["claims"][0]["goal"] == "fine_lines_wrinkles"


def test_one_session_for_several_goals(client):
    goals = ["fine_lines_wrinkles", "smoother_appearance"]
    answer = post(client, "plan/together", goals=goals, **LIGHT)
    own = planning.plan_together(goals, LIGHT["device"], photodose.skin("cheek", skin_type="III"))
    assert answer.json() == json.loads(json.dumps(plain(own.to_dict())))
    barred = post(client, "plan/together", goals=goals, after="laser:3d", **LIGHT).json()
    assert barred["protocol"] is None
    assert barred["after"]["recent"] is True


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("dose", {"minutes": 10, **LIGHT, "device": "omnilux"}, 400, "did you mean"),
        ("dose", {"minutes": 10, **LIGHT, "device": "/etc/passwd"}, 400, "Unknown device"),
        ("dose", {"minutes": -1, **LIGHT}, 400, "minutes"),
        ("dose", {"minutes": 10, **LIGHT, "skin_type": "VII"}, 400, "skin type"),
        ("dose", {"minutes": 10, **LIGHT, "unit": "h"}, 422, "unit"),
        ("dose", {"minutes": 10, "site": "cheek", "skin_type": "I", "device": {"id": "x"}}, 400, "device"),
        ("plan", {"goal": "youth", **LIGHT}, 400, "Unknown goal"),
        ("plan/together", {"goals": ["acne", "acne"], **LIGHT}, 400, "different goals"),
        ("plan/together", {"goals": ["acne"], **LIGHT}, 422, "goals"),
        ("plan/together", {"goals": ["acne", "youth"], **LIGHT}, 400, "Unknown goal"),
        ("claims", {"text": " "}, 400, "empty"),
        ("safety", {"device": "omnilux-contour-face", "eyes": "winking"}, 422, "eyes"),
    ],
)
def test_bad_input_is_answered_in_one_sentence(client, path, body, status, words):
    answer = post(client, path, **body)
    assert answer.status_code == status
    assert words in json.dumps(answer.json())


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
def test_schemathesis_finds_no_breach(client, owner, mode):
    from photodose.app.wsgi import application

    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    seen: dict[str, set[int]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.startswith(OPERATIONS):
            try_out(operation, mode, seen.setdefault(operation.label, set()))
    assert len(seen) >= 9
    assert not {403, 500} & set().union(*seen.values())


def try_out(operation, mode, statuses) -> None:
    """Some requests to one operation, each answer held against the document."""
    try:
        strategy = operation.as_strategy(generation_mode=mode)
        strategy.validate()
    except Exception:
        if mode == GenerationMode.POSITIVE:
            raise
        return  # there is nothing to send wrongly

    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def attempt(case):
        answer = case.call()
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    try:
        attempt()
    except Unsatisfiable:
        assert mode == GenerationMode.NEGATIVE
