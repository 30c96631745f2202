"""Paste an advert: each claim is found, answered, and for the person's own device set against the trial's dose."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from photodose import evidence
from photodose.app import answers as kept
from photodose.app.limits import anonymous_too_fast
from photodose.app.physics import attempt
from photodose.app.sentences import in_words
from photodose.app.wording import CLAIM_KINDS, badges
from photodose.evidence.claims import FoundClaim
from photodose.planning.claims import ENGLISH, ClaimsAnswer, claims

MAX_TEXT = 200_000
STUDIES_SHOWN = 6
ENGLISH_SHARE = 0.1
"""English prose holds about a quarter of such small words; "in" and "is" stand in other languages too."""
FAVOUR = ("supported", "plausible", "explained", "unproven", "not_supported", "contradicted", "harm_possible")
SHOWN = (*FAVOUR, "advice")


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The field for the text, and the answers below it."""
    answers = kept.load(request)
    device, _problem = attempt(answers.own_device) if answers.has_light else (None, "")
    context: dict[str, Any] = {"text": "", "device": device, "with_device": False}
    if request.method == "GET":
        return render(request, "pages/claims/index.html", context)
    if anonymous_too_fast(request):
        if request.headers.get("HX-Request"):  # a part of a page is only shown with status 200
            context["problem"] = _("Too many tries") + ". " + _("Wait a minute.")
            return render(request, "pages/claims/answers.html", context)
        return render(request, "error.html", {"title": _("Too many tries"), "text": _("Wait a minute.")}, status=429)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    with_device = device is not None and request.POST.get("device") == "1"
    own = {"device": device, "skin": answers.own_skin(), "assume": True} if with_device else {}
    answer, problem = (None, too_long()) if len(text) > MAX_TEXT else attempt(claims, text, **own)
    context |= {"text": text[:MAX_TEXT], "problem": problem, "with_device": with_device}
    if answer is not None:
        context |= shown(answer)
    part = request.headers.get("HX-Request") and not problem
    page = "pages/claims/answers.html" if part else "pages/claims/index.html"
    return render(request, page, context, status=400 if problem and not request.headers.get("HX-Request") else 200)


def too_long() -> str:
    return _("The text is too long; paste one advert or article.")


def shown(answer: ClaimsAnswer) -> dict[str, Any]:
    """The text in pieces, claims marked, and each claim with its number and studies."""
    items: list[dict[str, Any]] = [
        {
            "n": n,
            "item": item,
            "about": about(item.found),
            "badges": badges(evidence.indication(item.found.goal)) if item.found.goal else (item.verdict_kind,),
            "studies": (item.numbers.get("studies") or [])[:STUDIES_SHOWN],
        }
        for n, item in enumerate(answer.claims, 1)
    ]
    return {
        "answer": answer,
        "pieces": pieces(answer, items),
        "items": items,
        "sources": answer.sources(),
        "warnings": warnings(answer),
        "counts": [(kind, sum(1 for i in items if i["badges"][0] == kind)) for kind in SHOWN],
    }


def about(found: FoundClaim) -> str:
    """What a claim speaks of: its goal, or else its kind."""
    if found.goal:
        return in_words(evidence.indication(found.goal).goal)
    return str(CLAIM_KINDS.get(found.kind, found.kind))


def warnings(answer: ClaimsAnswer) -> tuple[str, ...]:
    """What the engine warns of; where nothing was found in another language, that alone.

    The engine asks for thirty words before it names the language; with no claim at all eight of them are enough.
    """
    words = re.findall(r"[^\W\d_]+", answer.text[:20_000].casefold())
    english = sum(word in ENGLISH for word in words)
    if answer.claims or len(words) < 8 or english > ENGLISH_SHARE * len(words):
        return answer.warnings
    return (_("Only English is read here. This text looks like another language, so its claims were not checked."),)


def pieces(answer: ClaimsAnswer, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The text cut at its claims; what is said twice in one sentence shares a mark, its worst finding names it."""
    found: list[dict[str, Any]] = []
    position = 0
    for (start, end), group in groupby(items, key=lambda i: (i["item"].found.start, i["item"].found.end)):
        here = list(group)
        kinds = [i["item"].verdict_kind for i in here if i["item"].found.polarity != "negated"]
        worst = max(kinds, key=FAVOUR.index) if kinds else "denied"
        found.append({"text": answer.text[position:start]})
        found.append({"text": answer.text[start:end], "kind": worst, "numbers": [i["n"] for i in here]})
        position = end
    return [*found, {"text": answer.text[position:]}]
