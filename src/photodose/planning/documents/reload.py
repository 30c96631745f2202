"""A plan's JSON back into a plan: the same inputs through the engine at hand, with what differs said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from photodose.planning.inputs import device_of, skin_of
from photodose.planning.make import plan
from photodose.planning.protocol import Plan
from photodose.quantities import InputError, plain

MOST_CHARACTERS: Final = 5_000_000
_OPTIONS: Final = frozenset(
    {"minutes", "per_week", "distance_cm", "irradiance_mw_cm2", "assume", "age", "drugs", "conditions", "eyes", "after"}
)


def plan_from_json(text: str | Mapping[str, Any]) -> Plan:
    """Make a plan again from the JSON of one (`plan.to_dict()`, `photodose plan --json`).

    The inputs go through the engine and data at hand. Where that gives another protocol than the one in the file (a
    newer version, other data), a warning says so; nothing in the file is trusted as a result.

    Parameters
    ----------
    text : str or mapping
        The JSON, or what it reads as.

    Raises
    ------
    InputError, RangeError, UnknownNameError
        With one sentence about what is wrong with it.
    """
    content = _read(text)
    inputs = content.get("inputs")
    if not isinstance(inputs, Mapping) or not isinstance(inputs.get("goal"), str):
        raise InputError("this is not the JSON of a plan: it has no inputs with a goal.")
    unknown = set(inputs) - _OPTIONS - {"goal", "device", "skin"}
    if unknown:
        raise InputError(f"the plan's inputs have unknown entries: {', '.join(sorted(map(str, unknown)))[:80]}.")
    options = {key: inputs[key] for key in _OPTIONS if inputs.get(key) is not None}
    if "irradiance_mw_cm2" in options:
        options["irradiance_mw_cm2"] = _numbers(options["irradiance_mw_cm2"])
    for key in ("drugs", "conditions"):
        value = options.get(key, [])
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise InputError(f"the plan's {key} must be a list of texts.")
    for key in ("minutes", "per_week", "distance_cm", "age"):
        if key in options and (isinstance(options[key], bool) or not isinstance(options[key], int | float)):
            raise InputError(f"the plan's {key} must be a number.")
    for key in ("eyes", "after"):
        if key in options and not isinstance(options[key], str):
            raise InputError(f"the plan's {key} must be a text.")
    if not isinstance(options.get("assume", False), bool):
        raise InputError("the plan's assume must be true or false.")
    made = plan(inputs["goal"], device_of(inputs.get("device")), skin_of(inputs.get("skin")), **options)
    return _with_difference(made, content)


def _read(text: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(text, Mapping):
        return text
    if not isinstance(text, str) or len(text) > MOST_CHARACTERS:
        raise InputError(f"a plan's JSON is a text of at most {MOST_CHARACTERS:,} characters.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("this is not JSON, or it is cut short.") from None
    if not isinstance(content, dict):
        raise InputError("this is not the JSON of a plan.")
    return content


def _numbers(given: Any) -> dict[float, float]:
    try:
        return {float(peak): float(value) for peak, value in given.items()}
    except (AttributeError, TypeError, ValueError):
        raise InputError("the plan's irradiance_mw_cm2 must map peaks to numbers.") from None


def _with_difference(made: Plan, content: Mapping[str, Any]) -> Plan:
    fresh = json.loads(json.dumps(plain(made.protocol)))
    if "protocol" not in content or fresh == content["protocol"]:
        return made
    then = content.get("engine")
    version = then.get("version", "?") if isinstance(then, Mapping) else "?"
    note = f"The file holds another protocol, made by version {str(version)[:20]}; this one was made anew."
    return replace(made, warnings=(*made.warnings, note))
