"""Storing sessions: events of a phone, late entries, corrections, reactions; totals by day, week and site."""

from __future__ import annotations

import uuid
import zoneinfo
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from photodose.app import metrics
from photodose.app.delivery import deliver
from photodose.app.models import (
    AuditEntry,
    DeletedSession,
    OwnedDevice,
    Person,
    Plan,
    Reaction,
    Session,
    SessionEvent,
    SessionZone,
)
from photodose.app.routine import Zone
from photodose.app.zones import time_zones
from photodose.quantities import InputError


class DeletedError(Exception):
    """The session was deleted; its events are no longer wanted."""


class ForeignError(Exception):
    """The id is in use by somebody else, or by another session."""


def moment(wall_ms: float) -> datetime:
    """The moment of a wall clock's milliseconds since 1970 UTC [ms]."""
    return datetime.fromtimestamp(wall_ms / 1000, UTC)


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of that name; raises InputError if there is none."""
    if name not in time_zones():
        raise InputError(f"Unknown time zone {name[:64]!r}; use one such as Europe/Berlin.")
    return zoneinfo.ZoneInfo(name)


@transaction.atomic
def store_batch(
    person: Person,
    session_id: uuid.UUID,
    zones: Sequence[Zone],
    zone_name: str,
    events: Sequence[SessionEvent],
    plan: Plan | None = None,
    device: OwnedDevice | None = None,
) -> Session:
    """Store events of a session, making the session at its first batch. Sending a batch again changes nothing.

    Raises DeletedError if the session was deleted, ForeignError if an id belongs to somebody else or another session,
    InputError without an event.
    """
    if DeletedSession.objects.filter(pk=session_id).exists():
        raise DeletedError
    if not events:
        raise InputError("A session needs at least one event.")
    session = Session.objects.select_for_update().filter(pk=session_id).first()
    if session is None:
        session = begin(person, session_id, zones, zone_name, events, plan, device)
    elif session.person_id != person.pk:
        raise ForeignError
    for event in events:
        event.session = session
    known = set(SessionEvent.objects.filter(pk__in=[e.pk for e in events]).values_list("pk", "session_id"))
    if any(owner != session.pk for _, owner in known):
        raise ForeignError
    ids = {pk for pk, _ in known}
    fresh = [e for e in events if e.pk not in ids]
    SessionEvent.objects.bulk_create(fresh)
    metrics.EVENTS.labels("stored").inc(len(fresh))
    metrics.EVENTS.labels("repeated").inc(len(events) - len(fresh))
    reckon(session)
    return session


def begin(
    person: Person,
    session_id: uuid.UUID,
    zones: Sequence[Zone],
    zone_name: str,
    events: Sequence[SessionEvent],
    plan: Plan | None,
    device: OwnedDevice | None,
) -> Session:
    """Make the session that `events` begin."""
    first = min(events, key=lambda e: e.sequence)
    session = Session.objects.create(
        id=session_id,
        person=person,
        plan=plan,
        device=device or (plan.device if plan else None),
        timezone=zone_name,
        started_at=moment(first.wall_ms),
        local_date=moment(first.wall_ms).astimezone(zone_of(zone_name)).date(),
        planned_s=sum(zone.seconds for zone in zones),
        engine_version=plan.engine_version if plan else "",
        data_hash=plan.data_hash if plan else "",
    )
    SessionZone.objects.bulk_create(
        SessionZone(session=session, position=i, site=zone.site, planned_s=zone.seconds) for i, zone in enumerate(zones)
    )
    return session


def reckon(session: Session) -> None:
    """Reckon a session anew from all its events, and keep the result."""
    zones = list(session.zones.all())
    state = deliver(list(session.events.all()), [z.planned_s for z in zones])
    for zone, result in zip(zones, state.zones, strict=True):
        zone.confirmed_s, zone.assumed_s = result.confirmed_s, result.assumed_s
    SessionZone.objects.bulk_update(zones, ["confirmed_s", "assumed_s"])
    session.confirmed_s = sum(z.confirmed_s for z in zones)
    session.assumed_s = sum(z.assumed_s for z in zones)
    session.status = state.status
    session.eyes_confirmed = state.eyes_confirmed
    session.warnings_accepted = state.warnings
    if state.started_wall_ms is not None:
        session.started_at = moment(state.started_wall_ms)
        session.started_monotonic_ms = state.started_monotonic_ms
        session.local_date = session.started_at.astimezone(zone_of(session.timezone)).date()
    if state.ended_wall_ms is not None:
        session.ended_at = moment(state.ended_wall_ms)
    session.save()


def by_hand(session: Session, kind: str, seconds: Sequence[float], sequence: int) -> SessionEvent:
    """The event that records seconds written down by hand [s, one a place]; they count as assumed."""
    now = timezone.now().timestamp() * 1000
    data = {"zones": [{"confirmed_s": 0.0, "assumed_s": s} for s in seconds]}
    return SessionEvent(
        id=uuid.uuid4(), session=session, sequence=sequence, kind=kind, wall_ms=now, monotonic_ms=0.0, data=data
    )


@transaction.atomic
def enter_late(
    person: Person,
    started_at: datetime,
    zones: Sequence[Zone],
    plan: Plan | None = None,
    device: OwnedDevice | None = None,
    note: str = "",
    session_id: uuid.UUID | None = None,
) -> Session:
    """Write down a session afterwards; its seconds count as assumed. Raises InputError for one in the future.

    Sending the same `session_id` again returns what is stored.
    """
    if session_id and (stored := Session.objects.filter(pk=session_id).first()):
        if stored.person_id != person.pk:
            raise ForeignError
        return stored
    if session_id and DeletedSession.objects.filter(pk=session_id).exists():
        raise DeletedError
    if started_at > timezone.now():
        raise InputError("A session cannot be entered before it was done; give a time in the past.")
    session = Session.objects.create(
        id=session_id or uuid.uuid4(),
        person=person,
        plan=plan,
        device=device or (plan.device if plan else None),
        status=Session.Status.ENTERED,
        timezone=person.timezone,
        started_at=started_at,
        ended_at=started_at + timedelta(seconds=sum(z.seconds for z in zones)),
        local_date=started_at.astimezone(person.zone).date(),
        planned_s=sum(z.seconds for z in zones),
        note=note,
        engine_version=plan.engine_version if plan else "",
        data_hash=plan.data_hash if plan else "",
    )
    SessionZone.objects.bulk_create(
        SessionZone(session=session, position=i, site=z.site, planned_s=z.seconds) for i, z in enumerate(zones)
    )
    by_hand(session, "entered", [z.seconds for z in zones], 0).save(force_insert=True)
    reckon(session)
    return session


@transaction.atomic
def edit(session: Session, seconds: Sequence[float] | None = None, note: str | None = None) -> Session:
    """Correct the seconds of light [s, one a place] or the note; the correction is itself an event."""
    if seconds is not None:
        zones = list(session.zones.all())
        if len(seconds) != len(zones):
            raise InputError(f"This session has {len(zones)} places; give the seconds of each.")
        for zone, value in zip(zones, seconds, strict=True):
            if value > zone.planned_s:
                zone.planned_s = value
        SessionZone.objects.bulk_update(zones, ["planned_s"])
        session.planned_s = sum(z.planned_s for z in zones)
        last = max((e.sequence for e in session.events.all()), default=-1)
        by_hand(session, "edited", seconds, last + 1).save(force_insert=True)
    if note is not None:
        session.note = note
    session.save()
    reckon(session)
    return session


@transaction.atomic
def delete(session: Session, actor: object) -> None:
    """Delete a session with its events; a phone that sends them again cannot bring it back."""
    DeletedSession.objects.create(pk=session.pk, person=session.person)
    AuditEntry.objects.create(actor=actor, action="session deleted", object_kind="session", object_id=str(session.pk))
    session.delete()


@transaction.atomic
def report_reaction(
    person: Person, kind: str, session: Session | None = None, note: str = "", reaction_id: uuid.UUID | None = None
) -> Reaction:
    """Store how a session was taken; a blister, lasting redness, an eye symptom or a headache pauses the plan.

    Sending the same `reaction_id` again returns what is stored.
    """
    known = Reaction.objects.filter(pk=reaction_id).first() if reaction_id else None
    if known is not None:
        if known.person_id != person.pk:
            raise ForeignError
        return known
    reaction = Reaction.objects.create(
        id=reaction_id or uuid.uuid4(), person=person, session=session, kind=kind, note=note
    )
    if kind in Reaction.PAUSING:
        plans = Plan.objects.filter(person=person, active=True, paused_at__isnull=True)
        plans.update(paused_at=timezone.now(), paused_because=kind)
    return reaction


@transaction.atomic
def resolve(reaction: Reaction) -> None:
    """The reaction is over: a plan that it paused goes on, unless another reaction still pauses it."""
    reaction.resolved_at = reaction.resolved_at or timezone.now()
    reaction.save()
    open_kinds = set(
        Reaction.objects.filter(
            person=reaction.person, resolved_at__isnull=True, kind__in=Reaction.PAUSING
        ).values_list("kind", flat=True)
    )
    for plan in Plan.objects.filter(person=reaction.person, paused_at__isnull=False):
        if plan.paused_because not in open_kinds:
            plan.paused_at, plan.paused_because = None, ""
            plan.save()


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the week of `day`."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def seconds_by_site(person: Person, first: date, last: date) -> dict[str, float]:
    """Seconds of light by site [s] on the days from `first` to `last`, both included."""
    rows = (
        SessionZone.objects.filter(session__person=person, session__local_date__range=(first, last))
        .values("site")
        .annotate(seconds=Sum(F("confirmed_s") + F("assumed_s")))
        .order_by("site")
    )
    return {row["site"]: row["seconds"] for row in rows if row["seconds"] > 0}


def today_of(person: Person) -> date:
    """The day it is where the person is."""
    return timezone.now().astimezone(person.zone).date()


def totals(person: Person, day: date | None = None) -> dict[str, object]:
    """The day's and the week's seconds by site [s], and how many sessions the week has."""
    day = day or today_of(person)
    monday, sunday = week_of(day)
    done = Session.objects.filter(person=person, local_date__range=(monday, sunday), status__in=Session.DONE)
    return {
        "day": day,
        "day_s": seconds_by_site(person, day, day),
        "week_s": seconds_by_site(person, monday, sunday),
        "week_sessions": done.count(),
        "day_sessions": done.filter(local_date=day).count(),
    }
