"""The picture of a dose: a cross-section of this skin, to scale, with the light fading into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from photodose.dosimetry.delivered import Dose

FloatArray = NDArray[np.float64]

LAYER_COLOURS: Final = {
    "stratum corneum": "#f3e3d3",
    "living epidermis": "#e8c4a4",
    "papillary dermis": "#f6d5cd",
    "upper blood net": "#eeb4ad",
    "reticular dermis": "#f4cbc4",
    "deep blood net": "#e9a9a3",
    "subcutaneous fat": "#f8ecc4",
    "muscle": "#d99a94",
    "bone": "#ece7df",
    "cartilage": "#dfe6ea",
}
INK: Final = "#2b2226"


def band_colour(peak_nm: float) -> str:
    """A colour that stands for a band on a screen; infrared is shown as dark red shades, since it has no colour."""
    stops = ((450, "#3b5bdb"), (500, "#1098ad"), (570, "#2f9e44"), (600, "#e8890c"), (645, "#e03131"), (700, "#c2255c"))
    for limit, colour in stops:
        if peak_nm < limit:
            return colour
    return "#862e9c" if peak_nm < 900 else "#495057"


def _bottom_mm(dose: Dose) -> float:
    """Depth of the picture: below the deepest target, at least the whole dermis, at most 20 mm."""
    deepest = max(target.range.lower_mm for target in dose.targets)
    fat_top = float(dose.skin.arrays.thickness_mm[0][:6].sum())
    return float(min(20.0, max(1.25 * fat_top, min(1.08 * deepest, deepest + 1.0))))


def _draw_layers(axes: Axes, dose: Dose, bottom_mm: float, label: bool) -> None:
    edges = np.concatenate([[0.0], np.cumsum(dose.skin.arrays.thickness_mm[0])])
    for name, top, base in zip(dose.skin.layer_names, edges[:-1], edges[1:], strict=True):
        if top >= bottom_mm:
            break
        base = min(base, bottom_mm)
        axes.axhspan(top, base, color=LAYER_COLOURS[name], lw=0)
        axes.axhline(base, color="white", lw=0.7)
        if label and (base - top) > 0.035 * bottom_mm:
            axes.text(0.985, (top + base) / 2, name, transform=axes.get_yaxis_transform(), ha="right", va="center",
                      fontsize=8, color=INK, alpha=0.75)  # fmt: skip


def _draw_light(axes: Axes, dose: Dose, bottom_mm: float) -> None:
    shown = dose.depth_mm <= bottom_mm * 1.2
    depth = dose.depth_mm[shown]
    for peak, mid, low, high in zip(
        dose.peaks_nm, dose.profile_j_cm2, dose.profile_low_j_cm2, dose.profile_high_j_cm2, strict=True
    ):
        colour = band_colour(peak)
        axes.fill_betweenx(depth, low[shown], high[shown], color=colour, alpha=0.18, lw=0)
        axes.plot(mid[shown], depth, color=colour, lw=2.2, label=f"{peak:g} nm", solid_capstyle="round")


def _draw_targets(axes: Axes, dose: Dose, bottom_mm: float, thinnest_mm: float) -> None:
    shown = [
        t for t in dose.targets if t.range.upper_mm < bottom_mm and t.range.lower_mm - t.range.upper_mm > thinnest_mm
    ]
    for number, target in enumerate(shown):
        x = 0.02 + 0.012 * (number % 6)
        upper, lower = target.range.upper_mm, min(target.range.lower_mm, bottom_mm)
        axes.plot([x, x], [upper, lower], transform=axes.get_yaxis_transform(), color=INK, lw=2.4,
                  solid_capstyle="butt")  # fmt: skip
        value = target.fluence_j_cm2
        text = f"{target.name}  {value.value:.2g} J/cm² ({value.low:.2g} to {value.high:.2g})"
        box = {"boxstyle": "round,pad=0.2", "fc": "white", "ec": "none", "alpha": 0.72}
        axes.text(0.105, (upper + lower) / 2, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8,
                  color=INK, bbox=box)  # fmt: skip


def _axis(axes: Axes, dose: Dose, bottom_mm: float, title: str) -> None:
    top_value = float(dose.profile_high_j_cm2.max())
    bottom_value = float(dose.profile_low_j_cm2[:, dose.depth_mm <= bottom_mm].min())
    axes.set_xscale("log")
    axes.set_xlim(max(bottom_value * 0.6, top_value * 1e-5), top_value * 1.6)
    axes.set_ylim(bottom_mm, -0.015 * bottom_mm)
    axes.set_ylabel("depth below the surface [mm]")
    axes.set_xlabel("fluence [J/cm²]")
    axes.set_title(title, fontsize=10, loc="left", color=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def figure(dose: Dose) -> Figure:
    """The whole picture as a matplotlib Figure (no window, no global state)."""
    from matplotlib.figure import Figure

    picture = Figure(figsize=(11.0, 6.6), layout="constrained", facecolor="white")
    whole, close = picture.subplots(1, 2, width_ratios=[1.25, 1.0])
    bottom = _bottom_mm(dose)
    for axes, depth, label in ((whole, bottom, True), (close, min(0.5, bottom / 2), True)):
        _draw_layers(axes, dose, depth, label)
        _draw_light(axes, dose, depth)
    _draw_targets(whole, dose, bottom, thinnest_mm=0.02 * bottom)
    _axis(whole, dose, bottom, "The whole skin, to scale")
    _axis(close, dose, min(0.5, bottom / 2), "Its upper part, to scale")
    whole.legend(loc="lower right", frameon=True, framealpha=0.85, fontsize=9, title="median and 90 % interval")
    skin_words = f"type {dose.skin.skin_type}" if dose.skin.skin_type else f"ITA {dose.skin.ita_deg:.0f}°"
    picture.suptitle(
        f"{dose.device.name}: {dose.minutes:g} minutes on the {dose.skin.site.name.lower()}, skin {skin_words}",
        fontsize=13,
        color=INK,
        x=0.01,
        ha="left",
    )
    return picture


def cross_section(dose: Dose, path: str | None = None) -> Axes:
    """Draw the cross-section; with `path` (.png, .svg or .pdf) save it, whole or not at all."""
    picture = figure(dose)
    if path is not None:
        save(picture, path)
    return picture.axes[0]


def save(picture: Figure, path: str) -> None:
    """Write a figure through a temporary file beside it, so that nothing is left half-written.

    Raises
    ------
    InputError
        If the ending is not .png, .svg or .pdf, or the folder cannot be written.
    """
    import os
    import tempfile
    from pathlib import Path

    from photodose.quantities import InputError

    target = Path(path)
    if target.suffix.lower() not in {".png", ".svg", ".pdf"}:
        raise InputError(f"a picture ends in .png, .svg or .pdf, not in {target.suffix or 'nothing'!r}.")
    if not target.parent.is_dir():
        raise InputError(f"the folder {target.parent} for the picture does not exist.")
    handle, temporary = tempfile.mkstemp(suffix=target.suffix, dir=target.parent)
    os.close(handle)
    try:
        picture.savefig(temporary, dpi=150)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except OSError as error:
        raise InputError(f"the picture {target} cannot be written: {error.strerror}.") from None
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
