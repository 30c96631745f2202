"""A peer of the Monte Carlo benchmark in its own process: other programs, none of them needed by photodose.

    python monte_carlo_peers.py NAME GEOMETRY CORES

Says `ready` (or `missing: why`) on standard output, then answers each line "N" with one JSON object: the seconds that N
packets of `skin4_common` took and, for each fifth of them, the absorbed energy near 2 and 5 mm (any scale).

Where the peers are comes from the environment: PHOTODOSE_BENCH_PYXOPTO is the folder that holds PyXOpto's package
`xopto` (OCL_ICD_VENDORS chooses the OpenCL runtime), PHOTODOSE_BENCH_MCML is MCML's program, its generator replaced.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

LAYERS = ((0.1, 0.30, 20.0, 0.80), (1.5, 0.035, 18.0, 0.82), (4.0, 0.015, 12.0, 0.85), (20.0, 0.05, 8.0, 0.90))
"""Thickness [mm], absorption and scattering [1/mm], anisotropy; index 1.4 in air."""

INDEX, BIN_MM, DEPTH_BINS, RADIAL_BINS = 1.4, 0.1, 200, 100
NEAR = ((19, 21), (49, 51))
"""Depth bins around 2 and 5 mm."""

PARTS = 5
"""Runs that a turn is cut into, so that their spread is known."""

Run = Callable[[int], list[float]]


def pyxopto(geometry: str, cores: int) -> Run:
    """PyXOpto with native math: fluence by depth, or by radius and depth."""
    del cores
    if "PHOTODOSE_BENCH_PYXOPTO" in os.environ:
        sys.path.insert(0, os.environ["PHOTODOSE_BENCH_PYXOPTO"])
    warnings.simplefilter("ignore")
    import pyopencl
    from xopto.mcml import mc

    devices = [device for platform in pyopencl.get_platforms() for device in platform.get_devices()]
    cpu = next(device for device in devices if device.type & pyopencl.device_type.CPU)
    functions = [mc.mcpf.Hg(layer[3]) for layer in LAYERS]
    air = {"d": 0.0, "n": 1.0, "mua": 0.0, "mus": 0.0, "pf": functions[0]}
    rows = [mc.mclayer.Layer(**air)]
    for (thickness, absorption, scattering, _), function in zip(LAYERS, functions, strict=True):
        rows.append(
            mc.mclayer.Layer(d=thickness * 1e-3, n=INDEX, mua=absorption * 1e3, mus=scattering * 1e3, pf=function)
        )
    rows.append(mc.mclayer.Layer(**air))
    total = mc.mcdetector.Total
    axes = (0.0, RADIAL_BINS * BIN_MM * 1e-3, RADIAL_BINS) if geometry == "rz" else (0.0, 1.0, 1)
    solver = mc.Mc(
        mc.mclayer.Layers(rows),
        mc.mcsource.Line(),
        mc.mcdetector.Detectors(top=total(), bottom=total(), specular=total()),
        fluence=mc.mcfluence.FluenceRz(
            mc.mcfluence.Axis(*axes), mc.mcfluence.Axis(0.0, DEPTH_BINS * BIN_MM * 1e-3, DEPTH_BINS)
        ),
        cl_devices=cpu,
        cl_build_options=["-cl-fast-relaxed-math", "-cl-mad-enable"],
        options=[mc.mcoptions.McUseNativeMath.on],
    )
    solver.rmax = 1.0

    def run(packets: int) -> list[float]:
        fluence = solver.run(packets)[1]
        by_depth = fluence.raw.sum(axis=0)
        return [float(by_depth[low:high].sum()) for low, high in NEAR]

    return run


def mcml(geometry: str, cores: int) -> Run:
    """MCML in C: one process a core, always with tallies on (r, z)."""
    if geometry != "rz":
        raise RuntimeError("MCML always counts on (r, z)")
    if "PHOTODOSE_BENCH_MCML" not in os.environ:
        raise RuntimeError("PHOTODOSE_BENCH_MCML names no program")
    program = os.environ["PHOTODOSE_BENCH_MCML"]
    folder = Path(tempfile.mkdtemp(prefix="mcml"))
    body = "".join(f"{INDEX} {a * 10} {s * 10} {g} {d / 10}\n" for d, a, s, g in LAYERS)

    def run(packets: int) -> list[float]:
        started = []
        for core in range(cores):
            name = folder / f"{core}.mci"
            head = f"1.0\n1\n{folder}/{core}.mco A\n{packets // cores}\n{BIN_MM / 10} {BIN_MM / 10}\n"
            name.write_text(f"{head}{DEPTH_BINS} {RADIAL_BINS} 30\n{len(LAYERS)}\n1.0\n{body}1.0\n")
            started.append(subprocess.Popen([program, str(name)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        if any(process.wait() for process in started):
            raise RuntimeError("MCML failed")
        sums = [0.0, 0.0]
        for core in range(cores):
            text = (folder / f"{core}.mco").read_text(encoding="latin-1")
            values = [float(word) for word in text.split("\nA_z", 1)[1].split("\n", 1)[1].split()[:DEPTH_BINS]]
            for k, (low, high) in enumerate(NEAR):
                sums[k] += sum(values[low:high]) / cores
        return sums

    return run


def pmmc(geometry: str, cores: int) -> Run:
    """Mesh-based Monte Carlo of the same layers as a box of tetrahedra, 60 mm wide."""
    del cores
    if geometry != "planar":
        raise RuntimeError("pmmc counts on its mesh")
    import numpy as np
    import pmmc as solver

    z = np.concatenate([[0.0], np.cumsum([layer[0] for layer in LAYERS])])
    side = np.linspace(-30.0, 30.0, 7)
    node = np.stack(np.meshgrid(side, side, z, indexing="ij"), axis=-1).reshape(-1, 3)
    corners = ((0, 1, 3, 7), (0, 1, 7, 5), (0, 5, 7, 4), (0, 3, 2, 7), (0, 6, 4, 7), (0, 2, 6, 7))
    elements, owners = [], []
    for i in range(6):
        for j in range(6):
            for k in range(len(LAYERS)):
                box = [((i + a) * 7 + j + b) * len(z) + k + c for a in (0, 1) for b in (0, 1) for c in (0, 1)]
                for corner in corners:
                    four = [box[m] for m in corner]
                    spread = node[four[1:]] - node[four[0]]
                    if np.linalg.det(spread) < 0.0:
                        four[2], four[3] = four[3], four[2]
                    elements.append([n + 1 for n in four])
                    owners.append(k + 1)
    direction = np.array([0.01, 0.02, 1.0]) / np.linalg.norm([0.01, 0.02, 1.0])
    setup: dict[str, Any] = {
        "node": node, "elem": np.array(elements), "elemprop": np.array(owners), "tstart": 0.0, "tend": 2e-8,
        "tstep": 2e-8, "srcpos": [1.0, 2.0, 0.0], "srcdir": direction.tolist(), "isreflect": 1, "method": "elem",
        "prop": [[0, 0, 1, 1], *([a, s, g, INDEX] for _, a, s, g in LAYERS)], "gpuid": 1, "compute": "sse",
        "debuglevel": "P",
    }  # fmt: skip

    def run(packets: int) -> list[float]:
        solver.run({**setup, "nphoton": packets, "seed": time.time_ns() % 2**31})
        return []

    return run


def pmcxcl(geometry: str, cores: int) -> Run:
    """Voxel Monte Carlo of the same layers, voxels of 0.1 mm, 10 mm wide."""
    del cores
    if geometry != "rz":
        raise RuntimeError("pmcxcl counts on its voxels")
    import numpy as np
    import pmcxcl as solver

    volume, first = np.zeros((100, 100, 256), dtype=np.uint8), 0
    for number, layer in enumerate(LAYERS, 1):
        last = first + round(layer[0] / BIN_MM)
        volume[:, :, first:last], first = number, last
    setup = {
        "vol": volume, "unitinmm": BIN_MM, "prop": [[0, 0, 1, 1], *([a, s, g, INDEX] for _, a, s, g in LAYERS)],
        "tstart": 0.0, "tend": 2e-8, "tstep": 2e-8, "srcpos": [50, 50, 0], "srcdir": [0, 0, 1], "isreflect": 1,
    }  # fmt: skip

    def run(packets: int) -> list[float]:
        solver.run({**setup, "nphoton": packets, "seed": time.time_ns() % 2**31})
        return []

    return run


def busy_seconds() -> float:
    """Processor time of this process, its threads and the processes that it waited for [s]."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> None:
    """Answer lines until standard input ends."""
    # what a peer prints belongs to standard error, so that the protocol stays clean
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    name, geometry, cores = sys.argv[1], sys.argv[2], int(sys.argv[3])
    try:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
        run = {"pyxopto": pyxopto, "mcml": mcml, "pmmc": pmmc, "pmcxcl": pmcxcl}[name](geometry, cores)
        run(2000)
    except Exception as error:
        answers.write(f"missing: {type(error).__name__}: {' '.join(str(error).split())[:100]}\n")
        return
    answers.write("ready\n")
    for line in sys.stdin:
        began, busy = time.perf_counter(), busy_seconds()
        near = [run(int(line) // PARTS) for _ in range(PARTS)]
        answer = {"seconds": time.perf_counter() - began, "busy": busy_seconds() - busy, "near": near}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
