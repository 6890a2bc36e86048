"""USB cameras and others of the kernel's V4L2."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from calmloop.base.errors import DeviceError
from calmloop.camera.arrays import cv2
from calmloop.camera.sources.opencv_capture import CaptureSource
from calmloop.camera.sources.source import SourceKind, SourceSettings

DEV = Path("/dev")
NO_DEVICES_BELOW = ("shm", "mqueue", "hugepages")
"""Folders of /dev that hold files."""
LISTED = ("v4l/by-id/*", "v4l/by-path/*", "video*")
MAX_LISTED = 8


class PixelFormat(StrEnum):
    """What a USB camera is asked for; many give their larger sizes as MJPG only."""

    AUTO = "auto"
    MJPG = "mjpg"
    YUYV = "yuyv"


class DeviceSettings(SourceSettings):
    """What a USB camera gets."""

    pixel_format: PixelFormat = Field(
        PixelFormat.AUTO,
        description="What a USB camera is asked for; auto: what it likes best. Many give 720p and"
        " more as mjpg only.",
    )


def is_device(name: str) -> bool:
    """Whether a source names a camera: an index, a character device, or one that is away."""
    if name.isdecimal():
        return True
    real = Path(os.path.realpath(name))
    if any(real.is_relative_to(DEV / folder) for folder in NO_DEVICES_BELOW):
        return False
    return real.is_relative_to(DEV) or real.is_char_device()


class DeviceSource(CaptureSource):
    """A V4L2 camera by index or path; a path below /dev/v4l/by-id survives re-plugging."""

    def __init__(self, settings: DeviceSettings, dev: Path = DEV) -> None:
        name = settings.source
        super().__init__(f"/dev/video{name}" if name.isdecimal() else name)
        self._settings = settings
        self._dev = dev

    def open(self) -> None:
        """Opens the device and asks it for the settings' format, size and rate.

        Raises:
            DeviceError: it is not there, or cannot be opened; names the cameras that are there.
        """
        path = Path(self.origin)
        if not path.exists():
            raise DeviceError(f"{self.origin} is not there: plug the camera in; {self._there()}")
        if not path.is_char_device():
            raise DeviceError(
                f"{self.origin} is no device but a file or folder, as Docker makes one for a"
                f" camera that is away: remove it and plug the camera in; {self._there()}"
            )
        capture = self._keep(
            cv2.VideoCapture(self.origin, cv2.CAP_V4L2),
            "check that no other program has it, that this user is in the group 'video', and"
            f" that it gives pictures (some cameras have a second node that does not);"
            f" {self._there()}",
        )
        self._ask(capture)

    def _ask(self, capture: cv2.VideoCapture) -> None:
        # Drivers take the nearest that they can do; the frame is reduced later if need be. The
        # format comes first: which sizes there are depends on it.
        if self._settings.pixel_format is not PixelFormat.AUTO:
            code = cv2.VideoWriter.fourcc(*self._settings.pixel_format.value.upper())
            capture.set(cv2.CAP_PROP_FOURCC, code)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._settings.width_px)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._settings.height_px)
        capture.set(cv2.CAP_PROP_FPS, self._settings.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if self._sends_jpeg(capture):
            # OpenCV would decode a cut JPEG into the picture before.
            capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)

    def _there(self) -> str:
        found = [str(path) for name in LISTED for path in sorted(self._dev.glob(name))]
        if not found:
            return "no camera is there at all"
        more = len(found) - MAX_LISTED
        return f"there are {', '.join(found[:MAX_LISTED])}{f' and {more} more' * (more > 0)}"


KIND = SourceKind(is_device, lambda given, _: DeviceSource(given), DeviceSettings, rank=1)
