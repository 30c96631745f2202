"""`photodose dose`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photodose.cli.common import (
    AssumeOption,
    DistanceOption,
    IrradianceOption,
    ItaOption,
    JsonOption,
    SiteOption,
    SkinTypeOption,
    emit,
    escape,
    interval,
    irradiances,
    needed_number,
    number,
    person_skin,
    show_warnings,
)
from photodose.quantities import short

if TYPE_CHECKING:
    from rich.console import Console


def dose(
    device: Annotated[str, typer.Argument(help="A device id or the path of a device file.")],
    site: SiteOption,
    minutes: Annotated[str, typer.Option("--minutes", metavar="M", help="Duration of the session [min].")],
    skin_type: SkinTypeOption = None,
    ita: ItaOption = None,
    distance_cm: DistanceOption = None,
    irradiance: IrradianceOption = None,
    assume: AssumeOption = False,
    mode: Annotated[
        str | None, typer.Option("--mode", help="Which of the device's modes; its first by default.")
    ] = None,
    plot: Annotated[str | None, typer.Option("--plot", metavar="F.png", help="Save the cross-section.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What a device delivers at each target of your skin, with its interval."""
    from photodose.devices import device as find_device
    from photodose.dosimetry import dose as deliver

    answer = deliver(
        find_device(device),
        person_skin(site, skin_type, ita),
        minutes=needed_number(minutes, "--minutes"),
        distance_cm=number(distance_cm, "--distance-cm"),
        irradiance_mw_cm2=irradiances(irradiance),
        assume=assume,
        mode=mode,
    )
    if plot is not None:
        answer.plot(plot)
        print(f"picture: {plot}", file=sys.stderr)
    emit(answer, as_json, render_dose)


def render_dose(console: Console, answer: Any) -> None:
    """Tables of a dose for people."""
    from rich.table import Table

    content = answer.to_dict()
    skin = content["skin"]
    kind = f"type {skin['skin_type']}" if skin["skin_type"] else "measured"
    console.print(
        f"[bold]{escape(answer.device.name)}[/], {content['exposure']['minutes']:g} min at "
        f"{content['exposure']['distance_cm']:g} cm, {skin['site']}, skin {kind} (ITA {skin['ita_deg']:.0f}°)"
    )
    light = Table(
        "band nm", "irradiance mW/cm²", "radiant exposure J/cm²", "basis", title="On the skin", title_justify="left"
    )
    for band in content["exposure"]["bands"]:
        light.add_row(
            f"{band['peak_nm']:g}",
            interval(band["irradiance_mw_cm2"]),
            interval(band["radiant_exposure_j_cm2"]),
            band["basis"],
        )
    console.print(light)
    for text in returned_words(answer):
        console.print(f"[dim]note:[/] {escape(text)}")
    table = Table(
        "target", "depth mm", "fluence J/cm²", "by band", "least known", title="In the skin", title_justify="left"
    )
    for target in content["targets"]:
        share = target["variance_share"]
        worst = max(share, key=share.get)
        table.add_row(
            target["name"],
            f"{target['depth_mm'][0]:.2g} to {target['depth_mm'][1]:.2g}",
            interval(target["fluence_j_cm2"]),
            ", ".join(f"{b['peak_nm']:g}: {short(b['fluence_j_cm2']['value'])}" for b in target["by_band"]),
            f"{worst} {100 * share[worst]:.0f} %",
        )
    console.print(table)
    heat = content["skin_temperature_c"]
    console.print(
        f"{100 * content['reflected_fraction']:.0f} % of the light is reflected. "
        f"Skin temperature {heat['start']:.1f} °C at the start, {heat['max']:.1f} °C at most."
    )
    for text in content["exposure"]["assumptions"]:
        console.print(f"[dim]assumed:[/] {escape(text)}")
    show_warnings(console, content)


def returned_words(answer: Any) -> list[str]:
    """For each band whose irradiance grows by light that the device sends back to the skin: from what to what."""
    return [
        f"{short(band.free_air_mw_cm2)} mW/cm2 {band.basis} in free air at {band.peak_nm:g} nm becomes "
        f"{short(band.median_mw_cm2)} on the skin: the {answer.device.kind} returns light that the skin sends back."
        for band in answer.exposure.bands
        if short(band.free_air_mw_cm2) != short(band.median_mw_cm2)
    ]


def register(app: typer.Typer) -> None:
    app.command()(dose)
