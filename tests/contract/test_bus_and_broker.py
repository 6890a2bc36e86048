"""The bus over a real broker: connections, frames, retained states and a broker that goes away."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from calmloop.base.clock import SystemClock
from calmloop.base.settings import MqttSettings
from calmloop.bus.bus import Bus
from calmloop.bus.mqtt import PahoTransport
from calmloop.contract import topics
from calmloop.contract.messages.camera import CameraCondition, CameraSet, CameraState, FrameHeader
from calmloop.contract.messages.safety import Alarm, AlarmKind, Severity
from calmloop.contract.topics import Account
from tests.broker import Broker
from tests.processes import CHAIR, Client

PICTURE = bytes(100_000)


@contextmanager
def connected(broker: Broker, account: Account) -> Iterator[Bus]:
    bus = Bus(
        PahoTransport(MqttSettings(port=broker.port), f"{account}-test"),
        chair_id=CHAIR,
        service=account,
        instance="test",
        clock=SystemClock(),
    )
    bus.start()
    try:
        turn_until(lambda: bus.connected, bus)
        yield bus
    finally:
        bus.close()


def turn_until(condition: Callable[[], bool], *buses: Bus, timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        for bus in buses:
            bus.wait(0.02)
            bus.dispatch()


def frame(number: int) -> FrameHeader:
    return FrameHeader(frame_seq=number, captured_ns=1, width_px=64, height_px=48)


def test_pictures_travel_on_a_connection_of_their_own(broker: Broker) -> None:
    with (
        connected(broker, Account.CAMERA) as camera,
        connected(broker, Account.FACE_DETECTOR) as detector,
    ):
        seen: list[bytes] = []
        detector.subscribe(topics.CAMERA_FRAME, lambda r: seen.append(r.data), latest_only=True)

        def sent_and_seen() -> bool:
            camera.publish(topics.CAMERA_FRAME, frame(1), data=PICTURE)
            return bool(seen)

        turn_until(sent_and_seen, camera, detector)
        assert seen[0] == PICTURE
        with Client(broker) as client:
            client.subscribe("$SYS/broker/clients/connected")
            # Two services with two connections each, and this test's own.
            turn_until(
                lambda: b"5" in [message.payload for message in client.received],
                camera,
                detector,
                timeout_s=15,
            )


def test_frames_never_queue_up_against_a_broker_that_stands_still(broker: Broker) -> None:
    with connected(broker, Account.CAMERA) as camera:
        turn_until(lambda: bool(camera.publish(topics.CAMERA_FRAME, frame(0), data=b"x")), camera)
        before = camera.counters["unsent_images"]
        broker.signal(signal.SIGSTOP)
        sent = sum(
            camera.publish(topics.CAMERA_FRAME, frame(n), data=PICTURE) is not None
            for n in range(500)
        )
        broker.signal(signal.SIGCONT)
        assert camera.counters["unsent_images"] - before == 500 - sent
        assert sent < 100, "what the socket's own buffers hold, and no more"


def test_a_picture_lost_with_its_connection_does_not_block_the_next(broker: Broker) -> None:
    large = bytes(3_000_000)
    with connected(broker, Account.CAMERA) as camera:
        turn_until(lambda: bool(camera.publish(topics.CAMERA_FRAME, frame(0), data=b"x")), camera)
        broker.signal(signal.SIGSTOP)
        while camera.publish(topics.CAMERA_FRAME, frame(1), data=large) is not None:
            pass
        broker.signal(signal.SIGKILL)
        broker.stop()
        broker.start()
        turn_until(lambda: bool(camera.publish(topics.CAMERA_FRAME, frame(2), data=b"x")), camera)


def test_nothing_that_was_sent_to_a_hanging_broker_arrives_later(broker: Broker) -> None:
    with connected(broker, Account.CAREGIVER) as caregiver:
        broker.signal(signal.SIGSTOP)
        caregiver.publish(topics.CAMERA_SET, CameraSet(enabled=True))
        broker.signal(signal.SIGKILL)
        broker.stop()
        turn_until(lambda: not caregiver.connected, caregiver)
        broker.start()
        with Client(broker) as client:
            client.subscribe(topics.CAMERA_SET.name(CHAIR))
            turn_until(lambda: caregiver.connected, caregiver)
            caregiver.publish(topics.CAMERA_SET, CameraSet(enabled=False))
            first = client.wait_for(topics.CAMERA_SET.name(CHAIR))
    assert first == {"enabled": False}


def test_a_newcomer_sees_the_newest_of_each_state_after_a_broker_restart(broker: Broker) -> None:
    with connected(broker, Account.CAMERA) as camera:
        state = CameraState(condition=CameraCondition.STREAMING, enabled=True)
        camera.publish(topics.CAMERA_STATE, state)
        broker.signal(signal.SIGKILL)
        broker.stop()
        broker.start()
        with Client(broker) as client:
            client.subscribe(topics.CAMERA_STATE.name(CHAIR))
            turn_until(lambda: bool(client.bodies(topics.CAMERA_STATE.name(CHAIR))), camera)


def test_what_came_while_the_process_was_stopped_is_discarded_unread(broker: Broker) -> None:
    with connected(broker, Account.SCENARIO_SELECTOR) as selector, Client(broker) as client:
        heard: list[str] = []
        selector.subscribe(topics.OVERRIDE_SET, lambda _received: heard.append("override"))
        selector.subscribe(topics.STOP, lambda _received: heard.append("stop"))
        less = {"action": "less"}
        while not heard:
            client.publish(topics.OVERRIDE_SET.name(CHAIR), less)
            selector.wait(0.05)
            selector.dispatch()
        heard.clear()
        for _ in range(10):  # the broker sends 20 ahead of their acknowledgement at most
            client.publish(topics.OVERRIDE_SET.name(CHAIR), less)
        client.publish(topics.STOP.name(CHAIR))
        selector.discard()
        selector.dispatch()
        assert heard == ["stop"]


def test_a_state_that_came_while_the_process_was_stopped_is_read_for_it_is_said_once(
    broker: Broker,
) -> None:
    alarm = Alarm(
        kind=AlarmKind.STOP, active=True, severity=Severity.WARNING, text="-", since="now"
    )
    with (
        connected(broker, Account.CAREGIVER_CONSOLE) as console,
        connected(broker, Account.SAFETY_WATCHDOG) as watchdog,
    ):
        heard: list[AlarmKind] = []
        console.subscribe(topics.ALARM, lambda r: heard.append(r.message.kind), latest_only=True)
        turn_until(lambda: console.hears_all, console)
        watchdog.publish(topics.ALARM, alarm, kind=alarm.kind.value)

        def heard_though_late() -> bool:
            console.discard()  # lets in what has come, as a process does that was stopped
            console.dispatch()
            watchdog.wait(0.02)
            return bool(heard)

        turn_until(heard_though_late)
        assert heard == [AlarmKind.STOP]
