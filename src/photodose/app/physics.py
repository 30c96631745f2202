"""The functions that the command line calls, remembered for a while, for pages that ask the same again and again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from photodose import planning
from photodose.app.answers import OWN, Answers, read_device
from photodose.app.memory import remembered
from photodose.data import data_hash
from photodose.dosimetry import Dose, dose
from photodose.planning import Plan
from photodose.planning.comparison import Comparison, compare
from photodose.planning.hazards import SafetyAnswer, safety
from photodose.planning.several import Together, plan_together
from photodose.quantities import InputError
from photodose.safety import Screening
from photodose.tissue import skin

KEPT = 128
"""Answers of each kind: a dose takes up to a megabyte."""


def _key(**inputs: Any) -> str:
    return json.dumps(inputs | {"data": data_hash()}, sort_keys=True, allow_nan=False)


def light_of(answers: Answers) -> dict[str, Any]:
    """What of the answers a dose depends on, as plain values."""
    return {
        "device": answers.own if answers.device == OWN else answers.device,
        "site": answers.site,
        "skin_type": answers.skin_type or None,
        "ita_deg": answers.ita_deg,
        "irradiance_mw_cm2": answers.measured or None,
        "assume": answers.assume,
        "distance_cm": answers.distance_cm,
    }


def _inputs(light: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    options = {
        "irradiance_mw_cm2": irradiances(light["irradiance_mw_cm2"]),
        "assume": light["assume"],
        "distance_cm": light["distance_cm"],
    }
    person = skin(light["site"], skin_type=light["skin_type"], ita_deg=light["ita_deg"])
    return read_device(light["device"]), person, options


def irradiances(measured: Mapping[str, float] | None) -> dict[float, float] | None:
    """Measured irradiance by peak as JSON has it, with numbers for keys; None where nothing was measured."""
    return {_peak(peak): value for peak, value in measured.items()} if measured else None


def _peak(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"a band is named by its peak in nm, not by {text[:20]!r}.") from None


@remembered(KEPT)
def _dose(key: str) -> Dose:
    asked = json.loads(key)
    device, person, options = _inputs(asked["light"])
    return dose(device, person, asked["minutes"], mode=asked["mode"], **options)


@remembered(KEPT)
def _plan(key: str) -> Plan:
    asked = json.loads(key)
    device, person, options = _inputs(asked["light"])
    return planning.plan(asked["goal"], device, person, **options, **asked["person"])


def dose_for(light: dict[str, Any], minutes: float, mode: str | None = None) -> Dose:
    """`photodose.dose` of plain inputs (see `light_of`); the same question again is answered from memory."""
    return _dose(_key(light=light, minutes=float(minutes), mode=mode))


def plan_for(goal: str, light: dict[str, Any], **person: Any) -> Plan:
    """`photodose.plan` of plain inputs; the same question again is answered from memory.

    `person` holds drugs, conditions, age, minutes, per_week, eyes and after as `photodose.plan` takes them.
    """
    given = {name: value for name, value in person.items() if value not in (None, "", [], ())}
    return _plan(_key(goal=goal, light=light, person=given))


def plan_of(answers: Answers, minutes: float | None = None, per_week: float | None = None) -> Plan:
    """The plan of a person's answers; with minutes also their own schedule, judged."""
    return plan_for(
        answers.goal,
        light_of(answers),
        drugs=answers.medicines,
        conditions=answers.conditions,
        age=answers.age,
        minutes=minutes,
        per_week=per_week,
        after=answers.after,
    )


@remembered(KEPT)
def _together(key: str) -> Together:
    asked = json.loads(key)
    device, person, options = _inputs(asked["light"])
    return plan_together(asked["goals"], device, person, **options, **asked["person"])


def together_for(goals: list[str], light: dict[str, Any], **person: Any) -> Together:
    """`photodose.planning.plan_together` of plain inputs; the same question again is answered from memory.

    `person` holds drugs, conditions, age, eyes and after as `plan_together` takes them.
    """
    return _together(_key(goals=goals, light=light, person=person))


def together_of(answers: Answers) -> Together:
    """One session for all goals of a person's answers (two or more)."""
    person = {"drugs": answers.medicines, "conditions": answers.conditions, "age": answers.age, "after": answers.after}
    return together_for(answers.goals, light_of(answers), **person)


def screening_of(answers: Answers) -> Screening:
    """The screening of a person's answers, for their device if one is chosen."""
    return planning.screen(
        drugs=answers.medicines,
        conditions=answers.told,
        device=answers.own_device(),
        site=answers.site or None,
        age=answers.age,
        skin_type=answers.skin_type or None,
    )


@remembered(KEPT)
def _comparison(key: str) -> Comparison:
    asked = json.loads(key)
    person = skin(asked["site"], skin_type=asked["skin_type"], ita_deg=asked["ita_deg"])
    units = [read_device(item) for item in asked["devices"]]
    return compare(units, asked["goal"], person, asked["prices"] or None)


def comparison_of(devices: list[str | dict[str, Any]], answers: Answers, prices: Mapping[str, float]) -> Comparison:
    """`photodose compare` for a person's goal and skin; the same question again is answered from memory."""
    skin_asked = {"site": answers.site, "skin_type": answers.skin_type or None, "ita_deg": answers.ita_deg}
    return _comparison(_key(devices=devices, goal=answers.goal, prices=dict(prices), **skin_asked))


def safety_of(answers: Answers, minutes: float | None, eyes: str = "open") -> SafetyAnswer:
    """The safety answer for a person's device and skin."""
    device = answers.own_device()
    if device is None:
        raise InputError("choose a device first.")
    return safety(
        device,
        answers.own_skin(),
        distance_cm=answers.distance_cm,
        minutes=minutes,
        eyes=eyes,
        irradiance_mw_cm2=irradiances(answers.measured),
    )


def attempt(function: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[Any, str]:
    """What a function answers, or the one sentence with which it refuses."""
    try:
        return function(*arguments, **options), ""
    except InputError as problem:
        return None, on_the_page(str(problem))


_FLAGS = re.compile(r" measure (?:it|it at .*? cm) and give --irradiance-mw-cm2.*", re.DOTALL)
_ROW = re.compile(r"(?:device: )?bands\[(\d+)\](?:\.(irradiance_mw_cm2|peak_nm))?")


def on_the_page(problem: str) -> str:
    """A refusal without the command line's flags and counts: which field of the page, which row, counted from 1."""
    flags = _FLAGS.search(problem)
    if flags is not None:
        told = problem[: flags.start()].rstrip(";,")
        return f"{told}. " + _("Type what you measured in step 2 of the answers, or take a usual value there.")
    names = {"irradiance_mw_cm2": "mW/cm²", "peak_nm": "nm"}
    return _ROW.sub(
        lambda row: _("Row %(n)s") % {"n": int(row[1]) + 1} + (f", {names[row[2]]}:" if row[2] else ""), problem
    )
