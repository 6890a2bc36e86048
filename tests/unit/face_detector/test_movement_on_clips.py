"""How much is seen to move in real clips, and in pictures of the simulated child."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.camera.picture import encode_jpeg
from calmloop.contract.messages.chair import Applied
from calmloop.contract.messages.movement import NoMovementReason
from calmloop.face_detector.movement import Movement, MovementReading
from calmloop.face_detector.reader import FaceReader, load_detector
from calmloop.face_detector.settings import FaceDetectorSection
from calmloop.simulated_child import MoodPin, SimulatedChild

FPS = 15.0


def read_clip(folder: Path, names: Iterable[str]) -> list[MovementReading]:
    """What each picture of the clips, one after another at 15 a second, makes of the movement."""
    model = {"model": folder / "data/models/yunet_n_320_320.onnx"}
    section = FaceDetectorSection.model_validate({"backend": "yunet", "yunet": model})
    movement = Movement()
    reader = FaceReader(load_detector(section), section, movement=movement)
    readings, at_s = [], 0.0
    for name in names:
        capture = cv2.VideoCapture(str(folder / "data/video" / name))
        while (frame := capture.read())[0] and capture.grab():
            at_s += 1 / FPS
            picture = np.asarray(frame[1], np.uint8)
            reader.read(encode_jpeg(picture, 80), len(picture), at_s, 0.0)
            readings.append(movement.reading(at_s))
    return readings


def known(readings: list[MovementReading]) -> list[float]:
    return [value for reading in readings if (value := reading.log_energy) is not None]


def test_a_speaker_moves_less_than_an_actor(shared_dir: Path) -> None:
    speaker = read_clip(shared_dir, ["single_face.mp4"])
    actor = read_clip(shared_dir, ["theatre_close_up.mp4"])
    assert len(known(speaker)) > 0.7 * len(speaker)
    assert len(known(actor)) > 0.4 * len(actor)
    assert np.median(known(speaker)) < 1.2
    assert np.median(known(actor)) > 1.5
    speeds = [r.head_speed for r in speaker if r.head_speed is not None]
    assert np.median(speeds) < 0.1
    assert np.median([r.head_speed for r in actor if r.head_speed is not None]) > 0.3


@pytest.mark.parametrize(
    ("mood", "low", "high"),
    [(MoodPin.NEUTRAL, 0.0, 0.5), (MoodPin.POSITIVE, 0.4, 1.2), (MoodPin.NEGATIVE, 1.0, 2.0)],
)
def test_the_simulated_child_moves_with_its_mood(mood: MoodPin, low: float, high: float) -> None:
    child, movement = SimulatedChild(seed=1, mood=mood), Movement()
    section = FaceDetectorSection.model_validate({"backend": "viola-jones"})
    reader = FaceReader(load_detector(section), section, movement=movement)
    readings = []
    for number in range(90):
        child.live_until(number / FPS, Applied(vibration_pct=20.0))
        reader.read(encode_jpeg(child.draw(), 80), 480, number / FPS, 20.0)
        readings.append(movement.reading(number / FPS))
    assert len(known(readings)) > 80
    assert low <= np.median(known(readings)) <= high


def test_a_clip_that_is_cut_into_another_has_jumped(shared_dir: Path) -> None:
    readings = read_clip(shared_dir, ["single_face.mp4", "theatre_close_up.mp4"])
    assert NoMovementReason.JUMPED in {reading.reason for reading in readings[36:44]}
