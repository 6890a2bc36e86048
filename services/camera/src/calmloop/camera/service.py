"""The camera on the bus: frames out, the privacy switch in, its state on every change."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from calmloop.base.clock import monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.base.freshness import Received
from calmloop.camera.capture import CameraReport, Capture, CapturedFrame
from calmloop.camera.picture import encode_jpeg
from calmloop.camera.settings import Settings
from calmloop.camera.sources import Source, open_source
from calmloop.camera.sources.source import FeelsChair
from calmloop.camera.switch import SwitchFile
from calmloop.contract import topics
from calmloop.contract.messages.base import CameraKind
from calmloop.contract.messages.camera import CameraCondition, CameraSet, CameraState, FrameHeader
from calmloop.contract.messages.chair import ChairState
from calmloop.service.runtime import Context, Health

SETTLE_S = 0.5
"""Time for the broker to hand over the retained state, which tells how the switch was left."""
CLOSE_S = 2.0
"""How long a source may take to let go when the service ends; the process' end closes the rest."""
STUCK_S = 60.0
"""A driver that does not return for so long will not any more."""
SAVE_AGAIN_S = 10.0
BROKEN = (CameraCondition.LOST, CameraCondition.FROZEN)
RATE_WINDOW_S = 5.0
RATE_NEWS = 0.2
"""A frame rate that differs by this share from the one last published is published again."""

SWITCHED_OFF = CameraReport(
    CameraCondition.OFF, 'switched off for privacy: {"enabled": true} on camera/set turns it on'
)


@dataclass(frozen=True)
class _Published:
    """What the last state said, and when."""

    report: CameraReport
    enabled: bool
    fps: float
    at_s: float


class CameraService:
    """Opens the device only once it knows that the privacy switch allows it.

    The switch survives a restart: at start the service reads the switch file, or its own retained
    state, and stays off if a person had switched it off.
    """

    period_s = 0.1

    def __init__(self, context: Context[Settings]) -> None:
        self._settings = context.settings.camera
        self._bus = context.bus
        self._clock = context.clock
        self._log = context.log
        self._source = open_source(self._settings, self._clock)
        self._kind = _kind(self._source)
        self._capture: Capture | None = None
        self._switch = SwitchFile(self._settings.switch_file)
        left = self._switch.read()
        self._unsaved = ""
        self._save_due_s = 0.0
        self._enabled = left is not False and self._is_kept(self._switch.check)
        # A file that says on is older than a state that says off: that one is waited for.
        self._switch_known = not self._enabled
        self._commanded = False
        self._connected_s: float | None = None
        self._frame_seq = 0
        self._skipped = 0
        self._undecodable = 0
        self._sent_s: deque[float] = deque()
        self._last_published: _Published | None = None
        self._bus.subscribe(topics.CAMERA_SET, self._on_set)
        self._bus.subscribe(topics.CAMERA_STATE, self._on_own_state)
        if isinstance(self._source, FeelsChair):
            self._bus.subscribe(topics.CHAIR_STATE, self._on_chair, latest_only=True)

    def turn(self) -> Health:
        """Opens or closes as the switch says, sends the newest frame, tells what changed."""
        self._settle()
        self._save_again()
        self._follow_switch()
        frame = self._capture.pop() if self._capture else None
        if frame is not None and self._enabled:
            self._send(frame)
        report = self._report()
        self._publish_state(report)
        broken = report.condition in BROKEN or (
            report.condition is CameraCondition.OPENING and bool(report.reason)
        )
        waits_for = report.reason if broken else self._unsaved
        return Health(not waits_for, waits_for[:200])

    def discard(self) -> None:
        """Drops the frame that waits: it may be old."""
        if self._capture:
            self._capture.pop()

    def close(self) -> None:
        """Closes the device."""
        if self._capture:
            self._capture.stop()
            self._capture.join(CLOSE_S)

    # --- in --------------------------------------------------------------------------------

    def _on_set(self, received: Received[CameraSet]) -> None:
        self._switch_known = self._commanded = True
        self._enabled = received.message.enabled
        self._log.info("privacy switch", enabled=self._enabled)
        self._save()

    def _save(self) -> None:
        self._save_due_s = monotonic_s(self._clock) + SAVE_AGAIN_S
        self._is_kept(lambda: self._switch.write(self._enabled))

    def _save_again(self) -> None:
        if self._unsaved and monotonic_s(self._clock) >= self._save_due_s:
            self._save()

    def _is_kept(self, keep: Callable[[], None]) -> bool:
        """Whether the switch can be remembered; why not is told until it can."""
        before = self._unsaved
        try:
            keep()
            self._unsaved = ""
        except DeviceError as error:
            self._unsaved = f"not remembered: {error}"
        if self._unsaved != before:
            self._log.warning("privacy switch file", fault=self._unsaved or "none any more")
        return not self._unsaved

    def _on_own_state(self, received: Received[CameraState]) -> None:
        if not received.retained or self._commanded:
            return
        # However late it comes, it may only switch off.
        self._switch_known = True
        self._enabled = self._enabled and received.message.enabled

    def _on_chair(self, received: Received[ChairState]) -> None:
        if isinstance(self._source, FeelsChair):
            self._source.feel(received.message.applied)

    # --- the device ------------------------------------------------------------------------

    def _settle(self) -> None:
        if self._switch_known or not self._bus.connected:
            return
        now_s = monotonic_s(self._clock)
        self._connected_s = self._connected_s or now_s
        self._switch_known = now_s - self._connected_s >= SETTLE_S

    def _follow_switch(self) -> None:
        self._close_if_off()
        if self._capture is None and self._enabled and self._switch_known:
            self._capture = Capture(self._source, self._settings, self._clock, self._bus.wake)
            self._capture.start()
        if self._capture:
            self._check_capture(self._capture)

    def _close_if_off(self) -> None:
        if self._capture and not self._enabled:
            self._capture.stop()
        if self._capture and self._capture.stopped and self._capture.closed:
            self._undecodable += self._capture.undecodable
            self._capture = None

    def _check_capture(self, capture: Capture) -> None:
        if capture.crashed:
            raise DeviceError(f"reading {self._source.origin} has crashed: see the traceback above")
        if capture.busy_s > STUCK_S:
            raise DeviceError(
                f"{self._source.origin} has not returned for {STUCK_S:.0f} s: this process ends,"
                " so that the driver is let go and its supervisor starts it again"
            )

    def _report(self) -> CameraReport:
        report = self._reported()
        if not self._unsaved:
            return report
        said = f"{'on' if self._enabled else 'off'}, but {self._unsaved}"
        return CameraReport(report.condition, f"{said}; {report.reason}" if report.reason else said)

    def _reported(self) -> CameraReport:
        if self._capture is None:
            return CameraReport(CameraCondition.OPENING) if self._enabled else SWITCHED_OFF
        report = self._capture.report()
        if not self._enabled:
            return CameraReport(
                report.condition, "switched off for privacy: the device is being closed"
            )
        return report

    # --- out -------------------------------------------------------------------------------

    def _send(self, frame: CapturedFrame) -> None:
        self._frame_seq += 1
        height_px, width_px = frame.picture.shape[:2]
        header = FrameHeader(
            frame_seq=self._frame_seq,
            captured_ns=frame.captured_ns,
            captured_on=self._bus.host_boot_id,
            camera_kind=self._kind,
            width_px=width_px,
            height_px=height_px,
            skipped=self._skipped,
        )
        jpeg = encode_jpeg(frame.picture, self._settings.jpeg_quality)
        if self._bus.publish(topics.CAMERA_FRAME, header, data=jpeg) is None:
            self._skipped += 1
            return
        self._sent_s.append(monotonic_s(self._clock))

    def _publish_state(self, report: CameraReport) -> None:
        if not self._switch_known:
            return
        now_s = monotonic_s(self._clock)
        fps = self._measured_fps(now_s)
        last = self._last_published
        if last is None or (last.report, last.enabled) != (report, self._enabled):
            self._log.info("camera", condition=report.condition.value, reason=report.reason)
        elif now_s - last.at_s < RATE_WINDOW_S or abs(fps - last.fps) <= RATE_NEWS * last.fps:
            return
        self._last_published = _Published(report, self._enabled, fps, now_s)
        self._bus.counters["undecodable_pictures"] = self._undecodable + (
            self._capture.undecodable if self._capture else 0
        )
        self._bus.publish(
            topics.CAMERA_STATE,
            CameraState(
                condition=report.condition,
                enabled=self._enabled,
                reason=report.reason[:300],
                origin=self._source.origin[:200],
                camera_kind=self._kind,
                fps=fps,
            ),
        )

    def _measured_fps(self, now_s: float) -> float:
        """Frames sent a second over the last window; too low until a window is full."""
        while self._sent_s and self._sent_s[0] < now_s - RATE_WINDOW_S:
            self._sent_s.popleft()
        return round(len(self._sent_s) / RATE_WINDOW_S, 1)


def _kind(source: Source) -> CameraKind:
    if isinstance(source, FeelsChair):
        return CameraKind.SIMULATED
    return CameraKind.LIVE if source.live else CameraKind.RECORDED
