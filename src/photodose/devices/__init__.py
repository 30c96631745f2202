"""Devices: catalogue and device files, emitters and arrays, meters, and the irradiance they put on the skin."""

from photodose.devices import array, meter
from photodose.devices.claims import TrueRatio, true_ratio
from photodose.devices.enclosure import enclosure_gain
from photodose.devices.exposure import Enclosure, Exposure, ExposureBand, exposure
from photodose.devices.model import Band, Device, Emitter
from photodose.devices.prior import prior
from photodose.devices.reading import KINDS, catalogue, check, device
from photodose.devices.sizes import usual_size_cm
from photodose.quantities.rooms import make_callable

__all__ = [
    "KINDS",
    "Band",
    "Device",
    "Emitter",
    "Enclosure",
    "Exposure",
    "ExposureBand",
    "TrueRatio",
    "array",
    "catalogue",
    "check",
    "device",
    "enclosure_gain",
    "exposure",
    "meter",
    "prior",
    "true_ratio",
    "usual_size_cm",
]

make_callable(__name__)
