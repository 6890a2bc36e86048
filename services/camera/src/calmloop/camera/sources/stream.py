"""Network streams: RTSP, or MJPEG over HTTP or plain TCP."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from calmloop.base.errors import DeviceError
from calmloop.camera import address
from calmloop.camera.arrays import cv2
from calmloop.camera.sources.opencv_capture import CaptureSource
from calmloop.camera.sources.source import SourceKind

OPEN_TIMEOUT_MS = 3000
READ_TIMEOUT_MS = 1500
"""A lost stream must be reported within 2 s."""
KEY_FRAME_TIMEOUT_MS = 12_000
"""RTSP cameras send a picture that stands alone only every so often, some every 10 s. One that
sends nothing at all is given up within 4 s by FFmpeg's own timeout, which it waits for twice."""
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
        self._read_jpeg_undecoded(capture)

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


KIND = SourceKind(address.is_address, lambda given, _: StreamSource(given.source), rank=1)
