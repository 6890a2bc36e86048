"""The clock that every service is handed, so that tests own time."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Monotonic time for deciding, wall time for people."""

    def monotonic_ns(self) -> int:
        """CLOCK_MONOTONIC in ns: shared by all processes and containers of one host."""

    def up_ns(self) -> int:
        """Time since boot in ns, suspension included, to measure how long ago something was."""

    def utc_now(self) -> datetime:
        """Wall time with its zone; it may be set at any moment, so it decides nothing alone."""


class SystemClock:
    """The machine's own clocks."""

    def monotonic_ns(self) -> int:
        """CLOCK_MONOTONIC in ns."""
        return time.monotonic_ns()

    def up_ns(self) -> int:
        """CLOCK_BOOTTIME in ns."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def utc_now(self) -> datetime:
        """Wall time in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when a test moves it.

    Attributes:
        wall: By how much the wall clock was set forward from 1970 plus the monotonic time.
    """

    def __init__(self, start_s: float = 1000.0) -> None:
        self.wall = timedelta()
        self._ns = round(start_s * 1e9)

    def advance(self, seconds: float) -> None:
        """Moves time forward by `seconds`."""
        self._ns += round(seconds * 1e9)

    def set_wall(self, utc: datetime) -> None:
        """Sets the wall clock alone, as a person or NTP does."""
        self.wall += utc - self.utc_now()

    def monotonic_ns(self) -> int:
        """The time as last set, in ns."""
        return self._ns

    def up_ns(self) -> int:
        """The same."""
        return self._ns

    def utc_now(self) -> datetime:
        """The same instant as a date in 1970, unless the wall clock was set."""
        return datetime.fromtimestamp(self._ns / 1e9, UTC) + self.wall


def monotonic_s(clock: Clock) -> float:
    """The clock's monotonic time in seconds."""
    return clock.monotonic_ns() / 1e9


def host_boot_id() -> str:
    """The kernel's boot id: equal for all processes and containers of one running host."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
