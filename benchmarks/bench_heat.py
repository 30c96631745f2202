"""Speed of the heat solver: a 20-minute session beside one solve of light in the same skin (at most 50 times it)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from photodose.dosimetry import heat
from photodose.dosimetry.heat_light import absorbed_light
from photodose.optics import Incidence
from photodose.tissue import skin
from photodose.transport import slab

MOST_SLAB_SOLVES = 50.0


def median_s(call: Callable[[], object], repeats: int = 15) -> float:
    """Median wall-clock time of a call [s], after one call that is not counted."""
    call()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def main() -> int:
    """Print the table; 1 if the wish is missed."""
    cheek = skin("cheek", skin_type="III")
    cells = heat.grid(cheek.layer_names, cheek.arrays.thickness_mm[0])
    absorbed = absorbed_light(cells, cheek, [633.0, 830.0], [30.0, 30.0])
    optical = cheek.optical(830.0)
    one_solve = median_s(
        lambda: slab.solve_batch(
            **optical.flat(), depths_mm=np.array([0.1, 1.0, 5.0]), incidence=Incidence(kind="diffuse")
        )
    )
    rows = {
        "20 min, blood flow held": lambda: heat.simulate(cells, absorbed, 1200.0),
        "20 min, blood flow rises": lambda: heat.simulate(cells, absorbed, 1200.0, perfusion_rises=True),
        "20 min, cold plate": lambda: heat.simulate(cells, absorbed, 1200.0, surface=heat.contact(20.0, 200.0)),
        "24 hours": lambda: heat.simulate(cells, absorbed, 86_400.0),
    }
    print(f"{'heat':28} {'ms':>8} {'slab solves':>12}")
    print(f"{'one slab solve':28} {1e3 * one_solve:8.2f} {1.0:12.1f}")
    worst = 0.0
    for name, call in rows.items():
        seconds = median_s(call)
        print(f"{name:28} {1e3 * seconds:8.2f} {seconds / one_solve:12.1f}")
        if name.startswith("20 min"):
            worst = max(worst, seconds / one_solve)
    print(f"worst 20-minute case: {worst:.1f} slab solves (at most {MOST_SLAB_SOLVES:g})")
    return int(worst > MOST_SLAB_SOLVES)


if __name__ == "__main__":
    raise SystemExit(main())
