"""What the templates need to show numbers with their uncertainty, and the engine's words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.safestring import SafeString

from photodose.app import wording
from photodose.app.sentences import in_words, marked
from photodose.quantities import short_down

register = template.Library()


@register.filter
def sig(value: Any, digits: int = 2) -> str:
    """A number with so many significant digits, in the reader's own notation."""
    if value is None:
        return "–"
    number = float(value)
    if number == 0 or not math.isfinite(number):
        return number_format(0, 0) if number == 0 else "–"
    decimals = max(0, int(digits) - 1 - math.floor(math.log10(abs(number))))
    rounded = round(number, int(digits) - 1 - math.floor(math.log10(abs(number))))
    return number_format(rounded, decimals, force_grouping=abs(rounded) >= 10000)


@register.filter
def minus(value: Any) -> str:
    """A difference as `sig` writes it, with a true minus sign."""
    return sig(value).replace("-", "−")


@register.filter
def allowed(value: Any) -> str:
    """What is allowed, to two significant digits, cut and never rounded up."""
    return "–" if value is None else number_format(short_down(float(value)))


@register.filter
def short(value: Any) -> str:
    """A number as it was typed, without needless zeros."""
    return "–" if value is None else number_format(f"{float(value):g}")


@register.filter
def percent(value: Any) -> str:
    """A share in percent, two significant digits."""
    return f"{sig(100 * float(value))} %"


@register.filter
def said(text: Any) -> SafeString:
    """What the engine said in the reader's language, or else marked as English for screen readers."""
    return marked(text)


@register.filter
def said_plainly(text: Any) -> str:
    """The same without marks, for attributes and options."""
    return in_words(text)


@register.filter
def look(mapping: Mapping[str, Any], key: str) -> Any:
    """The value under a key."""
    return mapping.get(key)


@register.filter
def site_name(site: str) -> str:
    return wording.site_name(site)


@register.filter
def target_name(target: str) -> str:
    return wording.target_name(target)


@register.filter
def layer_name(layer: str) -> str:
    return wording.layer_name(layer)


@register.filter
def cause_name(cause: str) -> str:
    return wording.cause_name(cause)


@register.filter
def basis_name(basis: str) -> str:
    return str(wording.ESTIMATE_BASES.get(basis, basis))


@register.filter
def confidence_name(confidence: str) -> str:
    return str(wording.CONFIDENCES.get(confidence, confidence))


@register.filter
def certainty_name(certainty: str) -> str:
    return wording.CERTAINTIES[certainty][0]


@register.inclusion_tag("parts/verdict.html")
def verdict(value: str, large: bool = False) -> dict[str, Any]:
    """A verdict as icon and word."""
    return {"verdict": str(value), "word": wording.VERDICTS[str(value)][0], "large": large}


@register.inclusion_tag("parts/verdict.html")
def hazard_verdict(value: str) -> dict[str, Any]:
    """What the limits for eyes and skin say, as icon and word."""
    return {"verdict": str(value), "word": wording.HAZARD_VERDICTS[str(value)], "large": True}


@register.inclusion_tag("parts/finding.html")
def finding(kind: str) -> dict[str, Any]:
    """What the trials say about a claim, as icon and word."""
    icon, word = wording.BADGES[kind]
    return {"kind": kind, "icon": icon, "word": word}


@register.filter
def badges(goal: Any) -> tuple[str, ...]:
    """The findings to show for a goal, the one its verdict opens with first."""
    return wording.badges(goal)


@register.inclusion_tag("parts/estimate.html")
def estimate(value: Any, unit: str = "") -> dict[str, Any]:
    """An uncertain number with its 90 % interval."""
    content = value if isinstance(value, Mapping) else value.to_dict()
    return {"value": content["value"], "low": content["low"], "high": content["high"], "unit": unit}


@register.inclusion_tag("parts/sources.html")
def sources(items: Any) -> dict[str, Any]:
    """Sources in a fold, each once, with how it was read."""
    unique: dict[str, Any] = {}
    for item in items or ():
        content = item if isinstance(item, Mapping) else item.model_dump()
        unique.setdefault(content["citation"], content)
    return {"sources": [wording.shown_source(item) for item in unique.values()]}
