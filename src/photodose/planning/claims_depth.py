"""How much light is left at a depth that an advert names: a physical claim answered by the transport of light."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from photodose.dosimetry import relative_fluence
from photodose.dosimetry.uncertainty import Response, response_design
from photodose.evidence.claims import Amount
from photodose.optics import Incidence, Spectrum
from photodose.quantities import Estimate, plain
from photodose.quantities.constants import WAVELENGTH_RANGE_NM
from photodose.tissue import Skin, skin
from photodose.transport import slab

DEEPEST_MM: Final = 150.0
"""Deeper than this is through the body; no number is given."""
BELOW_MM: Final = 30.0
"""Tissue kept below the depth asked for, so that what lies under the stack does not matter."""
USUAL_PEAKS_NM: Final = (660.0, 850.0)
"""Bands taken where a text names none: the two that most devices have."""
VISIBLE_LIMIT_NM: Final = 700.0
USUAL_DEPTHS_MM: Final = (1.0, 5.0, 10.0, 20.0)
"""Depths shown for a claim that only says "deep"."""
USUAL_SKIN_TYPE: Final = "III"
USUAL_SITE: Final = "calf"
LED_FWHM_NM: Final = 20.0
_TARGETS: Final = (
    ("hair bulb", "scalp", re.compile(r" (?:follicles?|hair roots?|bulbs?) ")),
    ("joint capsule", "knee", re.compile(r" (?:joints?|cartilage|capsule|synovial|knees?) ")),
    ("tendon", "calf", re.compile(r" (?:tendons?|ligaments?) ")),
    ("muscle", "calf", re.compile(r" (?:muscles?|muscular) ")),
    ("reticular dermis", "cheek", re.compile(r" (?:dermis|dermal|fibroblasts?) ")),
)
"""What a sentence names, where it is looked up if the person's own site lacks it; the deepest named wins by order."""


@dataclass(frozen=True, slots=True)
class DepthShare:
    """Fluence rate at a place, relative to the irradiance on the skin, of one band.

    Attributes
    ----------
    place : str
        In words: "50 mm" or "the muscle (6.1 to 16 mm)".
    depth_mm : (float, float)
    peak_nm : float
    share : Estimate
        Of the incident irradiance; near the surface it may exceed 1, because light comes back from below.
    site, skin_type : str
        Whose skin.
    """

    place: str
    depth_mm: tuple[float, float]
    peak_nm: float
    share: Estimate
    site: str
    skin_type: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "place": self.place,
            "depth_mm": list(self.depth_mm),
            "peak_nm": self.peak_nm,
            "share_of_irradiance": plain(self.share),
            "site": self.site,
            "skin": self.skin_type,
        }


@lru_cache(maxsize=32)
def _usual_skin(site: str) -> Skin:
    return skin(site, skin_type=USUAL_SKIN_TYPE)


def _at_depths(
    person: Skin, peaks_nm: tuple[float, ...], depths_mm: tuple[float, ...]
) -> tuple[tuple[Estimate, ...], ...]:
    """Relative fluence rate (band, depth) with the interval from the skin's uncertain parameters.

    As `dosimetry.relative_fluence`, but the lowest layer goes on as deep as the claim: an advert may name a depth below
    the skin model's stack.
    """
    offsets = response_design()
    optical = person.optical(np.asarray(peaks_nm), offsets)
    flat = optical.flat()
    thickness = np.array(flat["thickness_mm"])
    missing = max(depths_mm) + BELOW_MM - thickness.sum(axis=1)
    thickness[:, -1] += np.maximum(missing, 0.0)
    flat["thickness_mm"] = thickness
    answer = slab.solve_batch(
        **flat,
        depths_mm=np.asarray(depths_mm),
        outside_index=person.outside_index,
        outside_index_below=float(optical.refractive_index[0, 0, -1]),
        incidence=Incidence(kind="diffuse"),
    )
    rate = answer.fluence_rate.reshape(offsets.shape[0], len(peaks_nm), len(depths_mm))
    low, high = Response.fitted(rate).spread()
    return tuple(
        tuple(_estimate(float(rate[0, b, d]), float(low[b, d]), float(high[b, d])) for d in range(len(depths_mm)))
        for b in range(len(peaks_nm))
    )


def _estimate(value: float, low: float, high: float) -> Estimate:
    """A value with its interval from the ends of its logarithm's spread."""
    return Estimate(value, value * math.exp(low), value * math.exp(high))


def _at_target(person: Skin, peaks_nm: tuple[float, ...], target: str) -> tuple[Estimate, ...]:
    """Relative fluence rate averaged over a target, by band."""
    place = [item.name for item in person.targets].index(target)
    light = relative_fluence(
        person, [Spectrum.gaussian(peak, LED_FWHM_NM) for peak in peaks_nm], Incidence(kind="diffuse")
    )
    low, high = light.target_response[:, place].spread()
    return tuple(
        _estimate(float(light.targets[band, place]), float(low[band]), float(high[band]))
        for band in range(len(peaks_nm))
    )


def peaks_of_claim(normalised: str, amounts: Sequence[Amount], others_nm: Sequence[float]) -> tuple[float, ...]:
    """Bands that a depth claim speaks of: its own wavelengths, else the device's or the text's, else 660 and 850 nm.

    "Infrared" in the sentence leaves the bands beyond 700 nm, "red" alone those up to it, where that leaves any.
    """
    low, high = WAVELENGTH_RANGE_NM
    own = [value for item in amounts if item.unit == "nm" for value in (item.low, item.value) if value is not None]
    peaks = [peak for peak in (own or others_nm) if low <= peak <= high] or list(USUAL_PEAKS_NM)
    if " infrared " in normalised or " nir " in normalised:
        chosen = [peak for peak in peaks if peak > VISIBLE_LIMIT_NM] or [USUAL_PEAKS_NM[1]]
    elif " red " in normalised:
        chosen = [peak for peak in peaks if peak <= VISIBLE_LIMIT_NM] or [USUAL_PEAKS_NM[0]]
    else:
        chosen = peaks
    return tuple(sorted(set(chosen)))[-3:]


@dataclass(frozen=True, slots=True)
class DepthQuestion:
    """What a depth claim asks of physics: bands [nm], depths [mm] or a target with the site to look it up at."""

    peaks_nm: tuple[float, ...]
    depths_mm: tuple[float, ...]
    target: tuple[str, str] | None


def depth_question(normalised: str, amounts: Sequence[Amount], others_nm: Sequence[float] = ()) -> DepthQuestion:
    """The question behind a claim's sentence.

    Parameters
    ----------
    normalised : str
        The claim's sentence as the rules saw it.
    amounts : sequence of Amount
        Its numbers; the largest length is the depth.
    others_nm : sequence of float
        Wavelengths of the device or of the text, used where the sentence names none [nm].
    """
    peaks = peaks_of_claim(normalised, amounts, others_nm)
    lengths = [item.value for item in amounts if item.unit == "mm" and item.value > 0.0]
    if lengths:
        return DepthQuestion(peaks, (max(lengths),), None)
    named = next(((target, site) for target, site, words in _TARGETS if words.search(normalised)), None)
    return DepthQuestion(peaks if named else peaks[-1:], () if named else USUAL_DEPTHS_MM, named)


def depth_shares(question: DepthQuestion, person: Skin | None) -> tuple[DepthShare, ...]:
    """What is left of the light where a claim says that it goes.

    Parameters
    ----------
    question : DepthQuestion
    person : Skin or None
        Whose skin; a type III skin at a fitting site unless given.

    Returns
    -------
    tuple of DepthShare
        One for each band and depth; empty beyond 150 mm.
    """
    if question.target is not None:
        return _named(person, question.peaks_nm, *question.target)
    if max(question.depths_mm) > DEEPEST_MM:
        return ()
    return _numbered(person or _usual_skin(USUAL_SITE), question.peaks_nm, question.depths_mm)


def _numbered(person: Skin, peaks_nm: tuple[float, ...], depths_mm: tuple[float, ...]) -> tuple[DepthShare, ...]:
    table = _at_depths(person, peaks_nm, depths_mm)
    return tuple(
        DepthShare(f"{depth:g} mm", (depth, depth), peak, table[b][d], person.site.id, _skin_words(person))
        for b, peak in enumerate(peaks_nm)
        for d, depth in enumerate(depths_mm)
    )


def _named(person: Skin | None, peaks_nm: tuple[float, ...], target: str, site: str) -> tuple[DepthShare, ...]:
    own = person if person is not None and target in {item.name for item in person.targets} else None
    if own is None:
        own = _usual_skin(site) if person is None else skin(site, ita_deg=person.ita_deg, ita_sd_deg=person.ita_sd_deg)
    where = next(item for item in own.targets if item.name == target)
    shares = _at_target(own, peaks_nm, target)
    words = f"the {target} ({where.upper_mm:.2g} to {where.lower_mm:.2g} mm)"
    return tuple(
        DepthShare(words, (where.upper_mm, where.lower_mm), peak, share, own.site.id, _skin_words(own))
        for peak, share in zip(peaks_nm, shares, strict=True)
    )


def _skin_words(person: Skin) -> str:
    return f"type {person.skin_type}" if person.skin_type else f"ITA {person.ita_deg:.0f} degrees"


def share_words(share: float) -> str:
    """A share a person can picture: "12 %", "0.3 %", "1 part in 40,000".

    Examples
    --------
    >>> share_words(0.123), share_words(0.00002), share_words(0.0)
    ('12 %', '1 part in 50,000', 'nothing')
    """
    if share >= 1e-3:
        return f"{100.0 * share:.2g} %" if share < 0.995 else f"{100.0 * share:.0f} %"
    if share <= 1e-15:
        return "nothing"
    digits = 10.0 ** np.floor(np.log10(1.0 / share) - 1.0)
    parts = float(np.round(1.0 / share / digits) * digits)
    if parts < 1e6:
        return f"1 part in {parts:,.0f}"
    return f"1 part in {parts / 1e6:,.0f} million" if parts < 1e9 else "less than 1 part in a billion"
