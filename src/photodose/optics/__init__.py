"""Spectral distributions, phase functions, Fresnel and the layered medium that transport solves."""

from photodose.optics.fresnel import critical_cosine, fresnel_reflectance, refracted_cosine
from photodose.optics.incidence import Incidence
from photodose.optics.layers import Layer, LayerStack
from photodose.optics.phase import henyey_greenstein, henyey_greenstein_moments
from photodose.optics.spectrum import Spectrum

__all__ = [
    "Incidence",
    "Layer",
    "LayerStack",
    "Spectrum",
    "critical_cosine",
    "fresnel_reflectance",
    "henyey_greenstein",
    "henyey_greenstein_moments",
    "refracted_cosine",
]
