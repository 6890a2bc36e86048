"""`calmloop override`: what a caregiver sets over the engine's head."""

from typing import Annotated

import typer

from calmloop.cli.operator import caregiver, tell
from calmloop.contract.messages.session import Channel, OverrideAction

app = typer.Typer(help="Override the engine. Less is always taken.", no_args_is_help=True)


@app.command()
def less() -> None:
    """One step down."""
    _send(OverrideAction.LESS)


@app.command()
def more() -> None:
    """One step up."""
    _send(OverrideAction.MORE)


@app.command()
def hold() -> None:
    """Keeps the intensity where it is, until released."""
    _send(OverrideAction.HOLD)


@app.command()
def skip() -> None:
    """On to the scenario's next phase."""
    _send(OverrideAction.SKIP)


@app.command()
def release() -> None:
    """Gives everything back to the engine."""
    _send(OverrideAction.RELEASE)


@app.command()
def ceiling(
    percent: Annotated[float, typer.Argument(min=0, max=100, help="Highest intensity.")],
) -> None:
    """Sets the highest intensity, until released."""
    with caregiver() as client:
        tell(client.override(OverrideAction.CEILING, ceiling_pct=percent))


@app.command()
def channels_off(
    channels: Annotated[list[Channel], typer.Argument(help="Which; several are possible.")],
) -> None:
    """Turns channels off, until released."""
    with caregiver() as client:
        tell(client.override(OverrideAction.CHANNELS_OFF, channels=tuple(channels)))


@app.command()
def scenario(name: Annotated[str, typer.Argument(help="The scenario's name.")]) -> None:
    """Plays another scenario, and keeps to it until released."""
    with caregiver() as client:
        tell(client.override(OverrideAction.SCENARIO, scenario=name))


def _send(action: OverrideAction) -> None:
    with caregiver() as client:
        tell(client.override(action))
