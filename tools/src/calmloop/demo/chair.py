"""The chair's firmware as a process on a pseudo-terminal."""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from calmloop.demo.children import start_child, stop_child
from calmloop.errors import DeviceError

BINARY = Path(__file__).parents[4] / "firmware-bridge" / "firmware" / "build" / "calmloop-chair"
START_PATIENCE_S = 5.0


@dataclass(frozen=True)
class Output:
    """What the chair did from `at_ns` (CLOCK_MONOTONIC) on."""

    at_ns: int
    state: str
    vibration_pct: float
    sound_pct: float
    red_pct: float
    green_pct: float
    blue_pct: float

    @property
    def felt(self) -> bool:
        """Whether vibration or sound is on."""
        return self.vibration_pct > 0 or self.sound_pct > 0


class PosixChair:
    """The same C core as in the microcontroller; its pty is where a USB cable would be.

    Attributes:
        port: The serial port to give to the bridge.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = folder / "chair"
        self.control = folder / "chair-control"
        self._trace = folder / "chair-trace.jsonl"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits for its port.

        Raises:
            DeviceError: it is not built, or ends at once.
        """
        if not BINARY.is_file():
            raise DeviceError(f"{BINARY} is missing: run `make setup`, which builds it")
        log = self._folder / "chair.log"
        self._child = start_child(
            [
                BINARY,
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

    def outputs(self) -> list[Output]:
        """Every change of its outputs so far, as the chair itself recorded it."""
        lines = self._trace.read_text().splitlines() if self._trace.exists() else []
        known = Output.__dataclass_fields__
        records = (json.loads(line) for line in lines if line.endswith("}"))
        return [Output(**{k: v for k, v in r.items() if k in known}) for r in records]
