"""All commands of `photodose`."""

from __future__ import annotations

from typing import Annotated

import typer

from photodose.cli import (
    catalogue,
    claims,
    compare,
    dosing,
    hazards,
    lists,
    planning,
    screening,
    serve,
    simulate,
    solving,
)

app = typer.Typer(
    name="photodose",
    help="Red light therapy with numbers: what a device delivers at depth, in your skin, and what to do with it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from photodose import __version__

        typer.echo(f"photodose {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=False)
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Red light therapy with numbers. It is no medical device and gives no diagnosis."""


for module in (catalogue, lists, dosing, planning, compare, screening, hazards, claims, solving, simulate, serve):
    module.register(app)
