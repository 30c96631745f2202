"""All that is stored of an account's people as one JSON object, and back again: export, import, export is identical."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from photodose.app.models import (
    OutcomeScore,
    OwnedDevice,
    Person,
    Plan,
    Reaction,
    Session,
    SessionEvent,
    SessionZone,
    User,
)
from photodose.app.routine import parse_routine, storable
from photodose.quantities import InputError

FORMAT, VERSION = "photodose-export", 1
LIMIT = 200_000
"""Records that one file may hold."""


@dataclass(frozen=True)
class Kind:
    """One kind of record: its model, the key of its list, its parent's field and the fields that are written."""

    model: type[models.Model]
    key: str
    fields: tuple[str, ...]
    parent: str = "person"


PERSON = Kind(Person, "people", ("id", "name", "timezone", "profile", "demonstration", "created_at"), "owner")
KINDS = (
    Kind(OwnedDevice, "devices", ("id", "name", "catalogue_id", "spec", "measured", "retired", "created_at")),
    Kind(
        Plan,
        "plans",
        (
            "id",
            "device",
            "name",
            "origin",
            "inputs",
            "result",
            "routine",
            "engine_version",
            "data_hash",
            "active",
            "paused_at",
            "paused_because",
            "created_at",
        ),
    ),
    Kind(
        Session,
        "sessions",
        (
            "id",
            "plan",
            "device",
            "status",
            "timezone",
            "local_date",
            "started_at",
            "started_monotonic_ms",
            "ended_at",
            "planned_s",
            "confirmed_s",
            "assumed_s",
            "eyes_confirmed",
            "warnings_accepted",
            "engine_version",
            "data_hash",
            "note",
            "created_at",
        ),
    ),
    Kind(Reaction, "reactions", ("id", "session", "kind", "note", "reported_at", "resolved_at")),
    Kind(OutcomeScore, "scores", ("id", "instrument", "value", "unit", "items", "taken_at")),
)
ZONE = Kind(SessionZone, "zones", ("position", "site", "planned_s", "confirmed_s", "assumed_s"), "session")
EVENT = Kind(
    SessionEvent,
    "events",
    ("id", "sequence", "kind", "zone", "wall_ms", "monotonic_ms", "boot", "data", "received_at"),
    "session",
)


def export_account(user: User) -> dict[str, Any]:
    """All people of an account with all that is stored of them, in an order that does not change."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "people": [export_person(p) for p in Person.objects.filter(owner=user)],
    }


def export_person(person: Person) -> dict[str, Any]:
    """One person with devices, plans, sessions, reactions and scores."""
    written = write(PERSON, person)
    for kind in KINDS:
        records = kind.model.objects.filter(person=person)
        if kind.model is Session:
            records = records.prefetch_related("zones", "events")
        written[kind.key] = [write(kind, record) for record in records]
    return written


def write(kind: Kind, record: models.Model) -> dict[str, Any]:
    """One record as JSON values; a session takes its zones and events along."""
    written = {name: plain(kind.model._meta.get_field(name), record) for name in kind.fields}
    if kind.model is Session:
        written["zones"] = [write(ZONE, zone) for zone in record.zones.all()]
        written["events"] = [write(EVENT, event) for event in record.events.all()]
    return written


def plain(field: models.Field, record: models.Model) -> Any:
    """The value of a field as JSON knows it."""
    value = getattr(record, field.attname)
    if value is None or isinstance(
        field, models.JSONField | models.BooleanField | models.FloatField | models.IntegerField
    ):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def to_bytes(exported: Mapping[str, Any]) -> bytes:
    """The file: UTF-8, keys in a fixed order, two spaces."""
    return (json.dumps(exported, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


@dataclass
class Imported:
    """How many records of a file were new and how many were there already."""

    added: int = 0
    kept: int = 0


def import_account(user: User, content: bytes) -> Imported:
    """Read a file that `export_account` wrote into an account, all or nothing; records already there are kept.

    Raises InputError, with one sentence, on anything that is not such a file.
    """
    try:
        exported = json.loads(content.decode("utf-8"), parse_constant=refuse_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as problem:
        raise InputError("This file is not a photodose export: it is not JSON.") from problem
    if not isinstance(exported, dict) or exported.get("format") != FORMAT:
        raise InputError("This file is not a photodose export: its format is another.")
    if exported.get("version") != VERSION:
        raise InputError(
            f"This export has version {exported.get('version')!r:.20}; this photodose reads version {VERSION}."
        )
    counts = Imported()
    with transaction.atomic():
        drop_blank_person(user)
        for person in rows(exported, "people"):
            import_person(user, person, counts)
    return counts


def refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number that can be kept")


def drop_blank_person(user: User) -> None:
    """Remove the person that every account begins with, as long as nothing is known of them."""
    for person in Person.objects.filter(owner=user, name="", profile={}, demonstration=False):
        if not any(kind.model.objects.filter(person=person).exists() for kind in KINDS):
            person.delete()


def rows(container: Mapping[str, Any], key: str) -> Iterable[dict[str, Any]]:
    """The list of records under a key."""
    found = container.get(key)
    if not isinstance(found, list) or len(found) > LIMIT or not all(isinstance(row, dict) for row in found):
        raise InputError(f"This export is not usable: {key!r} must be a list of records.")
    return found


def import_person(user: User, row: dict[str, Any], counts: Imported) -> None:
    """Add one person and what they have."""
    person = read(PERSON, row, user, counts)
    for kind in KINDS:
        for child in rows(row, kind.key):
            known = counts.kept
            record = read(kind, child, person, counts)
            if kind.model is Session and counts.kept == known:
                for part in (ZONE, EVENT):
                    for inner in rows(child, part.key):
                        read(part, inner, record, counts)


def read(kind: Kind, row: dict[str, Any], parent: models.Model, counts: Imported) -> Any:
    """Add one record below its parent, or keep the one that is there."""
    extra = set(row) - set(kind.fields) - {"zones", "events", *(k.key for k in KINDS)}
    missing = set(kind.fields) - set(row)
    if extra or missing:
        raise InputError(f"This export is not usable: a record of {kind.key} lacks or adds {sorted(extra | missing)}.")
    record = kind.model(**{kind.parent: parent})
    for name in kind.fields:
        field = kind.model._meta.get_field(name)
        setattr(record, field.attname, value_of(kind, field, row[name], record, parent))
    if "id" in kind.fields:
        stored = kind.model.objects.filter(pk=record.pk).first()
        if stored is not None:
            if getattr(stored, f"{kind.parent}_id") != parent.pk:
                raise InputError(f"This export is not usable here: a record of {kind.key} belongs to somebody else.")
            counts.kept += 1
            return stored
    record.save(force_insert=True)
    counts.added += 1
    return record


def value_of(kind: Kind, field: models.Field, value: Any, record: models.Model, parent: models.Model) -> Any:
    """The checked value of one field."""
    try:
        check_text(value)
        check_kind(field, value)
        if isinstance(field, models.ForeignKey):
            return reference(field, value, parent)
        if kind.model is Plan and field.name == "routine":
            parse_routine(value)
        if isinstance(field, models.JSONField):
            return value
        if isinstance(field, models.DateTimeField) and value is not None:
            parsed = field.to_python(value)
            if parsed.tzinfo is None:
                raise InputError("a time lacks its offset")
            return parsed
        return field.clean(value, record)
    except (ValidationError, ValueError, TypeError, AttributeError) as problem:
        raise InputError(
            f"This export is not usable: {field.name} of a record of {kind.key} has no valid value."
        ) from problem


def check_kind(field: models.Field, value: Any) -> None:
    """Raise ValueError unless a value has the JSON type in which the field is written."""
    if value is None or isinstance(field, models.JSONField):
        return
    if isinstance(field, models.BooleanField):
        fits = isinstance(value, bool)
    elif isinstance(field, models.FloatField | models.IntegerField):
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        fits = isinstance(value, str)
    if not fits:
        raise ValueError("another type")


def reference(field: models.ForeignKey, value: Any, parent: models.Model) -> Any:
    """The id of a record of the same person."""
    if value is None:
        return None
    found = field.related_model.objects.filter(pk=value, person=parent).first()
    if found is None:
        raise InputError("it points at a record that is not there")
    return found.pk


def check_text(value: Any, depth: int = 0) -> None:
    """Raise ValueError if any text below `value` cannot be stored, or the nesting is too deep."""
    if depth > 40:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        storable(value)
    elif isinstance(value, list):
        for item in value:
            check_text(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            storable(key)
            check_text(item, depth + 1)


def erase_account_data(user: User) -> None:
    """Delete all people of an account with all that is stored of them; backups made before still hold it."""
    with transaction.atomic():
        Person.objects.filter(owner=user).delete()
