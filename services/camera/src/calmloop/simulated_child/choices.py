"""What settings choose from, apart from what draws: they are read without OpenCV."""

from enum import StrEnum


class MoodPin(StrEnum):
    """Lets the simulated child's mood run, or holds it for a test."""

    AUTO = "auto"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
