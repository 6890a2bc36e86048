"""Opens the log: makes it where there is none, and looks at what is there."""

import sqlite3
from pathlib import Path

from calmloop.session_log import files, schema
from calmloop.session_log.errors import UnwritableLogError
from calmloop.session_log.keys import KeyRing
from calmloop.session_log.mark import MarkFile
from calmloop.session_log.store import DATABASE, MARK, LogStore


def open_store(folder: Path, keys: KeyRing) -> LogStore:
    """The log of a folder, ready to be written.

    Raises:
        UnwritableLogError: it cannot be made or written there.
        LogError: it is of a newer program.
    """
    try:
        files.make_folder(folder)
        mark = MarkFile(folder / MARK).read()
        db = schema.connect(folder / DATABASE)
        schema.migrate(db)
    except (OSError, sqlite3.Error) as error:
        raise UnwritableLogError(
            f"{folder / DATABASE}: cannot be opened ({error}): check the disk, and that this user"
            " may write to session_log.data_dir"
        ) from error
    return LogStore(folder, keys, db, mark)
