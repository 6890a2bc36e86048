"""The chair's firmware, built anew."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from calmloop.chair_link.wire.numbers import FIRMWARE_MAJOR, FIRMWARE_MINOR, FIRMWARE_PATCH
from tools.release.checkout import Checkout
from tools.release.errors import CannotReleaseError

FOLDER = Path("firmware-bridge/firmware/avr")
BUILT = "calmloop-chair.hex"
VERSION = f"{FIRMWARE_MAJOR}.{FIRMWARE_MINOR}.{FIRMWARE_PATCH}"
"""As the chair itself says it."""


def build(checkout: Checkout, out: Path) -> Path:
    """Compiles it in a folder of its own; returns the file for `calmloop chair flash`.

    Raises:
        CannotReleaseError: there is no compiler, or it fails.
    """
    if shutil.which("avr-gcc") is None:
        raise CannotReleaseError("avr-gcc is not there: make emulator")
    file = out / f"calmloop-chair-{VERSION}.hex"
    with tempfile.TemporaryDirectory() as scratch:
        build_folder = Path(scratch) / "avr"
        done = subprocess.run(
            ["make", "-C", checkout.root / FOLDER, f"BUILD={build_folder}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise CannotReleaseError(f"the firmware does not compile: {done.stderr[-2000:]}")
        shutil.copyfile(build_folder / BUILT, file)
    return file
