"""A device and a skin as plain values from which the same ones can be built again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from photodose import devices
from photodose.data import resolve_name
from photodose.devices import Device
from photodose.quantities import InputError, PhotodoseError, plain
from photodose.tissue import Skin
from photodose.tissue import skin as make_skin


def device_input(unit: Device) -> str | dict[str, Any]:
    """The id of a device of the catalogue, or the content of a device file."""
    if unit.origin == "catalogue":
        return unit.id
    spec: dict[str, Any] = {
        "id": unit.id,
        "name": unit.name,
        "kind": unit.kind,
        "light_source": unit.light_source,
        "distance_cm": None if unit.distance_assumed else unit.distance_cm,
        "lambertian_order": unit.lambertian_order,
        "bands": [_band(band) for band in unit.bands],
        "modes": [{"name": mode.name, "peaks_nm": list(mode.peaks_nm)} for mode in unit.modes],
        "session_minutes": unit.session_minutes,
        "per_week": unit.per_week,
        "trial": unit.trial,
        "leds": unit.leds,
        "lasers": unit.lasers,
        "maker": unit.maker,
        "form": unit.form,
        "eye_protection": unit.eye_protection,
        "limits": list(unit.limits),
        "notes": list(unit.notes),
        "unverified_fields": list(unit.unverified_fields),
        "recalls": plain(unit.recalls),
        "clearance": plain(unit.clearance),
        "sources": plain(unit.sources),
    }
    if unit.size_cm is not None:
        spec["emitting_area_cm2" if unit.size_assumed else "size_cm"] = (
            unit.emitting_area_cm2 if unit.size_assumed else list(unit.size_cm)
        )
    if unit.emitters:
        spec["array"] = {
            "basis": unit.array_basis,
            "emitters": [
                {
                    "position_mm": list(item.position_mm),
                    "direction": list(item.direction),
                    "radiant_power_mw": item.radiant_power_mw,
                    "lambertian_order": item.lambertian_order,
                    "band": item.band_nm,
                }
                for item in unit.emitters
            ],
        }
    return _without_none(spec)


def _band(band: Any) -> dict[str, Any]:
    content = {
        "peak_nm": band.peak_nm,
        "peak_confidence": band.peak_confidence,
        "fwhm_nm": None if band.fwhm_assumed else band.fwhm_nm,
        "spectrum": None
        if band.table is None
        else dict(zip(("wavelength_nm", "power"), map(list, band.table), strict=True)),
        "light_source": band.light_source,
        "irradiance_mw_cm2": band.irradiance_mw_cm2,
        "irradiance_basis": band.basis,
        "irradiance_condition": band.condition,
        "irradiance_statistic": band.statistic,
        "irradiance_split": band.split,
        "at_cm": band.at_cm,
        "irradiance_source": plain(band.source),
        "note": band.note,
    }
    return _without_none(content)


def _without_none(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if value is not None}


def skin_input(skin: Skin) -> dict[str, Any]:
    """Site, ITA and type, with what sets this skin apart from others of its kind."""
    content: dict[str, Any] = {"site": skin.site.id, "ita_deg": skin.ita_deg, "ita_sd_deg": skin.ita_sd_deg}
    if skin.skin_type is not None:
        content["skin_type"] = skin.skin_type
    if any(skin.z):
        content["z"] = list(skin.z)
    if skin.outside_index != 1.0:
        content["outside_index"] = skin.outside_index
    return content


def device_of(content: Any) -> Device:
    """The device that `device_input` described: an id of the catalogue or a file's content, never a path to read.

    Raises
    ------
    InputError, UnknownNameError
    """
    if isinstance(content, Mapping):
        return devices.device(dict(content))
    if not isinstance(content, str):
        raise InputError("the plan names no device.")
    known = {item.id: item for item in devices.catalogue()}
    return resolve_name("device", content, known)


def skin_of(content: Any) -> Skin:
    """The skin that `skin_input` described.

    Raises
    ------
    InputError
    """
    if not isinstance(content, Mapping) or "site" not in content:
        raise InputError("the plan names no skin.")
    known = {"site", "skin_type", "ita_deg", "ita_sd_deg", "z", "outside_index"}
    if set(content) - known:
        raise InputError(f"the plan's skin has unknown entries: {', '.join(sorted(set(content) - known))}.")
    plainly = {key: content[key] for key in ("skin_type", "ita_deg", "ita_sd_deg", "outside_index") if key in content}
    try:
        found = make_skin(content["site"], **plainly)
        return replace(found, z=tuple(float(value) for value in content["z"])) if "z" in content else found
    except PhotodoseError:
        raise
    except (TypeError, ValueError) as problem:
        raise InputError(f"the plan's skin is not usable: {problem}.") from None
