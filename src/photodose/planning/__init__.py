"""Where the threads meet: equivalent exposure, plans, verdicts, claims judged."""

from photodose.planning.answers import check_device, devices, drugs, goals, skins
from photodose.planning.equivalent import Equivalent, equivalent
from photodose.planning.protocol import Plan, Protocol, plan
from photodose.planning.screened import screen

__all__ = [
    "Equivalent",
    "Plan",
    "Protocol",
    "check_device",
    "devices",
    "drugs",
    "equivalent",
    "goals",
    "plan",
    "screen",
    "skins",
]
