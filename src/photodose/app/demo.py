"""The demonstration person: an example to look at before anything is typed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop

import photodose
from photodose.app.models import Person, Plan, User
from photodose.app.plans import store_plan
from photodose.app.routine import parse_routine
from photodose.data import data_hash

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


def example_plan() -> dict[str, Any]:
    """The plan of the example, as `ensure_demonstration` keeps it."""
    from photodose.app.answers import example
    from photodose.app.pages.plan.course import Course
    from photodose.app.pages.plan.keeping import kept_result, routine_of
    from photodose.app.physics import plan_of

    plan = plan_of(example())
    course = Course(plan)
    return {"name": plan.goal.goal, "routine": routine_of(course), **kept_result(course)}


def show_example(owner: User) -> None:
    """Make the demonstration person; the plan is computed again only where version or data have changed."""
    known = Plan.objects.filter(person__owner=owner, person__demonstration=True, active=True).first()
    if known is None or (known.engine_version, known.data_hash) != (photodose.__version__, data_hash()):
        ensure_demonstration(owner, example_plan())
