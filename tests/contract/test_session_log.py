"""The session log as a process: what happens on the bus is found again over HTTP."""

from pathlib import Path
from typing import Any

from calmloop.contract import topics
from tests.broker import Broker
from tests.contract.log_harness import ID, SESSION, STATE, logging, session
from tests.processes import CHAIR, Client

ALARM = topics.ALARM.name(CHAIR, kind="distress")


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
