"""What is kept is read again; nothing of it stands in plain in the files."""

import sqlite3
from pathlib import Path

import pytest

from calmloop.session_log import schema
from calmloop.session_log.errors import LogError, UnknownRecordError
from calmloop.session_log.keys import CHAIR
from calmloop.session_log.records import LogEventKind
from tests.unit.session_log.log_rig import (
    NOW_MS,
    SECRET,
    database,
    fill,
    note,
    open_log,
    reader,
    samples,
    wal,
)


def test_events_and_samples_are_read_again_in_their_order(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    ids = store.append([note("one"), note("two", by_hand=True)], {"s1": samples()})
    events, unreadable, more = reader(store).session_events("s1", 0, 10)
    assert ([e.id for e in events], unreadable, more) == (ids, 0, None)
    assert [(e.text, e.child, e.session, e.at) for e in events] == [
        ("one", "k7", "s1", "2026-05-01T12:00:00.000Z"),
        ("two", "k7", "s1", "2026-05-01T12:00:00.000Z"),
    ]
    kept, _, _ = reader(store).samples("s1", NOW_MS, 100)
    assert kept == samples()[1:]
    assert (store.sessions, store.events) == (1, 2)
    store.close()


def test_a_page_says_where_the_next_begins(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    fill(store, 25)
    found, after = [], 0
    while True:
        events, _, more = reader(store).session_events("s1", after, 10)
        found += [event.id for event in events]
        if more is None:
            break
        after = more
    assert found == list(range(1, 26))
    store.close()


def test_nothing_of_a_child_stands_in_plain_in_the_database(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    store.append([note(SECRET, "anna-b", by="a caregiver")], {"s1": samples()})
    data = database(tmp_path).read_bytes() + wal(tmp_path).read_bytes()
    for plain in (SECRET, "tram", "anna-b", "caregiver", "neutral", "level_pct"):
        assert plain.encode() not in data
    store.close()


def test_keys_and_database_are_this_users_alone(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path / "log")
    store.append([note("one")])
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "log" / "keys").iterdir()}
    modes |= {path.stat().st_mode & 0o777 for path in (tmp_path / "log").glob("log.*")}
    assert modes == {0o600}
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o700
    store.close()


def test_what_happens_outside_a_session_is_the_chairs(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    store.append([note("the door was open", CHAIR, "")])
    (event,), _, _ = reader(store).events(CHAIR, (), 0, 10)
    assert (event.text, event.child) == ("the door was open", "")
    assert reader(store).children() == []
    assert reader(store).sessions(None, None, 10) == []
    store.close()


def test_what_is_not_there_is_said_to_be_not_there(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    store.append([note("one")])
    with pytest.raises(UnknownRecordError, match="child 'k8': nothing is kept of it: there is k7"):
        reader(store).events("k8", (), 0, 10)
    with pytest.raises(UnknownRecordError, match="session 's9': there is none"):
        reader(store).session("s9")
    with pytest.raises(LogError, match="a code has 1 to 40"):
        store.keys.make("Anna Berg")
    store.close()


def test_a_kind_alone_is_read(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    rated = note("").model_copy(update={"kind": LogEventKind.RATING, "data": {"value": 4}})
    store.append([note("one"), rated])
    (event,), _, _ = reader(store).events("k7", [LogEventKind.RATING], 0, 10)
    assert event.data == {"value": 4}
    store.close()


def test_a_log_of_version_1_is_taken_to_the_newest_with_all_that_it_holds(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    store.append([note("of before")], {"s1": samples()})
    store.db.execute("ALTER TABLE sample DROP COLUMN thinned")
    store.db.executescript("DROP TABLE outbox; DROP TABLE outbox_state")
    store.db.execute("PRAGMA user_version=1")
    store.close()
    store, findings = open_log(tmp_path)
    assert findings.is_whole
    assert store.db.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    assert [event.text for event in reader(store).all_events()] == ["of before"]
    assert len(reader(store).samples("s1", 0, 100)[0]) == 10
    store.close()


def test_each_version_is_made_from_the_one_before(tmp_path: Path) -> None:
    db = schema.connect(tmp_path / "log.db")
    for version in range(1, schema.VERSION + 1):
        assert schema.migrate(db, version) == version - 1
    columns = [row[1] for row in db.execute("PRAGMA table_info(sample)")]
    assert "thinned" in columns
    db.close()


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    full = 2
    assert store.db.execute("PRAGMA synchronous").fetchone() == (full,)
    assert store.db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store.db.execute("PRAGMA secure_delete").fetchone() == (1,)
    store.close()


def test_a_row_moved_to_another_place_is_refused(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    store.append([note("one"), note("two")])
    store.db.execute("UPDATE event SET at_ms = at_ms + 1 WHERE id = 2")
    events, unreadable, _ = reader(store).session_events("s1", 0, 10)
    assert ([e.text for e in events], unreadable) == (["one"], 1)
    store.close()


def test_nothing_is_kept_of_events_of_which_one_cannot_be(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    store.append([note("one")])
    store.db.execute(
        "CREATE TRIGGER full BEFORE INSERT ON event WHEN new.id = 3"
        " BEGIN SELECT raise(ABORT, 'no room'); END"
    )
    with pytest.raises(LogError, match="make room"):
        store.append([note("two"), note("three")])
    store.db.execute("DROP TRIGGER full")
    assert store.append([note("four")]) == [2]
    assert sqlite3.connect(database(tmp_path)).execute("SELECT count(*) FROM event").fetchone() == (
        2,
    )
    store.close()
