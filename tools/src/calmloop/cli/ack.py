"""`calmloop ack`: acknowledges an alarm."""

from typing import Annotated

import typer

from calmloop.cli.operator import caregiver, tell
from calmloop.contract.messages.safety import AlarmKind


def ack(
    kind: Annotated[AlarmKind, typer.Argument(help="Which alarm.")],
    by: Annotated[str, typer.Option(help="Who has seen it.")] = "",
) -> None:
    """Acknowledges an alarm: somebody has seen it. It ends when its cause is over, too."""
    with caregiver() as client:
        tell(client.ack(kind, by))
