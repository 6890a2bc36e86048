"""Reads one source in a thread of its own and keeps only its newest picture.

Reading blocks for as long as a driver or a network pleases, which the service's loop must not.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import cv2

from calmloop.base.clock import Clock
from calmloop.base.errors import DeviceError
from calmloop.base.stepping import NS_PER_S, SteppingThread
from calmloop.camera.arrays import Picture
from calmloop.camera.picture import MIN_SIDE_PX, fit, turned
from calmloop.camera.settings import CameraSection
from calmloop.camera.sources import Source
from calmloop.camera.stillness import Stillness
from calmloop.contract.messages.camera import CameraCondition

FIRST_RETRY_S = 0.5
LAST_RETRY_S = 8.0
SILENCE_S = 1.5
"""A live device that gives no picture for so long is lost; reported within 2 s."""
GIVE_UP_S = 8.0
"""A live device whose pictures do not decode for so long is closed and opened again. Until then it
has time to recover by itself: a new connection costs some streamers more than they gain."""
HEARD = (CameraCondition.STREAMING, CameraCondition.OPENING)
"""Conditions in which an open device has to give pictures."""
EARLY = 0.25
"""A frame may come this share of a period early: cameras jitter."""
MAX_BEHIND_S = 0.5
"""A file that is further behind its own speed goes on from where it is."""


@dataclass(frozen=True)
class CapturedFrame:
    """A picture that fits the settings' size, and when it was grabbed."""

    picture: Picture
    captured_ns: int


@dataclass(frozen=True)
class CameraReport:
    """What the camera does now, and why."""

    condition: CameraCondition
    reason: str = ""


class Capture(SteppingThread):
    """One opened-and-kept-open source.

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
        super().__init__("capture", clock)
        self.undecodable = 0
        self._source = source
        self._settings = settings
        self._wake = wake
        self._still = Stillness(settings.frozen_after_s)
        self._lock = threading.Lock()
        self._newest: CapturedFrame | None = None
        self._report = CameraReport(CameraCondition.OPENING)
        self._open = False
        self._retry_s = FIRST_RETRY_S
        self._due_ns = 0
        self._play_from_ns: int | None = None
        self._is_grabbed = False
        self._spoilt_in_a_row = 0
        self._emit_ns = 0
        self._heard_ns = clock.monotonic_ns()

    # --- the loop's side -------------------------------------------------------------------

    def pop(self) -> CapturedFrame | None:
        """The newest frame, once; None when there is no new one."""
        with self._lock:
            frame, self._newest = self._newest, None
        return None if self.stopped else frame

    def report(self) -> CameraReport:
        """What the camera does, silence of a live device included."""
        with self._lock:
            report, heard_ns = self._report, self._heard_ns
        quiet_s = (self._clock.monotonic_ns() - heard_ns) / NS_PER_S
        if self._source.live and self._open and quiet_s > SILENCE_S and report.condition in HEARD:
            return CameraReport(CameraCondition.LOST, self._why_silent())
        return report

    def _why_silent(self) -> str:
        origin = self._source.origin
        if self._spoilt_in_a_row:
            return (
                f"{origin} sends pictures that do not decode whole: check its cable or network,"
                " and restart the camera or its streamer"
            )
        return f"{origin} has given no picture for {SILENCE_S:g} s: check its cable and power"

    # --- the thread's side -----------------------------------------------------------------

    def _step(self) -> float:
        """Opens the source if need be and reads one picture."""
        try:
            if not self._open:
                self._say(CameraCondition.OPENING, self._report.reason)
                self._source.open()
                self._opened()
            return self._read()
        except (DeviceError, OSError) as error:
            return self._lost(CameraCondition.LOST, str(error))
        except cv2.error as error:
            # Without its text, which may quote what was to be opened.
            where = f"OpenCV fails in {getattr(error, 'func', 'reading')}"
            return self._lost(
                CameraCondition.LOST, f"{self._source.origin} cannot be read: {where}"
            )

    def _close(self) -> None:
        self._source.close()
        self._wake()

    def _opened(self) -> None:
        self._open = True
        self._spoilt_in_a_row = 0
        self._is_grabbed, self._play_from_ns = False, None
        self._due_ns = self._emit_ns = self._heard_ns = self._clock.monotonic_ns()

    def _lost(self, condition: CameraCondition, reason: str) -> float:
        self._source.close()
        self._open = False
        self._say(condition, reason)
        wait_s, self._retry_s = self._retry_s, min(2 * self._retry_s, LAST_RETRY_S)
        return wait_s

    def _read(self) -> float:
        if not self._is_grabbed and not self._source.grab():
            self._source.close()
            self._say(CameraCondition.ENDED, f"{self._source.origin} was played once")
            self._ended = True
            return 0.0
        early_s = self._early_s()
        self._is_grabbed = early_s > 0.0
        if self._is_grabbed:
            return early_s
        captured_ns = self._clock.monotonic_ns()
        if self._is_wanted(captured_ns):
            fault = self._decode(captured_ns)
            if fault is not None:
                return self._lost(fault.condition, fault.reason)
        return self._pause_s()

    def _early_s(self) -> float:
        """How long what was grabbed has to wait for its time stamp."""
        play_s = self._source.play_s
        if play_s is None:
            return 0.0
        now_ns, play_ns = self._clock.monotonic_ns(), round(play_s * NS_PER_S)
        if self._play_from_ns is None:
            self._play_from_ns = now_ns - play_ns
        early_s = (self._play_from_ns + play_ns - now_ns) / NS_PER_S
        if early_s < -MAX_BEHIND_S:
            self._play_from_ns = now_ns - play_ns
        return max(0.0, early_s)

    def _is_wanted(self, captured_ns: int) -> bool:
        period_ns = round(NS_PER_S / self._settings.fps)
        if captured_ns < self._emit_ns - EARLY * period_ns:
            return False
        self._emit_ns = max(self._emit_ns + period_ns, captured_ns - period_ns)
        return True

    def _decode(self, captured_ns: int) -> CameraReport | None:
        """Takes the picture; why the device is to be opened anew, or None."""
        picture = self._source.picture()
        if picture is None or min(picture.shape[:2]) < MIN_SIDE_PX:
            return self._spoilt(captured_ns)
        self._spoilt_in_a_row = 0
        if self._source.live and self._still.is_frozen(picture, captured_ns):
            return CameraReport(
                CameraCondition.FROZEN,
                f"{self._source.origin} has sent one and the same picture for"
                f" {self._settings.frozen_after_s:g} s: unplug it or restart its streamer",
            )
        self._retry_s = FIRST_RETRY_S
        upright = turned(picture, self._settings.rotate)
        small = fit(upright, self._settings.width_px, self._settings.height_px)
        frame = CapturedFrame(small, captured_ns)
        with self._lock:
            self._newest = frame
            self._heard_ns = captured_ns
            self._report = CameraReport(CameraCondition.STREAMING)
        self._wake()
        return None

    def _spoilt(self, captured_ns: int) -> CameraReport | None:
        self.undecodable += 1
        self._spoilt_in_a_row += 1
        quiet_s = (captured_ns - self._heard_ns) / NS_PER_S
        if not self._source.live or quiet_s < GIVE_UP_S:
            return None
        return CameraReport(CameraCondition.LOST, self._why_silent())

    def _pause_s(self) -> float:
        if self._source.pace_fps is None or self._source.play_s is not None:
            return 0.0
        self._due_ns += round(NS_PER_S / self._source.pace_fps)
        behind_s = (self._clock.monotonic_ns() - self._due_ns) / NS_PER_S
        if behind_s > MAX_BEHIND_S:
            self._due_ns = self._clock.monotonic_ns()
        return max(0.0, -behind_s)

    def _say(self, condition: CameraCondition, reason: str) -> None:
        with self._lock:
            changed = self._report != CameraReport(condition, reason)
            self._report = CameraReport(condition, reason)
        if changed:
            self._wake()
