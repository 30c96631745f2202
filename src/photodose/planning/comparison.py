"""Devices side by side for a goal and a skin, for somebody about to buy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from photodose import devices as device_room
from photodose import evidence
from photodose.data.schema_evidence import Indication
from photodose.devices import Device
from photodose.dosimetry import Dose, dose
from photodose.planning.hazards import session_limits
from photodose.planning.make import USUAL_MINUTES, plan
from photodose.planning.protocol import Plan
from photodose.quantities import InputError, RangeError, plain
from photodose.tissue import Skin

AUTHORITIES: Final = ("FDA 510(k)", "UKCA", "CE", "ARTG")
LIFETIME_YEARS: Final = 2.0
"""Lifetime of a device over which a price is spread unless another is given: the two years for which a seller in the
European Union answers for it (Directive (EU) 2019/771, Article 10(1)). An assumption, shown with every price."""
MOST_DEVICES: Final = 12
WEEKS_A_YEAR: Final = 365.25 / 7.0


@dataclass(frozen=True)
class Row:
    """One device of a comparison.

    Attributes
    ----------
    plan : Plan
        The plan for this goal and skin with this device.
    session : Dose
        One session: the plan's, else the maker's own time, else `USUAL_MINUTES`.
    minutes_from : str
        Where the session's minutes come from.
    minutes_needed : Estimate or None
        Minutes that give the trial's dose at the target, even where they are too far from the trial for a protocol.
    """

    device: Device
    plan: Plan
    session: Dose
    minutes_from: str
    content: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return dict(self.content)


@dataclass(frozen=True)
class Comparison:
    """Devices side by side."""

    goal: Indication
    skin: Skin
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `photodose compare` (interface.md)."""
        sources = [source for row in self.rows for source in plain(row.device.sources)]
        sources += [source for row in self.rows for source in _trial_sources(row.plan)]
        return {
            "goal": self.goal.id,
            "claim": self.goal.claim,
            "certainty": self.goal.certainty,
            "evidence_verdict": self.goal.verdict,
            "target": self.goal.target,
            "skin": self.skin.to_dict(),
            "devices": [row.to_dict() for row in self.rows],
            "sources": [item for i, item in enumerate(sources) if item not in sources[:i]],
            "warnings": list(self.warnings),
        }


def _trial_sources(item: Plan) -> list[dict[str, Any]]:
    found = item.equivalent
    return [] if found is None else plain(found.trial.sources)


def compare(
    devices: Sequence[Device | str],
    goal: str,
    skin: Skin,
    prices: Mapping[str, float] | None = None,
    lifetime_years: float = LIFETIME_YEARS,
) -> Comparison:
    """Devices side by side for a goal and a skin.

    Parameters
    ----------
    devices : sequence of Device or str
        One to twelve devices, ids or paths of device files. Where nobody published an irradiance a labelled prior by
        kind is taken.
    goal : str
        A goal's id.
    skin : Skin
    prices : mapping of device id to price, optional
        In any currency, above 0.
    lifetime_years : float
        Over which a price is spread [years], 0.1 to 50.

    Raises
    ------
    InputError, RangeError, UnknownNameError
    """
    if isinstance(devices, str | Device):
        devices = [devices]
    if not 1 <= len(devices) <= MOST_DEVICES:
        raise InputError(f"compare takes one to {MOST_DEVICES} devices, not {len(devices)}.")
    if not 0.1 <= lifetime_years <= 50.0:
        raise RangeError("lifetime_years", lifetime_years, 0.1, 50.0)
    indication = evidence.indication(goal)
    units = [device_room.device(item) for item in devices]
    repeated = {unit.id for i, unit in enumerate(units) if unit.id in {other.id for other in units[:i]}}
    if repeated:
        raise InputError(f"{', '.join(sorted(repeated))} is named twice.")
    costs = _prices(prices or {}, units)
    rows = tuple(_row(unit, indication, skin, costs.get(unit.id), lifetime_years) for unit in units)
    notes = [
        f"{unit.name} was recalled ({item.authority}, {item.date}): {item.reason}."
        for unit in units
        for item in unit.recalls
    ]
    notes += [text for row in rows for text in row.plan.warnings]
    return Comparison(indication, skin, rows, tuple(dict.fromkeys(notes)))


def _prices(prices: Mapping[str, float], units: Sequence[Device]) -> dict[str, float]:
    from photodose.data import resolve_name

    names = {unit.id: unit.id for unit in units}
    found = {}
    for name, price in prices.items():
        if not 0.0 < float(price) < 1e7:
            raise RangeError("price", float(price), 0.0, 1e7, name)
        found[resolve_name("device of a price", name, names)] = float(price)
    return found


def _row(unit: Device, indication: Indication, skin: Skin, price: float | None, years: float) -> Row:
    made = plan(indication.id, unit, skin, assume=True)
    shown = made.protocol or made.for_clinician
    item = made.nearest
    session, origin = made.session, "the plan"
    if session is None:
        minutes = USUAL_MINUTES if unit.session_minutes is None else unit.session_minutes
        origin = f"{USUAL_MINUTES:g} minutes, as an example" if unit.session_minutes is None else "the maker's own time"
        session = dose(unit, skin, minutes, mode=next(iter(made.exposures)), assume=True)
    limits = made.hazards or session_limits(unit, skin, session.exposure, session.minutes)
    content = {
        "device": unit.id,
        "name": unit.name,
        "kind": unit.kind,
        "wavelengths_nm": list(unit.wavelengths_nm),
        "irradiance_mw_cm2": {
            f"{band.peak_nm:g}": {**band.irradiance_mw_cm2.to_dict(), "basis": band.basis}
            for exposure in made.exposures.values()
            for band in exposure.bands
        },
        "distance_cm": session.exposure.distance_cm,
        "protocol": plain(made.protocol),
        "verdict": made.verdict.value,
        "why": made.why,
        "why_none": None if made.protocol is not None else first_sentence(made.why),
        "minutes_needed": None if item is None else plain(item.minutes),
        "trial": None if item is None else item.trial.citation,
        "irradiance_ratio": None if item is None else item.irradiance_ratio,
        "extrapolated": None if item is None else item.extrapolated,
        "too_far": None if item is None else item.too_far,
        "session": {"minutes": session.minutes, "from": origin, "mode": session.exposure.mode},
        "dose_at_target": _dose_at(indication.target, session),
        "hazards": {
            "risk_group": limits.assessment.risk_group,
            "provisional": limits.assessment.provisional,
            "hazard_distance_cm": limits.assessment.hazard_distance_cm,
            "shields_needed": limits.shields_needed,
            "permissible_by_eyes_s": dict(limits.assessment.permissible_by_eyes_s),
            "allowed_s": limits.allowed_s,
            "time_to_skin_limit_s": limits.heat_s,
            "at_cm": session.exposure.distance_cm,
            "laser": limits.assessment.laser,
            "skin_temperature_c": session.temperature.skin_temperature(),
        },
        "recalls": plain(unit.recalls),
        "clearance": clearance_of(unit),
        "evidence_for_kind": evidence_for_kind(indication.id, unit),
        "cost": _cost(price, shown, unit, years),
    }
    return Row(unit, made, session, origin, content)


_SENTENCE_END: Final = re.compile(r"(?<=[a-z0-9%)])(?<!et al)\.\s+(?=[A-Z])")
_ASIDE: Final = re.compile(r"\s*\([^()]*\)(?=[.]?$)")


def first_sentence(text: str) -> str:
    """The first sentence of an answer, without an aside in brackets at its end.

    Examples
    --------
    >>> first_sentence("The limits leave 12 % (the skin gets warm). Park SH et al. 2025 gave more.")
    'The limits leave 12 %.'
    """
    first = _SENTENCE_END.split(text.strip(), maxsplit=1)[0]
    return _ASIDE.sub("", first.rstrip(".")) + "."


def _dose_at(target: str | None, session: Dose) -> dict[str, Any] | None:
    found = next((item for item in session.targets if item.name == target), None)
    if found is None:
        return None
    return {"target": found.name, "fluence_j_cm2": plain(found.fluence_j_cm2), "by_band": plain(found.by_band)}


def clearance_of(unit: Device) -> list[dict[str, Any]]:
    """For each authority: yes with its number, no (looked for and not found), or unknown."""
    known = {entry.authority: entry for entry in unit.clearance}
    rows = []
    for authority in AUTHORITIES:
        entry = known.get(authority)
        rows.append(
            {
                "authority": authority,
                "known": "unknown" if entry is None else entry.known,
                "number": None if entry is None else entry.number,
                "date": None if entry is None else entry.date,
                "claim": None if entry is None else entry.claim,
            }
        )
    return rows


def evidence_for_kind(goal: str, unit: Device) -> dict[str, Any]:
    """Trials of this goal with this kind of device (lasers apart), by what they found; only what was read counts."""
    kind = "laser" if unit.has_laser else unit.kind
    counts = {"positive": 0, "negative": 0, "mixed": 0, "unclear": 0}
    studies = []
    for finding in evidence.studies_for(goal):
        study = finding.study
        own = study.device_kind == kind or (unit.kind == study.device_kind and kind == "laser")
        if own and finding.read and "device_kind" not in study.unverified:
            counts[finding.direction] += 1
            studies.append({"study": study.id, "citation": study.citation, "direction": finding.direction,
                            "sham": study.sham, "outcome": finding.outcome})  # fmt: skip
    words = f"No trial with a {kind} was read for this goal." if not studies else ""
    return {"kind": kind, **counts, "studies": studies, "words": words}


def _cost(price: float | None, shown: Any, unit: Device, years: float) -> dict[str, Any] | None:
    """Price per session over the assumed lifetime, with what was assumed; None without a price."""
    if price is None:
        return None
    per_week, origin = None, "no number of sessions a week is known"
    if shown is not None and shown.sessions_per_week is not None:
        per_week, origin = shown.sessions_per_week, "the trial's schedule"
    elif unit.per_week is not None:
        per_week, origin = unit.per_week, "the maker's own schedule"
    sessions = None if per_week is None else per_week * WEEKS_A_YEAR * years
    return {
        "price": price,
        "per_session": None if sessions is None else price / sessions,
        "sessions": sessions,
        "sessions_per_week": per_week,
        "lifetime_years": years,
        "assumed": f"used for {years:g} years, {origin}",
    }


__all__ = ["LIFETIME_YEARS", "Comparison", "Row", "compare"]
