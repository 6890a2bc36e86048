"""Writes files that belong to another user, with no capability but CHOWN.

Without DAC_OVERRIDE, root cannot open a file that it has given away. It never does: folders stay
root's own, and a file is made anew beside the old one and renamed over it.
"""

import os
from pathlib import Path

READ_BY_OWNER = 0o400
READ_BY_ALL = 0o444


def make_folder(path: Path) -> None:
    """A folder of root's that others can pass through but not list."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o711)


def write_changed(path: Path, content: bytes, *, mode: int = READ_BY_OWNER) -> None:
    """As `write`, but leaves a file that holds `content` already as it is: its readers watch it."""
    if not path.is_file() or path.read_bytes() != content:
        write(path, content, mode=mode)


def write(path: Path, content: bytes, *, uid: int | None = None, mode: int = READ_BY_OWNER) -> None:
    """Puts `content` at `path` in one step, readable as `mode` says, owned by `uid`.

    Args:
        path: In a folder of this process's own user.
        content: The whole file.
        uid: Owner and group; None leaves them to this process's own user.
        mode: Permission bits, set while the file is still this user's.

    Raises:
        OSError: it cannot be written, with the name of the file; what was there before is whole.
    """
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    try:
        _write_new(new, content, uid, mode)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
    new.rename(path)


def _write_new(path: Path, content: bytes, uid: int | None, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, READ_BY_OWNER)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(descriptor, mode)
        if uid is not None:
            os.fchown(descriptor, uid, uid)
        os.fsync(descriptor)
