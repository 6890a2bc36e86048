"""How a clip is cut into segments: one rule for what an expert labels and a system predicts.

Frames are counted from the clip's beginning and timed by its frame rate, so that both see the same
frames of the same item whatever a file's time stamps say.
"""

import math
import os
from dataclasses import dataclass
from pathlib import Path

from calmloop.camera.picture import Picture
from calmloop.camera.settings import CameraSection, Playback
from calmloop.camera.sources.opencv import DEFAULT_FILE_FPS, FileSource
from calmloop.errors import ConfigurationError, DeviceError

DEFAULT_EVERY_S = 2.0
MIN_EVERY_S = 0.2
SHOWN_FPS = CameraSection().fps
"""As many frames a second are shown and read as the camera service sends, or somewhat fewer."""


@dataclass(frozen=True)
class Segment:
    """A part of a clip that gets one answer.

    Attributes:
        item: Its name in CSV files: ``clip.mp4@12.00-14.00``, from and to in seconds. The end is
            in it so that segments of different lengths never count as the same.
        frames: Numbers of its frames that are shown and read: its first and every `stride`-th.
    """

    item: str
    frames: range


@dataclass(frozen=True)
class Clip:
    """A video file whose frames have been counted."""

    path: Path
    fps: float
    frames: int

    @property
    def name(self) -> str:
        """The file's name as text, whatever bytes it is of."""
        return os.fsencode(self.path.name).decode(errors="replace")

    @property
    def stride(self) -> int:
        """Every so many frames one is shown and read."""
        return math.ceil(self.fps / SHOWN_FPS)


class Reel:
    """Reads frames of a file by number. Forward is cheap; backward begins anew.

    Nothing is sought: in some files a seek lands on another frame.
    """

    def __init__(self, path: Path) -> None:
        self._source = FileSource(CameraSection(source=str(path), playback=Playback.ONCE))
        self._next = 0
        self._source.open()

    @property
    def fps(self) -> float:
        """Frames a second, as the file says."""
        return self._source.pace_fps or DEFAULT_FILE_FPS

    def count(self) -> int:
        """Runs through what is left and returns the number of all frames."""
        while self._source.grab():
            self._next += 1
        return self._next

    def picture(self, number: int) -> Picture | None:
        """One frame (BGR, uint8); None if it cannot be decoded.

        Raises:
            DeviceError: the file has gone, or has no such frame any more.
        """
        if number < self._next:
            self.close()
            self._source.open()
            self._next = 0
        while self._next <= number:
            if not self._source.grab():
                raise DeviceError(f"{self._source.origin} has lost its frame {number}: start again")
            self._next += 1
        return self._source.picture()

    def close(self) -> None:
        """Lets the file go."""
        self._source.close()


def open_clip(path: Path) -> Clip:
    """Counts the frames of a video, which takes 1 to 2 s for each minute of 640×360.

    Raises:
        DeviceError: it is not there, no video, or has no frame.
    """
    if not path.is_file():
        raise DeviceError(f"{path} is not there or is no file: name one video file")
    reel = Reel(path)
    try:
        frames = reel.count()
    finally:
        reel.close()
    if not frames:
        raise DeviceError(f"{path} holds no frame that can be read: name another video file")
    return Clip(path, reel.fps, frames)


def segments_of(clip: Clip, every_s: float) -> list[Segment]:
    """Cuts a clip every `every_s` seconds; a rest shorter than half of that joins the last one.

    Raises:
        ConfigurationError: a segment would have no frame of its own.
    """
    each = every_s * clip.fps
    if every_s < MIN_EVERY_S or each < 1:
        least_s = max(MIN_EVERY_S, 1 / clip.fps)
        raise ConfigurationError(
            f"--every {every_s:g} is too short for {clip.fps:g} frames a second:"
            f" choose {least_s:.2f} or more"
        )
    count = max(1, math.floor(clip.frames / each + 0.5))
    edges = [math.ceil(round(n * each, 6)) for n in range(count)] + [clip.frames]
    ends_s = [n * every_s for n in range(count)] + [clip.frames / clip.fps]
    return [
        Segment(
            f"{clip.name}@{ends_s[n]:.2f}-{ends_s[n + 1]:.2f}",
            range(edges[n], edges[n + 1], clip.stride),
        )
        for n in range(count)
    ]
