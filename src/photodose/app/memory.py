"""Answers remembered for a while, and computed once where several ask for the same at the same time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Remembered:
    """The newest answers of a function of one text; an error is handed on and not remembered."""

    def __init__(self, function: Callable[[str], Any], most: int) -> None:
        self.function = function
        self.most = most
        self.lock = threading.Lock()
        self.answers: OrderedDict[str, Future[Any]] = OrderedDict()

    def __call__(self, key: str) -> Any:
        with self.lock:
            answer = self.answers.get(key)
            mine = answer is None
            if answer is None:
                answer = self.answers[key] = Future()
            self.answers.move_to_end(key)
            if len(self.answers) > self.most:
                self.answers.popitem(last=False)
        if mine:
            self._compute(key, answer)
        return answer.result()

    def _compute(self, key: str, answer: Future[Any]) -> None:
        try:
            answer.set_result(self.function(key))
        except BaseException as problem:
            with self.lock:
                if self.answers.get(key) is answer:
                    del self.answers[key]
            answer.set_exception(problem)


def remembered(most: int) -> Callable[[Callable[[str], Any]], Remembered]:
    """Remember the `most` newest answers of a function of one text."""
    return lambda function: Remembered(function, most)
