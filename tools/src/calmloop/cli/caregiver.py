"""The caregiver's commands: `calmloop stop`, `reset`, `ack`, `override`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from pydantic import ValidationError

from calmloop.base import logs, settings
from calmloop.base.errors import InputError
from calmloop.base.settings import LogLevel, LogSettings, ServiceSettings
from calmloop.caregiver import CaregiverClient, CommandOutcome, connected
from calmloop.cli.failures import EXIT_NOT_DONE, failures_reported, say
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.messages.session import Channel, OverrideAction


@contextmanager
def caregiver() -> Iterator[CaregiverClient]:
    """A connection as `calmloop.yaml` and CALMLOOP_MQTT__* say."""
    # What matters is told in a sentence; the connection's own lines would only stand around it.
    logs.configure(LogSettings(level=LogLevel.ERROR))
    with failures_reported(), connected(settings.load(ServiceSettings)) as client:
        try:
            yield client
        except typer.Exit:
            if client.trouble:
                say(client.trouble, failed=True)
            raise
        except ValidationError as error:
            raise InputError(_wrong_words(error)) from None


def _wrong_words(error: ValidationError) -> str:
    """What a command was given that its message does not take, before anything is sent."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc']))} {str(fault['input'])[:80]!r}: {fault['msg']}"
        for fault in error.errors()
    )


def report(outcome: CommandOutcome) -> None:
    """Prints what became of a command; ends with exit code 1 if it was not done."""
    say(outcome.text, failed=not outcome.done)
    if not outcome.done:
        raise typer.Exit(EXIT_NOT_DONE)


def stop() -> None:
    """Stops the chair at once, and waits until it reports that it is still.

    Exit code 0: it is still. 1: nobody confirmed it, press the red button.
    """
    with caregiver() as client:
        report(client.stop())


def reset() -> None:
    """Unlatches a stop, once nothing speaks against it. It starts nothing."""
    with caregiver() as client:
        report(client.reset())


def ack(
    kind: Annotated[AlarmKind, typer.Argument(help="Which alarm.")],
    by: Annotated[str, typer.Option(help="Who has seen it.")] = "",
) -> None:
    """Acknowledges an alarm: somebody has seen it. It ends when its cause is over, too."""
    with caregiver() as client:
        report(client.ack(kind, by))


override = typer.Typer(help="Override the engine. Less is always taken.", no_args_is_help=True)


@override.command()
def less() -> None:
    """One step down."""
    _send(OverrideAction.LESS)


@override.command()
def more() -> None:
    """One step up."""
    _send(OverrideAction.MORE)


@override.command()
def hold() -> None:
    """Keeps the intensity where it is, until released."""
    _send(OverrideAction.HOLD)


@override.command()
def skip() -> None:
    """On to the scenario's next phase."""
    _send(OverrideAction.SKIP)


@override.command()
def release() -> None:
    """Gives everything back to the engine."""
    _send(OverrideAction.RELEASE)


@override.command()
def ceiling(
    percent: Annotated[float, typer.Argument(min=0, max=100, help="Highest intensity.")],
) -> None:
    """Sets the highest intensity, until released."""
    with caregiver() as client:
        report(client.override(OverrideAction.CEILING, ceiling_pct=percent))


@override.command()
def channels_off(
    channels: Annotated[list[Channel], typer.Argument(help="Which; several are possible.")],
) -> None:
    """Turns channels off, until released."""
    with caregiver() as client:
        report(client.override(OverrideAction.CHANNELS_OFF, channels=tuple(channels)))


@override.command()
def scenario(name: Annotated[str, typer.Argument(help="The scenario's name.")]) -> None:
    """Plays another scenario, and keeps to it until released."""
    with caregiver() as client:
        report(client.override(OverrideAction.SCENARIO, scenario=name))


def _send(action: OverrideAction) -> None:
    with caregiver() as client:
        report(client.override(action))
