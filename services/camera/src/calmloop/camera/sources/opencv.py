"""V4L2 devices, network streams and video files, by OpenCV's VideoCapture."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from calmloop.camera.picture import Picture
from calmloop.camera.settings import CameraSection, Playback
from calmloop.camera.sources.source import without_credentials
from calmloop.errors import DeviceError

OPEN_TIMEOUT_MS = 3000
READ_TIMEOUT_MS = 1500
"""A lost stream must be reported within 2 s."""
DEFAULT_FILE_FPS = 25.0
"""For files that do not say."""
MAX_FILE_FPS = 240.0

FFMPEG_OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
CHOSEN_BY_USER = os.environ.get(FFMPEG_OPTIONS)
"""FFmpeg's options for a stream that needs others than ours."""
STREAM_OPTIONS = {
    "rtsp": "rtsp_transport;tcp|fflags;nobuffer|flags;low_delay",
    "rtsps": "rtsp_transport;tcp|fflags;nobuffer|flags;low_delay",
    "http": "fflags;nobuffer|flags;low_delay",
    "https": "fflags;nobuffer|flags;low_delay",
    # Left to itself FFmpeg first gathers 3 s of a plain stream and stays that far behind, and
    # does not recognise small pictures at all. Its parser holds back one picture even so.
    "tcp": "input_format;mjpeg|fflags;nobuffer|probesize;2048|analyzeduration;0",
}


@contextmanager
def _ffmpeg_options(options: str) -> Iterator[None]:
    """Sets FFmpeg's options for one opening: they are of the whole process, and spoil files."""
    os.environ[FFMPEG_OPTIONS] = options
    try:
        yield
    finally:
        if CHOSEN_BY_USER is None:
            del os.environ[FFMPEG_OPTIONS]


class _CaptureSource:
    """What the three have in common: a VideoCapture that is grabbed and retrieved."""

    live = True
    pace_fps: float | None = None

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._capture: cv2.VideoCapture | None = None

    def grab(self) -> bool:
        if self._capture is None or not self._capture.grab():
            raise DeviceError(f"{self.origin} gives no more pictures: check its cable and power")
        return True

    def picture(self) -> Picture | None:
        if self._capture is None:
            return None
        decoded, picture = self._capture.retrieve()
        return np.asarray(picture, np.uint8) if decoded and picture.ndim == 3 else None

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _keep(self, capture: cv2.VideoCapture, remedy: str) -> cv2.VideoCapture:
        if not capture.isOpened():
            capture.release()
            raise DeviceError(f"{self.origin} cannot be opened: {remedy}")
        self._capture = capture
        return capture


class DeviceSource(_CaptureSource):
    """A V4L2 camera by index or path; a path below /dev/v4l/by-id survives re-plugging."""

    def __init__(self, settings: CameraSection) -> None:
        name = settings.source
        super().__init__(f"/dev/video{name}" if name.isdecimal() else name)
        self._settings = settings

    def open(self) -> None:
        """Opens the device and asks it for the settings' size and rate.

        Raises:
            DeviceError: it is not there, or cannot be opened.
        """
        if not Path(self.origin).exists():
            raise DeviceError(f"{self.origin} is not there: plug the camera in")
        capture = self._keep(
            cv2.VideoCapture(self.origin, cv2.CAP_V4L2),
            "check that no other program has it and that this user is in the group 'video'",
        )
        # Drivers take the nearest that they can do; the frame is reduced later if need be.
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._settings.width_px)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._settings.height_px)
        capture.set(cv2.CAP_PROP_FPS, self._settings.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)


class StreamSource(_CaptureSource):
    """RTSP, or MJPEG over HTTP or plain TCP."""

    def __init__(self, url: str) -> None:
        super().__init__(without_credentials(url))
        self._url = url
        self._options = STREAM_OPTIONS[url.partition("://")[0].lower()]

    def open(self) -> None:
        """Connects.

        Raises:
            DeviceError: nothing there, or no pictures, within OPEN_TIMEOUT_MS.
        """
        limits = [
            *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS),
            *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS),
            *(cv2.CAP_PROP_N_THREADS, 1),  # more threads hold back as many frames
        ]
        with _ffmpeg_options(CHOSEN_BY_USER or self._options):
            capture = cv2.VideoCapture(self._url, cv2.CAP_FFMPEG, limits)
        self._keep(capture, "check that the streamer runs, its address and its password")


class FileSource(_CaptureSource):
    """A video file, played at its own frame rate, again and again or once."""

    live = False

    def __init__(self, settings: CameraSection) -> None:
        super().__init__(settings.source)
        self._loops = settings.playback is Playback.LOOP

    def open(self) -> None:
        """Opens the file and reads its frame rate.

        Raises:
            DeviceError: it is not there, or no video.
        """
        if not Path(self.origin).is_file():
            raise DeviceError(f"{self.origin} is not there: check camera.source")
        capture = self._keep(
            cv2.VideoCapture(self.origin, cv2.CAP_FFMPEG), "check that it is a video"
        )
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.pace_fps = fps if 0.0 < fps <= MAX_FILE_FPS else DEFAULT_FILE_FPS

    def grab(self) -> bool:
        """Steps to the next picture, at the end to the first if it loops.

        Raises:
            DeviceError: the file has gone since it was opened.
        """
        if self._capture is not None and self._capture.grab():
            return True
        if not self._loops:
            return False
        # Opened again rather than rewound: that works for every container, and notices a file
        # that has gone.
        self.close()
        self.open()
        return super().grab()
