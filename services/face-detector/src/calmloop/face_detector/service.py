"""The face detector on the bus: a frame comes in; a FaceState, a crop and the movement go out."""

import secrets
from collections.abc import Callable
from typing import Any

from calmloop.base.clock import monotonic_s
from calmloop.base.freshness import Latest, Received
from calmloop.bus.bus import Bus
from calmloop.contract import topics
from calmloop.contract.messages.camera import FrameHeader
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.face import (
    Box,
    FaceHeader,
    FaceMesh,
    FaceState,
    NoFaceReason,
)
from calmloop.contract.messages.movement import MovementState
from calmloop.face_detector.detection import Detector
from calmloop.face_detector.geometry import Square
from calmloop.face_detector.movement import Movement
from calmloop.face_detector.reader import FaceReader, Finding, load_detector
from calmloop.face_detector.settings import Settings
from calmloop.service.runtime import Context, Health, InputHealth

MOVEMENT_EVERY_NS = round(1e9 / (topics.MOVEMENT_STATE.rate_hz or 1.0))


class FaceDetectorService:
    """Reads the newest frame; those that came while it was busy are passed over and counted."""

    period_s = 0.1

    def __init__(
        self,
        context: Context[Settings],
        detector: Detector | None = None,
        told: Callable[[FrameHeader, Finding], None] = lambda _header, _finding: None,
    ) -> None:
        """Takes another detector than the settings' own, if one is given.

        `told` gets what each frame holds, after it was published.
        """
        section = context.settings.face_detector
        self._bus = context.bus
        self._clock = context.clock
        self._told = told
        self._detector = detector or load_detector(section)
        self._movement = Movement()
        self._reader = FaceReader(self._detector, section, context.clock, self._movement)
        context.log.info("detector", name=self._detector.name)
        if section.mesh.model is not None:
            context.log.info("mesh", model=str(section.mesh.model))
        self._input = InputHealth(context.clock, "camera frames")
        self._movement_due_ns = 0
        self._run = secrets.token_hex(4)
        self._newest: FrameHeader | None = None
        self._taken_s = 0.0
        self._chair = Latest[ChairState](self._bus.ages, topics.CHAIR_STATE.max_age_s or 0.0)
        self._bus.subscribe(
            topics.CHAIR_STATE, self._chair.put, latest_only=True, may_wait_s=self.period_s
        )
        self._bus.subscribe(topics.CAMERA_FRAME, self._on_frame, latest_only=True)

    def turn(self) -> Health:
        """Frames are handled as they come; an idle camera is no fault of this service."""
        now_ns = self._clock.monotonic_ns()
        if now_ns >= self._movement_due_ns:
            behind = now_ns - self._movement_due_ns > MOVEMENT_EVERY_NS
            self._movement_due_ns = MOVEMENT_EVERY_NS + (
                now_ns if behind else self._movement_due_ns
            )
            self._bus.publish(topics.MOVEMENT_STATE, self._movement_state())
        return self._input.health()

    def discard(self) -> None:
        """Pictures are the bus's; a face that is known ages by the times of the pictures.

        A face that was seen too long ago is forgotten by the follower's own rule. Forgetting it
        after each late turn would keep a slow processor from ever following one.
        """
        self._chair.clear()

    def close(self) -> None:
        """Holds no device."""

    def _on_frame(self, received: Received[FrameHeader]) -> None:
        self._input.receive(received.received_ns)
        header = received.message
        taken_s = monotonic_s(self._clock) - self._bus.ages.age_s(received)
        finding = self._reader.read(
            received.data, header.height_px, header.captured_ns / 1e9, self._vibration_pct()
        )
        if finding.reason is not NoFaceReason.BAD_FRAME:
            self._newest, self._taken_s = header, taken_s
        self._publish(header, finding)
        self._told(header, finding)

    def _vibration_pct(self) -> float | None:
        """What the chair says that it applies; None when it says nothing, or does not know."""
        chair = self._chair.get()
        if chair is None or chair.mode is ChairMode.DISCONNECTED:
            return None
        return chair.applied.vibration_pct

    def _movement_state(self) -> MovementState:
        newest = self._newest
        age_s = max(0.0, monotonic_s(self._clock) - self._taken_s)
        captured_s = newest.captured_ns / 1e9 if newest else 0.0
        reading = self._movement.reading(captured_s + age_s)
        known = reading.reason is None
        return MovementState(
            head_speed=_rounded(reading.head_speed),
            log_energy=_rounded(reading.log_energy),
            energy=_rounded(reading.energy),
            noise=_rounded(reading.noise) if known else None,
            vibration=_rounded(reading.vibration) if known else None,
            vibration_pct=self._vibration_pct(),
            reason=reading.reason,
            camera_kind=newest.camera_kind if newest else None,
            age_s=round(age_s, 3) if newest else None,
            frame_seq=newest.frame_seq if newest else None,
        )

    def _identity(self, finding: Finding) -> dict[str, Any]:
        """Fields of a FaceState; numbers begin anew with each run of this service."""
        identity = finding.identity
        if identity is None:
            return {}
        number = identity.number
        return {
            "track_id": None if number is None else f"{self._run}-{number}",
            "presence": identity.presence,
            "unseen_s": round(identity.unseen_s, 2) or None,
        }

    def _publish(self, header: FrameHeader, finding: Finding) -> None:
        crop, reason, identity = finding.crop, finding.reason, self._identity(finding)
        self._bus.publish(
            topics.FACE_CROP,
            FaceHeader(
                **header.frame,
                size_px=0 if crop is None else crop.shape[0],
                reason=reason,
                quality=finding.quality,
                track_id=identity.get("track_id"),
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
                head_pose=finding.pose,
                **_shape(finding),
                **identity,
            ),
        )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 5)


def _shape(finding: Finding) -> dict[str, Any]:
    """Fields of a FaceState; none without a mesh."""
    shape = finding.shape
    if shape is None:
        return {}
    ratios = FaceMesh(
        eye_aspect_ratio=shape.eye_aspect_ratio,
        mouth_aspect_ratio=shape.mouth_aspect_ratio,
        age_s=round(finding.shape_age_s, 3),
    )
    return {"mesh": ratios, "eyes_closed": shape.eyes_closed}


def _box(square: Square) -> Box:
    return Box(
        x_px=round(square.left, 1),
        y_px=round(square.top, 1),
        width_px=round(square.side, 1),
        height_px=round(square.side, 1),
    )


def _skipped(bus: Bus) -> int:
    return bus.counters["dropped_superseded"] + bus.counters["stale"]
