"""An owner with a password, a passkey and a way out: as a person does it, with a virtual authenticator."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time

PASSWORD = "correct horse battery"


def test_password_passkey_sign_out_and_in_again(open_context, accessible, shot, give_plan):
    context = open_context("phone")
    page = context.new_page()
    page.goto("/")
    give_plan(page, [("face", 600)])
    page.goto("/session/")
    page.get_by_text("Ready?").wait_for()
    page.goto("/yours/")
    page.get_by_role("link", name="Protect it with a password").click()
    page.get_by_label("User name").fill("ann")
    page.get_by_label("Password, 12 characters or more").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url(re.compile(r"/$"))

    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/accounts/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        accessible(page)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Passwordless").check()
    accessible(page)
    shot(page, "add-passkey", "phone")
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(lambda url: "webauthn/add" not in url)
    page.goto("/accounts/2fa/")
    accessible(page)
    shot(page, "second-factor", "phone")

    page.goto("/yours/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile(r"/$"))
    page.get_by_role("link", name="Sign in").wait_for()
    kept = page.evaluate("indexedDB.databases().then(all => all.map(d => d.name))")
    assert "photodose" not in kept, "signing out takes the data off this browser"
    page.goto("/yours/")
    page.get_by_role("heading", name="Sign in").wait_for()
    accessible(page)
    shot(page, "sign-in", "phone")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="Yours").wait_for()


def test_an_authenticator_app_is_enrolled_and_asked_for(open_context, accessible, shot):
    """The secret is read from the page as a person would type it into an app; then code and recovery code let in."""
    context = open_context("phone")
    page = context.new_page()
    page.goto("/owner/")
    page.get_by_label("User name").fill("ann")
    page.get_by_label("Password, 12 characters or more").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url(re.compile(r"/$"))
    page.goto("/accounts/2fa/")
    page.locator("[href='/accounts/2fa/totp/activate/']").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/totp/activate/")
    secret = page.get_by_label("Authenticator secret").input_value()
    assert page.locator("main img").evaluate("i => i.complete && i.naturalWidth > 0"), "the code to scan is drawn"
    accessible(page)
    shot(page, "authenticator-app", "phone")
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Activate").click()
    page.get_by_text("Incorrect code").wait_for()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Activate").click()
    page.wait_for_url("**/recovery-codes/**")
    accessible(page)
    shot(page, "recovery-codes", "phone")
    recovery = page.locator("#recovery_codes").input_value().split()
    assert len(recovery) == 10
    for code in (lambda: code_of(secret), lambda: recovery[0]):
        page.goto("/yours/")
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("link", name="Sign in").wait_for()
        page.goto("/accounts/login/")
        page.get_by_label("User name", exact=True).or_(page.get_by_label("Username")).first.fill("ann")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/2fa/authenticate/**")
        accessible(page)
        shot(page, "asked-for-the-code", "phone")
        page.locator("[name=code]").fill(code())
        page.locator("main button[type=submit]").first.click()
        page.wait_for_url(re.compile(r"/$"))
        page.goto("/yours/")
        page.get_by_role("heading", name="Yours").wait_for()


def code_of(secret: str) -> str:
    """What an authenticator app shows (RFC 6238), never one about to lapse."""
    left = 30 - time.time() % 30
    if left < 5:
        time.sleep(left)
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time() // 30)), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF) % 10**6:06}"
