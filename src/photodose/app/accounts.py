"""Accounts: the implicit owner on loopback, the one-time code of a home server, and allauth's adapter."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from photodose.app.config import write_private
from photodose.app.models import AuditEntry, User
from photodose.quantities import InputError, UnknownNameError

SETUP_CODE_FILE = "owner-setup-code.sha256"
SETUP_CODE_S = 3600.0
"""The setup code is good for so long [s]; the next start of the server makes another."""


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: the owner is made at the first start."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False


def with_credentials() -> Q:
    """Accounts that can sign in: a usable password (Django marks an unusable one with '!') or a passkey."""
    return Q(is_active=True) & (~Q(password__startswith="!") & ~Q(password="") | Q(authenticator__isnull=False))


def anybody_can_sign_in() -> bool:
    """True once an account has a password or passkey; from then on nobody is let in without."""
    return User.objects.filter(with_credentials()).exists()


def implicit_owner() -> User | None:
    """The owner without a password, made when there is no account at all; None once anybody can sign in."""
    if anybody_can_sign_in():
        return None
    owner = User.objects.filter(is_active=True).order_by("pk").first()
    if owner is None:
        with transaction.atomic():
            owner, made = User.objects.get_or_create(username="owner", defaults={"is_staff": True})
            if made:
                owner.set_unusable_password()
                owner.save()
    return owner


def new_setup_code() -> str:
    """A one-time code, shown on the terminal alone, with which the owner's account of a home server is made."""
    code = secrets.token_hex(8)
    until = time.time() + SETUP_CODE_S
    written = f"{hashlib.sha256(code.encode()).hexdigest()} {until:.0f}"
    write_private(settings.DATA_DIR / SETUP_CODE_FILE, written.encode())
    return code


def setup_code_is(code: str) -> bool:
    """True if `code` is the pending setup code and still good."""
    path = settings.DATA_DIR / SETUP_CODE_FILE
    if not path.exists():
        return False
    kept, _, until = path.read_text().partition(" ")
    fits = hmac.compare_digest(kept, hashlib.sha256(code.strip().encode()).hexdigest())
    return fits and until.isdigit() and time.time() < int(until)


def make_owner(username: str, password: str) -> User:
    """Give the owner (or the implicit owner, with all they logged) a name and a password; the setup code is spent."""
    with transaction.atomic():
        owner = User.objects.select_for_update().order_by("pk").first() or User(is_staff=True)
        owner.username = username
        owner.set_password(password)
        owner.save()
        AuditEntry.objects.create(actor=owner, action="owner made", object_kind="user", object_id=str(owner.pk))
    (settings.DATA_DIR / SETUP_CODE_FILE).unlink(missing_ok=True)
    return owner


def reset_user(username: str) -> str:
    """End an account's password, sign-ins and second factors; returns the address where its owner sets a password.

    For a server without mail: only who can run commands on the server can do it. The address (a path below the
    server's own) is good once, for an hour (PASSWORD_RESET_TIMEOUT). Until then nobody can sign in with a password;
    the account still has one, which nobody knows, so that the server does not fall back to its implicit owner.
    Raises UnknownNameError if there is no such account.
    """
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str

    user = User.objects.filter(username=username).first()
    if user is None:
        raise UnknownNameError("account", username, list(User.objects.values_list("username", flat=True)[:5]))
    with transaction.atomic():
        user.set_password(secrets.token_urlsafe(48))
        user.is_active = True
        user.save()
        user.authenticator_set.all().delete()
        AuditEntry.objects.create(actor=None, action="user reset", object_kind="user", object_id=str(user.pk))
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})


def check_username(username: str) -> str:
    """The name, or InputError if it is empty or holds what a name may not."""
    cleaned = username.strip()
    if not cleaned or len(cleaned) > 60 or not all(c.isalnum() or c in "@.+-_" for c in cleaned):
        raise InputError("Choose a user name of letters, digits and @ . + - _ only.")
    return cleaned
