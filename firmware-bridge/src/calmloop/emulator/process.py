"""The emulator as a process: started, spoken to over its control socket, and listened to."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from calmloop.emulator.build import EMULATOR, FIRMWARE, layout
from calmloop.emulator.control import ControlClient, EmulatorError
from calmloop.emulator.record import Event, Given, Lines, event_of, given_of

LAG_MAX_PCT = 5.0
"""A run that was slower than this shows nothing about time."""
START_PATIENCE_S = 10.0
STOP_PATIENCE_S = 5.0
CATCH_UP_S = 1.0
POLL_S = 0.005


@dataclass(frozen=True)
class EmulatorMetrics:
    """What the emulator measured; interrupts in cycles with entry and exit, at most."""

    cycle: int
    lag_pct: float
    most_behind_ms: float
    load_pct: float
    longest_feed_ms: float
    tick_cycles: int
    receive_cycles: int
    send_cycles: int
    stack_free_bytes: int
    powered: bool


class Emulator:
    """An emulated chair. Use it as a context manager, or call `start` and `stop`.

    Attributes:
        port: The serial port to give to a link.
        control: The socket that takes commands (emulator/commands.h).
        samples: Every value of the sine, if it was asked for.
        bytes_log: What passed on the serial line, if it was asked for.
        stepped: Whether time passes only in `step`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        seed: int = 1,
        samples: bool = False,
        bytes_log: bool = False,
        stepped: bool = False,
        reset_on_open: bool = False,
        uncalibrated: bool = False,
        firmware: Path = FIRMWARE,
    ) -> None:
        """Prepares it; the EEPROM and the records are kept in `folder`.

        Args:
            folder: An existing folder with a path short enough for a Unix socket.
            seed: Of its accidents: memory after power-on, spoilt EEPROM bytes.
            samples: Write every value of the sine to `folder/samples`.
            bytes_log: Write what passes on the serial line to `folder/bytes.jsonl`.
            stepped: No time passes but in `step`, and there is no port; `at_ns` is the chip's time.
            reset_on_open: Opening the port resets the chip, as DTR does on an Arduino.
            uncalibrated: Leave the calibration blank instead of a simulated chair's.
            firmware: Another ELF file than the release.
        """
        self.port = folder / "chair"
        self.control = folder / "chair-control"
        self.samples = folder / "samples"
        self.bytes_log = folder / "bytes.jsonl"
        self.stepped = stepped
        self._folder = folder
        self._firmware = firmware
        self._trace = folder / "chair-trace.jsonl"
        self._event_lines = Lines(folder / "events.jsonl")
        self._given_lines = Lines(self._trace)
        self._events: list[Event] = []
        self._given: list[Given] = []
        self._flags = [
            *(["--samples", str(self.samples)] if samples else []),
            *(["--bytes", str(self.bytes_log)] if bytes_log else []),
            *(["--stepped"] if stepped else ["--pty", str(self.port)]),
            *(["--reset-on-open"] if reset_on_open else []),
            *(["--uncalibrated"] if uncalibrated else []),
            *("--seed", str(seed)),
        ]
        self._child: subprocess.Popen[bytes] | None = None
        self._control: ControlClient | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def command_line(self) -> list[str]:
        """The process that `start` runs."""
        paths = {
            "--firmware": self._firmware,
            "--control": self.control,
            "--store": self._folder / "chair-store",
            "--events": self._folder / "events.jsonl",
            "--trace": self._trace,
        }
        options = [text for option, path in paths.items() for text in (option, str(path))]
        # The kernel ends it with the thread that started it, however that ends.
        return ["setpriv", "--pdeathsig", "KILL", str(EMULATOR), *options, *self._flags]

    def start(self) -> None:
        """Starts it with power on, and waits for its port or, when stepped, its control socket.

        Raises:
            EmulatorError: it is not built, or ends at once.
        """
        for path in (EMULATOR, self._firmware):
            if not path.is_file():
                raise EmulatorError(f"{path} is missing: run `make emulator`, which builds it")
        log = self._folder / "chair.log"
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                self.command_line(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_PATIENCE_S
        while not self._is_ready():
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise EmulatorError(f"the emulator did not start: {log.read_text()[-500:]}")
            time.sleep(POLL_S)

    def _is_ready(self) -> bool:
        """Connects to the control socket; False while it or the port is not there."""
        if not self.stepped and not self.port.is_symlink():
            return False
        try:
            self._control = ControlClient(self.control)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    def stop(self) -> None:
        """Ends it; the EEPROM stays in the folder."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._child is not None:
            self._child.terminate()
            try:
                self._child.wait(STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
            self._child = None

    # --- hands and accidents ---------------------------------------------------------------

    def command(self, line: str) -> str:
        """Carries out one line of emulator/commands.h and returns what was asked for.

        Raises:
            EmulatorError: the line was refused, or the emulator is gone.
        """
        if self._control is None:
            raise EmulatorError("the emulator is not running")
        return self._control.command(line)

    def step(self, ms: int, data: bytes = b"") -> tuple[int, bytes]:
        """Lets time pass, when stepped; the same steps give the same run on any machine.

        Args:
            ms: 1 to 20.
            data: For the chip's serial line, no more than it carries in that time (22 bytes/ms).

        Returns:
            The cycle reached, and what the chip sent.
        """
        cycle, _, hexadecimal = self.command(f"step {ms} {data.hex() or '-'}").partition(" ")
        return int(cycle), bytes.fromhex(hexadecimal)

    def metrics(self) -> EmulatorMetrics:
        """What it has measured so far."""
        return EmulatorMetrics(**json.loads(self.command("figures")))

    def poke_chair(self, name: str, value: int) -> None:
        """Overwrites a number inside the core's `chair`, by its name in the layout."""
        offset, size = layout()[name]
        self.command(f"poke chair {offset} {value.to_bytes(size, 'little').hex()}")

    def peek_chair(self, name: str) -> int:
        """Reads a number inside the core's `chair`, by its name in the layout."""
        offset, size = layout()[name]
        return int.from_bytes(
            bytes.fromhex(self.command(f"peek chair {offset} {size}")), byteorder="little"
        )

    def require_real_time(self) -> EmulatorMetrics:
        """The metrics of a run that kept up; one that is behind may catch up first.

        Raises:
            EmulatorError: it lagged by more than 5 %: the run shows nothing about time.
        """
        deadline = time.monotonic() + CATCH_UP_S
        metrics = self.metrics()
        while metrics.lag_pct > LAG_MAX_PCT and time.monotonic() < deadline:
            time.sleep(POLL_S)
            metrics = self.metrics()
        if metrics.lag_pct > LAG_MAX_PCT:
            raise EmulatorError(
                f"the emulator lagged real time by {metrics.lag_pct:.1f} %, more than "
                f"{LAG_MAX_PCT} %: the run is invalid; repeat it on an idle machine"
            )
        return metrics

    # --- what the pins did -----------------------------------------------------------------

    def events(self) -> list[Event]:
        """Everything that happened so far."""
        self._events += map(event_of, self._event_lines.poll())
        return self._events

    def given(self) -> list[Given]:
        """Every change of the outputs so far."""
        self._given += map(given_of, self._given_lines.poll())
        return self._given

    def wait_for_event(
        self, wanted: Callable[[Event], bool], timeout_s: float, after_cycle: int = 0
    ) -> Event:
        """The first event after a cycle that is wanted.

        Raises:
            EmulatorError: it has not happened in time.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            for event in self.events():
                if event.cycle >= after_cycle and wanted(event):
                    return event
            if time.monotonic() > deadline:
                raise EmulatorError(f"not within {timeout_s} s: {self.events()[-3:]}")
            time.sleep(POLL_S)
