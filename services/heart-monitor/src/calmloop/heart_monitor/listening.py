"""Keeps one source open in a thread of its own: reading blocks as a device pleases."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from calmloop.base.clock import Clock
from calmloop.base.errors import DeviceError
from calmloop.base.stepping import SteppingThread
from calmloop.contract.messages.biosignal import Absence
from calmloop.heart_monitor.reading import Reading
from calmloop.heart_monitor.sources.source import HeartSource

FIRST_RETRY_S = 1.0
LAST_RETRY_S = 16.0
MAX_WAITING = 4096
"""Readings that the loop has not fetched yet; the oldest give way."""


@dataclass(frozen=True)
class SourceReport:
    """Why nothing can come, or None; and the same in words."""

    absence: Absence | None
    detail: str = ""


class Listening(SteppingThread):
    """One source, opened again whenever it is lost.

    Attributes:
        dropped: Readings that came faster than they were fetched.
    """

    def __init__(
        self,
        source: HeartSource,
        clock: Clock,
        stopping: threading.Event,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__("listening", clock, stopping)
        self.dropped = 0
        self._source = source
        self._wake = wake
        self._lock = threading.Lock()
        self._came: deque[Reading] = deque(maxlen=MAX_WAITING)
        self._report = SourceReport(Absence.OPENING, "the source is being opened")
        self._open = False
        self._retry_s = FIRST_RETRY_S

    # --- the loop's side -------------------------------------------------------------------

    def take(self) -> Sequence[Reading]:
        """What has come since; nothing of a source that is lost by now."""
        with self._lock:
            came = list(self._came)
            self._came.clear()
        return came

    def report(self) -> SourceReport:
        """Whether the source is open, and why not."""
        with self._lock:
            return self._report

    # --- the thread's side -----------------------------------------------------------------

    def _step(self) -> float:
        """Opens the source, or reads it once."""
        try:
            if not self._open:
                self._source.open()
                self._open = True
                self._say(SourceReport(None))
                return 0.0
            came = self._source.read()
        except DeviceError as error:
            return self._lose(str(error))
        if came is None:
            self._ended = True
            self._say(SourceReport(Absence.ENDED, f"{self._source.origin} was played once"))
        elif came:
            self._retry_s = FIRST_RETRY_S
            self._keep(came)
        return 0.0

    def _close(self) -> None:
        self._source.close()
        self._wake()

    def _keep(self, came: Sequence[Reading]) -> None:
        with self._lock:
            self.dropped += max(0, len(self._came) + len(came) - MAX_WAITING)
            self._came.extend(came)

    def _lose(self, why: str) -> float:
        self._source.close()
        self._open = False
        self._say(SourceReport(Absence.LOST, why))
        wait_s, self._retry_s = self._retry_s, min(2 * self._retry_s, LAST_RETRY_S)
        return wait_s

    def _say(self, report: SourceReport) -> None:
        with self._lock:
            self._report = report
            if report.absence is Absence.LOST:
                self._came.clear()
        self._wake()
