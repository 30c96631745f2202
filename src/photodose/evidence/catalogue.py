"""The evidence base as read from its files: goals, indications, studies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from photodose.data import load_document, resolve_name
from photodose.data.loader import document_names
from photodose.data.schema_evidence import Certainty, Indication, IndicationStudy, Study, StudyFile, VerdictKind
from photodose.quantities import DataError, UnknownNameError


@dataclass(frozen=True, slots=True)
class Goal:
    """One claim made for the light, in short.

    `target` is the tissue target it concerns, None for goals without one; `plannable` says whether a plan may be made
    for it at all (not whether a trial with a usable dose exists, see `why_no_protocol`).
    """

    id: str
    title: str
    certainty: Certainty
    verdict_kind: VerdictKind
    verdict: str
    target: str | None
    plannable: bool


@dataclass(frozen=True, slots=True)
class StudyFinding:
    """What one study says about one claim."""

    study: Study
    outcome: str
    direction: str
    weight_note: str | None

    @property
    def read(self) -> bool:
        """Whether its direction for this claim stood in a source that was opened."""
        return self.study.read and "direction" not in self.study.unverified and "outcome" not in self.study.unverified


@cache
def studies() -> Mapping[str, Study]:
    """All studies of the evidence base by id, in the order of their files."""
    found: dict[str, Study] = {}
    for name in document_names("evidence/studies"):
        for study in load_document(name, StudyFile).studies:
            if study.id in found:
                raise DataError(f"study {study.id} stands in two files")
            found[study.id] = study
    return MappingProxyType(found)


@cache
def _indication_names() -> Mapping[str, str]:
    return MappingProxyType({name.rpartition("/")[2]: name for name in document_names("evidence/indications")})


@cache
def _load_indication(document: str) -> Indication:
    return load_document(document, Indication)


def indication(goal: str) -> Indication:
    """The record of one claim: verdict, certainty with its steps, and the studies it refers to.

    Parameters
    ----------
    goal : str
        Id of a goal ("fine_lines_wrinkles"), indifferent to case and separators, or its title.

    Raises
    ------
    UnknownNameError
        With the nearest ids.
    """
    names = _indication_names()
    try:
        return _load_indication(resolve_name("goal", goal, names, hint="See `photodose goals`."))
    except UnknownNameError:
        by_title = {_load_indication(document).goal.casefold(): document for document in names.values()}
        if goal.strip().casefold() in by_title:
            return _load_indication(by_title[goal.strip().casefold()])
        raise


@cache
def goals() -> tuple[Goal, ...]:
    """All claims of the evidence base, sorted by id."""
    return tuple(
        Goal(
            id=record.id,
            title=record.goal,
            certainty=record.certainty,
            verdict_kind=record.verdict_kind,
            verdict=record.verdict,
            target=record.target,
            plannable=record.no_plan is None,
        )
        for record in (_load_indication(document) for document in _indication_names().values())
    )


def studies_for(goal: str) -> tuple[StudyFinding, ...]:
    """The studies of one claim with what each found, in the order of the indication's file.

    Raises
    ------
    UnknownNameError
        If the goal is not known.
    """
    return tuple(_finding(entry, goal) for entry in indication(goal).studies)


def _finding(entry: IndicationStudy, goal: str) -> StudyFinding:
    if entry.study not in studies():
        raise DataError(f"indication {goal} refers to the study {entry.study}, which is in no file")
    return StudyFinding(studies()[entry.study], entry.outcome, entry.direction, entry.weight_note)
