"""The four verdicts and their order."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """A screening verdict, ordered clear < caution < ask < stop; each equals its own name as text.

    Examples
    --------
    >>> Verdict.ASK < Verdict.STOP, Verdict.STOP == "stop", Verdict.ASK.exit_code
    (True, True, 3)
    """

    CLEAR = "clear"
    CAUTION = "caution"
    ASK = "ask"
    STOP = "stop"

    @property
    def rank(self) -> int:
        """0 for clear to 3 for stop."""
        return _ORDER.index(self.value)

    @property
    def exit_code(self) -> int:
        """What the command line returns: 0 for clear and caution, 3 for ask, 4 for stop."""
        return {Verdict.ASK: 3, Verdict.STOP: 4}.get(self, 0)

    def __lt__(self, other: str) -> bool:
        return self.rank < Verdict(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Verdict(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Verdict(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Verdict(other).rank


_ORDER = ("clear", "caution", "ask", "stop")


def strictest(verdicts: Iterable[Verdict | str]) -> Verdict:
    """The strictest of some verdicts; of none, "clear".

    Examples
    --------
    >>> strictest(["caution", "stop", "ask"]), strictest([])
    (<Verdict.STOP: 'stop'>, <Verdict.CLEAR: 'clear'>)
    """
    return max((Verdict(verdict) for verdict in verdicts), default=Verdict.CLEAR)
