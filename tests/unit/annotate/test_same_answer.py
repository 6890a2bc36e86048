"""annotate, predict, bench and the services give the same answer to the same picture."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import structlog

from calmloop.annotate.reading import FaceAnnotation, PictureReader
from calmloop.base.clock import ManualClock
from calmloop.bench.one_process import Cores
from calmloop.camera import CapturedFrame
from calmloop.camera.arrays import Picture
from calmloop.camera.picture import encode_jpeg, fit
from calmloop.camera.settings import CameraSection
from calmloop.contract import topics
from calmloop.contract.messages.camera import FrameHeader
from calmloop.contract.messages.emotion import EmotionState, Label
from calmloop.contract.messages.face import FaceState
from calmloop.contract.topics import Account
from calmloop.emotion_classifier.service import EmotionClassifierService
from calmloop.emotion_classifier.settings import EmotionClassifierSection
from calmloop.emotion_classifier.settings import Settings as ClassifierSettings
from calmloop.face_detector.service import FaceDetectorService
from calmloop.face_detector.settings import FaceDetectorSection
from calmloop.face_detector.settings import Settings as DetectorSettings
from calmloop.labelling.predicting import Predictor
from calmloop.labelling.segments import Segment, open_clip
from calmloop.service.runtime import Context
from tests.doubles import memory_bus

FRAMES = 60
FPS = 15.0
ALL_FOUR_FRAMES = 15
"""Fewer, since each frame is read four times."""
DARKENED = 0.22
"""Leaves enough contrast for both detectors to find the face."""
LOG = structlog.get_logger("test")


class Services:
    """The face detector and the emotion classifier on a bus in memory."""

    def __init__(self, section: FaceDetectorSection) -> None:
        clock = ManualClock()
        self._camera = CameraSection()
        self._number = 0
        self._detector_bus, self._frames = memory_bus(Account.FACE_DETECTOR, clock)
        self._classifier_bus, self._crops = memory_bus(Account.EMOTION_CLASSIFIER, clock)
        settings = DetectorSettings.model_construct(face_detector=section)
        FaceDetectorService(Context(settings, self._detector_bus, clock, LOG))
        of_classifier = ClassifierSettings.model_construct(
            emotion_classifier=EmotionClassifierSection()
        )
        EmotionClassifierService(Context(of_classifier, self._classifier_bus, clock, LOG))

    def see(self, picture: Picture, at_s: float) -> tuple[FaceState, EmotionState]:
        small = fit(picture, self._camera.width_px, self._camera.height_px)
        self._number += 1
        header = FrameHeader(
            frame_seq=self._number,
            captured_ns=round(at_s * 1e9),
            width_px=small.shape[1],
            height_px=small.shape[0],
        )
        self._frames.published.clear()
        jpeg = encode_jpeg(small, self._camera.jpeg_quality)
        self._frames.send(topics.CAMERA_FRAME, header, data=jpeg)
        self._detector_bus.dispatch()
        crop = next(message for message in self._frames.published if message.header is not None)
        self._crops.inject(crop.name, crop.payload, header=crop.header)
        self._classifier_bus.dispatch()
        return (
            self._frames.messages(topics.FACE_STATE)[-1],
            self._crops.messages(topics.EMOTION_STATE)[-1],
        )


def tell(answer: FaceAnnotation) -> tuple[object, ...]:
    reading = answer.reading
    confidence = 0.0 if reading is None else round(reading.confidence, 4)
    return answer.label, answer.reason, confidence


def said(states: tuple[FaceState, EmotionState]) -> tuple[object, ...]:
    return states[1].label, states[1].reason, states[1].confidence


def section(backend: str, shared_dir: Path) -> FaceDetectorSection:
    model = shared_dir / "data/models/yunet_n_320_320.onnx"
    return FaceDetectorSection.model_validate({"backend": backend, "yunet": {"model": model}})


def frames(shared_dir: Path, clip: str, roll_deg: float = 0.0) -> list[Picture]:
    capture = cv2.VideoCapture(str(shared_dir / "data/video" / clip))
    pictures: list[Picture] = []
    while (frame := capture.read())[0] and len(pictures) < FRAMES:
        height, width = frame[1].shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), -roll_deg, 1.0)
        turned = cv2.warpAffine(frame[1], turn, (width, height), borderMode=cv2.BORDER_REFLECT)
        pictures.append(np.asarray(turned, np.uint8))
    return pictures


@pytest.mark.parametrize("backend", ["viola-jones", "yunet"])
@pytest.mark.parametrize(
    "clip",
    [
        "single_face.mp4",
        pytest.param("theatre_close_up.mp4", marks=pytest.mark.slow),
        "no_face.mp4",
    ],
)
def test_a_clip_is_seen_as_the_services_see_it(backend: str, clip: str, shared_dir: Path) -> None:
    settings = section(backend, shared_dir)
    perception = PictureReader(settings, EmotionClassifierSection())
    services = Services(settings)
    for number, picture in enumerate(frames(shared_dir, clip)):
        answer = perception.see(picture, number / FPS)
        states = services.see(picture, number / FPS)
        assert tell(answer) == said(states)
        box = states[0].box
        assert (box is None) == (answer.reading is None)
        if box is not None and answer.square is not None:
            scale = picture.shape[1] / fit(picture, 640, 480).shape[1]
            assert answer.square.left == pytest.approx(scale * box.x_px, abs=scale)


@pytest.mark.parametrize("name", ["single_face.mp4", "no_face.mp4"])
def test_all_four_give_the_same_answer_to_each_frame(name: str, shared_dir: Path) -> None:
    settings, network = FaceDetectorSection(), EmotionClassifierSection()
    clip = open_clip(shared_dir / "data/video" / name)
    perception, services = PictureReader(settings, network), Services(settings)
    cores, camera = Cores(ManualClock()), CameraSection()
    each = [Segment(str(number), range(number, number + 1)) for number in range(ALL_FOUR_FRAMES)]
    predicted = Predictor(settings, network).predict(clip, each)
    labels = set()
    for number, picture in enumerate(frames(shared_dir, name)[:ALL_FOUR_FRAMES]):
        at_s = clip.at_s(number)
        small = fit(picture, camera.width_px, camera.height_px)
        jpeg = encode_jpeg(small, camera.jpeg_quality)
        prediction = next(predicted)
        measured = cores.step(jpeg, CapturedFrame(small, round(at_s * 1e9)))
        shown = said(services.see(picture, at_s))
        assert tell(perception.see(picture, at_s)) == shown
        predicted_here = prediction.label, prediction.reason, round(prediction.confidence, 4)
        assert predicted_here == shown
        assert (measured.label, round(measured.confidence, 4)) == (shown[0], shown[2])
        labels.add(prediction.label)
    assert (labels != {Label.UNKNOWN}) == (name == "single_face.mp4")


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["viola-jones", "yunet"])
@pytest.mark.parametrize("roll_deg", [-20, 20])
def test_a_rolled_face_in_a_still_is_found_and_read_as_the_services_do(
    backend: str, roll_deg: float, shared_dir: Path
) -> None:
    settings = section(backend, shared_dir)
    perception = PictureReader(settings, EmotionClassifierSection())
    pictures = frames(shared_dir, "single_face.mp4", roll_deg)[::6]
    found = 0
    for picture in pictures:
        services = Services(settings)
        shown = [services.see(picture, look / FPS) for look in range(3)]
        answer = perception.see_still(picture)
        assert tell(answer) == said(shown[-1])
        found += answer.reading is not None
    assert found >= 0.9 * len(pictures)


@pytest.mark.parametrize("backend", ["viola-jones", "yunet"])
def test_a_dark_face_is_too_dark_and_nothing_else(backend: str, shared_dir: Path) -> None:
    settings = section(backend, shared_dir)
    perception = PictureReader(settings, EmotionClassifierSection())
    reasons: list[object] = []
    for picture in frames(shared_dir, "single_face.mp4")[::10]:
        dark = np.asarray(DARKENED * picture, np.uint8)
        services = Services(settings)
        shown = [services.see(dark, look / FPS) for look in range(3)]
        answer = perception.see_still(dark)
        assert tell(answer) == said(shown[-1])
        assert answer.label is Label.UNKNOWN
        reasons.append(answer.reason)
    assert {"too_dark"} <= set(reasons) <= {"too_dark", "no_face"}
