"""Small files that outlive a power cut, readable by this user alone."""

import os
from contextlib import suppress
from pathlib import Path

UNFINISHED = ".new"


def write(path: Path, content: bytes) -> None:
    """Puts `content` at `path`, whole and on the disk when this returns.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(unfinished, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        flush_folder(path.parent)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
        raise


def destroy(path: Path) -> None:
    """Overwrites a file's bytes in place and deletes it; nothing happens without the file.

    A flash memory may keep the old bytes in a cell that it no longer shows: encrypt its disk.

    Raises:
        OSError: it is still there.
    """
    if not path.exists():
        return
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    flush_folder(path.parent)


def make_folder(path: Path) -> None:
    """A folder that this user alone can read.

    Raises:
        OSError: it cannot be made.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)


def flush_folder(path: Path) -> None:
    """Has renames and deletions in a folder on the disk."""
    opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
