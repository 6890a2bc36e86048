"""Who did what is kept, and goes to the session-log once that answers."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from calmloop.base.clock import ManualClock
from calmloop.caregiver_console import audit
from calmloop.caregiver_console.actors import ANYBODY, Actor, Role
from calmloop.caregiver_console.audit import AuditTrail, entry_of
from calmloop.caregiver_console.log_client import LogAnswer, LogClient

ANNA = Actor("Anna", Role.CAREGIVER)


class FakeLog(LogClient):
    """Takes entries, or does not answer; says when it was asked."""

    def __init__(self, *, away: bool = False) -> None:
        self.entries: list[dict[str, Any]] = []
        self.away = away
        self.asked = threading.Semaphore(0)

    def enter(self, entry: dict[str, Any]) -> LogAnswer:
        try:
            if self.away:
                raise OSError("refused")
            self.entries.append(entry)
            return LogAnswer(201, b"{}")
        finally:
            self.asked.release()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "TURN_S", 0.01)


def test_without_a_log_acts_stay_in_the_file(tmp_path: Path) -> None:
    trail = AuditTrail(ManualClock(), tmp_path, None)
    trail.start()
    trail.record(ANNA, "more", {"id": "1", "outcome": "published"})
    trail.record(ANYBODY, "stop", {})
    trail.close()
    acts = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [(act["by"], act["what"]) for act in acts] == [("Anna", "more"), ("", "stop")]
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o777 == 0o600


def test_what_the_log_did_not_take_waits_for_it_over_a_restart(tmp_path: Path) -> None:
    away = FakeLog(away=True)
    trail = AuditTrail(ManualClock(), tmp_path, away)
    trail.start()
    trail.record(ANNA, "more", {"level": 3, "channels": ["light"]})
    assert away.asked.acquire(timeout=10)
    trail.close()
    log = FakeLog()
    again = AuditTrail(ManualClock(), tmp_path, log)
    again.start()
    assert log.asked.acquire(timeout=10)
    again.close()
    (entry,) = log.entries
    assert (entry["kind"], entry["by"], entry["words"]) == ("action", "Anna", "more")
    assert entry["figures"]["channels"] == '["light"]'
    assert entry["figures"]["level"] == 3
    assert not (tmp_path / "audit.jsonl").exists()


def test_the_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MAX_FILE_BYTES", 1000)
    for _ in range(20):
        trail = AuditTrail(ManualClock(), tmp_path, None)
        trail.start()
        for _ in range(5):
            trail.record(ANYBODY, "stop", {"id": "x" * 60})
        trail.close()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 4000


def test_a_disk_that_takes_nothing_costs_the_record_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "not-a-folder").write_text("")
    trail = AuditTrail(ManualClock(), tmp_path / "not-a-folder", None)
    trail.start()
    trail.record(ANYBODY, "stop", {})
    trail.close()
    assert trail.lost == 1


def test_what_is_of_a_child_is_kept_under_its_key() -> None:
    act = {"time": "t", "by": "Anna", "role": "caregiver", "what": "profile written"}
    entry = entry_of(act | {"details": {"child": "k7", "ceiling_pct": "30.0"}})
    assert (entry["child"], entry["figures"]["ceiling_pct"]) == ("k7", "30.0")
    assert "child" not in entry["figures"]
    assert "child" not in entry_of(act | {"details": {"id": "1"}})


def test_what_waits_of_a_child_that_is_erased_names_it_no_more(tmp_path: Path) -> None:
    away = FakeLog(away=True)
    trail = AuditTrail(ManualClock(), tmp_path, away)
    trail.start()
    trail.record(ANNA, "profile written", {"child": "k7", "ceiling_pct": "30.0"})
    trail.record(ANNA, "start", {"id": "1", "profile": "k7", "minutes": 5})
    trail.record(ANNA, "start", {"id": "2", "profile": "k8"})
    assert away.asked.acquire(timeout=10)
    with trail.erasing("k7"):
        trail.record(ANNA, "profile written", {"child": "k7", "ceiling_pct": "40.0"})
        kept = (tmp_path / "audit.jsonl").read_text()
        assert "k7" not in kept
        assert "30.0" not in kept
    trail.record(ANNA, "profile written", {"child": "k7", "ceiling_pct": "50.0"})
    trail.close()
    log = FakeLog()
    again = AuditTrail(ManualClock(), tmp_path, log)
    again.start()
    for _act in range(5):
        assert log.asked.acquire(timeout=10)
    again.close()
    # Who has done what is kept; only what came after the erasure is of a child again.
    assert [entry["words"] for entry in log.entries] == [
        *("profile written", "start", "start", "profile written", "profile written")
    ]
    assert [entry.get("child") for entry in log.entries] == [None, None, None, None, "k7"]
    assert [entry["figures"].get("profile") for entry in log.entries[:3]] == [None, None, "k8"]
    assert log.entries[3]["figures"] == {
        "time": log.entries[3]["figures"]["time"],
        "role": "caregiver",
    }


def test_nothing_is_erased_while_something_may_still_be_on_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "CLEARED_S", 0.01)
    trail = AuditTrail(ManualClock(), tmp_path, FakeLog())
    # Its thread does not turn.
    with pytest.raises(TimeoutError), trail.erasing("k7"):
        raise AssertionError("erased")
