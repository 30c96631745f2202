"""What the person owns: devices, plans, and all of it as one file."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Status

from photodose.app.api.sessions import CONFLICTS, part_of
from photodose.app.api.shapes import REFUSALS, DeviceIn, DeviceOut, PlanIn, PlanOut
from photodose.app.exports.fhir import to_bundle
from photodose.app.exports.records import export_account
from photodose.app.models import OwnedDevice, Person, Plan
from photodose.app.plans import store_plan

router = Router(tags=["my"])


@router.get("/devices", response={200: list[DeviceOut], **REFUSALS}, summary="The person's devices")
def devices(request: HttpRequest) -> Any:
    return list(OwnedDevice.objects.filter(person=request.person))


@router.post("/devices", response={201: DeviceOut, **REFUSALS, **CONFLICTS}, summary="Add a device")
def add_device(request: HttpRequest, device: DeviceIn) -> Any:
    known = OwnedDevice.objects.filter(pk=device.id).first() if device.id else None
    if known is not None:
        if known.person != request.person:
            return Status(409, {"detail": "This id is in use."})
        return Status(201, known)
    values = device.model_dump(exclude={"id"})
    return Status(
        201,
        OwnedDevice.objects.create(id=device.id or uuid.uuid4(), person=request.person, **values),
    )


@router.delete("/devices/{uuid:device_id}", response={204: None, **REFUSALS}, summary="Remove a device; sessions stay")
def remove_device(request: HttpRequest, device_id: uuid.UUID) -> Any:
    get_object_or_404(OwnedDevice, pk=device_id, person__owner=request.user).delete()
    return Status(204, None)


@router.get("/plans", response={200: list[PlanOut], **REFUSALS}, summary="The person's plans, newest first")
def plans(request: HttpRequest) -> Any:
    return list(Plan.objects.filter(person=request.person))


@router.post("/plans", response={201: PlanOut, **REFUSALS}, summary="Make the person's own schedule the active plan")
def add_plan(request: HttpRequest, plan: PlanIn) -> Any:
    person: Person = request.person
    device = part_of(person, OwnedDevice, plan.device)
    routine = plan.routine.model_dump(mode="json")
    return Status(201, store_plan(person, plan.name, routine, device=device, origin=Plan.Origin.OWN))


@router.get("/export", response={200: dict[str, Any], **REFUSALS}, summary="Everything stored, as it imports back")
def export(request: HttpRequest) -> Any:
    return export_account(request.user)


@router.get("/fhir", response={200: dict[str, Any], **REFUSALS}, summary="The person's record as a FHIR R4B Bundle")
def fhir(request: HttpRequest) -> Any:
    return to_bundle(request.person)
