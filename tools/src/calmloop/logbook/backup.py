"""Copies of the log, with a check of every byte; without the keys nobody can read one."""

import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from calmloop.base.errors import InputError
from calmloop.cli.outputs import whole_file
from calmloop.session_log import (
    DATABASE,
    MARK,
    ChildKey,
    FolderLock,
    KeyRing,
    LogMark,
    MarkFile,
    begin_epoch,
    parsed_key,
)

MANIFEST = "backup.json"
FORMAT = 1
CHUNK = 1 << 20
KEYS_NOTE = "Whoever has this file and a backup reads the log. Keep it apart; erase here, too."


def back_up(folder: Path, file: Path) -> int:
    """Copies the log, also while it is written; returns the size of the copy in bytes.

    Raises:
        InputError: there is no log.
        OutputError: it cannot be written.
    """
    path = folder / DATABASE
    if not path.is_file():
        raise InputError(f"{path}: there is no log: check session_log.data_dir")
    mark = MarkFile(folder / MARK).read()
    with tempfile.TemporaryDirectory(dir=file.parent) as scratch:
        copy = Path(scratch) / DATABASE
        with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(copy)) as other:
            one.backup(other)
        manifest = {
            "format": FORMAT,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "sha256": _sha256(copy),
            "mark": [mark.event, mark.sample, mark.at_ms],
        }
        with whole_file(file) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
            pack.writestr(MANIFEST, json.dumps(manifest))
            pack.write(copy, DATABASE)
    return file.stat().st_size


def restore(file: Path, folder: Path, *, replace: bool) -> Path | None:
    """Puts a backup in the place of the log; nobody may write it meanwhile.

    Args:
        file: The backup.
        folder: Where the log is.
        replace: Whether a log that is there is moved aside.

    Returns:
        Where the log before is; None: there was none.

    Raises:
        InputError: it is no backup, it is damaged, or there is a log already.
        UnwritableLogError: the log is written by another process.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FolderLock(folder)
    try:
        if (folder / DATABASE).exists() and not replace:
            raise InputError(f"{folder / DATABASE}: is there: --replace moves it aside")
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            copy = Path(scratch) / DATABASE
            mark = _unpacked(file, copy)
            with closing(sqlite3.connect(copy, isolation_level=None)) as db:
                begin_epoch(db)  # what the centre has acknowledged since is not known here
            aside = _move_aside(folder)
            copy.replace(folder / DATABASE)
        MarkFile(folder / MARK).write(mark)
        return aside
    finally:
        lock.release()


def write_keys(keys: Iterable[ChildKey], file: Path) -> int:
    """Copies the keys, for this user alone; returns how many."""
    said = {key.code: json.loads(key.text()) for key in keys}
    with whole_file(file) as out:
        os.fchmod(out.fileno(), 0o600)
        out.write(json.dumps({"note": KEYS_NOTE, "keys": said}, indent=1).encode())
    return len(said)


def bring_keys(file: Path, ring: KeyRing) -> tuple[int, int]:
    """Brings keys that are not here; returns how many, and how many are of erased children.

    Raises:
        InputError: it is no copy of keys, or of another child of the same code.
    """
    try:
        said = json.loads(file.read_bytes())["keys"]
        found = [parsed_key(code, json.dumps(one).encode()) for code, one in said.items()]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{file}: is no copy of the keys: `calmloop log backup --keys`") from None
    brought = erased = 0
    for key in found:
        held = ring.find(key.code)
        if key.child in ring.erased:
            erased += 1
        elif held is None:
            ring.put(key)
            brought += 1
        elif held != key:
            raise InputError(
                f"{file}: '{key.code}' has another key here: it was begun anew: move"
                f" its key file away first, if the copy is the right one"
            )
    return brought, erased


def _unpacked(file: Path, to: Path) -> LogMark:
    try:
        with zipfile.ZipFile(file) as pack:
            manifest = json.loads(pack.read(MANIFEST))
            with pack.open(DATABASE) as packed, to.open("wb") as out:
                while chunk := packed.read(CHUNK):
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
        mark = LogMark(*map(int, manifest["mark"]))
        sound = manifest["format"] == FORMAT and manifest["sha256"] == _sha256(to)
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, TypeError, EOFError):
        sound = False
    if not sound:
        raise InputError(f"{file}: is no whole backup of a log: take another copy of it")
    return mark


def _move_aside(folder: Path) -> Path | None:
    names = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", MARK)
    held = [folder / name for name in names if (folder / name).exists()]
    if not held:
        return None
    aside = folder / f"replaced-{datetime.now(UTC).strftime('%Y%m%dT%H%M%S.%fZ')}"
    aside.mkdir(mode=0o700)
    for path in held:
        path.replace(aside / path.name)
    return aside


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
