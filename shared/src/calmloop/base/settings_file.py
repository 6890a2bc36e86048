"""Notices that the settings' file is no longer the one that was read."""

from pathlib import Path


class SettingsFile:
    """Made before the settings are read, so that no change can slip in between.

    Args:
        path: The file, which need not be there; None for no file at all.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._read = self._stamp()

    def has_changed(self) -> bool:
        """Whether it has been written, replaced, made or removed since."""
        return self._stamp() != self._read

    def _stamp(self) -> tuple[int, int, int] | None:
        if self._path is None:
            return None
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size
