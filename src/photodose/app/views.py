"""The frame's own addresses: health, metrics, the installable app, appearance, the owner's account, errors."""

from __future__ import annotations

import hmac
import io
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.staticfiles import finders
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from photodose.app import accounts
from photodose.app import metrics as measured
from photodose.app.config import load_or_make_secret
from photodose.app.context import THEMES
from photodose.app.exports.calendar import person_of, to_ics
from photodose.app.forms import OwnerForm

AUTHORITY = "tls/authority.pem"


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """200 if the database answers, else 503; says nothing more to anybody."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        return JsonResponse({"status": "failing"}, status=503)
    return JsonResponse({"status": "ok"})


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, for who shows the token of the data folder (file metrics-token)."""
    token = load_or_make_secret(Path(settings.DATA_DIR), "metrics-token")
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return HttpResponse("Show the token of the file metrics-token.", status=401, content_type="text/plain")
    return HttpResponse(measured.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The web app manifest."""
    icons = [
        {
            "src": static(f"photodose/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    content = {
        "name": "photodose",
        "short_name": "photodose",
        "description": _("Red light, with numbers"),
        "id": "/",
        "start_url": reverse("home:index"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#1b1311",
        "theme_color": "#1b1311",
        "icons": icons,
        "shortcuts": [{"name": _("Start a session"), "url": reverse("session:player")}],
    }
    response = JsonResponse(content)
    response["Content-Type"] = "application/manifest+json"
    return response


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The service worker, at the root so that it serves every page, with the list of what it keeps."""
    path = finders.find("photodose/sw.js")
    if not path:
        raise Http404
    shell = [static(f"photodose/{name}") for name in ("app.css", "app.js", "player.js", "icons.svg")]
    kept = {"shell": shell, "player": reverse("session:player"), "offline": reverse("offline")}
    script = f"self.PHOTODOSE = {json.dumps(kept)};\n{Path(path).read_text()}"
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    patch_cache_control(response, no_cache=True)
    return response


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown of a page that needs the network."""
    return render(request, "offline.html")


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep theme and language in cookies, and go back."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    options: dict[str, Any] = {"max_age": 365 * 24 * 3600, "samesite": "Lax", "secure": settings.SERVER.secure}
    if (theme := request.POST.get("theme")) in THEMES:
        response.set_cookie("photodose-theme", str(theme), **options)
    if (language := request.POST.get("language")) in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, str(language), **options)
    return response


@require_http_methods(["GET", "POST"])
def owner(request: HttpRequest) -> HttpResponse:
    """Make the owner's account, once: on loopback by who sits there, elsewhere with the code of the terminal."""
    if accounts.anybody_can_sign_in():
        return HttpResponseRedirect(reverse("account_login"))
    needs_code = settings.SERVER.mode != "loopback"
    form = OwnerForm(request.POST or None, needs_code=needs_code)
    if request.method == "POST" and too_many(request):
        return render(request, "error.html", {"title": _("Too many tries"), "text": _("Wait a minute.")}, status=429)
    if request.method == "POST" and form.is_valid():
        user = accounts.make_owner(form.cleaned_data["username"], form.cleaned_data["password"])
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return HttpResponseRedirect(reverse("home:index"))
    return render(request, "owner.html", {"form": form, "needs_code": needs_code})


def too_many(request: HttpRequest) -> bool:
    """True after ten tries within a minute from one address (allauth's counter, in the shared cache)."""
    from allauth.core import ratelimit

    return not ratelimit.consume(request, action="owner")


@require_GET
def no_mail(request: HttpRequest) -> HttpResponse:
    """A lost password: this server sends no mail, so who runs it sets a new one."""
    text = _("Password lost? Whoever runs this server can set a new one with: photodose user reset NAME")
    return render(request, "error.html", {"title": _("Sign in"), "text": text})


@require_GET
def install(request: HttpRequest) -> HttpResponse:
    """How a phone comes to trust this server, with the authority's fingerprint and a QR code of this page."""
    path = settings.DATA_DIR / AUTHORITY
    if settings.SERVER.mode != "lan" or not path.exists():
        raise Http404
    import segno

    from photodose.app.lan import fingerprint

    stream = io.BytesIO()
    segno.make(request.build_absolute_uri()).save(
        stream, kind="svg", border=2, xmldecl=False, svgns=True, omitsize=True
    )
    context = {
        "fingerprint": fingerprint(path),
        "qr": stream.getvalue().decode(),
        "home": request.build_absolute_uri("/"),
    }
    return render(request, "install.html", context)


@require_GET
def authority(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The authority's certificate, public by nature."""
    path = settings.DATA_DIR / AUTHORITY
    if settings.SERVER.mode != "lan" or not path.exists():
        raise Http404
    response = HttpResponse(path.read_bytes(), content_type="application/x-x509-ca-cert")
    response["Content-Disposition"] = 'attachment; filename="photodose-authority.crt"'
    return response


@require_GET
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001
    """The calendar feed behind a secret address."""
    person = person_of(token)
    if person is None:
        raise Http404
    return HttpResponse(to_ics(person), content_type="text/calendar; charset=utf-8")


def problem(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """A page, or JSON below /api/, that says in one sentence what is wrong."""
    if request.path_info.startswith("/api/"):
        return JsonResponse({"detail": text}, status=status)
    return render(request, "error.html", {"title": title, "text": text}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return problem(request, 400, _("That did not work"), _("The request was not understood."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return problem(request, 403, _("Not allowed"), _("This account may not do that."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return problem(request, 404, _("Nothing here"), _("There is no such page, or it is not yours."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    return problem(
        request, 403, _("Please try once more"), _("The page was too old. Load it again and repeat what you did.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    text = _("This is a fault of photodose, not yours. What you logged is safe; try again.")
    if request.path_info.startswith("/api/"):
        return JsonResponse({"detail": text}, status=500)
    return HttpResponse(f"<!doctype html><title>photodose</title><p>{text}</p>", status=500)
