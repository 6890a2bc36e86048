"""Video files, read and written by their time stamps: phones keep no constant rate."""

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from calmloop.base.errors import InputError
from calmloop.camera import Picture
from calmloop.cli.outputs import OutputError, make_folder, partial_of, written

DEFAULT_FPS = 25.0
"""For files that do not say."""
MIN_FPS, MAX_FPS = 1.0, 240.0
MAX_HELD_S = 600.0
"""A picture that would last longer is a broken time stamp."""


class VideoFile:
    """Reads a video's frames one after another; nothing is sought."""

    def __init__(self, path: Path) -> None:
        """Opens it.

        Raises:
            InputError: it is not there, or no video.
        """
        if not path.is_file():
            raise InputError(f"{path} is not there or is no file: name one video file")
        # Absolute, or FFmpeg takes what stands before a colon for a protocol; as bytes, since
        # OpenCV crashes on a name that is no UTF-8.
        name: str = os.fsencode(path.resolve())  # type: ignore[assignment]
        self.path = path
        self._capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise InputError(f"{path} cannot be opened: check that it is a video")

    @property
    def fps(self) -> float:
        """Frames a second, as the file says."""
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        return fps if 0.0 < fps <= MAX_FPS else DEFAULT_FPS

    def grab(self) -> float | None:
        """Steps to the next frame; its time stamp in seconds, None at the end."""
        if not self._capture.grab():
            return None
        return float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000

    def picture(self) -> Picture | None:
        """The frame (BGR, uint8); None if it cannot be decoded."""
        decoded, picture = self._capture.retrieve()
        return np.asarray(picture, np.uint8) if decoded and picture.ndim == 3 else None

    def close(self) -> None:
        """Lets the file go."""
        self._capture.release()


def frame_times(path: Path) -> list[float]:
    """When each frame is due, in seconds after the first; by the rate where stamps are no use.

    Raises:
        InputError: it is not there, no video, or has no frame.
    """
    video = VideoFile(path)
    try:
        stamps = list(iter(video.grab, None))
    finally:
        video.close()
    if not stamps:
        raise InputError(f"{path} holds no frame that can be read: name another video file")
    times = [stamp - stamps[0] for stamp in stamps]
    if any(later <= earlier for earlier, later in pairwise(times)):
        return [n / video_fps(path) for n in range(len(stamps))]
    return times


def video_fps(path: Path) -> float:
    """Frames a second, as the file says.

    Raises:
        InputError: it is not there, or no video.
    """
    video = VideoFile(path)
    try:
        return video.fps
    finally:
        video.close()


def is_constant(times: Sequence[float], fps: float) -> bool:
    """Whether frames keep this rate, to half of one."""
    return all(abs(at_s - n / fps) < 0.5 / fps for n, at_s in enumerate(times))


def constant_fps(times: list[float], stated_fps: float) -> float:
    """The rate at which every frame of these times can be shown at its time, 1 to 240.

    Args:
        times: When each frame is due, in seconds, rising.
        stated_fps: The file's own rate, which is taken where the frames keep it.
    """
    if is_constant(times, stated_fps):
        return max(stated_fps, MIN_FPS)
    gaps = np.diff(np.asarray(times))
    return float(np.clip(1 / np.percentile(gaps, 5), MIN_FPS, MAX_FPS))


class VideoWriter:
    """Writes pictures at a constant rate, each held until the next one is due.

    The file takes its name only once it is complete; else nothing of it stays.
    """

    def __init__(self, target: Path, fps: float) -> None:
        self.frames = 0
        self._target = target
        self._partial = partial_of(target.resolve(), target.suffix)
        self._fps = fps
        self._writer: cv2.VideoWriter | None = None
        self._shown: Picture | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None and self._shown is not None:
                self._finish()
        finally:
            if self._writer is not None:
                self._writer.release()
            self._partial.unlink(missing_ok=True)

    def show(self, picture: Picture, at_s: float) -> None:
        """Takes the picture (BGR, uint8) that is due at a time, in seconds after the first.

        Raises:
            OutputError: no video can be written there.
        """
        due = round(at_s * self._fps)
        if self._shown is not None:
            most = self.frames + round(MAX_HELD_S * self._fps)
            self._write_until(min(max(due, self.frames), most))
        self._shown = picture

    def _finish(self) -> None:
        self._write_until(self.frames + 1)
        assert self._writer is not None
        self._writer.release()
        # OpenCV says nothing of a disk that is full: what can be read again was written.
        if _frame_count(self._partial) < self.frames:
            raise OutputError(f"{self._target} cannot be written: free some space for it")
        with written(self._target):
            self._partial.replace(self._target.resolve())

    def _write_until(self, due: int) -> None:
        assert self._shown is not None
        if self._writer is None:
            self._writer = _opened(self._partial, self._target, self._fps, self._shown)
            self._size = (self._shown.shape[1], self._shown.shape[0])
        # A picture of another size would be left out without a word.
        picture = cv2.resize(self._shown, self._size)
        while self.frames < due:
            self._writer.write(picture)
            self.frames += 1


def _opened(partial: Path, target: Path, fps: float, picture: Picture) -> cv2.VideoWriter:
    make_folder(target.parent)
    height, width = picture.shape[:2]
    code = cv2.VideoWriter.fourcc(*"mp4v")
    name: str = os.fsencode(partial)  # type: ignore[assignment]
    writer = cv2.VideoWriter(name, code, fps, (width, height))
    if not writer.isOpened():
        raise OutputError(f"{target} cannot be written: check the folder and the space left")
    return writer


def _frame_count(path: Path) -> int:
    name: str = os.fsencode(path)  # type: ignore[assignment]
    capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
    count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT)) if capture.isOpened() else 0
    capture.release()
    return count


def pictures_of(path: Path) -> Iterator[Picture | None]:
    """The frames of a video in order; None for one that cannot be decoded.

    Raises:
        InputError: it is not there, or no video.
    """
    video = VideoFile(path)
    try:
        while video.grab() is not None:
            yield video.picture()
    finally:
        video.close()
