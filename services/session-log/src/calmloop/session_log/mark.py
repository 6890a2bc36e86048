"""How far the log was written: what is missing below it at a start was lost.

It is written after each commit and never forced to the disk, so that it costs nothing; after a
power cut it may stand too low, and never too high.
"""

import json
import os
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

FILE_BYTES = 200


@dataclass(frozen=True)
class LogMark:
    """The last ids that were committed, and when."""

    event: int = 0
    sample: int = 0
    at_ms: int = 0


class MarkFile:
    """The mark in its file, of always the same length."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def read(self) -> LogMark:
        """What it says; zeros where it is missing or damaged."""
        try:
            text, _, check = self._path.read_bytes()[:FILE_BYTES].strip().rpartition(b" ")
            if zlib.crc32(text) == int(check, 16):
                return LogMark(**json.loads(text))
        except (OSError, ValueError, TypeError):
            pass
        return LogMark()

    def write(self, mark: LogMark) -> None:
        """Overwrites it in place.

        Raises:
            OSError: it cannot be written.
        """
        if self._descriptor < 0:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._descriptor = os.open(self._path, flags, 0o600)
        text = json.dumps(asdict(mark)).encode()
        os.pwrite(self._descriptor, (text + b" %08x" % zlib.crc32(text)).ljust(FILE_BYTES), 0)

    def close(self) -> None:
        """Lets it go."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
