"""Skin that the calibration has not seen, beside ours: docs/validation/elsewhere.md. `make validation` calls it."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import yaml

mpl.use("agg")
from matplotlib import pyplot

from photodose.tissue import calibrate, elsewhere, pigmentation, skin
from photodose.tissue.calibrate_figures import relative_dose
from photodose.tissue.calibration import calibration, shifts
from photodose.transport.slab import solve_batch

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "tests" / "validation" / "reference" / "skin_elsewhere.yaml"
FACES = ("cheek", "forehead")
NORMAL_10_TO_90 = 2.563
"""Distance between the 10th and the 90th percentile of a normal distribution in standard deviations."""
MEASURED, OURS, OTHER = "#444444", "#b3261e", "#e3954f"


def prose(*parts: str) -> list[str]:
    """A paragraph in lines of one width."""
    return textwrap.wrap(" ".join(parts), 118, break_on_hyphens=False)


def reference() -> dict[str, Any]:
    """The published numbers."""
    content: dict[str, Any] = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    return content


def face_colour(ita_deg: np.ndarray, aperture: tuple[float, float] | None) -> np.ndarray:
    """L*, a*, b* of the model's faces (mean of cheek and forehead) at some angles."""
    spot, port = aperture or (None, None)
    return np.mean([elsewhere.instrument_colour(site, ita_deg, spot, port) for site in FACES], axis=0)


def spread_at(lightness: float, faces: dict[str, Any]) -> tuple[float, float]:
    """Standard deviation of a* and b* between readings in the band of L* that is nearest."""
    rows = faces["spread"]["rows"]
    row = min(rows, key=lambda item: abs(0.5 * (item[0] + item[1]) - lightness))
    return (row[3] - row[2]) / NORMAL_10_TO_90, (row[5] - row[4]) / NORMAL_10_TO_90


def faces_part(data: dict[str, Any], axes: Any) -> list[str]:
    """Colour of faces by angle: rows of a table, and three panels."""
    faces = data["faces"]
    rows = np.array(faces["rows"], dtype=float)
    apertures = [tuple(pair) for pair in faces["apertures"]["spot_port_mm"]]
    fine = np.linspace(-62.0, 64.0, 80)
    for place, name in enumerate(("L*", "a*", "b*")):
        ends = [face_colour(fine, aperture)[:, place] for aperture in apertures]
        axes[place].fill_between(fine, ends[0], ends[1], color=OURS, alpha=0.25, label="ours, small apertures")
        axes[place].plot(fine, face_colour(fine, None)[:, place], color=OURS, lw=1.0, ls="--", label="ours, wide")
        spread = [[0.0, *spread_at(row[2], faces)][place] for row in rows]
        axes[place].errorbar(
            rows[:, 0], rows[:, 2 + place], yerr=spread, fmt="o", ms=4, color=MEASURED, lw=1, label="measured, sd"
        )
        axes[place].set(title=f"faces: {name}", xlabel="ITA [degree]")
    axes[0].legend(fontsize=7)
    ours = np.stack([face_colour(rows[:, 0], aperture) for aperture in apertures])
    table = []
    for number, (ita, count, *lab) in enumerate(rows):
        middle, half = ours[:, number].mean(axis=0), np.abs(np.diff(ours[:, number], axis=0))[0] / 2.0
        a_sd, b_sd = spread_at(lab[0], faces)
        miss = middle - np.array(lab)
        table.append(
            f"| {ita:.0f} | {count:.0f} | {lab[0]:.1f} / {lab[1]:.1f} / {lab[2]:.1f} | "
            f"{middle[0]:.1f} / {middle[1]:.1f} / {middle[2]:.1f} | "
            f"{miss[0]:+.1f} / {miss[1]:+.1f} / {miss[2]:+.1f} | {half[0]:.1f} / {half[1]:.1f} / {half[2]:.1f} | "
            f"{miss[1] / a_sd:+.1f} / {miss[2] / b_sd:+.1f} |"
        )
    return table


def forearms_part(data: dict[str, Any]) -> list[str]:
    """Colour of inner forearms of four peoples: rows of a table."""
    table = []
    for people, number, *lab in data["forearms"]["rows"]:
        angle = math.degrees(math.atan2(lab[0] - 50.0, lab[2]))
        ours = np.stack(
            [
                elsewhere.instrument_colour("forearm", angle, *pair)
                for pair in data["faces"]["apertures"]["spot_port_mm"]
            ]
        )
        small, miss = ours[1], ours[1] - np.array(lab)
        table.append(
            f"| {people} | {number} | {angle:.0f} | {lab[0]:.1f} / {lab[1]:.1f} / {lab[2]:.1f} | "
            f"{small[0]:.1f} / {small[1]:.1f} / {small[2]:.1f} | {miss[0]:+.1f} / {miss[1]:+.1f} / {miss[2]:+.1f} | "
            f"{np.hypot.reduce(miss):.1f} |"
        )
    return table


def brightest_part(data: dict[str, Any]) -> list[str]:
    """Where skin reflects most: rows of a table."""
    table = []
    for name, low_ita, high_ita, low, high in data["brightest"]["rows"]:
        ours = [elsewhere.brightest_nm("forearm", float(ita)) for ita in (high_ita, low_ita)]
        table.append(f"| {name} | {low} to {high} | {ours[0]:.0f} to {ours[1]:.0f} ({high_ita} to {low_ita} degrees) |")
    return table


def dermis_of(layer: str, wavelength_nm: float) -> tuple[float, float]:
    """Absorption and reduced scattering of the upper, the lower or all of the forearm's dermis [1/mm], by thickness."""
    person = skin("forearm", ita_deg=40.0)
    flat = person.optical(wavelength_nm).flat()
    first, last = {"upper": (2, 4), "lower": (4, 6), "all": (2, 6)}[layer]
    weight = flat["thickness_mm"][0, first:last] / flat["thickness_mm"][0, first:last].sum()
    reduced = (flat["scattering_per_mm"] * (1.0 - flat["anisotropy"]))[0, first:last]
    return float(flat["absorption_per_mm"][0, first:last] @ weight), float(reduced @ weight)


def dermis_part(data: dict[str, Any]) -> list[str]:
    """Optical properties of the living dermis beside those of a cohort: rows of a table."""
    table = []
    for quantity, layer, wavelength, value in data["cohort"]["rows"]:
        absorption, scattering = dermis_of(layer, float(wavelength))
        ours = absorption if quantity == "absorption" else scattering
        what = f"{quantity.replace('_', ' ')}, {layer} dermis, {wavelength} nm"
        table.append(f"| {what} | {value:g} | {ours:.3g} | {ours / value:.1f} |")
    whole = calibration().derived
    for name in ("dermal_absorption_850nm", "dermal_reduced_scattering_850nm"):
        item = whole[name]
        what = name.replace("_", " ").replace("850nm", "of all of it, 850 nm: 90 % interval of our median")
        table.append(f"| {what} | | {item.low:.3g} to {item.high:.3g} | |")
    return table


@dataclass(frozen=True)
class Steep:
    """What dark skin does when its melanosomes absorb less steeply, at the same colour angle."""

    share: float
    redness: float
    dose_660: float
    dose_850: float
    brightest_nm: float


def less_steep(ita_deg: float, move: float) -> Steep:
    """Forearm of one angle with the share of the steep part of its melanin moved on the logit scale."""
    shipped, moved = dict(shifts()), dict(shifts())
    moved["pheomelanin_share"] += move
    grid, wide, found = pigmentation.ita_wavelengths_nm(), np.arange(600.0, 1000.5, 5.0), []
    fractions = np.geomspace(0.01, 0.6, 50)
    for now in (shipped, moved):
        lab = elsewhere.lab_2deg(calibrate.reflectance(now, fractions, grid))
        angle = np.degrees(np.arctan2(lab[:, 0] - 50.0, lab[:, 2]))
        fraction = float(np.exp(np.interp(-ita_deg, -angle, np.log(fractions))))
        red = float(np.interp(-ita_deg, -angle, lab[:, 1]))
        spectrum = calibrate.reflectance(now, np.array([fraction]), wide)[0]
        dose = relative_dose(now, fraction, np.array([1.0]))[:, 0]
        found.append((red, dose, float(wide[int(spectrum.argmax())])))
    change = found[1][1] / found[0][1] - 1.0
    share = calibrate.values(moved)["pheomelanin_share"]
    return Steep(share, found[1][0] - found[0][0], float(change[0]), float(change[1]), found[1][2])


def lid_of(data: dict[str, Any]) -> elsewhere.Lid:
    thickness = data["eyelid"]["thickness"]
    return elsewhere.Lid(thickness["whole_mm"], thickness["skin_mm"], thickness["tarsus_mm"])


def lid_value(item: dict[str, Any], ita_deg: float, lid: elsewhere.Lid) -> float:
    """What the model has for one measurement of a lid: a transmittance, or a mean optical density over its band."""
    low, high = item["wavelength_nm"]
    grid = np.arange(low, high + 5.0, 10.0)
    passed = elsewhere.lid_transmittance(skin("periorbital", ita_deg=ita_deg), grid, lid)
    return float(-np.log10(passed).mean() if item["quantity"] == "optical density" else passed.mean())


def transmission_part(data: dict[str, Any], axis: Any) -> tuple[list[str], list[str]]:
    """Light through lids and through excised skin: rows of two tables, and a panel."""
    lid, grid = lid_of(data), np.arange(450.0, 705.0, 10.0)
    angles = data["eyelid"]["ita_deg"]
    for ita, shade in zip(angles, ("#e8b98a", "#b87642", "#4f2c14"), strict=True):
        passed = elsewhere.lid_transmittance(skin("periorbital", ita_deg=float(ita)), grid, lid)
        axis.semilogy(grid, 100.0 * passed, color=shade, label=f"ours, ITA {ita}")
    lids = []
    for item in data["eyelid"]["measured"]:
        ours = [lid_value(item, float(ita), lid) for ita in angles]
        (low, high), value = item["wavelength_nm"], item["value"]
        band = f"{low} nm" if low == high else f"{low} to {high} nm"
        density = item["quantity"] == "optical density"
        sd = f" +- {item['sd']:g}" if "sd" in item else ""
        shown = f"{value:g}{sd}" if density else f"{100 * value:g} %"
        found = " / ".join(f"{one:.1f}" if density else f"{100 * one:.2g} %" for one in ours)
        lids.append(f"| {item['source']['citation']} | {item['quantity']}, {band} | {shown} | {found} |")
        y = 100.0 * (10.0**-value if density else value)
        axis.plot([low, high], [y, y], "-", marker="v" if "at most" in item["quantity"] else "s", color=MEASURED, ms=5)
    axis.set(title="eyelid: transmittance [%]", xlabel="wavelength [nm]")
    axis.legend(fontsize=7)
    cut = data["excised"]
    living = elsewhere.excised_transmittance(skin("abdomen", ita_deg=45.0), cut["wavelength_nm"], cut["thickness_mm"])
    dead = cut["dermis_ex_vivo"]
    g = 0.8  # the reduced scattering is what counts through so many scatterings
    passed = solve_batch(
        [[dead["absorption_per_mm"]]],
        [[dead["reduced_scattering_per_mm"] / (1.0 - g)]],
        [[g]],
        [[cut["thickness_mm"]]],
        [[1.4]],
    ).transmittance[0]
    factor = dead["absorption_per_mm"] / dermis_of("all", cut["wavelength_nm"])[0]
    excised = [
        f"| ours, living skin of the abdomen | {living:.2f} |",
        f"| one layer with the dermis of {dead['citation']} | {passed:.2f} |",
        f"| measured: {cut['source']['citation']} | {cut['transmittance']:.2f} |",
        "",
        *prose(
            f"Dermis measured dead absorbs {factor:.0f} times what the living does; that explains more than half of",
            "the difference. The rest is what a meter behind a narrow beam may miss of the spread light. It tests no",
            "living skin.",
        ),
    ]
    return lids, excised


def colour_text(steep: Steep) -> list[str]:
    """What the comparison of colours says, and why."""
    shipped = calibrate.values(dict(shifts()))["pheomelanin_share"]
    return prose(
        "Lightness agrees within 1. In light skin the model is 1 to 2 less red than the median face, in dark skin 2",
        "redder, in tan skin 2 yellower: up to one and a half standard deviations between readings. Blood does",
        "not follow",
        "colour in the model, and the melanosome's steep share was found in ten people",
        "([methods](../methods/skin.md)).",
        f"With a share of {steep.share:.2f} in place of {shipped:.2f}, skin of -45 degrees is",
        f"{-steep.redness:.1f} less red; dose at 1 mm then changes by {100 * steep.dose_660:+.0f} % at 660 nm",
        f"and {100 * steep.dose_850:+.0f} % at 850 nm, and skin reflects most at {steep.brightest_nm:.0f} nm, not at",
        "the 900 nm measured",
        "(below). So colour asks for a less steep melanin than the near infrared does; that difference is what",
        "is not known",
        "of dark skin.",
    )


DERMIS_TEXT = (
    "Theirs scatters less (our prior is a mean of sources, an earlier part of their cohort among them; at 850 nm",
    "they lie",
    "below our 90 % interval) and absorbs half of ours at 475 nm, a third at 850 nm. Their dermis holds haemoglobin",
    "alone; ours",
    "also water (0.003 /mm) and a baseline. If they are right, light falls off half as fast in the dermis as we say.",
)
LID_TEXT = (
    "The three sources differ among themselves, by 2.6 times in red. Ours lies near the most transparent of them",
    "(1.0 to",
    "1.4 times at 700 nm) and above the other two, by 0.3 to 1.0 in optical density. A lid is not skin over fat:",
    "blood of",
    "its muscle and conjunctiva and the glands of the tarsus stand in no table, and a detector of a few",
    "millimetres catches",
    "part of the spread light. With the cohort above, which is clearer than we are, the living numbers lie on",
    "both sides",
    "of the model: light below the dermis is known to about a factor of two, as the dose's interval says.",
)


def source_lines(data: dict[str, Any]) -> list[str]:
    """Citations, each once."""
    items = [data[key]["source"] for key in ("faces", "forearms", "brightest", "cohort", "excised")]
    items += [data["eyelid"]["thickness"]["source"], *(entry["source"] for entry in data["eyelid"]["measured"])]
    lines = dict.fromkeys(
        f"- {item['citation']}{', doi ' + item['doi'] if 'doi' in item else ''} ({item['confidence']})"
        for item in items
    )
    return list(lines)


def write(out: Path) -> None:
    """Write elsewhere.md and skin_elsewhere.png into a folder."""
    data = reference()
    figure, axes = pyplot.subplots(1, 4, figsize=(14.0, 3.6), layout="constrained")
    faces = faces_part(data, axes)
    lids, excised = transmission_part(data, axes[3])
    figure.savefig(out / "skin_elsewhere.png", dpi=90, metadata={"Software": None})
    pyplot.close(figure)
    lines = [
        "# Skin that the calibration has not seen",
        "",
        "Written by `make validation`. The numbers and how each was read:",
        "tests/validation/reference/skin_elsewhere.yaml.",
        "Nothing here was used to fit anything. `make test` holds the differences to what is stated.",
        "",
        "![Colour of faces by angle, and light through eyelids: measured and ours](skin_elsewhere.png)",
        "",
        "## Faces of 2,113 people, from very light to dark",
        "",
        "Median colour (L* / a* / b*; D65, 2 degrees, d/8, specular included) by the angle that the instrument finds.",
        "The model is asked for a skin that shows the same angle through the same kind of instrument: one number",
        "of the",
        "three is given, two are predicted. The instruments measure 3 or 8 mm inside 6 or 11 mm of light; ours is the",
        "middle of the two, and half their difference is shown.",
        "",
        "| ITA | readings | measured | ours | difference | half of apertures | a*, b*: difference / sd of readings |",
        "|---|---|---|---|---|---|---|",
        *faces,
        "",
        *colour_text(less_steep(-45.0, -1.0)),
        "",
        "## Inner forearms of four peoples",
        "",
        "Means of 960 people, through 3 mm; ours through 3 in 6 mm.",
        "",
        "| people of | number | ITA | measured | ours | difference | colour difference |",
        "|---|---|---|---|---|---|---|",
        *forearms_part(data),
        "",
        "Two apertures of one instrument differ by 2 to 3 in the archive.",
        "",
        "## Where skin reflects most",
        "",
        "| skin | measured [nm] | ours [nm] |",
        "|---|---|---|",
        *brightest_part(data),
        "",
        "## Living dermis of a Swedish cohort",
        "",
        "| quantity [1/mm] | median of 3,809 people | ours | ours / theirs |",
        "|---|---|---|---|",
        *dermis_part(data),
        "",
        *prose(*DERMIS_TEXT),
        "",
        "## Light that went through",
        "",
        "Excised skin, 850 nm, 0.784 mm:",
        "",
        "| | transmittance |",
        "|---|---|",
        *excised,
        "",
        "Closed eyelids in vivo (ours for ITA 50 / 20 / -20 degrees; 1.61 mm of skin, muscle, and tarsus as dermis):",
        "",
        "| source | quantity | measured | ours |",
        "|---|---|---|---|",
        *lids,
        "",
        *prose(*LID_TEXT),
        "",
        "## Sources",
        "",
        *source_lines(data),
        "",
    ]
    (out / "elsewhere.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    write(ROOT / "docs" / "validation")
