"""The API against its own OpenAPI document: whatever is sent, no 5xx and no answer that the document does not name."""

from __future__ import annotations

import uuid

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OWN = ("/api/v1/me", "/api/v1/player", "/api/v1/sessions", "/api/v1/my")
"""What the frame itself offers; what computes is tested beside the pages that show it."""


def test_the_document_names_every_operation(client, db):
    document = client.get("/api/v1/openapi.json").json()
    operations = [(path, method) for path, item in document["paths"].items() for method in item]
    assert len(operations) >= 18
    # the two tests by schemathesis, here and in test_pages_api.py, leave nothing out
    computed = ("devices", "skins", "goals", "drugs", "dose", "plan", "screen", "safety", "claims", "compare")
    assert not [path for path, _ in operations if not path.startswith((*OWN, *(f"/api/v1/{n}" for n in computed)))]
    for path, method in operations:
        assert document["paths"][path][method]["summary"], (path, method)


@pytest.mark.django_db
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
def test_schemathesis_finds_no_breach(plan, put, make_event, client, mode, monkeypatch):
    from photodose.app.wsgi import application

    put(uuid.uuid4(), [make_event(0, "start", 0), make_event(1, "finish", 600)], plan=plan)
    token = client.get("/api/v1/me", headers={"host": "localhost"}).json()["csrf"]
    cookie = client.cookies["photodose-csrf"].value
    signed = {"headers": {"X-CSRFToken": token}, "cookies": {"photodose-csrf": cookie}}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    seen: dict[str, set[int]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.startswith(OWN):
            try_out(operation, mode, signed, seen.setdefault(operation.label, set()))
    assert len(seen) >= 16
    assert all(seen.values())
    assert not {403, 500} & set().union(*seen.values())
    if mode == GenerationMode.POSITIVE:
        assert {200, 201} & set().union(*seen.values())


def try_out(operation, mode, signed, statuses) -> None:
    """Twenty requests to one operation, each answer held against the document."""
    strategy = operation.as_strategy(generation_mode=mode)
    nothing_to_break = not operation.body and not operation.query and not operation.path_parameters
    if mode == GenerationMode.NEGATIVE and nothing_to_break:
        statuses.add(0)
        return

    @settings(
        max_examples=20,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def attempt(case):
        answer = case.call(**signed)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    attempt()
