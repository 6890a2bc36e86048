"""What waits, as it is sent: read from the log at that moment, and nothing that must not leave."""

import sqlite3
from collections.abc import Callable
from typing import Any

from calmloop.contract.messages.fleet import MAX_BATCH, FleetBatch, FleetItem, FleetItemKind
from calmloop.session_log import rows
from calmloop.session_log.errors import DamagedRowError, UnknownRecordError
from calmloop.session_log.keys import CHAIR, KeyRing
from calmloop.session_log.leaving import figures_of, figures_of_summary, may_leave
from calmloop.session_log.outbox import Waiting, WaitingRow, read_waiting
from calmloop.session_log.reading import LogReader


class OutboxReader:
    """Makes batches of what waits; any thread may ask."""

    def __init__(self, reader: LogReader, keys: KeyRing, samples: bool) -> None:
        """Args: the log, its keys, and whether samples leave."""
        self._reader, self._keys, self._samples = reader, keys, samples
        self._makers: dict[str, Callable[[sqlite3.Connection, WaitingRow], FleetItem | None]] = {
            Waiting.EVENT: self._event,
            Waiting.SUMMARY: self._summary,
            Waiting.SAMPLES: self._some_samples,
            Waiting.ERASED: self._erased,
        }

    def batch(self, limit: int = MAX_BATCH) -> FleetBatch | None:
        """The oldest that wait; None where nothing does.

        Raises:
            LogError: the log cannot be read.
        """
        with self._reader.connection() as db:
            state, waiting = read_waiting(db, limit - 1)
            items = [self._item(db, row) for row in waiting]
        end = items[0].seq - 1 if items else state.last
        if end > state.acknowledged:
            gap = FleetItem(seq=state.acknowledged + 1, last=end, kind=FleetItemKind.GAP)
            items.insert(0, gap)
        return FleetBatch(epoch=state.epoch, items=tuple(items)) if items else None

    def _item(self, db: sqlite3.Connection, row: WaitingRow) -> FleetItem:
        try:
            made = self._makers[row.kind](db, row)
        except (DamagedRowError, UnknownRecordError, KeyError, ValueError):
            made = None
        return made or FleetItem(seq=row.seq, kind=FleetItemKind.WITHHELD)

    def _event(self, db: sqlite3.Connection, row: WaitingRow) -> FleetItem | None:
        found = rows.find(db, rows.EVENT, int(row.ref))
        if found is None:
            return None
        event = rows.event_of(found, self._keys)
        if not may_leave(event.kind):
            return None
        return FleetItem(
            **self._where(row, found, FleetItemKind.EVENT),
            what=event.kind,
            data=figures_of(event),
        )

    def _summary(self, db: sqlite3.Connection, row: WaitingRow) -> FleetItem | None:
        found = rows.find(db, rows.EVENT, int(row.ref))
        if found is None:
            return None
        figures = figures_of_summary(self._reader.session(found[2]))
        return FleetItem(**self._where(row, found, FleetItemKind.SUMMARY), data=figures)

    def _some_samples(self, db: sqlite3.Connection, row: WaitingRow) -> FleetItem | None:
        found = rows.find(db, rows.SAMPLE, int(row.ref))
        if found is None or not self._samples:
            return None
        taken = [s.model_dump(exclude_none=True) for s in rows.samples_of(found, self._keys)]
        where = self._where(row, found, FleetItemKind.SAMPLES)
        return FleetItem(**where, data={"samples": taken})

    def _erased(self, _db: sqlite3.Connection, row: WaitingRow) -> FleetItem:
        return FleetItem(seq=row.seq, kind=FleetItemKind.ERASED, child=row.ref)

    def _where(self, waiting: WaitingRow, found: rows.Row, kind: FleetItemKind) -> dict[str, Any]:
        key = self._keys.of_child(found[1])
        child = "" if key is None or key.code == CHAIR else found[1]
        at = {"seq": waiting.seq, "kind": kind, "at_ms": waiting.at_ms}
        return {**at, "child": child, "session": found[2]}
