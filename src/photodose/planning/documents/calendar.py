"""The sessions of a plan as a calendar (RFC 5545); titles say nothing about health."""

from __future__ import annotations

import hashlib
import json
import math
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from photodose.planning.documents.libraries import needed
from photodose.planning.protocol import Plan
from photodose.planning.several import Together
from photodose.quantities import InputError, plain

TITLE: Final = "Routine"
SHIELDS: Final = "Eye shields on."
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SPREAD: Final = {1: (0,), 2: (0, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4), 6: (0, 1, 2, 3, 4, 5)}
"""Days of the week, Monday 0, for a number of sessions a week."""
USUAL_TIME: Final = "20:00"
USUAL_WEEKS: Final = 12.0
"""Length of the calendar where neither the trial nor the goal says how long [weeks]."""
_TIME: Final = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9]$")


def plan_ics(
    plan: Plan,
    start: date | None = None,
    at: str = USUAL_TIME,
    now: datetime | None = None,
    together: Together | None = None,
) -> bytes:
    """A recurring event for each kind of session, for the weeks of the trial, in local time wherever it is opened.

    Parameters
    ----------
    plan : Plan
        With a protocol (or one for a clinician, who agreed).
    start : date or None
        First possible day; tomorrow unless given.
    at : str
        Time of day, "20:00".
    now : datetime or None
        Stamp of the file; the present unless given.
    together : Together or None
        The session for several goals, which takes the place of the plan's own.

    Raises
    ------
    InputError
        If the plan has no protocol, or the time is none.
    """
    shown = plan.protocol or plan.for_clinician if together is None else together.session
    if shown is None:
        raise InputError("this plan has no protocol, so there is nothing to put into a calendar.")
    if not isinstance(at, str) or not _TIME.match(at):
        raise InputError(f"the time of day must look like 20:00, not {str(at)[:20]!r}.")
    icalendar = needed("icalendar")
    shielded = together.shields_needed if together is not None else bool(plan.hazards and plan.hazards.shields_needed)
    stamp = (now or datetime.now(UTC)).astimezone(UTC)
    first = start or (stamp.date() + timedelta(days=1))
    per_day = max(1, math.ceil((shown.sessions_per_week or 1.0) / 7.0))
    per_week = max(1, round((shown.sessions_per_week or 1.0) / per_day))
    days = SPREAD.get(per_week, tuple(range(7)))
    weeks = shown.weeks or plan.weeks_until_fair_judgement or USUAL_WEEKS
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//photodose//EN")
    calendar.add("version", "2.0")
    hour, minute = (int(part) for part in at.split(":"))
    for turn, minutes in enumerate(_lengths(shown)):
        for number in range(per_day):
            begins = datetime.combine(_first_day(first, days), time(hour, minute)) - timedelta(hours=number * 12.0)
            event = _event(icalendar, plan, (turn, number), begins, minutes, days, weeks, stamp, len(_lengths(shown)))
            if shielded and shown.eyes == "shielded":
                event.add("description", SHIELDS)
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def _lengths(shown: Any) -> list[float]:
    """Minutes of each kind of session: one, or one for each band in turn."""
    return list(shown.minutes_by_band.values()) if shown.sessions == "alternating" else [shown.minutes]


def _first_day(start: date, days: tuple[int, ...]) -> date:
    """The first of `days` on or after `start`."""
    return next(start + timedelta(days=n) for n in range(7) if (start + timedelta(days=n)).weekday() in days)


def _event(
    icalendar: Any,
    plan: Plan,
    which: tuple[int, int],
    begins: datetime,
    minutes: float,
    days: tuple[int, ...],
    weeks: float,
    stamp: datetime,
    turns: int,
) -> Any:
    """One recurring event. Sessions in turn take the days of the week one after the other."""
    own = tuple(day for i, day in enumerate(days) if i % turns == which[0]) if turns <= len(days) else days
    begins = datetime.combine(_first_day(begins.date(), own), begins.time())
    event = icalendar.Event()
    key = json.dumps([plain(plan.inputs), which], sort_keys=True, ensure_ascii=False)
    event.add("uid", hashlib.sha256(key.encode()).hexdigest()[:32] + "@photodose")
    event.add("summary", TITLE if turns == 1 else f"{TITLE} {'ABCDEFGH'[which[0]]}")
    event.add("dtstamp", stamp)
    event.add("dtstart", begins)
    event.add("duration", timedelta(minutes=max(1, math.ceil(minutes))))
    rule = {"FREQ": ["WEEKLY"], "BYDAY": [DAYS[day] for day in own], "COUNT": [max(1, round(weeks * len(own)))]}
    if turns > len(days):
        rule |= {"INTERVAL": [turns], "COUNT": [max(1, round(weeks * len(own) / turns))]}
        event["dtstart"] = icalendar.vDatetime(begins + timedelta(weeks=which[0]))
    event.add("rrule", icalendar.vRecur(rule))
    event.add("class", "PRIVATE")
    return event
