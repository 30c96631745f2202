"""Daylight saving and time zones: a day is the day on the wall where the session was done."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from photodose.app import session_log
from photodose.app.exports.calendar import to_ics
from photodose.app.models import Session

pytestmark = pytest.mark.django_db


def at(moment: datetime, make_event, sequence: int, kind: str, seconds: float):
    event = make_event(sequence, kind, seconds)
    return event | {"wall_ms": moment.timestamp() * 1000 + seconds * 1000}


@pytest.mark.parametrize(
    ("zone", "local", "day"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 1, 55), date(2026, 3, 29)),  # the clock jumps from 2:00 to 3:00
        ("Europe/Berlin", datetime(2026, 10, 25, 2, 55), date(2026, 10, 25)),  # the hour from 2:00 comes twice
        ("Pacific/Auckland", datetime(2026, 6, 1, 0, 5), date(2026, 6, 1)),  # still the day before in UTC
        ("America/Los_Angeles", datetime(2026, 6, 1, 23, 55), date(2026, 6, 1)),  # already the day after in UTC
        ("Pacific/Apia", datetime(2026, 1, 1, 0, 1), date(2026, 1, 1)),
    ],
)
def test_ten_minutes_are_ten_minutes_and_belong_to_the_day_they_began(put, make_event, zone, local, day):
    start = local.replace(tzinfo=ZoneInfo(zone))
    events = [at(start, make_event, 0, "start", 0), at(start, make_event, 1, "finish", 600)]
    session = put(uuid.uuid4(), events, timezone=zone).json()["session"]
    assert session["confirmed_s"] == pytest.approx(600)
    assert session["local_date"] == day.isoformat()


def test_a_week_begins_on_monday_and_follows_the_person(person):
    assert session_log.week_of(date(2026, 3, 29)) == (date(2026, 3, 23), date(2026, 3, 29))
    assert session_log.week_of(date(2026, 3, 30))[0] == date(2026, 3, 30)
    person.timezone = "Pacific/Kiritimati"
    assert session_log.today_of(person) == datetime.now(UTC).astimezone(ZoneInfo("Pacific/Kiritimati")).date()


def test_the_calendar_keeps_its_hour_across_the_change(person, plan):
    person.timezone = "Europe/Berlin"
    person.save()
    plan.created_at = datetime(2026, 3, 20, 12, tzinfo=UTC)
    plan.save()
    calendar = Calendar.from_ical(to_ics(person))
    event = next(iter(calendar.walk("VEVENT")))
    assert event.decoded("dtstart").replace(tzinfo=None) == datetime(2026, 3, 20, 20, 30)
    assert event["dtstart"].params["TZID"] == "Europe/Berlin"
    assert event["rrule"]["BYDAY"] == ["MO", "WE", "FR"]
    zone = next(iter(calendar.walk("VTIMEZONE")))
    assert {str(s.name) for s in zone.subcomponents} == {"STANDARD", "DAYLIGHT"}


def test_the_calendar_tells_nothing_about_health(person, plan):
    text = to_ics(person).decode()
    for word in ("mask", "light", "wrinkle", "face", "session", plan.name.lower(), str(plan.pk)):
        assert word not in text.lower().replace("photodose", ""), word


def test_the_browsers_time_zone_is_taken_once(client, person):
    client.cookies["photodose-timezone"] = "Europe%2FBerlin"
    client.get("/")
    person.refresh_from_db()
    assert person.timezone == "Europe/Berlin"
    client.cookies["photodose-timezone"] = "Asia%2FTokyo"
    client.get("/")
    person.refresh_from_db()
    assert person.timezone == "Europe/Berlin"
    assert Session.objects.count() == 0
