"""The whole safety answer, screening by device, and plans: more is never milder, and a stop has no plan."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import photodose
from photodose import devices, evidence
from photodose.devices import Device
from photodose.planning import SafetyAnswer, safety, screen
from photodose.safety import Verdict, strictest
from photodose.safety import screen as screen_names
from photodose.safety.catalogue import condition_rules, drug_rules, index, words
from photodose.tissue import Skin

SOME = (
    "omnilux-contour-face", "theraface-mask", "omnilux-clear", "shark-cryoglow", "joovv-solo-3", "lumebox-lb-001a",
    "novothor", "capillus-82", "korean-rct-mask-2025", "neutrogena-light-therapy-acne-mask",
)  # fmt: skip
ALL = tuple(unit.id for unit in devices.catalogue())
DRUG_NAMES = sorted({name for rule in drug_rules().values() for name in rule.names()})
CONDITION_NAMES = sorted({name for rule in condition_rules().values() for name in rule.names()})

some_devices = st.sampled_from(SOME)
eyes_states = st.sampled_from(("open", "closed", "shielded"))
lengths = st.floats(0.05, 60.0)


@cache
def person(skin_type: str) -> Skin:
    return photodose.skin("cheek", skin_type=skin_type)


def never_milder(more: SafetyAnswer, less: SafetyAnswer) -> None:
    """Verdict, exit code and permissible time of two answers."""
    assert more.verdict >= less.verdict
    assert more.exit_code >= less.exit_code
    if less.permissible_s is not None:
        assert more.permissible_s is not None
        assert more.permissible_s <= less.permissible_s * 1.000001


def lamp(peak: float, irradiance: float, kind: str = "panel") -> Device:
    band = {"peak_nm": peak, "irradiance_mw_cm2": irradiance, "irradiance_basis": "measured"}
    own = {"id": "own", "name": "Own lamp", "kind": kind, "size_cm": [20.0, 20.0], "distance_cm": 15.0, "leds": 100}
    return photodose.device({**own, "half_angle_deg": 60.0, "bands": [band]})


# --- photodose safety


@given(some_devices, lengths, st.floats(1.0, 20.0), eyes_states)
@settings(max_examples=25, deadline=None)
def test_more_time_is_never_milder(device: str, minutes: float, factor: float, eyes: str) -> None:
    short = safety(device, person("IV"), minutes=minutes, eyes=eyes)
    long = safety(device, person("IV"), minutes=min(minutes * factor, 600.0), eyes=eyes)
    assert long.verdict >= short.verdict
    assert long.exit_code >= short.exit_code
    assert safety(device, person("IV"), eyes=eyes).verdict >= long.verdict  # light without end


@given(st.sampled_from((415.0, 465.0, 633.0, 850.0)), st.floats(0.1, 200.0), st.floats(1.0, 10.0), lengths, eyes_states)
@settings(max_examples=25, deadline=None)
def test_more_power_is_never_milder(peak: float, power: float, factor: float, minutes: float, eyes: str) -> None:
    less, more = (
        safety(lamp(peak, value), person("IV"), minutes=minutes, eyes=eyes) for value in (power, power * factor)
    )
    never_milder(more, less)


@given(
    st.sampled_from((415.0, 633.0, 850.0)), st.floats(0.1, 200.0), st.floats(0.0, 100.0), st.floats(0.0, 1.0), lengths
)
@settings(max_examples=25, deadline=None)
def test_less_distance_is_never_milder(
    peak: float, power: float, distance: float, factor: float, minutes: float
) -> None:
    unit = lamp(peak, power)
    far = safety(unit, person("IV"), distance_cm=distance, minutes=minutes)
    near = safety(unit, person("IV"), distance_cm=distance * factor, minutes=minutes)
    never_milder(near, far)


@given(some_devices, lengths)
@settings(max_examples=10, deadline=None)
def test_opener_eyes_are_never_milder(device: str, minutes: float) -> None:
    found = [safety(device, person("IV"), minutes=minutes, eyes=eyes) for eyes in ("open", "closed", "shielded")]
    never_milder(found[0], found[1])
    never_milder(found[1], found[2])


def test_a_laser_without_limits_asks_on_the_command_line_too() -> None:
    violet = {"peak_nm": 405, "light_source": "laser"}
    unit = photodose.device({"id": "own", "name": "Own", "kind": "handheld", "size_cm": [1, 1], "bands": [violet]})
    answer = safety(unit, person("IV"), minutes=0.01, eyes="closed")
    assert (answer.verdict, answer.exit_code) == ("ask", 3)


@pytest.mark.parametrize("device", ALL)
def test_every_device_has_an_answer_and_a_recall_is_at_least_ask(device: str) -> None:
    unit = devices.device(device)
    answer = safety(device, minutes=unit.session_minutes or 10.0)
    assert answer.exit_code == (5 if answer.verdict == "stop" else 3 if unit.recalled else 0)
    assert (answer.assessment.laser is not None) == unit.has_laser
    if unit.has_laser:
        assert answer.assessment.risk_group == "not assessed"
        assert answer.verdict >= "ask"
    if unit.recalled:
        assert answer.verdict >= "ask"


# --- screening for a device


@given(st.sampled_from(ALL), st.lists(st.sampled_from(DRUG_NAMES), max_size=3), st.sampled_from(DRUG_NAMES),
       st.lists(st.sampled_from(CONDITION_NAMES), max_size=2))  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_one_more_drug_is_never_milder_for_any_device(
    device: str, drugs: list[str], more: str, conditions: list[str]
) -> None:
    before = screen(drugs, conditions, device)
    after = screen([*drugs, more], conditions, device)
    assert after.verdict >= before.verdict
    assert after.exit_code >= before.exit_code
    assert after.verdict >= screen([more], (), device).verdict


# --- no plan for a stop


STOPS = [("verteporfin", "drug"), ("St John's wort", "drug"), ("porphyria", "condition"),
         ("retinitis pigmentosa", "condition"), ("skin cancer", "condition")]  # fmt: skip


@pytest.mark.parametrize("goal", [item.id for item in evidence.goals()])
@pytest.mark.parametrize(
    "device", ["omnilux-contour-face", "theraface-mask", "joovv-solo-3", "capillus-82", "novothor"]
)
def test_no_plan_exists_for_a_stop(goal: str, device: str) -> None:
    for i, (name, kind) in enumerate(STOPS):
        made = photodose.plan(
            goal,
            device,
            person("III"),
            assume=True,
            minutes=5.0 if i % 2 else None,
            drugs=[name] if kind == "drug" else [],
            conditions=[name] if kind == "condition" else [],
        )
        assert made.verdict is Verdict.STOP, name
        content = made.to_dict()
        for key in ("protocol", "for_clinician", "equivalent", "session", "own_schedule"):
            assert content[key] is None, key
        for key in ("routine", "sessions", "advice"):
            assert content[key] == [], key
        assert content["why"].startswith("The screening says stop: ")
        assert made.exit_code == 4


@pytest.mark.slow
@pytest.mark.parametrize("goal", [item.id for item in evidence.goals()])
def test_no_plan_exists_for_a_stop_whatever_the_device(goal: str) -> None:
    """Every goal with every device of the catalogue, the stops in turn."""
    for i, device in enumerate(ALL):
        name, kind = STOPS[i % len(STOPS)]
        box = {"drugs" if kind == "drug" else "conditions": [name]}
        made = photodose.plan(goal, device, person("III"), assume=True, **box)  # type: ignore[arg-type]
        content = made.to_dict()
        assert (content["verdict"], made.exit_code) == ("stop", 4), device
        for key in ("protocol", "for_clinician", "equivalent", "session", "own_schedule"):
            assert content[key] is None, (device, key)
        assert content["routine"] == content["sessions"] == content["advice"] == [], device


# --- whatever is typed


def scrawl(chance: random.Random) -> str:
    """A text as people, machines and vandals may type it."""
    kind = chance.randrange(8)
    name = chance.choice(DRUG_NAMES)
    if kind == 0:
        letters = list(name)
        for _ in range(chance.randint(1, 3)):
            letters.insert(chance.randrange(len(letters) + 1), chance.choice("abcdefghijklmnopqrstuvwxyz"))
        return "".join(letters)
    if kind == 1:
        return "".join(chance.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(chance.randint(1, 25)))
    if kind == 2:
        return "".join(chr(chance.choice([chance.randrange(32, 0x250), chance.randrange(0x1F300, 0x1FAFF)]))
                       for _ in range(chance.randint(1, 20)))  # fmt: skip
    if kind == 3:
        return (
            chance.choice(["'; DROP TABLE drugs; --", '" OR 1=1 --', "{{7*7}}", "<script>", "%s%n", "../../x"]) + name
        )
    if kind == 4:
        return name + chr(chance.randrange(0x1F300, 0x1FAFF)) + "".join(chance.choices("qxzj", k=6))
    if kind == 5:
        return f"{name} {chance.randrange(10**6)} mg"
    if kind == 6:
        return (
            chance.choice(["\x00", "\u202e", "\u200b", "\n", "\t", "ﬀ", "İ", "ß"]) + name[: chance.randrange(len(name))]
        )
    return ", ".join([name, "".join(chance.choice("bcdfgkpqvwxz") for _ in range(12))])


def check(text: str) -> None:
    """No answer but a Screening; not clear, unless every word of it is a name that has a rule, or passed over."""
    answer = screen_names(drugs=[text])
    assert answer.verdict == strictest(reason.verdict for reason in answer.reasons)
    assert answer.reasons
    if answer.unknown:
        assert answer.verdict >= "ask"
    if answer.verdict == "clear":
        assert all(reason.match == "name" for reason in answer.reasons)
    if not any(word in known_words() for word in words(text)):
        assert answer.verdict >= "caution", text
        if all(reason.match != "spelling" for reason in answer.reasons):
            assert answer.verdict >= "ask", text


@cache
def known_words() -> frozenset[str]:
    return frozenset(word for name in index().entries for word in name.split())


@pytest.mark.slow
def test_ten_thousand_texts_never_crash_and_are_never_clear_for_an_unknown() -> None:
    chance = random.Random(20261122)
    for _ in range(10_000):
        check(scrawl(chance))


@pytest.mark.parametrize("unit", ["\U0001f48a", "x", "qxzj ", "'; DROP TABLE drugs; --"])
def test_a_megabyte_is_never_clear(unit: str) -> None:
    text = (unit * 1_000_000)[:1_000_000]
    assert screen_names(drugs=[text]).verdict >= "ask"
    assert screen_names(conditions=[text]).verdict >= "ask"
