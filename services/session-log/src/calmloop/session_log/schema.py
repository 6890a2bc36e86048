"""The tables, and the way from each version to the next.

In plain there are numbers at random, times and sizes; all else is sealed. An id is never used
twice; one that is not there and not in `removed` was lost.
"""

import sqlite3
from pathlib import Path

from calmloop.session_log.errors import LogError
from calmloop.session_log.outbox import TABLES

PAGE_BYTES = 4096
BUSY_MS = 5000
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE child (id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE session (
        id TEXT PRIMARY KEY, child TEXT NOT NULL, began_ms INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX session_by_time ON session (child, began_ms);
    CREATE TABLE event (
        id INTEGER PRIMARY KEY AUTOINCREMENT, child TEXT NOT NULL, session TEXT NOT NULL,
        at_ms INTEGER NOT NULL, sealed BLOB NOT NULL
    ) STRICT;
    CREATE INDEX event_by_session ON event (child, session, id);
    CREATE TABLE sample (
        id INTEGER PRIMARY KEY AUTOINCREMENT, child TEXT NOT NULL, session TEXT NOT NULL,
        at_ms INTEGER NOT NULL, sealed BLOB NOT NULL
    ) STRICT;
    CREATE INDEX sample_by_session ON sample (child, session, id);
    CREATE TABLE removed (
        kind TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
        PRIMARY KEY (kind, first)
    ) STRICT;
    """,
    # Samples are thinned where the disk fills up: 0 is all, 1 every tenth.
    "ALTER TABLE sample ADD COLUMN thinned INTEGER NOT NULL DEFAULT 0;",
    # From here on rows are packed with a dictionary, which a program from before does not have.
    "SELECT 1;",
    TABLES,
)
VERSION = len(MIGRATIONS)


def connect(path: Path) -> sqlite3.Connection:
    """A connection that writes: each commit is on the disk when it returns.

    Raises:
        sqlite3.Error: it is damaged, or cannot be opened.
        OSError: it cannot be made.
    """
    if not path.exists():
        path.touch(mode=0o600)  # what SQLite makes beside it has the same mode
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        db.execute(f"PRAGMA page_size={PAGE_BYTES}")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA secure_delete=ON")
        db.execute("PRAGMA cache_size=-2000")
    except sqlite3.Error:
        db.close()
        raise
    return db


def migrate(db: sqlite3.Connection, to: int = VERSION) -> int:
    """Takes the tables to version `to`; returns the version before.

    Raises:
        LogError: they are of a newer version than this program knows.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise LogError(
            f"the log has version {version}, and this program knows {VERSION} at most: install the"
            " newer program again, or restore a backup of before"
        )
    for number in range(version, to):
        db.executescript(f"BEGIN; {MIGRATIONS[number]} PRAGMA user_version={number + 1}; COMMIT;")
    return int(version)
