"""Peers of the slab benchmark, in their own process: discrete ordinates without index steps, none needed by photodose.

    python slab_peers.py NAME STREAMS STACKS.npz ANSWER.npz

Reads optical thickness, albedo and anisotropy (batch, layer); writes the fluence rate at every layer's bottom
(batch, layer), the seconds of processor time per stack (best of several turns), and how many stacks were timed.
Collimated light, normal, unit irradiance, delta-M; says on standard output why a peer is missing.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

Solve = Callable[[], Any]


def disortpp(streams: int, tau: Any, albedo: Any, g: Any) -> tuple[Solve, Callable[[Any], Any]]:
    """disortpp's flux solver, every stack prepared beforehand."""
    import disortpp as peer

    configs = []
    for row in range(len(tau)):
        config = peer.DisortFluxConfig(tau.shape[1], streams, streams)
        config.allocate()
        config.delta_tau = tau[row].tolist()
        config.single_scat_albedo = albedo[row].tolist()
        for layer, value in enumerate(g[row].tolist()):
            config.set_henyey_greenstein(value, layer)
        config.direct_beam_flux, config.direct_beam_mu = 1.0, 1.0
        configs.append(config)
    solver = peer.create_flux_solver(streams)

    def solve() -> Any:
        return [solver.solve(config) for config in configs]

    def fluence(answers: Any) -> Any:
        return np.array([4.0 * math.pi * np.asarray(answer.mean_intensity)[1:] for answer in answers])

    return solve, fluence


def nanodisort(streams: int, tau: Any, albedo: Any, g: Any) -> tuple[Solve, Callable[[Any], Any]]:
    """nanodisort's batch solver on one thread."""
    import nanodisort as peer

    solver = peer.BatchSolver(nthreads=1)
    count, layers = tau.shape
    solver.nstr, solver.nlyr, solver.nmom, solver.ntau = streams, layers, streams, layers + 1
    solver.usrtau, solver.usrang, solver.lamber, solver.onlyfl, solver.quiet = False, False, True, True, True
    solver.umu0, solver.phi0 = 1.0, 0.0
    solver.allocate(count)
    solver.set_dtauc(np.ascontiguousarray(tau))
    solver.set_ssalb(np.ascontiguousarray(albedo))
    solver.set_pmom(np.asfortranarray(g.T[None] ** np.arange(streams + 1)[:, None, None]))
    solver.set_fbeam(np.ones(count))
    solver.set_albedo(np.zeros(count))

    def fluence(answer: Any) -> Any:
        del answer
        return 4.0 * math.pi * np.asarray(solver.uavg)[:, 1:]

    return solver.solve, fluence


def pythonic_disort(streams: int, tau: Any, albedo: Any, g: Any) -> tuple[Solve, Callable[[Any], Any]]:
    """PythonicDISORT, stack by stack."""
    from PythonicDISORT import pydisort

    rows = range(len(tau))
    degrees = np.arange(streams + 1)

    def solve() -> Any:
        return [
            pydisort(
                np.cumsum(tau[row]), albedo[row], streams, g[row][:, None] ** degrees, 1.0, 1.0, 0.0,
                only_flux=True, f_arr=g[row] ** streams, NLeg=streams,
            )
            for row in rows
        ]  # fmt: skip

    def fluence(answers: Any) -> Any:
        out = np.empty(tau.shape)
        for row, answer in enumerate(answers):
            at = np.cumsum(tau[row])
            scaled = np.cumsum(tau[row] * (1.0 - albedo[row] * g[row] ** streams))
            weight = np.polynomial.legendre.leggauss(streams // 2)[1]
            weights = np.tile(weight / 2.0, 2)
            out[row] = 2.0 * math.pi * (weights @ np.asarray(answer[3](at))) + np.exp(-scaled)
        return out

    return solve, fluence


def main() -> int:
    """Run what the command line asks for."""
    name, streams, given, answer = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
    data = np.load(given)
    count = 12 if name == "pythonic_disort" else len(data["tau"])
    try:
        peer = {"disortpp": disortpp, "nanodisort": nanodisort, "pythonic_disort": pythonic_disort}[name]
        solve, fluence = peer(streams, *(data[key][:count] for key in ("tau", "albedo", "anisotropy")))
        found = fluence(solve())
    except Exception as problem:  # a peer may fail in any way; the benchmark says so and goes on
        print(f"{type(problem).__name__}: {problem}"[:200])
        return 1
    best = math.inf
    for _ in range(3):
        begin = time.process_time()
        solve()
        best = min(best, time.process_time() - begin)
    np.savez(answer, fluence=found, seconds=best / count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
