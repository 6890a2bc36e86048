"""A new database from what is whole of a damaged one; the old one is kept aside."""

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

from calmloop.session_log import files, rows, schema
from calmloop.session_log.errors import DamagedRowError
from calmloop.session_log.keys import NUMBER, KeyRing
from calmloop.session_log.losses import Loss, find_losses
from calmloop.session_log.mark import LogMark
from calmloop.session_log.pages import RawPages, Value
from calmloop.session_log.sealing import unseal
from calmloop.session_log.store import DATABASE, child_place

TABLES = (rows.EVENT, rows.SAMPLE)
NEW = "log.new.db"
ASIDE = "damaged-"
WAL, INDEX = "-wal", "-shm"
REMOVE_OVERLAP = (
    "DELETE FROM {0} WHERE EXISTS"
    " (SELECT 1 FROM removed WHERE kind = '{0}' AND id BETWEEN first AND last)"
)


def set_aside(folder: Path, stamp: str) -> Path:
    """Copies the database as it is into a folder of its own beside it.

    Raises:
        OSError: there is no room for it.
    """
    aside = folder / f"{ASIDE}{stamp}"
    files.make_folder(aside)
    for name in (DATABASE, f"{DATABASE}{WAL}"):
        if (folder / name).exists():
            shutil.copy2(folder / name, aside / name)
    files.flush_folder(aside)
    return aside


def rebuild(folder: Path, aside: Path, keys: KeyRing, mark: LogMark) -> list[Loss]:
    """Puts what is whole in a new database, in the place of the damaged one.

    Returns:
        What is missing in it; it counts as removed from now on.

    Raises:
        OSError: there is no room for it; the damaged one is as it was.
        sqlite3.Error: the same.
    """
    new = folder / NEW
    for suffix in ("", WAL, INDEX):
        new.with_name(new.name + suffix).unlink(missing_ok=True)
    db = schema.connect(new)
    try:
        schema.migrate(db)
        db.execute("BEGIN IMMEDIATE")
        _fill(db, aside, keys)
        losses = find_losses(db, mark)
        db.executemany(
            "INSERT OR REPLACE INTO removed VALUES (?, ?, ?)",
            [(loss.table, loss.first, loss.last) for loss in losses],
        )
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()
    for suffix in (WAL, INDEX):
        (folder / f"{DATABASE}{suffix}").unlink(missing_ok=True)
    new.replace(folder / DATABASE)
    files.flush_folder(folder)
    return losses


def keeps_without_key(row: rows.Row, keys: KeyRing) -> bool:
    """Whether a row cannot be read here, and may be whole: its key is elsewhere, or destroyed."""
    return bool(NUMBER.fullmatch(row[1])) and not keys.of_child(row[1])


def _fill(db: sqlite3.Connection, aside: Path, keys: KeyRing) -> None:
    pages = RawPages(aside / DATABASE, aside / f"{DATABASE}{WAL}")
    for row_id, columns in pages.records():
        _take(db, keys, row_id, columns)
    for table in TABLES:
        _take_keyless(db, aside, table, keys)
        db.execute(REMOVE_OVERLAP.format(table))
    db.execute("DELETE FROM session")
    db.execute(
        "INSERT OR IGNORE INTO session SELECT session, child, at_ms FROM event"
        " WHERE session <> '' ORDER BY id"
    )


def _take(db: sqlite3.Connection, keys: KeyRing, row_id: int, columns: list[Value]) -> None:
    """Keeps what looks like a row, if its seal says so; the last of an id is the newest."""
    match columns:
        case [None, str(child), str(session), int(at_ms), bytes(sealed), *rest]:
            thinned = rest[0] if rest and isinstance(rest[0], int) else 0
            _take_row(db, keys, (row_id, child, session, at_ms, sealed), thinned)
        case [str(child), bytes(sealed)]:
            key = keys.of_child(child)
            with suppress(DamagedRowError):
                if key and unseal(key.key, child_place(key), sealed):
                    db.execute("INSERT OR REPLACE INTO child VALUES (?, ?)", (child, sealed))
        case [str(kind), int(first), int(last)] if kind in TABLES and 0 < first <= last:
            sql = "INSERT OR REPLACE INTO removed VALUES (?, ?, ?)"
            db.execute(sql, (kind, first, last))


def _take_row(db: sqlite3.Connection, keys: KeyRing, row: rows.Row, thinned: int) -> None:
    for table in TABLES:
        try:
            rows.check_row(table, row, keys)
        except DamagedRowError:
            continue
        db.execute(f"INSERT OR REPLACE INTO {table} ({rows.COLUMNS}) VALUES (?, ?, ?, ?, ?)", row)
        if thinned:
            db.execute("UPDATE sample SET thinned = ? WHERE id = ?", (thinned, row[0]))
        return


def _take_keyless(db: sqlite3.Connection, aside: Path, table: str, keys: KeyRing) -> None:
    """Rows whose keys are not here, as far as SQLite reads them: no seal tells of them."""
    with suppress(sqlite3.DatabaseError):
        old = schema.connect(aside / DATABASE)
        try:
            for row in old.execute(f"SELECT {rows.COLUMNS} FROM {table} ORDER BY id"):
                if keeps_without_key(row, keys):
                    sql = f"INSERT OR IGNORE INTO {table} ({rows.COLUMNS}) VALUES (?, ?, ?, ?, ?)"
                    db.execute(sql, row)
        finally:
            old.close()
