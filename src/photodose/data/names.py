"""Finding the name that a person meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from photodose.quantities import UnknownNameError

V = TypeVar("V")


def normalise(name: str) -> str:
    """Lower case, separators as one space: "Fine-lines_wrinkles " and "fine lines wrinkles" are the same name."""
    return re.sub(r"[\s_\-/]+", " ", name.strip().lower())


def nearest_names(name: str, valid: Iterable[str], limit: int = 5, cutoff: float = 55.0) -> list[str]:
    """Valid names most like the given one, best first (at most `limit`)."""
    from rapidfuzz import fuzz, process  # only on the way to an error message

    choices = {choice: normalise(choice) for choice in valid}
    choices = {key: text for text, key in reversed({text: key for key, text in reversed(choices.items())}.items())}
    found = process.extract(normalise(name)[:200], choices, scorer=fuzz.WRatio, limit=limit, score_cutoff=cutoff)
    return [choice for _, _, choice in found]


def resolve_name(what: str, name: str, valid: Mapping[str, V], hint: str = "") -> V:
    """Look a name up, indifferent to case and separators.

    Raises
    ------
    UnknownNameError
        With the nearest valid names.
    """
    if name in valid:
        return valid[name]
    wanted = normalise(name)
    for key, value in valid.items():
        if normalise(key) == wanted:
            return value
    nearest = nearest_names(name, valid)
    if not nearest and not hint:
        hint = "Known: " + ", ".join(list(valid)[:8]) + (", ..." if len(valid) > 8 else ".")
    raise UnknownNameError(what, name, nearest, hint)
