"""What a dose's uncertainty is made of, by place, target and skin colour: what to measure first, as a figure.

`draw` writes docs/validation/variance_shares.png and .md (`make validation`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from photodose.dosimetry.delivered import Dose, dose
from photodose.dosimetry.uncertainty import CAUSES, DeviceSpread, estimate, sum_of_bands
from photodose.tissue import skin
from photodose.tissue.pigmentation import fitzpatrick_ranges

__all__ = ["CASES", "COLOURS", "ITA_GROUPS", "KNOWN", "Shares", "draw", "shares_of", "skin_alone"]

DEVICE: Final = "omnilux-contour-face"
MEASURED: Final = {633.0: 20.0, 830.0: 20.0}
"""The same mask with irradiances that its owner measured [mW/cm2]; their amount does not matter here."""

ITA_GROUPS: Final = {
    "very light": 60.0,
    "light": 48.0,
    "intermediate": 34.5,
    "tan": 19.0,
    "brown": -10.0,
    "dark": -45.0,
}
"""Angles in the middle of the six groups (boundaries 55, 41, 28, 10 and -30 degrees: Chardon 1991, Del Bino 2013)."""
CASES: Final = (
    ("cheek", "papillary dermis"),
    ("cheek", "sebaceous gland"),
    ("scalp", "hair bulb"),
    ("cheek", "muscle"),
    ("thigh", "muscle"),
    ("knee", "joint capsule"),
)
KNOWN: Final = (
    "light as claimed, skin type",
    "light measured, skin type",
    "light known exactly, skin type",
    "light known exactly, ITA measured",
)
"""What is known of the light and of the skin's colour: from an advert to a laboratory."""
COLOURS: Final = {
    "device": "#c8452c",
    "melanin": "#4a2c1a",
    "blood": "#d99aa5",
    "thickness": "#e3b23c",
    "scattering": "#4f86a8",
}


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the variance of one dose's logarithm, by cause; they add up to 1.

    They hold for one place, one skin colour, and one of `KNOWN`.
    """

    site: str
    target: str
    ita_group: str
    known: str
    by_cause: Mapping[str, float]


def skin_alone(answer: Dose, target: str) -> dict[str, float]:
    """Shares of variance at one target, as if the light on the skin were known exactly; they add up to 1.

    Parameters
    ----------
    answer : Dose
    target : str
        A target of the dose's site.
    """
    place = [item.name for item in answer.targets].index(answer.at(target).name)
    values = np.array([band.irradiance_mw_cm2.value for band in answer.exposure.bands])
    nothing = DeviceSpread(np.zeros(len(values)), np.zeros(len(values)))
    light = sum_of_bands(values * answer.relative.targets[:, place], answer.relative.target_response[:, place], nothing)
    return estimate(*light)[1]


def type_sd_deg(ita_deg: float) -> float:
    """Spread of the angle among people of the Fitzpatrick type whose mean angle is nearest [degree]."""
    nearest = min(fitzpatrick_ranges().values(), key=lambda item: abs(item.ita_deg.mean - ita_deg))
    return nearest.ita_deg.sd


def shares_of(site: str, targets: tuple[str, ...], ita_group: str) -> list[Shares]:
    """Shares of variance at some targets of a site, for one skin colour and each of `KNOWN`."""
    ita_deg = ITA_GROUPS[ita_group]
    by_type = skin(site, ita_deg=ita_deg, ita_sd_deg=type_sd_deg(ita_deg))
    claimed, measured = dose(DEVICE, by_type, 10.0), dose(DEVICE, by_type, 10.0, irradiance_mw_cm2=MEASURED)
    angle = dose(DEVICE, skin(site, ita_deg=ita_deg), 10.0)
    found = []
    for target in targets:
        parts = (
            claimed.at(target).variance_share,
            measured.at(target).variance_share,
            skin_alone(claimed, target),
            skin_alone(angle, target),
        )
        found += [Shares(site, target, ita_group, known, part) for known, part in zip(KNOWN, parts, strict=True)]
    return found


def every_case() -> list[Shares]:
    """Shares of all cases of the figure."""
    sites = dict.fromkeys(site for site, _target in CASES)
    return [
        item
        for site in sites
        for group in ITA_GROUPS
        for item in shares_of(site, tuple(target for place, target in CASES if place == site), group)
    ]


def draw(folder: Path) -> None:
    """Write variance_shares.png and variance_shares.md into a folder.

    Parameters
    ----------
    folder : Path
        Where the validation report lies.
    """
    found = every_case()
    _figure(found, folder / "variance_shares.png")
    (folder / "variance_shares.md").write_text("\n".join(_text(found)), encoding="utf-8")


def _figure(found: list[Shares], path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    picture = Figure(figsize=(13.0, 8.4), layout="constrained")
    FigureCanvasAgg(picture)
    grid: Any = picture.subplots(len(KNOWN), len(CASES), sharex=True, sharey=True)
    for row, known in enumerate(KNOWN):
        for column, (site, target) in enumerate(CASES):
            axes = grid[row, column]
            shown = [item for item in found if (item.site, item.target, item.known) == (site, target, known)]
            _bars(axes, shown)
            if row == 0:
                axes.set_title(f"{site}:\n{target}", fontsize=10)
            if column == 0:
                axes.set_ylabel(known.replace(", ", ",\n") + "\n\n[%]", fontsize=9)
    for axes in grid[-1]:
        axes.set_xticks(range(len(ITA_GROUPS)), list(ITA_GROUPS), rotation=60, ha="right", fontsize=8)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    picture.legend(handles, labels, loc="outside lower center", ncols=len(CAUSES), fontsize=10, frameon=False)
    picture.suptitle("What the uncertainty of a dose is made of, by skin colour", fontsize=12)
    picture.savefig(path, dpi=90, metadata={"Software": None})


def _bars(axes: Any, shown: list[Shares]) -> None:
    bottom = np.zeros(len(shown))
    for cause in CAUSES:
        part = np.array([100.0 * item.by_cause[cause] for item in shown])
        axes.bar(range(len(shown)), part, bottom=bottom, width=0.82, color=COLOURS[cause], label=cause)
        bottom += part
    axes.set_ylim(0.0, 100.0)


def _text(found: list[Shares]) -> list[str]:
    """Lines of the page beside the figure."""
    lines = [
        "# What the uncertainty of a dose is made of",
        "",
        "Written by `make validation`. Method: [dose.md](../methods/dose.md).",
        "",
        f"A mask with two bands (`{DEVICE}`, 633 and 830 nm), 10 minutes. Shares are of the variance of the dose's",
        "logarithm among people of one place and colour, given what is known of the light and of the colour; they add",
        "up to 100 %. A skin type leaves the angle open by the published spread of the type, a measurement by 2 deg.",
        "",
        "![Shares of variance by place, target, skin colour and what is known](variance_shares.png)",
    ]
    for known in KNOWN:
        lines += ["", f"## {known[0].upper()}{known[1:]}", "", f"| site | target | skin | {' | '.join(CAUSES)} |"]
        lines.append("|---" * (3 + len(CAUSES)) + "|")
        for site, target in CASES:
            for item in found:
                if (item.site, item.target, item.known) == (site, target, known):
                    parts = " | ".join(f"{100.0 * item.by_cause[cause]:.0f}" for cause in CAUSES)
                    lines.append(f"| {site} | {target} | {item.ita_group} | {parts} |")
    return [*lines, ""]
