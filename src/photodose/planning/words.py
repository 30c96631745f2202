"""The sentences of a plan: why these minutes, what limits them, what would be better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from photodose.data.schema_evidence import Indication
from photodose.devices import Device
from photodose.evidence import TrialExposure
from photodose.planning.equivalent import SURFACE, TOO_FAR, Equivalent, is_about
from photodose.quantities import short
from photodose.tissue import Skin, site

NOT_PROVEN: Final = "Equal fluence at another irradiance is not proven equal in effect"


def minutes_words(minutes: float) -> str:
    """`12 min`, `2 min 30 s`, `45 s`."""
    seconds = round(60.0 * minutes)
    whole, rest = divmod(seconds, 60)
    parts = ([f"{whole} min"] if whole else []) + ([f"{rest} s"] if rest or not whole else [])
    return " ".join(parts)


def counted(minutes: str) -> str:
    """`1 minute`, `2.5 minutes` of a number as it will be read; below 0.1 minutes in seconds, cut."""
    if 0.0 < float(minutes) < 0.1:
        seconds = int(60.0 * float(minutes) + 1e-9)
        return "less than 1 second" if seconds < 1 else f"about {seconds} second{'' if seconds == 1 else 's'}"
    return f"{minutes} minute" if minutes == "1" else f"{minutes} minutes"


def too_far_words(item: Equivalent) -> str:
    """How long it would really take, and that no trial used that."""
    weaker = item.irradiance_ratio < 1.0
    factor = short(1.0 / item.irradiance_ratio if weaker else item.irradiance_ratio)
    compared = f"{factor} times the irradiance of this device" if weaker else f"1/{factor} of this device's irradiance"
    return (
        f"The trial that comes nearest ({item.trial.citation}) used {compared}. The same light at the target would "
        f"take {counted(short(item.minutes.value))} instead of {short(item.trial.minutes)}, and no trial used that: "
        f"beyond a factor of {TOO_FAR:g} in irradiance or time there is no protocol."
    )


def no_site_words(indication: Indication, skin: Skin) -> str:
    return (
        f"The target of this goal, the {indication.target}, does not exist at the {skin.site.name.lower()}. "
        f"Sites for this goal: {', '.join(indication.sites)}."
    )


def no_counterpart_words(trials: Sequence[TrialExposure], unit: Device) -> str:
    peaks = sorted({f"{band.peak_nm:g}" for trial in trials for band in trial.bands}, key=float)
    return (
        f"The trials with readable numbers used {', '.join(peaks)} nm in combinations that this device "
        f"({', '.join(f'{peak:g}' for peak in unit.wavelengths_nm)} nm) does not have; light of another colour is not "
        "the same treatment."
    )


def shares_words(shares: Mapping[float, float]) -> str:
    """`0.43 times at 630 nm, 2.5 times at 850 nm` of shares by peak."""
    return ", ".join(f"{short(share)} times at {peak:g} nm" for peak, share in shares.items())


def _time_words(item: Equivalent, planned: Mapping[float, float] | None, cut_why: str) -> list[str]:
    """How long this device needs, how evenly over the bands, and where a limit cuts that short."""
    words = []
    if item.alternating:
        times = ", ".join(f"{counted(short(band.minutes))} at {band.peak_nm:g} nm" for band in item.bands)
        words.append(f"This device gives your skin the same in {times}, one band a session, in turn, as in the trial.")
    else:
        minutes, low, high = counted(short(item.minutes.value)), short(item.minutes.low), short(item.minutes.high)
        if item.uneven:
            words.append(f"This device gives your skin the same on average in {minutes} ({low} to {high}).")
        else:
            words.append(f"This device gives your skin the same in {minutes} ({low} to {high}).")
    if cut_why and planned is not None:
        for band in item.bands if item.alternating else item.bands[:1]:
            wished = band.minutes if item.alternating else item.minutes.value
            kept = planned[band.peak_nm]
            if kept < wished and item.alternating:
                words.append(f"At {band.peak_nm:g} nm the plan is cut to {counted(f'{kept:g}')} by a limit: {cut_why}.")
            elif kept < wished:
                words.append(f"The plan is cut from {short(wished)} to {counted(f'{kept:g}')} by a limit: {cut_why}.")
    shares = item.shares(item.minutes.value, planned)
    if not item.alternating and not all(map(is_about, shares.values())):
        words.append(f"By band this plan gives {shares_words(shares)} of the trial's dose.")
    return words


def reason_words(
    item: Equivalent,
    indication: Indication,
    skin: Skin,
    planned: Mapping[float, float] | None = None,
    cut_why: str = "",
) -> str:
    """Why these minutes: the trial's dose at the target, this device's time for it, and how far that carries.

    Parameters
    ----------
    planned : mapping of the device's peak [nm] to minutes, optional
        The plan's own minutes, where limits or rounding move them off the equivalent ones.
    cut_why : str
        The limit that cut them, if one did.
    """
    pieces = ", ".join(
        f"{short(band.trial_fluence_j_cm2.value)} J/cm2 at {band.trial_peak_nm:g} nm" for band in item.bands
    )
    words = [f"{item.trial.citation} gave the {item.target} about {pieces}."]
    words += _time_words(item, planned, cut_why)
    if item.own_device:
        words.append(
            "The trial used this very device, so its light is the trial's, however strong; only your skin differs."
        )
    if item.minutes_if_overstated is not None and not item.alternating:
        words.append(
            "These minutes count on this device being weaker than its maker says. If the trial's number came from a "
            "maker too and was as optimistic, the same dose would take about "
            f"{counted(short(item.minutes_if_overstated))}."
        )
    if item.delivery_differs:
        words.append(
            "The trial gave one band a session, in turn; this device gives them together, which nobody tested."
        )
    if item.unused_peaks_nm:
        extra = ", ".join(f"{peak:g}" for peak in item.unused_peaks_nm)
        words.append(f"Light at {extra} nm shines too; the trial had none of it.")
    if item.trial.upper_bound and not item.own_device:
        words.append("The trial gives its irradiance only as an upper bound, so its dose may have been lower.")
    if not item.trial.controlled:
        words.append("The trial had no control group.")
    if item.trial.site is not None and site(item.trial.site).id != skin.site.id:
        words.append(f"The trial treated another place ({item.trial.site}).")
    if skin.site.id not in {site(name).id for name in indication.sites}:
        words.append(f"Trials for this goal did not treat the {skin.site.name.lower()}.")
    if item.target == SURFACE:
        words.append("This goal has no target in tissue: only the light on the skin and the schedule are compared.")
    if item.extrapolated:
        words.append(
            "That lies outside a third to three times the trial's irradiance or time "
            f"(factor {short(item.worst_ratio)}): an extrapolation. {NOT_PROVEN}."
        )
    else:
        words.append(f"{NOT_PROVEN}.")
    return " ".join(words)


def share_words(minutes: float, ratio: float, item: Equivalent) -> str:
    """What the person's own minutes give, against the trial."""
    given = f"{counted(f'{minutes:g}')} {'gives' if minutes == 1.0 else 'give'}"
    level = "about" if is_about(ratio) else "less than" if ratio < 1 else "more than"
    if item.uneven:
        return (
            f"{given} the {item.target} on average {short(ratio)} times the dose of {item.trial.citation}, by band "
            f"{shares_words(item.shares(minutes))}."
        )
    return (
        f"{given} the {item.target} {short(ratio)} times the dose of {item.trial.citation}: "
        f"{level} what was given there."
    )


def alternating_words(item: Equivalent, by_band: Mapping[float, float]) -> str:
    """How sessions take turns: `One session of 415 nm (mode blue) for 12 min, the next of 633 nm ...`."""
    parts: list[Any] = []
    for band, mode in zip(item.bands, item.modes, strict=True):
        named = "" if mode is None else f" (mode {mode})"
        parts.append(f"{band.peak_nm:g} nm{named} for {minutes_words(by_band[band.peak_nm])}")
    return "Take turns: one session of " + ", the next of ".join(parts) + ". Never both in one session."
