"""The real detector finds the simulated child, and the shipped network reads its moods.

A check of the loop's parts against each other: it says nothing about real children.
"""

from collections import Counter
from pathlib import Path

import cv2
import pytest

from calmloop.camera.picture import encode_jpeg
from calmloop.contract.messages.chair import Applied
from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.stimulus import Light
from calmloop.emotion_classifier import EmotionClassifierSection, load_classifier
from calmloop.emotion_classifier.classification import Classifier
from calmloop.emotion_classifier.reading import read
from calmloop.face_detector import load_detector
from calmloop.face_detector.reader import FaceReader
from calmloop.face_detector.settings import FaceDetectorSection
from calmloop.simulated_child import MoodPin, SimulatedChild

CASCADES = Path(cv2.__file__).parent / "data"
FRAMES = 300
CASCADE_FRAMES = 100
FPS = 15
FOUND_AT_LEAST = 0.95
READ_RIGHT_AT_LEAST = 0.80
JPEG_QUALITY = 85
LIGHTS = {
    "warm": Light(red_pct=60, green_pct=40, blue_pct=15),
    "blue": Light(red_pct=5, green_pct=30, blue_pct=80),
}
MOODS = (MoodPin.NEGATIVE, MoodPin.NEUTRAL, MoodPin.POSITIVE)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier(EmotionClassifierSection())


@pytest.mark.slow
@pytest.mark.parametrize("mood", MOODS)
def test_the_face_is_found_and_its_mood_is_read(classifier: Classifier, mood: MoodPin) -> None:
    check(classifier, mood, Light(), FRAMES)


@pytest.mark.slow
@pytest.mark.parametrize("light", list(LIGHTS))
@pytest.mark.parametrize("mood", MOODS)
def test_the_chairs_light_does_not_hide_it(
    classifier: Classifier, mood: MoodPin, light: str
) -> None:
    check(classifier, mood, LIGHTS[light], FRAMES // 3)


def check(classifier: Classifier, mood: MoodPin, light: Light, frames: int) -> None:
    """Fails unless enough of `frames` hold a face, and enough of those are read right."""
    section = FaceDetectorSection()
    reader = FaceReader(load_detector(section), section)
    child = SimulatedChild(mood=mood, seed=11)
    labels: Counter[str] = Counter()
    for n in range(frames):
        child.live_until(n / FPS, Applied(light=light))
        picture = child.draw()
        finding = reader.read(encode_jpeg(picture, JPEG_QUALITY), picture.shape[0], n / FPS)
        if finding.crop is not None:
            reading = read(classifier.logits(finding.crop), classifier.calibration)
            labels[reading.label.value] += 1
    found = labels.total()
    right = labels[Label(mood.value).value]
    print(
        f"{mood.value}: found in {found / frames:.1%} of {frames}, {dict(labels)},"
        f" right in {right / max(1, found):.1%} ({classifier.name})"
    )
    assert found >= FOUND_AT_LEAST * frames
    assert right >= READ_RIGHT_AT_LEAST * found


@pytest.mark.slow
@pytest.mark.parametrize("mood", MOODS)
def test_opencvs_default_cascade_finds_the_face_without_following_it(mood: MoodPin) -> None:
    cascade = cv2.CascadeClassifier(str(CASCADES / "haarcascade_frontalface_default.xml"))
    child = SimulatedChild(mood=mood, seed=12, width_px=320, height_px=240)
    found = 0
    for n in range(CASCADE_FRAMES):
        child.live_until(n / FPS, Applied())
        gray = cv2.cvtColor(child.draw(), cv2.COLOR_BGR2GRAY)
        faces = cascade.detectMultiScale(cv2.equalizeHist(gray), 1.2, 4, minSize=(50, 50))
        found += len(faces) == 1
    print(f"{mood.value}: found in {found / CASCADE_FRAMES:.1%} by the default cascade")
    assert found >= FOUND_AT_LEAST * CASCADE_FRAMES
