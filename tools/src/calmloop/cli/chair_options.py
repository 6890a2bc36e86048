"""What the commands for the bench share: their options, and how they reach the chair."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from calmloop.chair_link.wire.numbers import SETPOINT_TTL_MAX_MS
from calmloop.cli.chair_bench import ChairBench
from calmloop.cli.chair_line import ChairError
from calmloop.cli.failures import failures_reported

SETPOINT_TTL_MS = SETPOINT_TTL_MAX_MS

Port = Annotated[
    str,
    typer.Option(help="A path, serial:NUMBER, socket://host:port, or auto.", show_default=True),
]
Nobody = Annotated[
    bool,
    typer.Option(
        "--nobody-in-the-chair",
        help="I have looked: nobody sits in it. This command gives the leases itself.",
    ),
]


@contextmanager
def reached(port: str, *, leasing: bool = False) -> Iterator[ChairBench]:
    """A chair that has sent its first STATUS; failures are told, and end the command."""
    with failures_reported(), ChairBench(port, leasing=leasing) as bench:
        bench.reach()
        yield bench


def refuse_unless_empty(nobody_in_the_chair: bool) -> None:
    """Ends the command unless a person has looked."""
    if not nobody_in_the_chair:
        with failures_reported():
            raise ChairError(
                "refused: here nobody watches the person in the chair. Look, and say so with "
                "--nobody-in-the-chair; for a session use `calmloop session start`"
            )
