"""Video files, played by their own time stamps."""

from pathlib import Path

from calmloop.base.errors import DeviceError
from calmloop.camera.arrays import cv2
from calmloop.camera.choices import Playback
from calmloop.camera.sources.opencv_capture import CaptureSource
from calmloop.camera.sources.source import SourceKind, SourceSettings

DEFAULT_FILE_FPS = 25.0
"""For files that do not say."""
MAX_FILE_FPS = 240.0
LONGEST_GAP_S = 60.0
"""A step of a file's time stamps over this is a fault of theirs, and not waited for."""


class FileSource(CaptureSource):
    """A video file, played by its own time stamps, again and again or once."""

    live = False

    def __init__(self, settings: SourceSettings) -> None:
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
        self._read_jpeg_undecoded(capture)
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


KIND = SourceKind(lambda _: True, lambda given, _: FileSource(given), rank=3)
