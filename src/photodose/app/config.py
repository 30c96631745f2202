"""Where the application keeps things and how it is reached, read from the environment; needs no Django."""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from photodose.quantities import InputError

Mode = Literal["loopback", "lan", "proxy"]
MODES: tuple[Mode, ...] = ("loopback", "lan", "proxy")
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class ServerConfig:
    """How this server runs: data folder, way of being reached, hosts it answers to, database."""

    data_dir: Path
    mode: Mode = "loopback"
    port: int = 8000
    hosts: tuple[str, ...] = LOOPBACK_HOSTS
    database_url: str = ""
    own_certificate: bool = False
    """With --lan: a certificate of one's own (--cert), not that of the local authority."""
    hsts_asked: bool = False

    @property
    def hsts(self) -> bool:
        """Whether browsers are told to use HTTPS alone for this name, for a year (HSTS).

        It holds for every port of the name, so for any other program at it too. Behind a proxy and with a certificate
        of one's own the name is the owner's choice; `box.local` is shared with whatever else runs on that computer.
        """
        return self.mode == "proxy" or (self.mode == "lan" and (self.own_certificate or self.hsts_asked))

    @property
    def home_only(self) -> bool:
        """Whether the home network alone is answered: nobody else trusts the local authority's certificate."""
        return self.mode == "lan" and not self.own_certificate

    @property
    def secure(self) -> bool:
        """True where every request arrives by HTTPS."""
        return self.mode != "loopback"

    def environment(self) -> dict[str, str]:
        """The variables that carry this configuration to a child process."""
        return {
            "PHOTODOSE_DATA_DIR": str(self.data_dir),
            "PHOTODOSE_MODE": self.mode,
            "PHOTODOSE_PORT": str(self.port),
            "PHOTODOSE_HOSTS": ",".join(self.hosts),
            "DATABASE_URL": self.database_url,
            "PHOTODOSE_OWN_CERTIFICATE": "1" if self.own_certificate else "",
            "PHOTODOSE_HSTS": "1" if self.hsts_asked else "",
        }


def default_data_dir() -> Path:
    """The folder that PHOTODOSE_DATA_DIR names, or else that of the XDG base directory specification."""
    named = os.environ.get("PHOTODOSE_DATA_DIR", "")
    if named:
        return Path(named)
    base = os.environ.get("XDG_DATA_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "share"
    return root / "photodose"


def read_config() -> ServerConfig:
    """Read the configuration from the environment; raises InputError on a value that is not one of those allowed."""
    mode = os.environ.get("PHOTODOSE_MODE", "loopback")
    if mode not in MODES:
        raise InputError(f"PHOTODOSE_MODE is {mode!r}; use one of {', '.join(MODES)}.")
    port = os.environ.get("PHOTODOSE_PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise InputError(f"PHOTODOSE_PORT is {port!r}; use a number from 1 to 65535.")
    hosts = tuple(h.strip() for h in os.environ.get("PHOTODOSE_HOSTS", "").split(",") if h.strip())
    data_dir = default_data_dir()
    url = os.environ.get("DATABASE_URL", "")
    own, hsts = (os.environ.get(f"PHOTODOSE_{name}") == "1" for name in ("OWN_CERTIFICATE", "HSTS"))
    return ServerConfig(data_dir, mode, int(port), hosts or LOOPBACK_HOSTS, url, own, hsts)


def prepare_data_dir(folder: Path) -> Path:
    """Make the data folder, readable by its owner alone (mode 0700), and return it."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if stat.S_IMODE(folder.stat().st_mode) != 0o700:
            folder.chmod(0o700)
    except OSError as problem:
        raise InputError(
            f"The data folder {folder} cannot be used: {problem.strerror}; choose another with --data-dir."
        ) from problem
    return folder


def write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)


def load_or_make_secret(folder: Path, name: str = "secret-key") -> str:
    """The secret of that name in the data folder; made at the first start, 384 random bits."""
    path = folder / name
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48).encode())
    return path.read_text().strip()


def parse_database_url(url: str, data_dir: Path) -> dict[str, Any]:
    """Django's database settings for DATABASE_URL; empty means the SQLite file in the data folder.

    Accepts sqlite:///absolute/path and postgres://user:password@host:port/name?sslmode=require
    (a socket folder goes in as ?host=/folder). Raises InputError on anything else.
    """
    if not url:
        return sqlite_settings(data_dir / "photodose.sqlite3")
    parts = urlsplit(url)
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme == "sqlite" and name:
        return sqlite_settings(Path("/" + name.lstrip("/")) if not name.startswith(":") else name)
    if parts.scheme in {"postgres", "postgresql"} and name:
        options = dict(parse_qsl(parts.query))
        host = options.pop("host", "") or unquote(parts.hostname or "")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(parts.port or ""),
            "OPTIONS": options,
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
        }
    raise InputError("DATABASE_URL must read postgres://user:password@host:port/name or sqlite:///path.")


def sqlite_settings(path: Path | str) -> dict[str, Any]:
    """Settings of a SQLite database that loses nothing at a power cut and lets readers go on while one writes."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }
