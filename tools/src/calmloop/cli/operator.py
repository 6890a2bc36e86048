"""What the operator's commands share: a caregiver's connection, and how an outcome is told."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from calmloop.base import logs, settings
from calmloop.base.settings import LogLevel, LogSettings, ServiceSettings
from calmloop.caregiver import CaregiverClient, Outcome, connected
from calmloop.cli.failures import EXIT_NOT_DONE, failures_told, say


@contextmanager
def caregiver() -> Iterator[CaregiverClient]:
    """A connection as `calmloop.yaml` and CALMLOOP_MQTT__* say."""
    # What matters is told in a sentence; the connection's own lines would only stand around it.
    logs.configure(LogSettings(level=LogLevel.ERROR))
    with failures_told(), connected(settings.load(ServiceSettings)) as client:
        try:
            yield client
        except typer.Exit:
            if client.trouble:
                say(client.trouble, failed=True)
            raise


def tell(outcome: Outcome) -> None:
    """Prints what became of a command; ends with exit code 1 if it was not done."""
    say(outcome.text, failed=not outcome.done)
    if not outcome.done:
        raise typer.Exit(EXIT_NOT_DONE)
