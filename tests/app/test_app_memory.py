"""What the application remembers: each answer is computed once, the newest are kept, an error is not."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from photodose.app.memory import remembered
from photodose.quantities import InputError


def test_asked_twice_computed_once():
    asked = []

    @remembered(2)
    def answer(key: str) -> str:
        asked.append(key)
        return key.upper()

    assert [answer(key) for key in ("a", "b", "a", "c", "a", "b")] == ["A", "B", "A", "C", "A", "B"]
    assert asked == ["a", "b", "c", "b"], "the one that nobody asked for longest is forgotten"


def test_many_at_once_wait_for_one():
    asked, go = [], threading.Event()

    @remembered(8)
    def answer(key: str) -> str:
        asked.append(key)
        assert go.wait(30)
        return key.upper()

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(answer, "a") for _ in range(4)]
        go.set()
        assert [each.result(30) for each in waiting] == ["A"] * 4
    assert asked == ["a"]


def test_an_error_is_handed_to_all_and_forgotten():
    asked = []

    @remembered(8)
    def answer(key: str) -> str:
        asked.append(key)
        raise InputError("no.")

    for _ in range(2):
        with pytest.raises(InputError, match=r"no\."):
            answer("a")
    assert asked == ["a", "a"]
