"""What the camera's settings choose from."""

from enum import IntEnum, StrEnum


class Rotation(IntEnum):
    """Degrees by which a picture is turned clockwise to stand upright."""

    NONE = 0
    QUARTER = 90
    HALF = 180
    THREE_QUARTERS = 270


class Playback(StrEnum):
    """What happens at the end of a file or folder."""

    LOOP = "loop"
    ONCE = "once"
