"""A folder of pictures, shown one after another in the order of their names."""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from calmloop.base.errors import DeviceError
from calmloop.base.lazy import lazy_module
from calmloop.camera.arrays import Picture, cv2, np
from calmloop.camera.choices import Playback
from calmloop.camera.jpeg import is_cut_jpeg
from calmloop.camera.sources.source import SourceKind, SourceSettings, as_text

if TYPE_CHECKING:
    import structlog
else:
    structlog = lazy_module("structlog")

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".avif", ".jp2"}
)
"""What is taken for a picture, here and by the tools."""
MAX_NAMED = 5


class ImageFolderSource:
    """Shows `camera.fps` pictures a second; one that cannot be read is passed over."""

    live = False
    play_s: float | None = None

    def __init__(self, settings: SourceSettings) -> None:
        self.origin = settings.source
        self._folder = Path(settings.source)
        self.pace_fps: float | None = settings.fps
        self._loops = settings.playback is Playback.LOOP
        self._paths: Iterator[Path] = iter(())
        self._current: Path | None = None
        self._spoilt_in_a_row = self._count = 0
        self._reported: set[Path] = set()

    def open(self) -> None:
        """Lists the folder, so that pictures added since are seen.

        Raises:
            DeviceError: it cannot be listed or holds no pictures.
        """
        found = self._listed()
        self._spoilt_in_a_row, self._count = 0, len(found)
        self._paths = cycle(found) if self._loops else iter(found)

    def _listed(self) -> list[Path]:
        try:
            files = sorted(path for path in self._folder.iterdir() if path.is_file())
        except OSError as error:
            raise DeviceError(
                f"{self.origin} cannot be listed ({error.strerror}): check camera.source"
            ) from error
        found = [path for path in files if path.suffix.lower() in PICTURE_SUFFIXES]
        self._tell_left_out([path for path in files if path.suffix.lower() not in PICTURE_SUFFIXES])
        if not found:
            wanted = ", ".join(sorted(PICTURE_SUFFIXES))
            raise DeviceError(f"{self.origin} holds no pictures: put {wanted} files there")
        return found

    @staticmethod
    def _tell_left_out(others: list[Path]) -> None:
        if others:
            named = ", ".join(as_text(path.name) for path in others[:MAX_NAMED])
            _warn("no pictures by their names, left out", count=len(others), first=named)

    def grab(self) -> bool:
        """Steps to the next file.

        Raises:
            DeviceError: none of the files can be read.
        """
        if self._spoilt_in_a_row >= self._count:
            raise DeviceError(
                f"{self.origin} holds no picture that can be read: of {self._count} files none is"
                " whole"
            )
        self._current = next(self._paths, None)
        return self._current is not None

    def picture(self) -> Picture | None:
        """Reads the file; None if it is not a picture or has gone."""
        picture, why = self._read()
        self._spoilt_in_a_row = 0 if picture is not None else self._spoilt_in_a_row + 1
        if picture is None and self._current is not None and self._current not in self._reported:
            self._reported.add(self._current)
            structlog.get_logger("camera").warning(
                "picture passed over", file=as_text(self._current), reason=why
            )
        return picture

    def _read(self) -> tuple[Picture | None, str]:
        if self._current is None or not self._current.is_file():
            return None, "it has gone"
        try:
            # As bytes, since OpenCV crashes on a name that is no UTF-8.
            data = self._current.read_bytes()
            if is_cut_jpeg(data):
                return None, "it is cut, damaged or too large"
            decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        except (OSError, cv2.error):
            return None, "it cannot be read, or is too large"
        if decoded is None:
            return None, "it is no picture, or damaged"
        return np.asarray(decoded, np.uint8), ""

    def close(self) -> None:
        """Nothing is held between two pictures."""
        self._paths = iter(())
        self._current = None


def _warn(text: str, **values: object) -> None:
    structlog.get_logger("camera").warning(text, **values)


KIND = SourceKind(
    lambda name: Path(name).is_dir(), lambda given, _: ImageFolderSource(given), rank=2
)
