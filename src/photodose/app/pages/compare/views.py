"""Thinking of buying one: the catalogue with what is known of each device, and its dose and hazards a tap away."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from photodose import devices as device_room
from photodose.app.wording import BASES, KINDS
from photodose.devices import Device


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Devices by kind and name; those whose light is published first."""
    kind = request.GET.get("kind", "")
    query = " ".join(request.GET.get("q", "").casefold().split())[:80]
    known = device_room.catalogue(kind if kind in KINDS else None)
    rows = [shown(item) for item in known if query in f"{item.name} {item.id} {item.maker or ''}".casefold()]
    context = {
        "rows": sorted(rows, key=lambda row: (row["recalled"], not row["published"], row["device"].name)),
        "kinds": KINDS.items(),
        "kind": kind,
        "query": request.GET.get("q", "")[:80],
    }
    part = request.headers.get("HX-Request") and request.headers.get("HX-Target") == "devices"
    return render(request, "pages/compare/list.html" if part else "pages/compare/index.html", context)


def shown(item: Device) -> dict[str, Any]:
    """One device: its bands with what is published of their irradiance, clearance, recalls."""
    bands = [
        {
            "peak": band.peak_nm,
            "irradiance": band.irradiance_mw_cm2 if item.has_usable_number(band) else None,
            "basis": BASES.get(band.basis or "", ""),
        }
        for band in item.bands
    ]
    return {
        "device": item,
        "kind": KINDS[item.kind],
        "bands": bands,
        "published": all(band["irradiance"] is not None for band in bands),
        "clearance": [entry for entry in item.clearance if entry.known == "yes"],
        "looked": any(entry.known == "no" for entry in item.clearance),
        "recalled": item.recalled,
    }
