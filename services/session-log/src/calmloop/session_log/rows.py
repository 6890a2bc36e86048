"""Rows of the database: how each is sealed into its place and taken out of it."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from calmloop.session_log.errors import DamagedRowError
from calmloop.session_log.keys import ChildKey, KeyRing
from calmloop.session_log.records import LogEvent, LogFact, LogSample, utc
from calmloop.session_log.sealing import check_seal, seal, unseal

EVENT, SAMPLE = "event", "sample"
COLUMNS = "id, child, session, at_ms, sealed"
Row = tuple[int, str, str, int, bytes]
"""Of either table: the columns above."""


def place(table: str, row_id: int, child: str, session: str, at_ms: int) -> str:
    """What a row's content is bound to."""
    return f"{table}|{row_id}|{child}|{session}|{at_ms}"


def event_row(row_id: int, key: ChildKey, fact: LogFact) -> Row:
    """The row of an event."""
    content = fact.model_dump(include={"kind", "text", "data", "by"}, mode="json")
    where = (row_id, key.child, fact.session, fact.at_ms)
    return (*where, seal(key.key, place(EVENT, *where), content))


def sample_row(row_id: int, key: ChildKey, session: str, samples: Sequence[LogSample]) -> Row:
    """The row of some samples of one session, by time."""
    content = [sample.model_dump(exclude_none=True) for sample in samples]
    where = (row_id, key.child, session, samples[0].at_ms)
    return (*where, seal(key.key, place(SAMPLE, *where), content))


def content_of(table: str, row: Row, keys: KeyRing) -> Any:
    """What a row holds.

    Raises:
        DamagedRowError: it is damaged, or its key is not here.
    """
    return unseal(_key(table, row, keys), place(table, *row[:4]), row[4])


def check_row(table: str, row: Row, keys: KeyRing) -> None:
    """Does nothing if a row is as it was written.

    Raises:
        DamagedRowError: it is damaged, or its key is not here.
    """
    check_seal(_key(table, row, keys), place(table, *row[:4]), row[4])


def _key(table: str, row: Row, keys: KeyRing) -> bytes:
    if key := keys.of_child(row[1]):
        return key.key
    raise DamagedRowError(f"{table} {row[0]}: the key of its child is not here")


def event_of(row: Row, keys: KeyRing) -> LogEvent:
    """The event in a row.

    Raises:
        DamagedRowError: it is damaged, or its key is not here.
    """
    content = content_of(EVENT, row, keys)
    key = keys.of_child(row[1])
    try:
        return LogEvent(
            **content,
            id=row[0],
            child=key.code if key else "",
            session=row[2],
            at_ms=row[3],
            at=utc(row[3]),
        )
    except (TypeError, ValueError) as error:
        raise DamagedRowError(f"event {row[0]}: is not an event of this program") from error


def samples_of(row: Row, keys: KeyRing) -> list[LogSample]:
    """The samples in a row.

    Raises:
        DamagedRowError: it is damaged, or its key is not here.
    """
    content = content_of(SAMPLE, row, keys)
    try:
        return [LogSample(**said) for said in content]
    except (TypeError, ValueError) as error:
        raise DamagedRowError(f"sample {row[0]}: holds no samples of this program") from error


def put(db: sqlite3.Connection, table: str, row: Row) -> None:
    """Inserts a row."""
    db.execute(f"INSERT INTO {table} ({COLUMNS}) VALUES (?, ?, ?, ?, ?)", row)


def find(db: sqlite3.Connection, table: str, row_id: int) -> Row | None:
    """The row of an id; None where it is not there any more."""
    found: Row | None = db.execute(
        f"SELECT {COLUMNS} FROM {table} WHERE id = ?", (row_id,)
    ).fetchone()
    return found


def put_session(db: sqlite3.Connection, session: str, child: str, began_ms: int) -> int:
    """Has a session known from its first row on; returns 1 where it was not, else 0."""
    sql = "INSERT OR IGNORE INTO session VALUES (?, ?, ?)"
    return db.execute(sql, (session, child, began_ms)).rowcount


def remove(db: sqlite3.Connection, table: str, where: str, values: Sequence[object]) -> int:
    """Deletes rows on purpose: their ids are noted, so that they do not count as lost."""
    ids = [
        i for (i,) in db.execute(f"SELECT id FROM {table} WHERE {where} ORDER BY id", tuple(values))
    ]
    note_removed(db, table, ids)
    db.execute(f"DELETE FROM {table} WHERE {where}", tuple(values))
    return len(ids)


def note_removed(db: sqlite3.Connection, table: str, ids: Sequence[int]) -> None:
    """Notes ids, which rise, as removed."""
    db.executemany(
        "INSERT OR REPLACE INTO removed VALUES (?, ?, ?)",
        [(table, first, last) for first, last in ranges(ids)],
    )


def ranges(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Rising numbers as ranges, both ends included."""
    first: int | None = None
    last = 0
    for number in ids:
        if first is not None and number == last + 1:
            last = number
            continue
        if first is not None:
            yield first, last
        first = last = number
    if first is not None:
        yield first, last
