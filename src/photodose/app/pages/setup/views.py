"""The set-up on one page: goal, device, place, skin, medicines and conditions, with the verdict so far in sight."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from photodose import devices as device_room
from photodose import evidence, safety
from photodose.app import answers as kept
from photodose.app.answers import OWN, Answers
from photodose.app.pages.setup.reading import OWN_BANDS, Reading
from photodose.app.physics import attempt, dose_for, light_of, screening_of
from photodose.app.sentences import in_words
from photodose.app.tones import tones
from photodose.app.wording import SITES
from photodose.app.wording import TREATMENTS as TREATMENT_WORDS
from photodose.data import nearest_names
from photodose.devices import Device
from photodose.planning.aftercare import RULE, TREATMENTS
from photodose.tissue import sites

SHOWN_DEVICES = 6
FACE = ("face", "neck", "scalp")
FIRST_DEVICES = ("omnilux-contour-face", "currentbody-skin-series-2", "theraface-mask", "kala-red-light-elite")
"""Shown before anybody searches: devices whose irradiance stands in a source."""


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The form; a change of any answer posts all of it and gets the verdict so far back."""
    before = kept.load(request)
    if request.method == "GET":
        asked = request.GET.get("device", "")
        chosen = before
        if asked in device_room.reading.catalogue_ids() and asked != before.device:
            chosen = before.model_copy(update={"device": asked, "own": None, "measured": {}, "assume": False})
        return render(request, "pages/setup/index.html", page(chosen, {}))
    reading = Reading(request.POST, before)
    answers = reading.answers()
    kept.save(request, answers)
    if request.headers.get("HX-Request"):
        context = so_far(answers) | {"problems": reading.problems, "answers": answers}
        if request.headers.get("HX-Trigger-Name") == "device" or request.POST.get("was") != answers.device:
            context |= {"swap_device": True} | device_part(answers)
        return render(request, "pages/setup/changed.html", context)
    if reading.problems or "search" in request.POST:
        context = page(answers, reading.problems, request.POST.get("q", ""))
        return render(request, "pages/setup/index.html", context, status=400 if reading.problems else 200)
    return HttpResponseRedirect(reverse("verdict:index"))


def by_title(goal: Any) -> str:
    """A goal's place in a list of the reader's language."""
    return in_words(goal.title)


@require_GET
def found_devices(request: HttpRequest) -> HttpResponse:
    """The devices whose name is like what was typed."""
    answers = kept.load(request)
    context = {"found": search(request.GET.get("q", ""), answers.device), "answers": answers}
    return render(request, "pages/setup/found.html", context)


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Forget every answer of the set-up."""
    kept.save(request, Answers())
    return HttpResponseRedirect(reverse("setup:index"))


def page(answers: Answers, problems: dict[str, str], query: str = "") -> dict[str, Any]:
    """Everything that the form shows."""
    known = {condition.id for condition in safety.conditions()}
    return {
        "answers": answers,
        "problems": problems,
        "query": query,
        "goals": grouped_goals(),
        "plannable": sorted(
            (goal for goal in evidence.goals() if goal.plannable), key=lambda goal: in_words(goal.title)
        ),
        "treatments": [(name, TREATMENT_WORDS[name]) for name in TREATMENTS],
        "found": search(query, answers.device),
        "sites": grouped_sites(),
        "tones": tones(answers.site or "cheek"),
        "medicines": ", ".join(answers.medicines),
        "groups": grouped_conditions(answers),
        "other_conditions": ", ".join(name for name in answers.conditions if name not in known),
        **device_part(answers),
        **so_far(answers),
    }


def grouped_goals() -> list[tuple[str, list[evidence.Goal]]]:
    """Goals with something to plan first, then those that are no goal of their own or have no plan."""
    goals = sorted(evidence.goals(), key=lambda goal: goal.title)
    return [
        (_("Goals"), [goal for goal in goals if goal.plannable]),
        (_("Not at home, or no plan"), [goal for goal in goals if not goal.plannable and goal.target]),
    ]


def grouped_sites() -> list[tuple[str, list[str]]]:
    """Places of the skin model by region: face, then body."""
    ids = [(item.id, item.region in FACE) for item in sites() if item.id in SITES]
    return [
        (_("Face, neck and head"), [name for name, face in ids if face]),
        (_("Body"), [name for name, face in ids if not face]),
    ]


def grouped_conditions(answers: Answers) -> list[tuple[str, list[Any]]]:
    """Conditions by group; age, skin type and recent treatments are asked for elsewhere."""
    asked_elsewhere = {"under-18", "skin-type-4-to-6", RULE} - set(answers.conditions)
    rules = [rule for rule in safety.conditions() if rule.id not in asked_elsewhere]
    ordered = sorted(rules, key=lambda rule: rule.group)
    return [(name, list(members)) for name, members in groupby(ordered, key=lambda rule: rule.group)]


def search(query: str, chosen: str = "") -> list[Device]:
    """Devices whose name or id holds what was typed, then those spelt like it; the chosen one always first."""
    catalogue = {item.id: item for item in device_room.catalogue()}
    wanted = " ".join(query.casefold().replace("-", " ").split())[:80]
    if wanted:
        names = {f"{item.name} {item.id}": item.id for item in catalogue.values()}
        ids = [key for name, key in names.items() if wanted in name.casefold().replace("-", " ")]
        ids += [names[name] for name in nearest_names(wanted, names, limit=SHOWN_DEVICES, cutoff=60.0)]
    else:
        ids = [name for name in FIRST_DEVICES if name in catalogue]
    first = [chosen] if chosen in catalogue else []
    return [catalogue[key] for key in dict.fromkeys([*first, *ids])][: SHOWN_DEVICES + len(first)]


def device_part(answers: Answers) -> dict[str, Any]:
    """What is known of the chosen device, and the fields for numbers of one's own."""
    unit, _problem = attempt(answers.own_device)
    own = answers.own or {}
    bands = own.get("bands") or []
    rows = [
        {"i": i, "peak": bands[i]["peak_nm"], "irradiance": bands[i].get("irradiance_mw_cm2")}
        if i < len(bands)
        else {"i": i, "peak": None, "irradiance": None}
        for i in OWN_BANDS
    ]
    size = own.get("size_cm") or [None, None]
    chosen_bands = []
    if unit is not None and answers.device != OWN:
        chosen_bands = [
            {
                "band": band,
                "usable": unit.has_usable_number(band),
                "measured": answers.measured.get(f"{band.peak_nm:g}"),
            }
            for band in unit.bands
        ]
    return {
        "unit": unit,
        "own_rows": rows,
        "own": own,
        "own_width": size[0],
        "own_height": size[1],
        "chosen_bands": chosen_bands,
        "needs_numbers": any(not row["usable"] for row in chosen_bands),
        "OWN": OWN,
    }


def so_far(answers: Answers) -> dict[str, Any]:
    """The verdict on what was answered until now, and what is still open."""
    screening, refused = attempt(screening_of, answers)
    steps = [bool(answers.goal), bool(answers.device), bool(answers.site), answers.has_skin]
    light, light_problem = (None, "")
    if answers.has_light:
        light, light_problem = attempt(dose_for, light_of(answers), kept.EXAMPLE_MINUTES)
    return {
        "screening": screening,
        "refused": refused,
        "goal": next((goal for goal in evidence.goals() if goal.id == answers.goal), None),
        "nothing": answers == Answers(),
        "answered": sum(steps),
        "questions": len(steps),
        "light": light,
        "light_minutes": kept.EXAMPLE_MINUTES,
        "light_target": light_target(light, answers.goal) if light is not None else None,
        "light_problem": light_problem,
    }


def light_target(light: Any, goal: str) -> Any:
    """The dose at the goal's own target, or at the one that a dose names first."""
    from photodose.dosimetry.delivered import main_target

    wanted = evidence.indication(goal).target if goal else None
    return next((target for target in light.targets if target.name == wanted), main_target(light.targets))
