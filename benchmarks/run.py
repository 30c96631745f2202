"""Run the benchmarks: every `bench_*.py` beside this file, or those named; exit code 1 if one misses its wish.

    python benchmarks/run.py [--quick] [NAME ...]

A benchmark is a module with `main() -> int`, 0 if its wish is met. A `main(quick)` is told of a smoke run.
"""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent


def load(path: Path) -> Callable[..., int]:
    """The `main` of a benchmark module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    main: Callable[..., int] = module.main
    return main


def run() -> int:
    """Run what the command line asks for."""
    found = {path.stem.removeprefix("bench_"): path for path in sorted(HERE.glob("bench_*.py"))}
    parser = argparse.ArgumentParser(description="Benchmarks of photodose.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(found))
    parser.add_argument("--quick", action="store_true", help="a smoke run: small, nothing is judged by its speed")
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in found:
            parser.error(f"there is no benchmark {name!r}; there are {', '.join(found)}")
    missed = []
    for name in arguments.names or found:
        print(f"== {name}", flush=True)
        main = load(found[name])
        code = main(quick=arguments.quick) if "quick" in inspect.signature(main).parameters else main()
        if code:
            missed.append(name)
        print(flush=True)
    met = [name for name in arguments.names or found if name not in missed]
    print(f"met: {', '.join(met) or 'none'}; missed: {', '.join(missed) or 'none'}")
    return int(bool(missed) and not arguments.quick)


if __name__ == "__main__":
    sys.exit(run())
