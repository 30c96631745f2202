"""Which trial a plan follows, in which modes of the device, or why none carries one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from photodose import evidence
from photodose.data.schema_evidence import Indication
from photodose.devices import Device, Exposure
from photodose.dosimetry import exposure_on
from photodose.planning.equivalent import SURFACE, Equivalent, equivalents, rank
from photodose.planning.words import no_counterpart_words, no_site_words, too_far_words
from photodose.quantities import InputError
from photodose.quantities.values import Z90
from photodose.tissue import Skin


@dataclass(frozen=True, slots=True)
class Choice:
    """The trial to follow.

    Attributes
    ----------
    best, runner_up : Equivalent or None
        The best trial, and the best of the other trials.
    nearest : Equivalent or None
        Where none is near enough: the best of those too far away.
    why : str
        Why there is none.
    exposures : mapping of mode to Exposure
    """

    best: Equivalent | None
    runner_up: Equivalent | None
    nearest: Equivalent | None
    why: str
    exposures: Mapping[str | None, Exposure]


def mode_exposures(unit: Device, skin: Skin, light: Mapping[str, Any]) -> dict[str | None, Exposure]:
    """Light of each mode on this skin; modes whose irradiance nobody published are left out unless all are.

    Parameters
    ----------
    light : mapping
        distance_cm, irradiance_mw_cm2 and assume, as for `dose`.
    """
    modes: list[str | None] = [item.name for item in unit.modes] or [None]
    found: dict[str | None, Exposure] = {}
    problem: InputError | None = None
    for mode in modes:
        try:
            found[mode] = exposure_on(unit, skin, mode=mode, **light)
        except InputError as error:
            problem = problem or error
    if not found and problem is not None:
        raise problem
    return found


def choose(indication: Indication, unit: Device, skin: Skin, light: Mapping[str, Any]) -> Choice:
    """The trial to follow for a goal with this device on this skin, or why there is none."""
    exposures = mode_exposures(unit, skin, light)
    trials = evidence.dose_candidates(indication.id)
    why = None
    target = indication.target or SURFACE
    if not trials:
        why = evidence.why_no_protocol(indication.id)
    elif target != SURFACE and target not in {item.name for item in skin.targets}:
        why = no_site_words(indication, skin)
    if why is not None:
        return Choice(None, None, None, why, exposures)
    found = equivalents(skin, list(exposures.values()), trials, target)
    found.sort(key=lambda item: rank(item, unit.kind))
    near = [item for item in found if not item.too_far]
    if near:
        other = next((item for item in near[1:] if item.trial is not near[0].trial), None)
        return Choice(near[0], other, None, "", exposures)
    if found:
        return Choice(None, None, found[0], too_far_words(found[0]), exposures)
    return Choice(None, None, None, no_counterpart_words(trials, unit), exposures)


def probability_in_window(
    goal: str, target: str, skin: Skin, exposures: Sequence[Exposure], minutes: float
) -> tuple[float | None, str]:
    """Probability that a session gives the target a fluence inside the window that worked; None with the reason.

    The window is spanned by the trials of `evidence.dose_window`. With x the common error of the logarithm, the session
    lies inside where ln(minutes / longest) < x < ln(minutes / shortest) of the trials' equivalent times.
    """
    window, why = evidence.dose_window(goal)
    if window is None:
        return None, why
    found = equivalents(skin, exposures, window.exposures, target)
    if len({item.trial.study for item in found}) < 2:
        return None, "This device has not the bands of two of the trials that span the window."
    times = [item.minutes for item in found]
    log_sd = max(math.log(time.high / time.low) / (2.0 * Z90) for time in times)
    shortest, longest = min(time.value for time in times), max(time.value for time in times)
    inside = _normal(math.log(minutes / shortest) / log_sd) - _normal(math.log(minutes / longest) / log_sd)
    return inside, why


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))
