"""Fifty people log sessions for a minute: no error, nothing lost or doubled, 95 % of the answers under 250 ms.

python benchmarks/bench_app.py [--quick] [--people N ...] [--pause SECONDS] [--seconds SECONDS]

Each person is one of a household and has a phone of their own (a connection, a cookie): it makes a session, sends its
events in batches as the player does, some of them twice as after a lost answer, reports how it was, and looks at the
totals, over and over. People begin at different moments; apart from that, all phones send at the same moment once, as
after a power cut, and how long the last of them waits is told beside the rest. At the end what the server exports is
compared with what was sent.
"""

from __future__ import annotations

import argparse
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
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path

WISH_P95_MS = 250.0
PAUSE_S = 3.0
"""Between two requests of one phone, in the mean [s]: five times as often as the player, which sends one in 15 s."""
PLAYER_S = 15.0


@dataclass
class Phone(threading.Thread):
    """One person's phone."""

    port: int
    number: int
    pause_s: float
    seconds_to_run: float
    together: threading.Barrier
    sent: dict[str, set[str]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    errors: list[str] = field(default_factory=list)
    burst_s: float = 0.0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.dice = random.Random(self.number)
        self.cookies: dict[str, str] = {}

    def __hash__(self) -> int:
        return self.number

    def ask(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, bytes]:
        """One request of this phone's own connection and cookies."""
        headers = {"Content-Type": kind, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if "photodose-csrf" in self.cookies:
            headers["X-CSRFToken"] = self.token
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, content

    def sign_in(self) -> None:
        """Make this phone's person and choose them; not part of what is timed."""
        self.line = http.client.HTTPConnection("localhost", self.port, timeout=120)
        self.token = json.loads(self.ask("GET", "/api/v1/me", None, "text/plain")[1])["csrf"]
        form = urllib.parse.urlencode({"name": f"Person {self.number}", "csrfmiddlewaretoken": self.token}).encode()
        status, _ = self.ask("POST", "/yours/people/add/", form, "application/x-www-form-urlencoded")
        me = json.loads(self.ask("GET", "/api/v1/me", None, "text/plain")[1])
        assert status == 302, status
        assert me["person"]["name"] == f"Person {self.number}"
        self.person, self.token = me["person"]["id"], me["csrf"]

    def call(self, method: str, path: str, body: object = None) -> None:
        """One request; its time counts, and whatever is not 2xx is an error."""
        content = None if body is None else json.dumps(body).encode()
        began = time.perf_counter()
        status, answer = self.ask(method, path, content, "application/json")
        spent = time.perf_counter() - began
        self.seconds.append(spent)
        what = path.rpartition("/")[2]
        words = f"{method} {what if what.isalpha() else 'session'}, request {len(self.seconds)} of its phone"
        self.slowest = max(self.slowest, (spent, words))
        if status >= 300:
            self.errors.append(f"{method} {path}: {status} {answer[:120]!r}")

    def run(self) -> None:
        try:
            self.sign_in()
            self.together.wait(120)
            self.burst()
            self.together.wait(120)
            self.until = time.monotonic() + self.seconds_to_run
            self.rest(self.dice.uniform(0.0, 1.0))
            while time.monotonic() < self.until:
                self.session()
        except Exception as problem:  # whatever it is, the run has failed and says so
            self.errors.append(repr(problem))
            self.together.abort()

    def rest(self, share: float) -> None:
        """Wait a share of the pause, and not beyond the end."""
        time.sleep(max(0.0, min(share * self.pause_s, self.until - time.monotonic())))

    def burst(self) -> None:
        """Begin a session at the same moment as everybody else."""
        self.call("PUT", *self.first_batch())
        self.burst_s = self.seconds.pop()
        self.slowest = (0.0, "")

    def first_batch(self) -> tuple[str, dict[str, object]]:
        """The first request of a session that never goes on."""
        session, event = str(uuid.uuid4()), str(uuid.uuid4())
        self.sent[session] = {event}
        begin = {"id": event, "sequence": 0, "kind": "start", "wall_ms": time.time() * 1000, "monotonic_ms": 0.0}
        return f"/api/v1/sessions/{session}", self.head() | {"events": [begin]}

    def head(self) -> dict[str, object]:
        return {"person": self.person, "timezone": "Europe/Berlin", "zones": [{"site": "face", "seconds": 150}]}

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
        self.sent[session] = set()
        while events:
            batch = events[: self.dice.randint(1, 4)]
            events = events[len(batch) :]
            for _ in range(2 if self.dice.random() < 0.2 else 1):
                self.call("PUT", f"/api/v1/sessions/{session}", self.head() | {"events": batch})
                self.sent[session] |= {event["id"] for event in batch}
                self.rest(self.dice.uniform(0.5, 1.5))
                if time.monotonic() >= self.until:
                    return  # the time is over in the middle of this session
        self.call("POST", f"/api/v1/sessions/{session}/reactions", {"id": str(uuid.uuid4()), "kind": "fine"})
        self.call("GET", "/api/v1/sessions/totals")


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


def run(people: int, seconds: float, pause_s: float, database_url: str = "") -> dict[str, object]:
    """The numbers of one run; `complete` says that all that was acknowledged is there once."""
    with tempfile.TemporaryDirectory(prefix="photodose-bench-", ignore_cleanup_errors=True) as folder:
        server, port = start(folder, database_url)
        try:
            wait_until_warm(Path(folder) / "log")
            together = threading.Barrier(people)
            phones = [Phone(port, number, pause_s, seconds, together) for number in range(people)]
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
    times = sorted(t for phone in phones for t in phone.seconds) or [float("nan")]
    slowest = max(phone.slowest for phone in phones)
    return {
        "database": "PostgreSQL" if database_url else "SQLite",
        "people": people,
        "pause_s": pause_s,
        "requests": len(times),
        "per_second": round(len(times) / seconds, 1),
        "sessions": len(sent),
        "events": sum(map(len, sent.values())),
        "errors": [error for phone in phones for error in phone.errors][:5],
        "complete": complete,
        "median_ms": round(1000 * times[len(times) // 2], 1),
        "p95_ms": round(1000 * times[int(len(times) * 0.95)], 1),
        "longest_ms": round(1000 * times[-1], 1),
        "longest": slowest[1],
        "burst_ms": round(1000 * max(phone.burst_s for phone in phones), 1),
        "load": [round(value, 1) for value in os.getloadavg()[:2]],
    }


def wait_until_warm(log: Path) -> None:
    """Until the server has done what it does once after a start, or half a minute."""
    for _ in range(300):
        if '"machine_code"' in log.read_text():
            return
        time.sleep(0.1)


def says(result: dict[str, object], quick: bool) -> tuple[bool, str]:
    """Whether a run meets the wish, and a sentence of it."""
    failed = ["errors"] if result["errors"] else []
    if not result["complete"]:
        failed.append("lost or doubled")
    if not quick and not float(str(result["p95_ms"])) < WISH_P95_MS:
        failed.append(f"slower than {WISH_P95_MS:g} ms")
    verdict = f"MISSED ({', '.join(failed)})" if failed else "met"
    pace = PLAYER_S / float(str(result["pause_s"]))
    return not failed, (
        f"{result['database']}: {verdict}: {result['people']} people, "
        f"each {pace:.2g} times as busy as a player; {result['requests']} requests, {result['events']} events; 95 % of "
        f"the answers within {result['p95_ms']} ms (wish {WISH_P95_MS:g}), all within {result['longest_ms']} ms; "
        f"load {result['load']}"
    )


def on_postgresql(people: int, seconds: float, pause_s: float) -> dict[str, object] | None:
    """The same on a PostgreSQL of pgserver; None where it has no wheel."""
    try:
        import pgserver
    except ImportError:
        return None
    database = pgserver.get_server(tempfile.mkdtemp(prefix="photodose-pg-"), cleanup_mode="delete")
    try:
        return run(people, seconds, pause_s, database.get_uri().replace("postgresql://", "postgres://"))
    finally:
        database.cleanup()


def main(quick: bool = False, people: int = 50, seconds: float = 60.0, pause_s: float = PAUSE_S) -> int:
    """0 if nothing failed, nothing was lost or doubled, and (not in a smoke run) the wish for speed is met."""
    if quick:
        people, seconds = 5, 5.0
    fine = True
    for result in (run(people, seconds, pause_s), on_postgresql(people, seconds, pause_s)):
        if result is None:
            print("PostgreSQL: pgserver has no wheel for this computer; not measured")
            continue
        print(json.dumps(result), flush=True)
        met, words = says(result, quick)
        print(words, flush=True)
        fine = fine and met
    return 0 if fine else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke run: small, nothing is judged by its speed")
    parser.add_argument("--people", type=int, nargs="+", default=[50], help="how many, one run for each number")
    parser.add_argument(
        "--pause", type=float, default=PAUSE_S, help="between two requests of a phone [s]; a player: 15"
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    raise SystemExit(max(main(asked.quick, people, asked.seconds, asked.pause) for people in asked.people))
