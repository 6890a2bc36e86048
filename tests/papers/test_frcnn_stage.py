"""One network in the place of face detector and classifier, on a real broker."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from calmloop.base.clock import ManualClock, SystemClock
from calmloop.base.settings import MqttSettings
from calmloop.bus.bus import Bus
from calmloop.bus.connection import client_id
from calmloop.bus.mqtt import PahoTransport
from calmloop.contract import topics
from calmloop.contract.messages.camera import FrameHeader
from calmloop.contract.messages.caregiver import CaregiverPresence
from calmloop.contract.messages.emotion import EMOTIONS, GROUPS, DoubtReason, EmotionState, Label
from calmloop.contract.messages.face import FaceState, NoFaceReason
from calmloop.contract.topics import Account
from calmloop.emotion_classifier import ModelCalibration
from calmloop.face_detector import Finding, Settings
from calmloop.papers.frcnn.pictures import LabelledPicture
from calmloop.papers.frcnn.stage import (
    EmotionAnswers,
    faces_of,
    read_groups,
)
from tests.broker import Broker
from tests.doubles import memory_bus
from tests.papers.drawn_detector import DrawnRun
from tests.papers.legible import BOUND, CALIBRATION, ENLARGED, LOOKS, find_legible, jpeg
from tests.processes import clean_environment

CHAIR, SERVED = "stage", (Account.FACE_DETECTOR, Account.EMOTION_CLASSIFIER)
PATIENCE_S = 60.0


def seen(*faces: tuple[tuple[float, float, float, float], int, float]) -> dict[str, Any]:
    boxes, labels, scores = zip(*faces, strict=True)
    return {
        "boxes": torch.tensor(boxes),
        "labels": torch.tensor(labels),
        "scores": torch.tensor(scores),
    }


def test_boxes_of_one_face_are_one_face_with_the_scores_of_all() -> None:
    here, nearly, there = (10, 10, 50, 50), (12, 10, 52, 50), (60, 10, 90, 40)
    first, second = faces_of(seen((here, 3, 0.6), (there, 1, 0.5), (nearly, 2, 0.3)))
    assert first.groups == pytest.approx((0.0, 0.3, 0.6))
    assert (first.square.x, first.square.y, first.square.side) == (30, 30, 40)
    assert first.score == pytest.approx(0.9)
    assert second.groups == pytest.approx((0.5, 0.0, 0.0))
    assert first.sure and second.sure


def test_what_may_be_no_face_is_left_out_and_scores_never_exceed_one() -> None:
    assert faces_of(seen(((10, 10, 50, 50), 1, 0.2))) == []
    (face,) = faces_of(seen(((10, 10, 50, 50), 1, 0.9), ((10, 10, 50, 50), 2, 0.3)))
    assert face.groups == pytest.approx((0.75, 0.25, 0.0))


def test_a_groups_probability_is_shared_by_its_emotions_and_doubt_has_its_reason() -> None:
    reading = read_groups((0.8, 0.1, 0.0), CALIBRATION)
    assert reading.label is Label.NEGATIVE
    assert reading.confidence == pytest.approx(0.8)
    assert reading.readable == pytest.approx(0.9)
    assert reading.scores["angry"] == reading.scores["sad"] == pytest.approx(0.8 / 0.9 / 4)
    assert reading.scores["surprise"] == 0
    assert sum(reading.scores.values()) == pytest.approx(1)
    assert read_groups((0.0, 0.0, 0.3), CALIBRATION).reason is DoubtReason.UNREADABLE
    assert read_groups((0.39, 0.0, 0.38), CALIBRATION).reason is DoubtReason.AMBIGUOUS
    careful = ModelCalibration(1.0, BOUND, 0.88)
    assert read_groups((0.0, 0.0, 0.8), careful).reason is DoubtReason.LOW_CONFIDENCE


@dataclass(frozen=True)
class InSchool:
    """What of a service's context the classifier's side takes."""

    settings: Settings
    clock: ManualClock


def test_in_school_it_says_nothing_of_a_face_before_there_is_a_ground() -> None:
    clock = ManualClock()
    bus, transport = memory_bus(Account.EMOTION_CLASSIFIER, clock)
    context = InSchool(Settings.model_validate({"use_context": "school"}), clock)
    answers = EmotionAnswers(context, bus, CALIBRATION, "test")  # type: ignore[arg-type]
    bus.start()
    (face,) = faces_of(seen(((10, 10, 50, 50), 3, 0.9)))
    finding = Finding(1, face.square, None, None, None, detection=face)
    header = FrameHeader(frame_seq=1, captured_ns=1, captured_on="h", width_px=96, height_px=96)
    answers.answer(header, finding)
    transport.send(topics.CAREGIVER_STATE, CaregiverPresence(idle_s=0.0, face_ground=True))
    bus.wait(0.0)
    bus.dispatch()
    answers.answer(header, finding)
    first, second = transport.messages(topics.EMOTION_STATE)
    assert (first.label, first.reason) == (Label.UNKNOWN, DoubtReason.NOT_ALLOWED)
    assert first.scores == {}
    assert (second.label, second.reason) == (Label.POSITIVE, None)


@pytest.fixture(scope="module")
def legible(drawn_run: DrawnRun) -> LabelledPicture:
    return find_legible(drawn_run)


class Watcher:
    """The camera's side of the bus, and an eye on what is said."""

    def __init__(self, port: int) -> None:
        transport = PahoTransport(MqttSettings(port=port), client_id(CHAIR, Account.CAMERA, "test"))
        self.bus = Bus(
            transport, chair_id=CHAIR, service=Account.CAMERA, instance="test", clock=SystemClock()
        )
        self.faces: list[FaceState] = []
        self.emotions: list[EmotionState] = []
        self.beats: set[str] = set()
        self.seq = 0
        self.bus.subscribe(topics.FACE_STATE, lambda r: self.faces.append(r.message))
        self.bus.subscribe(topics.EMOTION_STATE, lambda r: self.emotions.append(r.message))
        self.bus.subscribe(topics.HEARTBEAT, lambda r: self.beats.add(r.message.service))
        self.bus.start()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline_s, "nothing came within its time"
            self.bus.wait(0.1)
            self.bus.dispatch()

    def show(self, pixels: Any) -> tuple[FaceState, EmotionState]:
        """Publishes one picture; what both topics say of this very one."""
        self.seq += 1
        header = FrameHeader(
            frame_seq=self.seq,
            captured_ns=time.monotonic_ns(),
            captured_on=self.bus.host_boot_id,
            width_px=ENLARGED * pixels.shape[1],
            height_px=ENLARGED * pixels.shape[0],
        )
        data = jpeg(pixels)
        # The first picture opens the connection for pictures, and is dropped with it.
        self.wait_until(
            lambda: self.bus.publish(topics.CAMERA_FRAME, header, data=data) is not None
        )
        self.wait_until(
            lambda: (
                bool(self.faces and self.emotions)
                and self.faces[-1].frame_seq == self.emotions[-1].frame_seq == self.seq
            )
        )
        return self.faces[-1], self.emotions[-1]


@pytest.fixture
def served(drawn_run: DrawnRun, tmp_path: Path) -> Iterator[Watcher]:
    """`papers frcnn serve` on a broker, heard by both its names."""
    with Broker(tmp_path / "broker") as broker:
        command = [sys.executable, "-m", "calmloop.papers", "frcnn", "serve", drawn_run.folder]
        command += ["--min-confidence", str(BOUND), "--min-confidence-positive", str(BOUND)]
        given = {"CALMLOOP_MQTT__PORT": str(broker.port), "CALMLOOP_CHAIR_ID": CHAIR}
        with (tmp_path / "log").open("wb") as log:
            stage = subprocess.Popen(
                [str(word) for word in command],
                env={**clean_environment(), **given},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        watcher = Watcher(broker.port)
        try:
            watcher.wait_until(lambda: watcher.beats >= set(SERVED))
            yield watcher
            stage.terminate()
            assert stage.wait(30) == 0, (tmp_path / "log").read_text()
        finally:
            watcher.bus.close()
            stage.kill()
            stage.wait()


def test_it_says_what_both_services_say_and_doubts_where_no_face_is(
    served: Watcher, legible: LabelledPicture
) -> None:
    empty = np.full_like(legible.pixels, 120)
    face, emotion = served.show(empty)
    assert face.count == 0
    assert face.box is None
    assert face.reason in {NoFaceReason.NO_FACE, NoFaceReason.SEARCHING}
    assert (emotion.label, emotion.confidence, emotion.scores) == (Label.UNKNOWN, 0, {})
    assert emotion.reason is face.reason

    for _ in range(LOOKS):
        face, emotion = served.show(legible.pixels)
    assert (face.count, face.reason, face.detector) == (1, None, "faster-rcnn")
    assert face.box is not None
    left, top, right, bottom = ENLARGED * legible.boxes[0]
    assert left < face.box.x_px + face.box.width_px / 2 < right
    assert top < face.box.y_px + face.box.height_px / 2 < bottom
    assert emotion.label is list(GROUPS)[int(legible.groups[0])]
    assert emotion.confidence > BOUND
    assert set(emotion.scores) == set(EMOTIONS)
    assert sum(emotion.scores.values()) == pytest.approx(1, abs=1e-3)
    assert emotion.model.startswith("faster-rcnn")
    assert (emotion.captured_ns, emotion.captured_on) == (face.captured_ns, face.captured_on)

    face, emotion = served.show(empty)
    assert face.reason is not None
    assert (emotion.label, emotion.reason) == (Label.UNKNOWN, face.reason)


def test_a_folder_without_a_detector_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "calmloop.papers", "frcnn", "serve", str(tmp_path)]
    done = subprocess.run(
        command, env=clean_environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr.replace("\n", "")
    assert "Traceback" not in done.stderr
