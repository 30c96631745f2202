"""`photodose claims`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from photodose.cli.common import (
    AssumeOption,
    ItaOption,
    JsonOption,
    SkinTypeOption,
    emit,
    escape,
    person_skin,
    show_warnings,
)
from photodose.quantities import InputError

if TYPE_CHECKING:
    from rich.console import Console

MAX_BYTES: Final = 4_000_000
COLOURS: Final = {
    "supported": "green",
    "plausible": "green",
    "unproven": "yellow",
    "explained": "cyan",
    "not_supported": "red",
    "contradicted": "red",
    "harm_possible": "red",
}


def claims(
    text: Annotated[
        str, typer.Argument(metavar="[TEXT_FILE|-]", help="A file with the advert or article; - reads standard input.")
    ] = "-",
    device: Annotated[
        str | None, typer.Option("--device", help="Judge also what this device reaches; needs --site and a skin.")
    ] = None,
    site: Annotated[str | None, typer.Option("--site", help="Where on the body (see 'photodose skins').")] = None,
    skin_type: SkinTypeOption = None,
    ita: ItaOption = None,
    assume: AssumeOption = False,
    html: Annotated[
        str | None, typer.Option("--html", metavar="F.html", help="Save the text with its claims marked.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check an advert or article: every claim it makes for light, and what trials and physics say."""
    import photodose

    content = read_text(text)
    if site is None and (device is not None or skin_type is not None or ita is not None):
        raise InputError("give --site and --skin-type (or --ita) too: what light reaches depends on the skin.")
    skin = None if site is None else person_skin(site, skin_type, ita)
    unit = None if device is None else photodose.device(device)
    answer = photodose.claims(content, device=unit, skin=skin, assume=assume)
    if html is not None:
        _save(html, answer.to_html())
    emit(answer, as_json, render_claims)


def read_text(name: str) -> str:
    """The text of a file, or of standard input for "-".

    Raises
    ------
    InputError
        If it cannot be read, is larger than 4 MB, or is not UTF-8.
    """
    where = "standard input" if name == "-" else name
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(name).open("rb") as handle:
                raw = handle.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"text file {name} does not exist.") from None
    except OSError as error:
        raise InputError(f"text file {name} cannot be read: {error.strerror}.") from None
    if len(raw) > MAX_BYTES:
        raise InputError(f"{where} is larger than {MAX_BYTES // 1_000_000} MB; give one advert or article.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{where} is not text (UTF-8); give an advert or an article as plain text.") from None


def _save(name: str, page: str) -> None:
    try:
        Path(name).write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"the page cannot be written to {name}: {error.strerror}.") from None
    print(f"page: {name}", file=sys.stderr)


def render_claims(console: Console, answer: Any) -> None:
    """Every claim and its answer, for people."""
    for number, item in enumerate(answer.claims, 1):
        found = item.found
        colour = COLOURS[item.verdict_kind]
        goal = "" if found.goal is None else f", {found.goal}"
        certainty = "" if item.certainty is None else f", certainty {item.certainty.replace('_', ' ')}"
        console.print(f"[bold]{number}.[/] “{escape(' '.join(found.sentence.split()))}”")
        console.print(
            f"   {found.kind.replace('_', ' ')}{goal}, {found.polarity}: "
            f"[{colour}]{item.verdict_kind.replace('_', ' ')}[/]{certainty}"
        )
        console.print(f"   {escape(item.verdict)}")
        if item.reached is not None:
            console.print(f"   This device: {escape(item.reached['words'])}")
    count = len(answer.claims)
    console.print(f"{count} {'claim' if count == 1 else 'claims'} for light.")
    show_warnings(console, {"warnings": answer.warnings})


def register(app: typer.Typer) -> None:
    app.command()(claims)
