"""Safety: exposure limits, risk groups, screening of drugs and conditions.

This room sees neither dosimetry, evidence nor planning, so that nothing there can soften a limit.
"""

from importlib import import_module
from types import ModuleType

from photodose.quantities.rooms import make_callable
from photodose.safety.bands import BANDS, bands_of
from photodose.safety.catalogue import rules_version
from photodose.safety.screening import Reason, Screening, conditions, drugs, screen
from photodose.safety.verdicts import Verdict, strictest

__all__ = [
    "BANDS",
    "Reason",
    "Screening",
    "Verdict",
    "bands_of",
    "conditions",
    "drugs",
    "rules_version",
    "screen",
    "strictest",
]


def __getattr__(name: str) -> ModuleType:
    """Load the hazard assessment only when it is asked for: it needs scipy, screening does not."""
    if name == "hazards":
        return import_module("photodose.safety.hazards")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


make_callable(__name__)
