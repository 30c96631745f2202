"""The session player's shell. It holds nothing personal, so the phone may keep it for when there is no network."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from photodose.app.pages.session.words import words


@login_required
@require_GET
def player(request: HttpRequest) -> HttpResponse:
    """The shell and its words; the plan comes by the API or from the phone's own store."""
    return render(request, "pages/session/player.html", {"words": words(), "player_language": get_language()})
