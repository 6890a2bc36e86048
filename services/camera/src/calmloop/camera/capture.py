"""Reads one source in a thread of its own and keeps only its newest picture.

Reading blocks for as long as a driver or a network pleases, which the service's loop must not.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import cv2

from calmloop.camera.picture import MIN_SIDE_PX, Picture, fit
from calmloop.camera.settings import CameraSection
from calmloop.camera.sources import Source
from calmloop.camera.stillness import Stillness
from calmloop.clock import Clock
from calmloop.errors import DeviceError
from calmloop.messages.camera import CameraCondition

NS_PER_S = 1_000_000_000
FIRST_RETRY_S = 0.5
LAST_RETRY_S = 8.0
SILENCE_S = 1.5
"""A live device that gives no picture for so long is lost; reported within 2 s."""
HEARD = (CameraCondition.STREAMING, CameraCondition.OPENING)
"""Conditions in which an open device has to give pictures."""
EARLY = 0.25
"""A frame may come this share of a period early: cameras jitter."""
MAX_BEHIND_S = 0.5
"""A file that is further behind its own speed goes on from where it is."""


@dataclass(frozen=True)
class Frame:
    """A picture that fits the settings' size, and when it was grabbed."""

    picture: Picture
    captured_ns: int


@dataclass(frozen=True)
class Report:
    """What the camera does now, and why."""

    condition: CameraCondition
    reason: str = ""


class Capture:
    """One opened-and-kept-open source. `step` does the work; `start` runs it in a thread.

    Attributes:
        undecodable: Pictures that were grabbed and could not be decoded.
    """

    def __init__(
        self,
        source: Source,
        settings: CameraSection,
        clock: Clock,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.undecodable = 0
        self._source = source
        self._settings = settings
        self._clock = clock
        self._wake = wake
        self._still = Stillness(settings.frozen_after_s)
        self._lock = threading.Lock()
        self._newest: Frame | None = None
        self._report = Report(CameraCondition.OPENING)
        self._open = False
        self._ended = False
        self._retry_s = FIRST_RETRY_S
        self._due_ns = 0
        self._emit_ns = 0
        self._heard_ns = clock.monotonic_ns()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._busy_since_ns: int | None = None

    # --- the loop's side -------------------------------------------------------------------

    def start(self) -> None:
        """Begins to read."""
        self._thread.start()

    def stop(self) -> None:
        """Asks for the device to be closed; returns at once. No frame comes out any more."""
        self._stopping.set()

    def join(self, timeout_s: float) -> None:
        """Waits for the device to be closed."""
        self._thread.join(timeout_s)

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._stopping.is_set()

    @property
    def crashed(self) -> bool:
        """Whether the thread ended by itself, through an error that no device should cause."""
        return self.closed and not self._ended and not self.stopped

    @property
    def busy_s(self) -> float:
        """For how long the present call into the source has lasted; 0 between two calls."""
        began_ns = self._busy_since_ns
        return 0.0 if began_ns is None else (self._clock.monotonic_ns() - began_ns) / NS_PER_S

    @property
    def closed(self) -> bool:
        """Whether the device has been let go and the thread has ended."""
        return not self._thread.is_alive()

    def take(self) -> Frame | None:
        """The newest frame, once; None when there is no new one."""
        with self._lock:
            frame, self._newest = self._newest, None
        return None if self._stopping.is_set() else frame

    def report(self) -> Report:
        """What the camera does, silence of a live device included."""
        with self._lock:
            report, heard_ns = self._report, self._heard_ns
        quiet_s = (self._clock.monotonic_ns() - heard_ns) / NS_PER_S
        if self._source.live and self._open and quiet_s > SILENCE_S and report.condition in HEARD:
            return Report(
                CameraCondition.LOST,
                f"{self._source.origin} has given no picture for {SILENCE_S:g} s:"
                " check its cable and power",
            )
        return report

    # --- the thread's side -----------------------------------------------------------------

    def step(self) -> float:
        """Opens the source if need be and reads one picture; returns seconds to wait then."""
        self._busy_since_ns = self._clock.monotonic_ns()
        try:
            if not self._open:
                self._say(CameraCondition.OPENING, self._report.reason)
                self._source.open()
                self._opened()
            return self._read()
        except (DeviceError, OSError, cv2.error) as error:
            return self._lost(str(error))
        finally:
            self._busy_since_ns = None

    def _run(self) -> None:
        try:
            while not self._stopping.is_set() and not self._ended:
                self._stopping.wait(self.step())
        finally:
            self._source.close()
            self._wake()

    def _opened(self) -> None:
        self._open = True
        self._still.reset()
        self._due_ns = self._emit_ns = self._heard_ns = self._clock.monotonic_ns()

    def _lost(self, reason: str) -> float:
        self._source.close()
        self._open = False
        self._say(CameraCondition.LOST, reason)
        wait_s, self._retry_s = self._retry_s, min(2 * self._retry_s, LAST_RETRY_S)
        return wait_s

    def _read(self) -> float:
        if not self._source.grab():
            self._source.close()
            self._say(CameraCondition.ENDED, f"{self._source.origin} was played once")
            self._ended = True
            return 0.0
        captured_ns = self._clock.monotonic_ns()
        if self._is_wanted(captured_ns):
            self._decode(captured_ns)
        return self._pause_s()

    def _is_wanted(self, captured_ns: int) -> bool:
        period_ns = round(NS_PER_S / self._settings.fps)
        if captured_ns < self._emit_ns - EARLY * period_ns:
            return False
        self._emit_ns = max(self._emit_ns + period_ns, captured_ns - period_ns)
        return True

    def _decode(self, captured_ns: int) -> None:
        picture = self._source.picture()
        if picture is None or min(picture.shape[:2]) < MIN_SIDE_PX:
            self.undecodable += 1
            return
        self._retry_s = FIRST_RETRY_S
        if self._source.live and self._still.is_frozen(picture, captured_ns):
            self._say(
                CameraCondition.FROZEN,
                f"{self._source.origin} has sent one and the same picture for"
                f" {self._settings.frozen_after_s:g} s: unplug it or restart its streamer",
            )
            return
        frame = Frame(fit(picture, self._settings.width_px, self._settings.height_px), captured_ns)
        with self._lock:
            self._newest = frame
            self._heard_ns = captured_ns
            self._report = Report(CameraCondition.STREAMING)
        self._wake()

    def _pause_s(self) -> float:
        if self._source.pace_fps is None:
            return 0.0
        self._due_ns += round(NS_PER_S / self._source.pace_fps)
        behind_s = (self._clock.monotonic_ns() - self._due_ns) / NS_PER_S
        if behind_s > MAX_BEHIND_S:
            self._due_ns = self._clock.monotonic_ns()
        return max(0.0, -behind_s)

    def _say(self, condition: CameraCondition, reason: str) -> None:
        with self._lock:
            changed = self._report != Report(condition, reason)
            self._report = Report(condition, reason)
        if changed:
            self._wake()
