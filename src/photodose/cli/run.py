"""Running one command and turning whatever happens into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from photodose.quantities import PhotodoseError

OK, OUR_FAILURE, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def _say(message: str) -> None:
    print(f"photodose: {message}", file=sys.stderr)


def run(arguments: Sequence[str]) -> int:
    """Run `photodose` with arguments and return its exit code (interface.md)."""
    import typer

    from photodose.cli.app import app

    try:
        result = app(args=list(arguments), standalone_mode=False, prog_name="photodose")
    except typer.Exit as error:
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        _say("stopped.")
        return INTERRUPTED
    except PhotodoseError as error:
        _say(str(error))
        return error.exit_code
    except BrokenPipeError:
        # the reader of our output has gone; keep Python from complaining about it at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if hasattr(error, "format_message"):  # how the command line library says that it was called wrongly
            return _usage(error)
        if os.environ.get("PHOTODOSE_DEBUG"):
            raise
        _say(
            f"this is our own failure, a bug ({type(error).__name__}: {error}); "
            "set PHOTODOSE_DEBUG=1 to see where, and please report it."
        )
        return OUR_FAILURE
    return result if isinstance(result, int) else OK


def _usage(error: Any) -> int:
    """One sentence about a wrong call; a call without a command gets the help it asked for."""
    message = str(error.format_message()).strip()
    context = getattr(error, "ctx", None)
    where = "photodose" if context is None else context.command_path
    if "\n" in message or not message:
        print(message or (context.get_help() if context is not None else "see 'photodose --help'."))
        return OK
    _say(f"{message.rstrip('.')}; see '{where} --help'.")
    return BAD_INPUT
