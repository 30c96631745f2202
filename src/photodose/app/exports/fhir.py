"""The record as a FHIR R4B Bundle (HL7 FHIR 4.3.0); only resources and elements that R4 (4.0.1) has in the same form.

Patient, Device, Procedure (each session) and Observation (light delivered by place, reactions, scores). The codes are
photodose's own: no terminology licence is needed to read them, and each carries its text.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from photodose.app.models import OutcomeScore, OwnedDevice, Person, Reaction, Session
from photodose.app.session_log import zone_of

SYSTEM = "urn:uuid:6c9a3f0e-5f8e-4b5e-9a5d-0f2f6f1d7c11"
"""photodose's own code system, named by a UUID."""
STATUS = {
    Session.Status.FINISHED: "completed",
    Session.Status.ENTERED: "completed",
    Session.Status.STOPPED: "stopped",
    Session.Status.RUNNING: "in-progress",
    Session.Status.PAUSED: "on-hold",
}
UCUM = "http://unitsofmeasure.org"


def to_bundle(person: Person) -> dict[str, Any]:
    """The bundle as JSON values, validated against the R4B models before it is handed out."""
    from fhir.resources.R4B.bundle import Bundle

    resources = [patient(person), *(device(d) for d in person.devices.all()), *session_resources(person)]
    resources += [reaction(r) for r in person.reactions.all()] + [score(s) for s in person.scores.all()]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in resources],
    }
    Bundle.model_validate(bundle)
    return bundle


def patient(person: Person) -> dict[str, Any]:
    resource: dict[str, Any] = {"resourceType": "Patient", "id": str(person.pk), "active": True}
    if person.name.strip():
        resource["name"] = [{"text": person.name.strip()}]
    return resource


def device(owned: OwnedDevice) -> dict[str, Any]:
    return {
        "resourceType": "Device",
        "id": str(owned.pk),
        "status": "inactive" if owned.retired else "active",
        "deviceName": [{"name": owned.name.strip() or "device", "type": "user-friendly-name"}],
        "patient": ref(owned.person_id),
    }


def session_resources(person: Person) -> Iterator[dict[str, Any]]:
    """A Procedure for each session and an Observation of the light at each of its places."""
    for session in person.sessions.order_by("started_at", "id").prefetch_related("zones"):
        yield procedure(session)
        for zone in session.zones.all():
            yield light(session, zone)


def procedure(session: Session) -> dict[str, Any]:
    zone = zone_of(session.timezone)
    period = {"start": when(session.started_at.astimezone(zone))}
    if session.ended_at and session.ended_at >= session.started_at:
        period["end"] = when(session.ended_at.astimezone(zone))
    resource: dict[str, Any] = {
        "resourceType": "Procedure",
        "id": str(session.pk),
        "status": STATUS[Session.Status(session.status)],
        "code": concept("session", "Red light session at home"),
        "subject": ref(session.person_id),
        "performedPeriod": period,
        "bodySite": [{"text": z.site} for z in session.zones.all()],
    }
    if session.device_id:
        resource["usedReference"] = [ref(session.device_id)]
    if session.note.strip():
        resource["note"] = [{"text": session.note.strip()}]
    return resource


def light(session: Session, zone: Any) -> dict[str, Any]:
    """Seconds of light at one place; confirmed and assumed apart."""
    return {
        "resourceType": "Observation",
        "id": str(uuid.uuid5(session.pk, f"zone {zone.position}")),
        "status": "final" if session.status in Session.DONE else "preliminary",
        "code": concept("light-time", "Time of light"),
        "subject": ref(session.person_id),
        "effectiveDateTime": when(session.started_at.astimezone(zone_of(session.timezone))),
        "bodySite": {"text": zone.site},
        "partOf": [ref(session.pk)],
        "valueQuantity": seconds(zone.confirmed_s + zone.assumed_s),
        "component": [
            {"code": concept("planned", "Planned"), "valueQuantity": seconds(zone.planned_s)},
            {
                "code": concept("confirmed", "Confirmed by both clocks or by the person"),
                "valueQuantity": seconds(zone.confirmed_s),
            },
            {"code": concept("assumed", "Assumed"), "valueQuantity": seconds(zone.assumed_s)},
        ],
    }


def reaction(stored: Reaction) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "Observation",
        "id": str(stored.pk),
        "status": "final",
        "code": concept("reaction", "Reaction after a session"),
        "subject": ref(stored.person_id),
        "effectiveDateTime": when(stored.reported_at.astimezone(stored.person.zone)),
        "valueCodeableConcept": concept(stored.kind, str(Reaction.Kind(stored.kind).label)),
    }
    if stored.session_id:
        resource["partOf"] = [ref(stored.session_id)]
    if stored.note.strip():
        resource["note"] = [{"text": stored.note.strip()}]
    return resource


def score(stored: OutcomeScore) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": str(stored.pk),
        "status": "final",
        "code": concept(stored.instrument, stored.instrument),
        "subject": ref(stored.person_id),
        "effectiveDateTime": when(stored.taken_at.astimezone(stored.person.zone)),
        "valueQuantity": {"value": stored.value, "unit": stored.unit},
    }


def when(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def ref(pk: object) -> dict[str, str]:
    return {"reference": f"urn:uuid:{pk}"}


def seconds(value: float) -> dict[str, Any]:
    return {"value": round(value, 1), "unit": "s", "system": UCUM, "code": "s"}


def concept(code: str, text: str) -> dict[str, Any]:
    return {"coding": [{"system": SYSTEM, "code": code.replace(" ", "-"), "display": text}], "text": text}
