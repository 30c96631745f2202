"""Lists of what can be asked for, as the command line, Python and HTTP give them."""

from __future__ import annotations

from typing import Any

from photodose import devices as device_room
from photodose import evidence, safety
from photodose.quantities import InputError, plain
from photodose.tissue import sites
from photodose.tissue.pigmentation import fitzpatrick_ranges
from photodose.tissue.sites import site_sources


def devices(kind: str | None = None) -> dict[str, Any]:
    """The catalogue, or one kind of it."""
    rows = [item.to_dict() for item in device_room.catalogue(kind)]
    return {"devices": rows, "sources": [], "warnings": []}


def check_device(path: str) -> dict[str, Any]:
    """Validate a user's own device file.

    Raises
    ------
    InputError, RangeError, UnknownNameError
        With one sentence about the first thing that is wrong.
    """
    problems = device_room.check(path)
    if problems:
        more = f" (and {len(problems) - 1} more: {' '.join(problems[1:])})" if len(problems) > 1 else ""
        raise InputError(problems[0] + more)
    unit = device_room.device(path)
    content = unit.to_dict()
    warnings = [
        f"{band.peak_nm:g} nm has no irradiance: give --irradiance-mw-cm2 or --assume when you use it."
        for band in unit.bands
        if band.irradiance_mw_cm2 is None and not unit.emitters
    ]
    return {"valid": True, "device": content, "sources": content["sources"], "warnings": warnings}


def skins() -> dict[str, Any]:
    """Sites and skin types that can be asked for."""
    rows = [
        {
            "id": item.id,
            "name": item.name,
            "synonyms": list(item.synonyms),
            "region": item.region,
            "thickness_mm": {name: quantity.mean for name, quantity in item.thickness.__dict__.items()},
            "below_fat": item.below_fat,
            "targets": list(item.targets),
        }
        for item in sites()
    ]
    types = [
        {"skin_type": name, "ita_deg": item.ita_deg.mean, "ita_sd_deg": item.ita_deg.sd}
        for name, item in fitzpatrick_ranges().items()
    ]
    unique = {row["citation"]: row for item in sites() for row in site_sources(item)}
    warnings = ["Skin type is a poor measure of how light travels; a measured ITA is better."]
    return {"sites": rows, "skin_types": types, "sources": list(unique.values()), "warnings": warnings}


def goals() -> dict[str, Any]:
    """Every claim made for the light, with its certainty and verdict."""
    rows = [plain(item) for item in evidence.goals()]
    return {"goals": rows, "sources": [], "warnings": []}


def drugs(text: str | None = None) -> dict[str, Any]:
    """Medicines, supplements and skincare that the screening knows; a text finds ingredient, brand or typo."""
    rows = [
        {
            "id": item.id,
            "name": item.name,
            "drug_class": item.drug_class,
            "brands": plain(item.brands),
            "by_band": {band: getattr(item.by_band, band).verdict for band in ("blue", "red", "nir")},
            "why": item.why,
            "action_spectrum": item.action_spectrum,
            "sources": plain(item.sources),
        }
        for item in safety.drugs(text)
    ]
    return {"drugs": rows, "sources": [], "warnings": []}
