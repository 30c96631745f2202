"""`photodose compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from photodose.cli.common import (
    ItaOption,
    JsonOption,
    SiteOption,
    SkinTypeOption,
    emit,
    escape,
    interval,
    needed_number,
    number,
    person_skin,
    show_warnings,
)
from photodose.quantities import InputError

if TYPE_CHECKING:
    from rich.console import Console


def compare(
    devices: Annotated[list[str], typer.Argument(help="Device ids or paths of device files.")],
    goal: Annotated[str, typer.Option("--goal", help="What you want (see 'photodose goals').")],
    site: SiteOption,
    skin_type: SkinTypeOption = None,
    ita: ItaOption = None,
    price: Annotated[
        list[str] | None, typer.Option("--price", metavar="ID=399", help="Price of a device; repeat as needed.")
    ] = None,
    years: Annotated[
        str | None, typer.Option("--years", metavar="Y", help="Years over which a price is spread (default 2).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Which one should I buy? Devices side by side for a goal and a skin."""
    from photodose.planning.comparison import LIFETIME_YEARS
    from photodose.planning.comparison import compare as set_side_by_side

    lifetime = number(years, "--years")
    answer = set_side_by_side(
        devices,
        goal,
        person_skin(site, skin_type, ita),
        prices=_prices(price or []),
        lifetime_years=LIFETIME_YEARS if lifetime is None else lifetime,
    )
    emit(answer, as_json, _render)


def _prices(given: list[str]) -> dict[str, float]:
    prices: dict[str, float] = {}
    for text in given:
        name, sign, value = text.rpartition("=")
        if not sign or not name:
            raise InputError(f"--price wants ID=PRICE, for example {'omnilux-contour-face'}=399, not {text[:40]!r}.")
        if name in prices:
            raise InputError(f"--price names {name} twice.")
        prices[name] = needed_number(value, f"the price of {name}")
    return prices


def _render(console: Console, answer: Any) -> None:
    from rich.table import Table

    content = answer.to_dict()
    console.print(
        f"[bold]{escape(content['claim'])}[/]: certainty {content['certainty'].replace('_', ' ')}. "
        f"{escape(content['evidence_verdict'].rstrip('.'))}."
    )
    table = Table("", *(escape(row["name"]) for row in content["devices"]), show_lines=True)
    for title, cell in CELLS.items():
        table.add_row(title, *(cell(row) for row in content["devices"]))
    console.print(table)
    for row in content["devices"]:
        if row["protocol"] is None:
            console.print(f"[bold]{escape(row['name'])}[/]: {escape(row['why'])}")
    show_warnings(console, content)


def _light(row: dict[str, Any]) -> str:
    return "\n".join(
        f"{peak} nm: {interval(value)} {value['basis']}" for peak, value in row["irradiance_mw_cm2"].items()
    )


def _needed(row: dict[str, Any]) -> str:
    if row["minutes_needed"] is None:
        return "no trial fits"
    far = " (too far)" if row["too_far"] else " (extrapolated)" if row["extrapolated"] else ""
    return interval(row["minutes_needed"]) + far


def _minutes(row: dict[str, Any]) -> str:
    return f"none: {escape(row['why_none'])}" if row["protocol"] is None else f"{row['protocol']['minutes']:g} min"


def _dose(row: dict[str, Any]) -> str:
    found = row["dose_at_target"]
    if found is None:
        return "–"
    bands = ", ".join(f"{b['peak_nm']:g}: {b['fluence_j_cm2']['value']:.2g}" for b in found["by_band"])
    return f"{bands}\nin {row['session']['minutes']:g} min ({escape(row['session']['from'])})"


def _hazard(row: dict[str, Any]) -> str:
    """What eyes and skin must know: the group where it is defined, the rule for the eyes where the device is used."""
    from photodose.dosimetry.heat_explain import until

    found = row["hazards"]
    at = f"at {found['at_cm']:g} cm for {row['session']['minutes']:g} min"
    laser = found["laser"]
    if laser is not None:
        lines = [
            f"laser product, class {escape(laser['class'])} (maker), {escape(laser['computed_class'])} (by power)",
            "never look into it; eye shields a must",
        ]
    else:
        group = f"{found['risk_group']}{' (provisional)' if found['provisional'] else ''}"
        lines = [
            f"{group}: the group at 20 cm, eyes open",
            f"eye shields a must {at}" if found["shields_needed"] else f"inside the limits of open eyes {at}",
        ]
    heat_s = found["time_to_skin_limit_s"]
    if heat_s is None:
        lines.append("skin stays below 41 °C for an hour")
    else:
        lines.append(f"skin may reach 41 °C after {escape(until(heat_s))}")
    return "\n".join(lines)


def _clearance(row: dict[str, Any]) -> str:
    return "\n".join(f"{c['authority']}: {escape(c['number'] or c['known'])}" for c in row["clearance"])


def _evidence(row: dict[str, Any]) -> str:
    found = row["evidence_for_kind"]
    return f"{found['positive']} for, {found['negative']} against, {found['mixed'] + found['unclear']} unclear"


def _cost(row: dict[str, Any]) -> str:
    cost = row["cost"]
    if cost is None:
        return "no price given"
    if cost["per_session"] is None:
        return f"{cost['price']:g}; {escape(cost['assumed'])}"
    return f"{cost['per_session']:.2f} a session ({cost['price']:g}, {escape(cost['assumed'])})"


CELLS = {
    "light mW/cm²": _light,
    "dose at target J/cm²": _dose,
    "minutes for the trial's dose": _needed,
    "plan": _minutes,
    "hazards": _hazard,
    "recalls": lambda row: "[red]recalled[/]" if row["recalls"] else "none known",
    "clearance": _clearance,
    "trials with this kind": _evidence,
    "cost": _cost,
}


def register(app: typer.Typer) -> None:
    app.command()(compare)
