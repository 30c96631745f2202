"""The screening of a person for one device: the device's own bands and recalls enter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from photodose import devices, safety
from photodose.devices import Device
from photodose.safety import Screening

GOAL_CONDITIONS: Final = {
    "eczema": "eczema",
    "psoriasis": "psoriasis",
    "rosacea": "rosacea",
    "wound_healing": "open wound",
}
"""Conditions that a person with this goal has: whoever wants a wound to heal has one."""


def goal_conditions(goals: Iterable[str], told: Iterable[str] = ()) -> list[str]:
    """The conditions told, and those that the goals imply and nobody told."""
    given = list(told)
    known = {text.strip().casefold() for text in given}
    implied = [GOAL_CONDITIONS[goal] for goal in goals if goal in GOAL_CONDITIONS]
    return [*given, *(name for name in dict.fromkeys(implied) if name not in known)]


def screen(
    drugs: Iterable[str] = (),
    conditions: Iterable[str] = (),
    device: Device | str | None = None,
    site: str | None = None,
    age: float | None = None,
    skin_type: str | None = None,
    pulsed: bool = False,
) -> Screening:
    """Verdict clear / caution / ask / stop for a person, and for one device if it is given.

    Parameters
    ----------
    drugs, conditions : iterable of str
        As a person would type them; an unknown name is never clear.
    device : Device, str or None
        Judge the bands that this device emits, and its recalls; all bands unless given.
    site : str or None
        Site id.
    age : float or None
        Age [years].
    skin_type : str or None
        Fitzpatrick type.
    pulsed : bool
        Whether the light flashes in a way that eyes or nerves could follow.

    Raises
    ------
    InputError, RangeError, UnknownNameError
    """
    if device is None:
        return safety.screen(drugs, conditions, site=site, age=age, skin_type=skin_type, pulsed=pulsed)
    unit = devices.device(device) if isinstance(device, str) else device
    widths = [band.fwhm_nm for band in unit.bands]
    return safety.screen(
        drugs,
        conditions,
        bands=safety.bands_of(list(unit.wavelengths_nm), widths),
        site=site,
        age=age,
        skin_type=skin_type,
        pulsed=pulsed,
        recalls=unit.recalls,
    )
