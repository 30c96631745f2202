"""The first page: three doors for who is new, today for who has begun."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from photodose.app import accounts, session_log
from photodose.app.models import Person, Plan, Session
from photodose.app.pages import DOORS
from photodose.app.pages.home.facts import facts
from photodose.app.standing import hold_of, open_reactions
from photodose.app.words import reaction_label, site_label


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Doors, and below them (or instead) the day."""
    person: Person | None = request.person
    plan = Plan.objects.filter(person=person, active=True).first() if person else None
    started = person is not None and (plan is not None or Session.objects.filter(person=person).exists())
    demonstration = person is not None and person.demonstration
    known = facts() if not started or demonstration else {}
    context: dict[str, object] = {
        "doors": [(door, known.get(door.url, "")) for door in DOORS],
        "started": started and not demonstration,
        "demonstration": demonstration,
        "owner_wanted": person is None and not accounts.anybody_can_sign_in(),
    }
    if person is not None and started:
        context |= today(person, plan)
    return render(request, "pages/home/index.html", context)


def today(person: Person, plan: Plan | None) -> dict[str, object]:
    """The plan, what was done today and this week, and what still hurts."""
    totals = session_log.totals(person)
    routine = plan.routine if plan else {}
    per_week = routine.get("sessions_per_week", 0)
    held = hold_of(person, plan) if plan else None
    return {
        "plan": plan,
        "held": held,
        "may_start": held is None or held.starts,
        "plan_minutes": sum(z["seconds"] for z in routine.get("zones", [])) / 60,
        "plan_sites": list(dict.fromkeys(site_label(z["site"]) for z in routine.get("zones", []))),
        "plan_steps": routine.get("steps", []),
        "per_week": per_week,
        "dots": [i < int(str(totals["week_sessions"])) for i in range(min(per_week, 14))],
        "totals": totals,
        "sites": sites_of(totals),
        "unresolved": [(r, reaction_label(r.kind)) for r in open_reactions(person)],
        "open_session": Session.objects.filter(
            person=person, status__in=(Session.Status.RUNNING, Session.Status.PAUSED)
        ).exists(),
    }


def sites_of(totals: dict[str, object]) -> list[dict[str, object]]:
    """Minutes by place, of the day and the week [min]."""
    day, week = totals["day_s"], totals["week_s"]
    assert isinstance(day, dict)
    assert isinstance(week, dict)
    return [
        {"label": site_label(site), "day": day.get(site, 0.0) / 60, "week": seconds / 60}
        for site, seconds in week.items()
    ]
