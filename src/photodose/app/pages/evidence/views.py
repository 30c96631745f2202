"""The evidence explorer: all claims, searched and filtered; one claim with its trials for and against."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from photodose import evidence
from photodose.app.sentences import in_words
from photodose.app.wording import BIASES, CERTAINTIES, DESIGNS, DIRECTIONS, FINDINGS, badges
from photodose.data.schema_evidence import CERTAINTIES as CERTAINTY_ORDER
from photodose.data.schema_evidence import usable
from photodose.evidence import PooledEffect, StudyFinding
from photodose.quantities import UnknownNameError

ORDER = (*FINDINGS, "advice")
WITHOUT_SHAM = frozenset({"rct_active", "rct_untreated", "single_arm", "case_series"})
"""Designs that have no sham; reviews and crossover trials may have one."""


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every claim; filtered by finding and certainty, searched in goal, claim, verdict and the studies' names."""
    query = " ".join(request.GET.get("q", "").casefold().split())[:100]
    finding, certainty = request.GET.get("finding", ""), request.GET.get("certainty", "")
    rows = [row for row in all_claims() if matches(row, query, finding, certainty)]
    context = {
        "rows": rows,
        "query": request.GET.get("q", "")[:100],
        "finding": finding,
        "certainty": certainty,
        "findings": [(key, word) for key, (_icon, word) in FINDINGS.items()],
        "certainties": [(key, CERTAINTIES[key][0]) for key in reversed(CERTAINTY_ORDER)],
        "all": len(evidence.goals()),
        "studies": len(evidence.studies()),
    }
    part = request.headers.get("HX-Request") and request.headers.get("HX-Target") == "claims"
    return render(request, "pages/evidence/list.html" if part else "pages/evidence/index.html", context)


def all_claims() -> list[dict[str, Any]]:
    """All claims, best supported first, with the numbers of studies for and against."""
    rows = []
    for goal in evidence.goals():
        findings = evidence.studies_for(goal.id)
        directions = [item.direction for item in findings]
        designs = {item.study.design for item in findings if item.direction == "positive"}
        rows.append(
            {
                "goal": goal,
                "claim": evidence.indication(goal.id).claim,
                "positive": directions.count("positive"),
                "negative": directions.count("negative"),
                "count": len(directions),
                "without_sham": bool(designs) and designs <= WITHOUT_SHAM,
            }
        )
    return sorted(
        rows,
        key=lambda row: (
            ORDER.index(badges(row["goal"])[0]),
            -CERTAINTY_ORDER.index(row["goal"].certainty),
            row["goal"].title,
        ),
    )


def matches(row: dict[str, Any], query: str, finding: str, certainty: str) -> bool:
    """Whether a claim passes the filters and holds every word of the search."""
    goal = row["goal"]
    if (finding and finding not in badges(goal)) or (certainty and goal.certainty != certainty):
        return False
    if not query:
        return True
    record = evidence.indication(goal.id)
    texts = [goal.title, in_words(goal.title), record.claim, goal.verdict, in_words(goal.verdict), *record.phrases]
    texts += [f"{item.study.citation} {item.study.title}" for item in evidence.studies_for(goal.id)]
    whole = " ".join(texts).casefold()
    return all(word in whole for word in query.split())


@require_GET
def one(request: HttpRequest, goal: str) -> HttpResponse:
    """One claim: verdict, certainty step by step, each study with its numbers and sources."""
    if goal not in {item.id for item in evidence.goals()}:
        raise Http404
    try:
        record = evidence.indication(goal)
    except UnknownNameError as problem:
        raise Http404 from problem
    wanted = request.GET.get("show", "")
    findings = [item for item in evidence.studies_for(goal) if wanted not in DIRECTIONS or item.direction == wanted]
    context = {
        "goal": record,
        "certainty": CERTAINTIES[record.certainty],
        "start": CERTAINTIES[record.starts_from],
        "studies": [shown(item, record.target is not None) for item in findings],
        "show": wanted,
        "counts": [
            (key, word, sum(1 for item in evidence.studies_for(goal) if item.direction == key))
            for key, (_icon, word) in DIRECTIONS.items()
        ],
        "count": len(evidence.studies_for(goal)),
        "pools": [forest(pool) for pool in evidence.pooled(goal)],
        "window": evidence.dose_window(goal),
        "no_protocol": evidence.why_no_protocol(goal),
        "fair": usable(record.weeks_until_fair_judgement),
    }
    part = request.headers.get("HX-Request") and request.headers.get("HX-Target") == "studies"
    return render(request, "pages/evidence/studies.html" if part else "pages/evidence/one.html", context)


FOREST_WIDTH = 120.0
"""Width of the forest plot in the units of its own drawing (pool.html leaves 8 on either side)."""


def forest(pool: PooledEffect) -> dict[str, Any]:
    """One pooled outcome as the page draws it: a row for each trial, their mean, the prediction and what others found.

    Positions are on one scale from 0 to `FOREST_WIDTH` that holds every interval and no difference at all.
    """
    mean = pool.combined
    rows = [
        (trial.citation, trial.difference, trial.low, trial.high, 3.0 + 6.0 * (trial.weight or 0.0) ** 0.5, "trial")
        for trial in pool.trials
    ]
    rows.append((_("Together"), mean.value, mean.low, mean.high, 6.0, "mean"))
    if mean.predicts:
        rows.append((_("A further trial"), mean.value, mean.prediction_low, mean.prediction_high, 0.0, "prediction"))
    rows += [(other.citation, other.value, other.low, other.high, 4.0, "published") for other in pool.published]
    least = min(0.0, *(low for _name, _value, low, *_rest in rows))
    scale = FOREST_WIDTH / (max(0.0, *(high for _name, _value, _low, high, *_rest in rows)) - least)
    return {
        "pool": pool,
        "zero": (0.0 - least) * scale,
        "rows": [
            {
                "name": name,
                "kind": kind,
                "value": value,
                "low": low,
                "high": high,
                "from": (low - least) * scale,
                "to": (high - least) * scale,
                "at": (value - least) * scale,
                "half": half,
                "left": (value - least) * scale - half,
                "top": 10.0 - half,
                "side": 2.0 * half,
            }
            for name, value, low, high, half, kind in rows
        ],
    }


def shown(item: StudyFinding, needs_site: bool) -> dict[str, Any]:
    """A study as the page shows it; numbers that nobody read are left out."""
    study = item.study
    return {
        "finding": item,
        "study": study,
        "icon": DIRECTIONS[item.direction][0],
        "direction": DIRECTIONS[item.direction][1],
        "design": DESIGNS[study.design],
        "bias": BIASES[study.risk_of_bias.overall],
        "n": usable(study.n),
        "light": [
            {
                "peak": band.peak_nm,
                "irradiance": usable(band.irradiance_mw_cm2),
                "most": band.irradiance_mw_cm2 is not None and band.irradiance_mw_cm2.qualifier == "<=",
                "radiant_exposure": usable(band.radiant_exposure_j_cm2),
            }
            for band in study.light
            if band.usable
        ],
        "minutes": usable(study.minutes),
        "per_week": usable(study.per_week),
        "weeks": usable(study.weeks),
        "effects": [effect for effect in study.effects if effect.usable and effect.value is not None],
        "not_usable": evidence.why_not_usable(study, needs_site),
    }
