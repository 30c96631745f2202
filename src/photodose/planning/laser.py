"""What a plan says of a laser product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from photodose.safety.hazards import HazardAssessment
from photodose.safety.hazards.laser import NOT_ASSESSED


def laser_classes(laser: Mapping[str, Any] | None) -> str:
    """The class of a laser product by IEC 60825-1, as its maker states it and by its power, as far as either is known.

    Parameters
    ----------
    laser : mapping or None
        As in the JSON of `photodose safety`: "class" and "computed_class".
    """
    stated, computed = (None, None) if laser is None else (laser["class"], laser["computed_class"])
    known = [
        text
        for text, value in ((f"class {stated} by its maker", stated), (f"class {computed} by its power", computed))
        if value not in (None, NOT_ASSESSED)
    ]
    return ", ".join(known) or "its class is not known here"


def laser_warning(assessment: HazardAssessment | None) -> tuple[str, ...]:
    """What whoever uses a laser product must know; nothing for lamps, or where nothing was judged."""
    if assessment is None or assessment.laser is None:
        return ()
    classes = laser_classes(assessment.laser)
    return (f"This is a laser product ({classes}). Never look into it, and wear shields over the eyes.",)
