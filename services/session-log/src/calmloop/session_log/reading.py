"""What is kept, read by a connection that cannot write; damaged rows are counted, not shown."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from calmloop.session_log import rows, schema
from calmloop.session_log.errors import DamagedRowError, LogError, UnknownRecordError
from calmloop.session_log.keys import ChildKey, KeyRing, checked_code
from calmloop.session_log.records import (
    ChildSummary,
    LogEvent,
    LogEventKind,
    LogSample,
    SessionSummary,
    utc,
)
from calmloop.session_log.store import read_keep_days
from calmloop.session_log.summary import summarize

RowContent = TypeVar("RowContent")
CHUNK = 500


class LogReader:
    """Reads the log of one folder; every call has a connection of its own, from any thread."""

    def __init__(self, path: Path, keys: KeyRing, keep_days: int) -> None:
        """Args: the database, the keys, and how long sessions are kept where nothing was set."""
        self._path = path
        self._keys = keys
        self._keep_days = keep_days

    def children(self) -> list[ChildSummary]:
        """Every child of whom something is kept, by its code."""
        with self.connection() as db:
            return [self._child(db, self._keys.known(code)) for code in self._keys.codes]

    def child(self, code: str) -> ChildSummary:
        """One of them.

        Raises:
            UnknownRecordError: nothing is kept of it.
        """
        with self.connection() as db:
            return self._child(db, self._keys.known(code))

    def sessions(self, code: str | None, before_ms: int | None, limit: int) -> list[SessionSummary]:
        """Sessions, the newest first.

        Args:
            code: Of one child; None: of all.
            before_ms: Those that began before; None: from the newest on.
            limit: At most so many.

        Raises:
            UnknownRecordError: nothing is kept of that child.
        """
        wanted, values = "began_ms < ?", [before_ms if before_ms is not None else 1 << 62]
        given: list[object] = [*values]
        if code is not None:
            wanted, given = f"{wanted} AND child = ?", [*values, self._keys.known(code).child]
        sql = f"SELECT id, child, began_ms FROM session WHERE {wanted} ORDER BY began_ms DESC"
        with self.connection() as db:
            found = db.execute(f"{sql} LIMIT ?", (*given, limit)).fetchall()
            return [self._summary(db, *row) for row in found]

    def session(self, session: str) -> SessionSummary:
        """One session.

        Raises:
            UnknownRecordError: there is none of this id.
        """
        with self.connection() as db:
            return self._summary(db, *self._known(db, session))

    def session_events(
        self, session: str, after: int, limit: int
    ) -> tuple[list[LogEvent], int, int | None]:
        """Events of a session, in their order.

        Args:
            session: Its id.
            after: Those with a larger id.
            limit: At most so many rows are read.

        Returns:
            The events, how many rows could not be read, and the last id where there may be more.

        Raises:
            UnknownRecordError: there is none of this id.
        """
        with self.connection() as db:
            _, child, _ = self._known(db, session)
            where = "child = ? AND session = ? AND id > ?"
            return self._events(db, where, (child, session, after), limit)

    def events(
        self, code: str, kinds: Sequence[LogEventKind], after: int, limit: int
    ) -> tuple[list[LogEvent], int, int | None]:
        """Events of a child, or with an empty code of the chair, in their order: see above.

        Args:
            code: The child's code.
            kinds: Only these; none: all.
            after: Those with a larger id.
            limit: At most so many rows are read.

        Raises:
            UnknownRecordError: nothing is kept of that child.
        """
        key = self._keys.find(checked_code(code)) if code == "" else self._keys.known(code)
        if key is None:
            return [], 0, None
        with self.connection() as db:
            events, unreadable, more = self._events(
                db, "child = ? AND id > ?", (key.child, after), limit
            )
        return [e for e in events if not kinds or e.kind in kinds], unreadable, more

    def samples(
        self, session: str, after_ms: int, limit: int
    ) -> tuple[list[LogSample], int, int | None]:
        """Samples of a session, by time.

        Args:
            session: Its id.
            after_ms: Those taken later.
            limit: About so many at most: those of a last row are all there.

        Returns:
            The samples, how many rows could not be read, and the last time where there may be more.

        Raises:
            UnknownRecordError: there is none of this id.
        """
        found: list[LogSample] = []
        unreadable = 0
        with self.connection() as db:
            _, child, _ = self._known(db, session)
            sql = f"SELECT {rows.COLUMNS} FROM sample WHERE child = ? AND session = ? ORDER BY id"
            for row in db.execute(sql, (child, session)):
                try:
                    some = rows.samples_of(row, self._keys)
                except DamagedRowError:
                    unreadable += 1
                    continue
                found += [sample for sample in some if sample.at_ms > after_ms]
                if len(found) >= limit:
                    return found, unreadable, found[-1].at_ms
        return found, unreadable, None

    def all_events(self) -> Iterator[LogEvent]:
        """Every event that can be read, in its order, for an export."""
        yield from self._all(rows.EVENT, rows.event_of)

    def session_of(self, session: str) -> str:
        """The code of the child whose session it is.

        Raises:
            UnknownRecordError: there is none of this id, or its key is not here.
        """
        with self.connection() as db:
            _, child, _ = self._known(db, session)
        return self._code(child, session)

    def _all(
        self, table: str, of: Callable[[rows.Row, KeyRing], RowContent]
    ) -> Iterator[RowContent]:
        after = 0
        while True:
            sql = f"SELECT {rows.COLUMNS} FROM {table} WHERE id > ? ORDER BY id LIMIT {CHUNK}"
            with self.connection() as db:
                some = db.execute(sql, (after,)).fetchall()
            if not some:
                return
            after = some[-1][0]
            for row in some:
                try:
                    yield of(row, self._keys)
                except DamagedRowError:
                    continue

    def _events(
        self, db: sqlite3.Connection, where: str, values: Sequence[object], limit: int
    ) -> tuple[list[LogEvent], int, int | None]:
        sql = f"SELECT {rows.COLUMNS} FROM event WHERE {where} ORDER BY id LIMIT ?"
        found = db.execute(sql, (*values, limit)).fetchall()
        events, unreadable = [], 0
        for row in found:
            try:
                events.append(rows.event_of(row, self._keys))
            except DamagedRowError:
                unreadable += 1
        return events, unreadable, found[-1][0] if len(found) == limit else None

    def _summary(
        self, db: sqlite3.Connection, session: str, child: str, began_ms: int
    ) -> SessionSummary:
        events, unreadable, _ = self._events(
            db, "child = ? AND session = ?", (child, session), 1 << 30
        )
        key = self._keys.of_child(child)
        return summarize(session, key.code if key else "", began_ms, events, unreadable)

    def _child(self, db: sqlite3.Connection, key: ChildKey) -> ChildSummary:
        sql = "SELECT count(*), min(began_ms), max(began_ms) FROM session WHERE child = ?"
        count, first, last = db.execute(sql, (key.child,)).fetchone()
        return ChildSummary(
            code=key.code,
            sessions=count,
            first=None if first is None else utc(first),
            last=None if last is None else utc(last),
            keep_days=self._days(db, key),
        )

    def _days(self, db: sqlite3.Connection, key: ChildKey) -> int:
        found = db.execute("SELECT sealed FROM child WHERE id = ?", (key.child,)).fetchone()
        try:
            days = read_keep_days(key, found[0]) if found else None
        except DamagedRowError:
            days = None
        return self._keep_days if days is None else days

    def _known(self, db: sqlite3.Connection, session: str) -> tuple[str, str, int]:
        sql = "SELECT id, child, began_ms FROM session WHERE id = ?"
        found: tuple[str, str, int] | None = db.execute(sql, (session,)).fetchone()
        if found is None:
            raise UnknownRecordError(f"session '{session[:64]}': there is none: list the sessions")
        return found

    def _code(self, child: str, session: str) -> str:
        key = self._keys.of_child(child)
        if key is None:
            raise UnknownRecordError(f"session '{session[:64]}': the key of its child is not here")
        return key.code

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """One that cannot write.

        Raises:
            LogError: the database cannot be read.
        """
        try:
            with closing(
                sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, isolation_level=None)
            ) as db:
                db.execute(f"PRAGMA busy_timeout={schema.BUSY_MS}")
                yield db
        except sqlite3.Error as error:
            raise LogError(
                f"{self._path}: cannot be read ({error}): restart the log, which looks at it"
            ) from error
