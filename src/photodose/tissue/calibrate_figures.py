"""Figures and tables of the calibration: `python -m photodose.tissue.calibrate --figures docs/validation`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from photodose.data import load_table
from photodose.tissue import calibrate
from photodose.tissue.calibration import calibration, shifts
from photodose.tissue.person import skin
from photodose.transport import slab

FloatArray = NDArray[np.float64]

COLOURS: Final = {
    "very_light": "#e8b98a",
    "light": "#d69a63",
    "intermediate": "#b87642",
    "tan": "#8c5328",
    "brown": "#4f2c14",
}
DEPTHS_MM: Final = (1.0, 2.0, 5.0, 10.0)
WAVELENGTHS: Final = (660.0, 850.0)
PUBLISHED: Final = (
    ("Simpson et al. 1998, 12 samples ex vivo", 0.033, None, 2.73, "10.1088/0031-9155/43/9/003"),
    ("Shimojo et al. 2020, ex vivo (632 nm)", 0.07, 0.02, 3.06, "10.1117/1.JBO.25.4.045002"),
    ("Salomatina et al. 2006, ex vivo", 0.149, 0.022, 2.99, "10.1117/1.2398928"),
)
"""Dermal absorption, its standard deviation where given, and reduced scattering near 633 nm [1/mm]."""


def _axes(width: float = 7.0, height: float = 4.2) -> tuple[Any, Any]:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    return pyplot.subplots(figsize=(width, height), layout="constrained")


def _save(figure: Any, path: Path) -> None:
    from matplotlib import pyplot

    figure.savefig(path, dpi=90, metadata={"Software": None})
    pyplot.close(figure)


def reflectance_by_class(folder: Path) -> list[str]:
    """Measured and predicted reflectance of the five classes; rows of a table."""
    table, instrument = load_table("tissue/forearm_reflectance"), calibration().instrument
    grid = np.arange(420.0, 1000.5, 5.0)
    figure, axis = _axes()
    rows, everything = [], []
    for item in calibration().classes:
        seen = skin("forearm", ita_deg=item.ita_deg).reflectance(grid, instrument.spot_mm, instrument.port_mm)
        measured = table.interpolate(grid, item.name)
        axis.plot(grid, measured, color=COLOURS[item.name], lw=3, alpha=0.5)
        axis.plot(grid, seen, color=COLOURS[item.name], lw=1.2, ls="--", label=f"{item.name} ({item.ita_deg:.0f} deg)")
        miss = seen - measured
        everything.append(miss)
        worst = int(np.abs(miss).argmax())
        people = float(table.interpolate(grid[worst], f"{item.name}_sd"))
        rows.append(
            f"| {item.name} | {item.people} | {item.ita_deg:.1f} | {np.sqrt(np.mean(miss**2)):.4f} | "
            f"{miss[worst]:+.3f} at {grid[worst]:.0f} nm | {people:.3f} | {abs(miss[worst]) / people:.1f} |"
        )
    whole = np.sqrt(np.mean(np.concatenate(everything) ** 2))
    rows.append(f"| all | {sum(item.people for item in calibration().classes)} | | {whole:.4f} | | | |")
    axis.set(xlabel="wavelength [nm]", ylabel="reflectance", title="Forearms: measured (wide) and predicted (dashed)")
    axis.legend(fontsize=8)
    _save(figure, folder / "reflectance_by_ita.png")
    return rows


def dermal_absorption(folder: Path) -> list[str]:
    """Absorption of the dermis at 633 nm beside published values; rows of a table."""
    ours, ours_s = (calibration().derived[f"dermal_{name}_633nm"] for name in ("absorption", "reduced_scattering"))
    figure, axis = _axes(7.0, 2.6)
    names = ["this calibration, living forearm", *(row[0] for row in PUBLISHED)]
    axis.errorbar([ours.value], [0], xerr=[[ours.value - ours.low], [ours.high - ours.value]], fmt="o", color="#b3261e")
    rows = [
        f"| this calibration, median living forearm (90 % interval) "
        f"| {ours.value:.4f} ({ours.low:.4f} to {ours.high:.4f}) "
        f"| {ours_s.value:.2f} ({ours_s.low:.2f} to {ours_s.high:.2f}) | {ours.value / ours_s.value:.4f} | |"
    ]
    for number, (name, value, sd, scattering, doi) in enumerate(PUBLISHED, start=1):
        axis.errorbar([value], [number], xerr=[1.645 * (sd or 0.0)], fmt="s", color="#444444")
        spread = "" if sd is None else f" +- {sd:g}"
        rows.append(f"| {name} | {value:g}{spread} | {scattering:g} | {value / scattering:.4f} | {doi} |")
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.invert_yaxis()
    axis.set(xscale="log", xlabel="absorption coefficient of the dermis at 633 nm [1/mm]")
    _save(figure, folder / "dermal_absorption.png")
    return rows


def relative_dose(moved: dict[str, float], melanin: float, depths: FloatArray) -> FloatArray:
    """Fluence rate per unit irradiance of a forearm under diffuse light, shape (wavelength, depth)."""
    from photodose.optics import Incidence
    from photodose.tissue.optical import optical_arrays
    from photodose.tissue.parameters import PARAMETERS, skin_arrays
    from photodose.tissue.sites import site

    arrays = skin_arrays(site("forearm"), np.zeros((1, len(PARAMETERS))), np.array([melanin]), moved)
    optical = optical_arrays(arrays, np.array(WAVELENGTHS))
    below = float(optical.refractive_index[0, 0, -1])
    answer = slab.solve_batch(
        **optical.flat(), depths_mm=depths, outside_index_below=below, incidence=Incidence(kind="diffuse")
    )
    return answer.fluence_rate


def prior_sensitivity(folder: Path) -> list[str]:
    """Dose at four depths when the whole calibration starts from another scattering of the dermis; rows of a table."""
    factors = (0.75, 0.85, 1.0, 1.15, 1.3)
    depths = np.array(DEPTHS_MM)
    light = list(calibrate.CLASSES).index("light")
    results = []
    for factor in factors:
        # the prior is held tight, so that what moves is the prior and not the balance of prior and data
        result = calibrate.fit({"dermal_scattering": 0.02}, {"dermal_scattering": math.log(factor)})
        results.append(
            (
                calibrate.dermis_at(result.shifts, 633.0),
                result.rms,
                relative_dose(result.shifts, float(result.melanin[light]), depths),
            )
        )
    ours = relative_dose(dict(shifts()), calibration().classes[light].melanosome_fraction, depths)
    figure, axis = _axes()
    rows = []
    scattering = [item[0][1] for item in results]
    for number, wavelength in enumerate(WAVELENGTHS):
        for place, depth in enumerate(DEPTHS_MM):
            ratio = [item[2][number, place] / ours[number, place] for item in results]
            style = "-" if number == 0 else "--"
            axis.plot(
                scattering, ratio, style, marker="o", color=f"C{place}", label=f"{wavelength:.0f} nm, {depth:g} mm"
            )
    for (mu_a, reduced), rms, fluence in results:
        cells = " | ".join(f"{value:.2f}" for value in (fluence / ours).ravel())
        rows.append(f"| {reduced:.2f} | {mu_a:.4f} | {rms:.4f} | {cells} |")
    axis.axvspan(1.8, 3.5, color="#dddddd", alpha=0.5, label="measured")
    axis.set(
        xlabel="reduced scattering of the dermis at 633 nm that the prior asks for [1/mm]",
        ylabel="dose / dose of the shipped skin",
        title="How much dose moves with the scattering prior (light forearm)",
    )
    axis.legend(fontsize=7, ncol=2)
    _save(figure, folder / "prior_sensitivity.png")
    return rows


def draw_all(folder: Path) -> None:
    """Draw every figure of the calibration into a folder and write its tables to skin.md there."""
    folder.mkdir(parents=True, exist_ok=True)
    classes, absorption = reflectance_by_class(folder), dermal_absorption(folder)
    sensitivity = prior_sensitivity(folder)
    doses = " | ".join(f"{w:.0f} nm, {d:g} mm" for w in WAVELENGTHS for d in DEPTHS_MM)
    parameters = [
        f"| {item.note} | {item.prior_value:.4g} | {item.value:.4g} {item.unit if item.unit != '1' else ''} "
        f"| {item.shift / item.prior_sd:+.1f} | {item.sd / item.prior_sd:.2f} |"
        for item in calibration().parameters
    ]
    text = [
        "# The skin against living people",
        "",
        "Written by `python -m photodose.tissue.calibrate --figures docs/validation`. Method: ../methods/skin.md.",
        "",
        "## Reflectance of forearms, 420 to 1000 nm (Cooksey, Allen and Tsai 2017, doi 10.6028/jres.122.026)",
        "",
        "One set of parameters for all classes; each forearm is asked for by the angle of its class's mean spectrum.",
        "",
        "| class | people | ITA [deg] | RMS | largest difference | sd between people there | difference / sd |",
        "|---|---|---|---|---|---|---|",
        *classes,
        "",
        "![Reflectance by class](reflectance_by_ita.png)",
        "",
        "## What the calibration moved",
        "",
        "| parameter | before | after | moved [prior sd] | sd after / before |",
        "|---|---|---|---|---|",
        *parameters,
        "",
        "## Dermis at 633 nm beside published values",
        "",
        "| source | absorption [1/mm] | reduced scattering [1/mm] | ratio | doi |",
        "|---|---|---|---|---|",
        *absorption,
        "",
        "![Dermal absorption](dermal_absorption.png)",
        "",
        "## How much dose moves with the scattering prior",
        "",
        "The whole calibration is repeated with the dermal scattering held elsewhere; dose relative to the shipped",
        "skin, light forearm, diffuse light.",
        "",
        f"| scattering, 633 nm [1/mm] | absorption, 633 nm [1/mm] | RMS | {doses} |",
        "|---" * (3 + len(WAVELENGTHS) * len(DEPTHS_MM)) + "|",
        *sensitivity,
        "",
        "![Prior sensitivity](prior_sensitivity.png)",
        "",
    ]
    (folder / "skin.md").write_text("\n".join(text), encoding="utf-8")
