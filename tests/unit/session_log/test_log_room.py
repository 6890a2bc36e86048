"""When there is no more room: the oldest samples go first, events never."""

from pathlib import Path

import pytest
import structlog

from calmloop.contract.messages.log import SampleKeeping
from calmloop.session_log.errors import UnwritableLogError
from calmloop.session_log.room import RESERVE, hold_reserve, keeping, make_room
from calmloop.session_log.store import LogStore
from calmloop.session_log.writer import LogWriter
from tests.unit.session_log.log_rig import NOW_MS, note, open_log, reader, samples

BATCHES = 300


def sampled(folder: Path, sessions: int = 2) -> LogStore:
    """A log of which most is samples, the older session first."""
    store, _ = open_log(folder)
    for number in range(sessions):
        name = f"s{number}"
        for batch in range(BATCHES):
            some = samples(at_ms=NOW_MS + 5000 * batch)
            store.append([note(f"{name} {batch}", session=name)], {name: some})
    return store


def counts(store: LogStore) -> list[int]:
    return [len(reader(store).samples(f"s{n}", 0, 1 << 40)[0]) for n in range(2)]


def test_the_oldest_samples_are_thinned_to_every_tenth_then_deleted(tmp_path: Path) -> None:
    store = sampled(tmp_path)
    whole = 10 * BATCHES
    assert counts(store) == [whole, whole]
    seen = []
    while make_room(store):
        seen.append(counts(store))
    assert seen[0] == [whole - 200 * 9, whole]
    assert seen[2] == [BATCHES, BATCHES]
    assert seen[-1] == [0, 0]
    assert [first + second for first, second in seen] == sorted(
        (first + second for first, second in seen), reverse=True
    )
    assert keeping(store) is SampleKeeping.THINNED
    assert len(list(reader(store).all_events())) == store.events == 2 * BATCHES
    store.close()
    store, findings = open_log(tmp_path)
    assert findings.is_whole, "what was deleted for room does not count as lost"
    store.close()


def test_a_database_that_is_full_takes_events_in_the_place_of_old_samples(tmp_path: Path) -> None:
    store = sampled(tmp_path)
    (pages,) = store.db.execute("PRAGMA page_count").fetchone()
    store.db.execute(f"PRAGMA max_page_count={pages}")
    writer = LogWriter(lambda: store, make_room, structlog.get_logger())
    writer.start()
    kept = [writer.enter([note("x" * 1500, session="s1")]) for _ in range(400)]
    ids = [row for future in kept for row in future.result(30)]
    assert ids == list(range(2 * BATCHES + 1, 2 * BATCHES + 401))
    assert writer.ask(counts).result(30)[0] < 10 * BATCHES
    assert writer.trouble == ""
    writer.close(10)
    store, findings = open_log(tmp_path)
    assert findings.is_whole
    assert store.events == 2 * BATCHES + 400
    store.close()


def test_what_cannot_be_written_waits_and_an_entry_is_told_so(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    store.append([note("one")])
    store.db.execute("PRAGMA query_only=ON")
    writer = LogWriter(lambda: store, lambda _store: False, structlog.get_logger())
    writer.start()
    writer.hear([note("two")])
    with pytest.raises(UnwritableLogError, match="make room on its disk"):
        writer.enter([note("three")]).result(10)
    assert "events wait in memory" in writer.trouble
    assert writer.unkept == 1
    writer.ask(lambda log: log.db.execute("PRAGMA query_only=OFF")).result(10)
    assert writer.enter([note("four")]).result(10) == [3]
    assert (writer.trouble, writer.unkept) == ("", 0)
    writer.close(10)
    store, _ = open_log(tmp_path)
    assert [event.text for event in reader(store).all_events()] == ["one", "two", "four"]
    store.close()


def test_some_room_is_kept_for_thinning_and_given_back(tmp_path: Path) -> None:
    store = sampled(tmp_path, 1)
    hold_reserve(store)
    assert (tmp_path / RESERVE).stat().st_blocks > 0
    make_room(store)
    assert not (tmp_path / RESERVE).exists()
    store.close()
