"""Answers to claims that no indication covers: what approval means, what depth means, what "proven" is worth."""

from __future__ import annotations

from functools import cache

from photodose.data import load_document
from photodose.data.schema_claims import AnswerFile, GeneralAnswer
from photodose.evidence.claims.patterns import compile_phrases
from photodose.quantities import DataError


@cache
def _answers() -> tuple[GeneralAnswer, ...]:
    return load_document("evidence/claims/answers", AnswerFile).answers


def general_answer(kind: str, normalised: str) -> GeneralAnswer:
    """The first answer of a kind whose `when` stands in the normalised sentence; one without `when` fits all.

    Raises
    ------
    DataError
        If the data hold no answer for the kind.
    """
    for answer in _answers():
        if answer.kind != kind:
            continue
        condition = compile_phrases(answer.when)
        if condition is None or condition.search(normalised):
            return answer
    raise DataError(f"claims: no general answer for the kind {kind}")
