"""Blocks of packets: how many, on which threads, until when, and what their spread says about the error.

A run is cut into blocks whose generators and sizes depend on the seed and the count alone. Blocks are added up in their
order, whoever finishes first, so that an answer does not depend on the number of threads.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.transport._kernels import layout
from photodose.transport.monte_carlo.medium import Problem

FloatArray = NDArray[np.float64]
Derive = Callable[[FloatArray], FloatArray]

BACKENDS = ("cpu", "reference")
MOST_PACKETS = 10**12
DEFAULT_PACKETS = 1_000_000
BLOCK = 8192
LARGE_OUTPUT, LARGE_BLOCK = 200_000, 65_536
LEAST_BLOCKS = 64


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: packets and seconds so far, share done (0 to 1), seconds that remain."""

    photons: int
    seconds: float
    fraction: float
    remaining_seconds: float


@dataclass(frozen=True, slots=True)
class Stop:
    """When a run ends: after a count, at a relative standard error of one entry of the tallies, after a time."""

    photons: int | None = None
    relative_error: float | None = None
    entry: int = 0
    max_seconds: float | None = None

    def __post_init__(self) -> None:
        if self.photons is not None and not 1 <= self.photons <= MOST_PACKETS:
            raise RangeError("photons", self.photons, 1, MOST_PACKETS)
        if self.relative_error is not None and not 1e-6 <= self.relative_error < 1.0:
            raise RangeError("stderr", self.relative_error, 1e-6, 1.0)
        if self.max_seconds is not None and not 0.0 < self.max_seconds <= 1e7:
            raise RangeError("max_seconds", self.max_seconds, 0.0, 1e7)

    @property
    def most(self) -> int:
        if self.photons is not None:
            return self.photons
        open_ended = self.relative_error is not None or self.max_seconds is not None
        return MOST_PACKETS if open_ended else DEFAULT_PACKETS

    def sizes(self, output_size: int) -> Iterator[int]:
        """Packets of each block in turn: equal to within one if the count is known; more where tallies are many."""
        block = BLOCK if output_size < LARGE_OUTPUT else LARGE_BLOCK
        if self.photons is None and self.most == MOST_PACKETS:
            for _ in range(MOST_PACKETS // block):
                yield block
            return
        total = self.most
        blocks = min(total, max(LEAST_BLOCKS, -(-total // block)))
        for number in range(blocks):
            yield total // blocks + (1 if number < total % blocks else 0)


@dataclass(slots=True)
class Sums:
    """Tallies added over blocks, with the sum of squares that the standard errors come from."""

    size: int
    packets: int = 0
    blocks: int = 0
    total: FloatArray = field(init=False)
    squares: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.total, self.squares = np.zeros(self.size), np.zeros(self.size)

    def add(self, values: FloatArray, packets: int) -> None:
        self.total += values
        self.squares += values * values / packets
        self.packets += packets
        self.blocks += 1

    @property
    def mean(self) -> FloatArray:
        """Per packet."""
        return self.total / max(self.packets, 1)

    @property
    def standard_error(self) -> FloatArray:
        """Of the mean, from the spread between blocks; NaN with fewer than two."""
        if self.blocks < 2:
            return np.full(self.size, np.nan)
        spread = np.maximum(self.squares - self.total * self.total / self.packets, 0.0)
        # what is left of rounding when every block gives the same
        spread[spread < 1e-13 * self.squares] = 0.0
        return np.asarray(np.sqrt(spread / (self.blocks - 1) / self.packets))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Sums over all blocks, the kernel's tallies first, then what `derive` made of them.

    `ended` is "count", "stderr", "time" or "interrupt".
    """

    sums: Sums
    ended: str
    seconds: float


def run(
    problem: Problem,
    stop: Stop,
    seed: int = 1,
    backend: str = "cpu",
    threads: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    derive: Derive | None = None,
) -> Outcome:
    """Trace packets until `stop` says enough.

    Parameters
    ----------
    problem : Problem
    stop : Stop
    seed : int
        0 to 2^63 - 1; the same seed gives the same answer on any number of threads (a time limit apart).
    backend : str
        "cpu" (compiled) or "reference" (plain Python, slow).
    threads : int, optional
        All cores unless given.
    progress : callable, optional
        Called a few times a second with a Progress.
    derive : callable, optional
        Further tallies as a function of one block's tallies, so that they get their own standard error.

    Returns
    -------
    Outcome
        After KeyboardInterrupt too: what was gained is kept, and marked.

    Raises
    ------
    InputError
        If the seed, the backend or the number of threads makes no sense.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**63:
        raise InputError("seed must be a whole number from 0 to 2^63 - 1.")
    workers = _workers(threads)
    kernel, jump = _kernel(backend)
    sums = Sums(problem.output_size + (0 if derive is None else derive(np.zeros(problem.output_size)).size))
    state = np.array(np.random.SeedSequence(int(seed)).generate_state(4, np.uint64), dtype=np.uint64)
    began, told, ended = time.perf_counter(), 0.0, "count"
    sizes, pending = stop.sizes(problem.output_size), deque[tuple[int, Future[FloatArray]]]()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="packets")
    try:
        while True:
            while len(pending) < in_flight(workers) and (size := next(sizes, None)) is not None:
                pending.append((size, pool.submit(_block, kernel, problem, size, state.copy(), derive)))
                state = jump(state)
            if not pending:
                break
            try:
                values = pending[0][1].result(timeout=0.2)
            except FutureTimeout:
                values = None
            if values is not None:
                sums.add(values, pending.popleft()[0])
            now = time.perf_counter() - began
            if (reason := _enough(stop, sums, now)) is not None:
                ended = reason
                break
            if progress is not None and now - told > 0.2:
                told = now
                progress(_progress(stop, sums, now))
    except KeyboardInterrupt:
        ended = "interrupt"
        _keep(pending, sums)
    finally:
        for _, future in pending:
            future.cancel()
        pool.shutdown(wait=True, cancel_futures=True)
    return Outcome(sums, ended, time.perf_counter() - began)


def in_flight(threads: int | None) -> int:
    """Most blocks whose tallies exist at once."""
    return 2 * _workers(threads)


def _workers(threads: int | None) -> int:
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(threads, bool) or not isinstance(threads, int | np.integer) or not 1 <= threads <= 4096:
        raise InputError("threads must be a whole number from 1 to 4096.")
    return int(threads)


def _kernel(backend: str) -> tuple[Callable[..., Any], Callable[[NDArray[np.uint64]], NDArray[np.uint64]]]:
    """The block function and the jump from one block's generator to the next."""
    if backend == "cpu":
        from photodose.transport._kernels import cpu

        return cpu.run_block, cpu.next_block
    if backend == "reference":
        from photodose.transport._kernels import reference

        return reference.run_block, reference.next_block
    if backend == "cuda":
        raise InputError("the Monte Carlo backend 'cuda' is not part of this version; use 'cpu'.")
    raise UnknownNameError("Monte Carlo backend", str(backend), BACKENDS)


def _block(
    kernel: Callable[..., Any], problem: Problem, size: int, state: NDArray[np.uint64], derive: Derive | None
) -> FloatArray:
    plan, out = problem.plan.copy(), np.zeros(problem.output_size)
    plan[layout.PACKETS] = size
    kernel(problem.cells, problem.gates, problem.source, problem.tables, problem.settings, plan, state, out)
    return out if derive is None else np.concatenate([out, derive(out)])


def _enough(stop: Stop, sums: Sums, seconds: float) -> str | None:
    if stop.max_seconds is not None and seconds >= stop.max_seconds and sums.blocks >= 2:
        return "time"
    if stop.relative_error is not None and sums.blocks >= LEAST_BLOCKS // 2:
        mean = float(sums.mean[stop.entry])
        if mean > 0.0 and float(sums.standard_error[stop.entry]) <= stop.relative_error * mean:
            return "stderr"
    return None


def _progress(stop: Stop, sums: Sums, seconds: float) -> Progress:
    fractions = [sums.packets / stop.most]
    if stop.max_seconds is not None:
        fractions.append(seconds / stop.max_seconds)
    if stop.relative_error is not None and sums.blocks >= 8:
        mean, error = float(sums.mean[stop.entry]), float(sums.standard_error[stop.entry])
        fractions.append((stop.relative_error * mean / error) ** 2 if error > 0.0 else 0.0)
    fraction = min(max(fractions), 1.0)
    return Progress(sums.packets, seconds, fraction, seconds * (1.0 / fraction - 1.0) if fraction > 0.0 else np.inf)


def _keep(pending: deque[tuple[int, Future[FloatArray]]], sums: Sums) -> None:
    """Add the blocks that had finished, in their order, up to the first that had not."""
    while pending and pending[0][1].done():
        size, future = pending.popleft()
        sums.add(future.result(), size)
