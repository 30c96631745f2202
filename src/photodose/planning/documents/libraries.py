"""Libraries that only documents need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from photodose.quantities import InputError


def needed(name: str) -> Any:
    """A library of the application's extra.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        raise InputError(f"this needs the library {name}; install photodose[app].") from None
