"""PDF by typst: the page to print or to take to a clinician. What people typed goes in as data, never as markup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

import photodose
from photodose.app.exports.table import rows
from photodose.app.models import Person, Plan, Reaction
from photodose.app.sentences import in_words
from photodose.app.words import reaction_label, site_label, status_label

TEMPLATES = Path(__file__).parent / "typst"


def render(template: str, data: dict[str, Any], folder: Path = TEMPLATES) -> bytes:
    """The PDF of a template of a folder, given its data as JSON."""
    import typst

    pdf = typst.compile(
        folder / f"{template}.typ",
        root=folder,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    assert isinstance(pdf, bytes)
    return pdf


def log_pdf(person: Person) -> bytes:
    """The log of a person: the active plan, reactions, and each session with its seconds by place."""
    plan = Plan.objects.filter(person=person, active=True).first()
    data = {
        "lang": get_language() or "en",
        "title": _("Light session log"),
        "name": person.name,
        "made": formats.date_format(timezone.localdate(), "DATE_FORMAT"),
        "version": photodose.__version__,
        "plan_title": _("Plan"),
        "plan": in_words(plan.name) if plan else _("No active plan"),
        "paused": _("Paused because of: %(what)s") % {"what": reaction_label(plan.paused_because)}
        if plan and plan.paused_because
        else "",
        "reactions_title": _("Reactions"),
        "reactions": [
            [
                formats.date_format(r.reported_at.astimezone(person.zone), "SHORT_DATETIME_FORMAT"),
                reaction_label(r.kind),
                r.note,
            ]
            for r in Reaction.objects.filter(person=person).exclude(kind=Reaction.Kind.FINE)
        ],
        "none": _("None reported."),
        "sessions_title": _("Sessions"),
        "columns": [_("Day"), _("Place"), _("Minutes"), _("of which assumed"), _("How")],
        "rows": [
            [
                row["started_at"][:16].replace("T", " "),
                site_label(row["site"]),
                formats.number_format((row["confirmed_s"] + row["assumed_s"]) / 60, 1),
                formats.number_format(row["assumed_s"] / 60, 1),
                status_label(row["status"]),
            ]
            for row in rows(person)
        ],
        "footer": _("Times are those of the place where the session was done. This log is not a medical diagnosis."),
    }
    return render("log", data)
