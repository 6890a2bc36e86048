"""One small file that outlives a power cut: written whole, put in place by a rename, with a copy.

The file before stays beside it as `.bak`. A crash leaves at most one unfinished file, `.new`,
which the next writing takes over.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from calmloop.scenario_selector.profiles import RecordError

MAX_BYTES = 4_000_000
COPY, UNFINISHED, DAMAGED = ".bak", ".new", ".damaged"

Record = TypeVar("Record", bound=BaseModel)


class DamagedError(RecordError):
    """The file is there and can be read, but does not hold what it must."""


def read(path: Path, model: type[Record]) -> Record | None:
    """What the file holds; None without a file.

    Raises:
        DamagedError: it does not hold a valid record.
        RecordError: it cannot be read.
    """
    try:
        if path.exists() and not path.is_file():
            raise RecordError(f"{path}: is no regular file: move it away")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise DamagedError(f"{path}: is larger than {MAX_BYTES} bytes")
        return model.model_validate_json(data)
    except FileNotFoundError:
        return None
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in fault["loc"]) or "file"
        raise DamagedError(f"{path}: cannot be used ({key}: {fault['msg'][:80]})") from error
    except OSError as error:
        raise RecordError(
            f"{path}: cannot be read ({error.strerror}): check that this user may read it"
        ) from error


def read_copy(path: Path, model: type[Record]) -> Record | None:
    """What the copy beside a damaged file holds; None without a valid one."""
    with suppress(RecordError):
        return read(path.with_name(path.name + COPY), model)
    return None


def set_aside(path: Path) -> None:
    """Renames a damaged file, so that the next writing does not make it the copy."""
    with suppress(OSError):
        path.replace(path.with_name(path.name + DAMAGED))


def drop_copies(path: Path) -> None:
    """Deletes the copy beside a file, and what was set aside.

    Raises:
        RecordError: it is still there.
    """
    for suffix in (COPY, DAMAGED):
        _delete(path.with_name(path.name + suffix))


def erase(path: Path) -> bool:
    """Deletes a file and all that stands beside it; returns whether there was any.

    Raises:
        RecordError: something is still there.
    """
    files = [path.with_name(path.name + suffix) for suffix in ("", COPY, UNFINISHED, DAMAGED)]
    return any([_delete(file) for file in files])


def _delete(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise RecordError(
            f"{path}: cannot be deleted ({error.strerror}): delete it by hand"
        ) from error
    return True


def write(path: Path, record: BaseModel, *, flush: bool) -> None:
    """Puts a record in the place of the one before, whole or not at all.

    Args:
        path: The file; its folder is made.
        record: What it shall hold.
        flush: Waits until it is on the disk. On a worn memory card that takes longer than a turn
            of the loop may, so not while a child feels something.

    Raises:
        RecordError: it cannot be written; the file is as it was.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(_open_private(unfinished), "wb") as file:
            file.write(record.model_dump_json(indent=1).encode())
            file.flush()
            if flush:
                os.fsync(file.fileno())
        _copy(path)
        unfinished.replace(path)
        if flush:
            _flush_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise RecordError(
            f"{path}: cannot be written ({error.strerror}): check the disk and"
            " scenario_selector.data_dir"
        ) from error


def _open_private(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags, 0o600)


def _copy(path: Path) -> None:
    """Without hard links there is no copy; the rename alone keeps the file whole."""
    copy = path.with_name(path.name + COPY)
    with suppress(OSError):
        copy.unlink(missing_ok=True)
        copy.hardlink_to(path)


def _flush_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
