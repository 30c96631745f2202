"""A program that loads the compiled slab kernel beforehand gets the same light from it, for smaller batches too."""

from __future__ import annotations

import subprocess
import sys

CHECK = """
import sys
import numpy as np
from photodose.transport import slab

dice = np.random.default_rng(5)
stacks = dict(
    absorption_per_mm=dice.uniform(0.01, 1.0, (96, 3)), scattering_per_mm=dice.uniform(5.0, 30.0, (96, 3)),
    anisotropy=dice.uniform(0.6, 0.9, (96, 3)), thickness_mm=dice.uniform(0.1, 3.0, (96, 3)),
    refractive_index=np.broadcast_to([1.4, 1.4, 1.44], (96, 3)),
)
lit = dict(depths_mm=[0.0, 0.2], intervals_mm=[[0.05, 0.25]], outside_index=1.0, outside_index_below=1.44)
before = [slab.solve_batch(**stacks, **lit, incidence=light) for light in ({"kind": "collimated"}, {"kind": "diffuse"})]
assert "numba" not in sys.modules, "a small batch loaded the compiler"
slab.load()
assert "numba" in sys.modules
slab.load()
from photodose.transport.slab import lanes
asked = []
solve = lanes.solve
lanes.solve = lambda *given: asked.append(len(given[0].index)) or solve(*given)
after = [slab.solve_batch(**stacks, **lit, incidence=light) for light in ({"kind": "collimated"}, {"kind": "diffuse"})]
assert len(asked) == 2 and min(asked) >= 64, asked  # the others have too few of their number of streams
for old, new in zip(before, after):
    for name in ("fluence_rate", "mean_fluence_rate", "reflectance", "transmittance", "absorbed"):
        np.testing.assert_allclose(getattr(new, name), getattr(old, name), rtol=1e-9, atol=1e-14)
"""


def test_a_loaded_kernel_answers_small_batches_too():
    """In a process of its own: other tests may have loaded the compiler."""
    subprocess.run([sys.executable, "-W", "error", "-c", CHECK], check=True, timeout=300)
