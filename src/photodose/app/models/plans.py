"""Plans: what a person meant to do, with all that went into the decision."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from photodose.app.models.people import OwnedDevice, Person


class Plan(models.Model):
    """One plan. `routine` is what the player needs (`photodose.app.routine.Routine`); `inputs`, `result`,
    `engine_version` and `data_hash` say how it came about, so that a later version can show what changed."""

    class Origin(models.TextChoices):
        COMPUTED = "computed"
        OWN = "own"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="plans")
    device = models.ForeignKey(OwnedDevice, on_delete=models.SET_NULL, null=True, blank=True, related_name="plans")
    name = models.CharField(max_length=120)
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.OWN)
    inputs = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    routine = models.JSONField(default=dict)
    engine_version = models.CharField(max_length=40, blank=True)
    data_hash = models.CharField(max_length=64, blank=True)
    active = models.BooleanField(default=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_because = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "id")

    def __str__(self) -> str:
        return self.name


class CalendarFeed(models.Model):
    """A secret address at which a calendar program reads the neutral appointments. Only a hash of it is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
