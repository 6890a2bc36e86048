"""One source, opened and closed as the privacy switch says, and what there is to say of it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.camera.capture import CameraReport, Capture, CapturedFrame
from calmloop.camera.settings import CameraSection
from calmloop.camera.sources import Source
from calmloop.contract.messages.camera import CameraCondition

CLOSE_S = 2.0
"""How long a source may take to let go when the service ends; the process' end closes the rest."""
STUCK_S = 60.0
"""A driver that does not return for so long will not any more."""
BROKEN = (CameraCondition.LOST, CameraCondition.FROZEN)
RATE_WINDOW_S = 5.0
RATE_NEWS = 0.2
"""A frame rate that differs by this share from the one last published is published again."""

SWITCHED_OFF = CameraReport(
    CameraCondition.OFF, 'switched off for privacy: {"enabled": true} on camera/set turns it on'
)


class Filming:
    """Films while it may."""

    def __init__(
        self, source: Source, section: CameraSection, clock: Clock, wake: Callable[[], None]
    ) -> None:
        """Takes what to film, and what to call when there is a picture."""
        self._source = source
        self._section = section
        self._clock = clock
        self._wake = wake
        self._capture: Capture | None = None
        self._undecodable = 0

    @property
    def undecodable(self) -> int:
        """Pictures that could not be decoded, since the start."""
        return self._undecodable + (self._capture.undecodable if self._capture else 0)

    def follow(self, *, enabled: bool, known: bool) -> None:
        """Opens or closes as the switch says.

        Raises:
            DeviceError: the source has crashed, or its driver does not return.
        """
        self._close_if_off(enabled)
        if self._capture is None and enabled and known:
            self._capture = Capture(self._source, self._section, self._clock, self._wake)
            self._capture.start()
        if self._capture:
            self._check(self._capture)

    def pop(self) -> CapturedFrame | None:
        """The newest picture, once."""
        return self._capture.pop() if self._capture else None

    def report(self, *, enabled: bool, unsaved: str) -> CameraReport:
        """What it does, and whether the switch is remembered."""
        report = self._report(enabled)
        if not unsaved:
            return report
        text = f"{'on' if enabled else 'off'}, but {unsaved}"
        reason = f"{text}; {report.reason}" if report.reason else text
        return CameraReport(report.condition, reason)

    def stop(self) -> None:
        """Closes the source."""
        if self._capture:
            self._capture.stop()
            self._capture.join(CLOSE_S)

    def _report(self, enabled: bool) -> CameraReport:
        if self._capture is None:
            return CameraReport(CameraCondition.OPENING) if enabled else SWITCHED_OFF
        report = self._capture.report()
        if enabled:
            return report
        reason = "switched off for privacy: the device is being closed"
        return CameraReport(report.condition, reason)

    def _close_if_off(self, enabled: bool) -> None:
        if self._capture and not enabled:
            self._capture.stop()
        if self._capture and self._capture.stopped and self._capture.closed:
            self._undecodable += self._capture.undecodable
            self._capture = None

    def _check(self, capture: Capture) -> None:
        if capture.crashed:
            raise DeviceError(f"reading {self._source.origin} has crashed: see the traceback above")
        if capture.busy_s > STUCK_S:
            raise DeviceError(
                f"{self._source.origin} has not returned for {STUCK_S:.0f} s: this process ends,"
                " so that the driver is let go and its supervisor starts it again"
            )


@dataclass(frozen=True)
class StateNews:
    """What is worth a message: how the camera is, the switch, and how many frames go out."""

    report: CameraReport
    enabled: bool
    fps: float


class StateWatch:
    """Counts frames, and says when the state is worth a message."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent_s: deque[float] = deque()
        self._last: StateNews | None = None
        self._last_s = 0.0

    def count_frame(self) -> None:
        """A frame has gone out."""
        self._sent_s.append(monotonic_s(self._clock))

    def news(self, report: CameraReport, *, enabled: bool) -> StateNews | None:
        """What to publish now; None where all of it has been said."""
        now_s = monotonic_s(self._clock)
        news = StateNews(report, enabled, self._measured_fps(now_s))
        if self._last is not None and not self._is_new(news, self._last, now_s):
            return None
        self._last, self._last_s = news, now_s
        return news

    def _is_new(self, news: StateNews, last: StateNews, now_s: float) -> bool:
        if (last.report, last.enabled) != (news.report, news.enabled):
            return True
        faster = abs(news.fps - last.fps) > RATE_NEWS * last.fps
        return faster and now_s - self._last_s >= RATE_WINDOW_S

    def _measured_fps(self, now_s: float) -> float:
        """Frames sent a second over the last window; too low until a window is full."""
        while self._sent_s and self._sent_s[0] < now_s - RATE_WINDOW_S:
            self._sent_s.popleft()
        return round(len(self._sent_s) / RATE_WINDOW_S, 1)
