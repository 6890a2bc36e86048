"""The camera's frames, its privacy switch and its state."""

from enum import StrEnum

from pydantic import Field

from calmloop.contract.messages.base import Command, PipelineMessage, ServiceMessage, SignalKind


class FrameHeader(PipelineMessage):
    """Travels beside the JPEG of a frame (8-bit BGR once decoded)."""

    width_px: int = Field(ge=16, le=4096)
    height_px: int = Field(ge=16, le=4096)
    skipped: int = Field(0, ge=0, description="Frames not sent since the start: broker was busy.")


class CameraSet(Command):
    """The privacy switch: false closes the device itself, not only the stream."""

    enabled: bool


class CameraCondition(StrEnum):
    """What the camera does now."""

    STREAMING = "streaming"
    OPENING = "opening"
    LOST = "lost"
    FROZEN = "frozen"
    OFF = "off"
    ENDED = "ended"


class CameraState(ServiceMessage):
    """Retained; on every change."""

    condition: CameraCondition
    enabled: bool = Field(description="The privacy switch as last set.")
    reason: str = Field("", max_length=300, description="What happened and what to do.")
    origin: str = Field("", max_length=200, description="The source, without credentials.")
    camera_kind: SignalKind | None = Field(None, description="Live, recorded or simulated.")
    fps: float = Field(0.0, ge=0.0, le=240.0, description="Measured frame rate in Hz.")
