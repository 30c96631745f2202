"""What a skin's temperature means, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from photodose.quantities import short, short_down

if TYPE_CHECKING:
    from photodose.dosimetry.heat import HeatResult

LIMIT: Final = "41 degrees or pain is the end: stop at once, whatever the plan says."

STARS: Final = (
    "In the STARS trials the forearm of healthy adults, in a clinic, bore 320 J/cm2 of red light (skin of colour) "
    "or 480 J/cm2 (non-Hispanic white skin). That is never a ceiling for a face at home. "
    "In the CURES trial 160 to 480 J/cm2 made fresh scars blister."
)
"""Jagdeo 2020, doi:10.1002/jbio.201960014 (STARS); pubmed 33788987 (CURES)."""

NERVES: Final = "Do not count on pain if you feel heat badly, for example with diabetes or over a scar."
"""People with diabetes were left out of STARS (protocol: Ho 2016, doi:10.1186/s13063-016-1518-7, Table 1)."""

MODEL: Final = "This is a model of an average person that errs to the warm side; blood flow, room and fit differ."

NOTABLE_C: Final = 0.1
"""Smallest difference worth a word [K]."""

BEYOND_C: Final = 70.0
BEYOND_CEM43_MIN: Final = 1000.0
"""Words and JSON end here: so far beyond any burn a model of living skin says nothing with its number. A judgement:
both lie far above what skin survives (the classic times to a burn, Moritz & Henriques 1947, were not opened)."""


def _minutes(seconds: float) -> str:
    if seconds < 90.0:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60.0:.0f} minutes"


def until(seconds: float) -> str:
    """A time to a limit, never rounded up."""
    if seconds < 2.0:
        return "less than 1 second" if seconds < 1.0 else "about 1 second"
    return f"{short_down(seconds)} seconds" if seconds < 120.0 else f"{short_down(seconds / 60.0)} minutes"


def _course(result: HeatResult) -> str:
    start, end, highest = result.surface_start_c, result.surface_end_c, result.surface_max_c
    session = _minutes(result.duration_s)
    if highest > BEYOND_C:
        return (
            f"Your skin warms from {start:.1f} to more than {BEYOND_C:g} degrees within the {session}: "
            "far beyond burning."
        )
    if highest - start < NOTABLE_C and abs(end - start) < NOTABLE_C:
        return f"Your skin stays at {start:.1f} degrees over the {session}."
    if end < start:
        return f"Your skin cools from {start:.1f} to {end:.1f} degrees over the {session}."
    peak = f" and reaches {highest:.1f} on the way" if highest - end > NOTABLE_C else ""
    return f"Your skin warms from {start:.1f} to {end:.1f} degrees over the {session}{peak}."


def _limit(result: HeatResult) -> str:
    reached = result.time_to_c(41.0)
    if reached is None:
        return "Even if the light stays on for an hour it does not reach 41 degrees."
    if reached == 0.0:
        return "Some of it is at 41 degrees before the light starts: do not use the light."
    if reached <= result.duration_s:
        return f"Its hottest part reaches 41 degrees after {until(reached)}: this session is too long or too strong."
    return f"With the light left on, its hottest part would reach 41 degrees after {until(reached)}."


def _heat_dose(result: HeatResult) -> str | None:
    if result.cem43_max_min < 0.01:
        return None
    if result.cem43_max_min > BEYOND_CEM43_MIN:
        return (
            f"The heat counts like more than {BEYOND_CEM43_MIN:g} minutes at 43 degrees (CEM43), far beyond burning; "
            "this session should leave none."
        )
    return (
        f"The heat counts like {short(result.cem43_max_min)} minutes at 43 degrees (CEM43); "
        "this session should leave none."
    )


def _compared(result: HeatResult, lighter: HeatResult) -> str:
    more = (result.surface_end_c - result.surface_start_c) - (lighter.surface_end_c - lighter.surface_start_c)
    if result.surface_max_c > BEYOND_C:
        return (
            "The same light warms your skin more than light skin, "
            "since darker skin takes up more light near its surface."
        )
    if more < NOTABLE_C:
        return "With this light, darker skin and lighter skin warm about the same."
    return (
        f"The same light warms your skin {more:.1f} degrees more than light skin, "
        "since darker skin takes up more light near its surface."
    )


def explain(result: HeatResult, lighter: HeatResult | None = None) -> tuple[str, ...]:
    """What the temperature means, sentence by sentence.

    Parameters
    ----------
    result : HeatResult
    lighter : HeatResult or None
        The same light on light skin, to say what darker skin changes.

    Returns
    -------
    tuple of str
    """
    words = [_course(result), _limit(result), _heat_dose(result)]
    if lighter is not None:
        words.append(_compared(result, lighter))
    words += [LIMIT, NERVES, MODEL, STARS]
    return tuple(word for word in words if word is not None)
