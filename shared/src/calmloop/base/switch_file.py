"""Remembers how a privacy switch was left, in a file that holds one word."""

import os
from contextlib import suppress
from pathlib import Path

from calmloop.base.errors import DeviceError

ON, OFF = "on", "off"


class SwitchFile:
    """The file; without a path it remembers nothing.

    Raises:
        DeviceError: the file cannot be read or written; the text names it and the next step.
    """

    def __init__(self, path: Path | None, setting: str) -> None:
        """Takes the file's path, and the setting that names it, for people."""
        self._path = path
        self._setting = setting

    def read(self) -> bool | None:
        """Whether it was left on; None if nobody has touched the switch.

        Anything but `on` counts as off: a damaged file must not open a device.
        """
        if self._path is None:
            return None
        try:
            return self._path.read_text().strip() == ON if self._path.exists() else None
        except (OSError, UnicodeDecodeError) as error:
            raise self._fault(error) from error

    def write(self, enabled: bool) -> None:
        """Remembers the switch; on the disk before it returns, so that a power cut undoes nothing.

        Where it cannot be written, an older 'on' is emptied if that can be done, which is off.
        """
        if self._path is None:
            return
        part = self._path.with_name(f"{self._path.name}.part")
        try:
            with part.open("w") as file:
                file.write(f"{ON if enabled else OFF}\n")
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
            _sync_folder(self._path.parent)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            if not enabled:
                with suppress(OSError):
                    os.truncate(self._path, 0)
            raise self._fault(error) from error

    def check(self) -> None:
        """Writes what is there once more, to know before it matters whether that can be done."""
        if self._path is None:
            return
        left = self.read()
        if left is not None:
            self.write(left)
            return
        part = self._path.with_name(f"{self._path.name}.part")
        try:
            part.write_text(f"{OFF}\n")
            part.unlink()
        except OSError as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> DeviceError:
        return DeviceError(
            f"{self._setting}: {self._path}: {getattr(error, 'strerror', None) or error}: check"
            " that the disk has room and that this user may read and write it; remove the file to"
            " forget how the switch was left"
        )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
