"""A child that was erased since a copy was made stays erased when that is brought back."""

import os
from pathlib import Path

from calmloop.session_log import ERASED, KEYS, LogError, parsed_key


def keep_erased(log: Path, new: Path) -> list[str]:
    """Hands the marks of erased children on; the log destroys their keys when it next starts.

    Args:
        log: The session log's folder as it is.
        new: The one that takes its place, whose owner the marks get.

    Returns:
        The codes of the children whose keys the new one has though they were erased.

    Raises:
        OSError: a mark cannot be written.
    """
    marks = sorted((log / KEYS).glob(f"*{ERASED}"))
    if not marks or not (new / KEYS).is_dir():
        return []
    owner = (new / KEYS).stat()
    for mark in marks:
        path = new / KEYS / mark.name
        path.touch(mode=0o600)
        os.chown(path, owner.st_uid, owner.st_gid)
    erased = {mark.stem for mark in marks}
    return sorted(path.stem for path in (new / KEYS).glob("*.key") if _child(path) in erased)


def _child(path: Path) -> str:
    try:
        return parsed_key(path.stem, path.read_bytes()).child
    except LogError:
        return ""
