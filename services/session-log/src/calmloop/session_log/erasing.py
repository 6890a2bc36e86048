"""Deletes what was meant to be deleted: a child as a whole, and sessions that are old.

The key goes first, so that from then on no copy of the database can be read. SQLite overwrites
what it deletes (`secure_delete`), the write-ahead log is emptied, and the file is written anew.
"""

import shutil
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from calmloop.session_log import rows
from calmloop.session_log.entries import ErasedChild
from calmloop.session_log.errors import DamagedRowError
from calmloop.session_log.keys import ChildKey
from calmloop.session_log.store import LogStore, unwritable

ASIDES = ("damaged-*", "replaced-*")
ASIDE_DAYS = 30
DAY_S = 86_400
CLOCK_SET_MS = 1_735_689_600_000
"""2025 began. A device without a clock of its own starts in 1970, until the network tells it."""


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
    try:
        plans = [
            _plan(store.db, key.child, _start_ms(now, zone, _days(store, key, default_days)))
            for key in store.keys.all()
        ]
        with store.transaction():
            deleted = sum(_carry_out(store.db, plan) for plan in plans)
    except sqlite3.Error as error:
        raise unwritable(store.path, error) from error
    if deleted:
        purge(store)
        store.count()
    return sum(len(plan.sessions) for plan in plans)


def drop_asides(store: LogStore, default_days: int, now: datetime) -> int:
    """Deletes what was put aside, a damaged log or one that was replaced, after 30 days at most.

    Returns:
        How many there were.
    """
    before_s = now.timestamp() - min(default_days, ASIDE_DAYS) * DAY_S
    old = [
        path
        for pattern in ASIDES
        for path in store.folder.glob(pattern)
        if path.is_dir() and path.stat().st_mtime < before_s
    ]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


@dataclass(frozen=True)
class _Plan:
    """What of a child is too old: worked out for all before anything is deleted."""

    child: str
    before_ms: int
    sessions: list[str]
    last_old: int
    """The last event that is dated and too old, of whomever."""


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


def _plan(db: sqlite3.Connection, child: str, before_ms: int) -> _Plan:
    found = db.execute("SELECT id, began_ms FROM session WHERE child = ?", (child,)).fetchall()
    sessions = [s for s, began_ms in found if _dated(db, s, began_ms, before_ms) < before_ms]
    last = "SELECT max(id) FROM event WHERE at_ms >= ? AND at_ms < ?"
    (old,) = db.execute(last, (CLOCK_SET_MS, before_ms)).fetchone()
    return _Plan(child, before_ms, sessions, old or 0)


def _carry_out(db: sqlite3.Connection, plan: _Plan) -> int:
    """Returns how many rows that were."""
    deleted = 0
    for session in plan.sessions:
        for table in (rows.EVENT, rows.SAMPLE):
            deleted += rows.remove(db, table, "child = ? AND session = ?", (plan.child, session))
        db.execute("DELETE FROM session WHERE id = ?", (session,))
    where = "child = ? AND session = '' AND at_ms < ? AND (at_ms >= ? OR id < ?)"
    values = (plan.child, plan.before_ms, CLOCK_SET_MS, plan.last_old)
    return deleted + rows.remove(db, rows.EVENT, where, values)


def _dated(db: sqlite3.Connection, session: str, began_ms: int, unknown_ms: int) -> int:
    """When a session began; of one before the clock was set, when the next dated event was."""
    if began_ms >= CLOCK_SET_MS:
        return began_ms
    after = "id > (SELECT max(id) FROM event WHERE session = ?)"
    sql = f"SELECT at_ms FROM event WHERE at_ms >= ? AND {after} ORDER BY id LIMIT 1"
    found = db.execute(sql, (CLOCK_SET_MS, session)).fetchone()
    return int(found[0]) if found else unknown_ms


def _delete_child(store: LogStore, child: str) -> ErasedChild:
    try:
        with store.transaction():
            db = store.db
            sessions = db.execute("DELETE FROM session WHERE child = ?", (child,)).rowcount
            events = rows.remove(db, rows.EVENT, "child = ?", (child,))
            samples = rows.remove(db, rows.SAMPLE, "child = ?", (child,))
            db.execute("DELETE FROM child WHERE id = ?", (child,))
            store.outbox.put_erased(child)
    except sqlite3.Error as error:
        raise unwritable(store.path, error) from error
    return ErasedChild(sessions=sessions, events=events, samples=samples)
