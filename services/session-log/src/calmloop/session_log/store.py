"""The database as the one thread that writes it sees it."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from calmloop.session_log import rows, schema
from calmloop.session_log.errors import UnwritableLogError
from calmloop.session_log.keys import CHAIR, ChildKey, KeyRing
from calmloop.session_log.lock import FolderLock
from calmloop.session_log.mark import LogMark, MarkFile
from calmloop.session_log.outbox import Outbox
from calmloop.session_log.records import LogFact, LogSample
from calmloop.session_log.sealing import seal, unseal

DATABASE = "log.db"
MARK = "log.mark"
KEYS = "keys"
BESIDE = ("", "-wal", "-shm")
"""The database and what SQLite keeps beside it."""


class LogStore:
    """Appends, removes, and says how large it is.

    Attributes:
        sessions: How many there are; any thread may look.
        events: The same.
        outbox: What of it leaves the chair: nothing, until it is allowed.
    """

    def __init__(
        self,
        folder: Path,
        keys: KeyRing,
        db: sqlite3.Connection,
        mark: LogMark,
        lock: FolderLock,
    ) -> None:
        """`checking.open_store` makes one, once it has looked at what is there."""
        self._lock = lock
        self.folder = folder
        self.path = folder / DATABASE
        self.keys = keys
        self.db = db
        self.outbox = Outbox(db)
        self._mark_file = MarkFile(folder / MARK)
        self._last = {
            rows.EVENT: max(self._last_id(rows.EVENT), mark.event),
            rows.SAMPLE: max(self._last_id(rows.SAMPLE), mark.sample),
        }
        self._at_ms = mark.at_ms
        self.sessions = self.events = 0
        self.count()

    @property
    def mark(self) -> LogMark:
        """The last ids committed."""
        return LogMark(self._last[rows.EVENT], self._last[rows.SAMPLE], self._at_ms)

    def append(
        self,
        facts: Sequence[LogFact] = (),
        samples: Mapping[str, Sequence[LogSample]] | None = None,
    ) -> list[int]:
        """Keeps what happened, all of it or nothing; it is on the disk when this returns.

        Args:
            facts: Each of a child and session of its own.
            samples: By session, which has to be known by an event before, by time.

        Returns:
            The ids of the events.

        Raises:
            UnwritableLogError: the disk is full, or cannot be written.
            LogError: a child's code is none, or its key is damaged.
        """
        made = {fact.child: self.keys.make(fact.child) for fact in facts}
        last = dict(self._last)
        try:
            with self.transaction():
                ids = [self._append_event(last, made[fact.child], fact) for fact in facts]
                new = sum(
                    rows.put_session(self.db, fact.session, made[fact.child].child, fact.at_ms)
                    for fact in facts
                    if fact.session
                )
                for session, some in (samples or {}).items():
                    self._append_samples(last, session, some)
        except sqlite3.Error as error:
            raise unwritable(self.path, error) from error
        self._last = last
        self.events += len(ids)
        self.sessions += new
        self._at_ms = max([self._at_ms, *(fact.at_ms for fact in facts)])
        self.write_mark()
        return ids

    def transaction(self) -> "_Transaction":
        """All that is done inside is kept when it ends, or nothing."""
        return _Transaction(self.db)

    def write_mark(self) -> None:
        """Notes how far was written; without it a loss is merely not seen."""
        with suppress(OSError):
            self._mark_file.write(self.mark)

    def count(self) -> None:
        """Counts sessions and events anew, once some were deleted."""
        self.sessions, self.events = (
            self.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("session", rows.EVENT)
        )

    def size_bytes(self) -> int:
        """Of the database and what is beside it."""
        return sum(_size(self.folder / f"{DATABASE}{suffix}") for suffix in BESIDE)

    def used_bytes(self) -> int:
        """Of the pages that hold something."""
        pages = self.db.execute("PRAGMA page_count").fetchone()[0]
        return int(pages) * schema.PAGE_BYTES - self.spare_bytes()

    def spare_bytes(self) -> int:
        """Of pages that hold nothing: they are used again before the file grows."""
        return int(self.db.execute("PRAGMA freelist_count").fetchone()[0]) * schema.PAGE_BYTES

    def keep_days(self, key: ChildKey) -> int | None:
        """How long a child's sessions are kept; None where nothing was set for it."""
        found = self.db.execute("SELECT sealed FROM child WHERE id = ?", (key.child,)).fetchone()
        return read_keep_days(key, found[0]) if found else None

    def set_keep_days(self, key: ChildKey, days: int) -> None:
        """Sets it.

        Raises:
            UnwritableLogError: it cannot be written.
        """
        sealed = seal(key.key, child_place(key), {"keep_days": days})
        try:
            with self.transaction():
                self.db.execute("INSERT OR REPLACE INTO child VALUES (?, ?)", (key.child, sealed))
        except sqlite3.Error as error:
            raise unwritable(self.path, error) from error

    def acknowledge(self, epoch: str, up_to: int) -> None:
        """The centre holds all of the outbox up to a number.

        Raises:
            UnwritableLogError: that cannot be written.
        """
        try:
            with self.transaction():
                self.outbox.acknowledge(epoch, up_to)
        except sqlite3.Error as error:
            raise unwritable(self.path, error) from error

    def close(self) -> None:
        """Puts everything into the database itself and lets go."""
        self._mark_file.close()
        self.db.close()
        self._lock.release()

    def _append_event(self, last: dict[str, int], key: ChildKey, fact: LogFact) -> int:
        last[rows.EVENT] += 1
        rows.put(self.db, rows.EVENT, rows.event_row(last[rows.EVENT], key, fact))
        self.outbox.put_event(last[rows.EVENT], fact)
        return last[rows.EVENT]

    def _append_samples(
        self, last: dict[str, int], session: str, samples: Sequence[LogSample]
    ) -> None:
        owner = self.db.execute("SELECT child FROM session WHERE id = ?", (session,)).fetchone()
        key = self.keys.of_child(owner[0]) if owner else None
        if key is None or key.code == CHAIR or not samples:
            return
        last[rows.SAMPLE] += 1
        rows.put(self.db, rows.SAMPLE, rows.sample_row(last[rows.SAMPLE], key, session, samples))
        self.outbox.put_samples(last[rows.SAMPLE], samples[0].at_ms)

    def _last_id(self, table: str) -> int:
        ids = self.db.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0
        sql = "SELECT max(last) FROM removed WHERE kind = ?"
        return int(max(ids, self.db.execute(sql, (table,)).fetchone()[0] or 0))


class _Transaction:
    """BEGIN IMMEDIATE to COMMIT, or ROLLBACK."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self._db.execute("COMMIT")
            except sqlite3.Error:
                self._roll_back()
                raise
        else:
            self._roll_back()

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")


def child_place(key: ChildKey) -> str:
    """What a child's own row is bound to."""
    return f"child|{key.child}"


def read_keep_days(key: ChildKey, sealed: bytes) -> int | None:
    """How long a child's sessions are kept.

    Raises:
        DamagedRowError: the row is damaged.
    """
    days = unseal(key.key, child_place(key), sealed).get("keep_days")
    return days if isinstance(days, int) else None


def unwritable(path: Path, error: sqlite3.Error) -> UnwritableLogError:
    """What it means that SQLite cannot write."""
    return UnwritableLogError(
        f"{path}: cannot be written ({error}): make room on its disk, and check that this user may"
        " write there; events wait in memory meanwhile"
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
