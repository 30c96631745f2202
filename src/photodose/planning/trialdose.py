"""What each trial's light gave the target, against what the trial found.

Every arm whose light was read completely enough is taken, whatever it found. Its light falls on the skin of its own
population (`equivalent.trial_skin`) and goes through the same code as a person's device.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from photodose import evidence
from photodose.data.schema_evidence import Effect, Indication
from photodose.dosimetry import relative_fluence
from photodose.evidence import PooledEffect, TrialExposure
from photodose.evidence.catalogue import studies
from photodose.planning.equivalent import PEAK_TOLERANCE_NM, trial_light, trial_skin
from photodose.quantities import Estimate, plain
from photodose.tissue import site

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEAST_TRIALS: Final = 3
"""Fewest trials of one band from which a dose-response may be read."""


@dataclass(frozen=True, slots=True)
class BandAtTarget:
    """One band of a trial: radiant exposure on the skin, and fluence at the target with its 90 % interval [J/cm2]."""

    peak_nm: float
    radiant_exposure_j_cm2: float
    fluence_j_cm2: Estimate | None


@dataclass(frozen=True, slots=True)
class TrialDose:
    """One arm of one trial.

    Attributes
    ----------
    target : str or None
        None where the goal has no target in tissue, or the trial's site lacks it: then only the surface is known.
    effects : tuple of Effect
        Effects of this arm that were read.
    """

    trial: TrialExposure
    target: str | None
    bands: tuple[BandAtTarget, ...]
    effects: tuple[Effect, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "study": self.trial.study,
            "citation": self.trial.citation,
            "arm": self.trial.arm,
            "direction": self.trial.direction,
            "controlled": self.trial.controlled,
            "sham": self.trial.sham,
            "site": self.trial.site,
            "target": self.target,
            "minutes": self.trial.minutes,
            "upper_bound": self.trial.upper_bound,
            "bands": plain(self.bands),
            "effects": plain(self.effects),
        }


@dataclass(frozen=True, slots=True)
class TrialDoses:
    """All trial doses of one goal, and what can be said of dose against effect."""

    goal: Indication
    doses: tuple[TrialDose, ...]
    words: str
    pooled: tuple[PooledEffect, ...]
    not_pooled: str | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "goal": self.goal.id,
            "target": self.goal.target,
            "trials": [item.to_dict() for item in self.doses],
            "dose_response": None,
            "words": self.words,
            "meta_analysis": [item.to_dict() for item in self.pooled],
            "why_no_meta_analysis": self.not_pooled,
            "sources": [source for item in self.doses for source in plain(item.trial.sources)],
            "warnings": [],
        }

    def plot(self, path: str | None = None) -> Axes:
        """Dose at the target against effect; saved whole if a path (.png, .svg, .pdf) is given."""
        from photodose.dosimetry.plot import save

        picture = figure(self)
        if path is not None:
            save(picture, path)
        return picture.axes[0]


def trial_doses(goal: str) -> TrialDoses:
    """Dose at the target of every arm of a goal's trials whose light was read.

    Parameters
    ----------
    goal : str

    Raises
    ------
    UnknownNameError
    """
    record = evidence.indication(goal)
    doses = tuple(_dose(trial, record.target) for trial in evidence.readable_exposures(record.id))
    return TrialDoses(
        record, doses, _words(record, doses), evidence.pooled(record.id), evidence.why_not_pooled(record.id)
    )


def _dose(trial: TrialExposure, target: str | None) -> TrialDose:
    effects = tuple(item for item in studies()[trial.study].effects if item.usable and _of_arm(item, trial.arm))
    surface = tuple(BandAtTarget(band.peak_nm, band.radiant_exposure_j_cm2, None) for band in trial.bands)
    if target is None or trial.site is None:
        return TrialDose(trial, None, surface, effects)
    population = trial_skin(trial, site(trial.site).id)
    names = [item.name for item in population.targets]
    if target not in names:
        return TrialDose(trial, None, surface, effects)
    place = names.index(target)
    light = trial_light(trial, population)
    relative = relative_fluence(population, [band.spectrum for band in light.bands], light.incidence)
    bands = []
    for number, (own, given) in enumerate(zip(light.bands, trial.bands, strict=True)):
        value = given.radiant_exposure_j_cm2 * own.gain * float(relative.targets[number, place])
        low, high = (float(side) for side in relative.target_response[number, place].spread(own.log_sd))
        fluence = Estimate(value, value * math.exp(low), value * math.exp(high))
        bands.append(BandAtTarget(given.peak_nm, given.radiant_exposure_j_cm2, fluence))
    return TrialDose(trial, target, tuple(bands), effects)


def _of_arm(effect: Effect, arm: str | None) -> bool:
    """Whether an effect is that of this arm: where a trial has arms apart, its measures name them."""
    return arm is None or re.search(rf"\b{re.escape(arm)}\b", effect.measure) is not None


def _words(record: Indication, doses: Sequence[TrialDose]) -> str:
    if not doses:
        return f"No trial for '{record.goal}' states its light completely enough, so there is no dose to show."
    peaks = [band.peak_nm for item in doses for band in item.bands]
    most = max(
        len(
            {
                item.trial.study
                for item in doses
                if any(abs(band.peak_nm - peak) <= PEAK_TOLERANCE_NM for band in item.bands)
            }
        )
        for peak in peaks
    )
    trials = len({item.trial.study for item in doses})
    if most < LEAST_TRIALS:
        return (
            f"{trials} trial{'s' if trials > 1 else ''} for '{record.goal}' can be placed, at most {most} in one band: "
            f"no dose-response can be seen, and no biphasic one either."
        )
    return (
        f"{trials} trials for '{record.goal}' can be placed, up to {most} in one band; they measured different things, "
        "so the picture shows where they lie and no curve is drawn."
    )


COLOURS: Final = {"positive": "#2f7d32", "negative": "#b3261e", "mixed": "#b26a00", "unclear": "#5f6368"}
MARKS: Final = ("o", "s", "D", "^", "v", "P")


def _shown_effect(item: TrialDose) -> Effect | None:
    """The first effect in per cent, against sham or control if there is one; other units would not share an axis."""
    shown = [effect for effect in item.effects if effect.unit == "%" and effect.value is not None]
    return min(shown, key=lambda effect: effect.compared_with not in {"sham", "control"}, default=None)


def figure(found: TrialDoses) -> Figure:
    """Dose at the target (90 % interval) against effect, one point for each band of each trial.

    Trials without an effect in per cent stand below the line, so that they are not forgotten; colour says what a trial
    found, a hollow mark that it had no control.
    """
    from matplotlib.figure import Figure

    picture = Figure(figsize=(8.0, 5.6), layout="constrained", facecolor="white")
    axes = picture.subplots()
    values = [abs(effect.value or 0.0) for effect in map(_shown_effect, found.doses) if effect is not None]
    top = 1.15 * max(values, default=1.0)
    strip = -0.14 * top
    for number, item in enumerate(found.doses):
        _draw_trial(axes, item, MARKS[number % len(MARKS)], strip)
    axes.axhline(0.0, color="0.75", lw=0.8)
    axes.set_ylim(2.0 * strip, top)
    axes.set_yticks([tick for tick in axes.get_yticks() if 0.0 <= tick <= top])
    if found.doses:
        axes.set_xscale("log")
        low, high = axes.get_xlim()
        axes.set_xlim(low / 2.0, high * 2.0)
        axes.xaxis.set_major_formatter(lambda value, _position: f"{value:g}")
        axes.xaxis.set_minor_formatter(lambda value, _position: f"{value:g}" if f"{value:g}"[0] in "25" else "")
        legend = picture.legend(fontsize=8, loc="outside upper left", frameon=False, title=found.goal.goal)
        legend.set(alignment="left")
        legend.get_title().set_fontsize(12)
    else:
        picture.suptitle(found.goal.goal, x=0.01, ha="left", fontsize=12)
    where = "on the skin" if found.goal.target is None else f"at the {found.goal.target}"
    axes.set_xlabel(f"fluence {where} per session [J/cm²], 90 % interval")
    axes.set_ylabel("size of the change as reported [%]\n(below the line: no number in %)")
    picture.supxlabel("\n".join(_wrapped(found.words)), fontsize=8.5, color="0.3")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return picture


def _wrapped(text: str) -> list[str]:
    from textwrap import wrap

    return wrap(text, 120)


def _draw_trial(axes: Axes, item: TrialDose, mark: str, strip: float) -> None:
    effect = _shown_effect(item)
    colour = COLOURS[item.trial.direction]
    for number, band in enumerate(item.bands):
        fluence = band.fluence_j_cm2 or Estimate(*[band.radiant_exposure_j_cm2] * 3)
        height = strip if effect is None or effect.value is None else abs(effect.value)
        spread = [[fluence.value - fluence.low], [fluence.high - fluence.value]]
        measure = "" if effect is None else f": {effect.measure} ({effect.compared_with})"
        arm = "" if item.trial.arm is None else f" ({item.trial.arm})"
        label = f"{item.trial.citation}{arm}{measure}" if number == 0 else None
        face = colour if item.trial.controlled else "white"
        axes.errorbar(
            [fluence.value], [height], xerr=spread, fmt=mark, ms=7, color=colour, mfc=face, capsize=3, label=label
        )
        note = f"{band.peak_nm:g} nm" + (" (at most)" if item.trial.upper_bound else "")
        axes.annotate(note, (fluence.value, height), (4, 6 + 9 * number), textcoords="offset points", fontsize=7.5)


__all__ = ["BandAtTarget", "TrialDose", "TrialDoses", "figure", "trial_doses"]
