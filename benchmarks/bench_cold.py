"""How long a cold `photodose dose` takes, beside the libraries that any numerical command must load."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

DOSE = [
    sys.executable, "-m", "photodose.cli", "dose", "omnilux-contour-face",
    "--site", "cheek", "--skin-type", "III", "--minutes", "10", "--json",
]  # fmt: skip
BASE = [sys.executable, "-c", "import numpy, scipy.linalg"]
REPEATS = 5


def seconds(command: list[str], repeats: int) -> float:
    """Wall time of a command [s], best of a few."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=True)
        best = min(best, time.perf_counter() - start)
    if "dose" in command:
        assert json.loads(done.stdout)["targets"]
    return best


def main(quick: bool = False) -> int:
    """Print the ratio (wished: at most 6) and the peak memory (wished: at most 300 MB); 0 if both are met."""
    repeats = 1 if quick else REPEATS
    base, dose = seconds(BASE, repeats), seconds(DOSE, repeats)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0
    print(f"import numpy, scipy.linalg   {base:6.2f} s")
    print(f"photodose dose, cold         {dose:6.2f} s   {dose / base:.1f} times   {peak:.0f} MB at most")
    return 0 if quick or (dose <= 6.0 * base and peak <= 300.0) else 1


if __name__ == "__main__":
    sys.exit(main())
