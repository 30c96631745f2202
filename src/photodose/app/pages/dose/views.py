"""What your device does: the dose at each target with its interval, a cross-section, sliders that answer at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from photodose import evidence
from photodose.app import answers as kept
from photodose.app.answers import Answers
from photodose.app.limits import anonymous_too_fast
from photodose.app.pages.dose.ahead import ahead, outwards
from photodose.app.pages.dose.picture import SLIDER_MINUTES, distance_stops, island, picture, size_known
from photodose.app.pages.setup.reading import number
from photodose.app.physics import attempt, dose_for, light_of, plan_for, screening_of, together_for
from photodose.app.wording import ESTIMATE_BASES
from photodose.devices.reading import catalogue_ids
from photodose.dosimetry import Dose
from photodose.planning import Equivalent
from photodose.quantities import InputError, RangeError


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The light of the chosen device, or of the one in `?device=`, in the person's own skin."""
    if anonymous_too_fast(request):
        return render(request, "error.html", {"title": _("Too many tries"), "text": _("Wait a minute.")}, status=429)
    answers, minutes, problem = asked(request)
    context: dict[str, Any] = {"answers": answers, "tab": "dose", "problem": problem}
    if not problem:
        light, context["problem"] = attempt(delivered, answers, minutes)
        if light is not None:
            context |= shown(answers, *light)
            if request.user.is_authenticated:
                dose, stops = light[0], context["stops"]
                if stops:
                    distances = outwards(stops, dose.exposure.distance_cm)
                    ahead.add(light_of(answers), dose.minutes, dose.exposure.mode, distances)
    context["device"], _none = attempt(answers.own_device)
    # beside the example the person's own answers still count
    screening, _none = attempt(screening_of, kept.load(request) if answers.example else answers)
    if screening is not None and screening.verdict.value == "stop":
        context["stopped"] = [reason for reason in screening.reasons if reason.verdict.value == "stop"]
    return render(request, "pages/dose/index.html", context, status=400 if problem else 200)


@require_GET
def picture_at(request: HttpRequest) -> HttpResponse:
    """The island's data at another distance, as JSON."""
    if anonymous_too_fast(request):
        return JsonResponse({"detail": _("Wait a minute.")}, status=429)
    answers, minutes, problem = asked(request)
    light = None
    if not problem:
        light, problem = attempt(
            dose_for, light_of(answers), minutes or kept.EXAMPLE_MINUTES, request.GET.get("mode") or None
        )
    if light is None:
        return JsonResponse({"detail": problem}, status=400)
    return JsonResponse(picture(light))


def asked(request: HttpRequest) -> tuple[Answers, float | None, str]:
    """Answers, minutes and, where the address asks for nonsense, the sentence about it."""
    answers, problem = asked_answers(request)
    minutes, wrong = attempt(asked_minutes, request.GET.get("minutes", ""))
    return answers, minutes, problem or wrong


def asked_minutes(text: str) -> float | None:
    """Minutes inside the slider's range; None where none were given."""
    minutes = number(text)
    if minutes is not None and not SLIDER_MINUTES[0] <= minutes <= SLIDER_MINUTES[1]:
        raise RangeError("minutes", minutes, *SLIDER_MINUTES)
    return minutes


def asked_answers(request: HttpRequest) -> tuple[Answers, str]:
    """The stored answers (or the example), with the device, distance and prior that the address asks for."""
    answers = kept.load_or_example(request)
    wanted, distance = request.GET.get("device", ""), request.GET.get("distance_cm", "")
    changes: dict[str, Any] = {}
    if wanted and wanted != answers.device:
        if wanted not in catalogue_ids():
            return answers, _("This device is not in the catalogue.")
        changes = {"device": wanted, "own": None, "measured": {}, "distance_cm": None, "assume": False}
        own = kept.load(request)
        if own.has_skin:
            changes |= {"site": own.site, "skin_type": own.skin_type, "ita_deg": own.ita_deg, "example": False}
    if request.GET.get("assume") == "1":
        changes["assume"] = True
    if distance:
        try:
            changes["distance_cm"] = number(distance)
        except InputError as problem:
            return answers, str(problem)
    return answers.model_copy(update=changes), ""


def delivered(answers: Answers, minutes: float | None) -> tuple[Dose, Equivalent | None]:
    """The dose of a session, and the trial to compare it with where the goal has one that fits.

    Raises
    ------
    InputError
        Where the device has no published irradiance.
    """
    light = light_of(answers)
    # the comparison asks for no medicines: it is about light; the verdict page is about the person
    plan = plan_for(answers.goal, light) if answers.goal else None
    best = plan.equivalent if plan is not None else None
    mode = None
    if minutes is None:
        minutes = shared_minutes(answers, light)
    if minutes is None:
        if plan is not None and plan.session is not None and plan.session.minutes <= SLIDER_MINUTES[1]:
            return plan.session, best
        minutes = kept.EXAMPLE_MINUTES
    if plan is not None and plan.session is not None:
        mode = plan.session.exposure.mode
    return dose_for(light, minutes, mode), best


def shared_minutes(answers: Answers, light: dict[str, Any]) -> float | None:
    """The session that several goals share, where it runs in one mode and the slider can show it; else None."""
    if len(answers.goals) < 2:
        return None
    together = together_for(answers.goals, light)
    if together.session is None or answers.goal not in together.trials or len(together.minutes_by_mode or {}) != 1:
        return None
    return together.session.minutes if together.session.minutes <= SLIDER_MINUTES[1] else None


def shown(answers: Answers, light: Dose, best: Equivalent | None) -> dict[str, Any]:
    """Everything that the page shows of a dose."""
    stops = distance_stops(light, answers)
    drawn = island(light, best, stops)
    return {
        "hot_likely": minutes_of(drawn["heat"]["limit_s"]),
        "hot_claimed": minutes_of(drawn["heat"]["careful_limit_s"]),
        "dose": light,
        "bands": [
            {
                "band": band,
                "irradiance": band.irradiance_mw_cm2,
                "radiant_exposure": band.irradiance_mw_cm2.scaled(light.minutes * 60.0 / 1000.0),
                "basis": ESTIMATE_BASES.get(band.basis, band.basis),
            }
            for band in light.exposure.bands
        ],
        "heat": light.temperature.skin_temperature(),
        "best": best,
        "share": None if best is None else light.minutes / best.minutes.value,
        "share_low": None if best is None else light.minutes / best.minutes.high,
        "share_high": None if best is None else light.minutes / best.minutes.low,
        "why_no_trial": why_no_trial(answers) if best is None else "",
        "slider": SLIDER_MINUTES,
        "stops": stops,
        "size_taken": bool(stops) and not size_known(light),
        "picture": drawn,
        "sources": light.sources(),
    }


def minutes_of(seconds: float | None) -> float | None:
    """Seconds as minutes [min]; None stays None."""
    return None if seconds is None else seconds / 60.0


def why_no_trial(answers: Answers) -> str:
    """Why there is no trial to compare with; empty where no goal was chosen."""
    if not answers.goal:
        return ""
    plan = plan_for(answers.goal, light_of(answers))
    return plan.why or evidence.indication(answers.goal).verdict
