"""Makes room where the disk fills up: the oldest samples go, events never."""

import os
import sqlite3
from contextlib import suppress

from calmloop.contract.messages.log import SampleKeeping
from calmloop.session_log import rows
from calmloop.session_log.errors import DamagedRowError
from calmloop.session_log.store import LogStore

EVERY = 10
"""One of so many is left at first; then none."""
RESERVE = "log.reserve"
RESERVE_BYTES = 4_000_000
"""A few thousand events, or one turn of thinning."""
THIN = "thin"
"""In `removed`, what was deleted to make room."""
AT_A_TIME = 200
"""Rows: a quarter of an hour is 180."""


def make_room(store: LogStore) -> bool:
    """Thins the oldest samples that are whole; where none is, deletes the oldest that are left.

    Returns:
        Whether there is a bit more room in the database; the file itself does not shrink.
    """
    release_reserve(store)
    try:
        with store.transaction():
            made = _thin_oldest(store) or _drop_oldest(store)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        return False
    return made


def hold_reserve(store: LogStore) -> None:
    """Keeps some room on the disk, without which nothing could be thinned once it is full.

    It is given back when it is needed, and taken again once there is twice as much.
    """
    path = store.folder / RESERVE
    try:
        disk = os.statvfs(store.folder)
        if path.exists() or disk.f_bavail * disk.f_frsize < 2 * RESERVE_BYTES:
            return
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
    except OSError:
        path.unlink(missing_ok=True)


def release_reserve(store: LogStore) -> None:
    """Gives it back."""
    with suppress(OSError):
        (store.folder / RESERVE).unlink(missing_ok=True)


def keeping(store: LogStore) -> SampleKeeping:
    """What was done with samples so far."""
    thinned = store.db.execute("SELECT 1 FROM sample WHERE thinned > 0 LIMIT 1").fetchone()
    dropped = store.db.execute("SELECT 1 FROM removed WHERE kind = ?", (THIN,)).fetchone()
    if thinned or dropped:
        return SampleKeeping.THINNED
    return SampleKeeping.KEPT


def _thin_oldest(store: LogStore) -> bool:
    sql = f"SELECT {rows.COLUMNS} FROM sample WHERE thinned = 0 ORDER BY id LIMIT {AT_A_TIME}"
    found: list[rows.Row] = store.db.execute(sql).fetchall()
    for row in found:
        _thin(store, row)
    return bool(found)


def _thin(store: LogStore, row: rows.Row) -> None:
    """Leaves the first of a row's samples, in its own place."""
    key = store.keys.of_child(row[1])
    try:
        samples = rows.samples_of(row, store.keys)
    except DamagedRowError:
        samples = []
    if key is None or not samples:
        rows.remove(store.db, rows.SAMPLE, "id = ?", (row[0],))
        return
    thinned = rows.sample_row(row[0], key, row[2], samples[::EVERY])
    store.db.execute(
        "UPDATE sample SET at_ms = ?, sealed = ?, thinned = 1 WHERE id = ?",
        (thinned[3], thinned[4], row[0]),
    )


def _drop_oldest(store: LogStore) -> bool:
    sql = f"SELECT id FROM sample ORDER BY id LIMIT {AT_A_TIME}"
    ids = [row_id for (row_id,) in store.db.execute(sql)]
    if not ids:
        return False
    store.db.execute("INSERT OR REPLACE INTO removed VALUES (?, 0, ?)", (THIN, ids[-1]))
    return rows.remove(store.db, rows.SAMPLE, "id <= ?", (ids[-1],)) > 0
