"""What a rule says for this person: which of its sets of verdicts holds, and its words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from photodose.data.schema_safety import BandVerdict, ByBand, Condition, Drug, Form
from photodose.safety.bands import BANDS
from photodose.safety.catalogue import Kind, condition_rules, drug_rules, words
from photodose.safety.verdicts import Verdict

UNVERIFIED_NOTE = "We could not check this in a source, so we stay on the careful side."


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What rules may depend on: the tags of the site (None where it is not known) and whether the light is pulsed."""

    tags: frozenset[str] | None = None
    pulsed: bool = False


def rule_of(kind: Kind, rule_id: str) -> Drug | Condition:
    """The rule with this id."""
    return condition_rules()[rule_id] if kind == "condition" else drug_rules()[rule_id]


def _holds(form: Form, phrases: str) -> list[str]:
    """The phrases of a form that stand in a text of plain words."""
    keys = (" ".join(words(phrase)) for phrase in form.phrases)
    return [key for key in keys if f" {key} " in f" {phrases} "]


def answered_phrases(rules: Iterable[tuple[Kind, str]], phrases: str) -> list[str]:
    """All phrases in the text that answer a question of one of the rules."""
    named = (rule_of(kind, rule_id) for kind, rule_id in rules)
    return [key for rule in named for form in rule.forms for key in _holds(form, phrases)]


def strictest_bands(sets: Iterable[Mapping[str, BandVerdict]]) -> dict[str, BandVerdict]:
    """Band by band the strictest of several sets of verdicts, the first one where they are equal."""
    merged: dict[str, BandVerdict] = {}
    for verdicts in sets:
        for band in BANDS:
            held = merged.get(band)
            if held is None or Verdict(verdicts[band].verdict) > held.verdict:
                merged[band] = verdicts[band]
    return merged


def by_name(verdicts: ByBand) -> dict[str, BandVerdict]:
    """The verdicts of a rule by the name of the band."""
    return {band: getattr(verdicts, band) for band in BANDS}


def verdicts_for(
    rule: Drug | Condition, around: Circumstances, phrases: str = "", days: float | None = None
) -> Mapping[str, BandVerdict]:
    """The verdicts of a rule that hold for this person, by band.

    A milder form holds only when one of its phrases was given. Where the site is not known, the strictest of all
    sites holds; pulsed light adds its own verdicts and never softens the others.
    """
    forms = [form for form in rule.forms if _holds(form, phrases)]
    sets = [by_name(form.by_band) for form in forms] or [by_name(rule.by_band)]
    if isinstance(rule, Condition):
        if not forms:
            sets = _site_sets(rule, around.tags)
        if rule.window_days is not None and days is not None:
            sets = [_long_ago(rule.window_days)] if days > rule.window_days else sets
        elif rule.recent is not None and days is not None:
            sets.extend(_recent_sets(condition_rules()[rule.recent], days))
        if around.pulsed and rule.pulsed:
            sets.append(by_name(rule.pulsed))
    return MappingProxyType(strictest_bands(sets))


def _site_sets(rule: Condition, tags: frozenset[str] | None) -> list[dict[str, BandVerdict]]:
    here = [by_name(site.by_band) for site in rule.site_rules if tags is None or tags & set(site.sites)]
    if tags is None or not here:
        here.append(by_name(rule.by_band))
    return here


def _recent_sets(fresh: Condition, days: float) -> list[dict[str, BandVerdict]]:
    """What holds beside a rule while its event is as recent as that of another rule: a tattoo of last week is new."""
    return [by_name(fresh.by_band)] if fresh.window_days is not None and days <= fresh.window_days else []


def _long_ago(window_days: float) -> dict[str, BandVerdict]:
    text = f"It was more than {window_days:g} days ago. Start low and watch your skin."
    return dict.fromkeys(BANDS, BandVerdict(verdict="caution", reason=text))
