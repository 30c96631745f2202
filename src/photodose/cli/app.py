"""All commands of `photodose`."""

from __future__ import annotations

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


@app.callback(invoke_without_command=False)
def _root() -> None:
    """Red light therapy with numbers. It is no medical device and gives no diagnosis."""


for module in (catalogue, lists, dosing, planning, compare, screening, hazards, claims, solving, simulate, serve):
    module.register(app)
