"""The chair as a process on a pseudo-terminal: the firmware's core, or the whole chip emulated."""

import subprocess
import time
from enum import StrEnum
from pathlib import Path

from calmloop.base.errors import DeviceError
from calmloop.demo import trace
from calmloop.demo.children import start_child, stop_child
from calmloop.emulator import ensure_built, missing_packages
from calmloop.emulator.build import EMULATOR, FIRMWARE

POSIX = Path(__file__).parents[4] / "firmware-bridge" / "firmware" / "build" / "calmloop-chair"
START_PATIENCE_S = 5.0
CONTROL = "chair-control"


class ChairKind(StrEnum):
    """What stands for the chair."""

    POSIX = "posix"
    """The firmware's C core as a process."""
    EMULATOR = "emulator"
    """The release firmware on an emulated ATmega328P."""


class Chair:
    """Its pty is where a USB cable would be.

    Attributes:
        port: The serial port to give to the bridge.
        control: A socket that takes what hands and accidents would do.
    """

    def __init__(self, folder: Path, kind: ChairKind = ChairKind.POSIX) -> None:
        self._folder = folder
        self._kind = kind
        self.port = folder / "chair"
        self.control = folder / CONTROL
        self._trace = folder / "chair-trace.jsonl"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits for its port.

        Raises:
            DeviceError: it is not built, or ends at once.
        """
        # Of an earlier run in the same folder: its number may be another program's by now.
        self.port.unlink(missing_ok=True)
        log = self._folder / "chair.log"
        self._child = start_child(
            [
                *_program(self._kind),
                *("--pty", self.port),
                *("--trace", self._trace),
                *("--store", self._folder / "chair-store"),
                *("--control", self.control),
            ],
            log=log,
        )
        deadline = time.monotonic() + START_PATIENCE_S
        while not self.port.exists():
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise DeviceError(f"the chair did not start: {log.read_text()[-500:]}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Ends it."""
        if self._child is not None:
            stop_child(self._child)
            self._child = None

    def outputs(self) -> list[trace.Output]:
        """Every change of its outputs so far, as the chair itself recorded it."""
        return trace.outputs(self._trace.read_text()) if self._trace.exists() else []


def _program(kind: ChairKind) -> list[str | Path]:
    if kind is ChairKind.POSIX:
        if not POSIX.is_file():
            raise DeviceError(f"{POSIX} is missing: run `make setup`, which builds it")
        return [POSIX]
    missing = missing_packages()
    if missing:
        raise DeviceError(f"the emulator needs {' '.join(missing)}: run `make emulator` first")
    ensure_built()
    return [EMULATOR, "--firmware", FIRMWARE]
