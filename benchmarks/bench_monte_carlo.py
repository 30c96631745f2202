"""Monte Carlo beside its peers on `skin4_common`, in turns within one run, and 12 million packets against the truth.

Peers are optional (see monte_carlo_peers.py); PHOTODOSE_BENCH_PYTHON is the interpreter that has them, this one unless
given. One that cannot run is named as missing. Speeds are the best of the rounds; what counts are the ratios. Packets
per second of processor time hold on a machine that is busy with other things, packets per second on one that is not.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from photodose.optics import Incidence, LayerStack
from photodose.transport.monte_carlo import Grid, Source, solve_stack
from photodose.transport.monte_carlo.medium import build
from photodose.transport.monte_carlo.run import Stop, run

SKIN4 = LayerStack.from_mapping(
    {
        "refractive_index": 1.40,
        "layers": [
            {"name": name, "thickness_mm": d, "absorption_per_mm": a, "scattering_per_mm": s, "anisotropy": g}
            for name, d, a, s, g in (
                ("epidermis", 0.1, 0.30, 20.0, 0.80),
                ("dermis", 1.5, 0.035, 18.0, 0.82),
                ("fat", 4.0, 0.015, 12.0, 0.85),
                ("muscle", 20.0, 0.05, 8.0, 0.90),
            )
        ],
    }
)
DEPTHS = np.array([0.05, 0.5, 1.0, 2.0, 5.0, 10.0])
FLUENCE = np.array([4.75793, 4.26531, 3.20648, 2.00907, 0.616047, 0.0869769])
"""Discrete ordinates of 128 to 512 streams, converged to 1e-7."""

GRID = Grid(0.1, 100, 0.1, 200, absorbed=True, fluence=False)
PLANAR_WISH, GRID_WISH = 1.5, 1.0


@dataclass
class Contestant:
    """One program in one geometry on some cores: its runs so far."""

    name: str
    geometry: str
    cores: int
    packets: int
    process: subprocess.Popen[str] | None = None
    missing: str = ""
    rates: list[float] = field(default_factory=list)
    busy_rates: list[float] = field(default_factory=list)
    near: list[list[float]] = field(default_factory=list)
    part: float = 0.0
    errors: list[tuple[float, float]] = field(default_factory=list)

    def start(self) -> None:
        """Start a peer's process and wait until it is warm."""
        python = os.environ.get("PHOTODOSE_BENCH_PYTHON", sys.executable)
        program = Path(__file__).with_name("monte_carlo_peers.py")
        self.process = subprocess.Popen(
            [python, str(program), self.name, self.geometry, str(self.cores)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        if line != "ready":
            self.missing = line.removeprefix("missing: ") or "it crashed"

    def turn(self, seed: int) -> None:
        """One timed run."""
        if self.name == "photodose":
            self._own_turn(seed)
            return
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{self.packets}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.missing = "it crashed"
            return
        answer = json.loads(line)
        self.rates.append(self.packets / answer["seconds"])
        self.busy_rates.append(self.packets / max(answer["busy"], 1e-3))
        self.near += answer["near"]
        self.part = self.packets / len(answer["near"])

    def _own_turn(self, seed: int) -> None:
        began, busy = time.perf_counter(), time.process_time()
        if self.geometry == "planar":
            answer = solve_stack(SKIN4, DEPTHS, Incidence(), self.packets, seed, threads=self.cores)
            assert answer.standard_error is not None
            relative = answer.standard_error["fluence_rate"] / answer.fluence_rate
            self.errors.append((float(relative[3]), float(relative[4])))
        else:
            run(build(SKIN4, Source(), np.zeros(0), grid=GRID), Stop(self.packets), seed, threads=self.cores)
        self.rates.append(self.packets / (time.perf_counter() - began))
        self.busy_rates.append(self.packets / (time.process_time() - busy))

    @property
    def best(self) -> float:
        return max(self.rates)

    def seconds_to_one_percent(self, place: int) -> float:
        """Seconds to a relative standard error of 1 % at 2 mm (0) or 5 mm (1); NaN where the spread is not known."""
        if self.errors:
            relative, packets = float(np.mean([error[place] for error in self.errors])), float(self.packets)
        elif len(self.near) >= 20 and self.near[0]:
            values = np.array(self.near)[:, place]
            relative, packets = float(values.std(ddof=1) / values.mean()), self.part
        else:
            return float("nan")
        return packets / self.best * (relative / 0.01) ** 2


def contestants(quick: bool) -> list[Contestant]:
    """Who takes part."""
    scale = 0.05 if quick else 1.0
    rows = [
        Contestant("photodose", geometry, cores, int(300_000 * cores * scale))
        for geometry in ("planar", "rz")
        for cores in (1, 2)
    ]
    sizes = {"pyxopto": 250_000, "mcml": 20_000, "pmmc": 10_000, "pmcxcl": 10_000}
    for name, geometry in (
        ("pyxopto", "planar"), ("pyxopto", "rz"), ("mcml", "rz"), ("pmmc", "planar"), ("pmcxcl", "rz")
    ):  # fmt: skip
        rows += [Contestant(name, geometry, cores, int(sizes[name] * cores * scale)) for cores in (1, 2)]
    return rows


def race(rows: list[Contestant], rounds: int) -> None:
    """Everybody in turn, round after round, so that a busy machine is busy for all."""
    for row in rows:
        if row.name != "photodose":
            row.start()
    for number in range(rounds):
        for row in rows:
            if not row.missing:
                row.turn(number)
    for row in rows:
        if row.process is not None and row.process.stdin is not None:
            row.process.stdin.close()
            row.process.wait(timeout=30)


def table(rows: list[Contestant]) -> None:
    """Print who was how fast."""
    heads = ("packets/s", "per cpu s", "1 % at 2 mm", "1 % at 5 mm")
    print(f"{'program':10} {'tallies':8} {'cores':>5}" + "".join(f" {head:>12}" for head in heads))
    for row in rows:
        if row.missing:
            print(f"{row.name:10} {row.geometry:8} {row.cores:5} missing: {row.missing}")
            continue
        two, five = row.seconds_to_one_percent(0), row.seconds_to_one_percent(1)
        waits = "".join(f" {'-' if math.isnan(wait) else f'{wait:.2f} s':>12}" for wait in (two, five))
        print(f"{row.name:10} {row.geometry:8} {row.cores:5} {row.best:12,.0f} {max(row.busy_rates):12,.0f}{waits}")


def verdict(rows: list[Contestant]) -> bool:
    """Whether the wishes against PyXOpto are met; true where it is missing."""
    met = True
    for geometry, wish in (("planar", PLANAR_WISH), ("rz", GRID_WISH)):
        for cores in (1, 2):
            own, peer = (
                next(r for r in rows if (r.name, r.geometry, r.cores) == (name, geometry, cores))
                for name in ("photodose", "pyxopto")
            )
            if peer.missing:
                continue
            ratio, busy = own.best / peer.best, max(own.busy_rates) / max(peer.busy_rates)
            print(
                f"photodose / PyXOpto, {geometry}, {cores} core(s): {ratio:.2f}, by processor time {busy:.2f} "
                f"(wish {wish:g})"
            )
            met = met and min(ratio, busy) >= wish
    return met


def no_bias(packets: int) -> bool:
    """Fluence at six depths against the converged answer, in standard errors."""
    answer = solve_stack(SKIN4, DEPTHS, Incidence(), packets, seed=1995)
    assert answer.standard_error is not None
    sigma = answer.standard_error["fluence_rate"]
    scores = (answer.fluence_rate - FLUENCE) / sigma
    print(f"{packets:,} packets in {answer.seconds:.1f} s")
    for depth, value, error, score in zip(DEPTHS, answer.fluence_rate, sigma, scores, strict=True):
        print(f"  {depth:5g} mm  {value:.5f} +- {error:.5f}  {score:+.2f} standard errors")
    return bool(np.abs(scores).max() < 4.5)


def main(quick: bool = False) -> int:
    """Print the tables; 1 if a wish is missed or the answer is biased."""
    solve_stack(SKIN4, DEPTHS, Incidence(), 1000)
    run(build(SKIN4, Source(), np.zeros(0), grid=GRID), Stop(1000))
    rows = contestants(quick)
    race(rows, 1 if quick else 8)
    table(rows)
    fast = verdict(rows)
    true = no_bias(200_000 if quick else 12_000_000)
    return int(not (fast or quick) or not true)


if __name__ == "__main__":
    sys.exit(main())
