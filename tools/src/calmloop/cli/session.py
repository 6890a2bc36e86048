"""`calmloop session start|pause|resume|finish`."""

from typing import Annotated

import typer

from calmloop.cli.operator import caregiver, tell
from calmloop.contract.messages.session import AUTO, Mode

app = typer.Typer(help="Start, pause, resume and finish a session.", no_args_is_help=True)


@app.command()
def start(
    profile: Annotated[str, typer.Option(help="Code of the child's profile.")] = "default",
    scenario: Annotated[str, typer.Option(help="A scenario's name; `auto` chooses.")] = AUTO,
    minutes: Annotated[float, typer.Option(min=0.5, max=30)] = 15.0,
    mode: Annotated[Mode, typer.Option(help="`manual` has no camera.")] = Mode.ADAPTIVE,
) -> None:
    """Starts a session, and waits until the chair is active for it."""
    with caregiver() as client:
        tell(client.start(profile=profile, scenario=scenario, minutes=minutes, mode=mode))


@app.command()
def pause() -> None:
    """Fades out; the session waits for at most 5 minutes."""
    with caregiver() as client:
        tell(client.pause())


@app.command()
def resume() -> None:
    """Goes on with a paused session."""
    with caregiver() as client:
        tell(client.resume())


@app.command()
def finish(
    rating: Annotated[
        int | None, typer.Option(min=1, max=5, help="How well it did this child; 5 is best.")
    ] = None,
) -> None:
    """Fades out and ends the session."""
    with caregiver() as client:
        tell(client.finish(rating))
