"""The outcome measures: what can be followed for a goal, and what may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from photodose.data import load_document, nearest_names, resolve_name
from photodose.data.loader import document_names
from photodose.data.schema_outcomes import Measure, MeasureFile
from photodose.quantities import UnknownNameError


@cache
def _by_id() -> Mapping[str, Measure]:
    return MappingProxyType({m.id: m for m in load_document("outcomes/measures", MeasureFile).measures})


@cache
def _goal_ids() -> Mapping[str, str]:
    names = (name.rpartition("/")[2] for name in document_names("evidence/indications"))
    return MappingProxyType({name: name for name in names})


def measures(goal: str | None = None) -> tuple[Measure, ...]:
    """Outcome measures, all or those of one goal: those recommended for it first, then those that may be shown.

    Parameters
    ----------
    goal : str, optional
        Id of a goal, indifferent to case and separators.

    Raises
    ------
    UnknownNameError
        If the goal is not known; with the nearest ids.
    """
    if goal is None:
        return tuple(_by_id().values())
    wanted = resolve_name("goal", goal, _goal_ids(), hint="See `photodose goals`.")
    fitting = (m for m in _by_id().values() if wanted in m.goals)
    return tuple(sorted(fitting, key=lambda m: (wanted not in m.default_for, not m.shipped)))


def measure(name: str) -> Measure:
    """One outcome measure by its id, indifferent to case and separators, or by its name.

    Raises
    ------
    UnknownNameError
        With the nearest ids.
    """
    try:
        return resolve_name("measure", name, _by_id())
    except UnknownNameError:
        by_name = {m.name.casefold(): m for m in _by_id().values()}
        if name.strip().casefold() in by_name:
            return by_name[name.strip().casefold()]
        nearest = nearest_names(name, [m.id for m in _by_id().values()] + [m.name for m in _by_id().values()])
        raise UnknownNameError("measure", name, nearest) from None
