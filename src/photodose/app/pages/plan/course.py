"""What the plan page stands on: the plan of the main goal and, for several goals, the session that they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from photodose import evidence
from photodose.app.answers import Answers
from photodose.app.physics import plan_of, together_of
from photodose.planning import Plan, Protocol, Together
from photodose.planning.routine import Step

NAME_LENGTH = 120


@dataclass(frozen=True)
class Course:
    """The plan of the main goal and, where there are several goals, one session for all of them.

    Attributes
    ----------
    plan : Plan
        Of the main goal: verdict, evidence, screening.
    together : Together or None
        With two goals or more.
    """

    plan: Plan
    together: Together | None = None

    @property
    def shared(self) -> Together | None:
        """The session for several goals, where it is another than that of the main goal alone."""
        if self.together is None or self.together.session is None or set(self.together.trials) == {self.plan.goal.id}:
            return None
        return self.together

    @property
    def protocol(self) -> Protocol | None:
        """What to do, or what would be done if a clinician agrees."""
        return self.plan.protocol or self.plan.for_clinician if self.shared is None else self.shared.session

    @property
    def for_clinician(self) -> bool:
        """Whether it is to be done only if a clinician agrees."""
        if self.shared is None:
            return self.plan.protocol is None and self.plan.for_clinician is not None
        return self.shared.minutes_by_mode is None

    @property
    def routine(self) -> tuple[Step, ...]:
        return self.plan.routine if self.shared is None else self.shared.routine

    @property
    def limits(self) -> tuple[str, ...]:
        return self.plan.limits if self.shared is None else ()

    @property
    def why(self) -> str:
        return self.plan.why if self.shared is None else self.shared.why

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.plan.warnings if self.shared is None else self.shared.warnings

    @property
    def name(self) -> str:
        """The goals in the engine's own words, as the kept plan is called; pages show them in the reader's language."""
        return " · ".join(evidence.indication(goal).goal for goal in self.goals)[:NAME_LENGTH]

    @property
    def goals(self) -> list[str]:
        """Ids of the goals that this session serves, in the person's order."""
        return [self.plan.goal.id] if self.shared is None else [g for g in self.shared.goals if g in self.shared.trials]

    @property
    def allowed(self) -> tuple[float | None, str]:
        """The longest session inside the limits [s], and what limits it."""
        if self.shared is not None:
            return self.shared.allowed_s, self.shared.allowed_why
        hazards = self.plan.hazards
        return (None, "") if hazards is None else (hazards.allowed_s, hazards.why)

    @property
    def stages(self) -> list[tuple[str, float]]:
        """Modes of the device in their order, with the minutes of each; a mode without a name is the only one."""
        if self.shared is None:
            if self.protocol is None:
                return []
            named = len(self.plan.device.modes) > 1 and len(self.plan.sessions) == 1
            mode = self.plan.sessions[0].exposure.mode if named else None
            return [(mode or "", self.protocol.minutes)]
        minutes = self.shared.minutes_by_mode or self.shared.for_clinician or {}
        return [(mode or "", value) for mode, value in minutes.items()]

    def shares(self) -> list[dict[str, Any]]:
        """How far each trial's dose is met, band by band, for the page."""
        if self.shared is None:
            return []
        return [
            {
                "goal": evidence.indication(goal),
                "citation": self.shared.trials[goal].trial.citation,
                "met": [
                    {"share": item.share, "peak_nm": item.demand.trial_peak_nm}
                    for item in self.shared.met
                    if item.demand.goal == goal
                ],
            }
            for goal in self.goals
        ]

    def left_out(self) -> list[tuple[Any, str]]:
        """Goals that this session does not serve, each with the reason."""
        if self.together is None:
            return []
        return [(evidence.indication(goal), why) for goal, why in self.together.left_out.items()]


def course_of(answers: Answers) -> Course:
    """Plan and shared session of a person's answers.

    Raises
    ------
    InputError, RangeError, UnknownNameError
    """
    together = together_of(answers) if len(answers.goals) > 1 else None
    return Course(plan_of(answers), together)
