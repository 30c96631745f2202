"""Where the threads meet: equivalent exposure, plans, verdicts, claims judged."""

from photodose.planning.aftercare import AfterCare, after_treatment
from photodose.planning.answers import check_device, devices, drugs, goals, skins
from photodose.planning.claims import ClaimsAnswer, claims
from photodose.planning.comparison import Comparison, compare
from photodose.planning.equivalent import Equivalent, equivalent
from photodose.planning.hazards import SafetyAnswer, safety
from photodose.planning.make import plan
from photodose.planning.protocol import Plan, Protocol
from photodose.planning.screened import screen
from photodose.planning.several import Together, plan_together
from photodose.planning.trials import TrialsAnswer, trials

__all__ = [
    "AfterCare",
    "ClaimsAnswer",
    "Comparison",
    "Equivalent",
    "Plan",
    "Protocol",
    "SafetyAnswer",
    "Together",
    "TrialsAnswer",
    "after_treatment",
    "check_device",
    "claims",
    "compare",
    "devices",
    "drugs",
    "equivalent",
    "goals",
    "plan",
    "plan_together",
    "safety",
    "screen",
    "skins",
    "trials",
]
