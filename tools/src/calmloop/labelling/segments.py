"""How a clip is cut into segments: one rule for what an expert labels and a system predicts.

Frames are counted from the clip's beginning and timed by the file's frame rate, or by its time
stamps where the frames do not keep that, so that both see the same frames of the same item.
"""

import math
import os
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

from calmloop.annotate.video import VideoFile, frame_times, is_constant, video_fps
from calmloop.base.errors import ConfigurationError, DeviceError
from calmloop.camera import CameraSection, Picture

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
    """A video file whose frames have been counted.

    Attributes:
        times: When each frame is due, in seconds; empty where they keep the frame rate.
    """

    path: Path
    fps: float
    frames: int
    times: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        """The file's name as text, whatever bytes it is of."""
        return os.fsencode(self.path.name).decode(errors="replace")

    @property
    def stride(self) -> int:
        """Every so many frames one is shown and read."""
        return math.ceil(self.fps / SHOWN_FPS)

    @property
    def length_s(self) -> float:
        """To the end of the last frame, which is taken to last as long as others."""
        return (self.times[-1] if self.times else (self.frames - 1) / self.fps) + 1 / self.fps

    def at_s(self, number: int) -> float:
        """When a frame is due."""
        return self.times[number] if self.times else number / self.fps

    def first_from(self, at_s: float) -> int:
        """The number of the first frame that is due at a time or later."""
        if self.times:
            return bisect_left(self.times, at_s - 1e-6)
        return math.ceil(round(at_s * self.fps, 6))


class Reel:
    """Reads frames of a file by number. Forward is cheap; backward begins anew.

    Nothing is sought: in some files a seek lands on another frame.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._video = VideoFile(path)
        self._next = 0

    def picture(self, number: int) -> Picture | None:
        """One frame (BGR, uint8); None if it cannot be decoded.

        Raises:
            InputError: the file has gone.
            DeviceError: it has no such frame any more.
        """
        if number < self._next:
            self.close()
            self._video = VideoFile(self._path)
            self._next = 0
        while self._next <= number:
            if self._video.grab() is None:
                raise DeviceError(f"{self._path} has lost its frame {number}: start again")
            self._next += 1
        return self._video.picture()

    def close(self) -> None:
        """Lets the file go."""
        self._video.close()


def open_clip(path: Path) -> Clip:
    """Counts the frames of a video, which takes 1 to 2 s for each minute of 640×360.

    Raises:
        InputError: it is not there, no video, or has no frame.
    """
    times, fps = frame_times(path), video_fps(path)
    return Clip(path, fps, len(times), () if is_constant(times, fps) else tuple(times))


def segments_of(clip: Clip, every_s: float) -> list[Segment]:
    """Cuts a clip every `every_s` seconds; a rest shorter than half of that joins the last one.

    Raises:
        ConfigurationError: a segment would have no frame of its own.
    """
    each = every_s * clip.fps
    if every_s < MIN_EVERY_S or each < 1:
        min_s = max(MIN_EVERY_S, 1 / clip.fps)
        raise ConfigurationError(
            f"--every {every_s:g} is too short for {clip.fps:g} frames a second:"
            f" choose {min_s:.2f} or more"
        )
    count = max(1, math.floor(clip.length_s / every_s + 0.5))
    edges = [clip.first_from(n * every_s) for n in range(count)] + [clip.frames]
    ends_s = [n * every_s for n in range(count)] + [clip.length_s]
    return [
        Segment(
            f"{clip.name}@{ends_s[n]:.2f}-{ends_s[n + 1]:.2f}",
            _frames(edges[n], edges[n + 1], clip.stride),
        )
        for n in range(count)
    ]


def _frames(first: int, end: int, stride: int) -> range:
    """Those that begin in a segment; where none does, the one that is still shown."""
    return range(first, end, stride) if first < end else range(first - 1, first)
