"""Pages to print, by typst: one for the bathroom wall, one for a clinician. Text goes in as data, never as markup."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from photodose import evidence
from photodose.data.schema_evidence import usable
from photodose.dosimetry import dose
from photodose.planning.documents.libraries import needed
from photodose.planning.documents.reporting import reporting_rows
from photodose.planning.protocol import EVIDENCE_WORDS, Plan, Protocol
from photodose.planning.several import Together
from photodose.planning.words import minutes_words
from photodose.quantities import InputError, short_down

TEMPLATES: Final = Path(__file__).parent / "typst"
FOOTER: Final = "photodose is no medical device and gives no diagnosis."
EYES_WORDS: Final = {
    "shielded": "Eye shields on, always",
    "closed": "Eyes closed",
    "open": "Do not look into the lights",
}
STOP_RULES: Final = (
    "It hurts, stings or gets hot: stop.",
    "A blister, or red skin for over a day: stop, and ask a doctor.",
    "Trouble with your eyes or a headache: stop, and ask a doctor.",
)

HEADINGS: Final = {
    "screening": "Screening for this person and device:",
    "rules": "What the rules say",
    "rule": ("What", "Why", "Source"),
    "after": "After the treatment",
    "done": "What would be done",
    "nothing": "No protocol",
    "light": "The light (parameters of Jenkins and Carroll 2011)",
    "parameter": ("Parameter", "Value", "Unit or remark"),
    "hazards": "Hazards",
    "evidence": "Evidence",
    "certainty": "Certainty",
    "study": ("Study", "Found", "Outcome"),
    "heed": "To heed",
}


class AsIs(str):
    """A name, a source or what a person typed: the same in every language."""


Words = Callable[[str], str]
"""From what the engine says to another language; `str` leaves it as it is."""


def in_language(content: Any, say: Words) -> Any:
    """All texts of some data in the language of `say`; keys, numbers and names stay."""
    if isinstance(content, AsIs):
        return str(content)
    if isinstance(content, str):
        return say(content)
    if isinstance(content, dict):
        return {key: in_language(value, say) for key, value in content.items()}
    return [in_language(value, say) for value in content] if isinstance(content, list | tuple) else content


def _render(template: str, data: dict[str, Any], say: Words = str, language: str = "en") -> bytes:
    """The PDF of a template, given its data as JSON."""
    typst = needed("typst")
    data = in_language(data | {"headings": HEADINGS}, say) | {"lang": language}
    content = typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    assert isinstance(content, bytes)
    return content


def plan_pdf(plan: Plan, together: Together | None = None, say: Words = str, language: str = "en") -> bytes:
    """One PDF: the page for the wall (where there is a protocol), then the page for a clinician.

    Parameters
    ----------
    plan : Plan
        Of the goal, or of the main one of several.
    together : Together or None
        The session for several goals, which takes the place of the plan's own.
    say : callable
        From a text of the engine to the same in another language.
    language : str
        Its code, for hyphens and readers of the screen.
    """
    if together is not None:
        wall = _wall_together(plan, together) if together.minutes_by_mode else None
        clinician = _clinician(_with_session(plan, together)) | _clinician_together(together)
        return _render("plan", {"wall": wall, "clinician": clinician, "foot": _foot(plan)}, say, language)
    wall = None if plan.protocol is None else _wall(plan, plan.protocol)
    return _render("plan", {"wall": wall, "clinician": _clinician(plan), "foot": _foot(plan)}, say, language)


def wall_pdf(plan: Plan) -> bytes:
    """The page for the bathroom wall.

    Raises
    ------
    InputError
        If the plan has no protocol: there is nothing to hang up.
    """
    if plan.protocol is None:
        raise InputError("this plan has no protocol, so there is no page for the wall.")
    return _render("plan", {"wall": _wall(plan, plan.protocol), "clinician": None, "foot": _foot(plan)})


def clinician_pdf(plan: Plan) -> bytes:
    """The page for a clinician, with or without a protocol."""
    return _render("plan", {"wall": None, "clinician": _clinician(plan), "foot": _foot(plan)})


def _foot(plan: Plan) -> str:
    versions = " · ".join(f"{key} {value}" for key, value in plan.engine.items())
    return f"{FOOTER} {versions}"


def _where(distance_cm: float) -> str:
    return "on the skin" if distance_cm == 0 else f"{distance_cm:g} cm away"


def _wall(plan: Plan, protocol: Protocol) -> dict[str, Any]:
    often = "" if protocol.sessions_per_week is None else f"{protocol.sessions_per_week:g} times a week"
    weeks = "" if protocol.weeks is None else f"for {protocol.weeks:g} weeks"
    fair = plan.weeks_until_fair_judgement
    lengths = [minutes_words(protocol.minutes)]
    if protocol.sessions == "alternating":
        lengths = [f"{minutes_words(value)} at {peak} nm" for peak, value in protocol.minutes_by_band.items()]
    return {
        "title": plan.goal.goal,
        "device": AsIs(plan.device.name),
        "place": plan.skin.site.name,
        "lengths": lengths,
        "turns": protocol.words,
        "facts": [text for text in (_where(protocol.distance_cm), often, weeks, EYES_WORDS[protocol.eyes]) if text],
        "steps": [[step.title, step.detail] for step in plan.routine],
        "stop": list(STOP_RULES),
        "judge": "" if fair is None else f"Judge it after about {fair:g} weeks, not before.",
        "limits": list(plan.limits),
    }


def _wall_together(plan: Plan, together: Together) -> dict[str, Any]:
    """The page for the wall of one session for several goals."""
    session, modes = together.session, together.minutes_by_mode or {}
    assert session is not None
    lengths = [minutes_words(value) + (f": {mode}" if len(modes) > 1 else "") for mode, value in modes.items()]
    return _wall(plan, session) | {
        "title": ", ".join(_goal_names(together)),
        "lengths": lengths,
        "steps": [[step.title, step.detail] for step in together.routine],
        "limits": [],
    }


def _with_session(plan: Plan, together: Together) -> Plan:
    """The main goal's plan with the light of the session for several goals in place of its own."""
    shown, session, asked = together.minutes_by_mode or together.for_clinician, together.session, plan.inputs
    if shown is None or session is None:
        return plan
    measured = asked.get("irradiance_mw_cm2")
    light: dict[str, Any] = {
        "distance_cm": asked.get("distance_cm"),
        "irradiance_mw_cm2": None if measured is None else {float(peak): value for peak, value in measured.items()},
        "assume": bool(asked.get("assume")),
    }
    sessions = tuple(dose(plan.device, plan.skin, minutes, mode=mode, **light) for mode, minutes in shown.items())
    asks = together.minutes_by_mode is None
    return replace(
        plan, protocol=None if asks else session, for_clinician=session if asks else None, session=sessions[0],
        sessions=sessions, limits=(), warnings=together.warnings,
    )  # fmt: skip


def _goal_names(together: Together) -> list[str]:
    return [evidence.indication(goal).goal for goal in together.goals if goal in together.trials]


def _clinician_together(together: Together) -> dict[str, Any]:
    """What the page for a clinician says of the session for several goals in place of the one for the main goal."""
    session = together.session
    rows = [] if session is None else _protocol_rows(session)
    return {"protocol": [["Goals", ", ".join(_goal_names(together))], *rows], "why": together.why}


def _clinician(plan: Plan) -> dict[str, Any]:
    shown = plan.protocol or plan.for_clinician
    asked = plan.inputs
    person = [
        ["Goal", plan.goal.goal],
        ["Place", plan.skin.site.name],
        ["Skin", (f"type {plan.skin.skin_type}, " if plan.skin.skin_type else "") + f"ITA {plan.skin.ita_deg:.0f}°"],
        ["Age", "" if asked.get("age") is None else f"{asked['age']:g}"],
        ["Medicines", ", ".join(asked.get("drugs", []))],
        ["Conditions", ", ".join(asked.get("conditions", []))],
        ["After", asked.get("after") or ""],
    ]
    reasons = [
        [f"{reason.matched or reason.what}: {reason.verdict.value}", reason.why, AsIs(reason.source)]
        for reason in plan.screening.reasons
    ]
    return {
        "title": "Light therapy at home: a page for a clinician",
        "verdict": plan.verdict.value,
        "person": [row for row in person if row[1]],
        "protocol": [] if shown is None else _protocol_rows(shown),
        "why": plan.why,
        "reasons": reasons,
        "light": [list(row) for row in reporting_rows(plan)],
        "certainty": f"{EVIDENCE_WORDS[plan.goal.certainty]}. {plan.goal.verdict}",
        "evidence": _evidence(plan),
        "hazards": _hazards(plan),
        "after": [] if plan.after is None else list(plan.after.advice),
        "warnings": [*plan.limits, *plan.advice, *plan.warnings],
    }


def _protocol_rows(shown: Protocol) -> list[list[str]]:
    rows = [["Session", minutes_words(shown.minutes)], ["Distance", _where(shown.distance_cm)]]
    if shown.words:
        rows[0] = ["Sessions", shown.words]
    if shown.sessions_per_week is not None:
        rows.append(["Sessions a week", f"{shown.sessions_per_week:g}"])
    if shown.weeks is not None:
        rows.append(["Weeks", f"{shown.weeks:g}"])
    rows.append(["Eyes", EYES_WORDS[shown.eyes]])
    return rows


def _evidence(plan: Plan) -> list[list[str]]:
    found = []
    for item in evidence.studies_for(plan.goal.id):
        number = usable(item.study.n)
        count = "" if number is None else f", n = {number:g}"
        found.append([f"{item.study.citation} ({item.study.design}{count})", item.direction, item.outcome])
    return found


def _hazards(plan: Plan) -> list[str]:
    if plan.hazards is None:
        return []
    found = plan.hazards.assessment
    words = [f"Risk group (IEC 62471): {found.risk_group}" + (" (provisional)." if found.provisional else ".")]
    if found.laser is not None:
        words = [f"Laser product ({found.laser['standard']}), class {found.laser['class']}."]
    for state, seconds in found.permissible_by_eyes_s.items():
        allowed = "8 h or longer" if seconds is None else f"{short_down(seconds / 60.0)} min"
        words.append(f"Allowed with eyes {state}: {allowed}.")
    return words


__all__ = ["clinician_pdf", "plan_pdf", "wall_pdf"]
