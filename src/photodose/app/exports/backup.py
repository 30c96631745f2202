"""Encrypted backups, each restored into a scratch database and compared as soon as it is made.

A backup is a logical dump (one JSON object a line): one made on SQLite restores on PostgreSQL, and the other way round.
It is encrypted with age to a key of the data folder (`backup-key.txt`): keep a copy of that key elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import tempfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyrage
from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management import call_command
from django.core.serializers.base import DeserializationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models, transaction
from django.utils import timezone

import photodose
from photodose.app.config import sqlite_settings, write_private
from photodose.app.models import BackupRecord
from photodose.quantities import InputError

LEFT_OUT = frozenset({"sessions", "contenttypes", "django_tasks_db", "messages"})
"""Apps whose rows are not kept: sign-ins, Django's own lists, the queue."""
LEFT_OUT_MODELS = frozenset({"auth.Permission"})
HEADER = "photodose-backup"
KEEP = 14


def kept_models() -> list[type[models.Model]]:
    """The models a backup holds, parents before children."""
    listed = [
        (config, None)
        for config in apps.get_app_configs()
        if config.label not in LEFT_OUT and config.models_module is not None
    ]
    ordered = serializers.sort_dependencies(listed, allow_cycles=False)
    return [m for m in ordered if m._meta.label not in LEFT_OUT_MODELS and m._meta.app_label not in LEFT_OUT]


class WholeEncoder(DjangoJSONEncoder):
    """Django's own JSON drops the microseconds of a time; a backup keeps them."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def dump(using: str = "default") -> bytes:
    """All rows of a database, in a fixed order, as one consistent state of it."""
    connection = connections[using]
    outermost = not connection.in_atomic_block
    with transaction.atomic(using=using):
        if connection.vendor == "postgresql" and outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        lines = [
            line
            for model in kept_models()
            for line in serializers.serialize(
                "jsonl", model._base_manager.using(using).order_by("pk"), cls=WholeEncoder
            ).splitlines()
        ]
    return "\n".join([json.dumps({"format": HEADER, "version": 1, "rows": len(lines)}), *lines, ""]).encode()


def check_dump(content: bytes) -> list[str]:
    """The rows of a dump as lines; raises InputError if it is not whole."""
    lines = content.decode("utf-8").splitlines()
    header = json.loads(lines[0]) if lines else {}
    if header.get("format") != HEADER or header.get("version") != 1 or header.get("rows") != len(lines) - 1:
        raise InputError("This backup is not whole; use another one.")
    return lines[1:]


def load(content: bytes, using: str = "default") -> int:
    """Write the rows of a dump into a database; returns their number. Raises InputError if they do not fit."""
    lines = check_dump(content)
    try:
        with transaction.atomic(using=using), connections[using].constraint_checks_disabled():
            for row in serializers.deserialize("jsonl", "\n".join(lines), using=using):
                row.save(using=using)
            connections[using].check_constraints()
        reset_sequences(using)
    except DeserializationError as problem:
        raise InputError("This backup was made by another version of photodose; update first.") from problem
    return len(lines)


def reset_sequences(using: str) -> None:
    """Let the database count on from the highest number that was loaded."""
    from django.core.management.color import no_style

    statements = connections[using].ops.sequence_reset_sql(no_style(), kept_models())
    if statements:
        with connections[using].cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@contextlib.contextmanager
def scratch_database() -> Iterator[str]:
    """The alias of an empty, migrated SQLite database that is gone afterwards."""
    alias = f"scratch_{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory(prefix="photodose-", dir=settings.DATA_DIR) as folder:
        connections.databases[alias] = {
            "ATOMIC_REQUESTS": False,
            "AUTOCOMMIT": True,
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": False,
            "TIME_ZONE": None,
            "USER": "",
            "PASSWORD": "",
            "HOST": "",
            "PORT": "",
            "TEST": {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None},
            **sqlite_settings(Path(folder) / "scratch.sqlite3"),
        }
        try:
            call_command("migrate", database=alias, verbosity=0, interactive=False)
            yield alias
        finally:
            connections[alias].close()
            del connections[alias]
            del connections.databases[alias]


def restores_the_same(content: bytes) -> bool:
    """Restore a dump into a scratch database, dump that, and compare."""
    with scratch_database() as alias:
        load(content, using=alias)
        return dump(using=alias) == content


def backup_key() -> pyrage.x25519.Identity:
    """The key that opens this server's backups; made at the first use."""
    path = settings.DATA_DIR / "backup-key.txt"
    if not path.exists():
        key = pyrage.x25519.Identity.generate()
        text = f"# photodose backup key; keep a copy away from this computer\n# public: {key.to_public()}\n{key}\n"
        write_private(path, text.encode())
    return read_key(path)


def read_key(path: Path) -> pyrage.x25519.Identity:
    """The key in a file; raises InputError if there is none."""
    try:
        lines = path.read_text().splitlines()
        return pyrage.x25519.Identity.from_str(next(line for line in lines if line.startswith("AGE-SECRET-KEY-")))
    except (OSError, UnicodeDecodeError, StopIteration, pyrage.IdentityError) as problem:
        raise InputError(f"There is no backup key in {path}; give the file saved with --key.") from problem


def make_backup(target: Path) -> BackupRecord:
    """Write an encrypted backup to `target`, restore it into a scratch database, compare, and record the outcome.

    What is compared is what stands in the written file, read again and decrypted. Raises InputError if the file cannot
    be written, RuntimeError if what it restores to differs from the database it was made of.
    """
    key = backup_key()
    content = dump()
    try:
        write_private(target, pyrage.encrypt(zlib.compress(content, 9), [key.to_public()]))
        same = open_backup(target, key) == content and restores_the_same(content)
        size = target.stat().st_size
    except OSError as problem:
        raise InputError(f"The backup {target} cannot be written: {problem.strerror}.") from problem
    record = BackupRecord.objects.create(
        file_name=target.name[:120], size_bytes=size, rows=len(check_dump(content)), restored_the_same=same
    )
    if not same:
        raise RuntimeError("the backup restores to something else than it was made of")
    return record


def open_backup(path: Path, key: pyrage.x25519.Identity) -> bytes:
    """The dump in an encrypted backup; raises InputError if the file or the key is not right."""
    try:
        return zlib.decompress(pyrage.decrypt(path.read_bytes(), [key]))
    except OSError as problem:
        raise InputError(f"The backup {path} cannot be read: {problem.strerror}.") from problem
    except (pyrage.DecryptError, zlib.error, ValueError) as problem:
        raise InputError(f"The backup {path.name} does not open with this key, or is damaged.") from problem


def restore_backup(path: Path, key_file: Path | None = None, *, replace: bool = False) -> int:
    """Put a backup in place of what the database holds; returns the number of rows.

    Raises InputError if the database already holds people and `replace` is not set.
    """
    content = open_backup(path, read_key(key_file) if key_file else backup_key())
    check_dump(content)
    from photodose.app.models import Session

    if Session.objects.exists() and not replace:
        raise InputError("This server already holds sessions; add --replace to put the backup in their place.")
    with transaction.atomic():
        for model in reversed(kept_models()):
            model._base_manager.all().delete()
        return load(content)


def scheduled_backup() -> BackupRecord:
    """One backup into the folder `backups` of the data folder; the newest 14 are kept."""
    folder: Path = settings.DATA_DIR / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = timezone.now().strftime("%Y%m%dT%H%M%SZ")
    record = make_backup(folder / f"photodose-{stamp}-{secrets.token_hex(2)}.age")
    for old in sorted(folder.glob("photodose-*.age"))[:-KEEP]:
        if re.fullmatch(r"photodose-\d{8}T\d{6}Z-[0-9a-f]{4}\.age", old.name):
            old.unlink()
    return record


def describe() -> dict[str, Any]:
    """Where backups lie and how the last ones went, for the page."""
    return {
        "folder": str(settings.DATA_DIR / "backups"),
        "records": list(BackupRecord.objects.all()[:5]),
        "version": photodose.__version__,
    }
