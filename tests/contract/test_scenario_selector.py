"""The real process on a real broker; watchdog, chair and face are played by the test."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests.broker import Broker
from tests.contract.selector_harness import (
    ARM,
    CRYING,
    HAPPY,
    OVERRIDE,
    ROOT,
    SET,
    SETPOINT,
    STATE,
    SelectorHarness,
)
from tests.processes import ServiceProcess, start_service


def test_a_session_runs_from_a_start_through_a_smile_to_a_soft_finish(
    harness: SelectorHarness,
) -> None:
    client = harness.client
    session_id = harness.start(scenario="ocean-waves", minutes=3)
    assert [body["start_id"] for body in client.bodies(ARM)] == [session_id]
    harness.state(phase="running")
    harness.face = HAPPY
    raised = harness.state(change="positive_shift")
    assert raised["intensity_pct"] == 25.0
    answered = client.wait_for(SETPOINT, lambda b: "frame_seq" in b, since=len(client.received))
    assert answered["session_id"] == session_id
    assert answered["vibration"]["level_pct"] == pytest.approx(50 * 0.25, abs=3)
    client.publish(SET, {"action": "finish", "rating": 4})
    harness.state(phase="closing")
    ended = harness.state(phase="idle")
    assert ended["intensity_pct"] == 0.0
    assert ended["reason"] == "finished by a caregiver"


def test_a_child_who_cries_from_the_first_second_is_halted_with_a_fade(
    harness: SelectorHarness,
) -> None:
    harness.face = CRYING
    harness.start()
    halted = harness.state(phase="closing")
    assert halted["distress"]
    assert halted["change"] == "halted"
    assert "strong distress" in halted["reason"]
    ended = harness.state(phase="idle")
    assert ended["distress"]
    assert ended["intensity_pct"] == 0.0


def test_another_face_is_asked_about_and_taken_for_the_childs_by_someone_present(
    harness: SelectorHarness,
) -> None:
    harness.track = "run-1"
    harness.start()
    harness.state(phase="running")
    harness.track, since_s = "run-2", time.monotonic()
    asked = harness.client.wait_for(STATE, lambda body: "Another face" in body["question"], 15.0)
    assert time.monotonic() - since_s >= 10.0
    answer = {"action": "answer", "child": True}
    harness.expect_refusal("no token", SET, answer)
    harness.client.publish(SET, answer | {"token": harness.state()["start_token"]})
    assert harness.state(question="")["intensity_pct"] == asked["intensity_pct"]


def test_setpoints_come_ten_times_a_second_even_without_a_face(harness: SelectorHarness) -> None:
    harness.start()
    harness.state(phase="running")
    harness.face = None
    began_s = time.monotonic()
    harness.client.wait_for(STATE, lambda b: b["cycle"] >= 2, since=len(harness.client.received))
    arrived = harness.setpoints_since(began_s)
    assert len(arrived) >= 10 * (arrived[-1] - arrived[0]) - 2


@pytest.mark.parametrize("payload", [b"", b"stop!", b"\xff\x00"], ids=["empty", "text", "noise"])
def test_any_stop_ends_the_session_and_its_setpoints_at_once(
    harness: SelectorHarness, payload: bytes
) -> None:
    harness.start()
    pressed_s, pressed = time.monotonic(), len(harness.client.received)
    harness.client.publish(f"{ROOT}/stop", payload)
    ended = harness.state(since=pressed, phase="idle")
    took_s = time.monotonic() - pressed_s
    print(f"stop to idle: {took_s * 1000:.0f} ms")
    assert took_s < 0.5
    assert ended["change"] == "stopped"
    ended_s = time.monotonic()
    harness.state(phase="idle")
    assert not harness.setpoints_since(ended_s)


def test_a_watchdog_that_falls_silent_ends_the_session(harness: SelectorHarness) -> None:
    harness.start()
    harness.watchdog_silent = True
    ended = harness.state(phase="idle")
    assert "safety-watchdog" in ended["reason"]


def test_a_process_that_was_stopped_and_continued_drives_nothing_on(
    harness: SelectorHarness, selector: ServiceProcess
) -> None:
    harness.start()
    selector.signal(signal.SIGSTOP)
    harness.face = HAPPY
    harness.let_pass(3.0)
    selector.signal(signal.SIGCONT)
    ended = harness.state(phase="idle")
    assert ended["change"] == "stopped"
    assert selector.running
    ended_s = time.monotonic()
    harness.state(phase="idle")
    assert not harness.setpoints_since(ended_s)


def test_what_was_learned_is_published_and_corrected_without_a_token(
    harness: SelectorHarness,
) -> None:
    harness.start(scenario="ocean-waves")
    harness.state(phase="running")
    harness.face = CRYING
    harness.state(phase="idle", distress=True)
    client, learning = harness.client, f"{ROOT}/learning"
    client.wait_for(f"{learning}/state", lambda b: b["last_halted"] and b["sessions"] == 1)
    since = len(client.received)
    client.publish(f"{learning}/set", {"action": "void"})
    voided = client.wait_for(f"{learning}/state", lambda b: not b["last_halted"], since=since)
    assert (voided["profile"], voided["sessions"]) == ("default", 0)
    harness.expect_refusal("was not halted", f"{learning}/set", {"action": "void"})
    pin = {"action": "pin", "scenario": "no-such"}
    harness.expect_refusal("known are breathe-along", f"{learning}/set", pin)
    harness.expect_refusal("retain", f"{learning}/set", {"action": "void"}, retain=True)
    assert not [m for m in client.received[since:] if m.name == SETPOINT]


def test_lowering_needs_no_token_and_is_kept_over_a_restart(
    harness: SelectorHarness, selector: ServiceProcess, broker: Broker, tmp_path: Path
) -> None:
    harness.start()
    harness.client.publish(OVERRIDE, {"action": "less"})
    assert harness.state(change="caregiver")["intensity_pct"] == 10.0
    harness.client.publish(OVERRIDE, {"action": "ceiling", "ceiling_pct": 5})
    assert harness.state(change="ceiling")["intensity_pct"] == 5.0
    assert selector.terminate() == 0
    with start_service(
        "scenario_selector",
        broker,
        tmp_path / "again",
        SCENARIO_SELECTOR__DATA_DIR=str(tmp_path / "data"),
    ):
        assert harness.state(phase="idle")["ceiling_pct"] == 5.0
        # Nobody sits there now, so that a face out of sight cannot be the reason.
        harness.expect_refusal("token", OVERRIDE, {"action": "ceiling", "ceiling_pct": 50})
        harness.expect_refusal("token", OVERRIDE, {"action": "release"})


def test_a_lowered_ceiling_that_cannot_be_written_is_told_and_written_once_it_can(
    harness: SelectorHarness, tmp_path: Path
) -> None:
    client = harness.client
    client.wait_for(f"{ROOT}/override/state", lambda b: b["kept"])
    in_the_way = tmp_path / "data" / "overrides.json.new"
    in_the_way.mkdir(parents=True)
    since = len(client.received)
    client.publish(OVERRIDE, {"action": "ceiling", "ceiling_pct": 5})
    client.wait_for(
        f"{ROOT}/override/state", lambda b: b["ceiling_pct"] == 5 and not b["kept"], since=since
    )
    told = client.wait_for(STATE, lambda b: bool(b["trouble"]), since=since)
    assert "not kept over a restart" in told["trouble"]
    assert told["ceiling_pct"] == 5
    assert {path.name for path in (tmp_path / "data").iterdir()} <= {
        "overrides.json",
        "overrides.json.new",
    }
    in_the_way.rmdir()
    client.wait_for(f"{ROOT}/override/state", lambda b: b["kept"], since=len(client.received))
    harness.state(trouble="")
    assert json.loads((tmp_path / "data" / "overrides.json").read_text())["ceiling_pct"] == 5


def test_what_is_heard_is_published_and_a_missing_signal_is_dismissed_with_the_token(
    harness: SelectorHarness,
) -> None:
    client = harness.client
    harness.start()
    harness.state(phase="running")
    heart = {"source_kind": "live", "rate_bpm": 90.0, "contact": True, "age_s": 0.0}
    since = len(client.received)
    client.publish(f"{ROOT}/heart/state", heart, qos=0)
    told = client.wait_for(
        STATE, lambda b: [s["name"] for s in b["signals"]] == ["face", "heart"], since=since
    )
    face, heard = told["signals"]
    assert heard.items() >= {"name": "heart", "status": "present", "mean": 90.0}.items()
    assert heard["spread"] == pytest.approx(10.0, abs=0.5)
    assert face["log_odds_per_s"] < 0.0
    assert heard["log_odds_per_s"] < 0.0
    assert told["distress_fast"] == told["distress_slow"] == 0.0
    dismissal = {"action": "dismiss", "signal": "heart"}
    harness.expect_refusal("is not missing", SET, dismissal)
    missing = client.wait_for(
        STATE, lambda b: "missing" in [s["status"] for s in b["signals"]], since=since
    )
    harness.expect_refusal("token", SET, dismissal)
    harness.expect_refusal("signal", SET, {"action": "dismiss", "token": missing["start_token"]})
    token = harness.state(phase="running")["start_token"]
    since = len(client.received)
    client.publish(SET, {**dismissal, "token": token})
    client.wait_for(STATE, lambda b: [s["name"] for s in b["signals"]] == ["face"], since=since)
    lied = {**heart, "source_kind": "simulated", "rate_bpm": 200.0}
    client.publish(f"{ROOT}/heart/state", lied, qos=0)
    refused = client.wait_for(
        STATE, lambda b: "refused" in [s["status"] for s in b["signals"]], since=since
    )
    assert "the chair is not a simulated one" in refused["signals"][1]["trouble"]
