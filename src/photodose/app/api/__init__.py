"""/api/v1: one NinjaAPI; each room of the API is a router, named in ROUTERS and found by its path."""

from __future__ import annotations

from importlib import import_module

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.security import SessionAuth

import photodose
from photodose.quantities import PhotodoseError

ROUTERS: list[tuple[str, str]] = [
    ("", "photodose.app.api.me"),
    ("", "photodose.app.api.physics"),
    ("/sessions", "photodose.app.api.sessions"),
    ("/my", "photodose.app.api.my"),
]
"""(prefix, module with a `router`). A page module that brings an API adds itself here."""


def make_api() -> NinjaAPI:
    """The API with all routers."""
    api = NinjaAPI(
        title="photodose",
        version=photodose.__version__,
        description="What this server stores for you, and what photodose computes.",
        docs_url=None,  # its page would load scripts from elsewhere
        auth=SessionAuth(),  # or the implicit owner on loopback; changes need the CSRF token
        urls_namespace="api",
    )
    for prefix, module in ROUTERS:
        api.add_router(prefix, import_module(module).router)

    @api.exception_handler(PhotodoseError)
    def refused(request: HttpRequest, problem: PhotodoseError) -> HttpResponse:
        return api.create_response(request, {"detail": str(problem)}, status=400 if problem.exit_code != 1 else 500)

    @api.exception_handler(AuthenticationError)
    def unknown(request: HttpRequest, problem: AuthenticationError) -> HttpResponse:  # noqa: ARG001
        return api.create_response(request, {"detail": "Sign in first."}, status=401)

    return api
