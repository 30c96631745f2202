"""Devices: the catalogue, one device, checking a user's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from photodose.cli.common import JsonOption, emit, escape, show_warnings
from photodose.quantities import InputError

if TYPE_CHECKING:
    from rich.console import Console


def devices(
    kind: Annotated[str | None, typer.Option("--kind", help="mask, panel, bed, cap or handheld.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The catalogue: wavelengths, claimed and measured irradiance, clearance."""
    from photodose import planning

    emit(planning.devices(kind), as_json, _render_devices)


def _basis(row: dict[str, Any], basis: str) -> str:
    return ", ".join(f"{peak}: {value:.3g}" for peak, value in row["irradiance_mw_cm2"][basis].items()) or "–"


def _render_devices(console: Console, answer: dict[str, Any]) -> None:
    from rich.table import Column, Table

    wide = console.width >= 120
    table = Table(Column("id", no_wrap=True, overflow="ignore"), "light nm", "claimed mW/cm²", "measured")
    if wide:
        table.add_column("clearance")
    for row in answer["devices"]:
        clearance = ", ".join(c["number"] or c["authority"] for c in row["clearance"] if c.get("number")) or "not known"
        light = f"{row['kind']} {' '.join(f'{peak:g}' for peak in row['wavelengths_nm'])}"
        recalled = " [red]recalled[/]" if row["recalled"] else ""
        cells = [row["id"], light + recalled, _basis(row, "claimed"), _basis(row, "measured")]
        table.add_row(*cells, *([escape(clearance)] if wide else []))
    console.print(table)
    console.print("Claimed numbers are what makers say; photodose never takes them at their word.")
    console.print("[dim]photodose device ID shows one whole: clearance, recalls, sources.[/]")


def device(
    name: Annotated[str, typer.Argument(help="A device id, the path of a device file, or 'check'.")],
    file: Annotated[str | None, typer.Argument(help="With 'check': the file to check.")] = None,
    as_json: JsonOption = False,
) -> None:
    """One device whole; 'photodose device check FILE.yaml' checks your own."""
    from photodose import devices as device_room
    from photodose import planning

    if name == "check":
        if file is None:
            raise InputError("give the file to check: photodose device check FILE.yaml.")
        checked = planning.check_device(file)
        emit(checked, as_json, _render_checked)
        return
    if file is not None:
        raise InputError(f"one device at a time, not {name!r} and {file[:40]!r}.")
    emit(device_room.device(name), as_json, _render_device)


def _render_checked(console: Console, answer: dict[str, Any]) -> None:
    console.print(f"[green]{escape(answer['device']['name'])}: the file is valid.[/]")
    show_warnings(console, answer)


def _render_device(console: Console, answer: Any) -> None:
    from rich.table import Table

    content = answer.to_dict()
    console.print(f"[bold]{escape(content['name'])}[/] ({content['kind']}, {content['id']})")
    table = Table("peak nm", "width nm", "irradiance mW/cm²", "basis", "at cm")
    for band in content["bands"]:
        value = band["irradiance_mw_cm2"]
        table.add_row(
            f"{band['peak_nm']:g}" + ("" if band["peak_confidence"] in ("read", "read_secondary") else " (unverified)"),
            f"{band['fwhm_nm']:g}" + (" (assumed)" if band["fwhm_assumed"] else ""),
            "not published" if value is None else f"{value:g}",
            band["irradiance_basis"] or "–",
            "–" if band["at_cm"] is None else f"{band['at_cm']:g}",
        )
    console.print(table)
    for item in content["clearance"]:
        console.print("clearance: " + escape(", ".join(str(v) for v in item.values() if v and not isinstance(v, dict))))
    for recall in content["recalls"]:
        console.print(f"[red]recalled[/]: {escape(recall.get('reason', ''))}")
    for note in content["notes"]:
        console.print(f"note: {escape(note)}")
    for source in content["sources"]:
        console.print(f"[dim]source ({source['confidence']}): {escape(source['citation'])}[/]")


def register(app: typer.Typer) -> None:
    app.command()(devices)
    app.command()(device)
