"""The camera service on a bus in memory: what it publishes, and when it opens the device."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import structlog
from pydantic import ValidationError

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.camera import service as camera_service
from calmloop.camera.picture import Picture
from calmloop.camera.service import SAVE_AGAIN_S, SETTLE_S, STUCK_S, CameraService
from calmloop.camera.settings import CameraSection, Settings
from calmloop.contract import topics
from calmloop.contract.messages.base import CameraKind
from calmloop.contract.messages.camera import CameraCondition, CameraSet, CameraState
from calmloop.contract.messages.chair import Applied, ChairMode, ChairState
from calmloop.contract.messages.stimulus import Light
from calmloop.contract.topics import Account
from calmloop.service.runtime import Context, Health
from tests.doubles import CHAIR, MemoryTransport, memory_bus

TURNS = 500


class Rig:
    """A camera service, its bus and its clock; each turn is a tenth of a second."""

    def __init__(self, **camera: object) -> None:
        self.clock = ManualClock()
        self.bus, self.transport = memory_bus(Account.CAMERA, self.clock)
        settings = Settings(camera=CameraSection.model_validate(camera))
        log = structlog.get_logger("camera")
        self.service = CameraService(Context(settings, self.bus, self.clock, log))

    def turn(self) -> Health:
        self.clock.advance(0.1)
        self.bus.wait(0.02)
        self.bus.dispatch()
        return self.service.turn()

    def until(self, done: Callable[[], bool]) -> None:
        """Turns until `done`; the capture thread works beside it in real time."""
        for _ in range(TURNS):
            if done():
                return
            self.turn()
        raise AssertionError("it did not come about")

    @property
    def states(self) -> list[CameraState]:
        return self.transport.messages(topics.CAMERA_STATE)

    def condition(self) -> CameraCondition | None:
        return self.states[-1].condition if self.states else None

    def frames(self) -> int:
        return len(self.transport.messages(topics.CAMERA_FRAME))


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig(source="sim", width_px=320, height_px=240)
    yield rig
    rig.service.close()


def retained_state(transport: MemoryTransport, *, enabled: bool) -> None:
    state = CameraState(condition=CameraCondition.OFF, enabled=enabled)
    name = topics.CAMERA_STATE.name(CHAIR)
    transport.inject(name, state.model_dump_json().encode(), retain=True)


def test_the_device_stays_closed_until_the_switch_is_known(rig: Rig) -> None:
    for _ in range(round(SETTLE_S / 0.1) - 1):
        rig.turn()
    assert not rig.states
    assert not rig.frames()
    rig.until(lambda: rig.condition() is CameraCondition.STREAMING)


def test_the_simulated_child_says_what_it_is_in_its_state_and_in_each_frame(rig: Rig) -> None:
    rig.until(lambda: rig.frames() > 0)
    assert {state.camera_kind for state in rig.states} == {CameraKind.SIMULATED}
    frames = rig.transport.messages(topics.CAMERA_FRAME)
    assert {frame.camera_kind for frame in frames} == {CameraKind.SIMULATED}


def test_a_clip_is_a_recording_and_a_device_is_live() -> None:
    for source, kind in (("clip.mp4", CameraKind.RECORDED), ("/dev/video9", CameraKind.LIVE)):
        rig = Rig(source=source)
        rig.until(lambda rig=rig: bool(rig.states))  # type: ignore[misc]
        assert rig.states[-1].camera_kind is kind
        rig.service.close()


def test_without_a_broker_the_device_stays_closed(rig: Rig) -> None:
    rig.transport.connected = False
    for _ in range(30):
        rig.turn()
    assert not rig.frames()


def test_a_switch_that_was_left_off_stays_off(rig: Rig) -> None:
    retained_state(rig.transport, enabled=False)
    for _ in range(20):
        rig.turn()
    assert rig.condition() is CameraCondition.OFF
    assert not rig.states[-1].enabled
    assert not rig.frames()
    rig.transport.send(topics.CAMERA_SET, CameraSet(enabled=True))
    rig.until(lambda: rig.condition() is CameraCondition.STREAMING)


def test_a_switch_that_was_left_off_is_obeyed_however_late_it_comes(rig: Rig) -> None:
    rig.until(lambda: rig.frames() > 0)
    retained_state(rig.transport, enabled=False)
    rig.until(lambda: rig.condition() is CameraCondition.OFF)


def test_its_own_older_state_does_not_undo_a_command(rig: Rig) -> None:
    rig.transport.send(topics.CAMERA_SET, CameraSet(enabled=False))
    rig.turn()
    retained_state(rig.transport, enabled=True)
    for _ in range(10):
        rig.turn()
    assert rig.condition() is CameraCondition.OFF


def test_off_and_on_again_at_once_opens_anew(rig: Rig) -> None:
    rig.until(lambda: rig.frames() > 0)
    rig.transport.send(topics.CAMERA_SET, CameraSet(enabled=False))
    rig.transport.send(topics.CAMERA_SET, CameraSet(enabled=True))
    before = rig.frames()
    rig.until(lambda: rig.frames() > before + 3)
    assert rig.condition() is CameraCondition.STREAMING


def test_frames_the_broker_had_no_room_for_are_counted(rig: Rig) -> None:
    rig.until(lambda: rig.frames() > 0)
    rig.transport.images_accepted = False
    rig.until(lambda: rig.bus.counters["unsent_images"] >= 3)
    rig.transport.images_accepted = True
    before = rig.frames()
    rig.until(lambda: rig.frames() > before)
    headers = rig.transport.messages(topics.CAMERA_FRAME)
    assert headers[-1].skipped == rig.bus.counters["unsent_images"] >= 3
    assert headers[-1].frame_seq - headers[before - 1].frame_seq > 3


def test_a_state_is_told_on_change_and_not_at_every_turn(rig: Rig) -> None:
    rig.until(lambda: rig.condition() is CameraCondition.STREAMING)
    before = len(rig.states)
    for _ in range(100):
        rig.turn()
    assert len(rig.states) - before <= 3, "the frame rate may be told anew, seldom"


def test_the_chair_lights_the_simulated_childs_room(rig: Rig) -> None:
    def blueness() -> float:
        jpeg = [m.payload for m in rig.transport.published if m.image][-1]
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        return float(picture[..., 0].mean() / picture[..., 2].mean())

    rig.until(lambda: rig.frames() > 2)
    before = blueness()
    chair = ChairState(mode=ChairMode.ACTIVE, applied=Applied(light=Light(blue_pct=100.0)))
    rig.transport.send(topics.CHAIR_STATE, chair)
    seen = rig.frames()
    rig.until(lambda: rig.frames() > seen + 3)
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


def rig_with(monkeypatch: pytest.MonkeyPatch, grab: Callable[[], bool]) -> Rig:
    monkeypatch.setattr(camera_service, "open_source", lambda *_: Replacement(grab))
    return Rig()


def test_an_unplugged_camera_makes_the_service_unhealthy_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def grab() -> bool:
        raise DeviceError("replacement was unplugged: plug it in")

    rig = rig_with(monkeypatch, grab)
    rig.until(lambda: rig.condition() is CameraCondition.LOST)
    assert rig.turn() == Health(False, "replacement was unplugged: plug it in")
    rig.service.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_in_a_source_ends_the_service_rather_than_leaving_it_blind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def grab() -> bool:
        raise ZeroDivisionError

    rig = rig_with(monkeypatch, grab)
    with pytest.raises(DeviceError, match="has crashed"):
        rig.until(lambda: False)


def test_a_driver_that_never_returns_ends_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, leave = threading.Event(), threading.Event()

    def grab() -> bool:
        entered.set()
        return bool(leave.wait(20.0))

    rig = rig_with(monkeypatch, grab)
    rig.until(entered.is_set)
    rig.clock.advance(STUCK_S + 1.0)
    with pytest.raises(DeviceError, match="has not returned for 60 s"):
        rig.turn()
    leave.set()
    rig.service.close()


def test_a_switch_that_was_left_off_outlasts_a_power_cut(tmp_path: Path) -> None:
    kept = tmp_path / "switch"
    for number, commands in enumerate(([False], [], [True], [])):
        rig = Rig(source="sim", switch_file=kept)
        for enabled in commands:
            rig.transport.send(topics.CAMERA_SET, CameraSet(enabled=enabled))
        expected = CameraCondition.OFF if number < 2 else CameraCondition.STREAMING
        rig.until(lambda rig=rig, expected=expected: rig.condition() is expected)  # type: ignore[misc]
        rig.service.close()


def test_a_damaged_switch_file_leaves_the_camera_off(tmp_path: Path) -> None:
    kept = tmp_path / "switch"
    kept.write_bytes(b"")
    rig = Rig(source="sim", switch_file=kept)
    rig.until(lambda: rig.condition() is CameraCondition.OFF)
    rig.service.close()


@pytest.mark.parametrize("name", [".", "..", "/", ""])
def test_a_switch_file_that_is_a_folder_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="name a file in it"):
        Rig(source="sim", switch_file=name)


def test_a_switch_that_cannot_be_saved_is_off_and_not_remembered(tmp_path: Path) -> None:
    kept = tmp_path / "volume" / "switch"
    kept.parent.mkdir()
    rig = Rig(source="sim", switch_file=kept)
    rig.until(lambda: rig.frames() > 0)
    kept.parent.rmdir()
    rig.transport.send(topics.CAMERA_SET, CameraSet(enabled=False))
    rig.until(lambda: rig.condition() is CameraCondition.OFF)
    health = rig.turn()
    assert rig.states[-1].reason.startswith("off, but not remembered: camera.switch_file")
    assert not health.healthy
    assert "not remembered" in health.waits_for
    kept.parent.mkdir()
    rig.clock.advance(SAVE_AGAIN_S)
    rig.until(lambda: rig.turn().healthy)
    assert kept.read_text() == "off\n"
    assert "not remembered" not in rig.states[-1].reason


def test_a_switch_that_cannot_be_remembered_begins_off(tmp_path: Path) -> None:
    rig = Rig(source="sim", switch_file=tmp_path / "not there" / "switch")
    rig.until(lambda: rig.condition() is CameraCondition.OFF)
    for _ in range(20):
        assert not rig.turn().healthy
    assert not rig.frames()
    rig.transport.send(topics.CAMERA_SET, CameraSet(enabled=True))
    rig.until(lambda: rig.frames() > 0)
    assert rig.states[-1].reason.startswith("on, but not remembered")
    rig.service.close()


def test_an_older_on_does_not_outlive_an_off_that_could_not_be_written(tmp_path: Path) -> None:
    kept = tmp_path / "switch"
    kept.write_text("on\n")
    rig = Rig(source="sim", switch_file=kept)
    (tmp_path / "switch.part").mkdir()  # nothing can be written beside it
    rig.transport.send(topics.CAMERA_SET, CameraSet(enabled=False))
    rig.until(lambda: rig.condition() is CameraCondition.OFF)
    (tmp_path / "switch.part").rmdir()
    again = Rig(source="sim", switch_file=kept)
    again.until(lambda: again.condition() is CameraCondition.OFF)
    assert not again.frames()


def test_a_retained_off_wins_over_a_file_that_says_on_before_any_picture(tmp_path: Path) -> None:
    kept = tmp_path / "switch"
    kept.write_text("on\n")
    rig = Rig(source="sim", switch_file=kept)
    retained_state(rig.transport, enabled=False)
    rig.until(lambda: rig.condition() is CameraCondition.OFF)
    assert not rig.frames()


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
    rig = Rig()
    rig.until(entered.is_set)
    assert not rig.turn().healthy
    leave.set()
    rig.service.close()
