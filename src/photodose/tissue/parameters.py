"""The uncertain parameters of a skin: its coordinates and what they do to its layers.

A skin is a point in a space of coordinates u, one for each parameter in `PARAMETERS`; zero is the calibrated median
skin of its site. They are a linear map of independent standard-normal coordinates z (`calibration.people_map`), so
that sampling a skin, perturbing it to second order and asking which parameter matters most are the same operation on z.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from photodose.data import load_document
from photodose.data.schema_tissue import Composition, CompositionDocument, Quantity, Site

FloatArray = NDArray[np.float64]

PARAMETERS: Final[dict[str, str]] = {
    "melanin": "melanin",
    "dermal_blood": "blood",
    "saturation": "blood",
    "baseline_absorption": "blood",
    "deep_blood": "blood",
    "stratum_corneum": "thickness",
    "living_epidermis": "thickness",
    "dermis": "thickness",
    "subcutaneous_fat": "thickness",
    "dermal_scattering": "scattering",
    "scattering_power": "scattering",
    "epidermal_scattering": "scattering",
    "deep_scattering": "scattering",
}
"""Parameter -> the group under which its share of a dose's variance is reported."""

INDEX: Final = {name: number for number, name in enumerate(PARAMETERS)}

SKIN_LAYERS: Final = (
    "stratum corneum",
    "living epidermis",
    "papillary dermis",
    "upper blood net",
    "reticular dermis",
    "deep blood net",
    "subcutaneous fat",
)


@cache
def composition() -> CompositionDocument:
    return load_document("tissue/composition", CompositionDocument)


@cache
def layers_of(below_fat: str) -> tuple[Composition, ...]:
    """Composition of the layers of a site from the surface down, the tissue below the fat last."""
    by_name = {item.layer: item for item in composition().layers}
    return tuple(by_name[name] for name in (*SKIN_LAYERS, below_fat))  # type: ignore[index]


def log_sd(quantity: Quantity) -> float:
    """Standard deviation of the logarithm of a lognormal quantity from its mean and standard deviation."""
    return math.sqrt(math.log1p((quantity.sd / quantity.mean) ** 2)) if quantity.mean else 0.0


def between_people_sd(site: Site) -> FloatArray:
    """Standard deviation between people of each coordinate u at a site, shape (p,).

    Coordinates are logarithms of factors, except the logit of the saturation and the plain difference of the scattering
    power. Melanin is 0: it has its own spread, from that of the skin's colour.
    """
    by_name = {item.layer: item for item in composition().layers}
    dermis, epidermis, fat = (by_name[name] for name in ("reticular dermis", "living epidermis", "subcutaneous fat"))
    saturation, t = composition().parameters["saturation"], site.thickness
    sd = {
        "melanin": 0.0,
        "dermal_blood": math.hypot(log_sd(dermis.blood_fraction), log_sd(site.blood_factor)),
        "saturation": saturation.sd / (saturation.mean * (1.0 - saturation.mean)),
        "baseline_absorption": log_sd(dermis.baseline_scale),
        "deep_blood": log_sd(fat.blood_fraction),
        "stratum_corneum": log_sd(t.stratum_corneum),
        "living_epidermis": log_sd(t.living_epidermis),
        "dermis": log_sd(t.dermis),
        "subcutaneous_fat": log_sd(t.subcutaneous_fat),
        "dermal_scattering": log_sd(dermis.reduced_scattering_500nm_per_mm),
        "scattering_power": dermis.scattering_power.sd,
        "epidermal_scattering": log_sd(epidermis.reduced_scattering_500nm_per_mm),
        "deep_scattering": log_sd(fat.reduced_scattering_500nm_per_mm),
    }
    return np.array([sd[name] for name in PARAMETERS])


def moved(quantity: Quantity, u: FloatArray, reference: Quantity) -> FloatArray:
    """A lognormal quantity at the coordinate u of its kind; u is the logarithm of the factor of the reference quantity.

    Layers that share a coordinate move together, each by its own spread: at one standard deviation of the reference,
    each is one of its own away from its mean.
    """
    scale = log_sd(quantity) / log_sd(reference) if log_sd(reference) else 0.0
    return np.asarray(quantity.mean * np.exp(scale * u))


def logistic(x: FloatArray | float) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(x, dtype=float))))


def logit(x: float) -> float:
    return math.log(x / (1.0 - x))


MELANOSOME_POWER_RANGE: Final = (2.8, 4.0)
"""Published slopes of the melanosome's absorption; the calibration moves the power inside them on a logistic scale."""


def melanosome_power(shift: float) -> float:
    """Power of the eumelanin's absorption at a shift on the logistic scale between the published slopes."""
    low, high = MELANOSOME_POWER_RANGE
    start = logit((composition().parameters["melanosome_power"].mean - low) / (high - low))
    return low + (high - low) * float(logistic(start + shift))


@dataclass(frozen=True, slots=True)
class SkinArrays:
    """A batch of skins as plain arrays; n skins, L layers.

    Attributes
    ----------
    thickness_mm : ndarray (n, L)
    blood_fraction, baseline_scale, reduced_scattering_500nm_per_mm, scattering_power : ndarray (n, L)
    saturation : ndarray (n,)
    melanosome_fraction : ndarray (n,)
    water_fraction : ndarray (L,)
    melanosome_power, pheomelanin_share : float
        Spectrum of the melanosomes (`chromophores.melanosome_absorption_per_mm`).
    """

    layers: tuple[Composition, ...]
    thickness_mm: FloatArray
    blood_fraction: FloatArray
    baseline_scale: FloatArray
    reduced_scattering_500nm_per_mm: FloatArray
    scattering_power: FloatArray
    saturation: FloatArray
    melanosome_fraction: FloatArray
    water_fraction: FloatArray
    melanosome_power: float
    pheomelanin_share: float


def _thicknesses(site: Site, u: FloatArray) -> FloatArray:
    parameters = composition().parameters
    t = site.thickness
    dermis = t.dermis.mean * np.exp(u[:, INDEX["dermis"]])
    papillary = parameters["papillary_dermis_mm"].mean
    net = parameters["upper_blood_net_mm"].mean
    deep = parameters["deep_blood_net_share_of_dermis"].mean
    # in a thin dermis the two upper sublayers give way in proportion, so that the reticular dermis never vanishes
    squeeze = np.minimum(1.0, 0.5 * dermis / (papillary + net))
    upper = np.stack([papillary * squeeze, net * squeeze], axis=1)
    lower = np.stack([dermis * (1.0 - deep) - upper.sum(axis=1), dermis * deep], axis=1)
    return np.column_stack(
        [
            t.stratum_corneum.mean * np.exp(u[:, INDEX["stratum_corneum"]]),
            t.living_epidermis.mean * np.exp(u[:, INDEX["living_epidermis"]]),
            upper,
            lower,
            t.subcutaneous_fat.mean * np.exp(u[:, INDEX["subcutaneous_fat"]]),
            np.full(u.shape[0], parameters["below_fat_mm"].mean),
        ]
    )


def skin_arrays(site: Site, u: FloatArray, melanosome_fraction: FloatArray, shifts: Mapping[str, float]) -> SkinArrays:
    """Composition and geometry of a batch of skins of one site.

    Parameters
    ----------
    site : Site
    u : ndarray (n, parameter)
        Coordinates in the order of `PARAMETERS` about the calibrated median: logarithms of factors, the logit of the
        saturation, the plain difference of the scattering power. The column "melanin" is not used here, because
        melanin arrives as the finished fraction.
    melanosome_fraction : ndarray (n,)
        Volume fraction of melanosomes in the living epidermis, 0 to 1.
    shifts : mapping
        From tissue/composition to the calibrated median, by name of calibrated parameter (`calibration.shifts`).
    """
    layers = layers_of(site.below_fat)
    dermis, fat, epidermis = layers[4], layers[6], layers[1]
    blood, base, scatter, power = [], [], [], []
    for number, layer in enumerate(layers):
        kind = "epidermal" if number < 2 else "dermal" if number < 6 else "deep"
        blood_shift, base_shift, scatter_shift, power_shift = _layer_shifts(layer, kind, shifts)
        like = {"epidermal": epidermis, "dermal": dermis, "deep": fat}[kind]
        name = "deep_blood" if kind == "deep" else "dermal_blood"
        site_blood = site.blood_factor.mean if kind == "dermal" else 1.0
        amount = moved(layer.blood_fraction, u[:, INDEX[name]], like.blood_fraction)
        blood.append(np.minimum(site_blood * math.exp(blood_shift) * amount, 0.9))
        baseline = moved(layer.baseline_scale, u[:, INDEX["baseline_absorption"]], dermis.baseline_scale)
        base.append(math.exp(base_shift) * baseline)
        s500, like_s500 = layer.reduced_scattering_500nm_per_mm, like.reduced_scattering_500nm_per_mm
        scatter.append(math.exp(scatter_shift) * moved(s500, u[:, INDEX[f"{kind}_scattering"]], like_s500))
        slope = layer.scattering_power.sd / dermis.scattering_power.sd * u[:, INDEX["scattering_power"]]
        power.append(layer.scattering_power.mean + power_shift + slope)
    parameters = composition().parameters
    return SkinArrays(
        layers=layers,
        thickness_mm=_thicknesses(site, u),
        blood_fraction=np.stack(blood, axis=1),
        baseline_scale=np.stack(base, axis=1),
        reduced_scattering_500nm_per_mm=np.stack(scatter, axis=1),
        scattering_power=np.stack(power, axis=1),
        saturation=logistic(logit(parameters["saturation"].mean) + shifts["saturation"] + u[:, INDEX["saturation"]]),
        melanosome_fraction=np.asarray(melanosome_fraction, dtype=float),
        water_fraction=np.array(
            [
                x.water_fraction.mean * (math.exp(shifts["dermal_water"]) if 2 <= i < 6 else 1.0)
                for i, x in enumerate(layers)
            ]
        ),
        melanosome_power=melanosome_power(shifts["melanosome_power"]),
        pheomelanin_share=float(logistic(logit(parameters["pheomelanin_share"].mean) + shifts["pheomelanin_share"])),
    )


def _layer_shifts(layer: Composition, kind: str, shifts: Mapping[str, float]) -> tuple[float, float, float, float]:
    """Calibrated shifts of one layer: its blood, baseline and scattering (logarithms), its scattering power."""
    if kind == "epidermal":
        return 0.0, 0.0, shifts["epidermal_scattering"], 0.0
    if kind == "dermal":
        net = shifts["blood_nets"] if "net" in layer.layer else 0.0
        return (
            shifts["dermal_blood"] + net,
            shifts["baseline_absorption"],
            shifts["dermal_scattering"],
            shifts["scattering_power"],
        )
    if layer.layer == "subcutaneous fat":
        return shifts["deep_blood"], 0.0, shifts["deep_scattering"], 0.0
    return 0.0, 0.0, 0.0, 0.0
