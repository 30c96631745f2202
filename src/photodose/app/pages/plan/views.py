"""The plan page: routine, minutes, why, certainty, what did not work; keep it, print it, put it into the calendar."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from photodose import evidence
from photodose.app import answers as kept
from photodose.app.answers import Answers
from photodose.app.documents import pdf_response
from photodose.app.exports.calendar import ics_of
from photodose.app.limits import anonymous_too_fast
from photodose.app.models import Person
from photodose.app.models import Plan as StoredPlan
from photodose.app.pages.plan.course import Course, course_of
from photodose.app.pages.plan.keeping import keep_plan, routine_of
from photodose.app.pages.setup.reading import number
from photodose.app.physics import attempt, plan_of
from photodose.app.sentences import in_words
from photodose.app.wording import CERTAINTIES, DESIGNS, TREATMENTS
from photodose.planning.documents import plan_pdf
from photodose.quantities import InputError


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The plan of the answers (or of the example), and the person's own schedule judged if they give one."""
    if anonymous_too_fast(request):
        return render(request, "error.html", {"title": _("Too many tries"), "text": _("Wait a minute.")}, status=429)
    answers = kept.load_or_example(request)
    context: dict[str, Any] = {"answers": answers, "tab": "plan", "own": request.GET}
    if not answers.goal:
        return render(request, "pages/plan/index.html", context | {"no_goal": True})
    course, problem = attempt(course_of, answers)
    own_problem = ""
    if course is not None and request.GET.get("minutes"):
        context["judged"], own_problem = attempt(judge, answers, request.GET)
    context |= {"problem": problem, "own_problem": own_problem}
    if course is not None:
        context |= shown(course) | {"changed": changed_since(request.person, course)}
    return render(request, "pages/plan/index.html", context, status=400 if own_problem else 200)


def judge(answers: Answers, asked: Any) -> list[dict[str, Any]]:
    """The person's own minutes and sessions a week, judged for each of their goals; empty where a stop says it all."""
    minutes, per_week = number(asked.get("minutes", "")), number(asked.get("per_week", ""))
    found = []
    for goal in answers.goals:
        plan = plan_of(answers.model_copy(update={"goal": goal}), minutes, per_week)
        if plan.own_schedule is not None:
            found.append(
                {
                    "goal": plan.goal.goal,
                    "words": plan.own_schedule["words"],
                    "inside": plan.within_limits,
                    "times": times_the_trial(plan.own_schedule),
                }
            )
    return found


MUCH = 2.0
"""From so many times the trial's dose on, the page says that the trial tested no such dose."""


def times_the_trial(own: Any) -> str:
    """A session's dose as a multiple of the trial's, rounded; empty below twice."""
    ratio = own.get("share_of_trial_dose")
    if ratio is None or ratio < MUCH:
        return ""
    return number_format(f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}")


def shown(course: Course) -> dict[str, Any]:
    """A plan as the page shows it."""
    plan, protocol = course.plan, course.protocol
    findings = evidence.studies_for(plan.goal.id)
    return {
        "course": course,
        "plan": plan,
        "protocol": protocol,
        "also": [evidence.indication(goal) for goal in course.together.goals[1:]] if course.together else [],
        "treatment": TREATMENTS[plan.after.treatment] if plan.after else "",
        "treated_days": int(plan.after.days) if plan.after else 0,
        "shares": course.shares(),
        "left_out": course.left_out(),
        "certainty": CERTAINTIES[plan.goal.certainty],
        "against": [
            {"finding": f, "design": DESIGNS[f.study.design]} for f in findings if f.direction in {"negative", "mixed"}
        ],
        "count_for": sum(1 for f in findings if f.direction == "positive"),
        "count": len(findings),
        "fair": plan.weeks_until_fair_judgement,
        "sources": [*plan.to_dict()["sources"], *(course.shared.to_dict()["sources"] if course.shared else [])],
        "eyes_words": {
            "shielded": _("Opaque eye shields on"),
            "closed": _("Eyes closed"),
            "open": _("No shields needed by what is known"),
        }.get("" if protocol is None else protocol.eyes, ""),
    }


def changed_since(person: Person | None, course: Course) -> dict[str, Any] | None:
    """What a kept plan for the same goals said before an update of photodose or its data; None if nothing changed."""
    plan = course.plan
    kept_plan = StoredPlan.objects.filter(person=person, active=True, origin=StoredPlan.Origin.COMPUTED).first()
    if kept_plan is None or kept_plan.inputs.get("goal") != plan.goal.id:
        return None
    goals = [plan.goal.id] if course.together is None else list(course.together.goals)
    if kept_plan.inputs.get("goals", [plan.goal.id]) != goals:
        return None
    if (kept_plan.engine_version, kept_plan.data_hash) == (plan.engine["version"], plan.engine["data"]):
        return None
    before = (kept_plan.result.get("protocol") or kept_plan.result.get("for_clinician") or {}).get("minutes")
    return {"minutes": before, "version": kept_plan.engine_version, "data": kept_plan.data_hash}


def computed(request: HttpRequest) -> Course:
    """The plan of the stored answers.

    Raises
    ------
    InputError
        If they do not suffice, or the engine refuses.
    """
    answers = kept.load_or_example(request)
    if not answers.goal:
        raise InputError(_("Choose a goal first."))
    return course_of(answers)


def refused(request: HttpRequest, text: str) -> HttpResponse:
    return render(request, "error.html", {"title": _("No plan yet"), "text": text}, status=400)


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Keep this plan as the active one, and go to the session."""
    answers = kept.load_or_example(request)
    course, problem = attempt(computed, request)
    if course is None:
        return refused(request, problem)
    agreed = request.POST.get("agreed") == "1"
    if course.protocol is None or (course.for_clinician and not agreed):
        return refused(request, course.why)
    try:
        with transaction.atomic():
            keep_plan(request, answers, course, request.POST.get("time", ""))
    except InputError as wrong:
        return refused(request, str(wrong))
    return HttpResponseRedirect(reverse("session:player"))


@require_GET
def pdf(request: HttpRequest) -> HttpResponse:
    """The plan to print."""
    course, problem = attempt(computed, request)
    if course is None:
        return refused(request, problem)
    content = plan_pdf(course.plan, course.shared, in_words, get_language() or "en")
    return pdf_response(content, "photodose-plan.pdf")


@login_required
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """The plan as a calendar file, kept or not; its titles say nothing about health."""
    course, problem = attempt(computed, request)
    if course is None or course.protocol is None:
        return refused(request, problem or course.why)
    routine, problem = attempt(routine_of, course, request.GET.get("time", ""))
    if routine is None:
        return refused(request, problem)
    response = HttpResponse(ics_of(request.person, routine), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="routine.ics"'
    return response
