"""The table that a paper must report of its light: the eight parameters of Jenkins and Carroll (2011), and its dose.

Jenkins PA, Carroll JD. How to report low-level laser therapy (LLLT)/photomedicine dose and beam parameters in clinical
and laboratory studies. Photomed Laser Surg 2011;29:785-787, doi:10.1089/pho.2011.9895.
"""

from __future__ import annotations

import csv
import io
from typing import Final

from photodose.data.schema_evidence import JENKINS_CARROLL
from photodose.dosimetry import Dose
from photodose.planning.equivalent import Equivalent, is_about
from photodose.planning.protocol import Plan
from photodose.planning.words import shares_words
from photodose.quantities import Estimate, short

NOT_KNOWN: Final = "not known"
Row = tuple[str, str, str]


def _interval(value: Estimate) -> str:
    return f"{short(value.value)} ({short(value.low)} to {short(value.high)})"


def reporting_rows(plan: Plan) -> list[Row]:
    """Rows (parameter, value, unit or remark) for one plan; what is not known is said, never filled in.

    With a protocol its session is reported, without one the session that was looked at, if any.
    """
    return [*_required(plan), *_dose_rows(plan)]


def _required(plan: Plan) -> list[Row]:
    shown = plan.protocol or plan.for_clinician
    sessions = plan.sessions or (() if plan.session is None else (plan.session,))
    bands = [band for session in sessions for band in session.exposure.bands]
    unique = {band.peak_nm: band for band in bands}.values()
    wavelengths = ", ".join(f"{b.peak_nm:g} (FWHM {plan.device.band(b.peak_nm).fwhm_nm:g})" for b in unique)
    light = ", ".join(f"{b.peak_nm:g} nm: {_interval(b.irradiance_mw_cm2)} {b.basis}" for b in unique)
    times = ", ".join(
        f"{short(60.0 * session.minutes)}" + (f" ({session.exposure.mode})" if len(sessions) > 1 else "")
        for session in sessions
    )
    area = plan.device.emitting_area_cm2
    number, interval = NOT_KNOWN, NOT_KNOWN
    if shown is not None and shown.sessions_per_week is not None:
        interval = f"{shown.sessions_per_week:g} a week, {short(7.0 / shown.sessions_per_week)} days apart"
        if shown.weeks is not None:
            number = f"{shown.sessions_per_week * shown.weeks:g}"
    values = {
        "wavelength": (wavelengths or ", ".join(f"{peak:g}" for peak in plan.device.wavelengths_nm), "nm"),
        "power": (light or NOT_KNOWN, "irradiance on the skin by band, mW/cm2 (median, 90 % interval)"),
        "irradiation time": (times or NOT_KNOWN, "s per session"),
        "beam area at the skin": (NOT_KNOWN if area is None else short(area), "emitting area of the device, cm2"),
        "pulse parameters": (NOT_KNOWN, "the device file names no pulses"),
        "anatomical location": (plan.skin.site.name, _skin_words(plan)),
        "number of treatments": (number, ""),
        "interval between treatments": (interval, ""),
    }
    return [(name, *values[name]) for name in JENKINS_CARROLL]


def _skin_words(plan: Plan) -> str:
    kind = f"Fitzpatrick type {plan.skin.skin_type}, " if plan.skin.skin_type else ""
    return f"{kind}ITA {plan.skin.ita_deg:.0f} degrees (SD {short(plan.skin.ita_sd_deg)})"


def _dose_rows(plan: Plan) -> list[Row]:
    rows: list[Row] = [("device", plan.device.name, f"{plan.device.kind}, {plan.device.light_source}")]
    for session in plan.sessions or (() if plan.session is None else (plan.session,)):
        rows += _session_rows(plan, session)
    if plan.equivalent is not None:
        trial = plan.equivalent.trial
        rows.append(("dose follows", trial.citation, _follows_words(plan, plan.equivalent)))
    versions = ", ".join(f"{key} {value}" for key, value in plan.engine.items())
    rows.append(("computed with", f"photodose {versions}", ""))
    return rows


def _follows_words(plan: Plan, item: Equivalent) -> str:
    """How near the plan's minutes come to the trial's fluence, by band where they do not come near."""
    shown = plan.protocol or plan.for_clinician
    minutes = item.minutes_of(item.minutes.value if shown is None else shown.minutes)
    if shown is not None:
        # a session that several goals share has one time for all bands and names none
        minutes = {peak: shown.minutes_by_band.get(f"{peak:g}", value) for peak, value in minutes.items()}
    shares = item.shares(item.minutes.value, minutes)
    if all(map(is_about, shares.values())):
        return "equal fluence at the target, band by band"
    if item.uneven:
        return f"fluence at the target equal to the trial's on average only, by band {shares_words(shares)}"
    return f"fluence at the target held below the trial's by a limit, by band {shares_words(shares)}"


def _session_rows(plan: Plan, session: Dose) -> list[Row]:
    named = "" if session.exposure.mode is None else f" ({session.exposure.mode})"
    rows: list[Row] = [
        (f"distance{named}", f"{session.exposure.distance_cm:g}", "cm"),
        (f"incidence{named}", session.exposure.incidence.kind, session.exposure.incidence_reason),
    ]
    for band in session.exposure.bands:
        dose = band.irradiance_mw_cm2.scaled(0.06 * session.minutes)
        rows.append((f"radiant exposure{named}", f"{band.peak_nm:g} nm: {_interval(dose)}", "J/cm2 at the skin"))
    target = next((item for item in session.targets if item.name == plan.goal.target), None)
    remark = f"J/cm2, mean over the {plan.goal.target}, computed"
    rows += [
        (f"fluence{named}", f"{part.peak_nm:g} nm: {_interval(part.fluence_j_cm2)}", remark)
        for part in (() if target is None else target.by_band)
    ]
    return rows


def reporting_markdown(plan: Plan) -> str:
    """The table as Markdown."""
    lines = ["| parameter | value | unit or remark |", "|---|---|---|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in reporting_rows(plan)]
    return "\n".join(lines) + "\n"


def reporting_csv(plan: Plan) -> str:
    """The table as CSV; a cell that a spreadsheet would take for a formula is quoted as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("parameter", "value", "unit or remark"))
    for row in reporting_rows(plan):
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in row])
    return out.getvalue()
