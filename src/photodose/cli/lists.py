"""What can be asked for: skins, goals, drugs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from photodose.cli.common import JsonOption, emit, escape

if TYPE_CHECKING:
    from rich.console import Console


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
    for command in (skins, goals, drugs):
        app.command()(command)
