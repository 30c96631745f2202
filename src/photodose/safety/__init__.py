"""Safety: exposure limits, risk groups, screening of drugs and conditions.

This room sees neither dosimetry, evidence nor planning, so that nothing there can soften a limit.
"""

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
