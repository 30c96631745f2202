"""Who am I, and what the player needs."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router

from photodose.app.api.shapes import REFUSALS, Me, Player
from photodose.app.models import Person, Plan, Session
from photodose.app.session_log import totals
from photodose.app.standing import hold_of

router = Router(tags=["me"])


@router.get("/me", response={200: Me, **REFUSALS}, summary="The account, its people, and a token for changes")
def me(request: HttpRequest) -> dict[str, object]:
    return {
        "username": request.user.get_username(),
        "person": request.person,
        "people": list(Person.objects.filter(owner=request.user)),
        "csrf": get_token(request),
    }


@router.get(
    "/player", response={200: Player, **REFUSALS}, summary="What the session player needs, to keep on the phone"
)
def player(request: HttpRequest) -> dict[str, object]:
    person: Person = request.person
    get_token(request)  # the cookie that later changes need
    plans = list(Plan.objects.filter(person=person, active=True))
    held = hold_of(person, plans[0]) if plans else None
    if held is not None and held.kind == "stop":
        plans = []
    return {
        "person": person,
        "plans": plans,
        "held": held,
        "totals": totals(person),
        "open_sessions": list(
            Session.objects.filter(person=person, status__in=(Session.Status.RUNNING, Session.Status.PAUSED))
            .prefetch_related("zones", "reactions")
            .order_by("-started_at", "id")[:20]
        ),
    }
