"""The command line: thin commands over the same functions that Python and the application call."""

from __future__ import annotations

import sys


def main() -> None:
    """Run one command; every error a person can make ends in one sentence on standard error and a fitting exit code."""
    from photodose.cli.run import run

    sys.exit(run(sys.argv[1:]))
