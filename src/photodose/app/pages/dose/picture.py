"""What the island of the dose page draws from: one dose as numbers that scale with the minutes."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from photodose.app.answers import Answers
from photodose.app.tones import tone_of
from photodose.app.wording import layer_name, target_name
from photodose.dosimetry import Dose
from photodose.dosimetry.heat import SKIN_LIMIT_C
from photodose.dosimetry.plot import LAYER_COLOURS, band_colour
from photodose.planning import Equivalent
from photodose.planning.hazards import careful_heat

SLIDER_MINUTES = (1.0, 60.0)
"""Range of the slider [min]; the heat model looks an hour ahead."""
STOPS_CM = (2.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 70.0, 100.0)
DEEPEST_MM = 20.0
OUTER_LAYERS = frozenset({"stratum corneum", "living epidermis"})
"""Drawn in the colour of the skin itself."""
CONTACT_KINDS = frozenset({"mask", "cap"})


def size_known(dose: Dose) -> bool:
    """Whether the device itself says how its light changes with distance."""
    return dose.device.size_cm is not None or bool(dose.device.emitters)


def distance_stops(dose: Dose, answers: Answers) -> list[float]:
    """Distances at which this device can be asked for.

    None where it is worn, where its light was measured at one distance by the person, or where its size is not known
    and nobody agreed to take a usual one.
    """
    movable = dose.device.kind not in CONTACT_KINDS and not answers.measured
    return sorted({*STOPS_CM, dose.exposure.distance_cm}) if movable and (size_known(dose) or answers.assume) else []


def rounded(values: Any) -> list[float]:
    """Numbers to four significant digits, so that the page stays small."""
    return [float(f"{value:.4g}") for value in np.asarray(values, dtype=float).ravel()]


def picture(dose: Dose) -> dict[str, Any]:
    """A dose to draw: fluence at its own minutes by target and depth, and the skin's heat over the next hour."""
    shown = dose.depth_mm <= DEEPEST_MM
    return {
        "minutes": dose.minutes,
        "distance_cm": dose.exposure.distance_cm,
        "targets": [
            {
                "name": target.name,
                "label": target_name(target.name),
                "depth_mm": rounded([target.range.upper_mm, target.range.lower_mm]),
                "fluence_j_cm2": target.fluence_j_cm2.to_dict(),
                "by_band": {f"{b.peak_nm:g}": b.fluence_j_cm2.to_dict() for b in target.by_band},
            }
            for target in dose.targets
        ],
        "depth_mm": rounded(dose.depth_mm[shown]),
        "bands": [
            {
                "peak_nm": peak,
                "colour": band_colour(peak),
                "irradiance_mw_cm2": dose.exposure.bands[i].irradiance_mw_cm2.to_dict(),
                "value": rounded(dose.profile_j_cm2[i][shown]),
                "low": rounded(dose.profile_low_j_cm2[i][shown]),
                "high": rounded(dose.profile_high_j_cm2[i][shown]),
            }
            for i, peak in enumerate(dose.peaks_nm)
        ],
        "heat": {
            "time_s": rounded(dose.temperature.ahead_time_s),
            "surface_c": rounded(dose.temperature.ahead_surface_c),
            "limit_c": SKIN_LIMIT_C,
            "limit_s": dose.temperature.time_to_c(SKIN_LIMIT_C),
            "careful_limit_s": careful_heat(dose.skin, dose.exposure, dose.minutes).time_to_c(SKIN_LIMIT_C),
        },
    }


def island(dose: Dose, best: Equivalent | None, stops: list[float]) -> dict[str, Any]:
    """All that the island needs at the start: the picture, the layers, the trial, the distances, the words."""
    skin_tone = tone_of(dose.skin.site.id, dose.skin.ita_deg)
    return picture(dose) | {
        "layers": [
            {
                "label": layer_name(name),
                "thickness_mm": float(value),
                "colour": skin_tone if name in OUTER_LAYERS else LAYER_COLOURS[name],
            }
            for name, value in zip(dose.skin.layer_names, dose.skin.arrays.thickness_mm[0], strict=True)
        ],
        "trial": None
        if best is None
        else {
            "minutes": best.minutes.to_dict(),
            "target": best.target,
            "peaks": [f"{band.peak_nm:g}" for band in best.bands],
        },
        "stops": stops,
        "mode": dose.exposure.mode or "",
        "address": reverse("dose:picture"),
        "words": {
            "depth": _("depth, mm"),
            "fluence": _("fluence, J/cm²"),
            "hot": _("The skin would pass %(limit)s °C: too long.") % {"limit": f"{SKIN_LIMIT_C:g}"},
            "hot_claimed": _("If the light is as strong as it may be, the skin could pass %(limit)s °C: too long.")
            % {"limit": f"{SKIN_LIMIT_C:g}"},
            "failed": _("This could not be computed."),
        },
    }
