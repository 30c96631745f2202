"""The layered slab solved by discrete ordinates, in batches."""

from photodose.transport.slab.batch import SlabBatch, solve_batch

__all__ = ["SlabBatch", "solve_batch"]
