"""What is heard of the child: figures only, never a sound; and the microphone's privacy switch."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from calmloop.contract.messages.base import Command, Proportion, ServiceMessage, SignalKind

Level = Annotated[float, Field(ge=-140.0, le=10.0, allow_inf_nan=False)]
"""In dB, 0 at a root mean square of full scale."""


class VoiceSet(Command):
    """The privacy switch: false closes the microphone itself."""

    enabled: bool


class VoiceCondition(StrEnum):
    """What the listener does now. There are figures only while it is `listening`."""

    LISTENING = "listening"
    OPENING = "opening"
    LOST = "lost"
    DEAD = "dead"
    """One and the same value all the time: muted, or unplugged."""
    FROZEN = "frozen"
    """One and the same piece of sound over and over."""
    UNUSABLE = "unusable"
    """Values that are no sound: no numbers, or cut off at full scale."""
    OFF = "off"
    ENDED = "ended"


class VoiceState(ServiceMessage):
    """The last half second; twice a second, also while nothing is heard.

    A figure that is not known is null. Nothing here can be turned back into sound.
    """

    condition: VoiceCondition
    enabled: bool = Field(description="The privacy switch as last set.")
    reason: str = Field("", max_length=300, description="What happened and what to do.")
    origin: str = Field("", max_length=200, description="The source of the sound.")
    source_kind: SignalKind | None = Field(None, description="Live, recorded or simulated.")
    level_db: Level | None = Field(None, description="Level of 125 to 7500 Hz.")
    floor_db: Level | None = Field(None, description="What the room and the chair give of it.")
    above_floor_db: float | None = Field(
        None, ge=0.0, le=150.0, description="How far the level is above the floor."
    )
    voiced_share: Proportion | None = Field(None, description="Of the time, with a pitch.")
    pitch_hz: float | None = Field(
        None, ge=50.0, le=2000.0, description="Median pitch; null where nothing is voiced."
    )
    crying: Proportion | None = Field(
        None, description="The network's score for crying or screaming; null without a network."
    )
    is_crying: bool | None = Field(None, description="Whether that reaches the setting's bound.")
    clipped_share: Proportion | None = Field(None, description="Of the samples, at full scale.")
    model: str = Field("", max_length=100, description="The network's file; empty without one.")
