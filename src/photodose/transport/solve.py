"""`solve`: one layer stack, one call, whichever method."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from photodose.data import Source, nearest_names, read_user_yaml
from photodose.optics import Incidence, LayerStack
from photodose.optics.layers import depths_from, incidence_from
from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.transport.result import FloatArray, SolveResult

METHODS = ("slab", "monte-carlo")

SLAB_SOURCES = (
    Source(
        citation="Stamnes, Tsay, Wiscombe, Jayaweera 1988. Numerically stable algorithm for discrete-ordinate-method "
        "radiative transfer in multiple scattering and emitting layered media. Applied Optics 27, 2502.",
        doi="10.1364/AO.27.002502",
        confidence="read",
    ),
    Source(
        citation="Wiscombe 1977. The delta-M method: rapid yet accurate radiative flux calculations for strongly "
        "asymmetric phase functions. Journal of the Atmospheric Sciences 34, 1408.",
        doi="10.1175/1520-0469(1977)034<1408:TDMRYA>2.0.CO;2",
        confidence="read",
    ),
)


def solve(
    stack: LayerStack | Mapping[str, Any] | str | Path,
    depths_mm: ArrayLike | None = None,
    incidence: Incidence | Mapping[str, Any] | None = None,
    method: str = "slab",
    accuracy: str = "reference",
    *,
    streams: int | None = None,
    photons: int | None = None,
    seed: int | None = None,
    backend: str = "cpu",
    threads: int | None = None,
    stderr: tuple[float, float] | None = None,
    max_seconds: float | None = None,
    progress: Callable[..., Any] | None = None,
) -> SolveResult:
    """Solve light transport in one layer stack.

    Parameters
    ----------
    stack : LayerStack, mapping or path
        A mapping or a YAML file in the form of `photodose solve`; it may hold `depths_mm` and `incidence`.
    depths_mm : array_like, shape (depth,), optional
        Depths [mm]; overrides those of the mapping or file.
    incidence : Incidence, mapping or None
        How the light falls; overrides that of the mapping or file.
    method : str
        "slab" (discrete ordinates) or "monte-carlo".
    accuracy : str
        "default" or "reference" (slab): relative error of the fluence 0.3 % or 1e-5. One stack costs so little that
        the finer one is the rule here; batches and doses use the other.
    streams : int, optional
        Explicit number of streams (slab).
    photons, seed, backend, threads, stderr, max_seconds, progress
        Monte Carlo only; see `photodose.transport.monte_carlo.solve_stack`.

    Returns
    -------
    SolveResult

    Raises
    ------
    InputError
        On bad input, in one sentence; UnknownNameError for an unknown method.

    Examples
    --------
    >>> layer = dict(thickness_mm=0.2, absorption_per_mm=1, scattering_per_mm=9, anisotropy=0.75, refractive_index=1)
    >>> round(solve({"layers": [layer]}).reflectance["total"], 3)
    0.097
    """
    if method not in METHODS:
        raise UnknownNameError("method", str(method), nearest_names(str(method), METHODS) or METHODS)
    if isinstance(stack, str | Path):
        stack = read_user_yaml(stack, "layer stack")
    solid = LayerStack.of(stack)
    if isinstance(stack, Mapping):
        if incidence is None:
            incidence = incidence_from(stack)
        if depths_mm is None:
            depths_mm = depths_from(stack)
    light = Incidence.from_mapping(incidence)
    depths = _depths(depths_mm, solid)
    if method == "slab":
        return _solve_slab(solid, depths, light, accuracy, streams)
    from photodose.transport import monte_carlo

    limits = {"photons": photons, "seed": seed, "stderr": stderr, "max_seconds": max_seconds}
    given: dict[str, Any] = {key: value for key, value in limits.items() if value is not None}
    result: SolveResult = monte_carlo.solve_stack(
        solid, depths, light, backend=backend, threads=threads, progress=progress, **given
    )
    return result


def _depths(depths_mm: ArrayLike | None, stack: LayerStack) -> FloatArray:
    try:
        depths = np.atleast_1d(np.array([] if depths_mm is None else depths_mm, dtype=float))
    except (TypeError, ValueError):
        raise InputError("depths_mm must be a list of numbers.") from None
    if depths.ndim != 1 or not np.isfinite(depths).all():
        raise InputError("depths_mm must be a list of finite numbers.")
    total = float(stack.boundaries_mm[-1])
    for depth in depths.tolist():
        if not 0.0 <= depth <= total * (1.0 + 1e-9):
            raise RangeError("depths_mm", depth, 0.0, total, "this stack")
    return depths


def _solve_slab(
    stack: LayerStack, depths: FloatArray, incidence: Incidence, accuracy: str, streams: int | None
) -> SolveResult:
    from photodose.transport.slab import solve_batch

    begin = time.perf_counter()
    answer = solve_batch(
        stack.array("absorption_per_mm")[None],
        stack.array("scattering_per_mm")[None],
        stack.array("anisotropy")[None],
        stack.array("thickness_mm")[None],
        stack.array("refractive_index")[None],
        depths_mm=depths,
        outside_index=stack.outside_index,
        outside_index_below=stack.outside_index_below,
        incidence=incidence,
        streams=streams,
        accuracy=accuracy,
    )
    seconds = time.perf_counter() - begin
    reflected, specular = float(answer.reflectance[0]), float(answer.specular[0])
    passed, direct = float(answer.transmittance[0]), float(answer.transmittance_direct[0])
    return SolveResult(
        method="slab",
        stack=stack,
        incidence=incidence,
        reflectance={"specular": specular, "diffuse": reflected - specular, "total": reflected},
        transmittance={"direct": direct, "diffuse": passed - direct, "total": passed},
        absorbed=dict(zip(stack.names, answer.absorbed[0].tolist(), strict=True)),
        depths_mm=depths,
        fluence_rate=answer.fluence_rate[0],
        seconds=seconds,
        streams=int(answer.streams[0]),
        error_estimate=float(answer.error_estimate[0]),
        sources=SLAB_SOURCES,
        warnings=_warnings(stack),
    )


def _warnings(stack: LayerStack) -> tuple[str, ...]:
    outside = [layer.name for layer in stack.layers if not 0.0 <= layer.anisotropy <= 0.95]
    if not outside:
        return ()
    return (f"The anisotropy of {', '.join(outside)} is outside 0 to 0.95, where the fluence is only within 3 %.",)
