"""Write docs/validation: every published or independent number beside ours. `make validation`, or this file alone."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import yaml

mpl.use("agg")
import validation_elsewhere
from matplotlib import pyplot

from photodose.dosimetry import shares
from photodose.tissue import skin
from photodose.tissue.calibrate_figures import draw_all
from photodose.transport import monte_carlo
from photodose.transport.slab import solve_batch

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "tests" / "validation" / "reference"
OUT = ROOT / "docs" / "validation"
KEYS = ("absorption_per_mm", "scattering_per_mm", "anisotropy", "thickness_mm", "refractive_index")


def _row(what: str, published: float, ours: float, uncertainty: float) -> str:
    difference = ours - published
    share = f"{difference / uncertainty:+.1f}" if uncertainty else ""
    return f"| {what} | {published:.6g} | {ours:.6g} | {difference:+.2g} | {uncertainty:.1g} | {share} |"


def depth_profiles() -> list[str]:
    """Fluence by depth against the independent Monte Carlo; a figure and a table of totals."""
    profiles = yaml.safe_load((REFERENCE / "mc_fluence.yaml").read_text(encoding="utf-8"))["profiles"]
    figure, axes = pyplot.subplots(2, len(profiles), figsize=(11, 4.6), layout="constrained", height_ratios=(2, 1))
    rows = []
    for column, (name, profile) in enumerate(profiles.items()):
        table = np.genfromtxt(REFERENCE / f"mc_fluence_{name}.csv", delimiter=",", names=True)
        table = table[table["depth_mm"] <= profile["down_to_mm"]]
        half = 0.5 * (table["depth_mm"][1] - table["depth_mm"][0])
        edges = np.maximum(np.stack([table["depth_mm"] - half, table["depth_mm"] + half], axis=1), 0.0)
        stack = (np.array([profile[key]], dtype=float) for key in KEYS)
        answer = solve_batch(*stack, intervals_mm=edges, accuracy="reference")
        upper, lower = axes[0, column], axes[1, column]
        upper.plot(table["depth_mm"], table["fluence_rate"], ".", ms=3, color="#999999", label="Monte Carlo")
        upper.plot(table["depth_mm"], answer.mean_fluence_rate[0], color="#b3261e", lw=1, label="slab")
        upper.set(title=name, yscale="log")
        percent = 100.0 * (answer.mean_fluence_rate[0] / table["fluence_rate"] - 1.0)
        lower.plot(table["depth_mm"], percent, ".", ms=2)
        lower.set(xlabel="depth [mm]", ylim=(-5, 5))
        lower.axhline(0.0, color="black", lw=0.5)
        found = {"diffuse": answer.reflectance[0] - answer.specular[0], "transmittance": answer.transmittance[0]}
        for key, value in found.items():
            error = math.sqrt(value * (1.0 - value) / profile["packets"])
            rows.append(
                _row(
                    f"{name}, {key} reflectance" if key == "diffuse" else f"{name}, {key}",
                    profile[key],
                    float(value),
                    error,
                )
            )
    axes[0, 0].set_ylabel("fluence rate / irradiance")
    axes[0, 0].legend(fontsize=8)
    axes[1, 0].set_ylabel("difference [%]")
    figure.savefig(OUT / "depth_profiles.png", dpi=90, metadata={"Software": None})
    pyplot.close(figure)
    return rows


def slab_cases() -> list[str]:
    """Published and independent layered slabs beside ours."""
    rows = []
    for case in yaml.safe_load((REFERENCE / "slab_cases.yaml").read_text(encoding="utf-8"))["cases"]:
        ours = _solved(case)
        for key, published in case["expected"].items():
            if key not in ours:
                continue
            stated = case.get("uncertainty", {}).get(key)
            pairs = zip(np.atleast_1d(published), np.atleast_1d(ours[key]), strict=True)
            for number, (theirs, own) in enumerate(pairs):
                last_digit = 10.0 ** -len(f"{theirs!r}".partition(".")[2].partition("e")[0])
                error = float(np.atleast_1d(stated)[number]) if stated is not None else last_digit
                label = key if np.ndim(published) == 0 else f"{key} {number + 1}"
                rows.append(_row(f"{case['id']}, {label}", float(theirs), float(own), error))
    return rows


def _solved(case: dict[str, Any]) -> dict[str, Any]:
    layers, index = case["layers"], case.get("refractive_index")
    stack = [np.array([[layer[key] for layer in layers]], dtype=float) for key in KEYS[:4]]
    if any("refractive_index" in layer for layer in layers):
        indices = [layer.get("refractive_index", index) for layer in layers]
    else:
        indices = [index] * len(layers)
    depths = case.get("depths_mm", [])
    if any(value is None for value in indices) or "incidence" in case or "outside_index" in case:
        return {}  # a case with its own geometry stands in the tests
    answer = solve_batch(*stack, np.array([indices], dtype=float), depths_mm=depths, accuracy="reference")
    return {
        "specular": answer.specular[0],
        "total": answer.reflectance[0],
        "transmittance": answer.transmittance[0],
        "absorbed": answer.absorbed[0],
        "fluence_rate": answer.fluence_rate[0],
    }


def adding_doubling() -> list[str]:
    """Largest difference from the adding-doubling table, by index and anisotropy."""
    with (REFERENCE / "adding_doubling.csv").open(encoding="utf-8") as handle:
        table = list(csv.DictReader(handle))
    worst: dict[tuple[str, str], tuple[float, int]] = {}
    for row in table:
        albedo, thickness, g = float(row["albedo"]), float(row["optical_thickness"]), float(row["anisotropy"])
        stack = ([[1.0 - albedo]], [[albedo]], [[g]], [[thickness]], [[float(row["refractive_index"])]])
        answer = solve_batch(*stack, accuracy="reference")
        miss = max(abs(answer.reflectance[0] - float(row["UR1"])), abs(answer.transmittance[0] - float(row["UT1"])))
        key = (row["refractive_index"], row["anisotropy"])
        before, count = worst.get(key, (0.0, 0))
        worst[key] = (max(before, float(miss)), count + 1)
    return [f"| {index} | {g} | {count} | {miss:.1e} |" for (index, g), (miss, count) in worst.items()]


def convergence() -> None:
    """Error of the fluence by number of streams, for seven layers of skin and for one matched layer."""
    counts = [8, 12, 16, 24, 32, 48, 64, 96]
    depths = np.array([0.05, 0.5, 1.0, 2.0, 5.0, 10.0])
    stacks = {
        "skin, eight layers with index steps, 660 nm": [
            np.asarray(x) for x in skin("forearm", ita_deg=40.0).optical(660.0).flat().values()
        ],
        "one matched layer, g 0.8": [np.array([[x]]) for x in (0.02, 15.0, 0.8, 30.0, 1.0)],
        "one layer of index 1.4, g 0.95": [np.array([[x]]) for x in (0.02, 50.0, 0.95, 30.0, 1.4)],
    }
    figure, axis = pyplot.subplots(figsize=(7, 4.2), layout="constrained")
    for name, stack in stacks.items():
        best = solve_batch(*stack, depths_mm=depths, streams=192).fluence_rate
        misses = [
            np.abs(solve_batch(*stack, depths_mm=depths, streams=n).fluence_rate / best - 1.0).max() for n in counts
        ]
        axis.loglog(counts, np.maximum(misses, 1e-12), marker="o", label=name)
    axis.axhline(3e-3, color="black", lw=0.6, ls=":")
    axis.set(xlabel="streams", ylabel="largest relative error of the fluence, 0.05 to 10 mm")
    axis.legend(fontsize=8)
    figure.savefig(OUT / "convergence.png", dpi=90, metadata={"Software": None})
    pyplot.close(figure)


def edge_loss() -> list[str]:
    """Reflectance through a port: fast layered diffusion beside Monte Carlo."""
    rows = []
    for ita in (50.0, -10.0):
        person = skin("forearm", ita_deg=ita)
        for wavelength in (550.0, 633.0, 850.0):
            for port in (10.0, 15.0, 25.0):
                fast = float(person.reflectance(wavelength, spot_mm=5.0, port_mm=port)[0])
                stack = person.layer_stack(wavelength)
                traced, error = monte_carlo.port_reflectance(stack, 5.0, port, photons=100_000, seed=3)
                rows.append(_row(f"ITA {ita:.0f}, {wavelength:.0f} nm, port {port:.0f} mm", traced, fast, error))
    return rows


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    draw_all(OUT)
    validation_elsewhere.write(OUT)
    shares.draw(OUT)
    convergence()
    head = [
        "| quantity | published | ours | difference | its uncertainty | difference / uncertainty |",
        "|---|---|---|---|---|---|",
    ]
    text = [
        "# Validation",
        "",
        "Written by `make validation`. `make test` runs the same comparisons with bounds.",
        "",
        "## Skin against living people",
        "",
        "Reflectance by class, what the calibration moved, the dermis beside published values: [skin.md](skin.md).",
        "People, instruments and light through skin that it has not seen: [elsewhere.md](elsewhere.md).",
        "What the uncertainty of a dose is made of: [variance_shares.md](variance_shares.md).",
        "",
        "## Layered slabs by others",
        "",
        "Sources: tests/validation/reference/slab_cases.yaml. The uncertainty is that of the published number.",
        "",
        *head,
        *slab_cases(),
        "",
        "## Adding-doubling",
        "",
        "Reflectance and transmittance of single layers (tests/validation/reference/adding_doubling.yaml).",
        "",
        "| index | anisotropy | slabs | largest difference |",
        "|---|---|---|---|",
        *adding_doubling(),
        "",
        "## Fluence by depth, by an independent Monte Carlo",
        "",
        *head,
        *depth_profiles(),
        "",
        "![Depth profiles](depth_profiles.png)",
        "",
        "## Convergence of the slab",
        "",
        "![Error by number of streams](convergence.png)",
        "",
        "## Light lost beside a port: fast diffusion (ours) and the own Monte Carlo (in the place of published)",
        "",
        *head,
        *edge_loss(),
        "",
    ]
    (OUT / "index.md").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
