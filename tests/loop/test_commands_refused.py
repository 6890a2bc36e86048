"""Nothing stored, repeated or garbled can start or raise anything; every refusal is reported."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from calmloop.contract import topics
from calmloop.contract.topics import REGISTRY, AnyTopic, TopicKind
from calmloop.demo.run import Demo
from calmloop.demo.stack import CHAIR_ID, IN_DEMO, INSTANCE
from tests.fuzz import mutated
from tests.loop.conftest import CALM_CHILD, StartDemo
from tests.processes import Client

pytestmark = pytest.mark.slow

PAYLOADS_PER_TOPIC = 500
SETTLED_S = 5.0
"""The chair takes so long from nothing to what is asked, at most."""
SESSION_SET = topics.SESSION_SET.name(CHAIR_ID)
OVERRIDE_SET = topics.OVERRIDE_SET.name(CHAIR_ID)
STOP_RESET = topics.STOP_RESET.name(CHAIR_ID)
FUZZED = [t for t in REGISTRY if t.kind is not TopicKind.STOP]


@pytest.fixture(scope="module")
def idle(start_demo: StartDemo) -> Iterator[Demo]:
    with start_demo(settings=CALM_CHILD) as demo:
        unlatch(demo)
        yield demo


def unlatch(demo: Demo) -> None:
    """So that nothing but the token can be the reason for refusing a start."""

    def done() -> bool:
        stop, chair = demo.tally.stop, demo.tally.chair
        if stop is not None and stop.latched and not stop.blockers:
            demo.caregiver.reset()
        return bool(stop and not stop.latched and chair and chair.arm_ready)

    assert demo.observer.wait_until(done, 20)


@pytest.fixture
def client(idle: Demo) -> Iterator[Client]:
    with Client(idle.stack.broker) as connected:
        connected.subscribe(f"calmloop/{CHAIR_ID}/rejected")
        yield connected


def start(token: str | None) -> dict[str, Any]:
    return {"action": "start", "minutes": 5, **({"token": token} if token else {})}


def refused(client: Client, topic: str, word: str) -> None:
    client.wait_for(
        f"calmloop/{CHAIR_ID}/rejected",
        lambda body: body["topic"] == topic and word in body["reason"],
    )


def test_a_retained_start_is_refused(idle: Demo, client: Client) -> None:
    assert idle.tally.session
    client.publish(SESSION_SET, start(idle.tally.session.start_token), retain=True)
    refused(client, SESSION_SET, "retained")
    client.publish(SESSION_SET, b"", retain=True)


def test_a_start_without_a_token_is_refused(client: Client) -> None:
    client.publish(SESSION_SET, start(None))
    refused(client, SESSION_SET, "token")


def test_an_old_token_neither_starts_nor_resets(idle: Demo, client: Client) -> None:
    assert idle.tally.session and idle.tally.stop
    old_start, old_reset = idle.tally.session.start_token, idle.tally.stop.reset_token
    idle.watch(idle.observer.elapsed_s() + 6)
    client.publish(SESSION_SET, start(old_start))
    refused(client, SESSION_SET, "token")
    client.publish(STOP_RESET, {"token": old_reset})
    refused(client, STOP_RESET, "token")


def test_a_used_token_is_refused(idle: Demo, client: Client) -> None:
    assert idle.tally.session
    token = idle.tally.session.start_token
    for _ in range(2):
        client.publish(OVERRIDE_SET, {"action": "release", "token": token})
    refused(client, OVERRIDE_SET, "token")


@pytest.mark.parametrize("topic", FUZZED, ids=lambda topic: topic.path)
def test_garbage_changes_nothing_and_restarts_nobody(
    idle: Demo, client: Client, topic: AnyTopic
) -> None:
    rng = random.Random(topic.path)
    name = topic.name(CHAIR_ID, **dict.fromkeys(topic.placeholders, "x"))
    before = len(idle.stack.chair.outputs())
    for payload in mutated(topic, rng, PAYLOADS_PER_TOPIC):
        header = (
            json.loads(payload) if topic.kind is TopicKind.IMAGE and _is_json(payload) else None
        )
        client.publish(name, payload, header=header, qos=0)
    _wait_for_a_beat_of_each(client)
    idle.turn()
    assert not idle.stack.restarts
    assert not any(output.felt for output in idle.stack.chair.outputs()[before:])


def test_garbage_on_every_topic_raises_nothing_in_a_running_session(
    idle: Demo, client: Client
) -> None:
    """What ends the session may do so; nothing may make the chair do more."""
    # Among the garbage before may be a valid `{"enabled": 0}`, and without a face nothing starts.
    client.publish(topics.CAMERA_SET.name(CHAIR_ID), {"enabled": True})
    idle.start_session(minutes=5)
    assert idle.observer.wait_until(lambda: idle.stack.chair.outputs()[-1].felt, 10)
    idle.watch(idle.observer.elapsed_s() + SETTLED_S)
    before_pct = max(output.vibration_pct for output in idle.stack.chair.outputs())
    seen = len(idle.stack.chair.outputs())
    for topic in FUZZED:
        rng = random.Random(f"running {topic.path}")
        name = topic.name(CHAIR_ID, **dict.fromkeys(topic.placeholders, "x"))
        for payload in mutated(topic, rng, 100):
            client.publish(name, payload, qos=0)
    _wait_for_a_beat_of_each(client)
    during = [output.vibration_pct for output in idle.stack.chair.outputs()[seen:]]
    assert max(during, default=0.0) <= before_pct
    assert not idle.stack.restarts
    idle.caregiver.stop()


def _wait_for_a_beat_of_each(client: Client) -> None:
    """Each service has worked through what came before its next two beats."""
    beats = {
        service: f"calmloop/{CHAIR_ID}/service/{service}/{INSTANCE}/heartbeat"
        for service in IN_DEMO
    }
    client.publish(SESSION_SET, b"the garbage is over")
    client.subscribe(f"calmloop/{CHAIR_ID}/service/+/{INSTANCE}/heartbeat")
    first = {name: client.wait_for(name)["seq"] for name in beats.values()}
    for name, seq in first.items():
        client.wait_for(name, lambda body, seq=seq: body["seq"] >= seq + 2)  # type: ignore[misc]


def _is_json(payload: bytes) -> bool:
    try:
        json.loads(payload)
    except ValueError:
        return False
    return True
