"""Host and Origin: a foreign web page must not reach this server through its user's browser (DNS rebinding, CSRF)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden

from photodose.app.lan import is_home

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PERMISSIONS = (
    "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), serial=(), "
    "screen-wake-lock=(self), publickey-credentials-get=(self), publickey-credentials-create=(self)"
)


class HostAndOriginMiddleware:
    """Refuse a Host that is not ours, an Origin that is not the Host, and what a foreign site's script sends.

    With the local authority's certificate also whoever does not come from the home network.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            host = request.get_host()
        except DisallowedHost:
            return HttpResponseBadRequest("This server does not answer to that host name.", content_type="text/plain")
        if settings.SERVER.home_only and not is_home(request.META.get("REMOTE_ADDR", ""), settings.SERVER.hosts):
            return HttpResponseForbidden("This server answers its home network alone.", content_type="text/plain")
        if foreign(request, host):
            return HttpResponseForbidden("Requests of other sites are refused.", content_type="text/plain")
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path_info.startswith("/static/"):
            response.setdefault("Cache-Control", "no-store")
        return response


def foreign(request: HttpRequest, host: str) -> bool:
    """True for a request that another site caused and that is not a plain visit of a page."""
    origin = request.headers.get("Origin")
    if origin is not None and (origin == "null" or urlsplit(origin).netloc != host):
        return True
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site in {"same-origin", "none"}:
        return False
    visit = request.method in SAFE and request.headers.get("Sec-Fetch-Mode") == "navigate"
    return not visit
