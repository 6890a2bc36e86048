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


def write(path: Path, content: bytes, *, uid: int | None = None, mode: int = READ_BY_OWNER) -> None:
    """Puts `content` at `path` in one step, readable as `mode` says, owned by `uid`.

    Args:
        path: In a folder of this process's own user.
        content: The whole file.
        uid: Owner and group; None leaves them to this process's own user.
        mode: Permission bits, set while the file is still this user's.
    """
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, READ_BY_OWNER)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(descriptor, mode)
        if uid is not None:
            os.fchown(descriptor, uid, uid)
        os.fsync(descriptor)
    new.rename(path)
