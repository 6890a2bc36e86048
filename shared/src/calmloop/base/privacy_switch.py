"""A privacy switch that is remembered, and says so where it cannot be."""

from pathlib import Path

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.base.switch_file import SwitchFile

SAVE_AGAIN_S = 10.0


class PrivacySwitch:
    """On or off, as a person left it; off where that cannot be remembered.

    Attributes:
        enabled: How it stands.
        unsaved: Why it is not remembered; empty while it is.
    """

    def __init__(self, file: Path | None, setting: str, clock: Clock, *, at_first: bool) -> None:
        """Reads how it was left.

        Args:
            file: Remembers it; None for nothing that does.
            setting: Names that file, for people.
            clock: Says when to try again.
            at_first: How it stands where nobody has touched it yet.

        Raises:
            DeviceError: the file cannot be read.
        """
        self._file = SwitchFile(file, setting)
        self._clock = clock
        self._save_due_s = 0.0
        self.unsaved = ""
        left = self._file.read()
        self.enabled = at_first if left is None else left
        try:
            self._file.check()
        except DeviceError as error:
            self.unsaved = f"not remembered: {error}"
            self.enabled = False

    def turn(self, *, on: bool) -> None:
        """Sets it, and remembers it."""
        self.enabled = on
        self._save()

    def save_again(self) -> None:
        """Tries once more, where it could not be remembered; to be called in each turn."""
        if self.unsaved and monotonic_s(self._clock) >= self._save_due_s:
            self._save()

    def _save(self) -> None:
        self._save_due_s = monotonic_s(self._clock) + SAVE_AGAIN_S
        try:
            self._file.write(self.enabled)
            self.unsaved = ""
        except DeviceError as error:
            self.unsaved = f"not remembered: {error}"
