"""Accounts, the people whose light it is, and the devices they own."""

from __future__ import annotations

import uuid
import zoneinfo

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _

from photodose.app.zones import time_zones


def check_timezone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone."""
    if name not in time_zones():
        raise ValidationError(_("%(name)s is not a time zone."), params={"name": name})


class User(AbstractUser):
    """An account. On loopback one owner without a password exists from the first start."""

    @property
    def has_credentials(self) -> bool:
        """True once somebody set a password or a passkey: from then on everybody must sign in."""
        return self.has_usable_password() or self.authenticator_set.exists()


class Person(models.Model):
    """Somebody whose sessions are logged. One account may look after several (a household)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="people")
    name = models.CharField(max_length=80, blank=True)
    timezone = models.CharField(max_length=64, default="UTC", validators=[check_timezone])
    profile = models.JSONField(default=dict, blank=True)
    """Answers of the set-up (skin, medicines, conditions ...), in the shape of the page that asked."""
    demonstration = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("created_at", "id")

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)


class OwnedDevice(models.Model):
    """A device a person has: one of the catalogue, or their own specification, with what they measured."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="devices")
    name = models.CharField(max_length=120)
    catalogue_id = models.CharField(max_length=120, blank=True)
    spec = models.JSONField(null=True, blank=True)
    """The person's own device file (interface.md) as JSON; null for one of the catalogue."""
    measured = models.JSONField(default=dict, blank=True)
    """Irradiance that the person measured, as {"660": 12.0} [nm: mW/cm2]."""
    retired = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return self.name
