"""The hazards of one device to eyes and skin, at 20 cm and where it is used."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from photodose.app import answers as kept
from photodose.app.answers import EXAMPLE, EXAMPLE_MINUTES, OWN
from photodose.app.limits import anonymous_too_fast
from photodose.app.pages.setup.reading import number
from photodose.app.physics import attempt, safety_of
from photodose.app.wording import hazard_name
from photodose.devices.reading import catalogue_ids
from photodose.planning.hazards import SafetyAnswer
from photodose.safety.hazards import EYES, MOST_DISTANCE_CM
from photodose.safety.hazards.assessment import SHIELDS_HELP


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The page of the person's own device."""
    device = kept.load(request).device or EXAMPLE["device"]
    return HttpResponseRedirect(reverse("safety:device", args=[device]))


@require_GET
def device(request: HttpRequest, device: str) -> HttpResponse:
    """The hazards of a device of the catalogue, or of one's own ("own")."""
    answers = kept.load(request)
    if device != answers.device:
        if device not in catalogue_ids():
            raise Http404
        answers = answers.model_copy(
            update={"device": device, "own": None, "measured": {}, "distance_cm": None, "assume": False}
        )
    if device == OWN and not answers.own:
        raise Http404
    if anonymous_too_fast(request):
        return render(request, "error.html", {"title": _("Too many tries"), "text": _("Wait a minute.")}, status=429)
    eyes = request.GET.get("eyes", "open")
    unit = answers.own_device()
    assert unit is not None
    minutes, wrong = attempt(number, request.GET.get("minutes", ""))
    if minutes is None:
        minutes = unit.session_minutes or EXAMPLE_MINUTES
    answer, problem = (None, wrong) if wrong else attempt(safety_of, answers, minutes, eyes)
    context: dict[str, Any] = {"device": unit, "answers": answers, "problem": problem, "minutes": minutes, "eyes": eyes}
    context["eye_choices"] = [(name, EYE_WORDS[name]()) for name in EYES]
    if answer is not None:
        context |= shown(answer)
        context["eyes_words"] = _("%(minutes)s minutes, eyes: %(eyes)s") % {
            "minutes": f"{minutes:g}",
            "eyes": EYE_WORDS[eyes]().lower(),
        }
    return render(request, "pages/safety/index.html", context, status=400 if problem else 200)


EYE_WORDS = {
    "open": lambda: _("Open"),
    "closed": lambda: _("Closed"),
    "shielded": lambda: _("Shielded"),
}


def too_hot(answer: SafetyAnswer) -> bool:
    """Whether the skin, in light as strong as it may be, reaches its limit within the session."""
    limit_s = answer.time_to_skin_limit_s
    return limit_s is not None and (answer.minutes is None or 60.0 * answer.minutes > limit_s)


def shown(answer: SafetyAnswer) -> dict[str, Any]:
    """A safety answer as the page shows it: one row a hazard, the later edition of each where two stand."""
    found = answer.assessment
    because = set(found.provisional_because)
    return {
        "answer": answer,
        "assessment": found,
        "most_distance_cm": MOST_DISTANCE_CM,
        "verdict_value": answer.verdict.value,
        "notes": [
            text
            for text in answer.warnings
            if text.removeprefix("Assumed: ").rstrip(".") not in because
            # shields help the eyes alone: where the skin passes its limit too, that sentence would mislead
            and not (text == SHIELDS_HELP and too_hot(answer))
        ],
        "tables": [
            {
                "at_cm": at_cm,
                "rows": [(hazard_name(hazard.id), hazard) for hazard in found.hazards if hazard.at_cm == at_cm],
            }
            for at_cm in dict.fromkeys(hazard.at_cm for hazard in found.hazards)
        ],
        "permissible": [
            (EYE_WORDS[name](), None if seconds is None else seconds / 60.0)
            for name, seconds in found.permissible_by_eyes_s.items()
        ],
        "skin_limit_minutes": None if answer.time_to_skin_limit_s is None else answer.time_to_skin_limit_s / 60.0,
        "careful": answer.careful.skin_temperature(),
        "median": answer.temperature.skin_temperature(),
        "sources": answer.to_dict()["sources"],
    }
