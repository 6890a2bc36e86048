"""Network streams and video files, by OpenCV's VideoCapture; and what all that use it share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from calmloop.base.errors import DeviceError
from calmloop.camera import address
from calmloop.camera.jpeg import decode_whole
from calmloop.camera.picture import Picture
from calmloop.camera.settings import CameraSection, Playback

OPEN_TIMEOUT_MS = 3000
READ_TIMEOUT_MS = 1500
"""A lost stream must be reported within 2 s."""
KEY_FRAME_TIMEOUT_MS = 12_000
"""RTSP cameras send a picture that stands alone only every so often, some every 10 s. One that
sends nothing at all is given up within 4 s by FFmpeg's own timeout, which it waits for twice."""
DEFAULT_FILE_FPS = 25.0
"""For files that do not say."""
MAX_FILE_FPS = 240.0
LONGEST_GAP_S = 60.0
"""A step of a file's time stamps over this is a fault of theirs, and not waited for."""
JPEG_FORMATS = frozenset(cv2.VideoWriter.fourcc(*code) for code in ("MJPG", "JPEG"))

FFMPEG_OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
CHOSEN_BY_USER = os.environ.get(FFMPEG_OPTIONS)
"""FFmpeg's options for a stream that needs others than ours."""
RTSP_OPTIONS = f"rtsp_transport;tcp|timeout;{READ_TIMEOUT_MS}000|flags;low_delay"
"""Without 'nobuffer', which throws the first key frame away."""
STREAM_OPTIONS = {
    "rtsp": RTSP_OPTIONS,
    "rtsps": RTSP_OPTIONS,
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


class CaptureSource:
    """What all have in common: a VideoCapture that is grabbed and retrieved.

    JPEG is taken undecoded and decoded here: FFmpeg and V4L2 fill a cut picture with the one
    before, and say so to nobody.
    """

    live = True
    pace_fps: float | None = None
    play_s: float | None = None

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._capture: cv2.VideoCapture | None = None

    def grab(self) -> bool:
        """Takes the next picture.

        Raises:
            DeviceError: the device is lost.
        """
        if self._capture is None or not self._capture.grab():
            raise DeviceError(f"{self.origin} gives no more pictures: check its cable and power")
        return True

    def picture(self) -> Picture | None:
        """Decodes what was grabbed last; None unless all of it is there."""
        if self._capture is None:
            return None
        received, data = self._capture.retrieve()
        if not received or data is None:
            return None
        if data.ndim == 3 and data.shape[2] == 3:
            return np.asarray(data, np.uint8)
        return decode_whole(data.tobytes()) if self._sends_jpeg(self._capture) else None

    def close(self) -> None:
        """Lets the device go."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _keep(self, capture: cv2.VideoCapture, remedy: str) -> cv2.VideoCapture:
        if not capture.isOpened():
            capture.release()
            raise DeviceError(f"{self.origin} cannot be opened: {remedy}")
        self._capture = capture
        return capture

    @staticmethod
    def _sends_jpeg(capture: cv2.VideoCapture) -> bool:
        return int(capture.get(cv2.CAP_PROP_FOURCC)) in JPEG_FORMATS

    def _take_jpeg_undecoded(self, capture: cv2.VideoCapture) -> None:
        if self._sends_jpeg(capture):
            capture.set(cv2.CAP_PROP_FORMAT, -1)


class StreamSource(CaptureSource):
    """RTSP, or MJPEG over HTTP or plain TCP."""

    def __init__(self, url: str) -> None:
        self._address = address.parse(url)
        super().__init__(self._address.origin)
        self._options = STREAM_OPTIONS[self._address.scheme]

    def open(self) -> None:
        """Connects.

        Raises:
            DeviceError: nothing there, or no pictures, within OPEN_TIMEOUT_MS.
        """
        is_rtsp = self._address.scheme.startswith("rtsp")
        limits = [
            *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS),
            *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, KEY_FRAME_TIMEOUT_MS if is_rtsp else READ_TIMEOUT_MS),
            *(cv2.CAP_PROP_N_THREADS, 1),  # more threads hold back as many frames
        ]
        with _ffmpeg_options(CHOSEN_BY_USER or self._options):
            capture = cv2.VideoCapture(self._address.url, cv2.CAP_FFMPEG, limits)
        self._keep(capture, "check that the streamer runs, its address and its password")
        if capture.get(cv2.CAP_PROP_FRAME_COUNT) == 1:
            self.close()
            raise DeviceError(
                f"{self.origin} gives one picture and ends: this is the address of a snapshot;"
                " take that of the camera's stream (MJPEG), which its manual names"
            )
        self._take_jpeg_undecoded(capture)

    def grab(self) -> bool:
        """Takes the next picture.

        Raises:
            DeviceError: the stream has ended or fallen silent.
        """
        if self._capture is not None and self._capture.grab():
            return True
        raise DeviceError(
            f"{self.origin} gives no more pictures: check the network, and that the camera or"
            " streamer is on"
        )


class FileSource(CaptureSource):
    """A video file, played by its own time stamps, again and again or once."""

    live = False

    def __init__(self, settings: CameraSection) -> None:
        super().__init__(settings.source)
        self._path = Path(settings.source)
        self._loops = settings.playback is Playback.LOOP
        self._stamp_s: float | None = None
        self._grabbed = 0

    def open(self) -> None:
        """Opens the file and reads its frame rate.

        Raises:
            DeviceError: it is not there, or no video.
        """
        if not self._path.is_file():
            raise DeviceError(f"{self.origin} is not there: check camera.source")
        # Absolute, since FFmpeg takes what stands before a colon for a protocol.
        name = str(self._path.absolute())
        capture = self._keep(cv2.VideoCapture(name, cv2.CAP_FFMPEG), "check that it is a video")
        self._take_jpeg_undecoded(capture)
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.pace_fps = fps if 0.0 < fps <= MAX_FILE_FPS else DEFAULT_FILE_FPS
        self._stamp_s, self._grabbed = None, 0

    def grab(self) -> bool:
        """Steps to the next picture, at the end to the first if it loops.

        Raises:
            DeviceError: the file has gone since it was opened, or holds no picture.
        """
        if self._step():
            return True
        if self._grabbed == 0:
            raise DeviceError(f"{self.origin} holds no picture that can be read: check the file")
        if not self._loops:
            return False
        # Opened again rather than rewound: that works for every container, and notices a file
        # that has gone.
        self.close()
        self.open()
        if not self._step():
            raise DeviceError(f"{self.origin} holds no picture that can be read: check the file")
        return True

    def _step(self) -> bool:
        if self._capture is None or not self._capture.grab():
            return False
        self._grabbed += 1
        stamp_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1e3
        nominal_s = 1.0 / (self.pace_fps or DEFAULT_FILE_FPS)
        step_s = nominal_s if self._stamp_s is None else stamp_s - self._stamp_s
        # Time stamps that stand still, go back or leap are those of a damaged or joined file.
        if not 0.0 < step_s <= LONGEST_GAP_S:
            step_s = nominal_s
        self._stamp_s = stamp_s
        self.play_s = 0.0 if self.play_s is None else self.play_s + step_s
        return True
