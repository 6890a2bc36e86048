"""Capture: opening, pacing, losing, freezing and closing, on the test's own clock."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.camera.capture import GIVE_UP_S, LAST_RETRY_S, SILENCE_S, Capture
from calmloop.camera.picture import Picture
from calmloop.camera.settings import CameraSection
from calmloop.contract.messages.camera import CameraCondition


class ScriptedSource:
    """A camera that does what the test says."""

    origin = "scripted"
    play_s: float | None = None

    def __init__(self, *, live: bool = True, pace_fps: float | None = None) -> None:
        self.live = live
        self.pace_fps = pace_fps
        self.present = True
        self.ends_after: int | None = None
        self.decodable = True
        self.stuck = False
        self.opened = False
        self.openings = 0
        self.grabbed = 0
        self.decoded = 0

    def open(self) -> None:
        if not self.present:
            raise DeviceError("scripted is not there: plug it in")
        self.opened = True
        self.openings += 1

    def grab(self) -> bool:
        if not self.present:
            raise DeviceError("scripted was unplugged")
        if self.grabbed == self.ends_after:
            return False
        self.grabbed += 1
        return True

    def picture(self) -> Picture | None:
        self.decoded += 1
        value = 100 if self.stuck else 50 + self.grabbed % 100
        return np.full((480, 640, 3), value, np.uint8) if self.decodable else None

    def close(self) -> None:
        self.opened = False


def capture_of(source: ScriptedSource, clock: ManualClock, fps: float = 15.0) -> Capture:
    return Capture(source, CameraSection(fps=fps, frozen_after_s=5.0), clock)


def test_a_frame_carries_the_time_of_its_grab() -> None:
    clock = ManualClock()
    capture = capture_of(ScriptedSource(), clock)
    clock.advance(3.0)
    capture.step()
    frame = capture.take()
    assert frame is not None
    assert frame.captured_ns == clock.monotonic_ns()
    assert capture.report().condition is CameraCondition.STREAMING
    assert capture.take() is None, "a frame is handed out once"


def test_only_the_newest_frame_is_kept() -> None:
    clock = ManualClock()
    capture = capture_of(ScriptedSource(), clock)
    for _ in range(5):
        capture.step()
        clock.advance(0.1)
    frame = capture.take()
    assert frame is not None
    assert frame.captured_ns == clock.monotonic_ns() - 100_000_000


@pytest.mark.parametrize("camera_fps", [15.0, 15.3, 25.0, 30.0, 60.0])
def test_a_fast_camera_is_thinned_to_the_set_rate_without_decoding_the_rest(
    camera_fps: float,
) -> None:
    clock = ManualClock()
    source = ScriptedSource()
    capture = capture_of(source, clock, fps=15.0)
    for _ in range(round(10 * camera_fps)):
        capture.step()
        clock.advance(1 / camera_fps)
    assert source.decoded == pytest.approx(150, rel=0.04)


def test_a_jittering_camera_at_the_set_rate_keeps_all_its_frames() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    capture = capture_of(source, clock, fps=15.0)
    for n in range(150):
        capture.step()
        clock.advance(1 / 15 + (0.01 if n % 2 else -0.01))
    assert source.decoded >= 147


@pytest.mark.parametrize("file_fps", [5.0, 10.0, 25.0, 60.0])
def test_a_file_plays_at_its_own_speed(file_fps: float) -> None:
    clock = ManualClock()
    source = ScriptedSource(live=False, pace_fps=file_fps)
    capture = capture_of(source, clock)
    for _ in range(100):
        clock.advance(capture.step())
    began_s = 1000.0
    assert clock.monotonic_ns() / 1e9 - began_s == pytest.approx(100 / file_fps, rel=0.01)


def test_a_file_that_cannot_keep_up_does_not_race_to_catch_up() -> None:
    clock = ManualClock()
    source = ScriptedSource(live=False, pace_fps=10.0)
    capture = capture_of(source, clock)
    capture.step()
    clock.advance(30.0)
    waits = []
    for _ in range(10):
        waits.append(capture.step())
        clock.advance(waits[-1])
    assert sum(waits) > 0.5


def test_an_unplugged_camera_is_reported_at_once_and_opened_again_with_growing_pauses() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    capture = capture_of(source, clock)
    capture.step()
    source.present = False
    pauses = [capture.step() for _ in range(8)]
    assert capture.report().condition is CameraCondition.LOST
    assert "not there" in capture.report().reason
    assert not source.opened
    assert pauses == sorted(pauses)
    assert pauses[-1] == LAST_RETRY_S
    source.present = True
    capture.step()
    assert capture.report().condition is CameraCondition.STREAMING
    source.present = False
    assert capture.step() == pauses[0], "after a picture the pauses begin anew"


def test_opening_again_is_reported_with_the_reason_of_the_loss() -> None:
    seen: list[CameraCondition] = []
    clock = ManualClock()
    source = ScriptedSource()
    capture = Capture(
        source, CameraSection(), clock, wake=lambda: seen.append(capture.report().condition)
    )
    capture.step()
    source.present = False
    capture.step()
    capture.step()
    assert seen == [
        CameraCondition.STREAMING,
        CameraCondition.LOST,
        CameraCondition.OPENING,
        CameraCondition.LOST,
    ]


def test_a_live_camera_that_falls_silent_is_lost_within_two_seconds() -> None:
    clock = ManualClock()
    capture = capture_of(ScriptedSource(), clock)
    capture.step()
    clock.advance(SILENCE_S - 0.1)
    assert capture.report().condition is CameraCondition.STREAMING
    clock.advance(0.2)
    assert capture.report().condition is CameraCondition.LOST
    assert SILENCE_S + 0.1 < 2.0
    capture.step()
    assert capture.report().condition is CameraCondition.STREAMING


def test_a_camera_whose_pictures_never_decode_is_lost_and_counted() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    source.decodable = False
    capture = capture_of(source, clock)
    for _ in range(30):
        capture.step()
        clock.advance(0.1)
    assert capture.take() is None
    assert capture.undecodable == source.decoded > 20
    assert capture.report().condition is CameraCondition.LOST


def test_a_frozen_live_picture_is_reported_and_held_back_until_it_moves() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    source.stuck = True
    capture = capture_of(source, clock)
    for _ in range(52):
        capture.step()
        clock.advance(0.1)
    assert capture.report().condition is CameraCondition.FROZEN
    capture.take()
    capture.step()
    assert capture.take() is None, "a frozen picture must not pass for a child who keeps still"
    clock.advance(0.1)
    source.stuck = False
    capture.step()
    assert capture.report().condition is CameraCondition.STREAMING
    assert capture.take() is not None


def test_a_still_file_is_not_frozen() -> None:
    clock = ManualClock()
    source = ScriptedSource(live=False, pace_fps=10.0)
    source.stuck = True
    capture = capture_of(source, clock)
    for _ in range(100):
        clock.advance(capture.step())
    assert capture.report().condition is CameraCondition.STREAMING


def test_a_source_played_once_ends_and_lets_its_last_frame_out() -> None:
    clock = ManualClock()
    source = ScriptedSource(live=False, pace_fps=10.0)
    source.ends_after = 3
    capture = capture_of(source, clock)
    capture.start()
    capture.join(5.0)
    assert capture.closed
    assert not capture.crashed
    assert not source.opened
    assert capture.report().condition is CameraCondition.ENDED
    assert capture.take() is not None


def test_stopping_closes_the_device_and_withholds_the_frame_that_waits() -> None:
    source = ScriptedSource(live=False, pace_fps=1.0)
    capture = capture_of(source, ManualClock())
    capture.step()
    capture.start()
    capture.stop()
    assert capture.take() is None
    capture.join(5.0)
    assert capture.closed
    assert not source.opened


def test_a_call_that_does_not_return_is_timed() -> None:
    clock = ManualClock()
    busy: list[float] = []

    class Slow(ScriptedSource):
        def grab(self) -> bool:
            clock.advance(70.0)
            busy.append(capture.busy_s)
            return super().grab()

    capture = capture_of(Slow(), clock)
    capture.step()
    assert busy == [70.0]
    assert capture.busy_s == 0.0


def test_a_camera_whose_pictures_stop_decoding_is_lost_and_opened_again() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    capture = capture_of(source, clock)
    capture.step()
    source.decodable = False
    began_s = clock.monotonic_ns() / 1e9
    while capture.report().condition is CameraCondition.STREAMING:
        clock.advance(max(0.1, capture.step()))
    assert clock.monotonic_ns() / 1e9 - began_s < 2.0
    assert "do not decode whole" in capture.report().reason
    while source.openings == 1:
        clock.advance(max(0.1, capture.step()))
    assert GIVE_UP_S < clock.monotonic_ns() / 1e9 - began_s < GIVE_UP_S + 2.0
    source.decodable = True
    capture.step()
    assert capture.report().condition is CameraCondition.STREAMING


def test_a_camera_that_never_decodes_is_opened_again_with_growing_pauses() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    source.decodable = False
    capture = capture_of(source, clock)
    openings_s: list[float] = []
    for _ in range(2000):
        before = source.openings
        clock.advance(max(0.1, capture.step()))
        if source.openings > before:
            openings_s.append(clock.monotonic_ns() / 1e9)
    gaps = [after - before for before, after in pairwise(openings_s)]
    assert gaps[1] > gaps[0]
    assert gaps[-1] == pytest.approx(GIVE_UP_S + LAST_RETRY_S, abs=0.5)


def test_a_frozen_camera_is_opened_again_and_the_same_picture_stays_frozen() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    source.stuck = True
    capture = capture_of(source, clock)
    taken_after = 0
    for _ in range(600):
        clock.advance(max(0.1, capture.step()))
        if capture.take() is not None and source.openings > 1:
            taken_after += 1
    assert source.openings > 3
    assert taken_after == 0, "a stuck picture must not pass for a new one after each opening"
    assert capture.report().condition is CameraCondition.FROZEN
    source.stuck = False
    clock.advance(capture.step())
    clock.advance(capture.step())
    assert capture.report().condition is CameraCondition.STREAMING


def test_what_opencv_says_of_a_fault_is_not_passed_on() -> None:
    class Broken(ScriptedSource):
        def open(self) -> None:
            raise cv2.error("can't open rtsp://anna:geheim@10.0.0.2/")

    capture = capture_of(Broken(), ManualClock())
    capture.step()
    assert capture.report().condition is CameraCondition.LOST
    assert "geheim" not in capture.report().reason


def shown_at(stamps_s: list[float], clock: ManualClock) -> list[float]:
    """When each picture of a file comes out, in seconds after the first."""

    class Stamped(ScriptedSource):
        def grab(self) -> bool:
            self.play_s = stamps_s[self.grabbed]
            return super().grab()

    source = Stamped(live=False, pace_fps=10.0)
    capture = capture_of(source, clock, fps=30.0)
    shown: list[float] = []
    while len(shown) < len(stamps_s):
        wait_s = capture.step()
        frame = capture.take()
        if frame is not None:
            shown.append(frame.captured_ns / 1e9)
        clock.advance(wait_s)
    return [at_s - shown[0] for at_s in shown]


def test_a_file_of_variable_rate_is_shown_by_its_time_stamps() -> None:
    stamps_s = [0.0, 0.1, 0.2, 3.2, 3.3, 9.3, 9.4]
    assert shown_at(stamps_s, ManualClock()) == pytest.approx(stamps_s, abs=1e-6)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_camera_that_is_mounted_turned_gives_upright_pictures(rotate: int) -> None:
    upright = np.zeros((480, 640, 3), np.uint8)
    upright[:100, :50] = 255
    code = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}
    mounted = cv2.rotate(upright, code[rotate]) if rotate else upright
    source, clock = ScriptedSource(), ManualClock()
    source.picture = lambda: np.asarray(mounted, np.uint8)  # type: ignore[method-assign]
    capture = Capture(source, CameraSection.model_validate({"rotate": str(rotate)}), clock)
    capture.step()
    frame = capture.take()
    assert frame is not None
    assert np.array_equal(frame.picture, upright)
