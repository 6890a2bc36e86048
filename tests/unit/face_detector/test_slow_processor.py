"""On a slow processor a face is found and followed all the same: readings are fewer, not wrong."""

from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.camera.arrays import Picture
from calmloop.contract.messages.chair import Applied
from calmloop.contract.messages.face import FaceState, NoFaceReason
from calmloop.face_detector.settings import FaceDetectorSection
from calmloop.simulated_child import MoodPin, SimulatedChild
from tests.unit.face_detector.slow_scene import CAMERA_FPS, SlowScene

FIND_WITHIN_S = 4.0
READINGS_A_SECOND = 5.0
LATE_S = 0.3

BACKENDS = pytest.mark.parametrize("section", ["viola-jones", "yunet"], indirect=True)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    cv2.setNumThreads(1)


@pytest.fixture
def section(request: pytest.FixtureRequest) -> FaceDetectorSection:
    if request.param == "viola-jones":
        return FaceDetectorSection.model_validate({"backend": request.param})
    folder: Path = request.getfixturevalue("shared_dir")
    model = folder / "data/models/yunet_n_320_320.onnx"
    return FaceDetectorSection.model_validate({"backend": "yunet", "yunet": {"model": model}})


def child(roll_deg: float = 0.0) -> Iterator[Picture]:
    drawn = SimulatedChild(seed=3, mood=MoodPin.POSITIVE)
    turn = cv2.getRotationMatrix2D((320, 240), -roll_deg, 1.0)
    number = 0
    while True:
        drawn.live_until(number / CAMERA_FPS, Applied())
        picture = cv2.warpAffine(drawn.draw(), turn, (640, 480), borderMode=cv2.BORDER_REFLECT)
        yield np.asarray(picture, np.uint8)
        number += 1


def empty_room(shared_dir: Path) -> Iterator[Picture]:
    capture = cv2.VideoCapture(str(shared_dir / "data/video/no_face.mp4"))
    read, picture = capture.read()
    assert read
    return repeat(np.asarray(picture, np.uint8))


def readings(states: list[FaceState]) -> list[FaceState]:
    return [state for state in states if state.box is not None]


@pytest.mark.slow
@pytest.mark.parametrize("slowdown", [1, 2, 4, 8])
@BACKENDS
def test_the_face_is_found_and_followed(
    section: FaceDetectorSection, slowdown: float, measured: Callable[[str], None]
) -> None:
    scene = SlowScene(section, slowdown, child())
    first = scene.run(FIND_WITHIN_S)
    found_s = (readings(first)[0].captured_ns - first[0].captured_ns) / 1e9
    late, seconds = scene.late_turns, 10.0
    after = scene.run(seconds)
    rate = len(readings(after)) / seconds
    measured(
        f"{section.backend} at 1/{slowdown} speed: found in {found_s:.1f} s, then"
        f" {rate:.1f} readings a second of {len(after) / seconds:.1f} pictures,"
        f" longest turn {1000 * scene.longest_turn_s:.0f} ms, late at first {late}"
    )
    assert rate >= READINGS_A_SECOND
    assert len(readings(after)) >= 0.95 * len(after)
    assert scene.late_turns == late
    assert scene.longest_turn_s <= LATE_S


@pytest.mark.slow
@pytest.mark.parametrize("roll_deg", [-20, 20])
@pytest.mark.parametrize("slowdown", [2, 4, 8])
@BACKENDS
def test_a_tilted_head_is_found_too(
    section: FaceDetectorSection, slowdown: float, roll_deg: float, measured: Callable[[str], None]
) -> None:
    scene = SlowScene(section, slowdown, child(roll_deg))
    first = scene.run(2 * FIND_WITHIN_S)
    assert readings(first)
    found_s = (readings(first)[0].captured_ns - first[0].captured_ns) / 1e9
    which = f"{section.backend} at 1/{slowdown} speed"
    measured(f"{which}: a head tilted by {roll_deg} degrees found in {found_s:.1f} s")
    after = scene.run(6.0)
    assert len(readings(after)) >= 0.9 * len(after) >= 0.9 * 6.0 * READINGS_A_SECOND


@pytest.mark.parametrize("slowdown", [4, 8])
@BACKENDS
def test_an_empty_room_is_being_searched_until_it_has_been(
    section: FaceDetectorSection, slowdown: float, shared_dir: Path
) -> None:
    scene = SlowScene(section, slowdown, empty_room(shared_dir))
    reasons = [state.reason for state in scene.run(8.0)]
    assert set(reasons) <= {NoFaceReason.SEARCHING, NoFaceReason.NO_FACE}
    assert reasons == sorted(reasons, key=lambda reason: reason is NoFaceReason.NO_FACE)
    assert reasons[-1] is NoFaceReason.NO_FACE


@pytest.mark.parametrize(("stopped_s", "is_known"), [(0.8, True), (3.0, False)])
def test_a_late_turn_drops_its_picture_and_the_face_only_when_it_is_too_old(
    stopped_s: float, is_known: bool
) -> None:
    section = FaceDetectorSection.model_validate({"backend": "viola-jones"})
    scene = SlowScene(section, 1, child())
    assert scene.run(3.0)[-1].box is not None
    late = scene.late_turns
    scene.stop_process(stopped_s)
    states = scene.run(0.97)  # Not a whole number of pictures: the last would come at its very end.
    assert scene.late_turns > late or len(states) <= 16
    assert (states[0].box is not None) == is_known
    assert states[-1].box is not None
