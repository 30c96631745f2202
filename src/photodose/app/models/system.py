"""The server's own records."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    """Who did what to which record, and when. Holds no health data: names of actions, kinds and ids alone."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    action = models.CharField(max_length=40)
    object_kind = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("-at", "-id")


class BackupRecord(models.Model):
    """One backup that was made, and whether what it restored to was the same."""

    made_at = models.DateTimeField(default=timezone.now)
    file_name = models.CharField(max_length=120)
    size_bytes = models.BigIntegerField()
    rows = models.PositiveIntegerField()
    restored_the_same = models.BooleanField()

    class Meta:
        ordering = ("-made_at",)
