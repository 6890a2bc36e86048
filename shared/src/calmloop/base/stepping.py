"""Work on a device in a thread of its own: a driver may block for as long as it pleases."""

import threading
from abc import ABC, abstractmethod

from calmloop.base.clock import Clock

NS_PER_S = 1_000_000_000


class SteppingThread(ABC):
    """Does one step after another until it is stopped or has `_ended`; then lets the device go.

    Args:
        name: The thread's, as a debugger shows it.
        clock: Tells how long a step has lasted.
        stopping: Set when it is to stop, where the device's own waits are to end then as well.
    """

    def __init__(self, name: str, clock: Clock, stopping: threading.Event | None = None) -> None:
        self._clock = clock
        self._ended = False
        self._stopping = stopping or threading.Event()
        self._busy_since_ns: int | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Asks for the device to be let go; returns at once."""
        self._stopping.set()

    def join(self, timeout_s: float) -> None:
        """Waits for the device to be let go."""
        self._thread.join(timeout_s)

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._stopping.is_set()

    @property
    def closed(self) -> bool:
        """Whether the device has been let go and the thread has ended."""
        return not self._thread.is_alive()

    @property
    def crashed(self) -> bool:
        """Whether the thread ended by itself, through an error that no device should cause."""
        began = self._thread.ident is not None
        return began and self.closed and not self._ended and not self.stopped

    @property
    def busy_s(self) -> float:
        """For how long the present step has lasted; 0 between two steps."""
        began_ns = self._busy_since_ns
        return 0.0 if began_ns is None else (self._clock.monotonic_ns() - began_ns) / NS_PER_S

    def step(self) -> float:
        """Does one step; returns the seconds to wait then."""
        self._busy_since_ns = self._clock.monotonic_ns()
        try:
            return self._step()
        finally:
            self._busy_since_ns = None

    def _run(self) -> None:
        try:
            while not self.stopped and not self._ended:
                self._stopping.wait(self.step())
        finally:
            self._close()

    @abstractmethod
    def _step(self) -> float:
        """The work itself, as `step`."""

    @abstractmethod
    def _close(self) -> None:
        """Lets the device go and tells whoever waits, at the thread's end."""
