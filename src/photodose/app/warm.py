"""What the first visitor would otherwise wait for, done while the server starts: modules, data, machine code."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

logger = logging.getLogger("photodose.warm")

SETTLE_S = 1.0
"""Between the light work and the heavy one [s]: who started the server opens its first page just then."""
PATIENCE_S = 900.0
"""Compiling takes 16 s on a server's core and longer on a small board; after this [s] the server goes on without."""
COMPILE = "import os; getattr(os, 'nice', int)(10); from photodose.transport import slab; slab.load()"


def warm() -> None:
    """Do all of it, each part for itself: one that fails costs a visitor a second and nothing else."""
    attempt(pages)
    attempt(example)
    if os.environ.get("PHOTODOSE_MACHINE_CODE", "1") != "0":
        time.sleep(SETTLE_S)
        attempt(machine_code)


def attempt(part: Callable[[], None]) -> None:
    """One part, with its time in the log."""
    from django.db import close_old_connections

    began = time.perf_counter()
    try:
        part()
    except Exception:
        logger.exception("a part of warming up failed", extra={"event": part.__name__})
    else:
        spent = round(1000.0 * (time.perf_counter() - began))
        logger.info("warmed up", extra={"event": part.__name__, "milliseconds": spent})
    finally:
        close_old_connections()


def pages() -> None:
    """Import every view and compile every template of the application."""
    from django.template.loader import get_template
    from django.urls import get_resolver

    _ = get_resolver().reverse_dict
    folder = Path(__file__).parent / "templates"
    for file in sorted(folder.rglob("*.html")):
        get_template(file.relative_to(folder).as_posix())


def example() -> None:
    """What the first page, the dose page and the set-up show before anybody answered."""
    from photodose.app.answers import example as answers
    from photodose.app.pages.dose.views import delivered
    from photodose.app.pages.home.facts import facts
    from photodose.app.tones import tones

    facts()
    delivered(answers(), None)
    tones(answers().site)


def machine_code() -> None:
    """Load the compiled light transport; where it was never compiled, a process of its own does so first, so that the
    pages go on meanwhile."""
    from photodose.app.answers import EXAMPLE_MINUTES
    from photodose.app.answers import example as answers
    from photodose.app.physics import dose_for, light_of
    from photodose.transport import slab

    if not is_compiled():
        subprocess.run([sys.executable, "-c", COMPILE], check=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL)
    slab.load()
    dose_for(light_of(answers()), EXAMPLE_MINUTES + 1.0)


def is_compiled() -> bool:
    """Whether machine code newer than its source lies beside it, for this version of Python."""
    from photodose.transport import _kernels

    folder = Path(_kernels.__file__).parent
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    made = [file.stat().st_mtime for file in folder.glob(f"__pycache__/slab.solve_all-*.{version}.nbi")]
    return bool(made) and max(made) > max(file.stat().st_mtime for file in folder.glob("slab*.py"))
