"""The application: serve it, back it up, take everything out and put it back. Django is loaded inside the commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from photodose.quantities import InputError

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where everything is kept; default: photodose below XDG_DATA_HOME.")
]


def serve(
    port: Annotated[int, typer.Option("--port", help="Port to listen at.")] = 8000,
    lan: Annotated[bool, typer.Option("--lan", help="Serve the home network by HTTPS; asks for an account.")] = False,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="Serve plain HTTP to a proxy that speaks HTTPS to the world.")
    ] = False,
    data_dir: DataDir = None,
    host: Annotated[
        list[str] | None, typer.Option("--host", help="A further name this server is reached by; may be repeated.")
    ] = None,
    cert: Annotated[Path | None, typer.Option("--cert", help="Your own certificate (PEM), with --lan.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Its key (PEM).")] = None,
    address: Annotated[str | None, typer.Option("--address", help="Address to listen at.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Begin with an example person to look at.")] = False,
    hsts: Annotated[
        bool, typer.Option("--hsts", help="With --lan: browsers shall use HTTPS alone for this computer's names.")
    ] = False,
) -> None:
    """Serve the application: on this computer alone, or with --lan to the phones at home."""
    from photodose.app.serve import serve as run

    run(
        port,
        lan=lan,
        behind_proxy=behind_proxy,
        data_dir=data_dir,
        hosts=tuple(host or ()),
        certificate=cert,
        certificate_key=key,
        address=address,
        demonstration=demo,
        hsts=hsts,
    )


def backup(
    file: Annotated[Path, typer.Argument(help="File to write, for example photodose.age.")],
    data_dir: DataDir = None,
    key: Annotated[Path | None, typer.Option("--key", help="Also write the key that opens it to this file.")] = None,
) -> None:
    """Write an encrypted backup, restore it into a scratch database and compare."""
    from photodose.app import operations

    print(operations.backup(file, data_dir, key))


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    data_dir: DataDir = None,
    key: Annotated[Path | None, typer.Option("--key", help="The key saved with the backup.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in place of what is stored.")] = False,
) -> None:
    """Put a backup back."""
    from photodose.app import operations

    print(operations.restore(file, data_dir, key, replace=replace))


def export(
    file: Annotated[Path, typer.Argument(help="File to write.")],
    format: Annotated[str, typer.Option("--format", help="json, fhir, csv or pdf.")] = "json",
    data_dir: DataDir = None,
    user: Annotated[str | None, typer.Option("--user", help="Account; needed only if there are several.")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Name or id, for fhir, csv and pdf.")] = None,
) -> None:
    """Write everything that is stored to a file."""
    from photodose.app import operations

    if format not in operations.FORMATS:
        raise InputError(f"--format {format[:20]!r} is unknown; use one of {', '.join(operations.FORMATS)}.")
    print(operations.export(file, format, data_dir, user, person))


def import_(
    file: Annotated[Path, typer.Argument(help="A file that export wrote as json.")],
    data_dir: DataDir = None,
    user: Annotated[str | None, typer.Option("--user", help="Account; needed only if there are several.")] = None,
) -> None:
    """Read an export back; what is there already is kept."""
    from photodose.app import operations

    print(operations.import_(file, data_dir, user))


def user(
    action: Annotated[Literal["reset"], typer.Argument(help="reset: a link for a new password.")],
    name: Annotated[str, typer.Argument(help="User name.")],
    data_dir: DataDir = None,
) -> None:
    """End an account's old password and second factors, and give a link for a new password, good once for an hour."""
    from photodose.app import operations

    assert action == "reset"
    path = operations.reset(name, data_dir)
    print(
        f"The old password of {name} is void. Within the hour open this below your server's address:", file=sys.stderr
    )
    print(path)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve")(serve)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("export")(export)
    app.command("import")(import_)
    app.command("user")(user)
