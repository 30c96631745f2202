"""Draw how the slab's error falls with the number of streams: docs/validation/slab_convergence.png.

python scripts/slab_convergence.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot

from photodose.transport.slab import solve_batch

OUT = Path(__file__).parents[1] / "docs" / "validation" / "slab_convergence.png"
STREAMS = (8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128)
SKIN = ((0.02, 0.1, 40.0, 0.9), (0.08, 0.8, 30.0, 0.8), (0.2, 0.05, 20.0, 0.8), (0.9, 0.03, 18.0, 0.82),
        (0.3, 0.06, 20.0, 0.85), (3.0, 0.015, 12.0, 0.85), (20.0, 0.05, 8.0, 0.9))  # fmt: skip
"""Thickness [mm], absorption and scattering [1/mm], anisotropy."""
FILM = ((0.2, 0.02, 20.0, 0.8),)
CASES: tuple[tuple[str, Any, tuple[float, ...]], ...] = (
    ("seven layers, index-matched", SKIN, (1.0,) * 7),
    ("seven layers, six index steps", SKIN, (1.5, 1.34, 1.4, 1.38, 1.41, 1.44, 1.37)),
    ("thin layer 0.2 mm, g 0.8, index 1.4", FILM, (1.4,)),
    ("thin layer 0.2 mm, g 0.95, index 1.4", ((0.2, 0.02, 20.0, 0.95),), (1.4,)),
    ("thick layer, g 0.95, index 1.4", ((20.0, 0.02, 60.0, 0.95),), (1.4,)),
)


def errors(layers: Any, index: tuple[float, ...], kind: str) -> list[float]:
    """Largest relative error of the fluence rate where it exceeds 1e-6, by number of streams, against 256."""
    thickness, absorption, scattering, g = (np.array(part)[None] for part in zip(*layers, strict=True))
    depths = thickness.sum() * np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 40)])
    light = {"kind": kind}

    def fluence(streams: int) -> Any:
        stack = (absorption, scattering, g, thickness, [index])
        return solve_batch(*stack, depths_mm=depths, incidence=light, streams=streams).fluence_rate[0]

    truth = fluence(256)
    seen = truth > 1e-6
    return [float(np.max(np.abs(fluence(streams) / truth - 1.0)[seen])) for streams in STREAMS]


def main() -> None:
    """Draw and save."""
    figure, axes = pyplot.subplots(1, 2, figsize=(10, 4.2), sharey=True, layout="constrained")
    for axis, kind in zip(axes, ("collimated", "diffuse"), strict=True):
        for name, layers, index in CASES:
            axis.loglog(STREAMS, errors(layers, index, kind), marker="o", markersize=3, label=name)
        axis.axhline(3e-3, color="black", lw=0.6, ls=":")
        axis.set(title=f"{kind} light", xlabel="streams")
    axes[0].set_ylabel("largest relative error of the fluence rate")
    axes[0].legend(fontsize=8)
    figure.savefig(OUT, dpi=90)
    pyplot.close(figure)


if __name__ == "__main__":
    main()
