"""Error classes. Each reaches a person as one sentence: what is wrong, where, what to do."""

from __future__ import annotations

from collections.abc import Sequence


class PhotodoseError(Exception):
    """Base of every error raised on purpose; `exit_code` is what the command line returns for it."""

    exit_code = 1


class InputError(PhotodoseError, ValueError):
    """Bad input: the message is one sentence that says what, where and what to do."""

    exit_code = 2


class UnknownNameError(InputError):
    """A name that is not known; offers the nearest valid ones.

    Parameters
    ----------
    what : str
        What was asked for, for example "device".
    name : str
        The name as given.
    nearest : sequence of str
        Valid names, nearest first; at most five are shown.
    """

    def __init__(self, what: str, name: str, nearest: Sequence[str] = (), hint: str = "") -> None:
        shown = name if len(name) <= 60 else name[:57] + "..."
        message = f"Unknown {what} {shown!r}"
        if nearest:
            message += "; did you mean " + ", ".join(nearest[:5]) + "?"
        else:
            message += "."
        if hint:
            message += " " + hint
        super().__init__(message)
        self.what = what
        self.name = name
        self.nearest = tuple(nearest[:5])


class RangeError(InputError):
    """A value outside the range for which it is defined.

    Parameters
    ----------
    what : str
        The quantity with its unit, for example "wavelength_nm".
    value : float
        The offending value.
    low, high : float
        The valid range, ends included.
    above : bool
        The lower end itself is not valid.
    """

    def __init__(
        self, what: str, value: float, low: float, high: float, where: str = "", *, above: bool = False
    ) -> None:
        place = f" in {where}" if where else ""
        wanted = f"must be above {low:g} and at most {high:g}" if above else f"is outside its range {low:g} to {high:g}"
        super().__init__(f"{what} {value:g}{place} {wanted}.")
        self.what, self.value, self.low, self.high = what, value, low, high


class SafetyLimitError(PhotodoseError):
    """What was asked for would pass a safety limit."""

    exit_code = 5


class DataError(PhotodoseError):
    """A table shipped with photodose is broken or missing: our fault, not the user's."""

    exit_code = 1
