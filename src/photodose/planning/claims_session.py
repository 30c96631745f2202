"""Whether a session with one device on one skin gives a target what a trial of the claim gave it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from photodose import evidence
from photodose.data.schema_evidence import Indication
from photodose.devices import Device, Exposure
from photodose.dosimetry import exposure_on
from photodose.evidence.claims import FoundClaim
from photodose.planning.claims_depth import DepthShare
from photodose.planning.equivalent import Equivalent, equivalents, rank
from photodose.quantities import Estimate, InputError, plain
from photodose.tissue import Skin

ABOUT: Final = 0.67
"""Share of a trial's dose from which on a session is said to reach it, as in the plan's own words."""
SHORTEST_MIN, LONGEST_MIN = 0.5, 120.0
"""Minutes outside this range in a text are no session."""
ASSUMED_MIN: Final = 10.0
MOST_OF_IT: Final = 0.75
"""Part of the interval, on the scale of its logarithm, that must lie on one side of `ABOUT` to say "probably": for a
lognormal share that is a chance of about four in five. A judgement about words."""


def _reaches(share: Estimate) -> str:
    """Whether a session reaches the trial's dose, in words: "probably" only where most of the interval says so.

    `reached` in the JSON stays yes or no, at the same share.
    """
    if share.low >= ABOUT:
        return "it reaches it."
    if share.high < ABOUT:
        return "it does not reach it."
    # on the scale of the logarithm, where the interval is even
    above = math.log(share.high / ABOUT) / math.log(share.high / share.low)
    if above > MOST_OF_IT:
        return "it probably reaches it."
    if above < 1.0 - MOST_OF_IT:
        return "it probably does not reach it."
    return "it is about as likely as not that it reaches it."


@dataclass
class Session:
    """One device on one skin, and the minutes that the text, the device or we say; keeps what it has worked out."""

    device: Device
    skin: Skin
    minutes: float
    minutes_from: str
    assume: bool = False
    _found: dict[str, dict[str, Any]] = field(default_factory=dict)
    _exposures: list[Exposure] | None = None

    @classmethod
    def of(cls, device: Device, skin: Skin, found: Sequence[FoundClaim], assume: bool) -> Session:
        """The session that a text describes: its own minutes, else the device's, else ten."""
        for claim in found:
            if claim.kind == "time" and claim.polarity != "negated":
                times = [item.value for item in claim.amounts if item.unit == "min"]
                if times and SHORTEST_MIN <= times[0] <= LONGEST_MIN:
                    return cls(device, skin, times[0], "text", assume)
        if device.session_minutes is not None:
            return cls(device, skin, device.session_minutes, "device", assume)
        return cls(device, skin, ASSUMED_MIN, "assumed", assume)

    def exposures(self) -> list[Exposure]:
        """Light on this skin in each mode of the device.

        Raises
        ------
        InputError
            If the device has no irradiance that may be used.
        """
        if self._exposures is None:
            modes: list[str | None] = [mode.name for mode in self.device.modes] or [None]
            self._exposures = [exposure_on(self.device, self.skin, assume=self.assume, mode=mode) for mode in modes]
        return self._exposures

    def reached(self, indication: Indication) -> dict[str, Any]:
        """Whether the session reaches the dose of the trial that comes nearest: the `reached` of a claim."""
        if indication.id not in self._found:
            self._found[indication.id] = self._judge(indication)
        return self._found[indication.id]

    def _judge(self, indication: Indication) -> dict[str, Any]:
        trials = evidence.dose_candidates(indication.id)
        if indication.target is None or not trials:
            return self._unknown(evidence.why_no_protocol(indication.id) or "This claim has no target in tissue.")
        if indication.target not in {item.name for item in self.skin.targets}:
            where = ", ".join(indication.sites)
            return self._unknown(
                f"The target of this claim, the {indication.target}, does not exist at the "
                f"{self.skin.site.name.lower()}; choose one of {where}."
            )
        try:
            found = equivalents(self.skin, self.exposures(), trials, indication.target)
        except InputError as error:
            return self._unknown(str(error))
        if not found:
            peaks = sorted({band.peak_nm for trial in trials for band in trial.bands})
            return self._unknown(
                f"No trial with readable numbers used the bands of this device; they used "
                f"{', '.join(f'{peak:g}' for peak in peaks)} nm."
            )
        found.sort(key=lambda item: (item.too_far, *rank(item, self.device.kind)))
        return self._against(found[0])

    def _unknown(self, words: str) -> dict[str, Any]:
        return {"reached": None, "words": words}

    def _against(self, item: Equivalent) -> dict[str, Any]:
        minutes = item.minutes
        share = Estimate(self.minutes / minutes.value, self.minutes / minutes.high, self.minutes / minutes.low)
        details = item.to_dict(self.minutes)
        reached = None if item.too_far else share.value >= ABOUT
        words = (
            f"{self.minutes:g} minutes with this device give the {item.target} {share.value:.2g} times "
            f"({share.low:.1g} to {share.high:.1g}) the dose of {item.trial.citation}"
        )
        if item.too_far:
            words += ", but at an irradiance or time so far from the trial's that no trial says what it does."
        else:
            words += f": {_reaches(share)}"
        return {
            "reached": reached,
            "target": item.target,
            "trial": item.trial.study,
            "citation": item.trial.citation,
            "session_minutes": self.minutes,
            "minutes_from": self.minutes_from,
            "minutes_needed": plain(minutes),
            "share_of_trial_dose": plain(share),
            "session_fluence_j_cm2": details["session_fluence_j_cm2"],
            "trial_fluence_j_cm2": details["trial_fluence_j_cm2"],
            "extrapolated": item.extrapolated,
            "words": words,
        }

    def at_depth(self, shares: Sequence[DepthShare]) -> dict[str, Any]:
        """Fluence that the session leaves where a depth claim says the light goes [J/cm2], by band of the device."""
        try:
            light = self.exposures()[0]
        except InputError as error:
            return self._unknown(str(error))
        seconds = 60.0 * self.minutes
        rows = [
            {
                "place": item.place,
                "peak_nm": band.peak_nm,
                "fluence_j_cm2": band.median_mw_cm2 * seconds / 1000.0 * item.share.value,
            }
            for item in shares
            for band in light.bands
            if abs(band.peak_nm - item.peak_nm) <= 0.5
        ]
        if not rows:
            return self._unknown("The claim speaks of a band that this device does not have.")
        pieces = "; ".join(f"{row['peak_nm']:g} nm: {row['fluence_j_cm2']:.2g} J/cm2 at {row['place']}" for row in rows)
        words = f"{self.minutes:g} minutes with this device leave {pieces}."
        return {"reached": None, "session_minutes": self.minutes, "minutes_from": self.minutes_from, "bands": rows,
                "words": words}  # fmt: skip
