"""The camera on the bus: frames out, the privacy switch in, its state on every change."""

from calmloop.base.freshness import Received
from calmloop.camera.capture import CameraReport, CapturedFrame
from calmloop.camera.filming import BROKEN, Filming, StateWatch
from calmloop.camera.picture import encode_jpeg
from calmloop.camera.settings import Settings
from calmloop.camera.sources import Source, open_source
from calmloop.camera.sources.source import FeelsChair
from calmloop.camera.switch import CameraSwitch
from calmloop.contract import house_topics, topics
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.camera import CameraCondition, CameraSet, CameraState, FrameHeader
from calmloop.contract.messages.chair import ChairState
from calmloop.contract.messages.house import HouseAction, HouseCommand
from calmloop.service.runtime import Context, Health


class CameraService:
    """Opens the device only once it knows that the privacy switch allows it."""

    period_s = 0.1

    def __init__(self, context: Context[Settings]) -> None:
        self._settings = context.settings.camera
        self._bus = context.bus
        self._log = context.log
        self._source = open_source(self._settings, context.clock)
        self._kind = _kind(self._source)
        self._switch = CameraSwitch(self._settings.switch_file, context.clock)
        self._filming = Filming(self._source, self._settings, context.clock, context.bus.wake)
        self._watch = StateWatch(context.clock)
        self._frame_seq = 0
        self._skipped = 0
        self._last_logged = ("", CameraReport(CameraCondition.OPENING))
        self._bus.subscribe(topics.CAMERA_SET, self._on_set)
        self._bus.subscribe(house_topics.HOUSE_SET, self._on_house)
        self._bus.subscribe(topics.CAMERA_STATE, self._on_own_state)
        if isinstance(self._source, FeelsChair):
            self._bus.subscribe(topics.CHAIR_STATE, self._on_chair, latest_only=True)

    def turn(self) -> Health:
        """Opens or closes as the switch says, sends the newest frame, tells what changed."""
        switch = self._switch
        switch.wait(connected=self._bus.connected)
        self._filming.follow(enabled=switch.enabled, known=switch.is_known)
        frame = self._filming.pop()
        if frame is not None and switch.enabled:
            self._send(frame)
        report = self._filming.report(enabled=switch.enabled, unsaved=switch.unsaved)
        if switch.is_known:
            self._publish_state(report)
        opening = report.condition is CameraCondition.OPENING and bool(report.reason)
        waits_for = report.reason if opening or report.condition in BROKEN else switch.unsaved
        return Health(not waits_for, waits_for[:200])

    def discard(self) -> None:
        """Drops the frame that waits: it may be old."""
        self._filming.pop()

    def close(self) -> None:
        """Closes the device."""
        self._filming.stop()

    def _on_set(self, received: Received[CameraSet]) -> None:
        self._switch.command(on=received.message.enabled)
        self._log.info("privacy switch", enabled=received.message.enabled)

    def _on_house(self, received: Received[HouseCommand]) -> None:
        if received.message.action is HouseAction.CAMERA_OFF:
            self._switch.command(on=False)
            self._log.info("privacy switch", enabled=False, by="the house")

    def _on_own_state(self, received: Received[CameraState]) -> None:
        if received.retained:
            self._switch.hear_left(on=received.message.enabled)

    def _on_chair(self, received: Received[ChairState]) -> None:
        if isinstance(self._source, FeelsChair):
            self._source.feel(received.message.applied)

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
        else:
            self._watch.count_frame()

    def _publish_state(self, report: CameraReport) -> None:
        news = self._watch.news(report, enabled=self._switch.enabled)
        if news is None:
            return
        self._log_changes(report)
        self._bus.counters["undecodable_pictures"] = self._filming.undecodable
        self._bus.publish(
            topics.CAMERA_STATE,
            CameraState(
                condition=report.condition,
                enabled=news.enabled,
                reason=report.reason[:300],
                origin=self._source.origin[:200],
                camera_kind=self._kind,
                fps=news.fps,
            ),
        )

    def _log_changes(self, report: CameraReport) -> None:
        unsaved, logged = self._last_logged
        if report != logged:
            self._log.info("camera", condition=report.condition.value, reason=report.reason)
        if self._switch.unsaved != unsaved:
            fault = self._switch.unsaved or "none any more"
            self._log.warning("privacy switch file", fault=fault)
        self._last_logged = (self._switch.unsaved, report)


def _kind(source: Source) -> SignalKind:
    if isinstance(source, FeelsChair):
        return SignalKind.SIMULATED
    return SignalKind.LIVE if source.live else SignalKind.RECORDED
