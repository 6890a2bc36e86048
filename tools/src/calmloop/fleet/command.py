"""`calmloop fleet`: makes this device a chair of a fleet; what a centre carries."""

import os
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from calmloop.base.clock import SystemClock
from calmloop.base.errors import InputError
from calmloop.cli.failures import EXIT_NOT_DONE, say
from calmloop.contract.accounts import SERVICE_UIDS, Account
from calmloop.fleet.chair import FleetFigures
from calmloop.fleet.repository_commands import app as repository
from calmloop.fleet.simulation import FleetAddress, SimulatedFleet
from calmloop.fleet_link import enrol as enrol_device

PERCENTILES = (50, 99, 100)
PORT = 8883

app = typer.Typer(help="A fleet of chairs: enrolment, releases, tries.", no_args_is_help=True)
app.add_typer(repository, name="repository")


@app.command()
def enrol(
    centre: Annotated[str, typer.Argument(help="The centre, as NAME or NAME:PORT.")],
    code: Annotated[str, typer.Argument(help="The one-time code that was made there.")],
    authority: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The fleet's authority.crt.")
    ],
    into: Annotated[
        Path, typer.Option(file_okay=False, help="Where this device's files go.")
    ] = Path("compose/fleet-device"),
) -> None:
    """Makes this device a chair of a fleet. Its key is made here, and stays here."""
    # As root the files go to the user who reads them under Compose.
    owner = SERVICE_UIDS[Account.FLEET_LINK] if os.geteuid() == 0 else None
    chair = enrol_device(centre, code, authority, into, owner)
    say(f"this device is '{chair}' in the fleet: its files are in {into}")


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
    port: Annotated[
        list[int] | None,
        typer.Option(min=1, max=65535, help="Its port for MQTT over TLS, of each node; else 8883."),
    ] = None,
    flood: Annotated[str, typer.Option(help="One more chair, which sends all it can.")] = "",
) -> None:
    """Has simulated chairs send events on real connections, and says how long the centre took."""
    names = [f"{prefix}{number}" for number in range(1, chairs + 1)]
    fleet = SimulatedFleet(
        FleetAddress(host, port or [PORT], certificates), names, SystemClock(), flood=flood
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
