"""A release beside the place that it will have: what ends here is in nobody's way."""

from collections.abc import Callable
from pathlib import Path

from dotenv import set_key

from calmloop.base.whole_files import OutputError, written
from calmloop.device.bundle import Bundle
from calmloop.device.deployment import ENV_FILE
from calmloop.device.engine import check_images, load
from calmloop.device.machine import Machine
from calmloop.device.way_back import DeviceHome, WayBack

COPY_S = 600.0
STAMP = "%Y%m%dT%H%M%SZ"


def prepare(
    machine: Machine,
    home: DeviceHome,
    bundle: Bundle,
    before: str,
    say: Callable[[str], None],
    **environment: str,
) -> WayBack:
    """Loads a release's images and makes its folder, with what people put into that of before.

    Args:
        machine: With Docker on it.
        home: Where it will be; nothing is under way there.
        bundle: It.
        before: What is there now; empty: nothing is.
        say: Tells a person what takes long.
        environment: What `.env` gets beside the images' tag; what is empty is left as it is.

    Raises:
        InputError: there is no room, or an image is missing.
        EngineError: Docker does not do it.
        OutputError: it cannot be written.
    """
    home.tidy()
    way = home.way(str(bundle.about), before, f"{machine.now():{STAMP}}")
    new = way.exchange.new
    if bundle.about.images:
        say("loading the images: this takes minutes on a Raspberry Pi")
        load(machine, bundle.folder / bundle.about.images.file, home.folder)
    try:
        if before:
            _copy(machine, way.exchange.place, new)
        else:
            with written(new):
                new.mkdir(mode=0o755)
        bundle.unpack(new)
        with written(new):
            _set(new / ENV_FILE, environment | {"IMAGE_TAG": bundle.about.tag})
        check_images(machine, new)
    except BaseException:
        home.tidy()
        raise
    return way


def _copy(machine: Machine, folder: Path, to: Path) -> None:
    """With owners and permissions."""
    copied = machine.run(["cp", "-a", str(folder), str(to)], None, COPY_S)
    if copied.status != 0:
        raise OutputError(
            f"{to} cannot be written ({copied.said[-300:]}): free some space; nothing was done"
        )


def _set(env: Path, values: dict[str, str]) -> None:
    """Writes what has a value into `.env`, and leaves the rest of it."""
    is_new = not env.exists()
    for name, value in values.items():
        if value:
            set_key(env, name, value, quote_mode="never")
    if is_new:
        env.chmod(0o644)
