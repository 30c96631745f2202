"""The picture of a dose: a cross-section of this skin, to scale, with the light fading into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from photodose.quantities import short

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


def _halo() -> list[Any]:
    from matplotlib import patheffects

    return [patheffects.withStroke(linewidth=2.5, foreground="white", alpha=0.75)]


def _draw_layers(axes: Axes, dose: Dose, bottom_mm: float) -> None:
    edges = np.concatenate([[0.0], np.cumsum(dose.skin.arrays.thickness_mm[0])])
    for name, top, base in zip(dose.skin.layer_names, edges[:-1], edges[1:], strict=True):
        if top >= bottom_mm:
            break
        base = min(base, bottom_mm)
        axes.axhspan(top, base, color=LAYER_COLOURS[name], lw=0)
        axes.axhline(base, color="white", lw=0.7)
        if base - top > 0.035 * bottom_mm:
            text = axes.text(0.985, (top + base) / 2, name, transform=axes.get_yaxis_transform(), zorder=4)
            text.set(ha="right", va="center", fontsize=8.5, color=INK, path_effects=_halo())


def _draw_light(axes: Axes, dose: Dose, bottom_mm: float) -> None:
    shown = dose.depth_mm <= bottom_mm * 1.2
    depth = dose.depth_mm[shown]
    for peak, mid, low, high in zip(
        dose.peaks_nm, dose.profile_j_cm2, dose.profile_low_j_cm2, dose.profile_high_j_cm2, strict=True
    ):
        colour = band_colour(peak)
        axes.fill_betweenx(depth, low[shown], high[shown], color=colour, alpha=0.16, lw=0)
        axes.plot(mid[shown], depth, color=colour, lw=2.4, label=f"{peak:g} nm", solid_capstyle="round", zorder=3)


def _draw_targets(axes: Axes, dose: Dose, bottom_mm: float) -> None:
    """Each target as a bracket at its depths with a label beside it; the labels keep clear of each other.

    A deeper target's bracket stands further left, so that no leader line crosses another.
    """
    shown = [target for target in dose.targets if target.range.upper_mm < bottom_mm]
    ends = [(t.range.upper_mm, min(t.range.lower_mm, bottom_mm)) for t in shown]
    middles = [(upper + lower) / 2 for upper, lower in ends]
    places = _spaced(middles, 0.085 * bottom_mm, bottom_mm)
    deepest_first = sorted(range(len(shown)), key=lambda i: -places[i])
    for rank, number in enumerate(deepest_first):
        x, place, middle = 0.02 + 0.022 * rank, places[number], middles[number]
        least = max(0.0, 0.006 * bottom_mm - (ends[number][1] - ends[number][0])) / 2  # so that a thin one is seen
        bar = [ends[number][0] - least, ends[number][1] + least]
        axes.plot([x, 0.19, 0.24], [middle, place, place], color=INK, lw=0.7, alpha=0.6, zorder=2)
        axes.plot([x, x], bar, color=INK, lw=3.0, solid_capstyle="butt", clip_on=False, zorder=3)
        value = shown[number].fluence_j_cm2
        axes.text(0.26, place, shown[number].name, va="bottom", fontsize=9, color=INK, weight="bold")
        words = f"{short(value.value)} J/cm² ({short(value.low)} to {short(value.high)})"
        axes.text(0.26, place, words, va="top", fontsize=8.5, color=INK)
    axes.set_xlim(0, 1)
    axes.set_axis_off()
    axes.set_title("Targets and their dose", fontsize=10, loc="left", color=INK)


def _spaced(wanted: list[float], gap: float, bottom_mm: float) -> list[float]:
    """Places for labels near the wanted depths, in the same order, at least `gap` apart and inside the picture."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    places = dict.fromkeys(order, 0.0)
    floor = gap / 2
    for rank, index in enumerate(order):
        rest = len(order) - rank - 1
        places[index] = min(max(wanted[index], floor), bottom_mm - gap * (rest + 0.5))
        floor = places[index] + gap
    return [places[i] for i in range(len(wanted))]


def _axis(axes: Axes, dose: Dose, bottom_mm: float, title: str) -> None:
    inside = dose.depth_mm <= bottom_mm
    top_value = float(dose.profile_high_j_cm2[:, inside].max())
    bottom_value = float(dose.profile_low_j_cm2[:, inside].min())
    axes.set_xscale("log")
    axes.set_xlim(max(bottom_value * 0.6, top_value * 1e-4), top_value * 1.6)
    axes.set_ylim(bottom_mm, -0.015 * bottom_mm)
    axes.set_ylabel("depth below the surface [mm]")
    axes.set_xlabel("fluence [J/cm²]")
    axes.xaxis.set_major_formatter(lambda value, _position: f"{value:g}")
    axes.set_title(title, fontsize=10, loc="left", color=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def figure(dose: Dose) -> Figure:
    """The whole picture as a matplotlib Figure (no window, no global state)."""
    from matplotlib.figure import Figure

    picture = Figure(figsize=(12.5, 6.6), layout="constrained", facecolor="white")
    whole, names, close = picture.subplots(1, 3, width_ratios=[1.15, 0.72, 1.0])
    bottom = _bottom_mm(dose)
    upper = min(0.5, bottom / 2)
    for axes, depth, title in ((whole, bottom, "Your skin, to scale"), (close, upper, "Its upper part, to scale")):
        _draw_layers(axes, dose, depth)
        _draw_light(axes, dose, depth)
        _axis(axes, dose, depth, title)
    names.set_ylim(whole.get_ylim())
    _draw_targets(names, dose, bottom)
    whole.legend(loc="lower right", frameon=True, framealpha=0.9, fontsize=9, title="median, 90 % interval")
    skin_words = f"type {dose.skin.skin_type}" if dose.skin.skin_type else f"ITA {dose.skin.ita_deg:.0f}°"
    place = dose.skin.site.name.lower()
    title = f"{dose.device.name}: {dose.minutes:g} minutes on the {place}, skin {skin_words}"
    picture.suptitle(title, fontsize=13, color=INK, x=0.01, ha="left")
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
