"""What is yours: export and import are identical, FHIR validates, tables and PDF are whole, backups restore."""

from __future__ import annotations

import csv
import io
import json
import uuid
from datetime import UTC, datetime

import pytest
from fhir.resources.R4B.bundle import Bundle

from photodose.app.exports import backup, records
from photodose.app.exports.calendar import new_feed
from photodose.app.exports.fhir import to_bundle
from photodose.app.exports.pdf import log_pdf
from photodose.app.exports.table import to_csv
from photodose.app.models import OutcomeScore, Person, Session, User
from photodose.app.session_log import edit, report_reaction
from photodose.quantities import InputError

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(put, plan, make_event, person, client):
    """A person with a bit of everything, odd characters included."""
    person.name = "Zoë =SUM(A1) «ü» #strong[x]"
    person.timezone = "Europe/Berlin"
    person.profile = {"ita_deg": 35.5, "drugs": ["doxycycline"], "empty": None}
    person.save()
    session_id = uuid.uuid4()
    events = [
        make_event(0, "start", 0),
        make_event(1, "hidden", 30),
        make_event(2, "gap", 35, wall=90, answer="unsure"),
    ]
    put(session_id, [*events, make_event(3, "stop", 36, wall=91)], plan=plan)
    session = Session.objects.get(pk=session_id)
    edit(session, note='=HYPERLINK("x") "quoted", naïve')
    report_reaction(person, "headache", session, "after an hour")
    OutcomeScore.objects.create(person=person, instrument="itch", value=0.1 + 0.2, items={"a": 1})
    client.post(
        "/api/v1/sessions",
        {"started_at": "2026-03-29T03:30:00+02:00", "zones": [{"site": "knee", "seconds": 300}]},
        content_type="application/json",
    )
    return person


def test_export_import_export_is_identical(life, owner):
    first = records.to_bytes(records.export_account(owner))
    other = User.objects.create(username="other")
    Person.objects.create(owner=other)
    with pytest.raises(InputError, match="somebody else"):
        records.import_account(other, first)
    assert Person.objects.filter(owner=other).count() == 1, "a refused import leaves nothing behind"
    Person.objects.filter(owner=owner).delete()
    Person.objects.create(owner=owner)  # the blank person that every account begins with
    counts = records.import_account(owner, first)
    assert counts.kept == 0
    assert counts.added > 10
    assert records.to_bytes(records.export_account(owner)) == first
    again = records.import_account(owner, first)
    assert again.added == 0, "reading it twice adds nothing"
    assert records.to_bytes(records.export_account(owner)) == first


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b'{"format": "photodose-export", "version": 99, "people": []}',
        b'{"format": "photodose-export", "version": 1, "people": 3}',
        b'{"format": "photodose-export", "version": 1, "people": [{"id": "x"}]}',
        b'{"format": "photodose-export", "version": 1, "people": [NaN]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_export_is_refused(owner, content):
    with pytest.raises(InputError):
        records.import_account(owner, content)


def test_every_broken_field_is_refused_and_nothing_is_kept(life, owner):
    """Each field in turn gets a value of the wrong kind; the import says no, and nothing of the file stays."""
    before = records.to_bytes(records.export_account(owner))
    exported = json.loads(before)["people"][0]
    Person.objects.filter(owner=owner).delete()
    free = {"spec", "measured", "inputs", "result", "data", "items", "warnings_accepted", "profile"}
    places = [((key, 0), record) for key in ("devices", "plans", "reactions", "scores") for record in exported[key][:1]]
    session = next(i for i, s in enumerate(exported["sessions"]) if s["events"])
    places += [(("sessions", session), exported["sessions"][session])]
    places += [(("sessions", session, key, 0), exported["sessions"][session][key][0]) for key in ("zones", "events")]
    tried = 0
    for path, record in places:
        for name in set(record) - free:
            broken = json.loads(before)
            target = broken["people"][0]
            for step in path:
                target = target[step]
            target[name] = {"wrong": 1} if not isinstance(record[name], dict | list) else "wrong"
            with pytest.raises(InputError):
                records.import_account(owner, json.dumps(broken).encode())
            assert not Session.objects.exists(), (path, name)
            tried += 1
    assert tried > 50
    records.import_account(owner, before)
    assert records.to_bytes(records.export_account(owner)) == before


def test_fhir_validates_and_says_how_long(life):
    bundle = to_bundle(life)
    parsed = Bundle.model_validate(json.loads(json.dumps(bundle)))
    kinds = [entry.resource.get_resource_type() for entry in parsed.entry]
    assert kinds.count("Procedure") == 2
    assert {"Patient", "Device", "Observation"} <= set(kinds)
    light = [e["resource"] for e in bundle["entry"] if e["resource"].get("code", {}).get("text") == "Time of light"]
    assert sorted(o["valueQuantity"]["value"] for o in light) == [91.0, 300.0]
    known = {e["fullUrl"] for e in bundle["entry"]}
    assert set(references(bundle)) <= known, "every reference leads to a resource of the bundle"


def references(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "reference":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


R4_AND_R4B = {
    "Patient": {"resourceType", "id", "active", "name"},
    "Device": {"resourceType", "id", "status", "deviceName", "patient"},
    "Procedure": {
        "resourceType",
        "id",
        "status",
        "code",
        "subject",
        "performedPeriod",
        "bodySite",
        "usedReference",
        "note",
    },
    "Observation": {"resourceType", "id", "status", "code", "subject", "effectiveDateTime", "bodySite", "partOf"}
    | {"valueQuantity", "valueCodeableConcept", "component", "note"},
}
"""Elements of the resource tables of hl7.org/fhir/R4 and hl7.org/fhir/R4B that stand in both in the same form."""


def test_fhir_uses_what_r4_and_r4b_share(life):
    for entry in to_bundle(life)["entry"]:
        resource = entry["resource"]
        assert set(resource) <= R4_AND_R4B[resource["resourceType"]]


def test_the_table_holds_each_place_and_no_formula(life):
    text = to_csv(life).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    found = sorted((r["site"], r["confirmed_s"], r["assumed_s"]) for r in rows)
    assert found == [("face", "31.0", "60.0"), ("knee", "0.0", "300.0")]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert {r["started_at"][-6:] for r in rows} <= {"+01:00", "+02:00"}


def test_the_pdf_is_made_and_typed_text_is_no_markup(life):
    pdf = log_pdf(life)
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 5000


def test_downloads_of_the_page(client, life):
    for name, kind in (("json", "application/json"), ("csv", "text/csv"), ("pdf", "application/pdf")):
        answer = client.get(f"/yours/export.{name}")
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith(kind)
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Cache-Control"] == "no-store"


def test_import_by_the_page(client, life, owner):
    content = client.get("/yours/export.json").content
    Person.objects.filter(owner=owner).delete()
    upload = io.BytesIO(content)
    upload.name = "export.json"
    client.post("/yours/import/", {"file": upload})
    assert client.get("/yours/export.json").content == content


def test_erase_takes_everything_and_says_what_stays(client, life, owner):
    asked = client.get("/yours/erase/")
    assert b"backups" in asked.content.lower()
    client.post("/yours/erase/", {})
    assert Session.objects.exists(), "not without being sure"
    done = client.post("/yours/erase/", {"sure": "on"})
    assert b"What stays" in done.content
    assert "storage" in done["Clear-Site-Data"]
    assert not Session.objects.exists()
    assert not Person.objects.filter(owner=owner).exclude(name="").exists()


def test_the_calendar_address_works_until_it_is_revoked(client, life):
    life.plans.update(paused_at=None)
    token = new_feed(life)
    answer = client.get(f"/calendar/{token}.ics")
    assert answer.status_code == 200
    assert b"BEGIN:VEVENT" in answer.content
    client.post("/yours/calendar/revoke/")
    assert client.get(f"/calendar/{token}.ics").status_code == 404
    assert client.get("/calendar/guess.ics").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_backup_restores_to_the_same(life, owner, tmp_path, scratch):
    before = records.to_bytes(records.export_account(owner))
    target = tmp_path / "b.age"
    record = backup.make_backup(target)
    assert record.restored_the_same
    raw = target.read_bytes()
    assert raw.startswith(b"age-encryption.org/v1")
    assert b"doxycycline" not in raw
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InputError, match="already holds sessions"):
        backup.restore_backup(target)
    Person.objects.all().delete()
    backup.restore_backup(target)
    assert records.to_bytes(records.export_account(owner)) == before


@pytest.mark.django_db(transaction=True)
def test_a_damaged_backup_is_refused_and_nothing_changes(life, owner, tmp_path, scratch):
    target = tmp_path / "b.age"
    backup.make_backup(target)
    raw = bytearray(target.read_bytes())
    raw[-20] ^= 1
    target.write_bytes(raw)
    before = records.to_bytes(records.export_account(owner))
    with pytest.raises(InputError, match="damaged"):
        backup.restore_backup(target, replace=True)
    assert records.to_bytes(records.export_account(owner)) == before


@pytest.mark.django_db(transaction=True)
def test_a_backup_that_restores_to_something_else_is_reported(life, tmp_path, monkeypatch, scratch):
    """The comparison can fail: a load that drops one row is found out."""
    whole = backup.load

    def lossy(content, using="default"):
        count = whole(content, using)
        Session.objects.using(using).first().delete()
        return count

    monkeypatch.setattr(backup, "load", lossy)
    with pytest.raises(RuntimeError, match="something else"):
        backup.make_backup(tmp_path / "b.age")


@pytest.mark.django_db(transaction=True)
def test_the_daily_backup_is_planned_once_and_makes_the_next(life, settings, scratch):
    from django_tasks import TaskResultStatus
    from django_tasks_db.management.commands.db_worker import Worker
    from django_tasks_db.models import DBTaskResult

    from photodose.app.models import BackupRecord
    from photodose.app.tasks import ensure_backup_is_planned

    ensure_backup_is_planned()
    ensure_backup_is_planned()
    assert DBTaskResult.objects.count() == 1
    DBTaskResult.objects.update(run_after=datetime(2020, 1, 1, tzinfo=UTC))
    Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=1,
        worker_id="test",
        excluded_queue_names=[],
    ).run()
    assert BackupRecord.objects.filter(restored_the_same=True).count() == 1
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY).get()
    assert waiting.run_after > datetime.now(UTC)
    files = list((settings.DATA_DIR / "backups").glob("*.age"))
    assert len(files) == 1
    files[0].unlink()
