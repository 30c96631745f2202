"""Who is asking: the account, and the person whose data the pages show."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from photodose.app import accounts
from photodose.app.models import Person
from photodose.app.people import first_person
from photodose.app.zones import time_zones

Handler = Callable[[HttpRequest], HttpResponse]


IMPERSONAL = frozenset({"/healthz", "/metrics", "/manifest.webmanifest", "/sw.js"})
"""Answered without asking who it is, and without the database."""


class OwnerMiddleware:
    """On loopback, as long as nobody set a password or passkey, whoever sits at this computer is the owner."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.implicit_owner = False
        if request.path_info in IMPERSONAL:
            return self.get_response(request)
        if settings.SERVER.mode == "loopback" and not request.user.is_authenticated:
            owner = accounts.implicit_owner()
            if owner is not None:
                request.user = owner
                request.implicit_owner = True
        return self.get_response(request)


class PersonMiddleware:
    """Set `request.person`: the one chosen, else the first of the account; None without an account."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.person = None
        if request.path_info not in IMPERSONAL and request.user.is_authenticated:
            people = Person.objects.filter(owner=request.user)
            chosen = request.session.get("person")
            person = people.filter(pk=chosen).first() if chosen else people.first()
            request.person = person or first_person(request.user)
            follow_browser(request)
            timezone.activate(request.person.zone)
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()


def follow_browser(request: HttpRequest) -> None:
    """A person who never chose a time zone gets that of their browser (its script leaves it in a cookie)."""
    person: Person = request.person
    told = unquote(request.COOKIES.get("photodose-timezone", ""))
    if person.timezone == "UTC" and told != "UTC" and told in time_zones():
        person.timezone = told
        person.save(update_fields=["timezone"])
