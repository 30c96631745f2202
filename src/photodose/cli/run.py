"""Running one command and turning whatever happens into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from photodose.quantities import PhotodoseError

OK, OUR_FAILURE, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def _say(message: str) -> None:
    print(f"photodose: {message}", file=sys.stderr)


def run(arguments: Sequence[str]) -> int:
    """Run `photodose` with arguments and return its exit code (interface.md)."""
    import click

    from photodose.cli.app import app

    try:
        result = app(args=list(arguments), standalone_mode=False, prog_name="photodose")
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
        return OK
    except click.UsageError as error:
        _say(_usage_sentence(error))
        return BAD_INPUT
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
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
        if os.environ.get("PHOTODOSE_DEBUG"):
            raise
        _say(
            f"this is our own failure, a bug ({type(error).__name__}: {error}); "
            "set PHOTODOSE_DEBUG=1 to see where, and please report it."
        )
        return OUR_FAILURE
    return result if isinstance(result, int) else OK


def _usage_sentence(error: object) -> str:
    import click

    assert isinstance(error, click.UsageError)
    message = error.format_message().strip().rstrip(".")
    context = error.ctx
    where = context.command_path if context is not None else "photodose"
    return f"{message}; see '{where} --help'."
