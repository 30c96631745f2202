"""What a person answered in the set-up: kept with the person, or, before any account, with the browser's session."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from photodose import devices as device_room
from photodose.app.people import own_person
from photodose.app.routine import Text
from photodose.data import resolve_name
from photodose.devices import Device
from photodose.devices.reading import catalogue_ids
from photodose.planning.aftercare import after_treatment
from photodose.planning.several import MOST_GOALS
from photodose.quantities import InputError
from photodose.tissue import Skin, skin

KEY = "answers"
"""Where the answers lie in `Person.profile` and in the session."""

Short = Annotated[Text, Field(max_length=120)]
Eyes = Literal["open", "closed", "shielded"]
Number = Annotated[float, Field(allow_inf_nan=False)]

EXAMPLE: dict[str, Any] = {
    "goal": "fine_lines_wrinkles",
    "device": "omnilux-contour-face",
    "site": "cheek",
    "skin_type": "III",
}
"""The example of examples/first_plan.py, shown until somebody answers."""
EXAMPLE_MINUTES = 10.0
OWN = "own"
MAX_OWN_BANDS = 8
MOST_ALSO = MOST_GOALS - 1
"""Goals beside the main one."""


class Answers(BaseModel):
    """All answers; an empty one was not given yet."""

    model_config = ConfigDict(extra="ignore")

    goal: Short = ""
    """The main goal."""
    also: Annotated[list[Short], Field(max_length=MOST_ALSO)] = []
    """Further goals, for the same session."""
    device: Short = ""
    """An id of the catalogue, or "own" for the device in `own`."""
    own: dict[str, Any] | None = None
    measured: Annotated[dict[Short, Number], Field(max_length=12)] = Field(default_factory=dict)
    """Irradiance measured by the person [nm: mW/cm2]."""
    assume: bool = False
    distance_cm: Number | None = None
    site: Short = ""
    skin_type: Short = ""
    ita_deg: Number | None = None
    medicines: Annotated[list[Annotated[Text, Field(max_length=500)]], Field(max_length=60)] = []
    conditions: Annotated[list[Annotated[Text, Field(max_length=500)]], Field(max_length=60)] = []
    age: Number | None = None
    treatment: Short = ""
    """A recent professional treatment, as `photodose plan --after` names it, and the day it was done."""
    treated_on: date | None = None
    example: bool = False

    @property
    def has_skin(self) -> bool:
        return bool(self.site) and (bool(self.skin_type) or self.ita_deg is not None)

    @property
    def has_light(self) -> bool:
        """Whether device and skin are known, so that a dose can be computed."""
        return bool(self.device) and self.has_skin

    @property
    def goals(self) -> list[str]:
        """All goals, the main one first."""
        return list(dict.fromkeys(goal for goal in (self.goal, *self.also) if goal))

    @property
    def treated_days(self) -> int | None:
        """Days since the treatment, never negative; None without one."""
        if not self.treatment or self.treated_on is None:
            return None
        return max(0, (timezone.localdate() - self.treated_on).days)

    @property
    def after(self) -> str | None:
        """The treatment and the time since as the engine reads them, for example "laser:3d"."""
        days = self.treated_days
        return None if days is None else f"{self.treatment}:{days}d"

    @property
    def told(self) -> list[str]:
        """Conditions as the screening takes them, a recent treatment among them."""
        return [*self.conditions, *([after_treatment(self.after).condition] if self.after else [])]

    def own_device(self) -> Device | None:
        """The device that was chosen; None before that.

        Raises
        ------
        InputError, RangeError, UnknownNameError
        """
        if not self.device:
            return None
        return read_device(self.own if self.device == OWN and self.own else self.device)

    def own_skin(self) -> Skin | None:
        """The skin that was described; None before that."""
        if not self.has_skin:
            return None
        return skin(self.site, skin_type=self.skin_type or None, ita_deg=self.ita_deg)


def read_device(wanted: str | dict[str, Any]) -> Device:
    """A device of the catalogue by its id, or one described in place; never a path of the server's own files.

    Raises
    ------
    UnknownNameError
        With the nearest ids.
    InputError, RangeError
        If the description is wrong: the first of its problems.
    """
    if isinstance(wanted, str):
        return device_room.device(resolve_name("device", wanted, {name: name for name in catalogue_ids()}))
    if "array" in wanted or len(wanted.get("bands") or ()) > MAX_OWN_BANDS:
        raise InputError(f"a device described here has at most {MAX_OWN_BANDS} bands and no array of emitters.")
    return device_room.device(wanted)


def example() -> Answers:
    """The answers of the example."""
    return Answers(**EXAMPLE, example=True)


def load(request: HttpRequest) -> Answers:
    """The answers of who is asking; empty ones if none were given or what is stored is not readable any more."""
    person = request.person
    if person is not None and person.demonstration:
        return Answers()
    kept = person.profile.get(KEY) if person is not None else request.session.get(KEY)
    try:
        return Answers.model_validate(kept or {})
    except ValidationError:
        return Answers()


def load_or_example(request: HttpRequest) -> Answers:
    """The answers if they suffice for a dose, else the example, marked as such."""
    answers = load(request)
    return answers if answers.has_light else example()


def save(request: HttpRequest, answers: Answers) -> None:
    """Keep the answers; a demonstration is never changed, its place takes a new person."""
    content = answers.model_dump(mode="json", exclude={"example"}, exclude_defaults=True)
    if request.person is None:
        request.session[KEY] = content
        return
    person = own_person(request)
    person.profile = {**person.profile, KEY: content}
    person.save(update_fields=["profile"])


NOTHING = frozenset(
    {"no", "none", "nothing", "nil", "n/a", "-", "–", "nein", "nichts", "keine", "keins"}
    | {f"{no} {what}" for no in ("no", "none", "no other") for what in ("medicine", "medicines", "medication")}
    | {f"no {what}" for what in ("medications", "drugs", "meds", "pills", "conditions", "illness", "illnesses")}
    | {f"keine {what}" for what in ("medikamente", "arzneimittel", "arznei", "tabletten", "krankheiten")}
)
"""Ways to say that there is nothing to name."""


def split_names(text: str) -> list[str]:
    """Names typed into one field, split at commas, semicolons and line ends; "none" is an answer and no name."""
    parts = [part.strip() for part in re.split(r"[,;\n]", text.replace("\x00", ""))]
    return [part[:500] for part in parts if part and " ".join(part.casefold().split()).rstrip(".!") not in NOTHING][:60]
