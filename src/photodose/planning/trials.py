"""Everything that trials say about one goal: verdict, certainty, studies, pooled effects, doses at the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from photodose import evidence
from photodose.data.schema_evidence import Indication, usable
from photodose.evidence import PooledEffect, StudyFinding
from photodose.planning.trialdose import TrialDoses, trial_doses
from photodose.quantities import plain, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class TrialsAnswer:
    """What trials found for one goal.

    Attributes
    ----------
    record : Indication
    findings : tuple of StudyFinding
        In the order of the record.
    doses : TrialDoses
        Dose at the target of every trial whose light was read.
    """

    record: Indication
    findings: tuple[StudyFinding, ...]
    doses: TrialDoses

    @property
    def pooled(self) -> tuple[PooledEffect, ...]:
        return self.doses.pooled

    def to_dict(self) -> dict[str, Any]:
        record, doses = self.record, self.doses.to_dict()
        return {
            "goal": record.id,
            "title": record.goal,
            "claim": record.claim,
            "verdict": record.verdict,
            "verdict_kind": record.verdict_kind,
            "certainty": record.certainty,
            "starts_from": record.starts_from,
            "steps_down": plain(record.steps_down),
            "note": record.note,
            "target": record.target,
            "why_no_protocol": evidence.why_no_protocol(record.id),
            "dose_window": evidence.dose_window(record.id)[1],
            "studies": [_study(finding, record.target is not None) for finding in self.findings],
            "meta_analysis": doses["meta_analysis"],
            "why_no_meta_analysis": doses["why_no_meta_analysis"],
            "trial_doses": doses["trials"],
            "dose_response": doses["words"],
            "sources": [source for finding in self.findings for source in plain(finding.study.sources)],
            "warnings": [],
        }

    def plot(self, path: str | None = None) -> Axes:
        """Forest plot of the first pooled outcome, else dose at the target against effect; saved whole if a path
        (.png, .svg, .pdf) is given."""
        from photodose.dosimetry.plot import save

        if not self.pooled:
            return self.doses.plot(path)
        picture = forest(self.pooled[0], self.record.goal)
        if path is not None:
            save(picture, path)
        return picture.axes[0]


def trials(goal: str) -> TrialsAnswer:
    """What trials say about a goal.

    Parameters
    ----------
    goal : str
        Id or title of a goal (see `goals`).

    Raises
    ------
    UnknownNameError
    """
    record = evidence.indication(goal)
    return TrialsAnswer(record, evidence.studies_for(record.id), trial_doses(record.id))


def _study(finding: StudyFinding, needs_site: bool) -> dict[str, Any]:
    study = finding.study
    return {
        "study": study.id,
        "citation": study.citation,
        "title": study.title,
        "design": study.design,
        "sham": study.sham,
        "people": usable(study.n),
        "direction": finding.direction,
        "outcome": finding.outcome,
        "read": finding.read,
        "risk_of_bias": study.risk_of_bias.overall,
        "stated": study.completeness,
        "dose_not_usable": evidence.why_not_usable(study, needs_site),
        "effects": [plain(effect) for effect in study.effects if effect.usable],
    }


TRIAL: Final = "#3a3a3a"
POOLED: Final = "#9c2f2f"
OTHERS: Final = "#35618f"


def forest(found: PooledEffect, title: str) -> Figure:
    """Forest plot: one line a trial (square as large as its weight, 95 % interval), the pooled mean as a diamond with
    the prediction interval below it, and published meta-analyses for comparison."""
    from matplotlib.figure import Figure

    rows = len(found.trials) + 1 + found.combined.predicts + len(found.published)
    picture = Figure(figsize=(8.0, 1.6 + 0.42 * rows), layout="constrained", facecolor="white")
    axes = picture.subplots()
    labels: list[tuple[str, str]] = []
    for place, trial in enumerate(found.trials):
        axes.plot([trial.low, trial.high], [place, place], color=TRIAL, lw=1.2)
        axes.plot([trial.difference], [place], "s", color=TRIAL, ms=4 + 10 * (trial.weight or 0.0) ** 0.5)
        people = "" if trial.people is None else f", {trial.people} people"
        labels.append((f"{trial.citation}{people}", _numbers(trial.difference, trial.low, trial.high)))
    mean, place = found.combined, len(found.trials)
    axes.fill(
        [mean.low, mean.value, mean.high, mean.value], [place, place - 0.25, place, place + 0.25], color=POOLED, lw=0
    )
    labels.append((f"Mean of these {len(found.trials)}", _numbers(mean.value, mean.low, mean.high)))
    if mean.predicts:
        axes.plot([mean.prediction_low, mean.prediction_high], [place + 1, place + 1], color=POOLED, lw=3, alpha=0.55)
        further = f"{short(mean.prediction_low)} to {short(mean.prediction_high)}"
        labels.append(("A further trial (prediction)", further))
    for number, other in enumerate(found.published, len(labels)):
        axes.plot([other.low, other.high], [number, number], color=OTHERS, lw=1.2)
        axes.plot([other.value], [number], "D", color=OTHERS, ms=6)
        labels.append((f"Published: {other.citation}", _numbers(other.value, other.low, other.high)))
    _finish(picture, axes, found, title, labels)
    return picture


def _finish(picture: Figure, axes: Axes, found: PooledEffect, title: str, labels: Sequence[tuple[str, str]]) -> None:
    axes.axvline(0.0, color="0.6", lw=0.8)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_yticks(range(len(labels)), [name for name, _ in labels], fontsize=9)
    axes.tick_params(axis="y", length=0)
    right = axes.secondary_yaxis("right")
    right.set_yticks(range(len(labels)), [numbers for _, numbers in labels], fontsize=9)
    right.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    right.spines["right"].set_visible(False)
    axes.set_xlabel(f"{found.outcome}, light less {found.compared_with} [{found.unit}], 95 % intervals")
    picture.suptitle(title, x=0.01, ha="left", fontsize=12)


def _numbers(value: float, low: float, high: float) -> str:
    return f"{short(value)} ({short(low)} to {short(high)})"


__all__ = ["TrialsAnswer", "forest", "trials"]
