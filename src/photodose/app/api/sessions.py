"""Sessions: batches of events from the player, late entries, corrections, reactions, totals."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status

from photodose.app import session_log
from photodose.app.api.shapes import (
    REFUSALS,
    Batch,
    Correction,
    LateEntry,
    Problem,
    ReactionIn,
    ReactionOut,
    SessionOut,
    Stored,
    Totals,
)
from photodose.app.models import OwnedDevice, Person, Plan, Reaction, Session, SessionEvent, User
from photodose.quantities import InputError

router = Router(tags=["sessions"])
CONFLICTS = {409: Problem, 410: Problem}


def mine(request: HttpRequest) -> QuerySet[Session]:
    """The sessions of all people of the account."""
    return Session.objects.filter(person__owner=request.user).prefetch_related("zones", "reactions")


def part_of(person: Person, model: type[Any], pk: uuid.UUID | None) -> Any:
    """The person's own record of that id; None without one. A record of somebody else is not found."""
    return get_object_or_404(model, pk=pk, person=person) if pk else None


@router.get("", response={200: list[SessionOut], **REFUSALS}, summary="Sessions, newest first")
def listed(
    request: HttpRequest,
    since: date | None = None,
    limit: int = Query(100, ge=1, le=500),
) -> Any:
    sessions = mine(request).filter(person=request.person)
    if since:
        sessions = sessions.filter(local_date__gte=since)
    return list(sessions[:limit])


@router.post("", response={201: SessionOut, **REFUSALS, **CONFLICTS}, summary="Write down a session afterwards")
def entered(request: HttpRequest, entry: LateEntry) -> Any:
    person: Person = request.person
    if entry.started_at.tzinfo is None:
        raise InputError("started_at needs an offset from UTC, such as 2026-03-29T07:30:00+02:00.")
    if not timezone.now() - timedelta(days=3660) < entry.started_at:
        raise InputError("started_at is more than ten years ago; check the year.")
    try:
        session = session_log.enter_late(
            person,
            entry.started_at,
            entry.zones,
            plan=part_of(person, Plan, entry.plan),
            device=part_of(person, OwnedDevice, entry.device),
            note=entry.note,
            session_id=entry.id,
        )
    except session_log.DeletedError:
        return Status(410, {"detail": "This session was deleted."})
    except session_log.ForeignError:
        return Status(409, {"detail": "This id is in use."})
    return Status(201, mine(request).get(pk=session.pk))


@router.get("/totals", response={200: Totals, **REFUSALS}, summary="Seconds of light by site, of a day and its week")
def totals(request: HttpRequest, day: date | None = None) -> Any:
    if day is not None and not 1970 <= day.year <= 2100:
        raise InputError("day is outside the years 1970 to 2100.")
    return session_log.totals(request.person, day)


@router.get("/{uuid:session_id}", response={200: SessionOut, **REFUSALS}, summary="One session")
def one(request: HttpRequest, session_id: uuid.UUID) -> Any:
    return get_object_or_404(mine(request), pk=session_id)


@router.put(
    "/{uuid:session_id}",
    response={200: Stored, **REFUSALS, **CONFLICTS},
    summary="Store events; repeating changes nothing",
)
def store(request: HttpRequest, session_id: uuid.UUID, batch: Batch) -> Any:
    user: User = request.user
    person = get_object_or_404(Person, pk=batch.person, owner=user)
    session_log.zone_of(batch.timezone)
    events = [
        SessionEvent(
            id=e.id,
            sequence=e.sequence,
            kind=e.kind,
            zone=e.zone,
            wall_ms=e.wall_ms,
            monotonic_ms=e.monotonic_ms,
            boot=e.boot,
            data=e.data.model_dump(exclude_none=True),
        )
        for e in batch.events
    ]
    # a plan or device deleted while the phone was offline must not lose the session
    plan = Plan.objects.filter(pk=batch.plan, person=person).first() if batch.plan else None
    device = OwnedDevice.objects.filter(pk=batch.device, person=person).first() if batch.device else None
    try:
        session = session_log.store_batch(person, session_id, batch.zones, batch.timezone, events, plan, device)
    except session_log.DeletedError:
        return Status(410, {"detail": "This session was deleted."})
    except session_log.ForeignError:
        return Status(409, {"detail": "An id of this batch is in use elsewhere."})
    return {"acknowledged": [e.id for e in batch.events], "session": mine(request).get(pk=session.pk)}


@router.patch("/{uuid:session_id}", response={200: SessionOut, **REFUSALS}, summary="Correct the seconds or the note")
def correct(request: HttpRequest, session_id: uuid.UUID, correction: Correction) -> Any:
    session = get_object_or_404(mine(request), pk=session_id)
    session_log.edit(session, correction.seconds, correction.note)
    return mine(request).get(pk=session_id)


@router.delete("/{uuid:session_id}", response={204: None, **REFUSALS}, summary="Delete a session for good")
def delete(request: HttpRequest, session_id: uuid.UUID) -> Any:
    session_log.delete(get_object_or_404(mine(request), pk=session_id), request.user)
    return Status(204, None)


@router.post(
    "/{uuid:session_id}/reactions", response={200: ReactionOut, **REFUSALS, **CONFLICTS}, summary="How it was taken"
)
def react(request: HttpRequest, session_id: uuid.UUID, reaction: ReactionIn) -> Any:
    session = get_object_or_404(mine(request), pk=session_id)
    try:
        return session_log.report_reaction(session.person, reaction.kind, session, reaction.note, reaction.id)
    except session_log.ForeignError:
        return Status(409, {"detail": "This id is in use."})


@router.post("/reactions/{uuid:reaction_id}/resolve", response={200: ReactionOut, **REFUSALS}, summary="It is over")
def resolve(request: HttpRequest, reaction_id: uuid.UUID) -> Any:
    reaction = get_object_or_404(Reaction, pk=reaction_id, person__owner=request.user)
    session_log.resolve(reaction)
    return reaction
