"""What is missing: ids that were given, are not there, and were not removed on purpose."""

import heapq
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from calmloop.session_log.mark import LogMark
from calmloop.session_log.records import utc
from calmloop.session_log.rows import EVENT, SAMPLE

REMOVED = -1
"""In the place of a time."""
MAX_NAMED = 20
"""Ranges named one by one; where there are more, the rest is one."""


@dataclass(frozen=True)
class Loss:
    """A range of rows that is gone.

    Attributes:
        table: `event` or `sample`.
        first: Id of the first.
        last: Id of the last.
        after_ms: When the last row before it was; None: there is none.
        before_ms: When the first row after it was; None: nothing came after.
    """

    table: str
    first: int
    last: int
    after_ms: int | None
    before_ms: int | None

    @property
    def text(self) -> str:
        """In words."""
        after = "the beginning" if self.after_ms is None else utc(self.after_ms)
        before = "the end" if self.before_ms is None else utc(self.before_ms)
        return f"{self.table}s {self.first} to {self.last}, between {after} and {before}"


def find_losses(db: sqlite3.Connection, mark: LogMark) -> list[Loss]:
    """Every gap among the ids, up to the last that the mark or the database knows of.

    Raises:
        sqlite3.Error: the database cannot be read.
    """
    found = []
    for table, top in ((EVENT, mark.event), (SAMPLE, mark.sample)):
        gaps = list(_gaps(db, table, top))
        if len(gaps) > MAX_NAMED:
            rest, end = gaps[MAX_NAMED - 1], gaps[-1]
            whole = Loss(table, rest.first, end.last, rest.after_ms, end.before_ms)
            gaps = [*gaps[: MAX_NAMED - 1], whole]
        found += gaps
    return found


def _gaps(db: sqlite3.Connection, table: str, top: int) -> Iterator[Loss]:
    """In their order; nothing but the ranges removed is held in memory."""
    expected = 1
    after_ms: int | None = None
    waiting: list[tuple[int, int]] = []
    for first, last, at_ms in chain(_spans(db, table), [(top + 1, top + 1, None)]):
        if first > expected:
            waiting.append((expected, first - 1))
        expected = max(expected, last + 1)
        if at_ms != REMOVED:
            yield from (Loss(table, *gap, after_ms, at_ms) for gap in waiting)
            waiting, after_ms = [], at_ms


def _spans(db: sqlite3.Connection, table: str) -> Iterator[tuple[int, int, int | None]]:
    """Ids that are there, with their time, and ranges that were removed, by the first id."""
    removed = db.execute("SELECT first, last FROM removed WHERE kind = ?", (table,)).fetchall()
    there = db.execute(f"SELECT id, at_ms FROM {table} ORDER BY id")
    return heapq.merge(
        ((row_id, row_id, at_ms) for row_id, at_ms in there),
        sorted((first, last, REMOVED) for first, last in removed),
    )
