"""What photodose computes, for anybody who can reach this server: lists, dose, plan, screening, hazards.

Nothing of it is stored. Each answer is the JSON of the command of that name (interface.md).
"""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from photodose import planning
from photodose.app import physics
from photodose.app.answers import Eyes, read_device
from photodose.app.api.shapes import Problem, Strict
from photodose.app.limits import anonymous_too_fast
from photodose.app.routine import Text
from photodose.data.schema_devices import Kind
from photodose.planning.claims import claims as judge_claims
from photodose.planning.comparison import MOST_DEVICES
from photodose.planning.comparison import compare as compare_devices
from photodose.planning.hazards import safety as assess_safety
from photodose.planning.several import MOST_GOALS
from photodose.quantities import plain
from photodose.tissue import Skin, skin

router = Router(tags=["physics"], auth=None)

Answer = dict[str, Any]
REFUSED: dict[int, Any] = {400: Problem, 422: Problem, 429: Problem}
Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]
Name = Annotated[Text, Field(max_length=200)]
Names = Annotated[list[Annotated[Text, Field(max_length=500)]], Field(max_length=60)]
Description = Annotated[str, Field(max_length=200)] | dict[str, Any]
Measured = Annotated[dict[Annotated[str, Field(pattern=r"^[0-9]{3,4}(\.[0-9]{1,3})?$")], Finite], Field(max_length=12)]
MAX_TEXT = 200_000
TOO_FAST = {"detail": "Too many questions in a minute; wait a little, or sign in."}


class Light(Strict):
    """A device on a skin. `device` is an id of the catalogue or a device file's content."""

    device: Description
    site: Name
    skin_type: Name | None = None
    ita_deg: Finite | None = None
    distance_cm: Finite | None = None
    irradiance_mw_cm2: Measured | None = None
    assume: bool = False

    def inputs(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in Light.model_fields}


class DoseIn(Light):
    minutes: Finite
    mode: Name | None = None


class PlanIn(Light):
    goal: Name
    minutes: Finite | None = None
    per_week: Finite | None = None
    age: Finite | None = None
    drugs: Names = Field(default_factory=list)
    conditions: Names = Field(default_factory=list)
    eyes: Eyes | None = None
    after: Name | None = None


class TogetherIn(Light):
    goals: Annotated[list[Name], Field(min_length=2, max_length=MOST_GOALS)]
    age: Finite | None = None
    drugs: Names = Field(default_factory=list)
    conditions: Names = Field(default_factory=list)
    eyes: Eyes | None = None
    after: Name | None = None


class ScreenIn(Strict):
    drugs: Names = Field(default_factory=list)
    conditions: Names = Field(default_factory=list)
    device: Description | None = None
    site: Name | None = None
    age: Finite | None = None
    skin_type: Name | None = None


class SkinIn(Strict):
    """A skin, where the question can do without one."""

    site: Name | None = None
    skin_type: Name | None = None
    ita_deg: Finite | None = None

    def skin(self) -> Skin | None:
        return None if self.site is None else skin(self.site, skin_type=self.skin_type, ita_deg=self.ita_deg)


class SafetyIn(SkinIn):
    device: Description
    distance_cm: Finite | None = None
    minutes: Finite | None = None
    eyes: Eyes = "open"
    irradiance_mw_cm2: Measured | None = None
    mode: Name | None = None


class ClaimsIn(SkinIn):
    text: Annotated[Text, Field(max_length=MAX_TEXT)]
    device: Description | None = None
    assume: bool = False


class CompareIn(Strict):
    devices: Annotated[list[Description], Field(min_length=1, max_length=MOST_DEVICES)]
    goal: Name
    site: Name
    skin_type: Name | None = None
    ita_deg: Finite | None = None
    prices: Annotated[dict[Name, Finite], Field(max_length=MOST_DEVICES)] = Field(default_factory=dict)


@router.get("/devices", response={200: Answer, **REFUSED}, summary="The catalogue")
def devices(request: HttpRequest, kind: Kind | None = None) -> Any:  # noqa: ARG001
    return planning.devices(kind)


@router.get("/devices/{device_id}", response={200: Answer, 404: Problem, **REFUSED}, summary="One device whole")
def device(request: HttpRequest, device_id: str) -> Any:  # noqa: ARG001
    return read_device(device_id[:200]).to_dict()


@router.get("/skins", response={200: Answer, **REFUSED}, summary="Sites and skin types")
def skins(request: HttpRequest) -> Any:  # noqa: ARG001
    return planning.skins()


@router.get("/goals", response={200: Answer, **REFUSED}, summary="Goals with certainty and verdict")
def goals(request: HttpRequest) -> Any:  # noqa: ARG001
    return planning.goals()


@router.get("/drugs", response={200: Answer, **REFUSED}, summary="Medicines that the screening knows")
def drugs(request: HttpRequest, text: str | None = Query(None, max_length=200)) -> Any:  # noqa: ARG001
    return planning.drugs(text or None)


@router.post("/dose", response={200: Answer, **REFUSED}, summary="What a device delivers at depth")
def dose(request: HttpRequest, asked: DoseIn) -> Any:
    if anonymous_too_fast(request):
        return Status(429, TOO_FAST)
    return physics.dose_for(asked.inputs(), asked.minutes, asked.mode).to_dict()


@router.post("/plan", response={200: Answer, **REFUSED}, summary="How to use it, or an honest no")
def plan(request: HttpRequest, asked: PlanIn) -> Any:
    if anonymous_too_fast(request):
        return Status(429, TOO_FAST)
    own = set(PlanIn.model_fields) - set(Light.model_fields) - {"goal"}
    person = {name: getattr(asked, name) for name in own}
    return plain(physics.plan_for(asked.goal, asked.inputs(), **person).to_dict())


@router.post("/plan/together", response={200: Answer, **REFUSED}, summary="One session for several goals")
def plan_together(request: HttpRequest, asked: TogetherIn) -> Any:
    if anonymous_too_fast(request):
        return Status(429, TOO_FAST)
    own = set(TogetherIn.model_fields) - set(Light.model_fields) - {"goals"}
    person = {name: getattr(asked, name) for name in own}
    return plain(physics.together_for(asked.goals, asked.inputs(), **person).to_dict())


@router.post("/screen", response={200: Answer, **REFUSED}, summary="Is it safe for me?")
def screen(request: HttpRequest, asked: ScreenIn) -> Any:
    if anonymous_too_fast(request):
        return Status(429, TOO_FAST)
    values = {name: getattr(asked, name) for name in ("drugs", "conditions", "site", "age", "skin_type")}
    unit = None if asked.device is None else read_device(asked.device)
    return planning.screen(device=unit, **values).to_dict()


@router.post("/safety", response={200: Answer, **REFUSED}, summary="Hazards to eyes and skin")
def safety(request: HttpRequest, asked: SafetyIn) -> Any:
    if anonymous_too_fast(request):
        return Status(429, TOO_FAST)
    options = {name: getattr(asked, name) for name in ("distance_cm", "minutes", "eyes", "mode")}
    measured = physics.irradiances(asked.irradiance_mw_cm2)
    answer = assess_safety(read_device(asked.device), asked.skin(), irradiance_mw_cm2=measured, **options)
    return plain(answer.to_dict())


@router.post("/claims", response={200: Answer, **REFUSED}, summary="Each claim of an advert, answered")
def claims(request: HttpRequest, asked: ClaimsIn) -> Any:
    if anonymous_too_fast(request):
        return Status(429, TOO_FAST)
    unit = None if asked.device is None else read_device(asked.device)
    return plain(judge_claims(asked.text, device=unit, skin=asked.skin(), assume=asked.assume).to_dict())


@router.post("/compare", response={200: Answer, **REFUSED}, summary="Devices side by side")
def compare(request: HttpRequest, asked: CompareIn) -> Any:
    if anonymous_too_fast(request, len(asked.devices)):
        return Status(429, TOO_FAST)
    person = skin(asked.site, skin_type=asked.skin_type, ita_deg=asked.ita_deg)
    units = [read_device(item) for item in asked.devices]
    return plain(compare_devices(units, asked.goal, person, asked.prices or None).to_dict())
