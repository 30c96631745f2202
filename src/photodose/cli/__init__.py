"""The command line: thin commands over the same functions that Python and the application call."""

from __future__ import annotations

import os
import sys

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Matrices are small here: more threads of the algebra library spin while they wait for each other (three times the
processor time for the dose of a seven-band panel). What is worth threads, such as Monte Carlo, brings its own."""


def main() -> None:
    """Run one command; every error a person can make ends in one sentence on standard error and a fitting exit code."""
    for library in ONE_THREAD:  # read when numpy is loaded, so before any command
        os.environ.setdefault(library, "1")
    from photodose.cli.run import run

    sys.exit(run(sys.argv[1:]))
