"""The log as a table: one row for each place of each session."""

from __future__ import annotations

import csv
import io
from typing import Any

from photodose.app.models import Person, Session
from photodose.app.session_log import zone_of

COLUMNS = (
    *("session_id", "local_date", "started_at", "timezone", "status", "plan", "device", "site", "planned_s"),
    *("confirmed_s", "assumed_s", "eyes_confirmed", "reactions", "note"),
)


def rows(person: Person) -> list[dict[str, Any]]:
    """The sessions of a person, oldest first; times with the offset that held there and then."""
    sessions = (
        Session.objects.filter(person=person).select_related("plan", "device").prefetch_related("zones", "reactions")
    )
    return [
        {
            "session_id": str(session.pk),
            "local_date": session.local_date.isoformat(),
            "started_at": session.started_at.astimezone(zone_of(session.timezone)).isoformat(timespec="seconds"),
            "timezone": session.timezone,
            "status": session.status,
            "plan": session.plan.name if session.plan else "",
            "device": session.device.name if session.device else "",
            "site": zone.site,
            "planned_s": round(zone.planned_s, 1),
            "confirmed_s": round(zone.confirmed_s, 1),
            "assumed_s": round(zone.assumed_s, 1),
            "eyes_confirmed": "yes" if session.eyes_confirmed else "no",
            "reactions": " ".join(r.kind for r in session.reactions.all()),
            "note": session.note,
        }
        for session in sessions.order_by("started_at", "id")
        for zone in session.zones.all()
    ]


def to_csv(person: Person) -> bytes:
    """CSV, UTF-8 with a byte order mark, so that spreadsheets read it right; no cell can become a formula."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for row in rows(person):
        writer.writerow([harmless(row[name]) for name in COLUMNS])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
