"""Audit entries of signing in and out; passwords and codes never reach them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from photodose.app.models import AuditEntry


@receiver(user_logged_in)
def signed_in(user: Any, **_: Any) -> None:
    AuditEntry.objects.create(actor=user, action="signed in")


@receiver(user_logged_out)
def signed_out(user: Any, **_: Any) -> None:
    if user is not None and user.pk:
        AuditEntry.objects.create(actor=user, action="signed out")


@receiver(user_login_failed)
def sign_in_failed(**_: Any) -> None:
    AuditEntry.objects.create(action="sign-in failed")
