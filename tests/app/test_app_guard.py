"""Host, Origin and headers; the owner's account; logs and metrics that tell nothing."""

from __future__ import annotations

import json
import logging
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings

from photodose.app import accounts, metrics
from photodose.app.config import ServerConfig, load_or_make_secret, parse_database_url, prepare_data_dir
from photodose.app.logs import JsonFormatter
from photodose.app.models import AuditEntry, Person, User
from photodose.app.serve import configure
from photodose.quantities import InputError, UnknownNameError

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.9", "x" * 300]
)
def test_a_foreign_host_is_refused_everywhere(host):
    """DNS rebinding: the attacker's name points here, but the browser still says that name."""
    for path in ("/", "/api/v1/me", "/healthz", "/static/photodose/app.js", "/yours/export.json"):
        answer = Client().get(path, headers={"host": host})
        assert answer.status_code == 400
        assert b"photodose" not in answer.content


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_its_own_hosts_are_answered(host):
    assert Client().get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://testserver"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://testserver:81"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}, 200),
        ({"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, 200),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403),
        ({"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 200),
    ],
)
def test_what_other_sites_may_cause(headers, status):
    assert Client().get("/", headers=headers).status_code == status


def test_another_site_cannot_post(owner):
    answer = Client().post(
        "/api/v1/my/devices",
        {"name": "x"},
        content_type="application/json",
        headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    )
    assert answer.status_code == 403


def test_headers_of_every_page(client):
    for path in ("/", "/yours/", "/session/", "/log/", "/nothing-here", "/api/v1/me"):
        answer = client.get(path)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "same-origin"
        assert b'style="' not in answer.content
        assert b"<script>" not in answer.content
        assert b"onclick" not in answer.content


def test_the_owner_takes_over_what_was_logged_and_then_must_sign_in(client, person):
    person.name = "Me"
    person.save()
    short = client.post("/owner/", {"username": "ann", "password": "short"})
    assert short.status_code == 200
    assert accounts.implicit_owner() is not None
    answer = client.post("/owner/", {"username": "ann", "password": "correct horse battery"})
    assert answer.status_code == 302
    assert Person.objects.get(pk=person.pk).owner.username == "ann"
    assert Client().get("/api/v1/me").status_code == 401
    assert client.get("/api/v1/me").json()["username"] == "ann"
    again = Client().post("/owner/", {"username": "eve", "password": "correct horse battery"})
    assert again.status_code == 302
    assert not User.objects.filter(username="eve").exists()
    signed = Client()
    signed.post("/accounts/login/", {"login": "ann", "password": "correct horse battery"})
    assert signed.get("/api/v1/me").status_code == 200
    assert AuditEntry.objects.filter(action="signed in").exists()


@pytest.fixture
def at_home(settings):
    """The same server as it runs with --lan."""
    settings.SERVER = ServerConfig(settings.DATA_DIR, "lan", 8000, tuple(settings.ALLOWED_HOSTS))
    yield settings
    (settings.DATA_DIR / accounts.SETUP_CODE_FILE).unlink(missing_ok=True)


def test_on_a_home_network_nobody_is_let_in_without_an_account(client, at_home):
    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/yours/").status_code == 302
    assert client.get("/session/").status_code == 302
    page = client.get("/")
    assert page.status_code == 200
    assert b"/owner/" in page.content


def test_the_owner_of_a_home_server_needs_the_code_of_the_terminal(client, at_home):
    code = accounts.new_setup_code()
    data = {"username": "ann", "password": "correct horse battery"}
    assert client.post("/owner/", data | {"code": "0" * 16}).status_code == 200
    assert not accounts.anybody_can_sign_in()
    assert client.post("/owner/", data | {"code": code}).status_code == 302
    assert accounts.anybody_can_sign_in()
    assert not accounts.setup_code_is(code), "the code is spent"


def test_guessing_the_code_is_slowed_down(at_home):
    accounts.new_setup_code()
    client = Client()
    answers = [
        client.post("/owner/", {"code": str(i), "username": "e", "password": "correct horse battery"})
        for i in range(12)
    ]
    assert [a.status_code for a in answers][-1] == 429


def test_guessing_a_password_is_slowed_down(owner):
    owner.set_password("correct horse battery")
    owner.save()
    client = Client()
    told = [client.post("/accounts/login/", {"login": "owner", "password": f"wrong {i}"}) for i in range(8)]
    assert b"too many" in told[-1].content.lower() or told[-1].status_code == 429
    late = client.post("/accounts/login/", {"login": "owner", "password": "correct horse battery"})
    assert late.status_code != 302


def test_the_code_of_the_terminal_is_good_for_an_hour(client, at_home, monkeypatch):
    began = time.time()
    code = accounts.new_setup_code()
    assert accounts.setup_code_is(code)
    monkeypatch.setattr(accounts.time, "time", lambda: began + accounts.SETUP_CODE_S + 2)
    assert not accounts.setup_code_is(code)
    data = {"username": "ann", "password": "correct horse battery", "code": code}
    assert b"older than an hour" in client.post("/owner/", data).content
    assert not accounts.anybody_can_sign_in()
    (at_home.DATA_DIR / accounts.SETUP_CODE_FILE).write_text("no such thing")
    assert not accounts.setup_code_is(code)


@pytest.mark.parametrize(
    ("mode", "own", "asked", "sent"),
    [
        ("loopback", False, False, False), ("lan", False, False, False), ("lan", False, True, True),
        ("lan", True, False, True), ("proxy", False, False, True), ("loopback", False, True, False),
    ],
)  # fmt: skip
def test_who_is_told_to_use_https_alone(tmp_path, mode, own, asked, sent):
    config = ServerConfig(tmp_path, mode, own_certificate=own, hsts_asked=asked)
    assert config.hsts == sent


def test_hsts_is_on_every_answer(settings):
    from django.middleware.security import SecurityMiddleware

    settings.SECURE_HSTS_SECONDS = 31536000
    answer = SecurityMiddleware(lambda _: HttpResponse("x"))(RequestFactory().get("/", secure=True))
    assert answer["Strict-Transport-Security"] == "max-age=31536000"


def test_with_the_local_authority_the_home_network_alone_is_answered(at_home):
    for path in ("/", "/healthz", "/install/", "/static/photodose/app.js"):
        for address, status in (("8.8.8.8", 403), ("2001:db8::9", 403), ("", 403)):
            assert Client().get(path, REMOTE_ADDR=address).status_code == status, (path, address)
        assert Client().get(path, REMOTE_ADDR="192.168.1.30").status_code != 403
    at_home.SERVER = ServerConfig(at_home.DATA_DIR, "lan", 8000, tuple(at_home.ALLOWED_HOSTS), own_certificate=True)
    assert Client().get("/healthz", REMOTE_ADDR="203.0.113.9").status_code == 200


def test_a_lost_password_is_set_anew_at_the_server(owner, monkeypatch):
    owner.set_password("forgotten long phrase")
    owner.save()
    Authenticator.objects.create(user=owner, type="totp", data={"secret": "x"})
    here = Client()
    here.force_login(owner)
    path = accounts.reset_user("owner")
    assert here.get("/api/v1/me").status_code == 401, "who was signed in is not any more"
    assert not Authenticator.objects.exists()
    assert not Client().login(username="owner", password="forgotten long phrase")
    assert accounts.implicit_owner() is None, "a void password opens no door"
    client = Client()
    form = client.get(path, follow=True)
    assert form.status_code == 200
    target = form.redirect_chain[-1][0]
    assert path.rsplit("-", 1)[-1] not in target, "the key does not stay in the address"
    short = client.post(target, {"password1": "short", "password2": "short"})
    assert short.status_code == 200
    done = client.post(target, {"password1": "another long phrase", "password2": "another long phrase"})
    assert done.status_code == 302
    assert Client().login(username="owner", password="another long phrase")
    again = Client().get(path, follow=True)
    assert b"password1" not in again.content, "the link is spent"
    with pytest.raises(UnknownNameError, match="owner"):
        accounts.reset_user("nobody")


def test_the_link_for_a_lost_password_is_good_for_an_hour(owner, monkeypatch):
    from allauth.account.forms import default_token_generator as tokens

    path = accounts.reset_user("owner")
    now = tokens._now()
    monkeypatch.setattr(type(tokens), "_now", lambda _: now + timedelta(minutes=59))
    assert b"password1" in Client().get(path, follow=True).content
    monkeypatch.setattr(type(tokens), "_now", lambda _: now + timedelta(minutes=61))
    late = Client().get(path, follow=True)
    assert late.status_code == 200
    assert b"password1" not in late.content


def test_pages_of_the_account_are_there(client, owner):
    owner.set_password("correct horse battery")
    owner.save()
    client.post("/accounts/login/", {"login": "owner", "password": "correct horse battery"})
    for path in (
        "/accounts/2fa/",
        "/accounts/password/change/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/add/",
    ):
        answer = client.get(path, follow=True)  # what is delicate asks for the password once more
        assert answer.status_code == 200, path
        assert b'class="bar"' in answer.content, path
        assert b"Content-Security" not in answer.content
    assert Client().get("/accounts/signup/").status_code in {200, 302, 403}
    assert User.objects.count() == 1
    Client().post(
        "/accounts/signup/",
        {"username": "eve", "password1": "correct horse battery", "password2": "correct horse battery"},
    )
    assert User.objects.count() == 1, "nobody signs up by themselves"


def test_log_lines_hold_no_health_data(client, plan, caplog):
    with caplog.at_level(logging.INFO):
        client.get(f"/log/{plan.pk}/?q=headache")
        client.post("/yours/people/add/", {"name": "Grandmother"})
        client.get("/api/v1/sessions?since=2026-01-01")
    lines = [JsonFormatter().format(record) for record in caplog.records if record.name == "photodose.requests"]
    assert len(lines) == 3
    for line in lines:
        parsed = json.loads(line)
        assert set(parsed) <= {
            "time",
            "level",
            "logger",
            "message",
            "request_id",
            "method",
            "route",
            "status",
            "milliseconds",
        }
        assert not any(word in line for word in ("headache", "Grandmother", str(plan.pk), "2026-01-01"))


def test_an_exception_is_logged_by_place_not_by_message():
    try:
        raise ValueError("my doxycycline")
    except ValueError as problem:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "unhandled", (), (type(problem), problem, problem.__traceback__)
        )
    line = JsonFormatter().format(record)
    assert "doxycycline" not in line
    assert json.loads(line)["error"] == "ValueError"
    assert "test_app_guard" in line


def test_metrics_need_the_token_and_name_no_path(client, plan, settings):
    client.get(f"/log/{plan.pk}/")
    assert client.get("/metrics").status_code == 401
    token = load_or_make_secret(settings.DATA_DIR, "metrics-token")
    answer = client.get("/metrics", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert b"photodose_requests_total" in answer.content
    assert str(plan.pk).encode() not in answer.content
    assert metrics.exposition()


def test_healthz_says_so_when_the_database_is_gone(client, monkeypatch):
    from django.db import connection

    def gone(*_):
        raise OSError

    monkeypatch.setattr(connection, "cursor", gone)
    assert client.get("/healthz").status_code == 503


def test_plain_http_does_not_leave_this_computer(tmp_path):
    ask = {"lan": False, "behind_proxy": False, "data_dir": tmp_path / "d", "hosts": ()}
    for address in ("0.0.0.0", "192.168.1.5", "::"):
        with pytest.raises(InputError, match="Plain HTTP"):
            configure(8000, address=address, **ask)
    with pytest.raises(InputError, match="--host"):
        configure(8000, address=None, **ask | {"behind_proxy": True})
    with pytest.raises(InputError, match="either"):
        configure(8000, address=None, **ask | {"behind_proxy": True, "lan": True})
    with pytest.raises(InputError, match="65535"):
        configure(0, address=None, **ask)
    proxied = configure(8000, address="0.0.0.0", **ask | {"behind_proxy": True, "hosts": ("light.example.org",)})
    assert proxied.secure
    assert "light.example.org" in proxied.hosts
    assert not configure(8000, address=None, **ask).secure


def test_the_data_folder_is_the_owners_alone(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    prepare_data_dir(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    secret = load_or_make_secret(folder)
    assert len(secret) >= 64
    assert load_or_make_secret(folder) == secret
    assert (folder / "secret-key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(InputError, match="data folder"):
        prepare_data_dir(folder / "secret-key")


def test_database_url(tmp_path):
    default = parse_database_url("", tmp_path)
    assert default["NAME"] == str(tmp_path / "photodose.sqlite3")
    assert default["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in default["OPTIONS"]["init_command"]
    other = parse_database_url("postgres://ann:p%40ss@db:5433/light?sslmode=require", tmp_path)
    assert (other["USER"], other["PASSWORD"], other["HOST"], other["PORT"], other["NAME"]) == (
        "ann",
        "p@ss",
        "db",
        "5433",
        "light",
    )
    assert other["OPTIONS"] == {"sslmode": "require"}
    assert parse_database_url("sqlite:////srv/x.db", tmp_path)["NAME"] == "/srv/x.db"
    for wrong in ("mysql://a/b", "postgres://", "nonsense"):
        with pytest.raises(InputError, match="DATABASE_URL"):
            parse_database_url(wrong, tmp_path)


@override_settings(DEBUG=False)
def test_errors_are_pages_and_json(client):
    assert b"Nothing here" in client.get("/nothing-here").content
    assert client.get("/api/v1/nothing").json() == {"detail": "There is no such page, or it is not yours."}
