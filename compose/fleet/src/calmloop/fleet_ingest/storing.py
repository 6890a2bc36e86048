"""Stores batches: each number of a chair once, in its order, whatever comes how often.

How far a chair is stands in one row, which is locked while a batch of it is stored: items that are
held already are passed over, so that copies and late ones change nothing.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg

from calmloop.contract.messages.fleet import FleetBatch, FleetItem, FleetItemKind
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
ERASE = "DELETE FROM fleet_item WHERE chair = %s AND child = %s"
NO_NUL = str.maketrans("\0", "\ufffd")


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
            with self._db.cursor() as cursor:
                cursor.executemany(INSERT, [_row(chair, batch.epoch, item) for item in new])
            for item in new:
                if item.kind is FleetItemKind.ERASED and item.child:
                    self._db.execute(ERASE, (chair, item.child))
            self._db.execute(ADVANCE, (batch.last, chair, batch.epoch))
        return batch.last

    def close(self) -> None:
        """Lets go."""
        self._db.close()

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
