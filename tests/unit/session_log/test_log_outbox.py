"""What waits for the centre: numbered without a gap, gone once it is acknowledged."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from calmloop.contract.messages.fleet import FleetBatch, FleetItem, FleetItemKind
from calmloop.session_log.erasing import erase
from calmloop.session_log.errors import LogError
from calmloop.session_log.outbox import OutboxRules, begin_epoch, state_of
from calmloop.session_log.outbox_reading import OutboxReader
from calmloop.session_log.records import LogEventKind, LogFact
from calmloop.session_log.store import LogStore
from tests.unit.session_log.log_rig import NOW_MS, SECRET, note, open_log, reader, samples

ALLOWED = OutboxRules(events=True, max_waiting=1000)
KILLS = 3


def open_allowed(folder: Path, rules: OutboxRules = ALLOWED) -> LogStore:
    store, findings = open_log(folder)
    assert findings.is_whole
    store.outbox.allow(rules)
    return store


def phase(number: int, child: str = "k7", session: str = "s1") -> LogFact:
    return LogFact(
        kind=LogEventKind.PHASE,
        text=SECRET,
        by="anna",
        data={"phase": "running", "minutes_left": float(number), "words": SECRET},
        at_ms=NOW_MS + number,
        child=child,
        session=session,
    )


def batch_of(store: LogStore, rules: OutboxRules = ALLOWED) -> FleetBatch | None:
    return OutboxReader(reader(store), store.keys, rules.samples).batch()


def items_of(store: LogStore, rules: OutboxRules = ALLOWED) -> tuple[FleetItem, ...]:
    batch = batch_of(store, rules)
    return batch.items if batch else ()


def acknowledge(store: LogStore, up_to: int) -> None:
    store.acknowledge(state_of(store.db).epoch, up_to)


def test_nothing_waits_unless_it_is_allowed(tmp_path: Path) -> None:
    store, _ = open_log(tmp_path)
    store.append([phase(1)], {"s1": samples()})
    assert batch_of(store) is None
    assert state_of(store.db).last == 0
    store.close()


def test_each_event_that_leaves_has_the_next_number_and_what_stays_has_none(tmp_path: Path) -> None:
    store = open_allowed(tmp_path)
    store.append([phase(1), note(SECRET), phase(2)])
    store.append([phase(3)], {"s1": samples()})
    items = items_of(store)
    assert [(item.seq, item.data["minutes_left"]) for item in items] == [(1, 1), (2, 2), (3, 3)]
    assert {item.what for item in items} == {"phase"}
    store.close()


def test_no_word_no_name_and_no_code_leaves(tmp_path: Path) -> None:
    store = open_allowed(tmp_path)
    store.append([phase(1, child="annas-boy")])
    batch = batch_of(store)
    assert batch is not None
    said = batch.model_dump_json()
    assert not any(word in said for word in (SECRET, "anna", "annas-boy"))
    assert batch.items[0].child == store.keys.known("annas-boy").child
    store.close()


def test_a_session_that_ended_leaves_in_short(tmp_path: Path) -> None:
    store = open_allowed(tmp_path)
    started = LogFact(
        kind=LogEventKind.SESSION_STARTED,
        data={"mode": "adaptive", "scenario": "near-a-heart", "minutes": 10.0},
        at_ms=NOW_MS,
        child="k7",
        session="s1",
    )
    ended = started.model_copy(
        update={"kind": LogEventKind.SESSION_ENDED, "data": {"minutes": 9.5}, "text": SECRET}
    )
    store.append([started, note("slept"), ended])
    *_, summary = items_of(store)
    assert summary.kind is FleetItemKind.SUMMARY
    assert (summary.session, summary.data["minutes"]) == ("s1", 9.5)
    assert summary.data["scenario"] == "near-a-heart"
    assert SECRET not in summary.model_dump_json()
    store.close()


def test_samples_leave_only_if_that_is_allowed_too(tmp_path: Path) -> None:
    rules = OutboxRules(events=True, samples=True, max_waiting=100)
    store = open_allowed(tmp_path, rules)
    store.append([phase(1)], {"s1": samples()})
    assert [item.kind for item in items_of(store, rules)] == ["event", "samples"]
    assert len(items_of(store, rules)[1].data["samples"]) == 10
    assert [item.kind for item in items_of(store)] == ["event", "withheld"]
    store.close()


def test_what_is_acknowledged_waits_no_more_and_the_rest_does(tmp_path: Path) -> None:
    store = open_allowed(tmp_path)
    store.append([phase(n) for n in range(1, 6)])
    acknowledge(store, 3)
    acknowledge(store, 2)
    store.acknowledge("0" * 16, 5)
    store.close()
    store = open_allowed(tmp_path)
    assert [item.seq for item in items_of(store)] == [4, 5]
    assert len(list(reader(store).all_events())) == 5
    store.close()


def test_the_oldest_give_way_beyond_the_bound_and_the_centre_is_told(tmp_path: Path) -> None:
    store = open_allowed(tmp_path, OutboxRules(events=True, max_waiting=3))
    store.append([phase(n) for n in range(1, 11)])
    gap, *items = items_of(store)
    assert (gap.kind, gap.seq, gap.last) == (FleetItemKind.GAP, 1, 7)
    assert [item.seq for item in items] == [8, 9, 10]
    store.close()


def test_what_waited_while_it_was_turned_off_is_a_gap(tmp_path: Path) -> None:
    store = open_allowed(tmp_path)
    store.append([phase(1), phase(2)])
    store.close()
    open_allowed(tmp_path, OutboxRules()).close()
    store = open_allowed(tmp_path)
    (gap,) = items_of(store)
    assert (gap.seq, gap.last) == (1, 2)
    store.append([phase(3)])
    assert [item.end for item in items_of(store)] == [2, 3]
    store.close()


def test_an_erased_child_is_withheld_and_the_centre_is_told_to_erase_it(tmp_path: Path) -> None:
    store = open_allowed(tmp_path)
    store.append([phase(1), phase(2, "k8", "s2")])
    number = store.keys.known("k7").child
    erase(store, "k7")
    withheld, other, erased = items_of(store)
    assert (withheld.kind, withheld.child) == (FleetItemKind.WITHHELD, "")
    assert other.data == {"phase": "running", "minutes_left": 2}
    assert (erased.kind, erased.child) == (FleetItemKind.ERASED, number)
    store.close()


def test_a_log_that_was_brought_back_begins_its_numbers_anew(tmp_path: Path) -> None:
    store = open_allowed(tmp_path)
    store.append([phase(1), phase(2)])
    before = state_of(store.db)
    acknowledge(store, 7)
    assert state_of(store.db).epoch != before.epoch
    store.append([phase(3)])
    assert [item.seq for item in items_of(store)] == [1]
    begin_epoch(store.db)
    assert batch_of(store) is None
    store.close()


def test_an_event_that_is_not_kept_uses_no_number(tmp_path: Path) -> None:
    store = open_allowed(tmp_path)
    store.db.execute(
        "CREATE TRIGGER full BEFORE INSERT ON event WHEN new.id = 2"
        " BEGIN SELECT raise(ABORT, 'no room'); END"
    )
    with pytest.raises(LogError, match="make room"):
        store.append([phase(1), phase(2)])
    store.db.execute("DROP TRIGGER full")
    store.append([phase(3)])
    assert [(i.seq, i.data["minutes_left"]) for i in items_of(store)] == [(1, 3)]
    store.close()


WRITES_UNTIL_KILLED = """
import sys
from pathlib import Path
from tests.unit.session_log.test_log_outbox import open_allowed, phase

store = open_allowed(Path(sys.argv[1]))
number = store.mark.event
while True:
    number += 2
    print(*store.append([phase(number - 1), phase(number)]), flush=True)
"""


def test_a_log_killed_at_any_moment_has_a_number_for_each_event_that_it_holds(
    tmp_path: Path,
) -> None:
    told = 0
    for turn in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITES_UNTIL_KILLED, str(tmp_path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            for _ in range(5 + turn):
                told = int(writer.stdout.readline().split()[1])
            writer.kill()
    store = open_allowed(tmp_path)
    with sqlite3.connect(store.path) as db:
        held = [i for (i,) in db.execute("SELECT id FROM event ORDER BY id")]
        waiting = db.execute("SELECT seq, ref FROM outbox ORDER BY seq").fetchall()
    assert len(held) >= told
    assert waiting == [(i, str(i)) for i in range(1, len(held) + 1)]
    store.close()
