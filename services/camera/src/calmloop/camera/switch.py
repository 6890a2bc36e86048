"""Remembers how the privacy switch was left, in a file that holds one word."""

from pathlib import Path

from calmloop.errors import DeviceError

ON, OFF = "on", "off"


class SwitchFile:
    """The file; without a path it remembers nothing.

    Raises:
        DeviceError: the file cannot be read or written; the text names it and the next step.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def read(self) -> bool | None:
        """Whether the camera was left on; None if nobody has touched the switch.

        Anything but `on` counts as off: a damaged file must not open a camera.
        """
        if self._path is None:
            return None
        try:
            return self._path.read_text().strip() == ON if self._path.exists() else None
        except (OSError, UnicodeDecodeError) as error:
            raise self._fault(error) from error

    def write(self, enabled: bool) -> None:
        """Remembers the switch; written whole and renamed, so that a power cut spoils nothing."""
        if self._path is None:
            return
        part = self._path.with_suffix(".part")
        try:
            part.write_text(f"{ON if enabled else OFF}\n")
            part.replace(self._path)
        except OSError as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> DeviceError:
        return DeviceError(
            f"camera.switch_file: {self._path}: {error}: this user must be able to read and write"
            " it; remove the file to forget how the switch was left"
        )
