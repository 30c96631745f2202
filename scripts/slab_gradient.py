"""Draw how the slab's gradient compares with differences, and what it says of skin: docs/validation/slab_gradient.png.

python scripts/slab_gradient.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot

from photodose.transport.slab import SlabBatch, gradient, solve_batch

OUT = Path(__file__).parents[1] / "docs" / "validation" / "slab_gradient.png"
NAMES = ("thickness_mm", "absorption_per_mm", "scattering_per_mm", "anisotropy", "refractive_index")
LABELS = ("thickness", "absorption", "scattering", "anisotropy", "index")
LAYERS = np.array([(0.02, 0.1, 40.0, 0.9, 1.5), (0.08, 0.8, 30.0, 0.8, 1.34), (0.2, 0.05, 20.0, 0.8, 1.4),
                   (0.9, 0.03, 18.0, 0.82, 1.38), (0.3, 0.06, 20.0, 0.85, 1.41), (3.0, 0.015, 12.0, 0.85, 1.44),
                   (20.0, 0.05, 8.0, 0.9, 1.37)])  # fmt: skip
"""The seven layers of slab_convergence.py."""
DEPTHS = np.array([0.0, 0.05, 0.5, 2.0, 5.0])
STEPS = np.geomspace(1e-8, 1e-2, 19)
STREAMS = 36


def stack(layers: Any) -> dict[str, Any]:
    """Arguments of one stack, or of several (stack, layer, property)."""
    layers = layers if layers.ndim == 3 else layers[None]
    return {name: layers[..., place] for place, name in enumerate(NAMES)}


def logs(answer: SlabBatch, rows: Any) -> dict[str, Any]:  # noqa: ARG001
    """Weights of the sum of the logarithms of the fluence rates."""
    return {"fluence_rate": 1.0 / answer.fluence_rate}


def differences(place: int, step: float) -> Any:
    """Central differences of that sum by the logarithm of one property of each layer, shape (layer,)."""
    ends = []
    for sign in (1.0, -1.0):
        moved = np.repeat(LAYERS[None], len(LAYERS), axis=0)
        moved[np.arange(len(LAYERS)), np.arange(len(LAYERS)), place] *= 1.0 + sign * step
        light = solve_batch(**stack(moved), depths_mm=DEPTHS, streams=STREAMS, backend="numpy")
        ends.append(np.log(light.fluence_rate).sum(axis=1))
    return (ends[0] - ends[1]) / (2.0 * step)


def main() -> None:
    """Draw and save."""
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    slopes = gradient(**stack(LAYERS), weights=logs, depths_mm=DEPTHS, streams=STREAMS)
    for place, (name, label) in enumerate(zip(NAMES, LABELS, strict=True)):
        exact = getattr(slopes, name)[0] * LAYERS[:, place]
        errors = [np.max(np.abs(differences(place, step) - exact)) / np.max(np.abs(exact)) for step in STEPS]
        left.loglog(STEPS, errors, marker="o", markersize=3, label=label)
        print(f"{label}: best {min(errors):.1e} at a step of {STEPS[int(np.argmin(errors))]:.0e}")
    left.set(xlabel="relative step of the differences", ylabel="largest difference from the gradient")
    left.legend(fontsize=8)
    depths = np.geomspace(0.05, 10.0, 40)
    many = gradient(
        **stack(np.repeat(LAYERS[None], len(depths), axis=0)), weights=logs, depths_mm=depths[:, None], streams=STREAMS
    )
    for place, (name, label) in enumerate(zip(NAMES, LABELS, strict=True)):
        if name != "thickness_mm":
            elastic = np.sum(getattr(many, name) * LAYERS[:, place], axis=1)
            right.semilogx(depths, elastic, label=label)
    right.axhline(0.0, color="0.7", lw=0.6)
    right.set(xlabel="depth [mm]", ylabel="d ln fluence rate / d ln property (of all layers)")
    right.legend(fontsize=8)
    figure.savefig(OUT, dpi=90)
    pyplot.close(figure)


if __name__ == "__main__":
    main()
