"""Thinking of buying one: the catalogue with what is known of each device, and up to three of them side by side."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from photodose import devices as device_room
from photodose import evidence
from photodose.app import answers as kept
from photodose.app.answers import EXAMPLE, Answers
from photodose.app.limits import anonymous_too_fast
from photodose.app.pages.setup.reading import number
from photodose.app.physics import attempt, comparison_of
from photodose.app.wording import BASES, KINDS
from photodose.devices import Device

MOST_SIDE = 3
"""Devices that still fit beside each other on a phone."""


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Devices by kind and name; those whose light is published first."""
    kind = request.GET.get("kind", "")
    query = " ".join(request.GET.get("q", "").casefold().split())[:80]
    chosen = request.GET.getlist("d")
    known = device_room.catalogue(kind if kind in KINDS else None)
    found = [item for item in known if query in f"{item.name} {item.id} {item.maker or ''}".casefold()]
    found += [item for item in device_room.catalogue() if item.id in chosen and item not in found]
    rows = [shown(item) | {"chosen": item.id in chosen} for item in found]
    context = {
        "rows": sorted(
            rows, key=lambda row: (not row["chosen"], row["recalled"], not row["published"], row["device"].name)
        ),
        "most": MOST_SIDE,
        "kinds": KINDS.items(),
        "kind": kind,
        "query": request.GET.get("q", "")[:80],
    }
    part = request.headers.get("HX-Request") and request.headers.get("HX-Target") == "devices"
    return render(request, "pages/compare/list.html" if part else "pages/compare/index.html", context)


def shown(item: Device) -> dict[str, Any]:
    """One device: its bands with what is published of their irradiance, clearance, recalls."""
    bands = [
        {
            "peak": band.peak_nm,
            "irradiance": band.irradiance_mw_cm2 if item.has_usable_number(band) else None,
            "basis": BASES.get(band.basis or "", ""),
        }
        for band in item.bands
    ]
    return {
        "device": item,
        "kind": KINDS[item.kind],
        "bands": bands,
        "published": all(band["irradiance"] is not None for band in bands),
        "clearance": [entry for entry in item.clearance if entry.known == "yes"],
        "looked": any(entry.known == "no" for entry in item.clearance),
        "recalled": item.recalled,
    }


@require_GET
def side(request: HttpRequest) -> HttpResponse:
    """Some devices side by side, for the person's goal and skin (or the example's)."""
    chosen = list(dict.fromkeys(request.GET.getlist("d")))
    if anonymous_too_fast(request, max(1, len(chosen))):
        return render(request, "error.html", {"title": _("Too many tries"), "text": _("Wait a minute.")}, status=429)
    answers, own = asked_answers(request)
    context: dict[str, Any] = {"chosen": chosen, "answers": answers, "own_skin": own}
    context["goals"] = [
        goal for goal in sorted(evidence.goals(), key=lambda g: g.title) if goal.plannable and goal.target
    ]
    prices, problem = attempt(asked_prices, request, chosen)
    if not problem and not 1 <= len(chosen) <= MOST_SIDE:
        problem = _("Choose one to %(most)s devices.") % {"most": MOST_SIDE}
    answer = None
    if not problem:
        answer, problem = attempt(comparison_of, chosen, answers, prices)
    context |= {"problem": problem, "answer": answer}
    if answer is not None:
        context["rows"] = [
            {"row": row, "content": row.to_dict(), "price": prices.get(row.device.id)} for row in answer.rows
        ]
        context["sources"] = answer.to_dict()["sources"]
    return render(request, "pages/compare/side.html", context, status=400 if problem else 200)


def asked_answers(request: HttpRequest) -> tuple[Answers, bool]:
    """The person's skin, or the example's, with the goal of the address; and whether the skin is their own."""
    answers = kept.load(request)
    own = answers.has_skin
    if not own:
        answers = answers.model_copy(update={"site": EXAMPLE["site"], "skin_type": EXAMPLE["skin_type"]})
    wanted = request.GET.get("goal", "")
    if wanted in {goal.id for goal in evidence.goals()}:
        answers = answers.model_copy(update={"goal": wanted})
    return answers if answers.goal else answers.model_copy(update={"goal": EXAMPLE["goal"]}), own


def asked_prices(request: HttpRequest, chosen: list[str]) -> dict[str, float]:
    """Prices typed in, by device.

    Raises
    ------
    InputError
        If one is no number.
    """
    found = {}
    for name in chosen:
        price = number(request.GET.get(f"price-{name}", ""))
        if price is not None:
            found[name] = price
    return found
