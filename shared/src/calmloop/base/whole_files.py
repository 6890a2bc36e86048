"""Writes a file whole or not at all, and says what failed and what to do where it cannot."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from calmloop.base.errors import CalmloopError

NO_SPACE = "free some space, or name another place"
OF_A_STREAM = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO, errno.EBADF})
NEXT_STEP = {
    errno.ENOSPC: NO_SPACE,
    errno.EDQUOT: NO_SPACE,
    errno.EFBIG: NO_SPACE,
    errno.EACCES: "check its permissions, or name another",
    errno.EPERM: "check its permissions, or name another",
    errno.EROFS: "name a place that can be written",
    errno.ENOENT: "check its name",
    errno.EISDIR: "name a file",
    errno.ENOTDIR: "name a folder",
    errno.EEXIST: "name another place",
    errno.ENAMETOOLONG: "name a shorter one",
}


class OutputError(CalmloopError):
    """What was found could not be written; the message names the file and the next step."""


def explained(error: OSError, place: str | None = None, what: str = "used") -> str:
    """What failed, at which file, and the next step."""
    # Files are named by whoever writes them: what fills up without a name is a stream.
    unnamed = "standard output" if error.errno in OF_A_STREAM else "a file or device"
    name = place or (os.fsdecode(error.filename) if error.filename else unnamed)
    why = error.strerror or str(error)
    return f"{name} cannot be {what} ({why}): {NEXT_STEP.get(error.errno or 0, 'try again')}"


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Names the file where writing it fails.

    Raises:
        OutputError: see above.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(explained(error, str(path), "written")) from error


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes its name only once it is complete; else nothing of it stays.

    Raises:
        OutputError: it cannot be written.
    """
    with written(path):
        if path.exists() and not path.is_file():
            with path.open("wb") as device:
                yield device
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        target = path.resolve()
        partial = partial_of(target)
        try:
            with partial.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)


def partial_of(path: Path, suffix: str = "") -> Path:
    """The name beside the file's that it has while it is incomplete."""
    return path.with_name(f".{path.name[:60]}.partial{suffix}")


def write_text(path: Path, text: str) -> None:
    """Writes a whole file of text, UTF-8.

    Raises:
        OutputError: it cannot be written; what was there before still is.
    """
    with whole_file(path) as file:
        file.write(text.encode())


def make_folder(path: Path) -> None:
    """Makes a folder where it is missing.

    Raises:
        OutputError: it cannot be made.
    """
    with written(path):
        path.mkdir(parents=True, exist_ok=True)
