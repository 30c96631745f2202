"""Sessions as they were done, event by event, and what came of them."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone as clock

from photodose.app.models.people import OwnedDevice, Person
from photodose.app.models.plans import Plan


class Session(models.Model):
    """One session; its id is made by the client, so that sending it twice stores it once."""

    class Status(models.TextChoices):
        RUNNING = "running"
        PAUSED = "paused"
        FINISHED = "finished"  # to the end of the plan
        STOPPED = "stopped"  # ended before
        ENTERED = "entered"  # written down afterwards

    DONE = (Status.FINISHED, Status.STOPPED, Status.ENTERED)

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sessions")
    plan = models.ForeignKey(Plan, on_delete=models.SET_NULL, null=True, blank=True, related_name="sessions")
    device = models.ForeignKey(OwnedDevice, on_delete=models.SET_NULL, null=True, blank=True, related_name="sessions")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RUNNING)
    timezone = models.CharField(max_length=64)
    local_date = models.DateField(db_index=True)
    """The day on the wall calendar where the session began: totals by day follow it, whatever the clocks did."""
    started_at = models.DateTimeField()
    started_monotonic_ms = models.FloatField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    planned_s = models.FloatField()
    confirmed_s = models.FloatField(default=0)
    assumed_s = models.FloatField(default=0)
    eyes_confirmed = models.BooleanField(default=False)
    warnings_accepted = models.JSONField(default=list, blank=True)
    engine_version = models.CharField(max_length=40, blank=True)
    data_hash = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-started_at", "id")
        indexes = (models.Index(fields=("person", "local_date")),)

    @property
    def delivered_s(self) -> float:
        """Seconds of light, confirmed and assumed together [s]."""
        return self.confirmed_s + self.assumed_s


class SessionZone(models.Model):
    """One place of a session, in the order in which they were lit."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="zones")
    position = models.PositiveSmallIntegerField()
    site = models.CharField(max_length=60)
    planned_s = models.FloatField()
    confirmed_s = models.FloatField(default=0)
    assumed_s = models.FloatField(default=0)

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("session", "position"), name="one_zone_a_position"),)


class SessionEvent(models.Model):
    """What happened in a session, with both clocks of the phone; the id is made by the client."""

    id = models.UUIDField(primary_key=True, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="events")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    zone = models.PositiveSmallIntegerField(default=0)
    wall_ms = models.FloatField()
    monotonic_ms = models.FloatField()
    boot = models.CharField(max_length=36, blank=True)
    """Which loading of the page the monotonic clock belongs to: it starts anew with each."""
    data = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("sequence", "wall_ms", "id")


class DeletedSession(models.Model):
    """That a session was deleted: a phone that sends its events later must not bring it back."""

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="deleted_sessions")
    deleted_at = models.DateTimeField(default=clock.now)


class Reaction(models.Model):
    """The answer to "how was it" after a session."""

    class Kind(models.TextChoices):
        FINE = "fine"
        BLISTER = "blister"
        REDNESS = "redness"
        EYE = "eye"
        HEADACHE = "headache"
        OTHER = "other"

    PAUSING = (Kind.BLISTER, Kind.REDNESS, Kind.EYE, Kind.HEADACHE)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reactions")
    session = models.ForeignKey(Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="reactions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    note = models.CharField(max_length=500, blank=True)
    reported_at = models.DateTimeField(default=clock.now)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-reported_at", "id")


class OutcomeScore(models.Model):
    """One filled-in questionnaire or measure."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="scores")
    instrument = models.CharField(max_length=60)
    value = models.FloatField()
    unit = models.CharField(max_length=30, default="1")
    items = models.JSONField(default=dict, blank=True)
    taken_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-taken_at", "id")
