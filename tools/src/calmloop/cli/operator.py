"""What the operator's commands share: a caregiver's connection, and how an outcome is told."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from calmloop import logs, settings
from calmloop.caregiver import CaregiverClient, Outcome, connected
from calmloop.errors import CalmloopError, ConfigurationError
from calmloop.settings import LogLevel, LogSettings, ServiceSettings

EXIT_NOT_DONE = 1
EXIT_CONFIGURATION = 2


@contextmanager
def failures_told() -> Iterator[None]:
    """Ends the command with a sentence and exit code 1, or 2 for a wrong setting."""
    try:
        yield
    except CalmloopError as error:
        say(str(error), failed=True)
        wrong_setting = isinstance(error, ConfigurationError)
        raise typer.Exit(EXIT_CONFIGURATION if wrong_setting else EXIT_NOT_DONE) from None


@contextmanager
def caregiver() -> Iterator[CaregiverClient]:
    """A connection as `calmloop.yaml` and CALMLOOP_MQTT__* say."""
    # What matters is told in a sentence; the connection's own lines would only stand around it.
    logs.configure(LogSettings(level=LogLevel.ERROR))
    with failures_told(), connected(settings.load(ServiceSettings)) as client:
        yield client


def tell(outcome: Outcome) -> None:
    """Prints what became of a command; ends with exit code 1 if it was not done."""
    say(outcome.text, failed=not outcome.done)
    if not outcome.done:
        raise typer.Exit(EXIT_NOT_DONE)


def say(text: str, *, failed: bool = False) -> None:
    """Prints a sentence: a failure in red, where failures go."""
    console = Console(stderr=failed, soft_wrap=True)
    # What is told may hold brackets of its own: it is no markup.
    console.print(text, style="red" if failed else "green", markup=False, highlight=False)
