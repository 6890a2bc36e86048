"""The face detector on the bus: a frame comes in, a FaceState and a crop go out."""

from calmloop.base.freshness import Received
from calmloop.bus.bus import Bus
from calmloop.contract import topics
from calmloop.contract.messages.camera import FrameHeader
from calmloop.contract.messages.face import Box, FaceHeader, FaceState
from calmloop.face_detector.detection import Detector
from calmloop.face_detector.geometry import Square
from calmloop.face_detector.reader import FaceReader, Finding, load_detector
from calmloop.face_detector.settings import Settings
from calmloop.service.runtime import Context, Health, InputHealth


class FaceDetectorService:
    """Reads the newest frame; those that came while it was busy are passed over and counted."""

    period_s = 0.25

    def __init__(self, context: Context[Settings], detector: Detector | None = None) -> None:
        """Takes another detector than the settings' own, if one is given."""
        section = context.settings.face_detector
        self._bus = context.bus
        self._detector = detector or load_detector(section)
        self._reader = FaceReader(self._detector, section, context.clock)
        context.log.info("detector", name=self._detector.name)
        self._input = InputHealth(context.clock, "camera frames")
        self._bus.subscribe(topics.CAMERA_FRAME, self._on_frame, latest_only=True)

    def turn(self) -> Health:
        """Frames are handled as they come; an idle camera is no fault of this service."""
        return self._input.health()

    def discard(self) -> None:
        """Pictures are the bus's; a face that is known ages by the times of the pictures.

        A face that was seen too long ago is forgotten by the follower's own rule. Forgetting it
        after each late turn would keep a slow processor from ever following one.
        """

    def close(self) -> None:
        """Holds no device."""

    def _on_frame(self, received: Received[FrameHeader]) -> None:
        self._input.receive(received.received_ns)
        header = received.message
        finding = self._reader.read(received.data, header.height_px, header.captured_ns / 1e9)
        self._publish(header, finding)

    def _publish(self, header: FrameHeader, finding: Finding) -> None:
        crop, reason = finding.crop, finding.reason
        self._bus.publish(
            topics.FACE_CROP,
            FaceHeader(
                **header.frame,
                size_px=0 if crop is None else crop.shape[0],
                reason=reason,
                quality=finding.quality,
            ),
            data=b"" if crop is None else crop.tobytes(),
        )
        self._bus.publish(
            topics.FACE_STATE,
            FaceState(
                **header.frame,
                count=finding.count,
                box=None if reason or finding.square is None else _box(finding.square),
                quality=finding.quality,
                reason=reason,
                detector=self._detector.name,
                skipped=_skipped(self._bus),
            ),
        )


def _box(square: Square) -> Box:
    return Box(
        x_px=round(square.left, 1),
        y_px=round(square.top, 1),
        width_px=round(square.side, 1),
        height_px=round(square.side, 1),
    )


def _skipped(bus: Bus) -> int:
    return bus.counters["dropped_superseded"] + bus.counters["stale"]
