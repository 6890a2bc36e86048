"""What the camera's settings choose from: apart, so that settings are read without OpenCV."""

from enum import IntEnum, StrEnum


class MoodPin(StrEnum):
    """Lets the simulated child's mood run, or holds it for a test."""

    AUTO = "auto"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Rotation(IntEnum):
    """Degrees by which a picture is turned clockwise to stand upright."""

    NONE = 0
    QUARTER = 90
    HALF = 180
    THREE_QUARTERS = 270
