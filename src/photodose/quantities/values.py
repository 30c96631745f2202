"""An uncertain number, and plain Python values for JSON."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

Z90 = 1.6448536269514722
"""Normal quantile of a two-sided 90 % interval."""


@dataclasses.dataclass(frozen=True, slots=True)
class Estimate:
    """An uncertain number with its 90 % interval.

    `value` is the median; `low` and `high` are the 5th and 95th percentile, in the unit of the key it stands under.
    """

    value: float
    low: float
    high: float

    @classmethod
    def lognormal(cls, median: float, log_sd: float) -> Estimate:
        """The estimate of a lognormal quantity from its median and the standard deviation of its logarithm.

        Examples
        --------
        >>> Estimate.lognormal(1.0, 0.0)
        Estimate(value=1.0, low=1.0, high=1.0)
        """
        return cls(median, median * math.exp(-Z90 * log_sd), median * math.exp(Z90 * log_sd))

    def scaled(self, factor: float) -> Estimate:
        """The same estimate times a number known exactly and not negative."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)

    def to_dict(self) -> dict[str, float]:
        return {"value": self.value, "low": self.low, "high": self.high}


def short(value: float) -> str:
    """A number for people: two significant digits, no exponent where none is needed.

    Examples
    --------
    >>> [short(x) for x in (142.3, 57.81, 3.0421, 0.0312, 0.0)]
    ['142', '58', '3', '0.031', '0']
    """
    if abs(value) >= 10.0:
        return f"{value:.0f}"
    return f"{value:.2g}" if abs(value) >= 1e-4 or value == 0.0 else f"{value:.1e}"


def short_down(value: float) -> str:
    """A number from 0 for people as `short` writes it, cut and never rounded up: for what is allowed.

    Examples
    --------
    >>> [short_down(x) for x in (591.9, 9.865, 0.0379, 10.0, 0.0)]
    ['591', '9.8', '0.037', '10', '0']
    """
    if value >= 10.0 or value == 0.0:
        return f"{math.floor(value)}"
    scale = 10.0 ** (1 - math.floor(math.log10(value)))
    return short(math.floor(value * scale) / scale)


def plain(value: Any) -> Any:
    """Turn a result into plain JSON values: dataclasses, arrays, enums, estimates; NaN and infinity become None."""
    if isinstance(value, bool | str | int) or value is None:
        return value
    if isinstance(value, float | np.floating):
        number = float(value)
        return number if math.isfinite(number) else None
    if isinstance(value, np.integer | np.bool_):
        return value.item()
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if hasattr(value, "model_dump"):
        return plain(value.model_dump())
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
