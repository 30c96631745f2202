"""What can be asked for: skins, goals and their evidence, drugs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photodose.cli.common import JsonOption, emit, escape

if TYPE_CHECKING:
    from rich.console import Console

    from photodose.planning import TrialsAnswer


def skins(as_json: JsonOption = False) -> None:
    """Sites and skin types that can be asked for."""
    from photodose import planning

    emit(planning.skins(), as_json, _render_skins)


def _render_skins(console: Console, answer: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table("site", "epidermis µm", "dermis mm", "fat mm", "targets", title="Sites", title_justify="left")
    for site in answer["sites"]:
        thickness = site["thickness_mm"]
        epidermis = 1000 * (thickness["stratum_corneum"] + thickness["living_epidermis"])
        table.add_row(
            site["id"],
            f"{epidermis:.0f}",
            f"{thickness['dermis']:.2g}",
            f"{thickness['subcutaneous_fat']:.2g}",
            ", ".join(site["targets"]),
        )
    console.print(table)
    types = Table("type", "ITA °", "spread °", title="Skin types (a measured ITA is better)", title_justify="left")
    for row in answer["skin_types"]:
        types.add_row(row["skin_type"], f"{row['ita_deg']:g}", f"{row['ita_sd_deg']:g}")
    console.print(types)


def goals(as_json: JsonOption = False) -> None:
    """Goals that people have, with what trials say about each."""
    from photodose import planning

    emit(planning.goals(), as_json, _render_goals)


def _render_goals(console: Console, answer: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table("goal", "what it is", "certainty", "what trials say", show_lines=True)
    for goal in answer["goals"]:
        table.add_row(goal["id"], escape(goal["title"]), goal["certainty"].replace("_", " "), escape(goal["verdict"]))
    console.print(table)


def evidence(
    goal: Annotated[str, typer.Argument(help="A goal (see 'photodose goals').")],
    plot: Annotated[
        str | None, typer.Option("--plot", metavar="F.png", help="Save the forest plot, or dose against effect.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What trials found for a goal: certainty, each study, pooled effects, doses at the target."""
    from photodose import planning

    answer = planning.trials(goal)
    if plot is not None:
        answer.plot(plot)
        print(f"saved: {plot}", file=sys.stderr)
    emit(answer, as_json, _render_evidence)


def _render_evidence(console: Console, answer: TrialsAnswer) -> None:
    from rich.table import Table

    content = answer.to_dict()
    console.print(f"[bold]{escape(content['title'])}[/]: certainty {content['certainty'].replace('_', ' ')}")
    console.print(escape(content["verdict"]))
    for step in content["steps_down"]:
        console.print(f"  -{step['steps']} {step['domain'].replace('_', ' ')}: {escape(step['reason'])}")
    table = Table("study", "design", "people", "found", "risk of bias", "outcome")
    for row in content["studies"]:
        table.add_row(
            escape(row["citation"]) + ("" if row["read"] else " (not read)"),
            row["design"].replace("_", " "),
            "" if row["people"] is None else f"{row['people']:g}",
            row["direction"],
            row["risk_of_bias"].replace("_", " "),
            escape(row["outcome"]),
        )
    console.print(table)
    for pool in content["meta_analysis"]:
        _render_pool(console, pool)
    if content["why_no_meta_analysis"]:
        console.print(escape(content["why_no_meta_analysis"]))
    console.print(escape(content["dose_response"]))
    if content["why_no_protocol"]:
        console.print(escape(content["why_no_protocol"]))


def _render_pool(console: Console, pool: dict[str, Any]) -> None:
    from rich.table import Table

    title = f"{pool['outcome']}, light less {pool['compared_with']} [{pool['unit']}]"
    table = Table("trial", "difference", "95 % interval", "weight", "from", title=escape(title), title_justify="left")
    for row in pool["trials"]:
        interval = f"{row['low']:.3g} to {row['high']:.3g}"
        table.add_row(
            escape(row["citation"]), f"{row['difference']:.3g}", interval, f"{row['weight']:.0%}", escape(row["basis"])
        )
    console.print(table)
    console.print(escape(pool["words"]))
    low, high = pool["without_each"]
    console.print(f"Leaving any one trial out gives {low:.3g} to {high:.3g}.")
    for other in pool["published"]:
        console.print(
            f"Published: {escape(other['citation'])} {other['value']:.3g} ({other['low']:.3g} to {other['high']:.3g})."
        )


def drugs(
    text: Annotated[str | None, typer.Argument(help="A name or part of it; brand names and typos are found.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Medicines, supplements and skincare that are known, with their verdict in each band."""
    from photodose import planning

    emit(planning.drugs(text), as_json, _render_drugs)


def _render_drugs(console: Console, answer: dict[str, Any]) -> None:
    from rich.table import Table

    if not answer["drugs"]:
        console.print("Nothing by that name is known here. That does not make it safe: ask a pharmacist.")
        return
    table = Table("name", "class", "blue", "red", "near infrared", "why")
    for drug in answer["drugs"]:
        bands = drug["by_band"]
        table.add_row(
            escape(drug["name"]),
            escape(drug["drug_class"]),
            bands["blue"],
            bands["red"],
            bands["nir"],
            escape(drug["why"]),
        )
    console.print(table)


def register(app: typer.Typer) -> None:
    for command in (skins, goals, evidence, drugs):
        app.command()(command)
