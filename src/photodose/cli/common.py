"""What all commands share: options, parsing, printing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photodose.quantities import InputError, plain, short

if TYPE_CHECKING:
    from rich.console import Console

    from photodose.tissue import Skin

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
SiteOption = Annotated[
    str, typer.Option("--site", help="Where on the body, for example cheek (see 'photodose skins').")
]
SkinTypeOption = Annotated[
    str | None, typer.Option("--skin-type", metavar="I..VI", help="Fitzpatrick type; an ITA is a better measure.")
]
ItaOption = Annotated[
    str | None, typer.Option("--ita", metavar="DEG", help="Individual typology angle in degrees, -70 to 70.")
]
DistanceOption = Annotated[
    str | None,
    typer.Option("--distance-cm", metavar="D", help="Distance from the skin [cm]; default: distance of use."),
]
IrradianceOption = Annotated[
    str | None,
    typer.Option(
        "--irradiance-mw-cm2", metavar="660=12,850=18", help="Your own measured irradiance of each band [mW/cm2]."
    ),
]
AssumeOption = Annotated[
    bool,
    typer.Option("--assume", help="Take a labelled prior where a device has no published irradiance or emitting size."),
]


def number(text: str | None, what: str) -> float | None:
    """A number typed by a person; one sentence if it is none."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{what} must be a number, not {text[:40]!r}.") from None
    if value != value or value in (float("inf"), float("-inf")):
        raise InputError(f"{what} must be a finite number, not {text!r}.")
    return value


def needed_number(text: str, what: str) -> float:
    value = number(text, what)
    assert value is not None
    return value


def irradiances(text: str | None) -> dict[float, float] | None:
    """`660=12,850=18` -> {660.0: 12.0, 850.0: 18.0} [nm -> mW/cm2]."""
    if text is None:
        return None
    result: dict[float, float] = {}
    for part in text.split(","):
        peak, sign, value = part.partition("=")
        if not sign:
            raise InputError(f"--irradiance-mw-cm2 wants PEAK=VALUE, for example 660=12,850=18, not {part[:40]!r}.")
        key = needed_number(peak, "the peak in --irradiance-mw-cm2")
        if key in result:
            raise InputError(f"--irradiance-mw-cm2 names {key:g} nm twice.")
        result[key] = needed_number(value, f"the irradiance at {key:g} nm")
    return result


def person_skin(site: str, skin_type: str | None, ita: str | None) -> Skin:
    """The skin that the options --site, --skin-type and --ita describe."""
    from photodose.tissue import skin

    if skin_type is not None and ita is not None:
        raise InputError("give --skin-type or --ita, not both; a measured ITA is better.")
    return skin(site, skin_type=skin_type, ita_deg=number(ita, "--ita"))


def emit(answer: Any, as_json: bool, render: Callable[[Console, Any], None]) -> None:
    """Print an answer: one JSON object, or the rendering for people."""
    content = answer if isinstance(answer, Mapping) else answer.to_dict()
    if as_json:
        sys.stdout.write(json.dumps(plain(content), ensure_ascii=False, allow_nan=False) + "\n")
        return
    from rich.console import Console

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # `photodose ... | head` is no failure; cli.run ends it quietly

    render(Terminal(highlight=False, soft_wrap=False), answer)


def show_warnings(console: Console, content: Mapping[str, Any]) -> None:
    for text in content.get("warnings", []):
        console.print(f"[yellow]![/] {escape(text)}")


def escape(text: object) -> str:
    from rich.markup import escape as rich_escape

    return rich_escape(str(text))


def interval(value: Mapping[str, float] | Any) -> str:
    """`3.1 (1.2 to 7.9)` of an estimate or of its plain form."""
    content = value if isinstance(value, Mapping) else value.to_dict()
    return f"{short(content['value'])} ({short(content['low'])} to {short(content['high'])})"
