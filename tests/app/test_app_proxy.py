"""Behind a reverse proxy: a small one in front of the real server, which speaks for HTTPS as Caddy does."""

from __future__ import annotations

import contextlib
import http.client
import http.cookies
import importlib.util
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest

spec = importlib.util.spec_from_file_location("commands", Path(__file__).with_name("test_app_commands.py"))
commands = importlib.util.module_from_spec(spec)
spec.loader.exec_module(commands)

NAME = "light.example.org"
DROPPED = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", "connection", "host"}


class Proxy(BaseHTTPRequestHandler):
    """Passes a request on, as Caddy does: what a client says about itself is dropped, the proxy's word stands."""

    target: int
    protocol_version = "HTTP/1.1"

    def relay(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {k: v for k, v in self.headers.items() if k.lower() not in DROPPED}
        headers |= {"Host": self.headers["Host"], "X-Forwarded-Proto": "https"}
        headers["X-Forwarded-For"] = self.headers.get("X-Test-Client", "192.0.2.7")  # whom the proxy sees
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.target, timeout=60)) as onward:
            onward.request(self.command, self.path, body, headers)
            answer = onward.getresponse()
            content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "connection", "content-length", "date", "server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = relay

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal of the tests."""


class Visitor:
    """A browser as far as this needs one: cookies, a name, an address that the proxy sees."""

    def __init__(self, port: int, address: str = "192.0.2.7") -> None:
        self.port, self.address = port, address
        self.cookies: dict[str, str] = {}
        self.set: list[str] = []

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"Host": NAME, "X-Test-Client": self.address}
        sent["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        body = None
        if form is not None:
            token = self.cookies.get("__Host-photodose-csrf", "")
            body = urlencode(form | {"csrfmiddlewaretoken": token})
            sent |= {"Content-Type": "application/x-www-form-urlencoded"}
            sent |= {"Origin": f"https://{NAME}", "Referer": f"https://{NAME}{path}"}
        with contextlib.closing(connection):
            connection.request(method, path, body, sent | headers)
            answer = connection.getresponse()
            content = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.set.append(line)
            for name, morsel in http.cookies.SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer, content


@contextlib.contextmanager
def proxied(port: int) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Proxy,), {"target": port}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def behind(tmp_path):
    with commands.Running(tmp_path / "p", "--behind-proxy", "--host", NAME) as server, proxied(server.port) as port:
        yield server, port


def test_an_owner_is_made_and_signs_in_through_a_proxy(behind):
    server, port = behind
    code = re.search(r"with the code ([0-9a-f]{16})", server.log.read_text())[1]
    ann = Visitor(port)
    answer, _page = ann.ask("GET", "/owner/")
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    made, _ = ann.ask("POST", "/owner/", {"code": code, "username": "ann", "password": "correct horse battery"})
    assert made.status == 302
    _, me = ann.ask("GET", "/api/v1/me")
    assert json.loads(me)["username"] == "ann"
    assert {line.split("=")[0] for line in ann.set} >= {"__Host-photodose", "__Host-photodose-csrf"}
    assert all("Secure" in line and "SameSite=Lax" in line and "Path=/" in line for line in ann.set)
    assert all("Domain" not in line for line in ann.set)
    stranger = Visitor(port)
    assert stranger.ask("GET", "/api/v1/me")[0].status == 401
    assert stranger.ask("GET", "/", Host="evil.example")[0].status == 400
    foreign = ann.ask("POST", "/setup/", {"goal": "acne"}, Origin="https://evil.example")
    assert foreign[0].status == 403
    assert ann.ask("POST", "/setup/", {"goal": "acne"})[0].status == 302


def test_guessing_is_counted_by_the_address_that_the_proxy_sees(behind):
    """A client's own X-Forwarded-For changes nothing; another client is not locked out with it."""
    _, port = behind
    guesser, other = Visitor(port, "192.0.2.66"), Visitor(port, "192.0.2.67")
    for visitor in (guesser, other):
        visitor.ask("GET", "/owner/")
    form = {"code": "0" * 16, "username": "eve", "password": "correct horse battery"}
    codes = [guesser.ask("POST", "/owner/", form, **{"X-Forwarded-For": f"10.0.0.{i}"})[0].status for i in range(12)]
    assert codes[0] == 200
    assert codes[-1] == 429
    assert other.ask("POST", "/owner/", form)[0].status == 200
