"""`calmloop fleet repository`: the releases that a fleet may have, signed."""

from pathlib import Path
from typing import Annotated

import typer

from calmloop.base.clock import SystemClock
from calmloop.cli.failures import say
from calmloop.device.bundle import Bundle
from calmloop.fleet_releases.keys import ONLINE_KEY, make_keys
from calmloop.fleet_releases.repository import FleetRepository

RepositoryFolder = Annotated[
    Path, typer.Argument(metavar="REPOSITORY", help="Folder that a web server hands out.")
]
Keys = Annotated[Path, typer.Option(file_okay=False, help="Folder with private keys.")]

app = typer.Typer(help="The releases of a fleet, signed.", no_args_is_help=True)


@app.command()
def init(repository: RepositoryFolder, keys: Keys) -> None:
    """Makes an empty repository and its keys: keep `root.pem` and `targets.pem` off the network.

    `online.pem` goes to the centre: it signs what is newest, and which release is rolled out.
    """
    make_keys(keys)
    first = _repository(repository, keys).begin()
    say(f"{repository} is made; every chair gets {first}, and the centre {keys / ONLINE_KEY}")


@app.command()
def publish(
    release: Annotated[Path, typer.Argument(help="Folder of `make release`.")],
    repository: RepositoryFolder,
    keys: Keys,
    key: Annotated[Path | None, typer.Option(help="Public key that has signed it.")] = None,
) -> None:
    """Adds a release, by `targets.pem`: no chair takes it before it is rolled out.

    With `online.pem` beside it chairs may see it at once, else after `refresh` at the centre.
    """
    bundle = Bundle.open(release, key)
    there = _repository(repository, keys)
    publish_bundle(there, bundle)
    if (keys / ONLINE_KEY).exists():
        there.refresh()
    say(f"{bundle.about} is published; {bundle.signed}")


@app.command()
def refresh(repository: RepositoryFolder, keys: Keys) -> None:
    """Signs what is newest, by `online.pem`: at least every third day, or chairs take nothing."""
    _repository(repository, keys).refresh()
    say(f"{repository} is signed as it is")


@app.command()
def rotate(
    repository: RepositoryFolder,
    keys: Keys,
    new: Annotated[Path, typer.Option(file_okay=False, help="Where the new keys go.")],
) -> None:
    """Takes new keys in the place of all, by the old `root.pem`; chairs follow by themselves."""
    make_keys(new)
    _repository(repository, keys, new).rotate(new)
    say(f"the keys in {new} count from now on; {new / ONLINE_KEY} goes to the centre")


def publish_bundle(there: FleetRepository, bundle: Bundle) -> None:
    """Adds a release whose files were checked.

    Raises:
        InputError: its version is there, or the key is missing or another.
        OutputError: it cannot be written.
    """
    firmware = bundle.about.firmware.model_dump()
    there.publish(bundle.about.version, bundle.folder, bundle.files, firmware=firmware)


def _repository(folder: Path, *keys: Path) -> FleetRepository:
    return FleetRepository(folder, SystemClock().utc_now, *keys)
