"""From a computed plan to the routine that the session player follows, kept with all it came from."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from photodose.app import answers as kept
from photodose.app.answers import OWN, Answers
from photodose.app.models import OwnedDevice, Person
from photodose.app.models import Plan as StoredPlan
from photodose.app.people import own_person
from photodose.app.plans import store_plan
from photodose.app.routine import parse_routine
from photodose.planning import Plan
from photodose.quantities import InputError, plain

OFTEN = 5
"""Sessions a week where neither the trial nor the maker says."""
LONGEST_S = 7200.0
KEPT = ("protocol", "for_clinician", "verdict", "certainty", "why", "limits", "warnings", "engine")


def routine_of(plan: Plan, time: str = "") -> dict[str, Any]:
    """The routine of a plan for the session player.

    Raises
    ------
    InputError
        If there is no protocol, or the time is none.
    """
    protocol = plan.protocol or plan.for_clinician
    if protocol is None:
        raise InputError(plan.why)
    seconds = 60.0 * protocol.minutes
    if seconds > LONGEST_S:
        raise InputError(_("A session of more than two hours is no routine for a home."))
    per_week = protocol.sessions_per_week or plan.device.per_week or OFTEN
    allowed = plan.hazards.allowed_s if plan.hazards is not None else None
    routine: dict[str, Any] = {
        "zones": [{"site": plan.skin.site.id, "seconds": seconds}],
        "sessions_per_week": int(min(max(round(per_week), 1), 21)),
        "time": time or None,
        "eyes": protocol.eyes,
        "steps": [f"{step.title}. {step.detail}"[:300] for step in plan.routine],
    }
    if allowed is not None and plan.hazards is not None and seconds <= allowed <= LONGEST_S:
        routine |= {"limit_seconds": allowed, "limit_why": plan.hazards.why[:300]}
    return parse_routine(routine).model_dump(mode="json")


def keep_plan(request: HttpRequest, answers: Answers, plan: Plan, time: str = "") -> StoredPlan:
    """Keep the plan for whoever is asking, with device, inputs, result, version and data; it is the active one then."""
    routine = routine_of(plan, time)
    kept.save(request, answers)
    person: Person = own_person(request)
    device = owned_device(person, answers, plan)
    return store_plan(person, _(plan.goal.goal)[:120], routine, device=device, **kept_result(plan))


def kept_result(plan: Plan) -> dict[str, Any]:
    """What of a computed plan is kept beside its routine: what was asked, what came out, version and data."""
    content = plain(plan.to_dict())
    return {
        "inputs": content["inputs"],
        "result": {name: content[name] for name in KEPT},
        "engine_version": plan.engine["version"],
        "data_hash": plan.engine["data"],
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
