"""Opens the log: looks at every page and row of it, and mends what it can.

A log that is damaged does not keep the service from starting: what is whole goes into a new
database, the damaged one is kept aside, and what was lost is named.
"""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from calmloop.session_log import files, recovery, rows, schema
from calmloop.session_log.errors import DamagedRowError, LogError, UnwritableLogError
from calmloop.session_log.keys import KeyRing
from calmloop.session_log.lock import FolderLock
from calmloop.session_log.losses import Loss, find_losses
from calmloop.session_log.mark import LogMark, MarkFile
from calmloop.session_log.recovery import TABLES
from calmloop.session_log.rows import EVENT, SAMPLE
from calmloop.session_log.store import DATABASE, MARK, LogStore

WHOLE = "ok"


@dataclass
class Findings:
    """What was found in a log.

    Attributes:
        damage: What is damaged, in words; empty: nothing.
        losses: What is missing.
        unreadable: Rows whose keys are not here.
        aside: Where the damaged database was put.
    """

    damage: str = ""
    losses: list[Loss] = field(default_factory=list)
    unreadable: int = 0
    aside: Path | None = None

    @property
    def is_whole(self) -> bool:
        """Nothing is damaged and nothing is missing."""
        return not self.damage and not self.losses

    @property
    def texts(self) -> list[str]:
        """In words, with what to do; none where all is well."""
        said = []
        if not self.is_whole:
            lost = "; ".join(loss.text for loss in self.losses) or "nothing"
            kept = f"; as it was it is in {self.aside}" if self.aside else ""
            said.append(f"the log was damaged ({self.damage}), lost: {lost}{kept}")
        if self.unreadable:
            said.append(
                f"{self.unreadable} rows have keys that are not in keys/: bring a copy of the keys"
            )
        return said


def open_store(
    folder: Path, keys: KeyRing, now: Callable[[], datetime]
) -> tuple[LogStore, Findings]:
    """The log of a folder, whole and ready to be written, and what was found.

    Raises:
        UnwritableLogError: it cannot be made or written there.
        LogError: it is of a newer program.
    """
    lock: FolderLock | None = None
    try:
        files.make_folder(folder)
        lock = FolderLock(folder)
        return _opened(folder, keys, now, lock)
    except (OSError, sqlite3.Error, LogError) as error:
        if lock:
            lock.release()
        if isinstance(error, LogError):
            raise
        raise UnwritableLogError(
            f"{folder / DATABASE}: cannot be opened ({error}): check the disk, and that this user"
            " may write to session_log.data_dir"
        ) from error


def _opened(
    folder: Path, keys: KeyRing, now: Callable[[], datetime], lock: FolderLock
) -> tuple[LogStore, Findings]:
    path, mark = folder / DATABASE, MarkFile(folder / MARK).read()
    findings = _mended(folder, keys, mark, now) if path.exists() else _made_anew(mark)
    db = schema.connect(path)
    schema.migrate(db)
    return LogStore(folder, keys, db, mark, lock), findings


def examine(db: sqlite3.Connection, keys: KeyRing, mark: LogMark) -> Findings:
    """Looks at every page and every row, and changes nothing.

    Raises:
        LogError: it is of a newer program.
    """
    found = Findings()
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > schema.VERSION:
            schema.migrate(db)
        if version == 0 and mark == LogMark():
            return found
        (state,) = db.execute("PRAGMA integrity_check(1)").fetchone()
        found.damage = "" if state == WHOLE else f"SQLite says: {state}"
        for table in TABLES:
            _examine_rows(db, table, keys, found)
        found.damage = found.damage or _differing(db)
        found.losses = find_losses(db, mark)
    except sqlite3.DatabaseError as error:
        found.damage = f"SQLite says: {error}"
    return found


def _made_anew(mark: LogMark) -> Findings:
    """There is no database; was there one?"""
    ends = ((EVENT, mark.event), (SAMPLE, mark.sample))
    losses = [Loss(table, 1, last, None, None) for table, last in ends if last]
    return Findings("log.db is gone" if losses else "", losses)


def _mended(folder: Path, keys: KeyRing, mark: LogMark, now: Callable[[], datetime]) -> Findings:
    """What was found, once a damaged log was made anew."""
    aside: Path | None = None
    try:
        db = schema.connect(folder / DATABASE)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        found = Findings(f"SQLite says: {error}")
        aside = _set_aside(folder, now)
    else:
        try:
            found = examine(db, keys, mark)
            if not found.is_whole:
                # Closing empties the write-ahead log: it is copied before.
                aside = _set_aside(folder, now)
        finally:
            db.close()
    if aside is not None:
        found.aside, found.damage = aside, found.damage or "rows were missing"
        try:
            found.losses = recovery.rebuild(folder, aside, keys, mark)
        except (OSError, sqlite3.Error):
            # It is tried again, and the copies would fill the disk.
            shutil.rmtree(aside, ignore_errors=True)
            raise
    return found


def _set_aside(folder: Path, now: Callable[[], datetime]) -> Path:
    return recovery.set_aside(folder, now().strftime("%Y%m%dT%H%M%S.%fZ"))


def _examine_rows(db: sqlite3.Connection, table: str, keys: KeyRing, found: Findings) -> None:
    for row in db.execute(f"SELECT {rows.COLUMNS} FROM {table} ORDER BY id"):
        try:
            rows.check_row(table, row, keys)
        except DamagedRowError as error:
            if recovery.keeps_without_key(row, keys):
                found.unreadable += row[1] not in keys.erased
            else:
                found.damage = found.damage or str(error)


def _differing(db: sqlite3.Connection) -> str:
    """What no seal tells: sessions, which follow from events, and ranges that were removed."""
    for table in TABLES:
        sql = f"SELECT 1 FROM {table} t, removed r WHERE r.kind = ? AND t.id BETWEEN first AND last"
        if db.execute(f"{sql} LIMIT 1", (table,)).fetchone():
            return f"{table}s that were removed are there"
    told = "SELECT DISTINCT session, child FROM event WHERE session <> ''"
    held = "SELECT id, child FROM session"
    for one, other in ((told, held), (held, told)):
        if db.execute(f"{one} EXCEPT {other}").fetchone():
            return "sessions are not those of the events"
    return ""
