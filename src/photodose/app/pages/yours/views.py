"""What is yours: people, appearance, account, export, import, calendar, backup, erase."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from photodose.app import accounts
from photodose.app.exports import backup as backups
from photodose.app.exports import calendar, fhir, pdf, records, table
from photodose.app.forms import EraseForm, ImportForm, PersonForm
from photodose.app.models import AuditEntry, CalendarFeed, Person
from photodose.quantities import InputError


def note(request: HttpRequest, action: str) -> None:
    """Write an audit entry."""
    AuditEntry.objects.create(actor=request.user, action=action)


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Everything that is yours."""
    return render(
        request,
        "pages/yours/index.html",
        {
            "people": Person.objects.filter(owner=request.user),
            "feed": CalendarFeed.objects.filter(person=request.person, revoked_at__isnull=True).exists(),
            "backups": backups.describe(),
            "import_form": ImportForm(),
            "secured": accounts.anybody_can_sign_in(),
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest) -> HttpResponse:
    """Name and time zone."""
    current: Person = request.person
    form = PersonForm(request.POST or None, initial={"name": current.name, "timezone": current.timezone})
    if request.method == "POST" and form.is_valid():
        current.name, current.timezone = form.cleaned_data["name"], form.cleaned_data["timezone"]
        current.save()
        messages.success(request, _("Changed."))
        return HttpResponseRedirect(reverse("yours:index"))
    return render(request, "pages/yours/person.html", {"form": form})


@login_required
@require_POST
def add_person(request: HttpRequest) -> HttpResponse:
    """One more person of the household."""
    name = request.POST.get("name", "").replace("\x00", "").strip()[:80]
    if not name:
        messages.error(request, _("Give a name."))
        return HttpResponseRedirect(reverse("yours:index"))
    added = Person.objects.create(owner=request.user, name=name, timezone=request.person.timezone)
    request.session["person"] = str(added.pk)
    return HttpResponseRedirect(reverse("yours:index"))


@login_required
@require_POST
def choose_person(request: HttpRequest) -> HttpResponse:
    """Whose data the pages show."""
    from uuid import UUID

    try:
        wanted = UUID(request.POST.get("person", ""))
    except ValueError:
        return HttpResponseRedirect(reverse("yours:index"))
    chosen = get_object_or_404(Person, pk=wanted, owner=request.user)
    request.session["person"] = str(chosen.pk)
    return HttpResponseRedirect(reverse("home:index"))


def download(content: bytes, kind: str, name: str) -> HttpResponse:
    """A file to save, named by the day."""
    response = HttpResponse(content, content_type=kind)
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="photodose-{day}{name}"'
    return response


@login_required
@require_GET
def export_json(request: HttpRequest) -> HttpResponse:
    """Everything, as it imports back."""
    note(request, "exported")
    return download(records.to_bytes(records.export_account(request.user)), "application/json", ".json")


@login_required
@require_GET
def export_csv(request: HttpRequest) -> HttpResponse:
    """The log as a table."""
    note(request, "exported")
    return download(table.to_csv(request.person), "text/csv; charset=utf-8", ".csv")


@login_required
@require_GET
def export_pdf(request: HttpRequest) -> HttpResponse:
    """The log to print."""
    note(request, "exported")
    return download(pdf.log_pdf(request.person), "application/pdf", ".pdf")


@login_required
@require_GET
def export_fhir(request: HttpRequest) -> HttpResponse:
    """The record for other health programs."""
    note(request, "exported")
    content = records.to_bytes(fhir.to_bundle(request.person))
    return download(content, "application/fhir+json", ".fhir.json")


@login_required
@require_GET
def export_ics(request: HttpRequest) -> HttpResponse:
    """The appointments as a file."""
    return download(calendar.to_ics(request.person), "text/calendar; charset=utf-8", ".ics")


@login_required
@require_POST
def new_feed(request: HttpRequest) -> HttpResponse:
    """A new secret address of the calendar; shown once, the ones before stop working."""
    token = calendar.new_feed(request.person)
    url = request.build_absolute_uri(reverse("calendar-feed", args=[token]))
    return render(request, "pages/yours/feed.html", {"url": url})


@login_required
@require_POST
def revoke_feed(request: HttpRequest) -> HttpResponse:
    """Stop the calendar feed."""
    calendar.revoke_feeds(request.person)
    messages.success(request, _("The calendar address no longer works."))
    return HttpResponseRedirect(reverse("yours:index"))


@login_required
@require_POST
def import_file(request: HttpRequest) -> HttpResponse:
    """Read an export back."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose an export file first."))
        return HttpResponseRedirect(reverse("yours:index"))
    try:
        counts = records.import_account(request.user, form.cleaned_data["file"].read())
    except InputError as problem:
        messages.error(request, str(problem))
    else:
        note(request, "imported")
        messages.success(
            request,
            _("%(added)d records added, %(kept)d were there already.") % {"added": counts.added, "kept": counts.kept},
        )
    return HttpResponseRedirect(reverse("yours:index"))


@login_required
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """Erase everything, after asking, and say what stays in backups."""
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        implicit = request.implicit_owner
        records.erase_account_data(user)
        AuditEntry.objects.create(actor=user, action="erased")
        if not implicit:
            logout(request)
        response = render(request, "pages/yours/erased.html", backups.describe())
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response
    return render(request, "pages/yours/erase.html", {"form": form} | backups.describe())


@login_required
@require_POST
def backup(request: HttpRequest) -> HttpResponse:
    """Ask for a backup now."""
    from photodose.app.tasks import backup_now

    backup_now.enqueue()
    note(request, "backup asked for")
    messages.success(request, _("The backup is being made and tested; it appears here in a minute."))
    return HttpResponseRedirect(reverse("yours:index"))


@login_required
@require_POST
def backup_key(request: HttpRequest) -> HttpResponse:
    """The key that opens the backups, to be kept elsewhere; only for the owner of the server."""
    if not getattr(request.user, "is_staff", False):
        return render(request, "error.html", {"title": _("Not allowed"), "text": _("Only the owner may.")}, status=403)
    backups.backup_key()
    note(request, "backup key read")
    content = (settings.DATA_DIR / "backup-key.txt").read_bytes()
    return download(content, "text/plain; charset=utf-8", "-backup-key.txt")
