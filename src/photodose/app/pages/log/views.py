"""The log: what was done, day by day; late entry, correction, deletion."""

from __future__ import annotations

import uuid
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from photodose.app import session_log
from photodose.app.forms import LateForm
from photodose.app.models import Plan, Reaction, Session
from photodose.app.pages.home.views import sites_of
from photodose.app.pages.session.words import advice
from photodose.app.people import own_person
from photodose.app.routine import Zone
from photodose.app.session_log import zone_of
from photodose.app.words import reaction_label, site_label, status_label
from photodose.quantities import InputError


def shown(session: Session) -> dict[str, Any]:
    """A session as the templates show it: local times, words, minutes."""
    zone = zone_of(session.timezone)
    return {
        "session": session,
        "started": session.started_at.astimezone(zone),
        "ended": session.ended_at.astimezone(zone) if session.ended_at else None,
        "sites": ", ".join(site_label(z.site) for z in session.zones.all()),
        "minutes": session.delivered_s / 60,
        "planned": session.planned_s / 60,
        "status": status_label(session.status),
        "reactions": [reaction_label(r.kind) for r in told(session)],
        "zones": [
            {
                "label": site_label(z.site),
                "minutes": (z.confirmed_s + z.assumed_s) / 60,
                "assumed": z.assumed_s / 60,
                "planned": z.planned_s / 60,
            }
            for z in session.zones.all()
        ],
    }


REACTIONS = [kind for kind in Reaction.Kind.values if kind != Reaction.Kind.FINE]
"""What may be told of a session afterwards, as at its end."""


def told(session: Session) -> list[Reaction]:
    """The session's reactions, "fine" left out."""
    return [reaction for reaction in session.reactions.all() if reaction.kind != Reaction.Kind.FINE]


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Sessions by day, newest first, thirty a page; the day's and the week's total by place."""
    person = request.person
    sessions = (
        Session.objects.filter(person=person).prefetch_related("zones", "reactions").order_by("-started_at", "id")
    )
    page = Paginator(sessions, 30).get_page(request.GET.get("page"))
    days = [(day, [shown(s) for s in group]) for day, group in groupby(page.object_list, key=lambda s: s.local_date)]
    totals = session_log.totals(person)
    return render(
        request, "pages/log/index.html", {"days": days, "page": page, "totals": totals, "sites": sites_of(totals)}
    )


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Write down a session that was forgotten."""
    person = request.person
    plan = Plan.objects.filter(person=person, active=True).first()
    zones = plan.routine["zones"] if plan else []
    initial = {
        "started": timezone.localtime().replace(second=0, microsecond=0),
        "sites": [z["site"] for z in zones],
        "minutes": round(zones[0]["seconds"] / 60, 2) if zones else 10,
    }
    form = LateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        seconds = float(form.cleaned_data["minutes"]) * 60
        places = [Zone(site=site, seconds=seconds) for site in form.cleaned_data["sites"]]
        try:
            session_log.enter_late(
                own_person(request), form.cleaned_data["started"], places, plan=plan, note=form.cleaned_data["note"]
            )
        except InputError as problem:
            form.add_error("started", str(problem))
        else:
            messages.success(request, _("Written down."))
            return HttpResponseRedirect(reverse("log:index"))
    return render(request, "pages/log/add.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """One session: look at it, correct its minutes and its note."""
    sessions = Session.objects.prefetch_related("zones", "reactions").select_related("plan", "device")
    session = get_object_or_404(sessions, pk=session_id, person__owner=request.user)
    problem = ""
    if request.method == "POST":
        try:
            seconds = [minutes_to_seconds(value) for value in request.POST.getlist("minutes")]
            session_log.edit(session, seconds, clean_note(request.POST.get("note", "")))
        except InputError as refused:
            problem = str(refused)
        else:
            messages.success(request, _("Changed."))
            return HttpResponseRedirect(reverse("log:index"))
    context = {
        "shown": shown(session),
        "told": [(reaction_label(r.kind), advice().get(r.kind, "")) for r in told(session)],
        "kinds": [(kind, reaction_label(kind)) for kind in REACTIONS],
        "problem": problem,
        "events": session.events.count(),
    }
    return render(request, "pages/log/one.html", context, status=400 if problem else 200)


@login_required
@require_POST
def react(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """A reaction that showed itself later: kept with the session; it pauses the routine as one told at its end does."""
    session = get_object_or_404(Session, pk=session_id, person__owner=request.user)
    kind = request.POST.get("kind", "")
    if kind not in REACTIONS:
        return HttpResponseRedirect(reverse("log:one", args=[session_id]))
    session_log.report_reaction(session.person, kind, session)
    messages.success(request, _("Written down."))
    return HttpResponseRedirect(reverse("log:one", args=[session_id]))


def clean_note(note: str) -> str:
    """The note, without what cannot be stored."""
    return note.replace("\x00", "")[:500]


def minutes_to_seconds(text: str) -> float:
    """Typed minutes (comma or point) as seconds [s]; raises InputError unless 0 to 120 minutes."""
    try:
        minutes = float(text.strip().replace(",", "."))
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes <= 120:
        raise InputError(_("Give the minutes of each place as a number from 0 to 120."))
    return minutes * 60


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Delete a session, after asking."""
    session = get_object_or_404(Session, pk=session_id, person__owner=request.user)
    if request.method == "POST":
        session_log.delete(session, request.user)
        messages.success(request, _("Deleted."))
        return HttpResponseRedirect(reverse("log:index"))
    return render(request, "pages/log/delete.html", {"shown": shown(session)})


@login_required
@require_POST
def over(request: HttpRequest, reaction_id: uuid.UUID) -> HttpResponse:
    """A reaction is over: the routine goes on."""
    session_log.resolve(get_object_or_404(Reaction, pk=reaction_id, person__owner=request.user))
    return HttpResponseRedirect(reverse("home:index"))
