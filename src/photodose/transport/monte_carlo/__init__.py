"""Monte Carlo of layered media: weighted packets, the judge of every faster method."""

from photodose.transport.monte_carlo.medium import Grid
from photodose.transport.monte_carlo.phase import PhaseFunction
from photodose.transport.monte_carlo.run import Progress
from photodose.transport.monte_carlo.source import Source
from photodose.transport.monte_carlo.stack import port_reflectance, solve_stack

__all__ = ["Grid", "PhaseFunction", "Progress", "Source", "port_reflectance", "solve_stack"]
