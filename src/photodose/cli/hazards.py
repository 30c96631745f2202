"""`photodose safety`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photodose.cli.common import (
    DistanceOption,
    IrradianceOption,
    ItaOption,
    JsonOption,
    SkinTypeOption,
    emit,
    escape,
    irradiances,
    number,
    person_skin,
    show_warnings,
)
from photodose.cli.screening import COLOURS
from photodose.quantities import InputError, short, short_down

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

EyesOption = Annotated[
    str | None, typer.Option("--eyes", metavar="open|closed|shielded", help="Your eyes during the session.")
]


def safety(
    device: Annotated[str, typer.Argument(help="A device id or the path of a device file.")],
    distance_cm: DistanceOption = None,
    minutes: Annotated[str | None, typer.Option("--minutes", metavar="M", help="Length of the session [min].")] = None,
    eyes: EyesOption = None,
    site: Annotated[str | None, typer.Option("--site", help="Where on the body, for the skin's temperature.")] = None,
    skin_type: SkinTypeOption = None,
    ita: ItaOption = None,
    irradiance: IrradianceOption = None,
    mode: Annotated[str | None, typer.Option("--mode", help="One mode of the device; else the worst of them.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Is the light itself safe? Hazards for eyes and skin, risk group, permissible times, skin temperature."""
    from photodose.planning import safety as judge

    told = skin_type is not None or ita is not None
    if site is not None and not told:
        raise InputError("give --skin-type or --ita with --site.")
    answer = judge(
        device,
        skin=person_skin(site or "cheek", skin_type, ita) if told else None,
        distance_cm=number(distance_cm, "--distance-cm"),
        minutes=number(minutes, "--minutes"),
        eyes="open" if eyes is None else eyes,
        irradiance_mw_cm2=irradiances(irradiance),
        mode=mode,
    )
    emit(answer, as_json, _render)
    return int(answer.exit_code)


def _time(seconds: float | None) -> str:
    """A permissible time, never rounded up: the time printed must itself be allowed."""
    if seconds is None:
        return "8 h or more"
    if seconds < 0.25:
        return "under a blink (0.25 s)"
    return f"{short_down(seconds)} s" if seconds < 120.0 else f"{short_down(seconds / 60.0)} min"


def _reach(distance_cm: float) -> str:
    from photodose.safety.hazards import MOST_DISTANCE_CM

    if distance_cm >= MOST_DISTANCE_CM:
        return f"a limit is still reached at {MOST_DISTANCE_CM / 100.0:g} m"
    return f"no limit is reached beyond {short(math.ceil(distance_cm))} cm"


def _render(console: Console, answer: Any) -> None:
    content = answer.to_dict()
    verdict = content["verdict"]
    length = "light that stays on"
    if content["minutes"] is not None:
        length = f"{content['minutes']:g} minute{'' if content['minutes'] == 1.0 else 's'}"
    console.print(
        f"[bold]{escape(answer.device.name)}[/] at {content['at_cm']:g} cm, {length}, eyes {content['eyes']}: "
        f"[bold {COLOURS[verdict]}]{verdict}[/]"
    )
    if content["laser"] is not None:
        _laser(console, content["laser"])
    else:
        group = content["risk_group"] + (" (provisional)" if content["provisional"] else "")
        console.print(f"Risk group {group}; {_reach(content['hazard_distance_cm'])}.")
        console.print(
            f"A risk group is defined at 20 cm with open eyes; here the light is {content['at_cm']:g} cm away, so the "
            "times below count."
        )
    if content["hazards"]:
        console.print(_table(content))
        console.print(
            "* the limit was not read in full: the stricter reading is used. All editions: --json.", style="dim"
        )
    for state, found in content["allowed_by_eyes"].items():
        console.print(f"allowed with eyes {state}: {_allowed(found, content['permissible_by_eyes_s'][state])}")
    heat, careful = content["skin_temperature_c"], content["skin_temperature_careful_c"]
    console.print(
        f"Skin {heat['start']:.1f} °C at the start, {_degrees(heat, content)} at most "
        f"({_degrees(careful, content)} if the light is as strong as it may be); "
        f"the end is {content['skin_limit_c']:g} °C."
    )
    console.print("If the light is as strong as it may be: " + " ".join(content["heat_words"]), style="dim")
    for item in content["standards"]:
        console.print(
            escape(f"{item['id']}. Covers: {item['covers']}. Does not: {item['does_not_cover']}."), style="dim"
        )
    show_warnings(console, content)


def _degrees(course: dict[str, float], content: dict[str, Any]) -> str:
    bound = content["skin_temperature_bound_c"]
    return f"{course['max']:.1f} °C" if course["max"] < bound else f"more than {bound:g} °C, far beyond burning,"


def _allowed(found: dict[str, Any], light_s: float | None) -> str:
    """The time that light and heat both allow, and which of them ends it."""
    if found["by"] != "heat":
        return _time(found["allowed_s"]) + ("" if found["by"] is None else " (the light)")
    return f"{_time(found['allowed_s'])} (the heat of the skin; by the light alone {_time(light_s)})"


def _laser(console: Console, laser: dict[str, Any]) -> None:
    """Class as stated and by power; the sentences about one beam stand among the warnings."""
    stated = "not published" if laser["class"] == "not assessed" else laser["class"]
    console.print(
        f"Laser product, {laser['standard']} class: {escape(stated)} (stated by the maker), "
        f"{escape(laser['computed_class'])} (by the power of one beam)"
    )
    if laser["eye_irradiance_w_m2"] is not None:
        console.print(
            f"One beam at an open eye: {short(laser['eye_irradiance_w_m2'])} W/m2; "
            f"{short(laser['eye_limit_w_m2'])} W/m2 may last without end."
        )


def _table(content: dict[str, Any]) -> Table:
    """Each hazard once, by the edition that allows least, at 20 cm and at the distance of use."""
    from rich.table import Table

    rows, here = content["hazards"], content["at_cm"]
    # first those of open eyes at 20 cm, then the same hazards where the device is used
    half = len(rows) // 2
    columns = {f"x limit, {rows[0]['at_cm']:g} cm, eyes open by definition": rows[:half]}
    columns[f"x limit, {here:g} cm, eyes {content['eyes']}"] = rows[half:]
    table = Table("hazard", *columns, f"light alone allows at {here:g} cm, eyes {content['eyes']}")
    for name in dict.fromkeys(row["id"] for row in rows):
        cells, worst = [], {}
        for part in columns.values():
            worst = max((row for row in part if row["id"] == name), key=lambda row: (-_seconds(row), row["ratio"]))
            cells.append(f"[{'red' if worst['ratio'] > 1.0 else 'default'}]{short(worst['ratio'])}[/]")
        table.add_row(worst["name"] + ("" if worst["verified"] else " *"), *cells, _time(worst["permissible_s"]))
    return table


def _seconds(row: dict[str, Any]) -> float:
    return float("inf") if row["permissible_s"] is None else float(row["permissible_s"])


def register(app: typer.Typer) -> None:
    app.command()(safety)
