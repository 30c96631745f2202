"""The layered slab solved by discrete ordinates, in batches, and differentiated."""

from photodose.transport.slab.batch import SlabBatch, solve_batch
from photodose.transport.slab.gradient import SlabGradient, gradient
from photodose.transport.slab.lanes import load

__all__ = ["SlabBatch", "SlabGradient", "gradient", "load", "solve_batch"]
