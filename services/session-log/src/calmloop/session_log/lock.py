"""One process at a time writes a log; a lock of the kernel's ends with the process that has it."""

import fcntl
import os
from pathlib import Path

from calmloop.session_log.errors import UnwritableLogError

LOCK = "log.lock"


class FolderLock:
    """Held until it is released, or the process ends."""

    def __init__(self, folder: Path) -> None:
        """Takes it.

        Raises:
            UnwritableLogError: another process has it.
            OSError: the folder cannot be written.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(folder / LOCK, flags, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise UnwritableLogError(
                f"{folder}: another process writes this log: stop it first, or ask it over HTTP"
            ) from error

    def release(self) -> None:
        """Lets another process have it."""
        os.close(self._descriptor)
