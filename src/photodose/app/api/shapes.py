"""The shapes of what the API takes and gives."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, model_validator

from photodose.app.models import Plan
from photodose.app.routine import Routine, Text, Zone
from photodose.app.sentences import in_words

Milliseconds = Annotated[float, Field(ge=0, le=4102444800000, allow_inf_nan=False)]
"""Up to the year 2100 [ms]."""
Light = Annotated[float, Field(ge=0, le=7200, allow_inf_nan=False)]
Note = Annotated[Text, Field(max_length=500)]
ZoneName = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")]
EventKind = Literal[
    "shield", "start", "tick", "pause", "resume", "hidden", "gap", "zone_done", "finish", "stop", "warned"
]
ReactionKind = Literal["fine", "blister", "redness", "eye", "headache", "other"]


class Problem(Schema):
    """Why it was not done, in one sentence (for bad fields: a list that names them)."""

    detail: str | list[dict[str, Any]]


REFUSALS: dict[int, type[Schema]] = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem}
"""What every operation may answer besides."""


class Strict(Schema):
    """Base of what is sent in: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")


class EventData(Strict):
    answer: Literal["on", "unsure", "off"] | None = None
    warnings: Annotated[list[Annotated[Text, Field(max_length=60)]], Field(max_length=20)] | None = None


class EventIn(Strict):
    id: uuid.UUID
    sequence: Annotated[int, Field(ge=0, le=1_000_000)]
    kind: EventKind
    zone: Annotated[int, Field(ge=0, le=11)] = 0
    wall_ms: Milliseconds
    monotonic_ms: Milliseconds
    boot: Annotated[Text, Field(max_length=36)] = ""
    data: EventData = EventData()


class Batch(Strict):
    """Some events of a session, with what is needed to make the session if this is the first that arrives."""

    person: uuid.UUID
    plan: uuid.UUID | None = None
    device: uuid.UUID | None = None
    timezone: ZoneName
    zones: Annotated[list[Zone], Field(min_length=1, max_length=12)]
    events: Annotated[list[EventIn], Field(min_length=1, max_length=2000)]

    @model_validator(mode="after")
    def ids_are_unique(self) -> Batch:
        if len({event.id for event in self.events}) != len(self.events):
            raise ValueError("two events have the same id")
        return self


class ZoneOut(Schema):
    site: str
    planned_s: float
    confirmed_s: float
    assumed_s: float


class ReactionOut(Schema):
    id: uuid.UUID
    kind: str
    note: str
    reported_at: datetime
    resolved_at: datetime | None


class SessionOut(Schema):
    id: uuid.UUID
    plan: uuid.UUID | None = Field(None, alias="plan_id")
    device: uuid.UUID | None = Field(None, alias="device_id")
    status: str
    timezone: str
    local_date: date
    started_at: datetime
    ended_at: datetime | None
    planned_s: float
    confirmed_s: float
    assumed_s: float
    eyes_confirmed: bool
    warnings_accepted: list[str]
    note: str
    zones: list[ZoneOut]
    reactions: list[ReactionOut]

    @staticmethod
    def resolve_zones(obj: Any) -> list[Any]:
        return list(obj.zones.all())

    @staticmethod
    def resolve_reactions(obj: Any) -> list[Any]:
        return list(obj.reactions.all())


class Stored(Schema):
    """What arrived: the ids now kept, so that the phone may forget them, and the session as it stands."""

    acknowledged: list[uuid.UUID]
    session: SessionOut


class LateEntry(Strict):
    id: uuid.UUID | None = None
    started_at: datetime
    zones: Annotated[list[Zone], Field(min_length=1, max_length=12)]
    plan: uuid.UUID | None = None
    device: uuid.UUID | None = None
    note: Note = ""


class Correction(Strict):
    seconds: Annotated[list[Light], Field(min_length=1, max_length=12)] | None = None
    note: Note | None = None


class ReactionIn(Strict):
    id: uuid.UUID
    kind: ReactionKind
    note: Note = ""


class Totals(Schema):
    """Seconds of light by site [s], of the day and of its week from Monday."""

    day: date
    day_s: dict[str, float]
    week_s: dict[str, float]
    week_sessions: int
    day_sessions: int


class PersonOut(Schema):
    id: uuid.UUID
    name: str
    timezone: str
    demonstration: bool


class Me(Schema):
    username: str
    person: PersonOut
    people: list[PersonOut]
    csrf: str


class DeviceIn(Strict):
    id: uuid.UUID | None = None
    name: Annotated[Text, Field(min_length=1, max_length=120)]
    catalogue_id: Annotated[Text, Field(max_length=120)] = ""
    measured: dict[
        Annotated[str, Field(pattern=r"^[0-9]{3,4}$")],
        Annotated[float, Field(gt=0, le=10000, allow_inf_nan=False)],
    ] = Field(default_factory=dict)


class DeviceOut(Schema):
    id: uuid.UUID
    name: str
    catalogue_id: str
    spec: dict[str, Any] | None
    measured: dict[str, float]
    retired: bool


class PlanIn(Strict):
    id: uuid.UUID | None = None
    name: Annotated[Text, Field(min_length=1, max_length=120)]
    device: uuid.UUID | None = None
    routine: Routine


class PlanOut(Schema):
    id: uuid.UUID
    name: str
    origin: str
    device: uuid.UUID | None = Field(None, alias="device_id")
    routine: dict[str, Any]
    active: bool
    paused_at: datetime | None
    paused_because: str
    engine_version: str
    data_hash: str

    @staticmethod
    def resolve_name(plan: Any) -> str:
        """A kept plan is called by its goals, which are read in the reader's language."""
        return in_words(plan.name) if plan.origin == Plan.Origin.COMPUTED else plan.name

    @staticmethod
    def resolve_routine(plan: Any) -> dict[str, Any]:
        """The routine with its sentences in the reader's language."""
        content = {"steps": [in_words(step) for step in plan.routine.get("steps") or []]}
        return plan.routine | content | {"limit_why": in_words(plan.routine.get("limit_why"))}


class HoldOut(Schema):
    """Why the routine is held: "stop" and "paused" allow no start, "ask" is a notice."""

    kind: Literal["stop", "paused", "ask"]
    title: str
    lines: list[str]


class Player(Schema):
    """What the player keeps on the phone, so that it can go on without the network. A stop leaves it no plan."""

    person: PersonOut
    plans: list[PlanOut]
    held: HoldOut | None = None
    totals: Totals
    open_sessions: list[SessionOut]
