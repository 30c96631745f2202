"""`photodose plan`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

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
    number,
    person_skin,
    show_warnings,
)
from photodose.cli.hazards import EyesOption
from photodose.cli.screening import COLOURS, AgeOption, ConditionOption, DrugOption
from photodose.quantities import InputError

if TYPE_CHECKING:
    from rich.console import Console

LIGHT: Final = {
    "inside": ("green", "inside the limits"),
    "shields": ("yellow", "eye shields a must"),
    "past": ("red", "past a limit"),
}
"""Colour and words for where a session stands against the limits of eyes and skin."""


def plan(
    goal: Annotated[
        list[str], typer.Option("--goal", help="What you want (see 'photodose goals'); several share one session.")
    ],
    device: Annotated[str, typer.Option("--device", help="A device id or the path of a device file.")],
    site: SiteOption,
    skin_type: SkinTypeOption = None,
    ita: ItaOption = None,
    minutes: Annotated[
        str | None, typer.Option("--minutes", metavar="M", help="Your own minutes, to be judged.")
    ] = None,
    per_week: Annotated[str | None, typer.Option("--per-week", metavar="N", help="Your own sessions a week.")] = None,
    distance_cm: DistanceOption = None,
    irradiance: IrradianceOption = None,
    assume: AssumeOption = False,
    age: AgeOption = None,
    drug: DrugOption = None,
    condition: ConditionOption = None,
    eyes: EyesOption = None,
    after: Annotated[
        str | None, typer.Option("--after", metavar="laser:3d", help="A professional treatment and the time since.")
    ] = None,
    pdf: Annotated[
        str | None, typer.Option("--pdf", metavar="F.pdf", help="Save a page for the wall and one for a clinician.")
    ] = None,
    ics: Annotated[str | None, typer.Option("--ics", metavar="F.ics", help="Save the sessions as a calendar.")] = None,
    report: Annotated[
        str | None, typer.Option("--report", metavar="F.md|F.csv", help="Save the table that a paper must report.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """How should I use it? The dose that worked in a trial, carried over to your device and skin."""
    from photodose.devices import device as find_device

    options: dict[str, Any] = {
        "distance_cm": number(distance_cm, "--distance-cm"),
        "irradiance_mw_cm2": irradiances(irradiance),
        "assume": assume,
        "age": number(age, "--age"),
        "drugs": drug or (),
        "conditions": condition or (),
        "eyes": eyes,
    }
    unit, person = find_device(device), person_skin(site, skin_type, ita)
    options |= {"minutes": number(minutes, "--minutes"), "per_week": number(per_week, "--per-week"), "after": after}
    from photodose.planning import plan as make_plan
    from photodose.planning.documents import check_files, save_files

    files = {"pdf": pdf, "ics": ics, "report": report}
    check_files(files)
    if len(goal) > 1:
        return _together(goal, unit, person, options, files, as_json)
    answer = make_plan(goal[0], unit, person, **options)
    for name in save_files(answer, _without_calendar(files, answer.protocol, answer.verdict.value)):
        print(f"saved: {name}", file=sys.stderr)
    emit(answer, as_json, render_plan)
    return int(answer.exit_code)


def _together(
    goals: list[str], unit: Any, person: Any, options: dict[str, Any], files: dict[str, str | None], as_json: bool
) -> int:
    from photodose.planning import plan as make_plan
    from photodose.planning import plan_together
    from photodose.planning.documents import save_files

    if files["report"] is not None:
        raise InputError("--report is the table of one goal's light; give one --goal.")
    answer = plan_together(goals, unit, person, **options)
    files = _without_calendar(files, answer.minutes_by_mode, answer.screening.verdict.value)
    if any(files.values()):
        for name in save_files(make_plan(goals[0], unit, person, **options), files, answer):
            print(f"saved: {name}", file=sys.stderr)
    emit(answer, as_json, _render_together)
    return int(answer.exit_code)


def _without_calendar(files: dict[str, str | None], protocol: Any, verdict: str) -> dict[str, str | None]:
    """The files asked for, less a calendar of sessions that nobody may start: said, and no reason to give no answer."""
    if files["ics"] is None or protocol is not None:
        return files
    why = f"the screening says {verdict}" if verdict in ("stop", "ask") else "there is no protocol"
    print(f"not saved: {files['ics']} ({why}, so there is nothing to put into a calendar)", file=sys.stderr)
    return files | {"ics": None}


def _safe_lines(console: Console, verdict: str, content: dict[str, Any], light: str) -> None:
    """What the screening says of the person, and what the limits of eyes and skin say of the light: two questions."""
    console.print(f"Medicines and conditions: [bold {COLOURS[verdict]}]{verdict}[/]")
    for reason in content["screening"]["reasons"]:
        console.print(f"  {reason['verdict']}: {escape(reason['what'])}. {escape(reason['why'])}")
    if light:
        colour, words = LIGHT[light]
        console.print(f"The light itself: [bold {colour}]{words}[/]")


def _render_together(console: Console, answer: Any) -> None:
    """A session for several goals, for people."""
    from rich.panel import Panel
    from rich.table import Table

    content = answer.to_dict()
    console.print(
        f"[bold]{', '.join(content['goals'])}[/] with {escape(answer.device.name)}, {content['skin']['site']}"
    )
    _safe_lines(console, content["verdict"], content, answer.light)
    shown = content["protocol"] or content["for_clinician"]
    title = "No protocol" if shown is None else "One session" if content["protocol"] else "For your clinician"
    colour = "red" if shown is None else "green"
    console.print(Panel(escape(content["why"]), title=title, title_align="left", border_style=colour))
    if content["met"]:
        table = Table("goal", "trial", "nm", "target", "share of the trial's dose")
        for row in content["met"]:
            trial = content["trials"][row["goal"]]["citation"]
            share = f"{row['share_of_trial_dose']:.2g} ({row['met']})"
            table.add_row(row["goal"], escape(trial), f"{row['trial_peak_nm']:g}", row["target"], share)
        console.print(table)
    if shown is not None and answer.shields_needed:
        console.print("Eye shields are a must.")
    for step_number, step in enumerate(content["routine"], 1):
        console.print(f"  {step_number}. [bold]{escape(step['title'])}.[/] {escape(step['detail'])}")
    for goal, own in content["own_schedules"].items():
        console.print(f"Your own schedule for {goal}: {escape(own['words'])}")
    if content["after"]:
        for text in content["after"]["advice"]:
            console.print(f"[cyan]after {escape(content['after']['treatment'])}[/] {escape(text)}")
    show_warnings(console, content)


def render_plan(console: Console, answer: Any) -> None:
    """A plan for people."""
    from rich.panel import Panel

    content = answer.to_dict()
    verdict = content["verdict"]
    console.print(f"[bold]{escape(content['claim'])}[/] with {escape(answer.device.name)}, {content['skin']['site']}")
    _safe_lines(console, verdict, content, answer.light)
    console.print(
        f"Does it work: certainty {escape(content['certainty_words'])}. "
        f"{escape(content['evidence_verdict'].rstrip('.'))}."
    )
    shown = content["protocol"] or content["for_clinician"]
    if shown is None:
        console.print(Panel(escape(content["why"]), title="No protocol", title_align="left", border_style="red"))
    else:
        title = "Your plan" if content["protocol"] else "For your clinician"
        often = "" if shown["sessions_per_week"] is None else f", [bold]{shown['sessions_per_week']:g} times a week[/]"
        weeks = "" if shown["weeks"] is None else f" for [bold]{shown['weeks']:g} weeks[/]"
        where = "on the skin" if shown["distance_cm"] == 0 else f"at {shown['distance_cm']:g} cm"
        turns = f"\n{escape(shown['words'])}" if shown["words"] else ""
        length = f"[bold]{shown['minutes']:g} minutes[/] " if not turns else "Sessions "
        body = f"{length}{where}{often}{weeks}{turns}\n\n" + escape(content["why"])
        console.print(Panel(body, title=title, title_align="left", border_style="green"))
        _render_trial(console, content["equivalent"])
    for step_number, step in enumerate(content["routine"], 1):
        console.print(f"  {step_number}. [bold]{escape(step['title'])}.[/] {escape(step['detail'])}")
    if content["own_schedule"]:
        console.print(f"Your own schedule: {escape(content['own_schedule']['words'])}")
    fair = content["weeks_until_fair_judgement"]
    if fair is not None and shown is not None and answer.weeks_until_fair_judgement is not None:
        console.print(f"Judge it after about {fair['value']:g} weeks, not before.")
    for text in content["limits"]:
        console.print(f"[red]limit[/] {escape(text)}")
    for text in content["advice"]:
        console.print(f"[cyan]advice[/] {escape(text)}")
    if content["after"]:
        for text in content["after"]["advice"]:
            console.print(f"[cyan]after {escape(content['after']['treatment'])}[/] {escape(text)}")
    show_warnings(console, content)


def _render_trial(console: Console, equivalent: dict[str, Any]) -> None:
    console.print(
        f"Against the trial: irradiance {equivalent['irradiance_ratio']:.2g} times, "
        f"time {equivalent['time_ratio']:.2g} times"
        + (" [yellow](extrapolated)[/]" if equivalent["extrapolated"] else "")
    )
    other = equivalent["runner_up"]
    if other is not None:
        console.print(f"By the runner-up, {escape(other['citation'])}: {interval(other['minutes'])} minutes")


def register(app: typer.Typer) -> None:
    app.command()(plan)
