"""The demonstration person: an example to look at before anything is typed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop

from photodose.app.models import Person, Plan, User
from photodose.app.plans import store_plan
from photodose.app.routine import parse_routine

NAME = gettext_noop("Demonstration")


def ensure_demonstration(owner: User, plan: dict[str, Any]) -> Person:
    """The demonstration person of an account with this plan; made once, its plan renewed when it changed."""
    person, _ = Person.objects.get_or_create(owner=owner, demonstration=True, defaults={"name": NAME})
    routine = parse_routine(plan["routine"]).model_dump(mode="json")
    known = Plan.objects.filter(person=person, active=True).first()
    if known is None or known.routine != routine or known.data_hash != plan.get("data_hash", ""):
        Plan.objects.filter(person=person).update(active=False)
        store_plan(person, **plan)
    return person
