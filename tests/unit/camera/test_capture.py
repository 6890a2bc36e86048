"""Capture: opening, pacing, thinning and closing, on the test's own clock."""

import cv2
import numpy as np
import pytest

from calmloop.base.clock import ManualClock
from calmloop.camera.capture import Capture
from calmloop.camera.settings import CameraSection
from calmloop.contract.messages.camera import CameraCondition
from tests.unit.camera.scripted_source import ScriptedSource, capture_of


def test_a_frame_carries_the_time_of_its_grab() -> None:
    clock = ManualClock()
    capture = capture_of(ScriptedSource(), clock)
    clock.advance(3.0)
    capture.step()
    frame = capture.pop()
    assert frame is not None
    assert frame.captured_ns == clock.monotonic_ns()
    assert capture.report().condition is CameraCondition.STREAMING
    assert capture.pop() is None, "a frame is handed out once"


def test_only_the_newest_frame_is_kept() -> None:
    clock = ManualClock()
    capture = capture_of(ScriptedSource(), clock)
    for _ in range(5):
        capture.step()
        clock.advance(0.1)
    frame = capture.pop()
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
    assert capture.pop() is not None


def test_stopping_closes_the_device_and_withholds_the_frame_that_waits() -> None:
    source = ScriptedSource(live=False, pace_fps=1.0)
    capture = capture_of(source, ManualClock())
    capture.step()
    capture.start()
    capture.stop()
    assert capture.pop() is None
    capture.join(5.0)
    assert capture.closed
    assert not source.opened


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
        frame = capture.pop()
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
    frame = capture.pop()
    assert frame is not None
    assert np.array_equal(frame.picture, upright)
