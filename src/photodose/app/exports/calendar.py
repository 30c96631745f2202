"""The plan as appointments whose titles say nothing about health."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vRecur

from photodose.app.models import CalendarFeed, Person, Plan
from photodose.app.routine import Routine, parse_routine

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SPREAD = {1: (0,), 2: (0, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4), 6: (0, 1, 2, 3, 4, 5)}
DEFAULT_TIME = "20:00"


def days_of(routine: Routine) -> tuple[int, ...]:
    """The days of the week of a routine, Monday 0: those chosen, else spread evenly."""
    return tuple(sorted(set(routine.days))) or SPREAD.get(routine.sessions_per_week, tuple(range(7)))


def first_day(start: date, days: tuple[int, ...]) -> date:
    """The first of `days` on or after `start`."""
    return next(start + timedelta(days=n) for n in range(7) if (start + timedelta(days=n)).weekday() in days)


def to_ics(person: Person) -> bytes:
    """The active, unpaused plans as recurring events in the person's own time zone, right across daylight saving."""
    calendar = Calendar()
    calendar.add("prodid", "-//photodose//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Routine"))
    for plan in Plan.objects.filter(person=person, active=True, paused_at__isnull=True).order_by("created_at", "id"):
        calendar.add_component(event_of(plan, person))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def ics_of(person: Person, routine: dict[str, Any]) -> bytes:
    """A routine that is not kept (yet) as a calendar file."""
    calendar = Calendar()
    calendar.add("prodid", "-//photodose//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event_of(Plan(person=person, routine=routine), person))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def event_of(plan: Plan, person: Person) -> Event:
    """One plan's recurring event; an opaque id, a neutral title, no description."""
    routine = parse_routine(plan.routine)
    days = days_of(routine)
    hour, minute = (int(part) for part in (routine.time or DEFAULT_TIME).split(":"))
    begins = datetime.combine(
        first_day(plan.created_at.astimezone(person.zone).date(), days), time(hour, minute), person.zone
    )
    event = Event()
    event.add("uid", hashlib.sha256(plan.pk.bytes).hexdigest()[:32] + "@photodose")
    event.add("summary", _("Routine"))
    event.add("dtstamp", plan.created_at.astimezone(UTC))
    event.add("dtstart", begins)
    event.add("duration", timedelta(minutes=max(1, round(routine.planned_s / 60))))
    event.add("rrule", vRecur({"FREQ": ["WEEKLY"], "BYDAY": [DAYS[d] for d in days]}))
    event.add("class", "PRIVATE")
    return event


def new_feed(person: Person) -> str:
    """Revoke the feeds there are and make a new one; the token returned is stored nowhere, only its hash."""
    revoke_feeds(person)
    token = secrets.token_urlsafe(32)
    CalendarFeed.objects.create(person=person, token_hash=hash_of(token))
    return token


def revoke_feeds(person: Person) -> None:
    """Make the addresses given out so far answer "not found"."""
    CalendarFeed.objects.filter(person=person, revoked_at__isnull=True).update(revoked_at=timezone.now())


def person_of(token: str) -> Person | None:
    """Whose feed a token opens; None if unknown or revoked."""
    feed = (
        CalendarFeed.objects.filter(token_hash=hash_of(token), revoked_at__isnull=True).select_related("person").first()
    )
    return feed.person if feed and hmac.compare_digest(feed.token_hash, hash_of(token)) else None


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
