"""A log in a folder of a test's own, without a service around it."""

from datetime import UTC, datetime
from pathlib import Path

from calmloop.session_log.checking import Findings, open_store
from calmloop.session_log.keys import KeyRing
from calmloop.session_log.reading import LogReader
from calmloop.session_log.records import LogEventKind, LogFact, LogSample
from calmloop.session_log.store import DATABASE, KEYS, LogStore

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
SECRET = "it held the tram conductor's hand"


def open_log(folder: Path) -> tuple[LogStore, Findings]:
    """The log of a folder, and what was found when it was opened."""
    return open_store(folder, KeyRing(folder / KEYS), lambda: NOW)


def reader(store: LogStore) -> LogReader:
    return LogReader(store.path, store.keys, 365)


def note(
    text: str, child: str = "k7", session: str = "s1", at_ms: int = NOW_MS, **data: object
) -> LogFact:
    return LogFact(
        kind=LogEventKind.NOTE, text=text, child=child, session=session, at_ms=at_ms, data=data
    )


def samples(count: int = 10, at_ms: int = NOW_MS) -> list[LogSample]:
    return [
        LogSample(at_ms=at_ms + 500 * i, level_pct=20.0 + i, emotion="neutral", coverage=0.9)
        for i in range(count)
    ]


def fill(store: LogStore, events: int, child: str = "k7", session: str = "s1") -> list[int]:
    """So many events, each with its number, and a row of samples after every tenth."""
    ids = []
    for number in range(events):
        some = {session: samples(at_ms=NOW_MS + 5000 * number)} if number % 10 == 9 else {}
        fact = note(f"number {number}", child, session, NOW_MS + 1000 * number, pad="x" * 200)
        ids += store.append([fact], some)
    return ids


def copied(folder: Path, to: Path) -> Path:
    """The log's files as they are on the disk now, as after a power cut."""
    to.mkdir()
    (to / KEYS).mkdir()
    for path in (*folder.glob("log.*"), *(folder / KEYS).iterdir()):
        if not path.name.endswith("-shm"):
            (to / path.relative_to(folder)).write_bytes(path.read_bytes())
    return to


def database(folder: Path) -> Path:
    return folder / DATABASE


def wal(folder: Path) -> Path:
    return folder / f"{DATABASE}-wal"
