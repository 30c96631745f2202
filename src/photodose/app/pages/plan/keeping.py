"""From a computed plan to the routine that the session player follows, kept with all it came from."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from photodose.app import answers as kept
from photodose.app.answers import OWN, Answers
from photodose.app.models import OwnedDevice, Person
from photodose.app.models import Plan as StoredPlan
from photodose.app.pages.plan.course import Course
from photodose.app.people import own_person
from photodose.app.plans import store_plan
from photodose.app.routine import parse_routine
from photodose.planning import Plan
from photodose.quantities import InputError, plain

OFTEN = 5
"""Sessions a week where neither the trial nor the maker says."""
LONGEST_S = 7200.0
KEPT = ("protocol", "for_clinician", "verdict", "certainty", "why", "limits", "warnings", "engine")


def routine_of(course: Course, time: str = "") -> dict[str, Any]:
    """The routine of a plan for the session player.

    Raises
    ------
    InputError
        If there is no protocol, or the time is none.
    """
    plan, protocol = course.plan, course.protocol
    if protocol is None:
        raise InputError(course.why)
    seconds = 60.0 * protocol.minutes
    if seconds > LONGEST_S:
        raise InputError(_("A session of more than two hours is no routine for a home."))
    per_week = protocol.sessions_per_week or plan.device.per_week or OFTEN
    allowed, allowed_why = course.allowed
    routine: dict[str, Any] = {
        "zones": [
            {"site": plan.skin.site.id, "seconds": 60.0 * minutes, "mode": mode} for mode, minutes in course.stages
        ],
        "sessions_per_week": int(min(max(round(per_week), 1), 21)),
        "time": time or None,
        "eyes": protocol.eyes,
        "steps": [f"{step.title}. {step.detail}"[:300] for step in course.routine],
    }
    if allowed is not None and seconds <= allowed <= LONGEST_S:
        routine |= {"limit_seconds": allowed, "limit_why": allowed_why[:300]}
    return parse_routine(routine).model_dump(mode="json")


def keep_plan(request: HttpRequest, answers: Answers, course: Course, time: str = "") -> StoredPlan:
    """Keep the plan for whoever is asking, with device, inputs, result, version and data; it is the active one then."""
    routine = routine_of(course, time)
    kept.save(request, answers)
    person: Person = own_person(request)
    device = owned_device(person, answers, course.plan)
    return store_plan(person, course.name, routine, device=device, **kept_result(course))


def kept_result(course: Course) -> dict[str, Any]:
    """What of a computed plan is kept beside its routine: what was asked, what came out, version and data."""
    content = plain(course.plan.to_dict())
    inputs = content["inputs"]
    result = {name: content[name] for name in KEPT}
    if course.together is not None:
        inputs = inputs | {"goals": list(course.together.goals)}
        result["left_out"] = dict(course.together.left_out)
    if course.shared is not None:
        together = plain(course.shared.to_dict())
        result |= {name: together[name] for name in ("protocol", "for_clinician", "why", "warnings", "met")}
        result["limits"] = []
    return {
        "inputs": inputs,
        "result": result,
        "engine_version": course.plan.engine["version"],
        "data_hash": course.plan.engine["data"],
    }


def owned_device(person: Person, answers: Answers, plan: Plan) -> OwnedDevice:
    """The person's own record of the device of a plan, made if there is none."""
    own = answers.device == OWN
    values: dict[str, Any] = {"catalogue_id": "" if own else plan.device.id, "name": plan.device.name}
    known = OwnedDevice.objects.filter(person=person, retired=False, **values).first()
    device = known or OwnedDevice(person=person, **values)
    device.spec = answers.own if own else None
    device.measured = dict(answers.measured)
    device.save()
    return device
