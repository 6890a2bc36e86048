"""The clock that every service is handed, so that tests own time."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Monotonic time for deciding, wall time for people."""

    def monotonic_ns(self) -> int:
        """CLOCK_MONOTONIC in ns: shared by all processes and containers of one host."""

    def utc_now(self) -> datetime:
        """Wall time with its zone; never used to decide anything."""


class SystemClock:
    """The machine's own clocks."""

    def monotonic_ns(self) -> int:
        """CLOCK_MONOTONIC in ns."""
        return time.monotonic_ns()

    def utc_now(self) -> datetime:
        """Wall time in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when it is told to."""

    def __init__(self, start_s: float = 1000.0) -> None:
        self._ns = round(start_s * 1e9)

    def advance(self, seconds: float) -> None:
        """Moves time forward by `seconds`."""
        self._ns += round(seconds * 1e9)

    def monotonic_ns(self) -> int:
        """The time as last set, in ns."""
        return self._ns

    def utc_now(self) -> datetime:
        """The same instant as a date in 1970."""
        return datetime.fromtimestamp(self._ns / 1e9, UTC)


def monotonic_s(clock: Clock) -> float:
    """The clock's monotonic time in seconds."""
    return clock.monotonic_ns() / 1e9


def host_boot_id() -> str:
    """The kernel's boot id: equal for all processes and containers of one running host."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
