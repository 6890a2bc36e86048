"""Two ways to an emulated chair: stepped, where the test owns the clock, or live, over its port."""

import select
import time
from typing import Protocol

import serial

from calmloop.emulator import Emulator
from calmloop.emulator.record import CYCLES_PER_S

TURN_MS = 5
LONGEST_STEP_MS = 20
BYTES_PER_MS = 22
"""What the emulated line carries."""
BAUD = 250_000


class Line(Protocol):
    """The host's end of the serial line, and the clock that goes with it."""

    def open(self) -> None:
        """Opens the port."""

    def close(self) -> None:
        """Closes it; what the chair sends from here on is lost."""

    def write(self, data: bytes) -> None:
        """Sends."""

    def turn(self) -> bytes:
        """Lets 5 ms pass at most; returns what has come."""

    def wait(self, emulated_s: float) -> None:
        """Lets the chip's time pass while nobody serves the line: what comes is kept."""

    def now_s(self) -> float:
        """The host's monotonic time."""

    def cycle(self) -> int:
        """Where the chip is now."""


class SteppedLine:
    """Time is the chip's own and passes only here: no machine is too slow for it."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._is_open = False
        self._cycle = 0
        self._outgoing = b""
        self._incoming = b""

    def open(self) -> None:
        """Opens the port."""
        self._is_open = True

    def close(self) -> None:
        """Closes it; what was written still goes out, as from a kernel's buffer."""
        self._is_open = False
        self._incoming = b""

    def write(self, data: bytes) -> None:
        """Sends with the next steps, as fast as the line carries it."""
        self._outgoing += data

    def turn(self) -> bytes:
        """Lets 5 ms pass; returns what has come."""
        self._step(TURN_MS)
        came, self._incoming = self._incoming, b""
        return came

    def wait(self, emulated_s: float) -> None:
        """Lets the chip's time pass while nobody serves the line."""
        left_ms = round(1000 * emulated_s)
        while left_ms > 0:
            ms = min(left_ms, LONGEST_STEP_MS)
            self._step(ms)
            left_ms -= ms

    def now_s(self) -> float:
        """The chip's time."""
        return self._cycle / CYCLES_PER_S

    def cycle(self) -> int:
        """Where the chip is now."""
        return self._cycle

    def _step(self, ms: int) -> None:
        carried = self._outgoing[: BYTES_PER_MS * ms]
        self._outgoing = self._outgoing[len(carried) :]
        self._cycle, came = self._emulator.step(ms, carried)
        if self._is_open:
            self._incoming += came


class LiveLine:
    """The emulator's pseudo-terminal and CLOCK_MONOTONIC, for what has to do with real time."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def open(self) -> None:
        """Opens the port."""
        self._serial = serial.Serial(str(self._emulator.port), BAUD, timeout=0)

    def close(self) -> None:
        """Closes it, as the end of a process does."""
        self._serial.close()

    def write(self, data: bytes) -> None:
        """Sends at once."""
        self._serial.write(data)

    def turn(self) -> bytes:
        """Returns what has come; waits 5 ms for it at most."""
        select.select([self._serial.fileno()], [], [], TURN_MS / 1000)
        return bytes(self._serial.read(4096))

    def wait(self, emulated_s: float) -> None:
        """Lets the chip's time pass while nobody serves the line."""
        until_cycle = self.cycle() + int(emulated_s * CYCLES_PER_S)
        while self.cycle() < until_cycle:
            time.sleep(TURN_MS / 1000)

    def now_s(self) -> float:
        """CLOCK_MONOTONIC."""
        return time.monotonic()

    def cycle(self) -> int:
        """Where the chip is now."""
        return self._emulator.metrics().cycle
