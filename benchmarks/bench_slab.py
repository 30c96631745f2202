"""The slab beside its peers in one run: one core, seven layers, batches of 1,000; times are processor time, best of
several turns.

Peers are optional (slab_peers.py); PHOTODOSE_BENCH_PYTHON is the interpreter that has them, this one unless given.
Index-matched, each peer is first compared with the converged answer, then set beside our time at the fewest streams
that are no less accurate. With reflecting faces the yardstick is `_plain`: discrete ordinates as a textbook has them.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photodose.optics import Incidence, LayerStack
from photodose.optics.fresnel import fresnel_reflectance
from photodose.transport import monte_carlo
from photodose.transport.slab import SlabBatch, gradient, solve_batch

Array = NDArray[np.float64]

PEERS = ("disortpp", "nanodisort", "pythonic_disort")
PEER_STREAMS = 16
OWN_STREAMS = (8, 12, 16, 20, 24, 28, 32, 40)
INDICES = (1.50, 1.34, 1.40, 1.40, 1.40, 1.44, 1.37)
SEVEN = (
    # thickness [mm], absorption and scattering [1/mm], anisotropy of a skin-like stack about which the batch varies
    (0.02, 0.10, 40.0, 0.90), (0.08, 0.80, 30.0, 0.80), (0.20, 0.05, 20.0, 0.80), (0.90, 0.03, 18.0, 0.82),
    (0.30, 0.06, 20.0, 0.85), (3.00, 0.015, 12.0, 0.85), (20.0, 0.05, 8.0, 0.90),
)  # fmt: skip
ONE_CORE = {**os.environ, **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")}
WISH_PEER, WISH_PLAIN, WISH_INDICES, WISH_GRADIENT = 1.0, 35.0, 1000.0, 3.0


def stacks(count: int, index: tuple[float, ...]) -> dict[str, Array]:
    """A batch of seven layers, each value within a factor of 1.5 of the skin-like ones."""
    random = np.random.default_rng(1)
    values = np.repeat(np.array(SEVEN)[None], count, axis=0)
    values[..., :3] *= 1.5 ** random.uniform(-1.0, 1.0, values[..., :3].shape)
    names = ("thickness_mm", "absorption_per_mm", "scattering_per_mm", "anisotropy")
    out = {name: values[..., place].copy() for place, name in enumerate(names)}
    out["refractive_index"] = np.broadcast_to(index, values.shape[:2]).copy()
    return out


def bottoms(batch: dict[str, Array]) -> Array:
    """Depth of every layer's bottom, shape (batch, layer)."""
    return np.minimum(np.cumsum(batch["thickness_mm"], axis=1), batch["thickness_mm"].sum(axis=1, keepdims=True))


def timed(batch: dict[str, Array], rounds: int, **given: Any) -> tuple[SlabBatch, float]:
    """Answer, and seconds of processor time per stack on one core, best of the rounds."""
    best = math.inf
    for _ in range(rounds + 1):
        begin = time.process_time()
        answer = solve_batch(**batch, **given, backend="numba", threads=1)
        best = min(best, time.process_time() - begin)
    return answer, best / len(answer.reflectance)


def worst(found: Array, truth: Array) -> float:
    """Largest relative error where the fluence exceeds 1e-6."""
    return float(np.max(np.abs(found / truth - 1.0)[truth > 1e-6]))


def _plain(batch: dict[str, Array], row: int, half: int) -> Array:
    """Fluence at every layer's bottom: 2 `half` streams, numpy's general eigenproblem, one dense system, faces that
    reflect each stream by Fresnel; all layers of the first one's index, air outside, normal light, delta-M."""
    n = float(batch["refractive_index"][row, 0])
    node, part = np.polynomial.legendre.leggauss(half)
    mu, weight = (node + 1.0) / 2.0, part / 2.0
    degree = np.arange(2 * half)
    legendre = np.polynomial.legendre.legvander(np.concatenate([mu, -mu, [1.0]]), 2 * half - 1)
    layers = len(SEVEN)
    size = 2 * half
    system, known = np.zeros((layers * size, layers * size)), np.zeros(layers * size)
    face = float(fresnel_reflectance(1.0, 1.0, n))
    mirror = np.diag(np.asarray(fresnel_reflectance(mu, n, 1.0)))
    one = np.eye(half)
    sign = np.concatenate([mu, -mu])
    both = np.tile(weight, 2)
    parts, beam = [], 1.0 - face
    for k in range(layers):
        names = ("absorption_per_mm", "scattering_per_mm", "anisotropy", "thickness_mm")
        absorption, scattering, g, thickness = (float(batch[name][row, k]) for name in names)
        peak = g**size
        scattering *= 1.0 - peak
        extinction = absorption + scattering
        moments = scattering / extinction * (g**degree - peak) / (1.0 - peak) * (2.0 * degree + 1.0)
        phase = (legendre * moments) @ legendre.T / 2.0
        matrix = (phase[:size, :size] * both - np.eye(size)) / sign[:, None]
        rate, vectors = (np.real(part) for part in np.linalg.eig(matrix))
        forced = -np.linalg.solve(matrix + np.eye(size), phase[:size, size] / sign)
        tau = extinction * thickness
        ends = [vectors * np.exp(np.where(rate > 0, rate * (depth - tau), rate * depth)) for depth in (0.0, tau)]
        parts.append((ends[1], forced, beam * math.exp(-tau)))
        columns = slice(k * size, (k + 1) * size)
        top = np.hstack([one, -mirror]) if k == 0 else np.eye(size)
        bottom = np.hstack([-mirror, one]) if k == layers - 1 else -np.eye(size)
        above = slice(0, half) if k == 0 else slice(half + (k - 1) * size, half + k * size)
        below = slice(layers * size - half, None) if k == layers - 1 else slice(half + k * size, half + (k + 1) * size)
        system[above, columns] += top @ ends[0]
        known[above] -= top @ forced * beam
        system[below, columns] += bottom @ ends[1]
        known[below] -= bottom @ forced * (beam * math.exp(-tau))
        beam *= math.exp(-tau)
    # the beam that the last face returns is far below anything seen here
    amplitude = np.linalg.solve(system, known).reshape(layers, size)
    return np.array(
        [both @ (end @ a + forced * left) + left for (end, forced, left), a in zip(parts, amplitude, strict=True)]
    )


def peers(batch: dict[str, Array], truth: Array) -> dict[str, tuple[float, float]]:
    """Seconds per stack and worst error of every peer that is there."""
    found: dict[str, tuple[float, float]] = {}
    python = os.environ.get("PHOTODOSE_BENCH_PYTHON", sys.executable)
    program = str(Path(__file__).with_name("slab_peers.py"))
    extinction = batch["absorption_per_mm"] + batch["scattering_per_mm"]
    with tempfile.TemporaryDirectory() as folder:
        given, answer = str(Path(folder, "given.npz")), str(Path(folder, "answer.npz"))
        albedo = batch["scattering_per_mm"] / extinction
        np.savez(given, tau=extinction * batch["thickness_mm"], albedo=albedo, anisotropy=batch["anisotropy"])
        for name in PEERS:
            call = [python, program, name, str(PEER_STREAMS), given, answer]
            run = subprocess.run(call, env=ONE_CORE, capture_output=True, text=True, check=False)
            if run.returncode:
                print(f"{name:16} missing: {run.stdout.strip() or 'it crashed'}")
                continue
            data = np.load(answer)
            found[name] = (float(data["seconds"]), worst(data["fluence"], truth[: len(data["fluence"])]))
    return found


def matched(count: int, rounds: int) -> bool:
    """Index-matched: beside the peers at equal accuracy."""
    batch = stacks(count, (1.0,) * 7)
    depths = bottoms(batch)
    truth = solve_batch(**batch, depths_mm=depths, streams=192 if count > 100 else 96).fluence_rate
    print("index-matched, collimated, fluence at the 7 layers' bottoms")
    own = {}
    for streams in OWN_STREAMS:
        answer, seconds = timed(batch, rounds, depths_mm=depths, streams=streams)
        own[streams] = (seconds, worst(answer.fluence_rate, truth))
        print(f"  photodose        {streams:3} streams {seconds * 1e6:9.1f} us  error {own[streams][1]:.1e}")
    good = True
    for name, (seconds, error) in peers(batch, truth).items():
        print(f"  {name:16} {PEER_STREAMS:3} streams {seconds * 1e6:9.1f} us  error {error:.1e}", end="")
        equal = [streams for streams in OWN_STREAMS if own[streams][1] <= error]
        if not equal:
            print("; we need more streams than were tried")
            good = False
            continue
        ratio = seconds / own[equal[0]][0]
        print(f"; we at {equal[0]} streams are {ratio:.1f} times as fast")
        good = good and ratio >= WISH_PEER
    return good


def faces(count: int, rounds: int) -> bool:
    """Reflecting faces at default accuracy beside plain numpy; four indices; two cores."""
    batch = stacks(count, (1.4,) * 7)
    depths = bottoms(batch)
    answer, seconds = timed(batch, rounds, depths_mm=depths)
    run = subprocess.run(
        [sys.executable, __file__, "--plain"], env=ONE_CORE, capture_output=True, text=True, check=True
    )
    spent, *found = (float(number) for number in run.stdout.split())
    plain = spent
    differ = worst(np.array(found), solve_batch(**stacks(1, (1.4,) * 7), depths_mm=depths[:1]).fluence_rate[0])
    assert differ < 0.05, f"the plain twin is off by {differ}"
    print(
        f"index 1.4 in air, default accuracy ({np.median(answer.streams):.0f} streams): {1.0 / seconds:,.0f} solves/s"
    )
    print(f"  plain numpy, 32 streams: {plain * 1e3:.2f} ms a solve; we are {plain / seconds:.0f} times as fast")
    good = plain / seconds >= WISH_PLAIN
    numpy_begin = time.process_time()
    solve_batch(**batch, depths_mm=depths, backend="numpy")
    print(f"  our own numpy way: {count / (time.process_time() - numpy_begin):,.0f} solves/s")
    several = stacks(count, INDICES)
    answer, each = timed(several, rounds, depths_mm=bottoms(several))
    print(f"own indices, default accuracy ({np.median(answer.streams):.0f} streams): {1.0 / each:,.0f} solves/s")
    good = good and 1.0 / each >= WISH_INDICES
    good = good and unlike(count, rounds)
    two_cores(several, rounds)
    return bool(good)


def unlike(count: int, rounds: int) -> bool:
    """A batch in which no two stacks have the same indices, four in each: in numpy, on one core."""
    batch = stacks(count, INDICES)
    four = np.random.default_rng(2).uniform((1.48, 1.33, 1.38, 1.43), (1.52, 1.36, 1.41, 1.46), (count, 4))
    batch["refractive_index"] = four[:, (0, 1, 2, 2, 2, 3, 1)]
    _, each = timed(batch, rounds, depths_mm=bottoms(batch))
    print(f"four indices, other ones in every stack: {1.0 / each:,.0f} solves/s")
    return bool(1.0 / each >= WISH_INDICES)


def two_cores(batch: dict[str, Array], rounds: int) -> None:
    """Two threads beside one, in turns: wall clock, and the processor time that sharing costs."""
    large = {name: np.concatenate([values] * 4) for name, values in batch.items()}
    depths = bottoms(large)
    walls: dict[int, list[float]] = {1: [], 2: []}
    spent: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(2 * rounds + 1):
        for threads in walls:
            begin, used = time.perf_counter(), time.process_time()
            solve_batch(**large, depths_mm=depths, backend="numba", threads=threads)
            walls[threads].append(time.perf_counter() - begin)
            spent[threads].append(time.process_time() - used)
    wall, work = (float(np.median(part[1]) / np.median(part[2])) for part in (walls, spent))
    print(
        f"  two threads: {wall:.2f} times one by the wall clock (median of {len(walls[1])} turns; "
        f"{os.getloadavg()[0]:.1f} other programs want the processor), {1.0 / work:.2f} of its processor time"
    )


def gradients(count: int, rounds: int) -> bool:
    """The gradient by all 35 parameters beside the solve that it starts from, both in numpy, in turns; in its own
    process, with one thread for algebra."""
    good = True
    for name, index in (("index 1.4", (1.4,) * 7), ("own indices", INDICES)):
        for kind in ("collimated", "diffuse"):
            batch = stacks(count, index)
            given: dict[str, Any] = {"depths_mm": bottoms(batch), "incidence": {"kind": kind}}
            plain, whole = [], []
            for _ in range(rounds + 1):
                begin = time.process_time()
                solve_batch(**batch, **given, backend="numpy")
                plain.append(time.process_time() - begin)
                begin = time.process_time()
                gradient(**batch, **given, weights={"fluence_rate": 1.0, "reflectance": 1.0})
                whole.append(time.process_time() - begin)
            ratio = float(np.median(whole) / np.median(plain))
            print(f"gradient, {name}, {kind}: {min(whole) / count * 1e6:.0f} us, {ratio:.2f} solves", flush=True)
            good = good and ratio <= WISH_GRADIENT
    return good


def photons(count: int, rounds: int, packets: int) -> None:
    """Processor time of a Monte Carlo run that knows the fluence at 5 mm to 1 %, in solves."""
    batch = stacks(count, (1.4,) * 7)
    _, seconds = timed(batch, rounds, depths_mm=[5.0])
    stack = LayerStack.from_mapping(
        {
            "layers": [
                {"name": f"layer{k}", **{name: float(values[0, k]) for name, values in batch.items()}}
                for k in range(len(SEVEN))
            ]
        }
    )
    spent, errors = [], []
    for seed in (1, 2):
        begin = time.process_time()
        result = monte_carlo.solve_stack(stack, np.array([5.0]), Incidence(), photons=packets, seed=seed, threads=1)
        spent.append(time.process_time() - begin)
        assert result.standard_error is not None
        errors.append(float(result.standard_error["fluence_rate"][0] / result.fluence_rate[0]))
    needed = spent[1] * (errors[1] / 0.01) ** 2
    print(f"Monte Carlo to 1 % at 5 mm: {needed:.2f} s, {needed / seconds:,.0f} solves")


def plain_turns() -> None:
    """Print the best time of the plain solve, then what it found; in its own process, with one thread for algebra."""
    batch = stacks(1, (1.4,) * 7)
    best = math.inf
    for _ in range(15):
        begin = time.process_time()
        found = _plain(batch, 0, 16)
        best = min(best, time.process_time() - begin)
    print(best, *found)


def main(quick: bool = False) -> int:
    """Print the comparison; 0 if every wish is met."""
    count, rounds = (64, 1) if quick else (1000, 5)
    good = matched(count, rounds)
    good = faces(count, rounds) and good
    command = [sys.executable, __file__, "--gradients", str(count), str(rounds)]
    good = not subprocess.run(command, env=ONE_CORE, check=False).returncode and good
    photons(count, rounds, 20_000 if quick else 200_000)
    return int(not good)


if __name__ == "__main__":
    if "--gradients" in sys.argv:
        sys.exit(not gradients(*(int(part) for part in sys.argv[2:])))
    sys.exit(plain_turns() if "--plain" in sys.argv else main("--quick" in sys.argv))
