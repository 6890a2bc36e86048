"""How every command ends when it cannot go on: a sentence and an exit code, never a traceback.

0: done. 1: it began, and something failed. 2: what it was given is wrong, an option, a setting or
a file. 130: Ctrl-C.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from calmloop.base.errors import CalmloopError, ConfigurationError
from calmloop.base.whole_files import explained

EXIT_NOT_DONE = 1
EXIT_CONFIGURATION = 2
STANDARD_STREAMS = (0, 1, 2)


@contextmanager
def failures_reported() -> Iterator[None]:
    """Ends the command with a sentence and its exit code."""
    try:
        yield
    except CalmloopError as error:
        say(str(error), failed=True)
        wrong_input = isinstance(error, ConfigurationError)
        raise typer.Exit(EXIT_CONFIGURATION if wrong_input else EXIT_NOT_DONE) from None
    except OSError as error:
        let_standard_output_go()
        # Whoever closed the pipe, such as `head`, has seen enough.
        if error.errno != errno.EPIPE:
            say(explained(error), failed=True)
        raise typer.Exit(EXIT_NOT_DONE) from None
    except UnicodeError as error:
        say(f"text that cannot be read or written: {error}: save it as UTF-8", failed=True)
        raise typer.Exit(EXIT_NOT_DONE) from None
    except MemoryError:
        say("there is not enough memory for this: give it less, or close others", failed=True)
        raise typer.Exit(EXIT_NOT_DONE) from None


def say(text: str, *, failed: bool = False) -> None:
    """Prints a sentence: a failure in red, where failures go."""
    console = Console(stderr=failed, soft_wrap=True)
    # What is told may hold brackets of its own, or bytes of a file's name: it is no markup.
    shown = text.encode(errors="replace").decode()
    with suppress(OSError) if failed else nullcontext():
        console.print(shown, style="red" if failed else "green", markup=False, highlight=False)


def let_standard_output_go() -> None:
    """Drops what standard output does not take, or Python would try it again at its end."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def open_standard_streams() -> None:
    """Opens those that are closed on the null device.

    The next file would get their number, and whatever a library prints would go into it.
    """
    for number in STANDARD_STREAMS:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


class TellingGroup(TyperGroup):
    """A group of commands none of which ends in a traceback for what a person did."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was asked for."""
        open_standard_streams()
        with failures_reported():
            result = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
            return result
