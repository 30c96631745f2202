"""Start, stop and look after the server. The command line calls these functions; Django is loaded inside them."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from photodose.app.config import LOOPBACK_HOSTS, Mode, ServerConfig, default_data_dir, prepare_data_dir
from photodose.quantities import InputError


def serve(
    port: int = 8000,
    *,
    lan: bool = False,
    behind_proxy: bool = False,
    data_dir: Path | None = None,
    hosts: tuple[str, ...] = (),
    certificate: Path | None = None,
    certificate_key: Path | None = None,
    address: str | None = None,
    demonstration: bool = False,
    hsts: bool = False,
) -> None:
    """Serve the application until it is told to stop (Ctrl-C or SIGTERM), finishing the requests under way.

    Parameters
    ----------
    port : int
        Port to listen at, 1 to 65535.
    lan : bool
        Serve the home network by HTTPS, with `certificate` and `certificate_key` or a generated local authority.
    behind_proxy : bool
        Serve plain HTTP to a proxy that speaks HTTPS to the world; `hosts` are the names it is reached by.
    data_dir : Path, optional
        Where everything is kept; the default is PHOTODOSE_DATA_DIR or follows the XDG specification.
    hosts : tuple of str
        Further names this server answers to.
    address : str, optional
        Address to listen at; off loopback only with `lan` or `behind_proxy`.
    demonstration : bool
        Begin with a demonstration person who follows the plan of examples/first_plan.py; on loopback only.
    hsts : bool
        With `lan`: tell browsers to use HTTPS alone for this computer's names; always so with `certificate` and
        `behind_proxy`.

    Raises InputError where plain HTTP would leave this computer, or a setting does not fit.
    """
    config = configure(port, lan=lan, behind_proxy=behind_proxy, data_dir=data_dir, hosts=hosts, address=address)
    if (certificate is None) != (certificate_key is None):
        raise InputError("Give both --cert and --key, or neither.")
    if (hsts or certificate is not None) and not lan:
        raise InputError("--cert, --key and --hsts go with --lan.")
    config = replace(config, own_certificate=certificate is not None, hsts_asked=hsts)
    listen = address or ("0.0.0.0" if lan else "127.0.0.1")
    refuse_a_taken_port(listen, port)
    start_django(config)
    prepare_database()
    from photodose.app import accounts
    from photodose.app.demo import show_example

    if config.mode == "loopback":
        owner = accounts.implicit_owner()
        if owner is not None and demonstration:
            show_example(owner)
    tls = tls_files(config, certificate, certificate_key)
    announce(config, tls)
    run_granian(config, listen, tls)


def refuse_a_taken_port(address: str, port: int) -> None:
    """Two servers can share a port without a word and answer in turn; better one sentence before the second starts."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        if probe.connect_ex(("127.0.0.1" if address == "0.0.0.0" else address, port)) == 0:
            raise InputError(f"Something already answers at port {port}; stop it, or choose another with --port.")


def configure(
    port: int,
    *,
    lan: bool,
    behind_proxy: bool,
    data_dir: Path | None,
    hosts: tuple[str, ...],
    address: str | None,
) -> ServerConfig:
    """Check what was asked for, and say no to plain HTTP that leaves this computer."""
    if not 0 < port < 65536:
        raise InputError(f"--port {port} is outside 1 to 65535.")
    if lan and behind_proxy:
        raise InputError("Choose either --lan or --behind-proxy.")
    if behind_proxy and not hosts:
        raise InputError("--behind-proxy needs the name it is reached by: --host light.example.org.")
    loopback = address in (None, "127.0.0.1", "::1", "localhost")
    if not loopback and not (lan or behind_proxy):
        raise InputError(f"Plain HTTP at {address} would let others read along; use --lan (HTTPS) or --behind-proxy.")
    from photodose.app.lan import lan_hosts, url_host

    names = [*hosts, *LOOPBACK_HOSTS]
    if lan:
        names += [url_host(host) for host in lan_hosts()]
    folder = prepare_data_dir((data_dir or default_data_dir()).expanduser().absolute())
    mode: Mode = "lan" if lan else "proxy" if behind_proxy else "loopback"
    return ServerConfig(folder, mode, port, tuple(dict.fromkeys(names)), os.environ.get("DATABASE_URL", ""))


def start_django(config: ServerConfig) -> None:
    """Load Django with this configuration; child processes inherit it."""
    os.umask(0o077)
    os.environ.update(config.environment())
    os.environ["DJANGO_SETTINGS_MODULE"] = "photodose.app.settings"
    import django

    django.setup()


def open_data(data_dir: Path | None = None) -> None:
    """Load Django and bring the database up to date, for the commands that do not serve."""
    folder = prepare_data_dir((data_dir or default_data_dir()).expanduser().absolute())
    start_django(ServerConfig(folder, database_url=os.environ.get("DATABASE_URL", "")))
    prepare_database()


def prepare_database() -> None:
    """Migrations, the cache table and the static files: after an update as at the first start."""
    from django.core.management import call_command
    from django.db.utils import OperationalError

    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    except OperationalError as problem:
        raise InputError(f"The database cannot be opened: {str(problem).splitlines()[0]}.") from problem
    call_command("collectstatic", verbosity=0, interactive=False, clear=False)


def tls_files(config: ServerConfig, certificate: Path | None, key: Path | None) -> Any:
    """Certificate and key for the home network; None where HTTPS is not ours to speak."""
    from photodose.app.lan import TlsFiles, ensure_certificate

    if certificate is not None and key is not None:
        for path in (certificate, key):
            if not path.is_file():
                raise InputError(f"There is no file {path}.")
        return TlsFiles(certificate, key)
    if config.mode != "lan":
        return None
    return ensure_certificate(config.data_dir / "tls", [host.strip("[]") for host in config.hosts])


def announce(config: ServerConfig, tls: Any) -> None:
    """Say on the terminal where the application is, and on a home network how to make the owner's account."""
    from photodose.app import accounts
    from photodose.app.lan import fingerprint

    if config.mode == "loopback":
        print(
            f"photodose is at http://localhost:{config.port} (data in {config.data_dir}; stop with Ctrl-C)",
            file=sys.stderr,
        )
        return
    outside = [h for h in config.hosts if h not in (*LOOPBACK_HOSTS, "localhost")]
    if config.mode == "lan":
        import segno

        address = next((h for h in reversed(outside) if h[0].isdigit()), outside[0])
        url = f"https://{address}:{config.port}"
        print(f"photodose is at {url}", file=sys.stderr)
        if tls.authority:
            print(
                f"On each phone open {url}/install/ once and compare:\n  {fingerprint(tls.authority)}", file=sys.stderr
            )
            segno.make(f"{url}/install/").terminal(out=sys.stderr, compact=True)
    else:
        url = f"https://{outside[0]}"
        print(f"photodose answers the proxy at port {config.port} for {url}", file=sys.stderr)
    if not accounts.anybody_can_sign_in():
        print(f"Make the owner's account: {url}/owner/ with the code {accounts.new_setup_code()}", file=sys.stderr)


def run_granian(config: ServerConfig, address: str, tls: Any) -> None:
    """Run the web server; returns when it has stopped."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ["PHOTODOSE_WORKER"] = "1"
    Granian(
        "photodose.app.wsgi:application",
        address=address,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        log_level=LogLevels.warning,
        ssl_cert=tls.certificate if tls else None,
        ssl_key=tls.key if tls else None,
        workers_kill_timeout=15,
        respawn_failed_workers=True,
    ).serve()
