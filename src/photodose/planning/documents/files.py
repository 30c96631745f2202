"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from photodose.quantities import InputError


def write_whole(name: str | Path, content: bytes) -> None:
    """Write through a temporary file beside it, so that nothing half-written is ever seen.

    Raises
    ------
    InputError
        If it cannot be written; whatever stood there before stays.
    """
    path = Path(name)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)  # mkstemp makes it private; the person expects their usual permissions
        os.replace(temporary, path)
        temporary = None
    except OSError as problem:
        raise InputError(f"the file {name} cannot be written: {problem.strerror}.") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
