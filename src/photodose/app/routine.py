"""What the player needs of a plan: the places, the seconds, the eyes, the limit. Page modules make one of these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from photodose.quantities import InputError

SITES = (
    *("face", "forehead", "cheek", "chin", "neck", "scalp", "chest", "abdomen", "back", "lower back", "shoulder"),
    *("upper arm", "forearm", "elbow", "hand", "wrist", "hip", "thigh", "knee", "shin", "calf", "ankle", "foot"),
)
"""Places that the forms offer; a plan may name any other."""


def storable(text: str) -> str:
    """The text, or ValueError if it cannot be kept: no NUL, no half of a surrogate pair."""
    if "\x00" in text:
        raise ValueError("a text may not hold the character NUL")
    try:
        text.encode()
    except UnicodeEncodeError as problem:
        raise ValueError("the text is not valid Unicode") from problem
    return text


Text = Annotated[str, AfterValidator(storable)]
Seconds = Annotated[float, Field(gt=0, le=7200, allow_inf_nan=False)]


class Part(BaseModel):
    """Base: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")


class Zone(Part):
    """One place, lit for so many seconds [s]."""

    site: Annotated[Text, Field(min_length=1, max_length=60)]
    seconds: Seconds


class Stage(Zone):
    """A zone of a routine: one place, in one mode of the device where it has several."""

    mode: Annotated[Text, Field(max_length=60)] = ""


class Routine(Part):
    """How a plan is carried out. `limit_seconds` [s]: the longest light a day that the safety answer allows a site."""

    zones: Annotated[list[Stage], Field(min_length=1, max_length=12)]
    sessions_per_week: Annotated[int, Field(ge=1, le=21)] = 5
    days: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = []
    """Days of the week, Monday 0; empty: any."""
    time: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = None
    eyes: Literal["open", "closed", "shielded"] = "closed"
    limit_seconds: Seconds | None = None
    limit_why: Annotated[Text, Field(max_length=300)] = ""
    steps: Annotated[list[Annotated[Text, Field(max_length=300)]], Field(max_length=20)] = []

    @property
    def planned_s(self) -> float:
        """Seconds of all places together [s]."""
        return sum(zone.seconds for zone in self.zones)


def parse_routine(value: Any) -> Routine:
    """The routine in `value` (its JSON form); raises InputError with one sentence."""
    try:
        return Routine.model_validate(value)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "routine"
        raise InputError(f"The routine is not usable: {place}: {first['msg']}.") from problem
