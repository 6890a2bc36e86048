"""What sounds in the chair: which track, where in it, when its samples reach the output."""

from enum import StrEnum

from pydantic import Field

from calmloop.contract.messages.base import ServiceMessage, SignalKind


class SoundCondition(StrEnum):
    """What the player does now. Only while it is `playing` there is a position."""

    PLAYING = "playing"
    SILENT = "silent"
    """Nothing is asked for, or nothing may sound now; both output and track are there."""
    NO_TRACK = "no_track"
    """The track that the setpoint names is missing or damaged."""
    NO_OUTPUT = "no_output"
    """No device, or one that takes no sound."""


class SoundState(ServiceMessage):
    """The player, 10 times a second."""

    condition: SoundCondition
    reason: str = Field("", max_length=300, description="Why it is silent, and what to do.")
    track: str = Field("", max_length=64, description="The track that sounds, or is asked for.")
    position_s: float | None = Field(
        None, ge=0.0, description="Place in the track of the sample that `output_ns` is of."
    )
    output_ns: int | None = Field(
        None,
        ge=0,
        description="CLOCK_MONOTONIC, in ns, when that sample is at the output: a buffer ahead.",
    )
    length_s: float | None = Field(None, gt=0.0, description="Of the track; it begins again then.")
    device: str = Field("", max_length=200, description="The output.")
    output_kind: SignalKind | None = Field(
        None, description="Live: a device that sounds; simulated: a recording in its place."
    )
    underruns: int = Field(
        0, ge=0, description="How often the output ran dry, since this process began."
    )
