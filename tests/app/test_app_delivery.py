"""The reckoning of seconds of light, by the cases that the player's script is held to as well."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photodose.app.delivery import deliver

CASES = json.loads((Path(__file__).parent / "delivery_cases.json").read_text())


@dataclass
class Seen:
    sequence: int
    kind: str
    monotonic_ms: float
    wall_ms: float
    data: dict = field(default_factory=dict)
    boot: str = "a"
    zone: int = 0


def events_of(case):
    return [Seen(i, row[0], row[1] * 1000.0, 1e12 + row[2] * 1000.0, *row[3:]) for i, row in enumerate(case["events"])]


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_each_case(case):
    state = deliver(events_of(case), case["planned"])
    for zone, expected in zip(state.zones, case["zones"], strict=True):
        assert [zone.confirmed_s, zone.assumed_s] == pytest.approx(expected)
    assert state.status == case["status"]


kinds = st.sampled_from(["start", "tick", "pause", "resume", "hidden", "gap", "zone_done", "finish", "stop"])
answers = st.sampled_from(["on", "unsure", "off", None])


@given(
    st.lists(st.tuples(kinds, st.floats(0, 1e6), st.floats(0, 1e6), answers, st.integers(0, 3)), max_size=30),
    st.lists(st.floats(1, 3600), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_never_negative_never_beyond_the_plan_and_order_does_not_matter(rows, planned, random):
    """Whatever a phone sends, in whatever order it arrives, the light stays between nothing and the plan."""
    seen = [Seen(i, k, m * 1000, w * 1000, {"answer": a}, "a", z) for i, (k, m, w, a, z) in enumerate(rows)]
    state = deliver(seen, planned)
    for zone in state.zones:
        assert zone.confirmed_s >= 0
        assert zone.assumed_s >= 0
        assert zone.confirmed_s + zone.assumed_s <= zone.planned_s + 1e-9
    shuffled = list(seen)
    random.shuffle(shuffled)
    assert deliver(shuffled, planned) == state
