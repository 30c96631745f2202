"""An owner with a password, a passkey and a way out: as a person does it, with a virtual authenticator."""

from __future__ import annotations

import re

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
