"""Absolute outputs asked of the chair."""

from enum import StrEnum

from pydantic import Field

from calmloop.contract.messages.base import Part, Percent, ServiceMessage

SETPOINT_TTL_MS = 500
"""A setpoint is void after this time; the firmware clamps to the same (Klipper's max_duration)."""

MIN_VIBRATION_HZ, MAX_VIBRATION_HZ = 30.0, 80.0
"""What the chair plays (vibroacoustic practice); anything else it refuses."""


class Waveform(StrEnum):
    """What the transducer plays."""

    SINE = "sine"


class Vibration(Part):
    """A frequency that the chair plays, and a level."""

    waveform: Waveform = Waveform.SINE
    frequency_hz: float = Field(40.0, ge=MIN_VIBRATION_HZ, le=MAX_VIBRATION_HZ)
    level_pct: Percent = 0.0


class Sound(Part):
    """A track by name, and the amplifier's level."""

    track: str = Field("", max_length=64)
    level_pct: Percent = 0.0


class Light(Part):
    """Linear RGB, each as a share of full scale. The gate in the chair shapes the way there."""

    red_pct: Percent = 0.0
    green_pct: Percent = 0.0
    blue_pct: Percent = 0.0


class Setpoint(ServiceMessage):
    """What the chair should do now; the newest wins, and it lasts `ttl_ms`."""

    session_id: str = Field("", max_length=64)
    vibration: Vibration = Vibration()
    sound: Sound = Sound()
    light: Light = Light()
    ttl_ms: int = Field(SETPOINT_TTL_MS, ge=50, le=SETPOINT_TTL_MS)
    frame_seq: int | None = Field(None, description="The frame whose emotion triggered it.")
    captured_ns: int | None = None
