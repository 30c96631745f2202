"""The layered slab solved by discrete ordinates, in batches."""

from photodose.transport.slab.batch import SlabBatch, solve_batch
from photodose.transport.slab.lanes import load

__all__ = ["SlabBatch", "load", "solve_batch"]
