"""`calmloop fleet`: what a centre carries."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from calmloop.base.clock import SystemClock
from calmloop.base.errors import InputError
from calmloop.cli.failures import EXIT_NOT_DONE, say
from calmloop.fleet.simulation import FleetAddress, FleetFigures, SimulatedFleet

PERCENTILES = (50, 99, 100)

app = typer.Typer(help="The centre of a fleet: simulated chairs.", no_args_is_help=True)


@app.callback()
def _fleet() -> None:
    """A group, though it has one command so far."""


@app.command()
def simulate(
    certificates: Annotated[
        Path,
        typer.Option(
            exists=True, file_okay=False, help="authority.crt, and a .crt and .key of each chair."
        ),
    ],
    prefix: Annotated[str, typer.Option(help="Chairs are called PREFIX1, PREFIX2, and so on.")],
    chairs: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    per_s: Annotated[float, typer.Option(min=0.1, help="Events a second of all together.")] = 200.0,
    seconds: Annotated[float, typer.Option(min=1.0, help="For so long.")] = 30.0,
    host: Annotated[str, typer.Option(help="The centre's broker.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Its port for MQTT over TLS.")] = 8883,
    flood: Annotated[str, typer.Option(help="One more chair, which sends all it can.")] = "",
) -> None:
    """Has simulated chairs send events on real connections, and says how long the centre took."""
    names = [f"{prefix}{number}" for number in range(1, chairs + 1)]
    fleet = SimulatedFleet(
        FleetAddress(host, port, certificates), names, SystemClock(), flood=flood
    )
    try:
        figures = fleet.run(seconds, per_s)
    finally:
        fleet.close()
    say(report(chairs, figures))
    if figures.held < figures.events:
        raise typer.Exit(EXIT_NOT_DONE)


def report(chairs: int, figures: FleetFigures) -> str:
    """In a line.

    Raises:
        InputError: the centre acknowledged nothing.
    """
    if not figures.waits_s:
        raise InputError("the centre acknowledged nothing: does a worker run?")
    p50, p99, top = np.percentile(figures.waits_s, PERCENTILES) * 1000
    return (
        f"{chairs} chairs, {figures.events} events, {figures.held} held by the centre;"
        f" from event to acknowledgement p50 {p50:.0f} ms, p99 {p99:.0f} ms, at most {top:.0f} ms"
    )
