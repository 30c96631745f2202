"""The devices a person has, and a routine of their own for one."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from photodose.app.forms import DeviceForm
from photodose.app.models import OwnedDevice, Person, Plan
from photodose.app.people import own_person
from photodose.app.plans import store_plan


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All devices of the person."""
    devices = OwnedDevice.objects.filter(person=request.person)
    return render(request, "pages/devices/index.html", {"devices": devices})


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A device with the person's own schedule."""
    form = DeviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        keep(own_person(request), form.cleaned_data)
        return HttpResponseRedirect(reverse("home:index"))
    return render(request, "pages/devices/add.html", {"form": form})


@transaction.atomic
def keep(person: Person, answers: dict[str, Any]) -> Plan:
    """Store the device and make its schedule the active plan."""
    kind, minutes, sites, time = answers["kind"], answers["minutes"], answers["sites"], answers["time"]
    device = OwnedDevice.objects.create(person=person, name=str(answers["name"]), spec={"kind": kind})
    routine = {
        "zones": [{"site": site, "seconds": float(str(minutes)) * 60} for site in sites],
        "sessions_per_week": answers["sessions_per_week"],
        "days": answers["days"],
        "time": time.strftime("%H:%M") if time else None,
        "eyes": answers["eyes"],
    }
    return store_plan(person, device.name, routine, device=device, origin=Plan.Origin.OWN)


@login_required
@require_POST
def retire(request: HttpRequest, device_id: uuid.UUID) -> HttpResponse:
    """Put a device away, or take it out again; its sessions stay."""
    device = get_object_or_404(OwnedDevice, pk=device_id, person__owner=request.user)
    device.retired = not device.retired
    device.save()
    return HttpResponseRedirect(reverse("devices:index"))
