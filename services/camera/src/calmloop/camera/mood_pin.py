"""The simulated child's mood as a setting: apart, so that settings are read without OpenCV."""

from enum import StrEnum


class MoodPin(StrEnum):
    """Lets the mood run, or holds it for a test."""

    AUTO = "auto"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
