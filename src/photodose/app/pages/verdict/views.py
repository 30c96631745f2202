"""The verdict on what was answered, with each reason, its source, and a page to take to a clinician."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from photodose import evidence
from photodose.app import answers as kept
from photodose.app.answers import Answers
from photodose.app.documents import pdf_response
from photodose.app.documents.clinician import clinician_pdf
from photodose.app.pages.safety.views import too_hot
from photodose.app.physics import attempt, safety_of, screening_of
from photodose.app.wording import BANDS, VERDICTS
from photodose.safety import Screening


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The verdict; who has answered nothing goes to the set-up first."""
    answers = kept.load(request)
    if answers == Answers():
        return HttpResponseRedirect(reverse("setup:index"))
    screening, refused = attempt(screening_of, answers)
    device, _problem = attempt(answers.own_device)
    hazards = hot = None
    if device is not None:
        answer, _problem = attempt(safety_of, answers, device.session_minutes or kept.EXAMPLE_MINUTES)
        if answer is not None:
            hazards = answer.assessment
            if too_hot(answer):
                hot = {"minutes": answer.minutes, "limit_minutes": answer.time_to_skin_limit_s / 60.0}
    context = {
        "answers": answers,
        "screening": screening,
        "refused": refused,
        "word": VERDICTS[screening.verdict.value] if screening else None,
        "reasons": [shown_reason(reason, screening) for reason in screening.reasons] if screening else [],
        "device": device,
        "hazards": hazards,
        "hot": hot,
        "goal": evidence.indication(answers.goal) if answers.goal else None,
        "tab": "verdict",
    }
    return render(request, "pages/verdict/index.html", context, status=400 if refused else 200)


def shown_reason(reason: Any, screening: Screening) -> dict[str, Any]:
    """A reason with its verdict in each band, those that the device emits marked."""
    return {
        "reason": reason,
        "bands": [(BANDS[band], reason.by_band[band].value, band in screening.bands) for band in BANDS],
    }


@require_GET
def clinician(request: HttpRequest) -> HttpResponse:
    """One page to print: who, which light, which dose, what the rules say and why."""
    answers = kept.load(request)
    if answers == Answers():
        return HttpResponseRedirect(reverse("setup:index"))
    return pdf_response(clinician_pdf(answers), "photodose-clinician.pdf")
