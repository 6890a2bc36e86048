"""What the service says of the movement: its rate, its age, and what the chair says for it."""

from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from calmloop.camera.arrays import Picture
from calmloop.contract import topics
from calmloop.contract.messages.chair import Applied, ChairMode, ChairState
from calmloop.contract.messages.movement import MovementState, NoMovementReason
from calmloop.face_detector.settings import FaceDetectorSection
from calmloop.simulated_child import MoodPin, SimulatedChild
from tests.unit.face_detector.slow_scene import CAMERA_FPS, SlowScene

SECTION = FaceDetectorSection.model_validate({"backend": "viola-jones"})


def child() -> Iterator[Picture]:
    drawn = SimulatedChild(seed=3, mood=MoodPin.NEUTRAL)
    number = 0
    while True:
        drawn.live_until(number / CAMERA_FPS, Applied())
        yield drawn.draw()
        number += 1


def no_pictures() -> Iterator[Picture | None]:
    return repeat(None)


def said(scene: SlowScene, seconds: float) -> list[MovementState]:
    before = len(scene.transport.messages(topics.MOVEMENT_STATE))
    scene.run(seconds)
    return scene.transport.messages(topics.MOVEMENT_STATE)[before:]


@pytest.mark.parametrize("pictures", [child, no_pictures])
def test_it_is_told_five_times_a_second(pictures: type) -> None:
    scene = SlowScene(SECTION, 1, pictures())
    scene.run(1.0)
    assert 24 <= len(said(scene, 5.0)) <= 26


def test_a_camera_that_stops_is_told_within_a_second_with_the_age_of_its_last_picture() -> None:
    first = (picture for picture, _ in zip(child(), range(60), strict=False))
    scene = SlowScene(SECTION, 1, chain(first, no_pictures()))
    last = said(scene, 59 / CAMERA_FPS)[-1]
    assert last.reason is None
    assert last.age_s is not None
    assert last.age_s < 0.3
    states = said(scene, 3.0)
    assert all(state.reason for state in states if (state.age_s or 0.0) > 0.5)
    assert states[-1].reason is NoMovementReason.NO_PICTURE
    assert states[-1].age_s == pytest.approx(3.0, abs=0.3)
    assert states[-1].log_energy is None


@pytest.mark.parametrize(
    ("mode", "told"), [(ChairMode.ACTIVE, 30.0), (ChairMode.DISCONNECTED, None)]
)
def test_the_vibration_is_the_chairs_word_and_is_forgotten_after_half_a_second(
    mode: ChairMode, told: float | None
) -> None:
    scene = SlowScene(SECTION, 1, child())
    scene.run(2.0)
    assert said(scene, 0.5)[-1].vibration_pct is None
    chair = ChairState(mode=mode, applied=Applied(vibration_pct=30.0))
    scene.transport.send(topics.CHAIR_STATE, chair)
    assert said(scene, 0.4)[-1].vibration_pct == told
    assert said(scene, 0.6)[-1].vibration_pct is None
