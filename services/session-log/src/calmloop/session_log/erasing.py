"""Deletes what was meant to be deleted: a child as a whole, and sessions that are old.

The key goes first, so that from then on no copy of the database can be read. SQLite overwrites
what it deletes (`secure_delete`), the write-ahead log is emptied, and the file is written anew.
"""

import sqlite3
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo

from calmloop.session_log import rows
from calmloop.session_log.entries import ErasedChild
from calmloop.session_log.errors import DamagedRowError
from calmloop.session_log.keys import ChildKey
from calmloop.session_log.store import LogStore, unwritable


def erase(store: LogStore, code: str) -> ErasedChild:
    """Erases all that is kept of a child, for good.

    Raises:
        UnknownRecordError: nothing is kept of it.
        UnwritableLogError: it could not be done to the end; the next start does it.
    """
    key = store.keys.known(code)
    store.keys.destroy(key)
    erased = _delete_child(store, key.child)
    purge(store)
    store.count()
    return erased


def finish_erasures(store: LogStore) -> int:
    """Deletes rows of children whose keys were destroyed, which a restored backup may have.

    Returns:
        How many children that were.
    """
    held = {c for (c,) in store.db.execute("SELECT DISTINCT child FROM event")}
    held |= {c for (c,) in store.db.execute("SELECT id FROM child")}
    left = held & store.keys.erased
    for child in left:
        _delete_child(store, child)
    if left:
        purge(store)
        store.count()
    return len(left)


def purge(store: LogStore) -> None:
    """Leaves no byte of what was deleted: not in the write-ahead log, nor in free pages.

    Writing the file anew needs as much room again; without that, overwritten pages have to do.
    """
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with suppress(sqlite3.OperationalError):
        store.db.execute("VACUUM")
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def apply_retention(store: LogStore, default_days: int, now: datetime, zone: tzinfo | None) -> int:
    """Deletes sessions, and events outside of one, that began too many local days ago.

    Args:
        store: The log.
        default_days: Where nothing was set for a child; the chair's own events too.
        now: The wall clock, with its zone.
        zone: Whose days count; None: this system's.

    Returns:
        How many sessions were deleted.

    Raises:
        UnwritableLogError: it could not be done.
    """
    deleted = rows_deleted = 0
    for key in store.keys.all():
        before_ms = _start_ms(now, zone, _days(store, key, default_days))
        try:
            with store.transaction():
                sessions, some = _delete_old(store.db, key.child, before_ms)
        except sqlite3.Error as error:
            raise unwritable(store.path, error) from error
        deleted, rows_deleted = deleted + sessions, rows_deleted + some
    if rows_deleted:
        purge(store)
        store.count()
    return deleted


def _days(store: LogStore, key: ChildKey, default_days: int) -> int:
    try:
        days = store.keep_days(key)
    except DamagedRowError:
        days = None
    return default_days if days is None else days


def _start_ms(now: datetime, zone: tzinfo | None, days: int) -> int:
    """When the first local day that is kept began."""
    local = now.astimezone(zone)
    first = local.date() - timedelta(days=min(days, local.date().toordinal() - 2))
    midnight = datetime(first.year, first.month, first.day, tzinfo=zone)
    return round(midnight.astimezone(zone).timestamp() * 1000)


def _delete_old(db: sqlite3.Connection, child: str, before_ms: int) -> tuple[int, int]:
    sql = "SELECT id FROM session WHERE child = ? AND began_ms < ?"
    sessions = [s for (s,) in db.execute(sql, (child, before_ms)).fetchall()]
    deleted = 0
    for session in sessions:
        for table in (rows.EVENT, rows.SAMPLE):
            deleted += rows.remove(db, table, "child = ? AND session = ?", (child, session))
        db.execute("DELETE FROM session WHERE id = ?", (session,))
    where = "child = ? AND session = '' AND at_ms < ?"
    deleted += rows.remove(db, rows.EVENT, where, (child, before_ms))
    return len(sessions), deleted


def _delete_child(store: LogStore, child: str) -> ErasedChild:
    try:
        with store.transaction():
            db = store.db
            sessions = db.execute("DELETE FROM session WHERE child = ?", (child,)).rowcount
            events = rows.remove(db, rows.EVENT, "child = ?", (child,))
            samples = rows.remove(db, rows.SAMPLE, "child = ?", (child,))
            db.execute("DELETE FROM child WHERE id = ?", (child,))
    except sqlite3.Error as error:
        raise unwritable(store.path, error) from error
    return ErasedChild(sessions=sessions, events=events, samples=samples)
