"""Monte Carlo of layered media: weighted packets, the judge of every faster method."""

from photodose.transport.monte_carlo.mci import read_mci
from photodose.transport.monte_carlo.medium import Grid
from photodose.transport.monte_carlo.phase import PhaseFunction
from photodose.transport.monte_carlo.run import Progress
from photodose.transport.monte_carlo.scene import Scene
from photodose.transport.monte_carlo.simulation import SimulationResult, simulate
from photodose.transport.monte_carlo.source import Source
from photodose.transport.monte_carlo.stack import port_reflectance, solve_stack

__all__ = [
    "Grid",
    "PhaseFunction",
    "Progress",
    "Scene",
    "SimulationResult",
    "Source",
    "port_reflectance",
    "read_mci",
    "simulate",
    "solve_stack",
]
