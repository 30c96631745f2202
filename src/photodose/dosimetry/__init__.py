"""Device + skin + transport -> irradiance, radiant exposure, fluence by depth and target, heat, uncertainty."""

from photodose.dosimetry.delivered import BandDose, Dose, TargetDose, dose, exposure_on
from photodose.dosimetry.relative import RelativeFluence, relative_fluence
from photodose.dosimetry.sampled import SampledDose, sampled_dose, sampled_fluence

__all__ = [
    "BandDose",
    "Dose",
    "RelativeFluence",
    "SampledDose",
    "TargetDose",
    "dose",
    "exposure_on",
    "relative_fluence",
    "sampled_dose",
    "sampled_fluence",
]
