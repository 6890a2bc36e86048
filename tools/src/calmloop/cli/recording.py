"""`calmloop record` and `calmloop replay`."""

import re
import signal
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from calmloop.base import settings
from calmloop.base.clock import SystemClock
from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import ServiceSettings
from calmloop.bus.transport import Transport
from calmloop.cli.failures import failures_reported
from calmloop.cli.outputs import file_argument
from calmloop.contract.topic import CHAIR_ID_PATTERN
from calmloop.recording.connection import raw_connection
from calmloop.recording.player import RecordingPlayer, read
from calmloop.recording.recorder import Recorder, subscriptions
from calmloop.recording.replay import Guard, replay_plan

FOREVER_S = 1e9


def record(
    file: Annotated[Path, file_argument(help="A new file, JSON lines.")],
    seconds: Annotated[float, typer.Option(min=0.1, help="How long; else until Ctrl-C.")] = (
        FOREVER_S
    ),
    with_pictures_of_the_child: Annotated[
        bool,
        typer.Option(
            "--with-pictures-of-the-child",
            help="Writes the camera's pictures, too. Needs an account that may read them.",
        ),
    ] = False,
) -> None:
    """Records what passes on the bus: numbers only, no pictures unless asked for."""
    console = Console(stderr=True, soft_wrap=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with failures_reported():
        chosen = settings.load(ServiceSettings)
        wanted = subscriptions(chosen.chair_id, pictures=with_pictures_of_the_child)
        if with_pictures_of_the_child:
            console.print(f"[bold red]pictures of the child are written to {file}")
        recorder = Recorder(
            file, chosen.chair_id, SystemClock(), pictures=with_pictures_of_the_child
        )
        recorder.refuse_existing()
        # Connected first, so that no empty file stays where no broker answers.
        with raw_connection(chosen, wanted, recorder.receive) as transport, recorder:
            _record(recorder, transport, seconds, console)
    console.print(f"{recorder.counts.total()} messages in {file}: {_listed(recorder.counts)}")


def _record(recorder: Recorder, transport: Transport, seconds: float, console: Console) -> None:
    with console.status("recording") as status:
        try:
            recorder.write_for(
                seconds, transport.wait, lambda n: status.update(f"recording: {n} messages")
            )
        except KeyboardInterrupt:
            return


def replay(
    file: Annotated[Path, typer.Argument(help="A recording.")],
    as_chair: Annotated[
        str, typer.Option(help="Publish under this chair id; never one that has a chair.")
    ] = "replay",
    speed: Annotated[float, typer.Option(min=0.1, max=100, help="2 is twice as fast.")] = 1.0,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this topic, such as `camera/frame`; repeatable.")
    ] = None,
    with_commands: Annotated[
        bool, typer.Option("--with-commands", help="Also stops, pauses and whatever lowers.")
    ] = False,
) -> None:
    """Publishes a recording again, at its own pace, with fresh stamps.

    What could start, drive or unlatch a chair is never published; and nothing is while the
    services of that chair id run. Needs a broker that lets you write, such as the demo's.
    """
    console = Console(stderr=True, soft_wrap=True)
    with failures_reported():
        _check_chair_id(as_chair)
        chosen = settings.load(ServiceSettings)
        player = RecordingPlayer(
            as_chair, SystemClock(), speed=speed, with_commands=with_commands, only=only or ()
        )
        _head, lines = read(file)
        guard = Guard(as_chair)
        with raw_connection(chosen, [guard.subscription], guard.receive) as transport:
            guard.check(transport)
            with console.status("replaying") as status:
                sent = replay_plan(
                    transport, player, lines, lambda n: status.update(f"replaying: {n} messages")
                )
    console.print(f"sent {sent.total()} messages as chair '{as_chair}': {_listed(sent)}")
    if player.left_out:
        console.print(f"left out: {_listed(player.left_out)}")


def _check_chair_id(chair_id: str) -> None:
    if not re.fullmatch(CHAIR_ID_PATTERN, chair_id):
        raise ConfigurationError(f"--as-chair '{chair_id}': must match {CHAIR_ID_PATTERN}")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common()) or "none"
