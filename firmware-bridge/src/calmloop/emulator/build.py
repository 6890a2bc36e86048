"""Where the firmware and the emulator lie, and how they are built."""

import shutil
import subprocess
from pathlib import Path

BRIDGE = Path(__file__).parents[3]
FIRMWARE_SOURCE = BRIDGE / "firmware" / "avr"
EMULATOR_SOURCE = BRIDGE / "emulator"
FIRMWARE = BRIDGE / "firmware" / "build" / "avr" / "calmloop-chair.elf"
LAYOUT = FIRMWARE.with_suffix(".layout")
EMULATOR = EMULATOR_SOURCE / "build" / "calmloop-emulator"


def missing_packages() -> list[str]:
    """The Debian packages that building needs and that are not here."""
    here = {
        "gcc-avr": shutil.which("avr-gcc") is not None,
        "binutils-avr": shutil.which("avr-objcopy") is not None,
        "avr-libc": Path("/usr/lib/avr/include/avr/io.h").exists(),
        "libsimavr-dev": Path("/usr/include/simavr/sim_avr.h").exists(),
        "libelf-dev": Path("/usr/include/gelf.h").exists(),
        "make": shutil.which("make") is not None,
        "gcc": shutil.which("gcc") is not None,
    }
    return [package for package, is_here in here.items() if not is_here]


def ensure_built() -> None:
    """Builds what is stale.

    Raises:
        subprocess.CalledProcessError: it does not build; make has said why.
    """
    for source in (FIRMWARE_SOURCE, EMULATOR_SOURCE):
        make(source)


def make(folder: Path, *targets: str) -> None:
    """Builds what is stale in a folder, while nobody else builds there.

    Raises:
        subprocess.CalledProcessError: it does not build; make has said why.
    """
    command = ["flock", str(folder), "make", "--silent", "-C", str(folder), *targets]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def layout() -> dict[str, tuple[int, int]]:
    """Offset and size, in bytes, of what a test may look at inside `chair`."""
    lines = LAYOUT.read_text().split("\n")
    fields = (line.split() for line in lines if line)
    return {name: (int(offset), int(size)) for name, offset, size in fields}
