"""Keeping plans."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from photodose.app.models import OwnedDevice, Person, Plan, Reaction
from photodose.app.routine import parse_routine


def store_plan(
    person: Person,
    name: str,
    routine: dict[str, Any],
    inputs: dict[str, Any] | None = None,
    result: dict[str, Any] | None = None,
    engine_version: str = "",
    data_hash: str = "",
    device: OwnedDevice | None = None,
    origin: str = Plan.Origin.COMPUTED,
) -> Plan:
    """Keep a computed plan with all it came from, and make it the active one; the ones before stay, inactive."""
    Plan.objects.filter(person=person, active=True).update(active=False)
    # a reaction that is not over pauses whatever routine takes the place of the one before
    still = Reaction.objects.filter(person=person, resolved_at__isnull=True, kind__in=Reaction.PAUSING).first()
    return Plan.objects.create(
        person=person,
        device=device,
        name=name,
        origin=origin,
        inputs=inputs or {},
        result=result or {},
        routine=parse_routine(routine).model_dump(mode="json"),
        engine_version=engine_version,
        data_hash=data_hash,
        paused_at=timezone.now() if still else None,
        paused_because=still.kind if still else "",
    )
