"""A layer stack under an infinitely wide beam, solved by packets; and what a port of a given size sees of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.data import Source as Citation
from photodose.optics import Incidence, LayerStack
from photodose.quantities import InputError, RangeError
from photodose.transport._kernels import layout
from photodose.transport.monte_carlo.medium import Grid, Problem, build
from photodose.transport.monte_carlo.run import Outcome, Progress, Stop, run
from photodose.transport.monte_carlo.source import Source
from photodose.transport.result import SolveResult

FloatArray = NDArray[np.float64]

CITATIONS = (
    Citation(
        citation="Wang, Jacques and Zheng 1995, MCML: Monte Carlo modeling of light transport in multi-layered "
        "tissues, Computer Methods and Programs in Biomedicine 47:131-146",
        doi="10.1016/0169-2607(95)01640-F",
        confidence="read_secondary",
    ),
    Citation(
        citation="Blackman and Vigna 2021, Scrambled linear pseudorandom number generators, ACM Transactions on "
        "Mathematical Software 47(4):36",
        doi="10.1145/3460772",
        confidence="read_secondary",
    ),
)


def solve_stack(
    stack: LayerStack,
    depths_mm: ArrayLike,
    incidence: Incidence,
    photons: int | None = None,
    seed: int = 1,
    backend: str = "cpu",
    threads: int | None = None,
    stderr: str | tuple[float, float] | None = None,
    max_seconds: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> SolveResult:
    """Solve a layer stack by Monte Carlo.

    Parameters
    ----------
    stack : LayerStack
    depths_mm : array_like, shape (depth,)
        Depths [mm] of the fluence rate, 0 to the bottom; on a boundary the layer above is meant.
    incidence : Incidence
        How the light falls on the surface.
    photons : int, optional
        Packets to trace; one million unless `stderr` or `max_seconds` is given.
    seed : int
        Same seed, same answer, on any number of threads.
    backend : str
        "cpu", or "reference" (plain Python).
    stderr : str or (float, float), optional
        Stop at this relative standard error of the fluence at a depth: "0.01@0.5mm" or (0.01, 0.5).
    max_seconds : float, optional
        Stop after this time [s].
    progress : callable, optional
        Called a few times a second with a Progress.

    Returns
    -------
    SolveResult
        With a standard error for every number. Stopped with Ctrl-C it holds what was gained, and says so.

    Raises
    ------
    InputError
        If a depth lies outside the stack or an argument makes no sense.
    """
    depths = np.atleast_1d(np.asarray(depths_mm, dtype=float))
    wish = wished_error(stderr)
    planes = depths if wish is None else np.append(depths, wish[1])
    problem = build(stack, Source(incidence=incidence), planes)
    first = int(problem.plan[layout.AT_PLANES])
    place = 0 if wish is None else first + int(place_of(problem, wish[1]))
    stop = Stop(photons, None if wish is None else wish[0], place, max_seconds)
    outcome = run(problem, stop, seed, backend, threads, progress, derive=_totals)
    return _result(stack, incidence, depths, problem, outcome)


def wished_error(stderr: str | tuple[float, float] | None) -> tuple[float, float] | None:
    """Relative standard error and depth [mm] from "0.01@0.5mm" or a pair."""
    if stderr is None:
        return None
    try:
        if isinstance(stderr, str):
            share, sign, depth = stderr.partition("@")
            if not sign:
                raise ValueError
            return float(share), float(depth.strip().removesuffix("mm"))
        share_value, depth_value = stderr
        return float(share_value), float(depth_value)
    except (TypeError, ValueError):
        raise InputError(f"stderr must look like 0.01@0.5mm, not {str(stderr)[:40]!r}.") from None


def place_of(problem: Problem, depths_mm: ArrayLike) -> NDArray[np.intp]:
    """Numbers of the fluence planes that belong to these depths [mm]."""
    middles = 0.5 * (problem.planes_mm[1:] + problem.planes_mm[:-1])
    return np.asarray(np.searchsorted(middles, np.asarray(depths_mm, dtype=float)))


def ending(outcome: Outcome) -> tuple[str, ...]:
    """Warnings about how a run ended."""
    if outcome.ended == "interrupt":
        return (f"Interrupted: the answer rests on the {outcome.sums.packets} photon packets traced until then.",)
    return ()


def _totals(out: FloatArray) -> FloatArray:
    return np.array([out[layout.SPECULAR] + out[layout.REFLECTED], out[layout.DIRECT] + out[layout.TRANSMITTED]])


def _result(
    stack: LayerStack, incidence: Incidence, depths: FloatArray, problem: Problem, outcome: Outcome
) -> SolveResult:
    if outcome.sums.packets == 0:
        raise InputError("the Monte Carlo run was interrupted before its first packets were done; let it run longer.")
    reached = place_of(problem, depths)
    size = problem.output_size

    def parts(values: FloatArray) -> tuple[dict[str, float], dict[str, float], dict[str, float], FloatArray]:
        layers = values[problem.part(layout.AT_LAYERS, len(stack.layers))]
        planes = values[problem.part(layout.AT_PLANES, problem.planes_mm.size)]
        return (
            _named(("specular", "diffuse", "total"), values, (layout.SPECULAR, layout.REFLECTED, size)),
            _named(("direct", "diffuse", "total"), values, (layout.DIRECT, layout.TRANSMITTED, size + 1)),
            dict(zip(stack.names, layers.tolist(), strict=True)),
            planes[reached],
        )

    reflectance, transmittance, absorbed, fluence = parts(outcome.sums.mean)
    errors: dict[str, Any] = dict(
        zip(
            ("reflectance", "transmittance", "absorbed", "fluence_rate"),
            parts(outcome.sums.standard_error),
            strict=True,
        )
    )
    return SolveResult(
        method="monte-carlo",
        stack=stack,
        incidence=incidence,
        reflectance=reflectance,
        transmittance=transmittance,
        absorbed=absorbed,
        depths_mm=depths,
        fluence_rate=fluence,
        seconds=outcome.seconds,
        standard_error=errors,
        photons=outcome.sums.packets,
        sources=CITATIONS,
        warnings=ending(outcome),
    )


def _named(names: tuple[str, ...], values: FloatArray, entries: tuple[int, ...]) -> dict[str, float]:
    return {name: float(values[entry]) for name, entry in zip(names, entries, strict=True)}


def port_reflectance(
    stack: LayerStack,
    spot_mm: float,
    port_mm: float,
    incidence: Incidence | None = None,
    specular: bool = True,
    photons: int | None = None,
    seed: int = 1,
    threads: int | None = None,
    max_seconds: float | None = None,
) -> tuple[float, float]:
    """Reflectance that an instrument sees: a uniform spot inside a concentric port loses the light beyond its edge.

    The radial profile of a pencil beam is weighted, at each distance, by the share of the pairs of points that lie in
    the spot and in the port: the area that two discs of these sizes have in common when their centres lie that far
    apart, over the area of the spot.

    Parameters
    ----------
    stack : LayerStack
    spot_mm, port_mm : float
        Diameters [mm] of the lit spot and of the port, 0.01 to 1000.
    incidence : Incidence, optional
        Collimated and normal unless given.
    specular : bool
        Whether the first face's reflection, which falls inside the port where the spot does, counts.
    photons, seed, threads, max_seconds
        As for `solve_stack`.

    Returns
    -------
    tuple of float
        Reflectance and its standard error.

    Raises
    ------
    InputError
        If a diameter is out of range.
    """
    for name, value in (("spot_mm", spot_mm), ("port_mm", port_mm)):
        if not 0.01 <= value <= 1000.0:
            raise RangeError(name, value, 0.01, 1000.0)
    spot, port = 0.5 * spot_mm, 0.5 * port_mm
    bins = 1000
    grid = Grid((spot + port) / bins, bins, 1.0, 1, absorbed=False, fluence=False)
    problem = build(stack, Source(incidence=incidence or Incidence()), np.zeros(0), grid=grid)
    seen = np.append(ring_means(lambda r: overlap_fraction(spot, port, r), grid.radii_mm), 0.0)
    mirrored = min(1.0, (port / spot) ** 2) if specular else 0.0
    top = problem.part(layout.AT_TOP, (bins + 1) * int(problem.plan[layout.ANGLE_BINS]))

    def derive(out: FloatArray) -> FloatArray:
        rings = out[top].reshape(bins + 1, -1).sum(axis=1)
        return np.array([rings @ seen + mirrored * out[layout.SPECULAR]])

    outcome = run(problem, Stop(photons, max_seconds=max_seconds), seed, "cpu", threads, derive=derive)
    if outcome.ended == "interrupt":
        raise KeyboardInterrupt
    return float(outcome.sums.mean[-1]), float(outcome.sums.standard_error[-1])


def overlap_fraction(spot_radius: float, port_radius: float, distance: FloatArray) -> FloatArray:
    """Share of a disc's area that a second disc covers when their centres lie `distance` apart, shape of distance.

    The lens of two circles, for example Weisstein, "Circle-Circle Intersection", MathWorld, eq. 14.
    """
    a, b, d = spot_radius, port_radius, np.asarray(distance, dtype=float)
    inside, apart = d <= abs(a - b), d >= a + b
    safe = np.where(inside | apart, max(a, b), d)
    one = np.arccos(np.clip((safe**2 + a**2 - b**2) / (2.0 * safe * a), -1.0, 1.0))
    two = np.arccos(np.clip((safe**2 + b**2 - a**2) / (2.0 * safe * b), -1.0, 1.0))
    kite = (a + b - safe) * (safe + a - b) * (safe - a + b) * (safe + a + b)
    lens = a**2 * one + b**2 * two - 0.5 * np.sqrt(np.maximum(kite, 0.0))
    whole = math.pi * min(a, b) ** 2
    return np.where(inside, whole, np.where(apart, 0.0, lens)) / (math.pi * a**2)


def ring_means(function: Callable[[FloatArray], FloatArray], edges: FloatArray) -> FloatArray:
    """Mean of a function of the radius over the area of each ring between edges, shape (ring,)."""
    node, weight = np.polynomial.legendre.leggauss(5)
    middle, half = 0.5 * (edges[1:] + edges[:-1]), 0.5 * np.diff(edges)
    r = middle[:, None] + half[:, None] * node
    return np.asarray((function(r) * r) @ weight / (r @ weight))
