"""One page to take to a clinician: who, which light, which dose, what the rules say and why, with the sources."""

from __future__ import annotations

from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from photodose import evidence, safety
from photodose.app.answers import EXAMPLE_MINUTES, Answers
from photodose.app.documents import document, interval
from photodose.app.physics import attempt, dose_for, light_of, safety_of, screening_of
from photodose.app.sentences import in_words
from photodose.app.templatetags.photodose import short
from photodose.app.wording import BANDS, TREATMENTS, VERDICTS, site_name, target_name
from photodose.devices import Device
from photodose.safety import Screening


def clinician_pdf(answers: Answers) -> bytes:
    """The page, as far as the answers go."""
    screening, refused = attempt(screening_of, answers)
    device, _problem = attempt(answers.own_device)
    parts: list[dict[str, Any]] = [{"pairs": who(answers)}]
    if device is not None:
        parts.append({"title": _("The light"), "pairs": the_light(answers, device), "small": [how_computed()]})
    if screening is not None:
        parts.append(the_verdict(screening))
    else:
        parts.append({"text": [in_words(refused)]})
    parts.append({"title": _("What we would like to know from you"), "items": questions(answers)})
    return document(_("Light therapy at home: a question to you"), _("made by the person who brings it"), parts)


def how_computed() -> str:
    """How to read the numbers of the light."""
    return _(
        "Medians with the range of nine cases in ten, computed for this person's skin; "
        "makers' claims are not taken at their word."
    )


def who(answers: Answers) -> list[list[str]]:
    """What the person told, as pairs of words."""
    names = {condition.id: condition.name for condition in safety.conditions()}
    skin = f"ITA {short(answers.ita_deg)}°" if answers.ita_deg is not None else answers.skin_type
    rows = [
        [_("Goal"), ", ".join(in_words(evidence.indication(goal).goal) for goal in answers.goals)],
        [_("Place"), site_name(answers.site) if answers.site else ""],
        [_("Skin (Fitzpatrick type or ITA)"), skin],
        [_("Age"), "" if answers.age is None else short(answers.age)],
        [_("Medicines"), ", ".join(answers.medicines)],
        [_("Conditions"), ", ".join(in_words(names.get(name, name)) for name in answers.conditions)],
        [_("After a treatment"), treatment(answers)],
    ]
    return [row for row in rows if row[1]]


def treatment(answers: Answers) -> str:
    """The recent treatment and its day; empty without one."""
    if not answers.treatment or answers.treated_on is None:
        return ""
    return f"{TREATMENTS[answers.treatment]}, {formats.date_format(answers.treated_on, 'DATE_FORMAT')}"


def the_light(answers: Answers, device: Device) -> list[list[str]]:
    """Device, wavelengths, irradiance, dose at each target, hazards."""
    rows = [
        [_("Device"), device.name],
        [_("Wavelengths"), ", ".join(f"{peak:g} nm" for peak in device.wavelengths_nm)],
    ]
    if answers.has_light:
        light, _problem = attempt(dose_for, light_of(answers), EXAMPLE_MINUTES)
        if light is not None:
            rows += [
                [f"{band.peak_nm:g} nm", interval(band.irradiance_mw_cm2, "mW/cm²")] for band in light.exposure.bands
            ]
            label = _("Fluence in %(n)s min") % {"n": short(EXAMPLE_MINUTES)}
            rows += [
                [f"{label}: {target_name(target.name)}", interval(target.fluence_j_cm2, "J/cm²")]
                for target in light.targets
            ]
    hazards, _problem = attempt(safety_of, answers, EXAMPLE_MINUTES)
    if hazards is not None:
        rows.append([_("Risk group (IEC 62471), provisional"), in_words(hazards.assessment.risk_group)])
    return rows


def the_verdict(screening: Screening) -> dict[str, Any]:
    """What the rules say, reason by reason, with their sources."""
    items = []
    for reason in screening.reasons:
        bands = ", ".join(f"{BANDS[band]}: {VERDICTS[reason.by_band[band].value][0]}" for band in screening.bands)
        items.append(
            [
                f"{in_words(reason.matched or reason.what)} ({VERDICTS[reason.verdict.value][0]}).",
                f"{in_words(reason.why)} {bands}.",
            ]
        )
    return {
        "title": _("What the screening says: %(verdict)s") % {"verdict": VERDICTS[screening.verdict.value][0]},
        "items": items,
        "text": [] if items else [_("No rule applies to what was given; that is no proof of safety.")],
        "small": [*dict.fromkeys(reason.source for reason in screening.reasons), screening.rules_version],
    }


def questions(answers: Answers) -> list[list[str]]:
    """What only a clinician can say."""
    found = [["", _("May this light be used at this place, and with which colours?")]]
    if answers.medicines:
        found.append(["", _("Does one of these medicines make this skin or these eyes react to it?")])
    found.append(["", _("Is there a reason to wait, to shorten the sessions, or to see you again first?")])
    return found
