"""How large a device of a kind is where nobody published it: one table for distance and for hazards."""

from __future__ import annotations

from functools import cache

from photodose.data import load_document
from photodose.data.schema_devices import UsualSizes


@cache
def usual_sizes() -> UsualSizes:
    """The table `devices/usual_sizes` with its reasons."""
    return load_document("devices/usual_sizes", UsualSizes)


def usual_size_cm(kind: str) -> tuple[float, float]:
    """Width and height of the emitting area [cm] taken for a kind of device without a published size.

    Parameters
    ----------
    kind : str
        "mask", "panel", "bed", "cap" or "handheld".

    Examples
    --------
    >>> usual_size_cm("panel")
    (30.0, 100.0)
    """
    return next(item.size_cm for item in usual_sizes().sizes if item.kind == kind)
