"""A folder of pictures, shown one after another in the order of their names."""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np

from calmloop.camera.picture import Picture
from calmloop.camera.settings import CameraSection, Playback
from calmloop.errors import DeviceError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})


class ImageFolderSource:
    """Shows `camera.fps` pictures a second; one that cannot be read is passed over."""

    live = False

    def __init__(self, settings: CameraSection) -> None:
        self.origin = settings.source
        self.pace_fps: float | None = settings.fps
        self._loops = settings.playback is Playback.LOOP
        self._paths: Iterator[Path] = iter(())
        self._current: Path | None = None

    def open(self) -> None:
        """Lists the folder, so that pictures added since are seen.

        Raises:
            DeviceError: it cannot be listed or holds no pictures.
        """
        try:
            found = sorted(p for p in Path(self.origin).iterdir() if p.suffix.lower() in SUFFIXES)
        except OSError as error:
            raise DeviceError(
                f"{self.origin} cannot be listed ({error.strerror}): check camera.source"
            ) from error
        if not found:
            raise DeviceError(
                f"{self.origin} holds no pictures: put {', '.join(sorted(SUFFIXES))} files there"
            )
        self._paths = cycle(found) if self._loops else iter(found)

    def grab(self) -> bool:
        """Steps to the next file."""
        self._current = next(self._paths, None)
        return self._current is not None

    def picture(self) -> Picture | None:
        """Reads the file; None if it is not a picture or has gone."""
        if self._current is None or not self._current.is_file():
            return None
        decoded = cv2.imread(str(self._current), cv2.IMREAD_COLOR)
        return None if decoded is None else np.asarray(decoded, np.uint8)

    def close(self) -> None:
        """Nothing is held between two pictures."""
        self._paths = iter(())
        self._current = None
