"""`calmloop device install|update|rollback|start`: a release on a device, and the way back."""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from calmloop.base import logs
from calmloop.base.errors import InputError
from calmloop.base.settings import LogLevel, LogSettings
from calmloop.base.whole_files import make_folder, written
from calmloop.cli.failures import EXIT_NOT_DONE, say
from calmloop.device.bundle import Bundle
from calmloop.device.engine import check_engine
from calmloop.device.machine import Machine
from calmloop.device.releasing import ReleaseOutcome, Releases
from calmloop.device.unit import enable_unit
from calmloop.device.way_back import DeviceHome

HOME = Path("/opt/calmloop")
KEY = "/etc/calmloop/release.pub"
"""The public key by which every release has to be signed, once it is there."""
ADD_SOMEBODY = (
    "docker compose exec caregiver-console python -m calmloop.caregiver_console.enrol NAME"
)
DOCTOR = "`calmloop device doctor` says more"

Folder = Annotated[Path, typer.Argument(metavar="RELEASE", help="Folder of `make release`.")]
Home = Annotated[Path, typer.Option(help="What this device has of Calmloop.")]
Key = Annotated[
    Path | None,
    typer.Option(help=f"Public key that has signed it; else {KEY}, once one is there."),
]
Flashed = Annotated[
    bool, typer.Option("--flashed", help="The chair has its firmware, and cannot say so itself.")
]


def install(
    release: Folder,
    profile: Annotated[
        list[str] | None, typer.Option(help="As `--profile` of `docker compose`; kept in .env.")
    ] = None,
    key: Key = None,
    unit: Annotated[bool, typer.Option(help="Have systemd start it with the device.")] = True,
    home: Home = HOME,
) -> None:
    """Puts a release on this device: images, folder, services, and a unit that starts them.

    It needs no network, but Docker. A key that is named is asked for by every update from then on.
    """
    with releases_at(home, makes_folder=True) as (machine, there, releases):
        _end_what_was_begun(releases)
        releases.check_free()
        bundle = _opened(release, key, machine)
        if key is not None:
            _keep_key(key, machine.below(KEY))
        why_no_unit = enable_unit(machine, program_of(there.folder), there.folder) if unit else ""
        if why_no_unit:
            say(f"it will not start with the device: {why_no_unit}", failed=True)
        outcome = releases.install(bundle, ",".join(profile or ()))
        say(f"{outcome.way.to} is in {there.compose}; the first who may log in: {ADD_SOMEBODY}")
        _fail_if_not_healthy(outcome.unhealthy)


def update(release: Folder, key: Key = None, flashed: Flashed = False, home: Home = HOME) -> None:
    """Puts a release in the place of another; goes back by itself if it is not healthy in 60 s.

    All of it is checked first. While a session runs, the chair is armed or has another firmware,
    it is refused.
    """
    with releases_at(home) as (machine, _, releases):
        _end_what_was_begun(releases)
        bundle = _opened(release, key, machine)
        way = releases.update(bundle, flashed).way
        say(
            f"{way.to} runs, and every service is healthy; `calmloop device rollback` goes back to"
            f" {way.before}, with the data as it was; until the next update {way.volumes} has a"
            " copy of what is known of children"
        )


def rollback(home: Home = HOME) -> None:
    """Goes back to the release before, with settings and data as they were at the update.

    What came since is kept beside. While a session runs or the chair is armed, it is refused.
    """
    with releases_at(home) as (_, there, releases):
        ended = _end_what_was_begun(releases)
        if ended is None or ended.restored is None:
            _tell(releases.roll_back())
        if there.way_back() is not None:
            say("a further `calmloop device rollback` goes back to the release before that")


def start_services(home: Home = HOME) -> None:
    """Starts the services, after what was cut short is ended; what the unit calls."""
    with releases_at(home) as (_, _there, releases):
        if _end_what_was_begun(releases) is None:
            releases.about()
            _fail_if_not_healthy(releases.why_not_healthy())


@contextmanager
def releases_at(
    folder: Path, *, makes_folder: bool = False
) -> Iterator[tuple[Machine, DeviceHome, Releases]]:
    """For one command alone."""
    logs.configure(LogSettings(level=LogLevel.ERROR))
    machine, home = Machine(), DeviceHome.at(folder)
    # The services are other users, and read what is put there.
    umask = os.umask(0o022)
    if makes_folder:
        make_folder(home.folder)
    with written(home.folder):
        lock = os.open(home.folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"another `calmloop device` is at work in {home.folder}: wait for its end;"
                " nothing was done"
            ) from None
        check_engine(machine)
        yield machine, home, Releases(machine, home, say)
    finally:
        os.close(lock)
        os.umask(umask)


def _end_what_was_begun(releases: Releases) -> ReleaseOutcome | None:
    outcome = releases.carry_on()
    if outcome is not None:
        say("what was cut short is ended")
        _tell(outcome)
    return outcome


def _tell(outcome: ReleaseOutcome) -> None:
    way = outcome.way
    if outcome.restored is None:
        say(f"{way.to} is in its place")
    else:
        say(f"{way.before} is back, with the data of {way.made}")
        say(f"what came since is in {way.exchange.new}, until the next update")
        for path in outcome.restored.aside:
            say(f"and in {path}")
        if outcome.restored.to_erase:
            say(outcome.restored.to_erase, failed=True)
    if outcome.to_flash:
        say(outcome.to_flash, failed=True)
    _fail_if_not_healthy(outcome.unhealthy)


def _fail_if_not_healthy(unhealthy: str) -> None:
    if unhealthy:
        say(f"not every service is healthy: {unhealthy}; {DOCTOR}", failed=True)
        raise typer.Exit(EXIT_NOT_DONE)


def _opened(release: Path, key: Path | None, machine: Machine) -> Bundle:
    """Checked, by the key that was named, else by the one that is kept here."""
    kept = machine.below(KEY)
    bundle = Bundle.open(release, key or (kept if kept.exists() else None))
    say(f"{bundle.about}: every file is as it was made; {bundle.signed}")
    return bundle


def _keep_key(key: Path, to: Path) -> None:
    with written(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(key, to)


def program_of(home: Path) -> Path:
    """That which a release brought, else this one, by its whole path."""
    brought = home / "calmloop"
    return brought if brought.exists() else Path(sys.executable).parent / "calmloop"
