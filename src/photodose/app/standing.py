"""Whether a routine may be followed today: what the person's present answers and reactions say about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _
from pydantic import ValidationError

from photodose.app.answers import KEY, OWN, Answers
from photodose.app.models import Person, Plan, Reaction
from photodose.app.physics import attempt, screening_of
from photodose.app.sentences import in_words
from photodose.app.wording import VERDICTS
from photodose.app.words import reaction_label
from photodose.safety import Screening


@dataclass(frozen=True)
class Hold:
    """Why a routine is held.

    Attributes
    ----------
    kind : "stop", "paused" or "ask"
        "stop" and "paused" allow no start; "ask" is a notice beside it.
    title : str
    lines : tuple of str
        The reasons, in the reader's language.
    """

    kind: Literal["stop", "paused", "ask"]
    title: str
    lines: tuple[str, ...]

    @property
    def starts(self) -> bool:
        """Whether a session may be started all the same."""
        return self.kind == "ask"


def hold_of(person: Person, plan: Plan) -> Hold | None:
    """What stands against this plan today, the strictest first: a stop, an open reaction, a question; else None."""
    answered = answers_hold(person, plan)
    if answered is not None and answered.kind == "stop":
        return answered
    return reactions_hold(person) or answered


def reactions_hold(person: Person) -> Hold | None:
    """The hold of a reaction that is not over."""
    kinds = list(open_reactions(person).values_list("kind", flat=True))
    if not kinds:
        return None
    names = ", ".join(reaction_label(kind) for kind in dict.fromkeys(kinds))
    lines = (names, _("Say on the page Today when it has healed; then the routine goes on."))
    return Hold("paused", _("Your routine is paused"), lines)


def open_reactions(person: Person) -> Any:
    """Reactions that pause a routine and are not over."""
    return Reaction.objects.filter(person=person, resolved_at__isnull=True, kind__in=Reaction.PAUSING)


def answers_hold(person: Person, plan: Plan) -> Hold | None:
    """The hold of the present answers, screened for the plan's own device; None for "clear" and "caution"."""
    try:
        answers = Answers.model_validate(person.profile.get(KEY) or {})
    except ValidationError:
        return None
    if answers == Answers():
        return None
    screening, refused = attempt(screening_of, answers.model_copy(update=light_of_plan(plan)))
    if screening is None:
        return Hold("ask", str(VERDICTS["ask"][0]), (in_words(refused),))
    if screening.verdict.value == "stop":
        title = _("Your routine is paused: do not use this light now")
        return Hold("stop", title, reasons(screening, "stop"))
    if screening.verdict.value == "ask":
        return Hold("ask", str(VERDICTS["ask"][1]), reasons(screening, "ask"))
    return None


def light_of_plan(plan: Plan) -> dict[str, Any]:
    """The plan's device as answers name it; where it is not readable none, which screening takes at its strictest."""
    device = plan.device
    if device is not None:
        found = (
            {"device": device.catalogue_id, "own": None} if device.catalogue_id else {"device": OWN, "own": device.spec}
        )
        unit, _problem = attempt(Answers(**found).own_device)
        if unit is not None:
            return found
    return {"device": "", "own": None}


def reasons(screening: Screening, verdict: str) -> tuple[str, ...]:
    """The reasons of that verdict, each with what it is about."""
    return tuple(
        f"{in_words(reason.matched or reason.what)}: {in_words(reason.why)}"
        for reason in screening.reasons
        if reason.verdict.value == verdict
    )
