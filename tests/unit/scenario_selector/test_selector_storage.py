"""Files that are damaged, disks that are full: nothing is lost in silence, nothing starts blind."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calmloop.contract.messages.session import Phase, SessionAction
from calmloop.scenario_selector.ledger import Ledger
from calmloop.scenario_selector.profiles import RecordError
from calmloop.scenario_selector.records import Folder
from tests.unit.scenario_selector.harness import ALL_TICKED, NEUTRAL, Harness

DAMAGED = [
    b"",
    b"{",
    b"\xff\x00",
    b"[]",
    b'{"experience": {"ocean-waves": {"sessions": 3, "reward": Infinity}}}',
    b'{"experience": {"ocean-waves": {"sessions": 3, "reward": NaN}}}',
    b'{"experience": {"ocean-waves": {"sessions": 3, "reward": 1e300}}}',
    b'{"experience": {"ocean-waves": {"sessions": 3, "reward": 3.1}}}',
    b'{"experience": {"ocean-waves": {"sessions": 3, "reward": -1}}}',
    b'{"experience": {"ocean-waves": {"sessions": 1e18, "reward": 1e18}}}',
    b'{"experience": ' + b'{"a": ' * 5000,
]
IDS = [repr(data[-24:]) for data in DAMAGED]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may get longer than nothing, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def learn_once(harness: Harness) -> None:
    harness.start_running(scenario="ocean-waves", minutes=5)
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6)
    harness.expect(Phase.IDLE)


# --- damaged files --------------------------------------------------------------------------


@pytest.mark.parametrize("data", DAMAGED, ids=IDS)
def test_damaged_learning_is_begun_anew_and_said(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "learned").mkdir()
    (tmp_path / "learned" / "default.json").write_bytes(data)
    harness = Harness(tmp_path)
    harness.must_start()
    assert "what was learned of 'default' is lost" in harness.state.trouble
    assert all(entry.sessions == 0 for entry in harness.state.scores)
    assert (tmp_path / "learned" / "default.json.damaged").read_bytes() == data


def test_damaged_learning_is_taken_from_its_copy(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    learn_once(harness)
    learn_once(harness)
    learned = tmp_path / "learned" / "default.json"
    learned.write_text(learned.read_text().replace('"arrival": 0.0', '"arrival": NaN'))
    again = Harness(tmp_path)
    again.must_start()
    assert "taken from its copy" in again.state.trouble
    assert {e.scenario: e.sessions for e in again.state.scores}["ocean-waves"] == 1
    again.command(SessionAction.FINISH)
    again.show(NEUTRAL, 6)
    again.records.write_what_is_left()
    assert "taken from its copy" in again.state.trouble
    assert again.start() is None
    assert again.state.trouble == ""


def test_a_damaged_dose_is_taken_from_its_copy_and_stays_counted(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    learn_once(harness)
    given = harness.state.minutes_today
    (tmp_path / "dose" / "default.json").write_bytes(b"")
    again = Harness(tmp_path)
    again.must_start()
    assert again.state.minutes_today == pytest.approx(given, abs=11 / 60)
    assert "taken from its copy" in again.state.trouble
    saved = json.loads((tmp_path / "dose" / "default.json").read_text())
    assert saved["days"]["1970-01-01"]["sessions"] == 2


@pytest.mark.parametrize(
    "dose",
    [
        '{"days": {"1970-01-01": {"minutes": NaN}}}',
        '{"days": {"1970-01-01": {"minutes": -40}}}',
        '{"days": {"today": {"minutes": 1}}}',
        '{"days": {"1970-01-01": {"vibration_pct_minutes": Infinity}}}',
    ],
)
def test_a_dose_that_is_no_number_starts_nothing(tmp_path: Path, dose: str) -> None:
    (tmp_path / "dose").mkdir()
    (tmp_path / "dose" / "default.json").write_text(dose)
    assert "dose/default.json: cannot be used (days" in str(Harness(tmp_path).start())


def test_a_pipe_in_the_place_of_a_file_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "dose").mkdir()
    os.mkfifo(tmp_path / "dose" / "default.json")
    assert "no regular file" in str(Harness(tmp_path).start())


def test_a_link_in_the_place_of_the_unfinished_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "dose").mkdir()
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "dose" / "default.json.new").symlink_to(victim)
    with pytest.raises(RecordError, match="cannot be written"):
        Folder(tmp_path).save_ledger("default", Ledger())
    assert victim.read_text() == "untouched"


def test_a_record_of_the_version_before_lives_on_in_the_new_one(tmp_path: Path) -> None:
    """Nothing of it is lost, its choice goes on, and the old file stays beside the new one."""
    experience = {
        "deep-hum": {"sessions": 9, "reward": 8.75},
        "night-sky": {"sessions": 3, "reward": 0.5},
        "a-scenario-that-is-gone": {"sessions": 2, "reward": 1.5},
    }
    kept = {"experience": experience, "after_distress": True, "halted": "deep-hum"}
    (tmp_path / "learned").mkdir()
    learned = tmp_path / "learned" / "default.json"
    learned.write_text(json.dumps(kept, indent=1))
    before = learned.read_bytes()
    harness = Harness(tmp_path)
    harness.start_running()
    assert "'deep-hum' was halted last and is left out" in harness.state.choice
    scores = {entry.scenario: entry for entry in harness.state.scores}
    assert scores["deep-hum"].sessions == 9
    assert scores["deep-hum"].score > 0.8
    assert scores["night-sky"].score < 0.5
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6)
    saved = json.loads(learned.read_text())
    assert saved["version"] == 2
    assert saved["earlier"] == kept
    assert len(saved["trials"]) == 1
    assert learned.with_name("default.json.bak").read_bytes() == before


def test_records_of_the_version_before_are_read(tmp_path: Path) -> None:
    (tmp_path / "learned").mkdir()
    experience = {"deep-hum": {"sessions": 4, "reward": 2.75}}
    kept = {"experience": experience, "after_distress": True, "halted": "slow-train"}
    (tmp_path / "learned" / "c7.json").write_text(json.dumps(kept, indent=1))
    overrides = {"v": 1, "source": "", "seq": 0, "host_boot_id": "", "at_ns": 0, "time": ""}
    set_before = {"hold": True, "ceiling_pct": 15.0, "channels_off": ["sound"], "scenario": None}
    (tmp_path / "overrides.json").write_text(json.dumps({**overrides, **set_before}))
    learned = Folder(tmp_path).learned("c7")
    assert learned.earlier.model_dump() == kept
    assert learned.left_out == "slow-train"
    assert (learned.sessions, learned.sessions_with("deep-hum")) == (4, 4)
    restored = Folder(tmp_path).overrides()
    assert restored is not None
    assert (restored.hold, restored.ceiling_pct, restored.kept) == (True, 15.0, True)


# --- full disks -------------------------------------------------------------------------------


def test_a_disk_that_fills_up_in_a_session_ends_nothing_and_loses_nothing(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running()
    before = names(tmp_path)
    with full_disk():
        harness.show(NEUTRAL, 60)
        harness.expect(Phase.RUNNING)
        assert "not kept over a restart" in harness.state.trouble
        harness.command(SessionAction.FINISH)
        harness.show(NEUTRAL, 6)
        harness.expect(Phase.IDLE)
        given = harness.state.minutes_today
        assert given > 1.6
        assert names(tmp_path) == before
        assert "cannot be written" in str(harness.start())
    harness.records.write_what_is_left()
    assert harness.state.trouble == ""
    ledger = Folder(tmp_path).ledger("default")
    assert sum(day.minutes for day in ledger.days.values()) == pytest.approx(given)
    assert Folder(tmp_path).learned("default").trials


def test_the_dose_counts_while_it_is_in_memory_alone(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "k7.yaml").write_text(f"minutes_per_day: 1\n{ALL_TICKED}")
    harness = Harness(tmp_path)
    harness.must_start(profile="k7")
    with full_disk():
        harness.show(NEUTRAL, 70)
        harness.expect(Phase.IDLE)
    assert "used up" in str(harness.start(profile="k7"))


def test_a_process_killed_while_it_writes_leaves_a_whole_file_and_no_litter(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.save_ledger("c7", Ledger())
    code = (
        "import sys; from pathlib import Path\n"
        "from calmloop.scenario_selector.records import Folder\n"
        "from calmloop.scenario_selector.ledger import Ledger\n"
        "from datetime import date, timedelta\n"
        "ledger = Ledger()\n"
        "[ledger.begin(date(2026, 1, 1) + timedelta(days=d)) for d in range(400)]\n"
        "folder = Folder(Path(sys.argv[1]))\n"
        "print('begun', flush=True)\n"
        "while True: folder.save_ledger('c7', ledger, flush=False)\n"
    )
    for _ in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout
        assert writer.stdout.readline() == "begun\n"
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        Folder(tmp_path).ledger("c7")
    folder.save_ledger("c7", Ledger())
    assert names(tmp_path) <= {"dose/c7.json", "dose/c7.json.bak"}
