"""Page modules. Each is a package pages/<name>/ with urls.py (`urlpatterns`, names prefixed "<name>:") and views.py.

A new page adds its name to PAGES, and, where people should find it, an entry to NAVIGATION or DOORS. Nothing else of
the frame has to change. Templates lie in app/templates/pages/<name>/ and extend base.html (blocks: title, head,
body_class, content, scripts).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import include, path
from django.utils.translation import gettext_lazy as _

PAGES: list[str] = [
    *("home", "setup", "verdict", "dose", "plan", "compare", "evidence", "claims", "safety"),
    *("devices", "session", "log", "yours"),
]
"""Names of the packages, each included at /<name>/ ("home" at /)."""


@dataclass(frozen=True)
class Place:
    """Something to go to: the name of its address, a label, an icon of static/photodose/icons.svg."""

    url: str
    label: Any
    icon: str
    text: Any = ""
    public: bool = False


NAVIGATION: list[Place] = [
    Place("home:index", _("Today"), "home", public=True),
    Place("evidence:index", _("Evidence"), "evidence", public=True),
    Place("session:player", _("Session"), "play"),
    Place("log:index", _("Log"), "list"),
    Place("yours:index", _("Yours"), "person"),
]
"""The bottom bar, in this order; five at most."""

DOORS: list[Place] = [
    Place(
        "setup:index",
        _("I have a device"),
        "device",
        _("Is it safe for you, what does it really do, how to use it: two minutes."),
    ),
    Place(
        "compare:index",
        _("I am thinking of buying one"),
        "compare",
        _("What is known of each device, and what nobody published."),
    ),
    Place(
        "claims:index",
        _("Check this advert"),
        "claim",
        _("Paste it: each claim is answered by what trials found."),
    ),
]
"""The doors of the first page."""


def patterns(name: str) -> list[Any]:
    """The addresses of one page module."""
    prefix = "" if name == "home" else f"{name}/"
    return [path(prefix, include((f"photodose.app.pages.{name}.urls", name)))]
