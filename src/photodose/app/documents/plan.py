"""The plan to print: routine, minutes, why this number, how sure, what was found not to work."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from photodose.app.documents import document, interval
from photodose.app.templatetags.photodose import short
from photodose.app.wording import CERTAINTIES, VERDICTS, site_name
from photodose.planning import Plan


def plan_pdf(plan: Plan) -> bytes:
    """The plan as a PDF."""
    shown = plan.protocol or plan.for_clinician
    parts: list[dict[str, Any]] = []
    if shown is not None:
        title = _("Your plan") if plan.protocol else _("For your clinician")
        parts.append({"title": title, "pairs": protocol_rows(shown)})
    parts.append({"title": _("Why this number") if shown else _("No plan"), "text": [plan.why]})
    if plan.equivalent is not None:
        parts[-1]["pairs"] = [[_("Minutes, with interval"), interval(plan.equivalent.minutes, "min")]]
    if plan.routine:
        parts.append({"title": _("Each session"), "items": [[f"{s.title}.", s.detail] for s in plan.routine]})
    certainty = " ".join(str(words) for words in CERTAINTIES[plan.goal.certainty])
    parts.append({"title": _("Does it work?"), "text": [certainty, plan.goal.verdict]})
    against = [f for f in plan.to_dict()["evidence"] if f["direction"] == "negative"]
    if against:
        parts.append({"title": _("Found not to work"), "items": [[f"{f['citation']}.", f["outcome"]] for f in against]})
    parts.append(
        {
            "title": _("For you: %(verdict)s") % {"verdict": VERDICTS[plan.verdict.value][0]},
            "items": [[f"{r.matched or r.what}.", r.why] for r in plan.screening.reasons],
            "text": [*plan.limits, *plan.warnings],
            "small": [f"photodose {plan.engine['version']} · {plan.engine['data']} · {plan.engine['rules']}"],
        }
    )
    place = site_name(plan.skin.site.id)
    return document(_(plan.goal.goal), f"{plan.device.name}, {place}", parts)


def protocol_rows(shown: Any) -> list[list[str]]:
    """What to do, as pairs."""
    where = _("on the skin") if shown.distance_cm == 0 else f"{short(shown.distance_cm)} cm"
    rows = [[_("Minutes a session"), short(shown.minutes)], [_("Distance"), where]]
    if shown.sessions_per_week is not None:
        rows.append([_("Sessions a week"), short(shown.sessions_per_week)])
    if shown.weeks is not None:
        rows.append([_("Weeks"), short(shown.weeks)])
    if shown.words:
        rows.append([_("In turn"), shown.words])
    return rows
