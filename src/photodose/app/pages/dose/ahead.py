"""The stops of the distance slider, computed while the page is still on its way to the person who will move it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import Any

from photodose.app.physics import dose_for
from photodose.quantities import InputError

logger = logging.getLogger("photodose.ahead")

WAITING = 24
"""Stops that may wait, about two pages of them; of older pages the farthest are dropped, their browser asks itself."""


class Ahead:
    """Doses that nobody has asked for yet, the newest page's first, for a thread beside the server."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[dict[str, Any], float, str | None]] = deque(maxlen=WAITING)
        self.work = threading.Condition()

    def add(self, light: dict[str, Any], minutes: float, mode: str | None, distances_cm: list[float]) -> None:
        """Have this light computed at these distances, in this order."""
        with self.work:
            for distance in reversed(distances_cm):
                self.waiting.appendleft((light | {"distance_cm": distance}, minutes, mode))
            self.work.notify()

    def run(self) -> None:
        """Work for ever."""
        while True:
            self.step()

    def step(self) -> None:
        """Wait for the next dose and compute it; `dose_for` remembers it."""
        with self.work:
            self.work.wait_for(lambda: self.waiting)
            light, minutes, mode = self.waiting.popleft()
        try:
            dose_for(light, minutes, mode)
        except InputError:
            return  # a distance that this device refuses; whoever asks for it gets the sentence
        except Exception:
            logger.exception("a dose could not be computed ahead")


ahead = Ahead()


def outwards(stops: list[float], start: float) -> list[float]:
    """The stops beside `start` first, the farthest last, as the page asks for them."""
    at = stops.index(start)
    order = sorted(range(len(stops)), key=lambda i: abs(i - at))
    return [stops[i] for i in order if i != at]
