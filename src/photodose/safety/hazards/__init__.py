"""Photobiological hazard of lamps: IEC 62471:2006 and ICNIRP 2013, editions apart, in the order of the standards."""

from photodose.safety.hazards.assessment import HazardAssessment, assess
from photodose.safety.hazards.device import lamp_of, mode_names
from photodose.safety.hazards.evaluate import Hazard
from photodose.safety.hazards.lamp import MOST_DISTANCE_CM, Lamp, LightBand
from photodose.safety.hazards.tables import EYES, standards

__all__ = [
    "EYES", "MOST_DISTANCE_CM", "Hazard", "HazardAssessment", "Lamp", "LightBand", "assess", "lamp_of", "mode_names",
    "standards",
]  # fmt: skip
