"""What waits for the centre: a number for each thing that leaves, given as it is kept.

A row names what it stands for and holds none of it, so that what is erased in the log is gone here.
Numbers rise by one within an epoch. A row goes once the centre has acknowledged it, or, beyond the
bound, as the oldest: what happened stays in the log.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from calmloop.session_log.leaving import may_leave
from calmloop.session_log.records import LogEventKind, LogFact

TABLES = """
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, ref TEXT NOT NULL, at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE outbox_state (
        one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL,
        last INTEGER NOT NULL, acknowledged INTEGER NOT NULL
    ) STRICT;
    INSERT INTO outbox_state VALUES (1, lower(hex(randomblob(8))), 0, 0);
"""
"""A new database begins a new epoch: the same numbers would mean something else."""


class Waiting(StrEnum):
    """What a row stands for."""

    EVENT = "event"
    SUMMARY = "summary"
    SAMPLES = "samples"
    ERASED = "erased"


class WaitingRow(NamedTuple):
    """One thing that leaves: `ref` is its id in the log, or the number of a child."""

    seq: int
    kind: str
    ref: str
    at_ms: int


@dataclass(frozen=True)
class OutboxRules:
    """What leaves, and how much may wait."""

    events: bool = False
    samples: bool = False
    max_waiting: int = 1


class OutboxState(NamedTuple):
    """Where it is."""

    epoch: str
    last: int
    acknowledged: int


class Outbox:
    """The outbox as the thread sees it that writes the log."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.rules = OutboxRules()

    def allow(self, rules: OutboxRules) -> None:
        """From now on; what waits leaves no more where nothing may.

        Raises:
            sqlite3.Error: it cannot be written.
        """
        self.rules = rules
        if not rules.events:
            self._db.execute("DELETE FROM outbox")

    def put_event(self, row_id: int, fact: LogFact) -> None:
        """Gives an event its number, within the transaction that keeps it."""
        if self.rules.events and may_leave(fact.kind):
            self._put(Waiting.EVENT, str(row_id), fact.at_ms)
            if fact.kind is LogEventKind.SESSION_ENDED:
                self._put(Waiting.SUMMARY, str(row_id), fact.at_ms)

    def put_samples(self, row_id: int, at_ms: int) -> None:
        """The same of a row of samples."""
        if self.rules.events and self.rules.samples:
            self._put(Waiting.SAMPLES, str(row_id), at_ms)

    def put_erased(self, child: str) -> None:
        """That a child was erased, so that the centre does the same."""
        if self.rules.events:
            self._put(Waiting.ERASED, child, 0)

    def acknowledge(self, epoch: str, up_to: int) -> None:
        """The centre holds all up to a number: none of it waits any more.

        An acknowledgement of what was never given says that this log is older than what was sent,
        a copy that was brought back: a new epoch begins.

        Raises:
            sqlite3.Error: it cannot be written.
        """
        state = state_of(self._db)
        if epoch != state.epoch or up_to <= state.acknowledged:
            return
        if up_to > state.last:
            begin_epoch(self._db)
            return
        self._db.execute("UPDATE outbox_state SET acknowledged = ?", (up_to,))
        self._db.execute("DELETE FROM outbox WHERE seq <= ?", (up_to,))

    def waiting(self) -> int:
        """How much waits."""
        return int(self._db.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def _put(self, kind: Waiting, ref: str, at_ms: int) -> None:
        sql = "UPDATE outbox_state SET last = last + 1 RETURNING last"
        ((seq,),) = self._db.execute(sql).fetchall()
        self._db.execute("INSERT INTO outbox VALUES (?, ?, ?, ?)", (seq, kind, ref, at_ms))
        oldest = seq - self.rules.max_waiting
        self._db.execute("DELETE FROM outbox WHERE seq <= ?", (oldest,))


def state_of(db: sqlite3.Connection) -> OutboxState:
    """Its epoch, the last number given, and the last acknowledged."""
    sql = "SELECT epoch, last, acknowledged FROM outbox_state"
    return OutboxState(*db.execute(sql).fetchone())


def begin_epoch(db: sqlite3.Connection) -> None:
    """Forgets what waits, and begins the numbers anew: for a log that was brought back."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox_state'").fetchone():
        db.execute("DELETE FROM outbox")
        db.execute(
            "UPDATE outbox_state SET epoch = lower(hex(randomblob(8))), last = 0, acknowledged = 0"
        )


def read_waiting(db: sqlite3.Connection, limit: int) -> tuple[OutboxState, Sequence[WaitingRow]]:
    """The oldest that wait, and where the outbox is, both of one moment."""
    db.execute("BEGIN")
    try:
        sql = "SELECT seq, kind, ref, at_ms FROM outbox ORDER BY seq LIMIT ?"
        rows: Iterable[tuple[int, str, str, int]] = db.execute(sql, (limit,)).fetchall()
        return state_of(db), [WaitingRow(*row) for row in rows]
    finally:
        db.execute("COMMIT")
