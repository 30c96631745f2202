"""Light in layered media: `slab` (discrete ordinates, batched) and `monte_carlo` (the reference for the rest)."""

from photodose.transport import monte_carlo, slab
from photodose.transport.result import SolveResult
from photodose.transport.slab import SlabBatch
from photodose.transport.solve import solve

__all__ = ["SlabBatch", "SolveResult", "monte_carlo", "slab", "solve"]
