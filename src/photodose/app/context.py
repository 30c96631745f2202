"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

import photodose
from photodose.app.pages import NAVIGATION

THEMES = ("auto", "light", "dark", "dim")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Person, navigation, theme and version."""
    theme = request.COOKIES.get("photodose-theme", "auto")
    match = request.resolver_match
    return {
        "person": getattr(request, "person", None),
        "implicit_owner": getattr(request, "implicit_owner", False),
        "navigation": NAVIGATION,
        "here": match.view_name if match else "",
        "section": match.app_name if match else "",
        "theme": theme if theme in THEMES else "auto",
        "version": photodose.__version__,
        "server_mode": settings.SERVER.mode,
    }
