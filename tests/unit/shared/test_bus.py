"""The bus: what it refuses, drops and lets through, and that nothing ends it."""

import json

import pytest

from calmloop.base.clock import ManualClock, host_boot_id
from calmloop.base.errors import NotConnectedError
from calmloop.base.freshness import Received
from calmloop.contract import topics
from calmloop.contract.messages.base import Command
from calmloop.contract.messages.camera import CameraCondition, CameraSet, CameraState, FrameHeader
from calmloop.contract.messages.emotion import EmotionState, Label
from calmloop.contract.messages.session import OverrideAction, OverrideCommand
from calmloop.contract.topics import Account
from tests.doubles import CHAIR, memory_bus

LESS = b'{"action": "less"}'
OVERRIDE = topics.OVERRIDE_SET.name(CHAIR)


def emotion(frame_seq: int, **more: object) -> dict[str, object]:
    return {
        "frame_seq": frame_seq,
        "captured_ns": 1,
        "label": "neutral",
        "confidence": 0.9,
        "valence": 0.0,
        **more,
    }


def test_a_command_typed_by_a_person_arrives() -> None:
    bus, transport = memory_bus(Account.SCENARIO_SELECTOR)
    got: list[Received[OverrideCommand]] = []
    bus.subscribe(topics.OVERRIDE_SET, got.append)
    transport.inject(OVERRIDE, LESS)
    bus.dispatch()
    assert [r.message.action for r in got] == [OverrideAction.LESS]


@pytest.mark.parametrize(
    ("payload", "retain", "word"),
    [
        (LESS, True, "retained"),
        (b"", False, "JSON"),
        (b"\xff\xfe", False, "JSON"),
        (b'{"action": "explode"}', False, "action"),
        (b'{"action": "less", "stpe": 3}', False, "stpe"),
        (b'{"action": "ceiling"}', False, "ceiling_pct"),
        (b" " * 70_000, False, "65536"),
    ],
)
def test_a_bad_command_is_refused_and_the_reason_published(
    payload: bytes, retain: bool, word: str
) -> None:
    bus, transport = memory_bus(Account.SCENARIO_SELECTOR)
    got: list[object] = []
    bus.subscribe(topics.OVERRIDE_SET, got.append)
    transport.inject(OVERRIDE, payload, retain=retain)
    bus.dispatch()
    assert not got
    (rejection,) = transport.messages(topics.REJECTED)
    assert rejection.topic == OVERRIDE
    assert word in rejection.reason


def test_only_what_was_said_to_may_wait_for_others() -> None:
    bus, transport = memory_bus(Account.SCENARIO_SELECTOR)
    bus.subscribe(topics.OVERRIDE_SET, lambda _received: None)
    bus.subscribe(topics.CAMERA_STATE, lambda _received: None, may_wait_s=0.05)
    assert transport.inject(topics.CAMERA_STATE.name(CHAIR), b"{}") == 0.05
    assert transport.inject(topics.CAMERA_STATE.name(CHAIR), b" " * 70_000) == 0.0
    assert transport.inject(OVERRIDE, LESS) == 0.0
    assert transport.inject(topics.FACE_STATE.name(CHAIR), b"{}") == 0.0


def test_rejections_are_rate_limited_but_all_are_counted() -> None:
    bus, transport = memory_bus(Account.SCENARIO_SELECTOR, ManualClock())
    bus.subscribe(topics.OVERRIDE_SET, lambda _received: None)
    for _ in range(100):
        transport.inject(OVERRIDE, b"{")
    bus.dispatch()
    assert bus.counters["rejected"] == 100
    assert len(transport.messages(topics.REJECTED)) == 10


def test_a_stop_goes_first_and_takes_any_payload() -> None:
    bus, transport = memory_bus(Account.SCENARIO_SELECTOR)
    order: list[str] = []
    bus.subscribe(topics.OVERRIDE_SET, lambda _r: order.append("override"))
    bus.subscribe(topics.STOP, lambda r: order.append(f"stop {r.data!r}"))
    transport.inject(OVERRIDE, LESS)
    transport.inject(topics.STOP.name(CHAIR), b"", retain=True)
    transport.inject(topics.STOP.name(CHAIR), b"\x00{not json")
    bus.dispatch()
    assert order == ["stop b''", "stop b'\\x00{not json'", "override"]


def test_discarding_forgets_everything_but_stops() -> None:
    bus, transport = memory_bus(Account.SCENARIO_SELECTOR)
    got: list[str] = []
    bus.subscribe(topics.OVERRIDE_SET, lambda _r: got.append("override"))
    bus.subscribe(topics.STOP, lambda _r: got.append("stop"))
    transport.inject(OVERRIDE, LESS)
    transport.inject(topics.STOP.name(CHAIR), b"")
    bus.discard()
    bus.dispatch()
    assert got == ["stop"]


def test_an_exception_in_a_handler_is_counted_and_the_next_message_handled() -> None:
    bus, transport = memory_bus(Account.SCENARIO_SELECTOR)
    seen: list[int] = []

    def handler(received: Received[EmotionState]) -> None:
        seen.append(received.message.frame_seq)
        if received.message.frame_seq == 1:
            raise RuntimeError("on purpose")

    bus.subscribe(topics.EMOTION_STATE, handler)
    transport.send(topics.EMOTION_STATE, emotion(1))
    transport.send(topics.EMOTION_STATE, emotion(2))
    bus.dispatch()
    assert seen == [1, 2]
    assert bus.counters["handler_errors"] == 1


def test_only_the_newest_unhandled_frame_is_delivered() -> None:
    bus, transport = memory_bus(Account.FACE_DETECTOR)
    got: list[tuple[int, bytes]] = []
    bus.subscribe(
        topics.CAMERA_FRAME, lambda r: got.append((r.message.frame_seq, r.data)), latest_only=True
    )
    for n in range(3):
        header = FrameHeader(frame_seq=n, captured_ns=1, width_px=64, height_px=48)
        transport.send(topics.CAMERA_FRAME, header, data=bytes([n]))
    bus.dispatch()
    assert got == [(2, b"\x02")]
    assert bus.counters["dropped_superseded"] == 2


def test_a_message_that_waited_in_a_stopped_process_is_stale() -> None:
    clock = ManualClock()
    bus, transport = memory_bus(Account.SCENARIO_SELECTOR, clock)
    got: list[Label] = []
    bus.subscribe(topics.EMOTION_STATE, lambda r: got.append(r.message.label))
    sent_ns = clock.monotonic_ns()
    clock.advance(5)
    stamp = {"host_boot_id": host_boot_id(), "at_ns": sent_ns}
    transport.send(topics.EMOTION_STATE, emotion(1, **stamp))
    bus.dispatch()
    assert not got
    assert bus.counters["stale"] == 1
    transport.send(topics.EMOTION_STATE, emotion(2, **{**stamp, "host_boot_id": "another"}))
    bus.dispatch()
    assert got == [Label.NEUTRAL]


def test_what_is_published_carries_the_envelope() -> None:
    clock = ManualClock()
    bus, transport = memory_bus(Account.CAMERA, clock)
    state = CameraState(condition=CameraCondition.STREAMING, enabled=True)
    first = bus.publish(topics.CAMERA_STATE, state)
    second = bus.publish(topics.CAMERA_STATE, state)
    assert first and second
    assert (first.seq, second.seq) == (1, 2)
    assert second.source == "camera/test"
    assert second.at_ns == clock.monotonic_ns()
    assert second.host_boot_id == host_boot_id()
    assert transport.published[-1].retain


def test_a_frame_is_dropped_while_one_is_unsent() -> None:
    bus, transport = memory_bus(Account.CAMERA)
    transport.images_accepted = False
    header = FrameHeader(frame_seq=1, captured_ns=1, width_px=64, height_px=48)
    assert bus.publish(topics.CAMERA_FRAME, header, data=b"jpeg") is None
    assert bus.counters["unsent_images"] == 1


def test_a_command_is_refused_while_the_broker_is_away() -> None:
    bus, transport = memory_bus(Account.CAREGIVER)
    transport.connected = False
    with pytest.raises(NotConnectedError, match="try again"):
        bus.publish(topics.CAMERA_SET, CameraSet(enabled=True))
    with pytest.raises(NotConnectedError, match="red button"):
        bus.publish_stop()


def test_the_newest_of_each_state_is_sent_again_on_reconnect() -> None:
    bus, transport = memory_bus(Account.CAMERA)
    transport.connected = False
    for condition in (CameraCondition.OPENING, CameraCondition.STREAMING):
        bus.publish(topics.CAMERA_STATE, CameraState(condition=condition, enabled=True))
    assert not transport.messages(topics.CAMERA_STATE)
    transport.connected = True
    transport.reconnect()
    assert [m.condition for m in transport.messages(topics.CAMERA_STATE)] == ["streaming"]


def test_a_picture_never_shows_up_in_a_rejection() -> None:
    bus, transport = memory_bus(Account.FACE_DETECTOR)
    bus.subscribe(topics.CAMERA_FRAME, lambda _r: None)
    transport.inject(topics.CAMERA_FRAME.name(CHAIR), b"\xff\xd8secret", header=b"{}")
    bus.dispatch()
    (rejection,) = transport.messages(topics.REJECTED)
    assert "secret" not in json.dumps(rejection.model_dump())


def test_the_will_says_offline() -> None:
    _bus, transport = memory_bus(Account.CAMERA)
    assert transport.will and transport.will.retain
    assert json.loads(transport.will.payload)["presence"] == "offline"


def test_any_payload_is_a_command_for_a_stop() -> None:
    bus, transport = memory_bus(Account.ACTUATOR_BRIDGE)
    got: list[Received[Command]] = []
    bus.subscribe(topics.STOP, got.append)
    transport.inject(topics.STOP.name(CHAIR), b"x" * 100_000)
    bus.dispatch()
    assert len(got) == 1


def test_a_persons_program_writes_no_status() -> None:
    bus, transport = memory_bus(Account.CAREGIVER)
    bus.subscribe(topics.EMOTION_STATE, lambda _r: None)
    transport.inject(topics.EMOTION_STATE.name(CHAIR), b"{")
    bus.dispatch()
    bus.close()
    assert transport.will is None
    assert not transport.published


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite_is_refused_in_every_field(number: str) -> None:
    bus, transport = memory_bus(Account.SCENARIO_SELECTOR)
    seen: list[object] = []
    bus.subscribe(topics.FACE_STATE, seen.append)
    box = f'{{"x_px": {number}, "y_px": 0, "width_px": 9, "height_px": 9}}'
    body = f'{{"frame_seq": 1, "captured_ns": 1, "count": 1, "box": {box}}}'
    transport.inject(topics.FACE_STATE.name(CHAIR), body.encode())
    bus.dispatch()
    assert not seen
    assert bus.counters["rejected"] == 1
