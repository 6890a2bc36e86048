"""`calmloop device follow`: this device takes the release that its fleet is to have."""

from pathlib import Path
from typing import Annotated

import typer

from calmloop.base.errors import InputError
from calmloop.base.whole_files import make_folder, written
from calmloop.cli.failures import say
from calmloop.device.following import FOLDER, ROOT, FleetFollower, Following
from calmloop.device.release_commands import HOME, KEY, Home, program_of, releases_at
from calmloop.device.unit import enable_following


def follow(
    url: Annotated[str, typer.Argument(help="The fleet's repository, the first time.")] = "",
    root: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Its first root.json.")
    ] = None,
    chair: Annotated[str, typer.Option(help="This device's name in the fleet.")] = "",
    unit: Annotated[bool, typer.Option(help="Have systemd do it all quarters of an hour.")] = True,
    home: Home = HOME,
) -> None:
    """Takes the release that the fleet is to have, or goes back from one that was halted.

    As `update` and `rollback` do, and refused by the same: while a session runs or the chair is
    armed it waits for the next turn; where the chair has another firmware a technician flashes it.
    """
    with releases_at(home) as (machine, there, releases):
        if url:
            if root is None or not chair:
                raise InputError(
                    f"{url}: name the first root by --root and this device by --chair;"
                    " nothing was done"
                )
            make_folder(there.folder / FOLDER)
            with written(there.folder / FOLDER / ROOT):
                (there.folder / FOLDER / ROOT).write_bytes(root.read_bytes())
            Following(url=url, chair=chair).write(there.folder)
            program = program_of(there.folder)
            why_not = enable_following(machine, program, there.folder) if unit else ""
            if why_not:
                say(f"it will not follow by itself: {why_not}", failed=True)
        key = machine.below(KEY)
        follower = FleetFollower(there, releases, key if key.exists() else None)
        say(follower.turn(machine.now()))
