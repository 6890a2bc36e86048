"""Erased is erased: in the database, its write-ahead log, free pages, and every copy of before."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from calmloop.session_log import files
from calmloop.session_log.erasing import apply_retention, drop_asides, erase, finish_erasures
from calmloop.session_log.errors import LogError, UnknownRecordError
from calmloop.session_log.keys import CHAIR
from calmloop.session_log.records import LogFact
from tests.unit.session_log.log_rig import (
    NOW,
    NOW_MS,
    SECRET,
    copied,
    database,
    fill,
    note,
    open_log,
    reader,
    samples,
)

RIGA = ZoneInfo("Europe/Riga")


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def sealed_of(folder: Path, child: str) -> list[bytes]:
    store, _ = open_log(folder)
    found = [
        sealed
        for table in ("event", "sample")
        for (sealed,) in store.db.execute(f"SELECT sealed FROM {table} WHERE child = ?", (child,))
    ]
    store.close()
    return found


def test_no_byte_of_an_erased_child_is_left_in_any_file(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    store, _ = open_log(folder)
    fill(store, 60, "k7", "s1")
    fill(store, 60, "k8", "s2")
    store.append([note(SECRET, "k7")])
    key = store.keys.known("k7")
    store.close()
    rows = sealed_of(folder, key.child)
    assert len(rows) == 67
    before = all_bytes(folder)
    assert all(row[:40] in before for row in rows), "the search finds what is there"

    store, _ = open_log(folder)
    erased = erase(store, "k7")
    assert (erased.sessions, erased.events, erased.samples) == (1, 61, 6)
    data = all_bytes(folder)
    assert not [row for row in rows if row[:40] in data or row[-40:] in data]
    assert key.key not in data
    assert key.text() not in data
    assert b"k7" not in b"".join(path.name.encode() for path in folder.rglob("*"))
    assert key.child.encode() not in database(folder).read_bytes()
    assert [child.code for child in reader(store).children()] == ["k8"]
    assert len(list(reader(store).all_events())) == 60
    with pytest.raises(UnknownRecordError):
        erase(store, "k7")
    store.close()
    assert open_log(folder)[1].is_whole, "what is erased does not count as lost"


def test_a_copy_of_before_cannot_be_read_and_is_emptied_when_it_comes_back(
    tmp_path: Path,
) -> None:
    store, _ = open_log(tmp_path / "log")
    fill(store, 20)
    key = store.keys.known("k7")
    copy = copied(tmp_path / "log", tmp_path / "copy")
    erase(store, "k7")
    store.close()
    for path in (tmp_path / "log").glob("log.*"):
        path.unlink()
    for path in copy.glob("log.*"):
        path.rename(tmp_path / "log" / path.name)
    store, findings = open_log(tmp_path / "log")
    assert findings.is_whole
    assert list(reader(store).all_events()) == []
    assert finish_erasures(store) == 1
    assert (store.sessions, store.events) == (0, 0)
    with pytest.raises(LogError, match="was erased: its key is not taken back"):
        store.keys.put(key)
    store.close()


def test_an_erasure_that_is_cut_short_is_finished_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = open_log(tmp_path)
    fill(store, 20)
    with monkeypatch.context() as cut:
        cut.setattr(files, "destroy", lambda _path: (_ for _ in ()).throw(OSError(5, "I/O error")))
        with pytest.raises(LogError, match="restart the log, which tries again"):
            erase(store, "k7")
    store.close()
    store, _ = open_log(tmp_path)
    assert not list((tmp_path / "keys").glob("*.key"))
    assert finish_erasures(store) == 1
    assert store.events == 0
    store.close()


def test_the_same_code_begins_anew_with_another_key(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    fill(store, 3)
    before = store.keys.known("k7")
    erase(store, "k7")
    store.append([note("again", session="s2")])
    after = store.keys.known("k7")
    assert before.child != after.child
    assert before.key != after.key
    assert [event.text for event in reader(store).all_events()] == ["again"]
    store.close()


def at(moment: str, session: str) -> LogFact:
    return note("one", "k7", session, round(datetime.fromisoformat(moment).timestamp() * 1000))


def test_sessions_are_kept_for_whole_local_days(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    store.append([at("2026-04-29T23:59:00+03:00", "a")])
    store.append([at("2026-04-30T00:01:00+03:00", "b")])
    store.append([note("today", session="c")], {"c": samples()})
    assert apply_retention(store, 1, NOW, RIGA) == 1
    kept = [session.id for session in reader(store).sessions("k7", None, 10)]
    assert kept == ["c", "b"]
    assert apply_retention(store, 1, NOW, RIGA) == 0
    assert apply_retention(store, 1, NOW + timedelta(days=1), RIGA) == 1
    assert [s.id for s in reader(store).sessions("k7", None, 10)] == ["c"]
    store.close()
    assert open_log(tmp_path)[1].is_whole


def test_each_child_may_have_days_of_its_own(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    old = round(datetime(2026, 4, 1, tzinfo=UTC).timestamp() * 1000)
    store.append([note("k7", "k7", "a", old), note("k8", "k8", "b", old)])
    store.append([note("a stop", CHAIR, "", old), note("a consent", "k8", "", old)])
    store.set_keep_days(store.keys.known("k8"), 60)
    assert apply_retention(store, 20, NOW, RIGA) == 1
    assert [(c.code, c.sessions, c.keep_days) for c in reader(store).children()] == [
        ("k7", 0, 365),
        ("k8", 1, 60),
    ]
    assert [event.text for event in reader(store).all_events()] == ["k8", "a consent"]
    assert reader(store).sessions("k8", NOW_MS, 5)[0].events == 1
    store.close()


def test_a_session_of_before_the_clock_was_set_is_as_old_as_what_came_next(
    tmp_path: Path,
) -> None:
    store, _ = open_log(tmp_path)
    store.append([at("1970-01-01T00:05:00+00:00", "a"), note("a stop", CHAIR, "", 300_000)])
    assert apply_retention(store, 30, NOW, RIGA) == 0, "nobody knows yet how old it is"
    store.append([at("2026-04-20T12:00:00+03:00", "b")])
    assert apply_retention(store, 30, NOW, RIGA) == 0
    assert store.events == 3
    assert apply_retention(store, 5, NOW, RIGA) == 2
    assert store.events == 0
    store.close()


def test_what_was_put_aside_is_deleted_after_thirty_days_at_most(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    for name, days in (("damaged-a", 29), ("damaged-b", 31), ("replaced-c", 31)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "log.db").touch()
        held_s = NOW.timestamp() - days * 86_400
        os.utime(tmp_path / name, (held_s, held_s))
    assert drop_asides(store, 365, NOW) == 2
    assert [path.name for path in tmp_path.glob("*-*") if path.is_dir()] == ["damaged-a"]
    assert drop_asides(store, 7, NOW) == 1
    store.close()
