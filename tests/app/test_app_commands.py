"""The commands of the server, as a person runs them: serve, stop, HTTPS at home, backup, export, import, reset."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("PHOTODOSE_", "DJANGO_", "DATABASE_"))}


def photodose(*arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "photodose.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment(), cwd=ROOT, timeout=300)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """`photodose serve` with these arguments, until the block ends."""

    def __init__(self, folder: Path, *arguments: object, scheme: str = "http") -> None:
        self.port = free_port()
        self.log = folder.parent / f"{folder.name}.log"
        self.url = f"{scheme}://localhost:{self.port}"
        self.command = [
            sys.executable,
            "-m",
            "photodose.cli",
            "serve",
            "--port",
            str(self.port),
            "--data-dir",
            str(folder),
        ]
        self.command += map(str, arguments)
        self.context = None

    def __enter__(self) -> Running:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, env=environment(), cwd=ROOT, start_new_session=True
            )
        for _ in range(900):
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            try:
                self.get("/healthz")
                return self
            except (OSError, ssl.SSLError):
                time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-3000:])

    def get(self, path: str, **headers: str) -> bytes:
        context = None
        authority = re.search(r"--data-dir (\S+)", " ".join(self.command))[1] + "/tls/authority.pem"
        if self.url.startswith("https"):
            context = ssl.create_default_context(cafile=authority)
        with urllib.request.urlopen(
            urllib.request.Request(self.url + path, headers=headers), timeout=10, context=context
        ) as answer:
            return answer.read()

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise


def test_serve_export_backup_restore_import_and_stop(tmp_path):
    first, second, third = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    with Running(first) as server:
        assert b"photodose" in server.get("/")
        assert json.loads(server.get("/api/v1/me"))["username"] == "owner"
        assert first.stat().st_mode & 0o777 == 0o700
        for name in ("secret-key", "photodose.sqlite3"):
            assert (first / name).stat().st_mode & 0o077 == 0, name
    assert server.process.returncode == 0, "it stops when it is told to"
    assert "Traceback" not in server.log.read_text()

    export = tmp_path / "export.json"
    done = photodose("export", "--data-dir", first, export)
    assert done.returncode == 0, done.stderr
    assert export.stat().st_mode & 0o777 == 0o600
    made = photodose("backup", "--data-dir", first, tmp_path / "b.age", "--key", tmp_path / "key.txt")
    assert made.returncode == 0, made.stderr
    assert "the same" in made.stdout
    back = photodose("restore", "--data-dir", second, tmp_path / "b.age", "--key", tmp_path / "key.txt")
    assert back.returncode == 0, back.stderr
    wrong = photodose("restore", "--data-dir", third, tmp_path / "b.age")
    assert wrong.returncode == 2
    assert "does not open with this key" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert photodose("import", "--data-dir", third, export).returncode == 0
    again, other = tmp_path / "again.json", tmp_path / "other.json"
    photodose("export", "--data-dir", second, again)
    photodose("export", "--data-dir", third, other)
    assert again.read_bytes() == export.read_bytes() == other.read_bytes()
    for form in ("csv", "fhir", "pdf"):
        assert photodose("export", "--data-dir", first, "--format", form, tmp_path / f"x.{form}").returncode == 0
    for arguments in (
        ("export", "--data-dir", first, "--format", "docx", tmp_path / "x"),
        ("import", "--data-dir", first, tmp_path / "missing"),
        ("user", "reset", "nobody", "--data-dir", first),
        ("serve", "--address", "0.0.0.0", "--data-dir", first),
        ("serve", "--lan", "--behind-proxy", "--data-dir", first),
        ("serve", "--cert", tmp_path / "x", "--data-dir", first),
        ("serve", "--hsts", "--data-dir", first),
    ):
        refused = photodose(*arguments)
        assert refused.returncode == 2, arguments
        assert "Traceback" not in refused.stderr
        assert len(refused.stderr.strip().splitlines()) <= 3, refused.stderr
    reset = photodose("user", "reset", "owner", "--data-dir", first)
    assert re.fullmatch(r"/accounts/password/reset/key/[0-9a-z]+-\S+/", reset.stdout.strip())
    assert "void" in reset.stderr


def test_at_home_browsers_are_told_to_use_https_alone_where_it_is_asked_for(tmp_path):
    with Running(tmp_path / "strict", "--lan", "--hsts", scheme="https") as server:
        context = ssl.create_default_context(cafile=tmp_path / "strict/tls/authority.pem")
        for path in ("/", "/healthz", "/static/photodose/app.css"):
            with urllib.request.urlopen(server.url + path, context=context, timeout=10) as answer:
                assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", path


def test_at_home_it_speaks_https_and_asks_for_an_account(tmp_path):
    with Running(tmp_path / "home", "--lan", scheme="https") as server:
        assert b"/owner/" in server.get("/")
        assert b"photodose-authority" not in server.get("/install/")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            server.get("/api/v1/me")
        with pytest.raises((OSError, HTTPException)):
            urllib.request.urlopen(f"http://localhost:{server.port}/", timeout=5)
        told = server.log.read_text()
        assert re.search(r"with the code [0-9a-f]{16}", told)
        assert "█" in told or "▀" in told, "the QR code"
    assert server.process.returncode == 0


def test_a_request_under_way_is_answered_before_it_stops(tmp_path):
    body = {"goals": ["fine_lines_wrinkles", "smoother_appearance"], "device": "joovv-solo-3", "site": "neck"}
    with Running(tmp_path / "slow") as server:
        got: list[int] = []

        def ask() -> None:
            asked = urllib.request.Request(
                server.url + "/api/v1/plan/together",
                json.dumps(body | {"skin_type": "V", "assume": True}).encode(),
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(asked, timeout=60) as answer:
                got.append(answer.status)

        waiting = threading.Thread(target=ask)
        waiting.start()
        time.sleep(0.3)
        under_way = waiting.is_alive()
        server.process.send_signal(signal.SIGTERM)
        waiting.join(60)
        assert under_way, "it takes long enough to be stopped in the middle"
        assert got == [200]
    assert server.process.returncode == 0


def test_behind_a_proxy_it_trusts_the_named_host_alone(tmp_path):
    with Running(tmp_path / "proxied", "--behind-proxy", "--host", "light.example.org") as server:
        page = server.get("/", **{"Host": "light.example.org", "X-Forwarded-Proto": "https"})
        assert b"photodose" in page
        with pytest.raises(urllib.error.HTTPError, match="400"):
            server.get("/", Host="evil.example.org")


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
def test_when_the_server_is_killed_no_worker_stays(tmp_path):
    with Running(tmp_path / "k") as server:
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        for _ in range(100):
            try:
                server.get("/healthz")
                time.sleep(0.1)
            except OSError:
                break
        else:
            raise AssertionError("a worker went on without its parent")
