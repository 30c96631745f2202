"""All addresses: the frame's own, the API, accounts, and each page module of pages.PAGES."""

from __future__ import annotations

from django.urls import include, path

from photodose.app import views
from photodose.app.api import make_api
from photodose.app.pages import PAGES, patterns

api = make_api()

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("metrics", views.metrics, name="metrics"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("sw.js", views.service_worker, name="service-worker"),
    path("offline/", views.offline, name="offline"),
    path("appearance/", views.appearance, name="appearance"),
    path("owner/", views.owner, name="owner"),
    path("install/", views.install, name="install"),
    path("install/authority.crt", views.authority, name="authority"),
    path("calendar/<str:token>.ics", views.calendar_feed, name="calendar-feed"),
    path("api/v1/", api.urls),
    path("accounts/password/reset/", views.no_mail, name="no-mail"),  # in place of allauth's: there is no mail
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    *[pattern for page in PAGES for pattern in patterns(page)],
]

handler400 = "photodose.app.views.bad_request"
handler403 = "photodose.app.views.forbidden"
handler404 = "photodose.app.views.not_found"
handler500 = "photodose.app.views.server_error"
