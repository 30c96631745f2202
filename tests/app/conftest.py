"""Django for the tests of the application: a data folder of their own, the settings that ship, plain static files."""

from __future__ import annotations

import os
import tempfile
import uuid
from pathlib import Path

import pytest

DATA = Path(tempfile.mkdtemp(prefix="photodose-tests-"))
os.environ["PHOTODOSE_DATA_DIR"] = str(DATA)
os.environ["DJANGO_SETTINGS_MODULE"] = "photodose.app.settings"
os.environ.setdefault("PHOTODOSE_MODE", "loopback")
for name in ("PHOTODOSE_HOSTS", "PHOTODOSE_PORT"):
    os.environ.pop(name, None)

from django.conf import settings  # noqa: E402

if not settings.configured:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    import django

    django.setup()

from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402

ensure_connection = BaseDatabaseWrapper.ensure_connection  # before pytest-django guards it
ZONES = [{"site": "face", "seconds": 600.0}]


@pytest.fixture
def owner(db):
    from photodose.app import accounts

    return accounts.implicit_owner()


@pytest.fixture
def person(owner):
    from photodose.app.people import first_person

    return first_person(owner)


@pytest.fixture
def plan(person):
    from photodose.app.models import OwnedDevice
    from photodose.app.plans import store_plan

    device = OwnedDevice.objects.create(person=person, name="Mask", spec={"kind": "mask"})
    return store_plan(
        person,
        "Evening mask",
        {"zones": ZONES, "sessions_per_week": 5, "eyes": "shielded", "time": "20:30", "days": [0, 2, 4]},
        inputs={"goal": "wrinkles"},
        result={"protocol": {"minutes": 10}},
        engine_version="0.1.0",
        data_hash="ab" * 32,
        device=device,
    )


@pytest.fixture
def scratch(db, monkeypatch):
    """Let the scratch databases of backups be opened: the guard of the tests knows only those of the settings."""
    guarded = BaseDatabaseWrapper.ensure_connection

    def ensure(self):
        return ensure_connection(self) if self.alias.startswith("scratch_") else guarded(self)

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", ensure)


def event(
    sequence: int, kind: str, seconds: float, *, wall: float | None = None, boot: str = "a", zone: int = 0, **data
):
    """An event at `seconds` on the monotonic clock [s] and, unless `wall` says otherwise, as late on the wall clock."""
    base = 1_774_000_000_000.0
    return {
        "id": str(uuid.uuid4()),
        "sequence": sequence,
        "kind": kind,
        "zone": zone,
        "wall_ms": base + 1000 * (seconds if wall is None else wall),
        "monotonic_ms": 1000.0 * seconds,
        "boot": boot,
        "data": data,
    }


@pytest.fixture
def make_event():
    return event


@pytest.fixture
def batch(person):
    """The body of a PUT with these events."""

    def make(events, zones=ZONES, timezone="Europe/Berlin", plan=None):
        return {
            "person": str(person.pk),
            "timezone": timezone,
            "zones": zones,
            "events": events,
            "plan": str(plan.pk) if plan else None,
        }

    return make


@pytest.fixture
def put(client, batch):
    """Send events of a session; returns the answer."""

    def send(session_id, events, **more):
        return client.put(f"/api/v1/sessions/{session_id}", batch(events, **more), content_type="application/json")

    return send
