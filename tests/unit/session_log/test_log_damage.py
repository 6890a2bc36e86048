"""What becomes of a damaged log: whole rows are there again, what is lost is named."""

import random
import sqlite3
from pathlib import Path

import pytest

from calmloop.session_log.checking import Findings
from calmloop.session_log.keys import KeyRing
from calmloop.session_log.losses import find_losses
from calmloop.session_log.recovery import ASIDE
from calmloop.session_log.store import KEYS, LogStore
from tests.unit.session_log.log_rig import (
    copied,
    database,
    fill,
    open_log,
    reader,
    wal,
)

EVENTS = 120
SESSION_BYTES = b"s1"
LEAF = 0x0D
"""The kind of a page that holds rows: https://www.sqlite.org/fileformat2.html, section 1.6."""
FLIPS = [12, pytest.param(100, marks=pytest.mark.slow)]
CUTS = [6, pytest.param(50, marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of which a part is in the database, and a part in the write-ahead log alone."""
    folder = tmp_path_factory.mktemp("written")
    store, _ = open_log(folder)
    fill(store, EVENTS // 2)
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    fill(store, EVENTS - EVENTS // 2)
    copy = copied(folder, folder / "copy")
    store.close()
    return copy


@pytest.fixture
def closed(written: Path, tmp_path: Path) -> Path:
    """The same once it was closed: all of it is in the database."""
    folder = copied(written, tmp_path / "closed")
    open_log(folder)[0].close()
    assert not wal(folder).exists()
    return folder


def ids_of(store: LogStore) -> set[int]:
    return {event.id for event in reader(store).all_events() if event.kind == "note"}


def lost_ids(findings: Findings, table: str = "event") -> set[int]:
    losses = [loss for loss in findings.losses if loss.table == table]
    return {i for loss in losses for i in range(loss.first, loss.last + 1)}


def assert_all_is_there_or_named(folder: Path) -> Findings:
    """Opens it: each event is readable or named as lost, and it can be written."""
    store, findings = open_log(folder)
    try:
        there = ids_of(store)
        assert there | lost_ids(findings) == set(range(1, EVENTS + 1))
        assert not there & lost_ids(findings)
        assert fill(store, 1) == [EVENTS + 1]
    finally:
        store.close()
    again, after = open_log(folder)
    again.close()
    assert after.is_whole, "what was lost is told once"
    return findings


def test_a_log_that_is_whole_is_opened_as_it_is(written: Path, tmp_path: Path) -> None:
    findings = assert_all_is_there_or_named(copied(written, tmp_path / "log"))
    assert findings.is_whole
    assert not findings.texts
    assert not list((tmp_path / "log").glob(f"{ASIDE}*"))


@pytest.mark.parametrize("tries", FLIPS)
def test_bits_that_flip_cost_their_own_rows_alone(
    written: Path, tmp_path: Path, tries: int
) -> None:
    rng = random.Random(13)
    detected = 0
    for number in range(tries):
        folder = copied(written, tmp_path / f"{number}")
        path = rng.choice((database(folder), wal(folder)))
        data = bytearray(path.read_bytes())
        bit = rng.randrange(8 * len(data))
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(bytes(data))
        findings = assert_all_is_there_or_named(folder)
        detected += not findings.is_whole
        assert len(lost_ids(findings)) <= 2, f"{path.name}: bit {bit}: {findings.texts}"
        assert bool(findings.aside) != findings.is_whole
    assert detected >= tries // 3, "the other bits are of what was overwritten, or of no page"


@pytest.mark.parametrize("tries", CUTS)
def test_a_write_ahead_log_that_is_cut_short_names_what_was_in_the_rest(
    written: Path, tmp_path: Path, tries: int
) -> None:
    rng = random.Random(31)
    for number in range(tries):
        folder = copied(written, tmp_path / f"{number}")
        size = wal(folder).stat().st_size
        cut = rng.randrange(size)
        with wal(folder).open("r+b") as file:
            file.truncate(cut)
        findings = assert_all_is_there_or_named(folder)
        lost = lost_ids(findings)
        assert lost == set(range(EVENTS - len(lost) + 1, EVENTS + 1)), "the newest are lost"
        assert len(lost) <= EVENTS // 2
        if cut < size // 2:
            assert lost
            assert f"event {EVENTS}" in findings.texts[0] or f"to {EVENTS}" in findings.texts[0]


def test_a_database_whose_head_is_gone_is_made_anew_from_its_pages(closed: Path) -> None:
    data = bytearray(database(closed).read_bytes())
    data[:4096] = bytes(4096)
    database(closed).write_bytes(bytes(data))
    findings = assert_all_is_there_or_named(closed)
    assert not lost_ids(findings)
    assert findings.damage
    assert findings.aside
    assert database(findings.aside).read_bytes() == bytes(data)


def test_a_page_that_is_overwritten_is_named_with_the_time(closed: Path) -> None:
    data = bytearray(database(closed).read_bytes())
    leaves = [at for at in range(4096, len(data), 4096) if data[at] == LEAF]
    page = max(leaves[:-1], key=lambda at: data[at : at + 4096].count(SESSION_BYTES))
    data[page : page + 4096] = b"\xff" * 4096
    database(closed).write_bytes(bytes(data))
    findings = assert_all_is_there_or_named(closed)
    assert findings.damage
    lost = [loss for loss in findings.losses if loss.table == "event"]
    assert len(lost) == 1
    assert 2 <= lost[0].last - lost[0].first + 1 <= 40
    assert f"events {lost[0].first} to {lost[0].last}, between" in findings.texts[0]
    assert "2026-05-01T12:0" in findings.texts[0]


def test_a_database_that_is_gone_is_said_to_be_gone(written: Path, tmp_path: Path) -> None:
    folder = copied(written, tmp_path / "log")
    database(folder).unlink()
    wal(folder).unlink()
    store, findings = open_log(folder)
    assert lost_ids(findings) == set(range(1, EVENTS + 1))
    assert findings.damage == "log.db is gone"
    assert fill(store, 1) == [EVENTS + 1], "an id is never used twice"
    store.close()


def test_rows_whose_key_is_not_here_are_kept_and_readable_once_it_is_back(
    written: Path, tmp_path: Path
) -> None:
    folder = copied(written, tmp_path / "log")
    key = folder / KEYS / "k7.key"
    text = key.read_bytes()
    key.unlink()
    store, findings = open_log(folder)
    assert findings.is_whole
    assert findings.unreadable == EVENTS + EVENTS // 10
    assert "bring a copy of the keys" in findings.texts[0]
    assert not ids_of(store)
    store.close()
    key.write_bytes(text)
    store, findings = open_log(folder)
    assert not findings.texts
    assert len(ids_of(store)) == EVENTS
    store.close()


def test_a_key_that_is_damaged_is_refused_and_named(written: Path, tmp_path: Path) -> None:
    folder = copied(written, tmp_path / "log")
    key = folder / KEYS / "k7.key"
    data = bytearray(key.read_bytes())
    data[40] ^= 1
    key.write_bytes(bytes(data))
    ring = KeyRing(folder / KEYS)
    assert ring.find("k7") is None
    assert "k7.key: the key is damaged: restore it" in ring.trouble[0]


def test_what_is_lost_beside_what_was_removed_is_named_by_itself(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    fill(store, 9)
    store.db.execute("INSERT INTO removed VALUES ('event', 4, 5)")
    store.db.execute("DELETE FROM event WHERE id BETWEEN 2 AND 6 OR id = 9")
    losses = find_losses(store.db, store.mark)
    assert [(loss.first, loss.last) for loss in losses] == [(2, 3), (6, 6), (9, 9)]
    assert [loss.before_ms is None for loss in losses] == [False, False, True]
    store.close()


def test_a_newer_log_is_not_touched(written: Path, tmp_path: Path) -> None:
    folder = copied(written, tmp_path / "log")
    db = sqlite3.connect(database(folder))
    db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(Exception, match="install the newer program again"):
        open_log(folder)
