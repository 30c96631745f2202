"""`photodose plan`."""

from __future__ import annotations

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
    number,
    person_skin,
    show_warnings,
)
from photodose.cli.hazards import EyesOption
from photodose.cli.screening import COLOURS, AgeOption, ConditionOption, DrugOption

if TYPE_CHECKING:
    from rich.console import Console


def plan(
    goal: Annotated[str, typer.Option("--goal", help="What you want (see 'photodose goals').")],
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
    as_json: JsonOption = False,
) -> int:
    """How should I use it? The dose that worked in a trial, carried over to your device and skin."""
    from photodose.devices import device as find_device
    from photodose.planning import plan as make_plan

    answer = make_plan(
        goal,
        find_device(device),
        person_skin(site, skin_type, ita),
        minutes=number(minutes, "--minutes"),
        per_week=number(per_week, "--per-week"),
        distance_cm=number(distance_cm, "--distance-cm"),
        irradiance_mw_cm2=irradiances(irradiance),
        assume=assume,
        age=number(age, "--age"),
        drugs=drug or (),
        conditions=condition or (),
        eyes=eyes,
        after=after,
    )
    emit(answer, as_json, render_plan)
    return int(answer.exit_code)


def render_plan(console: Console, answer: Any) -> None:
    """A plan for people."""
    from rich.panel import Panel

    content = answer.to_dict()
    verdict = content["verdict"]
    console.print(f"[bold]{escape(content['claim'])}[/] with {escape(answer.device.name)}, {content['skin']['site']}")
    console.print(f"Safe for you: [bold {COLOURS[verdict]}]{verdict}[/]")
    for reason in content["screening"]["reasons"]:
        console.print(f"  {reason['verdict']}: {escape(reason['what'])}. {escape(reason['why'])}")
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
