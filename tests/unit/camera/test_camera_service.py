"""The camera service on a bus in memory: what it publishes, and when it is unhealthy."""

import threading
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from calmloop.base.errors import DeviceError
from calmloop.camera import service as camera_service
from calmloop.camera.arrays import Picture
from calmloop.camera.filming import STUCK_S
from calmloop.contract import house_topics, topics
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.camera import CameraCondition
from calmloop.contract.messages.chair import Applied, ChairMode, ChairState
from calmloop.contract.messages.house import HouseAction, HouseCommand
from calmloop.contract.messages.stimulus import Light
from calmloop.service.runtime import Health
from tests.unit.camera.harness import Harness


def test_the_simulated_child_says_what_it_is_in_its_state_and_in_each_frame(
    harness: Harness,
) -> None:
    harness.until(lambda: harness.frames() > 0)
    assert {state.camera_kind for state in harness.states} == {SignalKind.SIMULATED}
    frames = harness.transport.messages(topics.CAMERA_FRAME)
    assert {frame.camera_kind for frame in frames} == {SignalKind.SIMULATED}


def test_a_clip_is_a_recording_and_a_device_is_live() -> None:
    for source, kind in (("clip.mp4", SignalKind.RECORDED), ("/dev/video9", SignalKind.LIVE)):
        harness = Harness(source=source)
        harness.until(lambda harness=harness: bool(harness.states))  # type: ignore[misc]
        assert harness.states[-1].camera_kind is kind
        harness.service.close()


def test_frames_the_broker_had_no_room_for_are_counted(harness: Harness) -> None:
    harness.until(lambda: harness.frames() > 0)
    harness.transport.images_accepted = False
    harness.until(lambda: harness.bus.counters["unsent_images"] >= 3)
    harness.transport.images_accepted = True
    before = harness.frames()
    harness.until(lambda: harness.frames() > before)
    headers = harness.transport.messages(topics.CAMERA_FRAME)
    assert headers[-1].skipped == harness.bus.counters["unsent_images"] >= 3
    assert headers[-1].frame_seq - headers[before - 1].frame_seq > 3


def test_a_state_is_told_on_change_and_not_at_every_turn(harness: Harness) -> None:
    harness.until(lambda: harness.condition() is CameraCondition.STREAMING)
    before = len(harness.states)
    for _ in range(100):
        harness.turn()
    assert len(harness.states) - before <= 3, "the frame rate may be told anew, seldom"


def test_the_house_may_switch_it_off_and_not_on(harness: Harness) -> None:
    harness.until(lambda: harness.condition() is CameraCondition.STREAMING)
    for action in (HouseAction.LESS, HouseAction.CAMERA_OFF):
        harness.transport.send(house_topics.HOUSE_SET, HouseCommand(action=action))
    harness.until(lambda: harness.condition() is CameraCondition.OFF)
    for action in HouseAction:
        harness.transport.send(house_topics.HOUSE_SET, HouseCommand(action=action))
    for _ in range(20):
        harness.turn()
    assert harness.condition() is CameraCondition.OFF


def test_the_chair_lights_the_simulated_childs_room(harness: Harness) -> None:
    def blueness() -> float:
        jpeg = [m.payload for m in harness.transport.published if m.image][-1]
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        return float(picture[..., 0].mean() / picture[..., 2].mean())

    harness.until(lambda: harness.frames() > 2)
    before = blueness()
    chair = ChairState(mode=ChairMode.ACTIVE, applied=Applied(light=Light(blue_pct=100.0)))
    harness.transport.send(topics.CHAIR_STATE, chair)
    seen = harness.frames()
    harness.until(lambda: harness.frames() > seen + 3)
    assert blueness() > 1.15 * before


class Replacement:
    """Stands for a source in `open_source`'s place."""

    origin = "replacement"
    live = True
    pace_fps: float | None = 10.0
    play_s: float | None = None

    def __init__(self, grab: Callable[[], bool]) -> None:
        self.grab = grab

    def open(self) -> None:
        pass

    def picture(self) -> Picture | None:
        return np.zeros((48, 64, 3), np.uint8)

    def close(self) -> None:
        pass


def harness_with(monkeypatch: pytest.MonkeyPatch, grab: Callable[[], bool]) -> Harness:
    monkeypatch.setattr(camera_service, "open_source", lambda *_: Replacement(grab))
    return Harness()


def test_an_unplugged_camera_makes_the_service_unhealthy_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def grab() -> bool:
        raise DeviceError("replacement was unplugged: plug it in")

    harness = harness_with(monkeypatch, grab)
    harness.until(lambda: harness.condition() is CameraCondition.LOST)
    assert harness.turn() == Health(False, "replacement was unplugged: plug it in")
    harness.service.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_in_a_source_ends_the_service_rather_than_leaving_it_blind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def grab() -> bool:
        raise ZeroDivisionError

    harness = harness_with(monkeypatch, grab)
    with pytest.raises(DeviceError, match="has crashed"):
        harness.until(lambda: False)


def test_a_driver_that_never_returns_ends_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, leave = threading.Event(), threading.Event()

    def grab() -> bool:
        entered.set()
        return bool(leave.wait(20.0))

    harness = harness_with(monkeypatch, grab)
    harness.until(entered.is_set)
    harness.clock.advance(STUCK_S + 1.0)
    with pytest.raises(DeviceError, match="has not returned for 60 s"):
        harness.turn()
    leave.set()
    harness.service.close()


def test_a_camera_that_is_opened_again_after_a_loss_is_not_healthy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entered, leave = threading.Event(), threading.Event()

    def grab() -> bool:
        raise DeviceError("replacement was unplugged: plug it in")

    class Slow(Replacement):
        openings = 0

        def open(self) -> None:
            self.openings += 1
            if self.openings > 1:
                entered.set()
                leave.wait(20.0)

    monkeypatch.setattr(camera_service, "open_source", lambda *_: Slow(grab))
    harness = Harness()
    harness.until(entered.is_set)
    assert not harness.turn().healthy
    leave.set()
    harness.service.close()
