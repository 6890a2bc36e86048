"""The session log as a process: what happens on the bus is found again over HTTP."""

import base64
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calmloop.contract import topics
from tests.broker import Broker
from tests.contract.log_harness import ID, SESSION, STATE, logging, session
from tests.processes import CHAIR, Client

ALARM = topics.ALARM.name(CHAIR, kind="distress")


EMOTION = topics.EMOTION_STATE.name(CHAIR)
MEASURED_S = 10
MAX_MEMORY_MB = 80
MAX_SHARE = 0.1


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def play(client: Client) -> None:
    """A session that is heightened, halted and over."""
    for state in (
        session("starting", choice="the first one"),
        session("running", intensity_pct=20, change="started", reason="started"),
        session("running", intensity_pct=25, change="positive_shift", reason="a smile"),
    ):
        client.publish(SESSION, state)
    alarm = {"kind": "distress", "active": True, "severity": "critical", "text": "look at it"}
    client.publish(ALARM, alarm)
    client.publish(ALARM, alarm | {"acknowledged": True, "acknowledged_by": "anna"})
    client.publish(SESSION, session("idle", change="halted", reason="distress"))


def ended(client: Client) -> None:
    """Returns when a session more is kept."""
    client.wait_for(STATE, lambda body: body["sessions"] == 1 and body["events"] >= 9)


def test_a_session_is_found_again_with_every_change_and_who_acknowledged(
    broker: Broker, tmp_path: Path
) -> None:
    with logging(broker, tmp_path) as (_, log), Client(broker) as client:
        client.subscribe(STATE)
        play(client)
        ended(client)
        (kept,) = log.get("/v1/sessions?child=k7")["sessions"]
        assert (kept["id"], kept["planned_minutes"], kept["max_pct"]) == (ID, 15, 25)
        assert (kept["end_change"], kept["end_reason"], kept["alarms"]) == (
            "halted",
            "distress",
            1,
        )
        events = log.get(f"/v1/sessions/{ID}/events")["events"]
        told = [(event["kind"], event["text"], event["by"]) for event in events]
        assert ("change", "a smile", "") in told
        assert ("alarm", "look at it", "anna") in told
        assert [event["id"] for event in events] == sorted(event["id"] for event in events)


def test_an_erased_child_is_in_no_file_of_a_running_log(broker: Broker, tmp_path: Path) -> None:
    with logging(broker, tmp_path) as (_, log), Client(broker) as client:
        client.subscribe(STATE)
        play(client)
        ended(client)
        key = json.loads((tmp_path / "keys" / "k7.key").read_text())
        status, erased = log.ask("/v1/children/k7?confirm=k7", "DELETE")
        assert (status, erased["sessions"]) == (200, 1)
        assert log.get("/v1/sessions")["sessions"] == []
        held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        for plain in (key["key"], base64.b64decode(key["key"]), "k7", "a smile", ID):
            assert (plain if isinstance(plain, bytes) else plain.encode()) not in held
        client.wait_for(STATE, lambda body: body["sessions"] == 0, since=len(client.received) - 1)


@pytest.mark.alone
@pytest.mark.slow
def test_it_stays_within_its_memory_and_a_tenth_of_a_core(
    broker: Broker, tmp_path: Path, measured: Callable[[str], None]
) -> None:
    with logging(broker, tmp_path) as (process, log), Client(broker) as client:
        client.publish(SESSION, session("starting"))
        began_s, used_s = time.monotonic(), cpu_s(process.pid)
        for number in range(15 * MEASURED_S):
            reading = {"frame_seq": number, "captured_ns": 1, "label": "neutral"}
            client.publish(EMOTION, reading | {"confidence": 0.9, "valence": 0.1}, qos=0)
            if number % 15 == 0:
                reason = f"turn {number}"
                state = session("running", intensity_pct=20, change="started", reason=reason)
                client.publish(SESSION, state)
                assert log.ask("/v1/sessions?child=k7")[0] in (200, 404)
            client.wait(max(0.0, began_s + number / 15 - time.monotonic()))
        share = (cpu_s(process.pid) - used_s) / (time.monotonic() - began_s)
        resident_mb = resident_kib(process.pid) / 1024
        measured(f"session-log: {resident_mb:.0f} MB resident, {100 * share:.1f} % of a core")
        assert resident_mb <= MAX_MEMORY_MB
        assert share <= MAX_SHARE


def test_what_a_person_enters_is_kept_over_a_kill_and_needs_the_token_that_writes(
    broker: Broker, tmp_path: Path
) -> None:
    note: dict[str, Any] = {"kind": "note", "child": "k7", "by": "anna", "words": "fell asleep"}
    with logging(broker, tmp_path) as (process, log):
        assert log.ask("/v1/entries", "POST", note, token="read")[0] == 403
        assert log.ask("/v1/children", token="a guess that is long")[0] == 401
        status, kept = log.ask("/v1/entries", "POST", note)
        assert status == 201
        process.kill()
    with logging(broker, tmp_path) as (_, log):
        (event,) = log.get("/v1/children/k7/events?kind=note")["events"]
        assert (event["id"], event["text"], event["by"]) == (kept["id"], "fell asleep", "anna")
