"""The same on PostgreSQL: a real server from the wheel of pgserver, and the tests that touch storage, again."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
STORAGE = ("test_app_sessions_api.py", "test_app_exports.py", "test_app_time.py")


@pytest.mark.slow
@pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="this is the run on PostgreSQL")
def test_storage_on_postgresql():
    pgserver = pytest.importorskip("pgserver", reason="pgserver has no wheel for this machine")
    # not below pytest's own folder: the run inside would take the right to enter it from PostgreSQL's user
    folder = tempfile.mkdtemp(prefix="photodose-pg-")
    server = pgserver.get_server(folder, cleanup_mode="delete")
    try:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "PHOTODOSE_", "PYTEST_"))}
        url = server.get_uri().replace("postgresql://", "postgres://")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            *(str(HERE / name) for name in STORAGE),
        ]
        done = subprocess.run(
            command,
            env=environment | {"DATABASE_URL": url},
            capture_output=True,
            text=True,
            cwd=HERE.parents[1],
            timeout=900,
        )
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        assert " passed" in done.stdout
    finally:
        server.cleanup()
