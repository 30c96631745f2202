"""Every address, one by one: without an account nothing is given, and nobody sees another's records.

The list is made from the address table and the OpenAPI document, so a new address is in the test as soon as it exists.
"""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from photodose.app import accounts
from photodose.app.models import AuditEntry, CalendarFeed, OwnedDevice, Person, Reaction, Session, User
from photodose.app.plans import store_plan
from photodose.app.routine import Zone
from photodose.app.session_log import enter_late

pytestmark = pytest.mark.django_db

PUBLIC = {
    "healthz", "manifest.webmanifest", "sw.js", "offline/", "owner/", "install/", "install/authority.crt",
    "appearance/",
    "api/v1/openapi.json", "", "accounts/login/", "accounts/signup/", "accounts/logout/", "accounts/inactive/",
    "accounts/confirm-email/", "accounts/password/reset/", "accounts/password/reset/done/",
    "accounts/password/reset/key/done/", "accounts/2fa/authenticate/", "accounts/2fa/webauthn/login/",
    "accounts/2fa/webauthn/signup/", "accounts/login/code/confirm/", "accounts/2fa/trust/",
    "accounts/2fa/webauthn/", "accounts/reauthenticate/", "accounts/2fa/reauthenticate/",
    "setup/", "setup/devices/", "setup/forget/", "verdict/", "verdict/clinician.pdf", "dose/", "dose/picture.json",
    "plan/", "plan/plan.pdf", "compare/", "compare/side/", "evidence/", "evidence/<slug:goal>/", "claims/", "safety/",
    "safety/<str:device>/",
    *(f"api/v1/{name}" for name in ("devices", "devices/<device_id>", "skins", "goals", "drugs")),
    *(f"api/v1/{name}" for name in ("dose", "plan", "plan/together", "screen", "safety", "claims", "compare")),
}  # fmt: skip
"""Addresses that answer without an account; none of them gives anything that is stored about a person."""
TOKEN = {
    "calendar/<str:token>.ics",
    "metrics",
    "accounts/password/reset/key/<uidb36>-<key>/",
    "accounts/confirm-email/<key>/",
}


def routes(resolver=None, prefix: str = "") -> list[str]:
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + re.sub(
            r"[\\^$]|\(\?P<(\w+)>[^)]*\)", lambda m: f"<{m[1]}>" if m[1] else "", str(entry.pattern)
        )
        if isinstance(entry, URLResolver):
            found += routes(entry, route)
        elif isinstance(entry, URLPattern):
            found.append(route)
    return sorted(set(found))


def filled(route: str, ids: dict[str, object]) -> str:
    def value(match: re.Match) -> str:
        name = match[0].strip("<>").split(":")[-1]
        return str(ids.get(name, uuid.uuid4()))

    return "/" + re.sub(r"<[^>]+>", value, route)


@pytest.fixture
def strict(owner):
    """A server where somebody can sign in: the implicit owner is gone."""
    owner.set_password("a long pass phrase")
    owner.save()
    assert accounts.implicit_owner() is None
    return owner


@pytest.fixture
def belongings(strict):
    """One record of each kind, with its ids by the names that the addresses use."""
    person = Person.objects.create(owner=strict, name="Secret Name")
    device = OwnedDevice.objects.create(person=person, name="Secret Mask")
    plan = store_plan(person, "Secret Plan", {"zones": [{"site": "knee", "seconds": 60}]}, device=device)
    session = enter_late(
        person, timezone.now() - timedelta(hours=1), [Zone(site="knee", seconds=60)], plan, note="Secret Note"
    )
    reaction = Reaction.objects.create(person=person, session=session, kind="eye")
    return {
        "session_id": session.pk, "device_id": device.pk, "reaction_id": reaction.pk, "plan_id": plan.pk, "pk": "1",
        "person_id": person.pk,
    }  # fmt: skip


def test_the_list_is_whole():
    known = routes()
    assert len(known) > 50
    assert {"api/v1/sessions/<uuid:session_id>", "yours/export.json", "log/<uuid:session_id>/"} <= {
        r.replace("uuidstr", "uuid") for r in known
    }
    assert {r for r in PUBLIC if not r.startswith("accounts/")} <= set(known), (
        "PUBLIC names addresses that do not exist"
    )


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_without_an_account_nothing_is_given_and_nothing_changes(strict, belongings, method):
    client = Client()
    before = state()
    for route in routes():
        if route in PUBLIC or route in TOKEN:
            continue
        path = filled(route, belongings)
        answer = (
            getattr(client, method)(path, data={} if method == "get" else "{}", content_type="application/json")
            if method != "get"
            else client.get(path)
        )
        told = answer.status_code in {401, 403, 404, 405} or (
            answer.status_code == 302 and "/accounts/" in answer["Location"]
        )
        assert told, f"{method} {path} answered {answer.status_code}"
        assert b"Secret" not in answer.content, path
    assert state() == before


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_another_account_sees_and_changes_nothing_of_it(strict, belongings, method):
    stranger = User.objects.create_user("stranger", password="another long phrase")
    client = Client()
    client.force_login(stranger)
    client.get("/")
    before = state()
    for route in routes():
        path = filled(route, belongings)
        if "logout" in path or "<" not in route:
            if method != "get" or "logout" in path:
                continue  # addresses without an id act on the stranger's own things
            answer = client.get(path)
        elif method == "get":
            answer = client.get(path)
        else:
            body = {"person": str(belongings["person_id"])} if method == "put" else {}
            answer = getattr(client, method)(path, data=body, content_type="application/json")
        assert answer.status_code < 500, path
        assert b"Secret" not in answer.content, f"{method} {path}"
        if "<" in route and "accounts/" not in route:
            assert answer.status_code in {400, 401, 403, 404, 405, 422}, (
                f"{method} {path} answered {answer.status_code}"
            )
    assert state() == before


def test_what_is_public_tells_nothing(strict, belongings):
    client = Client()
    for route in PUBLIC:
        answer = client.get(filled(route, {}))
        assert answer.status_code < 500, route
        assert b"Secret" not in answer.content, route


def test_a_batch_for_somebody_elses_person_is_refused(strict, belongings, make_event):
    stranger = User.objects.create_user("stranger", password="another long phrase")
    client = Client()
    client.force_login(stranger)
    body = {
        "person": str(belongings["person_id"]), "timezone": "UTC", "zones": [{"site": "knee", "seconds": 60}],
        "events": [make_event(0, "start", 0)],
    }  # fmt: skip
    for target in (uuid.uuid4(), belongings["session_id"]):
        assert client.put(f"/api/v1/sessions/{target}", body, content_type="application/json").status_code == 404
    assert Session.objects.count() == 1


def test_changes_need_the_csrf_token(owner, belongings):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    for path in ("/api/v1/my/devices", f"/api/v1/sessions/{belongings['session_id']}/reactions", "/yours/erase/"):
        assert client.post(path, {}, content_type="application/json").status_code == 403
    assert client.delete(f"/api/v1/sessions/{belongings['session_id']}").status_code == 403
    assert Session.objects.exists()


def state() -> list[tuple[str, int]]:
    """Everything a person owns, counted and dated."""
    rows = [(m.__name__, m.objects.count()) for m in (OwnedDevice, Session, Reaction, CalendarFeed)]
    rows += [
        ("sessions", hash(repr(list(Session.objects.order_by("pk").values_list())))),
        ("people", Person.objects.filter(name="Secret Name").count()),
    ]
    rows += [("audit", AuditEntry.objects.exclude(action__startswith="sign").filter(actor__username="owner").count())]
    return rows
