"""The second factor: an authenticator app enrolled and asked for; wrong and spent codes refused; recovery codes."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from photodose.app.models import AuditEntry

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
LOGIN = {"login": "owner", "password": PASSWORD}


def code_of(secret: str, periods: int = 0) -> str:
    """What an authenticator app shows, so many half minutes from now (RFC 6238); never one about to lapse."""
    left = 30 - time.time() % 30
    if left < 3:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods))


@pytest.fixture
def signed_in(owner):
    owner.set_password(PASSWORD)
    owner.save()
    client = Client()
    assert client.post("/accounts/login/", LOGIN).status_code == 302
    return client


def enrol(client: Client) -> str:
    """Switch the authenticator app on as its page says; returns the secret."""
    asked = client.get("/accounts/2fa/totp/activate/")
    assert "/reauthenticate/" in asked["Location"], "whoever finds a page left open changes nothing"
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    page = client.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    assert "data:image/svg+xml" in page.content.decode(), "a code to scan, without asking another server"
    assert client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists(), "a wrong code switches nothing on"
    assert client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}
    return secret


def recovery_codes(client: Client) -> list[str]:
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    return re.findall(r"\b[0-9a-z]{8,}\b", re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)[1])


def test_the_codes_are_those_of_the_standard():
    """RFC 6238, appendix B: 20 bytes "1234...", 59 s gives 94287082, of which six digits are 287082."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert format_hotp_value(hotp_value(secret, 59 // 30)) == "287082"
    assert format_hotp_value(hotp_value(secret, 1111111109 // 30)) == "081804"


def test_enrolled_then_asked_for_at_every_sign_in(signed_in):
    secret = enrol(signed_in)
    client = Client()
    half = client.post("/accounts/login/", LOGIN)
    assert half["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/api/v1/me").status_code == 401, "the password alone lets nobody in"
    assert client.get("/yours/").status_code == 302
    wrong = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret, 5000)})
    assert wrong.status_code == 200
    assert client.get("/api/v1/me").status_code == 401
    code = code_of(secret)
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert client.get("/api/v1/me").status_code == 200
    replay = Client()
    replay.post("/accounts/login/", LOGIN)
    assert replay.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200, "a code is good once"
    assert replay.get("/api/v1/me").status_code == 401
    assert not any(secret in entry.action + entry.object_id for entry in AuditEntry.objects.all())


def test_a_recovery_code_helps_once_when_the_phone_is_gone(signed_in):
    enrol(signed_in)
    codes = recovery_codes(signed_in)
    assert len(set(codes)) == 10
    client = Client()
    client.post("/accounts/login/", LOGIN)
    assert client.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert client.get("/api/v1/me").status_code == 200
    again = Client()
    again.post("/accounts/login/", LOGIN)
    assert again.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 200
    assert again.get("/api/v1/me").status_code == 401
    assert again.post("/accounts/2fa/authenticate/", {"code": codes[1]}).status_code == 302


def test_guessing_the_second_factor_is_slowed_down(signed_in):
    secret = enrol(signed_in)
    client = Client()
    client.post("/accounts/login/", LOGIN)
    for i in range(8):
        client.post("/accounts/2fa/authenticate/", {"code": f"{i:06}"})
    late = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert late.status_code != 302
    assert client.get("/api/v1/me").status_code == 401


def test_it_is_switched_off_again_and_by_a_reset(signed_in, owner):
    from photodose.app.accounts import reset_user

    enrol(signed_in)
    assert signed_in.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.filter(type="totp").exists()
    client = Client()
    assert client.post("/accounts/login/", LOGIN)["Location"] == "/"
    enrol_again = client
    Authenticator.objects.all().delete()
    enrol(enrol_again)
    reset_user("owner")
    assert not Authenticator.objects.exists()
