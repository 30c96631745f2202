"""`photodose screen`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from photodose.cli.common import JsonOption, SkinTypeOption, emit, escape, number, show_warnings

if TYPE_CHECKING:
    from rich.console import Console

DrugOption = Annotated[
    list[str] | None,
    typer.Option("--drug", metavar="NAME", help="A medicine, supplement or skincare; repeat as needed."),
]
ConditionOption = Annotated[
    list[str] | None, typer.Option("--condition", metavar="NAME", help="A condition or circumstance; repeat as needed.")
]
AgeOption = Annotated[str | None, typer.Option("--age", metavar="YEARS", help="Age in years.")]

COLOURS = {"clear": "green", "caution": "yellow", "ask": "dark_orange", "stop": "red"}


def screen(
    drug: DrugOption = None,
    condition: ConditionOption = None,
    device: Annotated[str | None, typer.Option("--device", help="Judge only the bands that this device emits.")] = None,
    site: Annotated[str | None, typer.Option("--site", help="Where on the body.")] = None,
    age: AgeOption = None,
    skin_type: SkinTypeOption = None,
    pulsed: Annotated[bool, typer.Option("--pulsed", help="The light flashes visibly.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Is it safe for me? Medicines and conditions against the light, band by band."""
    from photodose.planning import screen as judge

    answer = judge(
        drugs=drug or (),
        conditions=condition or (),
        device=device,
        site=site,
        age=number(age, "--age"),
        skin_type=skin_type,
        pulsed=pulsed,
    )
    emit(answer, as_json, render_screening)
    return answer.exit_code


def render_screening(console: Console, answer: Any) -> None:
    """Reasons of a screening for people."""
    content = answer if isinstance(answer, dict) else answer.to_dict()
    verdict = content["verdict"]
    console.print(f"Verdict: [bold {COLOURS[verdict]}]{verdict}[/]")
    for reason in content["reasons"]:
        bands = ", ".join(f"{band} {value}" for band, value in reason["by_band"].items())
        console.print(f"  [{COLOURS[reason['verdict']]}]{reason['verdict']:>7}[/]  {escape(reason['what'])} ({bands})")
        console.print(f"           {escape(reason['why'])}")
        if reason.get("still_possible"):
            console.print(f"           Still possible: {escape(reason['still_possible'])}")
        console.print(f"           [dim]{escape(reason['source'])}[/]")
    for name in content["unknown"]:
        console.print(f"  unknown: {escape(name)}")
    show_warnings(console, content)


def register(app: typer.Typer) -> None:
    app.command()(screen)
