"""The real process on a real broker, with a chair and an engine played by the test."""

import json
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from calmloop.safety_watchdog.lease import lease_proof
from tests.broker import Broker
from tests.contract.watchdog_harness import ROOT, Harness, watchdog_harness
from tests.processes import Client, start_service

CHAIR_LEASE_S = 0.5

INPUTS = (
    "stop/reset",
    "alarm/distress/ack",
    "alarm/nonsense/ack",
    "alarm/distress",
    "session/state",
    "chair/state",
    "face/state",
    "service/actuator-bridge/played/heartbeat",
    "service/x/y/heartbeat",
)


@pytest.fixture
def harness(broker: Broker, tmp_path: Path) -> Iterator[Harness]:
    with watchdog_harness(broker, tmp_path) as made:
        yield made


def test_leases_answer_the_chairs_nonces_in_time_and_with_their_proof(harness: Harness) -> None:
    mark = harness.here
    for _ in range(20):
        harness.await_lease(harness.here)

    delays_s = []
    for message in harness.client.received[mark:]:
        if message.name == f"{ROOT}/lease":
            body = message.body
            assert body["proof"] == lease_proof(9, body["nonce"])
            delays_s.append(message.at_s - harness.others.asked_s[body["nonce"]])
    print(f"{len(delays_s)} leases, the slowest after {max(delays_s) * 1000:.1f} ms")
    assert max(delays_s) < CHAIR_LEASE_S


@pytest.mark.parametrize("payload", [b"", b"\x00\xff"])
def test_a_stop_with_any_payload_ends_the_lease_at_once(harness: Harness, payload: bytes) -> None:
    harness.await_lease(harness.here)
    began_s = time.monotonic()
    harness.client.publish(f"{ROOT}/stop", payload)
    harness.await_stop_state(True, since=harness.here - 1)

    last_s = harness.last_lease_after(began_s, 1.0)
    print(f"last lease {last_s * 1000:.0f} ms after the stop")
    assert last_s < 0.2


def test_a_retained_stop_latches_and_is_cleared_from_the_broker(harness: Harness) -> None:
    mark = harness.here
    harness.client.publish(f"{ROOT}/stop", b"stop", retain=True)
    harness.await_stop_state(True, since=mark)
    while not any(
        m.name == f"{ROOT}/stop" and not m.payload for m in harness.client.received[mark:]
    ):
        harness.client.wait(1.0)
    harness.reset()

    with Client(harness.broker) as newcomer:
        newcomer.subscribe(f"{ROOT}/stop")
        newcomer.subscribe(f"{ROOT}/stop/state")
        newcomer.wait_for(f"{ROOT}/stop/state")
        assert all(m.name != f"{ROOT}/stop" for m in newcomer.received)


def test_a_reset_with_a_used_token_or_a_retained_one_is_refused_and_reported(
    harness: Harness,
) -> None:
    harness.client.publish(f"{ROOT}/stop")
    state = harness.await_stop_state(True)
    time_mark = harness.here
    token = harness.ready_state()["reset_token"]
    harness.client.publish(f"{ROOT}/stop/reset", {"token": "0123456789abcdef"})
    harness.client.wait_for(f"{ROOT}/rejected", since=time_mark)
    harness.client.publish(f"{ROOT}/stop/reset", {"token": token}, retain=True)
    harness.client.wait_for(f"{ROOT}/rejected", lambda r: "retain" in r["reason"], since=time_mark)

    assert state["latched"]
    assert harness.leases_since(time_mark) == 0


def test_a_selector_that_falls_silent_while_active_ends_the_lease_and_latches(
    harness: Harness,
) -> None:
    harness.run_session()
    mark, began_s = harness.here, time.monotonic()
    harness.others.silent.add("scenario-selector")
    state = harness.await_stop_state(True, since=mark)

    last_s = harness.last_lease_after(began_s, 3.0)
    print(f"last lease {last_s:.2f} s after the last beat could have been sent")
    assert last_s <= 1.7
    assert "scenario-selector" in state["cause"]
    alarm = harness.client.wait_for(f"{ROOT}/alarm/service-lost")
    assert alarm["severity"] == "critical"


def test_active_that_ends_in_the_middle_of_a_session_latches(harness: Harness) -> None:
    harness.run_session()
    mark = harness.here
    harness.others.chair |= {"mode": "rampdown", "stop_reason": "setpoint ttl"}

    assert "setpoint ttl" in harness.await_stop_state(True, since=mark)["cause"]


def test_distress_calls_a_caregiver_who_acknowledges(harness: Harness) -> None:
    harness.run_session()
    harness.others.session = {**harness.others.session, "distress": True, "reason": "crying"}
    name = f"{ROOT}/alarm/distress"
    assert harness.client.wait_for(name)["severity"] == "critical"
    harness.client.publish(f"{name}/ack", {})
    harness.client.wait_for(name, lambda a: a["acknowledged"] and a["active"])
    harness.others.session = {"phase": "idle", "session_id": "s1"}

    harness.client.wait_for(name, lambda a: not a["active"])


def test_a_stopped_and_continued_watchdog_answers_no_question_from_its_queue(
    harness: Harness,
) -> None:
    harness.await_lease(harness.here)
    harness.watchdog.signal(signal.SIGSTOP)
    began_s = time.monotonic()
    while time.monotonic() < began_s + 1.5:
        harness.client.wait(0.3)
    mark, continued_s = harness.here, time.monotonic()
    harness.watchdog.signal(signal.SIGCONT)
    harness.await_lease(mark)

    answers = [m for m in harness.client.received[mark:] if m.name == f"{ROOT}/lease"]
    asked_s = [harness.others.asked_s[m.body["nonce"]] for m in answers]
    assert min(asked_s) > continued_s - CHAIR_LEASE_S


def test_a_killed_watchdog_comes_back_latched_with_its_alarms(
    harness: Harness, tmp_path: Path
) -> None:
    harness.run_session()
    harness.others.session = {**harness.others.session, "distress": True}
    harness.client.wait_for(f"{ROOT}/alarm/distress")
    harness.watchdog.kill()
    harness.others.session = {"phase": "idle"}
    harness.others.chair["mode"] = "safe"
    mark = harness.here
    with start_service("safety_watchdog", harness.broker, tmp_path / "again"):
        state = harness.await_stop_state(True, since=mark)
        harness.client.publish(f"{ROOT}/alarm/distress/ack", {})
        harness.client.wait_for(f"{ROOT}/alarm/distress", lambda a: not a["active"], since=mark)
        restarted = f"{ROOT}/alarm/watchdog-restarted"
        assert "while the chair was active" in harness.client.wait_for(restarted)["text"]
        harness.reset()
        assert harness.client.bodies(restarted)[-1]["active"]
        harness.client.publish(f"{restarted}/ack", {})
        harness.client.wait_for(restarted, lambda a: not a["active"])

    assert "start-up" in state["cause"]


def test_random_payloads_on_its_topics_never_unlatch_or_end_it(harness: Harness) -> None:
    harness.client.publish(f"{ROOT}/stop")
    harness.await_stop_state(True)
    mark, chance = harness.here, random.Random(20)
    for number in range(500):
        body = chance.choice(
            [
                chance.randbytes(chance.randrange(200)),
                json.dumps({"token": chance.randbytes(8).hex()}).encode(),
                json.dumps({"mode": "active", "nonce": -1}).encode(),
                json.dumps(chance.choice([None, [], 1e308])).encode(),
            ]
        )
        name = f"{ROOT}/{chance.choice(INPUTS)}"
        harness.client.publish(name, body, retain=number % 7 == 0, qos=number % 2)
    seen = harness.ready_state()

    assert seen["latched"]
    assert harness.watchdog.running
    assert harness.leases_since(mark) == 0
    assert any(m.name == f"{ROOT}/rejected" for m in harness.client.received[mark:])
    harness.reset()
    harness.await_lease(harness.here)
