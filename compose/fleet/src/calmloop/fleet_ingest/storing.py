"""Stores batches: each number of a chair once, in its order, whatever comes how often.

How far a chair is stands in one row, which is locked while a batch of it is stored: items that are
held already are passed over, so that copies and late ones change nothing. An item that the database
refuses is set aside as it came, with the reason, so that those after it do not wait for ever.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import psycopg

from calmloop.contract.messages.fleet import FleetBatch, FleetItem, FleetItemKind
from calmloop.fleet_ingest.shown import shown_of
from calmloop.fleet_ingest.tables import make_month, make_tables, months_of

BEGIN = (
    "INSERT INTO fleet_progress (chair, epoch, acknowledged) VALUES (%s, %s, 0)"
    " ON CONFLICT DO NOTHING"
)
LOCK = "SELECT acknowledged FROM fleet_progress WHERE chair = %s AND epoch = %s FOR UPDATE"
INSERT = (
    "INSERT INTO fleet_item (chair, epoch, seq, last, at, kind, child, session, what, data)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
ADVANCE = (
    "UPDATE fleet_progress SET acknowledged = %s, seen = now() WHERE chair = %s AND epoch = %s"
)
ERASE = tuple(
    f"DELETE FROM {table} WHERE chair = %s AND child = %s"
    for table in ("fleet_item", "fleet_refused")
)
SET_ASIDE = (
    "INSERT INTO fleet_refused (chair, epoch, seq, last, child, reason, item)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
COUNT = (
    "INSERT INTO fleet_trouble AS had (chair, what, count, reason) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (chair, what) DO UPDATE SET count = had.count + excluded.count,"
    " reason = excluded.reason, at = now()"
)
LATEST = (
    "INSERT INTO fleet_latest AS had (chair, what, name, at, since, data)"
    " VALUES (%s, %s, %s, %s, now(), %s) ON CONFLICT (chair, what, name) DO UPDATE SET"
    " at = excluded.at, data = had.data || excluded.data,"
    " since = CASE WHEN had.data @> excluded.data THEN had.since ELSE excluded.since END"
)
REFUSALS = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.StatementTooComplex,
)
"""What is wrong with an item, and not with the database: it would be refused each time."""
MAX_REASON = 200
NO_NUL = str.maketrans("\0", "\ufffd")


class Trouble(StrEnum):
    """Why something that a chair has sent is not among its items."""

    REFUSED = "refused"
    """The database does not take an item: it is set aside."""
    UNREADABLE = "unreadable"
    """It is no batch. The chair is not told that it is held, and keeps it."""
    DEFERRED = "deferred"
    """It came beyond the chair's share: the chair sends it again."""


class FleetStore:
    """One connection to the database."""

    def __init__(self, address: str) -> None:
        """Connects, and makes the tables where there are none.

        Raises:
            psycopg.Error: the database cannot be used.
        """
        self._db = psycopg.connect(address, autocommit=True)
        self._months: set[datetime] = set()
        make_tables(self._db)

    def store(self, chair: str, batch: FleetBatch) -> int:
        """Stores what of a batch is new.

        Returns:
            Up to which number everything of the chair's epoch is committed.

        Raises:
            psycopg.Error: the database cannot be used; nothing of the batch is stored.
        """
        self._make_months(batch.items)
        with self._db.transaction():
            self._db.execute(BEGIN, (chair, batch.epoch))
            found = self._db.execute(LOCK, (chair, batch.epoch)).fetchone()
            held = int(found[0]) if found else 0
            new = [item for item in batch.items if item.end > held]
            if not new:
                return held
            if new[0].seq > held + 1:
                # A chair sends on only once it was told that the rest is held: it was lost here.
                new.insert(0, FleetItem(seq=held + 1, last=new[0].seq - 1, kind=FleetItemKind.GAP))
            self._insert(chair, batch.epoch, new)
            self._erase(chair, new)
            self._db.execute(ADVANCE, (batch.last, chair, batch.epoch))
        return batch.last

    def count(self, chair: str, what: Trouble, count: int, reason: str = "") -> None:
        """Keeps that something of a chair was not stored.

        Raises:
            psycopg.Error: the database cannot be used.
        """
        self._db.execute(COUNT, (chair, what.value, count, reason[:MAX_REASON]))

    def close(self) -> None:
        """Lets go."""
        self._db.close()

    def _insert(self, chair: str, epoch: str, items: Sequence[FleetItem]) -> None:
        """All at once; where one is refused, one by one."""
        try:
            with self._db.transaction():
                self._insert_all(chair, epoch, items)
        except REFUSALS:
            for item in items:
                try:
                    with self._db.transaction():
                        self._insert_all(chair, epoch, (item,))
                except REFUSALS as error:
                    self._set_aside(chair, epoch, item, error)

    def _insert_all(self, chair: str, epoch: str, items: Sequence[FleetItem]) -> None:
        with self._db.cursor() as cursor:
            cursor.executemany(INSERT, [_row(chair, epoch, item) for item in items])
            if shown := [(one, item) for item in items for one in shown_of(item)]:
                rows = [
                    (chair, one.what, one.name, _at(item), _json(one.data)) for one, item in shown
                ]
                cursor.executemany(LATEST, rows)

    def _set_aside(self, chair: str, epoch: str, item: FleetItem, error: psycopg.Error) -> None:
        reason = f"{type(error).__name__}: {error.diag.message_primary or ''}"[:MAX_REASON]
        whole = json.dumps(item.model_dump(mode="json")).encode()
        values = (chair, epoch, item.seq, item.end, item.child, reason, whole)
        self._db.execute(SET_ASIDE, values)
        self.count(chair, Trouble.REFUSED, 1, reason)

    def _erase(self, chair: str, items: Sequence[FleetItem]) -> None:
        """What each says that it was erased in the chair."""
        for item in items:
            if item.kind is FleetItemKind.ERASED and item.child:
                for sql in ERASE:
                    self._db.execute(sql, (chair, item.child))

    def _make_months(self, items: Sequence[FleetItem]) -> None:
        for month in months_of(map(_at, items), datetime.now(UTC)) - self._months:
            make_month(self._db, month)
            self._months.add(month)


def _at(item: FleetItem) -> datetime:
    """When it was; a time that no calendar has counts as none."""
    try:
        return datetime.fromtimestamp(item.at_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _row(chair: str, epoch: str, item: FleetItem) -> tuple[Any, ...]:
    child = "" if item.kind is FleetItemKind.ERASED else item.child
    where = (chair, epoch, item.seq, item.end, _at(item), item.kind.value, child)
    return (*where, item.session.translate(NO_NUL), item.what.translate(NO_NUL), _json(item.data))


def _json(data: dict[str, Any]) -> str:
    """What PostgreSQL takes: no NUL, no half of a surrogate pair."""
    text = json.dumps(data, ensure_ascii=False).replace("\\u0000", "\\ufffd")
    return text.encode("utf-8", "replace").decode()
