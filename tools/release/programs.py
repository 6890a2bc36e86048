"""`calmloop` for a device without a network: a tree for each Python and processor it may have."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tools.release.checkout import Checkout
from tools.release.errors import CannotReleaseError
from tools.release.packing import pack
from tools.service_list.listing import read

PYTHONS = ("3.11", "3.13")
"""Of Debian 12 and 13, and the Raspberry Pi OS of each."""
PROCESSORS = ("aarch64", "x86_64")
GLIBC = range(17, 37)
"""The minor versions that a wheel may ask for: up to Debian 12's 2.36."""
LOCK = Path("requirements/device-tools.txt")
OURS = ("shared", "firmware-bridge", "tools", "tools/reports", "compose/init")
SCRIPT = Path("tools/release/device.sh")
NOT_TAKEN = ("direct_url.json", "RECORD", "INSTALLER", "REQUESTED")
"""What pip notes of this machine."""
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")


def add_programs(checkout: Checkout, out: Path, archive: Path) -> None:
    """Puts the archive of the trees, and the script that unpacks it, into a release.

    The packages are those of a lock, by their hashes, from the index that pip asks.

    Raises:
        CannotReleaseError: pip cannot have them.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        services = [service.folder for service in read(checkout.root).services]
        sources = [f"./{name}" for name in (*OURS, *services)]
        wheels = folder / "wheels"
        _pip(
            checkout,
            ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), *sources],
        )
        files: dict[str, Path | bytes] = {}
        for python in PYTHONS:
            for processor in PROCESSORS:
                tree = folder / f"python{python}-{processor}"
                _install(checkout, tree, python, processor)
                for wheel in sorted(wheels.iterdir()):
                    with zipfile.ZipFile(wheel) as packed:
                        packed.extractall(tree)
                files |= {
                    str(path.relative_to(folder)): path
                    for path in tree.rglob("*")
                    if path.is_file() and path.name not in NOT_TAKEN
                }
        pack(archive, files, checkout.epoch)
    shutil.copyfile(checkout.root / SCRIPT, out / SCRIPT.name)


def _install(checkout: Checkout, tree: Path, python: str, processor: str) -> None:
    platforms = [f"manylinux2014_{processor}"]
    platforms += [f"manylinux_2_{minor}_{processor}" for minor in GLIBC]
    words = ["install", "--quiet", "--no-deps", "--no-compile", "--only-binary=:all:"]
    words += ["--require-hashes", "--python-version", python, "--target", str(tree)]
    words += [word for name in platforms for word in ("--platform", name)]
    _pip(checkout, [*words, "-r", str(LOCK)])


def _pip(checkout: Checkout, words: list[str]) -> None:
    done = subprocess.run(
        [*PIP, *words],
        cwd=checkout.root,
        env=os.environ | {"SOURCE_DATE_EPOCH": str(checkout.epoch)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CannotReleaseError(
            f"pip {words[0]}: {done.stderr[-2000:]}: it needs an index, or leave --programs out"
        )
