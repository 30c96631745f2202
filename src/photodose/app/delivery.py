"""From the events of a session to seconds of light: what was seen by both clocks, and what a person says of the rest.

The same reckoning runs in the player (frontend/src/delivery.ts); tests/app/delivery_cases.json holds both to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

CLOCKS_DISAGREE_MS = 2000.0
"""Wall and monotonic clock may differ by this much [ms] before the time between two events counts as assumed."""

RUNNING = frozenset({"start", "resume"})
RESTING = frozenset({"pause", "zone_done", "finish", "stop"})


class Event(Protocol):
    """What is needed of an event."""

    sequence: int
    kind: str
    zone: int
    wall_ms: float
    monotonic_ms: float
    boot: str
    data: Mapping[str, Any]


@dataclass
class ZoneDelivery:
    """Seconds of light at one place [s]."""

    planned_s: float
    confirmed_s: float = 0.0
    assumed_s: float = 0.0

    def add(self, seconds: float, *, confirmed: bool) -> None:
        """Count `seconds` [s], never beyond the plan."""
        room = self.planned_s - self.confirmed_s - self.assumed_s
        seconds = max(0.0, min(seconds, room))
        if confirmed:
            self.confirmed_s += seconds
        else:
            self.assumed_s += seconds


@dataclass
class Delivery:
    """The state of a session after its events."""

    zones: list[ZoneDelivery]
    status: str = "paused"
    zone: int = 0
    eyes_confirmed: bool = False
    warnings: list[str] = field(default_factory=list)
    started_wall_ms: float | None = None
    started_monotonic_ms: float | None = None
    ended_wall_ms: float | None = None


def deliver(events: Sequence[Event], planned_s: Sequence[float]) -> Delivery:
    """Seconds of light by place.

    Parameters
    ----------
    events : sequence of Event
        In any order; counted in the order of their sequence numbers.
    planned_s : sequence of float
        Seconds planned for each place [s]; no place is credited with more.

    Returns
    -------
    Delivery
        Between two events of one loading of the page whose clocks agree within 2 s the monotonic time is confirmed;
        if they disagree the shorter is assumed; across loadings nothing is credited but what the answer to a gap says:
        "on" confirms the wall time since the event before, "unsure" assumes it, "off" counts nothing and rests.
    """
    state = Delivery([ZoneDelivery(seconds) for seconds in planned_s])
    running = False
    before: Event | None = None
    for event in sorted(events, key=lambda e: (e.sequence, e.wall_ms)):
        if running and before is not None:
            credit(state.zones[state.zone], before, event)
        if event.kind in RUNNING:
            running, state.status = True, "running"
            state.zone = min(event.zone, len(state.zones) - 1)
            if state.started_wall_ms is None:
                state.started_wall_ms, state.started_monotonic_ms = event.wall_ms, event.monotonic_ms
        elif event.kind in RESTING or (event.kind == "gap" and event.data.get("answer") == "off"):
            running, state.status = False, "paused"
        if event.kind in {"finish", "stop"}:
            state.status = "finished" if event.kind == "finish" else "stopped"
            state.ended_wall_ms = event.wall_ms
            break
        if event.kind == "shield":
            state.eyes_confirmed = True
        state.warnings += [w for w in event.data.get("warnings") or [] if w not in state.warnings]
        before = event
    correct(state, events)
    return state


def credit(zone: ZoneDelivery, before: Event, event: Event) -> None:
    """Count the time from `before` to `event`."""
    wall = event.wall_ms - before.wall_ms
    if event.kind == "gap":
        answer = event.data.get("answer")
        if answer in {"on", "unsure"}:
            zone.add(wall / 1000, confirmed=answer == "on")
    elif event.boot == before.boot:
        monotonic = event.monotonic_ms - before.monotonic_ms
        if abs(wall - monotonic) <= CLOCKS_DISAGREE_MS:
            zone.add(monotonic / 1000, confirmed=True)
        else:
            zone.add(min(wall, monotonic) / 1000, confirmed=False)


def correct(state: Delivery, events: Sequence[Event]) -> None:
    """Let the last correction by hand ("entered", "edited") replace what was reckoned."""
    by_hand = [e for e in events if e.kind in {"entered", "edited"}]
    if not by_hand:
        return
    last = max(by_hand, key=lambda e: (e.wall_ms, e.sequence))
    for zone, seconds in zip(state.zones, last.data.get("zones") or [], strict=False):
        zone.confirmed_s, zone.assumed_s = float(seconds["confirmed_s"]), float(seconds["assumed_s"])
    state.status = "entered" if any(e.kind == "entered" for e in events) else state.status
    if state.status in {"running", "paused"}:
        state.status = "stopped"
