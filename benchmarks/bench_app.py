"""Fifty people log sessions for a minute: no error, nothing lost or doubled, 95 % of the answers under 250 ms.

python benchmarks/bench_app.py [--quick]

Each person has a phone of their own (a connection, a cookie): it makes a session, sends its events in batches as the
player does, some of them twice as after a lost answer, reports how it was, and looks at the totals, over and over.
At the end what the server exports is compared with what was sent.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path

WISH_P95_MS = 250.0
PAUSE_S = (1.5, 4.5)
"""Between two requests of one phone [s]: five times as often as the player, which sends one in fifteen seconds."""


@dataclass
class Phone(threading.Thread):
    """One person's phone."""

    port: int
    person: str
    until: float
    seed: int
    sent: dict[str, set[str]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.dice = random.Random(self.seed)

    def __hash__(self) -> int:
        return self.seed

    def call(self, method: str, path: str, body: object = None) -> object:
        """One request; its time counts, and whatever is not 2xx is an error."""
        began = time.perf_counter()
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.token, "Cookie": self.cookie}
        self.line.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.line.getresponse()
        content = answer.read()
        self.seconds.append(time.perf_counter() - began)
        if answer.status >= 300:
            self.errors.append(f"{method} {path}: {answer.status} {content[:120]!r}")
        return json.loads(content) if content else None

    def run(self) -> None:
        self.line = http.client.HTTPConnection("localhost", self.port, timeout=60)
        self.token, self.cookie = sign(self.port)
        while time.monotonic() < self.until:
            try:
                self.session()
            except (OSError, http.client.HTTPException) as problem:
                self.errors.append(repr(problem))
                return

    def session(self) -> None:
        """One session of two minutes, its clock run ahead."""
        session, wall, mono = str(uuid.uuid4()), time.time() * 1000, 1000.0
        kinds = ["shield", "start", *["tick"] * 8, "zone_done", "finish"]
        events = []
        for i, kind in enumerate(kinds):
            step = 15_000 * max(0, i - 1)
            events.append(
                {
                    "id": str(uuid.uuid4()),
                    "sequence": i,
                    "kind": kind,
                    "wall_ms": wall + step,
                    "monotonic_ms": mono + step,
                }
            )
        head = {"person": self.person, "timezone": "Europe/Berlin", "zones": [{"site": "face", "seconds": 150}]}
        self.sent[session] = set()
        while events:
            batch = events[: self.dice.randint(1, 4)]
            events = events[len(batch) :]
            for _ in range(2 if self.dice.random() < 0.2 else 1):
                self.call("PUT", f"/api/v1/sessions/{session}", head | {"events": batch})
                time.sleep(self.dice.uniform(*PAUSE_S))
            self.sent[session] |= {event["id"] for event in batch}
        self.call("POST", f"/api/v1/sessions/{session}/reactions", {"id": str(uuid.uuid4()), "kind": "fine"})
        self.call("GET", "/api/v1/sessions/totals")


def sign(port: int) -> tuple[str, str]:
    """The token and cookie that changes need."""
    with urllib.request.urlopen(f"http://localhost:{port}/api/v1/me", timeout=30) as answer:
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        return json.load(answer)["csrf"], cookie


def start(folder: str, database_url: str) -> tuple[subprocess.Popen[bytes], int]:
    """A server in a folder of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "photodose.cli", "serve", "--port", str(port), "--data-dir", folder]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DJANGO_")} | {"DATABASE_URL": database_url}
    with (Path(folder) / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=2).close()
            return server, port
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def run(people: int, seconds: float, database_url: str = "") -> dict[str, object]:
    """The numbers of one run; `complete` says that all that was acknowledged is there once."""
    with tempfile.TemporaryDirectory(prefix="photodose-bench-", ignore_cleanup_errors=True) as folder:
        server, port = start(folder, database_url)
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/api/v1/me", timeout=30) as answer:
                person = json.load(answer)["person"]["id"]
            until = time.monotonic() + seconds
            phones = [Phone(port, person, until, seed) for seed in range(people)]
            for phone in phones:
                phone.start()
            for phone in phones:
                phone.join()
            with urllib.request.urlopen(f"http://localhost:{port}/api/v1/my/export", timeout=300) as answer:
                exported = json.load(answer)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)
    stored = {s["id"]: [e["id"] for e in s["events"]] for p in exported["people"] for s in p["sessions"]}
    sent = {session: ids for phone in phones for session, ids in phone.sent.items()}
    complete = stored.keys() == sent.keys() and all(
        set(stored[s]) == sent[s] and len(stored[s]) == len(sent[s]) for s in sent
    )
    times = sorted(t for phone in phones for t in phone.seconds)
    return {
        "database": "PostgreSQL" if database_url else "SQLite",
        "people": people,
        "requests": len(times),
        "sessions": len(sent),
        "errors": [error for phone in phones for error in phone.errors][:5],
        "complete": complete,
        "median_ms": round(1000 * times[len(times) // 2], 1),
        "p95_ms": round(1000 * times[int(len(times) * 0.95)], 1),
        "longest_ms": round(1000 * times[-1], 1),
    }


def on_postgresql(people: int, seconds: float) -> dict[str, object] | None:
    """The same on a PostgreSQL of pgserver; None where it has no wheel."""
    try:
        import pgserver
    except ImportError:
        return None
    database = pgserver.get_server(tempfile.mkdtemp(prefix="photodose-pg-"), cleanup_mode="delete")
    try:
        return run(people, seconds, database.get_uri().replace("postgresql://", "postgres://"))
    finally:
        database.cleanup()


def main(quick: bool = False) -> int:
    """0 if nothing failed, nothing was lost or doubled, and (not in a smoke run) the wish for speed is met."""
    people, seconds = (5, 5.0) if quick else (50, 60.0)
    wish = True
    for result in (run(people, seconds), on_postgresql(people, seconds)):
        if result is None:
            continue
        print(json.dumps(result), flush=True)
        wish = wish and not result["errors"] and bool(result["complete"])
        wish = wish and (quick or float(str(result["p95_ms"])) < WISH_P95_MS)
    return 0 if wish else 1


if __name__ == "__main__":
    raise SystemExit(main("--quick" in sys.argv))
