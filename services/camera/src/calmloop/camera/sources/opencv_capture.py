"""What all sources that use OpenCV's VideoCapture share."""

from __future__ import annotations

from calmloop.base.errors import DeviceError
from calmloop.camera.arrays import Picture, cv2, np
from calmloop.camera.jpeg import decode_whole

JPEG_FORMATS = ("MJPG", "JPEG")


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
        code = int(capture.get(cv2.CAP_PROP_FOURCC))
        return code in {cv2.VideoWriter.fourcc(*name) for name in JPEG_FORMATS}

    def _read_jpeg_undecoded(self, capture: cv2.VideoCapture) -> None:
        if self._sends_jpeg(capture):
            capture.set(cv2.CAP_PROP_FORMAT, -1)
