"""The emotion classifier as a process, and a stand-in for it written from the README alone."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from calmloop.contract.messages.emotion import EMOTIONS, EmotionState
from calmloop.demo.children import start_child, stop_child
from calmloop.service.runtime import EXIT_CONFIGURATION
from tests.broker import Broker
from tests.processes import CHAIR, Client, ServiceProcess, clean_environment, start_service
from tests.real_faces import real_faces

CROP = f"calmloop/{CHAIR}/face/crop"
STATE = f"calmloop/{CHAIR}/emotion/state"
README = Path(__file__).resolve().parents[2] / "services/emotion-classifier/README.md"


@pytest.fixture
def client(broker: Broker, tmp_path: Path) -> Iterator[Client]:
    """A client beside a running classifier, subscribed to what it says."""
    with start_service("emotion_classifier", broker, tmp_path), Client(broker) as connected:
        connected.subscribe(STATE)
        yield connected


def send(client: Client, number: int, crop: bytes, size_px: int, **more: Any) -> None:
    header = {"frame_seq": number, "captured_ns": 10**9 + number, "size_px": size_px, **more}
    client.publish(CROP, crop, header=header, qos=0)


def answer(client: Client, number: int) -> dict[str, Any]:
    return client.wait_for(STATE, lambda body: body["frame_seq"] == number)


def some_crop(seed: int, size_px: int = 48) -> bytes:
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8), dtype=np.uint8)
    return cv2.resize(coarse, (size_px, size_px)).tobytes()


def test_every_crop_is_answered_with_seven_scores(client: Client) -> None:
    for number in range(10):
        send(client, number, some_crop(number), 48)
        body = answer(client, number)
        assert set(body["scores"]) == set(EMOTIONS)
        assert sum(body["scores"].values()) == pytest.approx(1.0, abs=0.001)
        assert body["captured_ns"] == 10**9 + number
        assert body["model"].startswith("calm ")
        assert (body["label"] == "unknown") == ("reason" in body)


def test_happy_faces_are_told_from_unhappy_ones(client: Client, shared_dir: Path) -> None:
    valence: dict[str, list[float]] = {"happy": [], "sad": [], "angry": []}
    for number, (emotion, face) in enumerate(real_faces(shared_dir, set(valence), 60)):
        send(client, number, face.tobytes(), 48)
        valence[emotion].append(answer(client, number)["valence"])
    assert np.mean(valence["happy"]) > 0.4
    assert np.mean(valence["sad"]) < -0.2
    assert np.mean(valence["angry"]) < -0.2


def test_no_face_is_unknown_for_the_detector_s_own_reason(client: Client) -> None:
    for number, reason in enumerate(["no_face", "several_faces", "too_dark", "bad_frame"]):
        send(client, number, b"", 0, reason=reason)
        body = answer(client, number)
        assert (body["label"], body["reason"]) == ("unknown", reason)
        assert (body["confidence"], body["valence"]) == (0.0, 0.0)
        assert not body.get("scores")


@pytest.mark.parametrize(("crop", "size_px"), [(b"", 0), (b"", 48), (b"x" * 100, 48)])
def test_a_crop_that_is_not_what_it_says_is_a_bad_crop(
    client: Client, crop: bytes, size_px: int
) -> None:
    send(client, 1, crop, size_px)
    assert answer(client, 1)["reason"] == "bad_crop"
    send(client, 2, some_crop(2, 96), 96)
    assert answer(client, 2).get("reason") != "bad_crop"


def test_two_replicas_share_the_crops_between_them(broker: Broker, tmp_path: Path) -> None:
    def replica(name: str) -> ServiceProcess:
        return start_service(
            "emotion_classifier",
            broker,
            tmp_path,
            instance=name,
            EMOTION_CLASSIFIER__SHARE_GROUP="readers",
        )

    with replica("a"), replica("b"), Client(broker) as client:
        client.subscribe(STATE)
        for number in range(20):
            send(client, number, some_crop(number), 48)
            answer(client, number)
        states = client.bodies(STATE)
    assert sorted(body["frame_seq"] for body in states) == list(range(20))
    assert {body["source"] for body in states} == {"emotion-classifier/a", "emotion-classifier/b"}


def test_a_model_without_its_card_ends_with_the_code_of_a_wrong_setting(
    broker: Broker, tmp_path: Path
) -> None:
    model = tmp_path / "lonely.tflite"
    model.write_bytes(b"TFL3")
    process = start_service(
        "emotion_classifier",
        broker,
        tmp_path,
        ready=False,
        EMOTION_CLASSIFIER__MODEL=str(model),
    )
    with process:
        assert process.wait() == EXIT_CONFIGURATION
    assert "lonely.json" in process.log.read_text()


def test_the_readme_s_stand_in_takes_the_classifier_s_place(broker: Broker, tmp_path: Path) -> None:
    code = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert code is not None
    assert len(code[1].splitlines()) <= 35
    script = tmp_path / "stand_in.py"
    script.write_text(code[1])
    environment = clean_environment(CALMLOOP_MQTT__PORT=str(broker.port))
    child = start_child([sys.executable, str(script)], log=tmp_path / "log", env=environment)
    try:
        with Client(broker) as client:
            client.subscribe(STATE)
            number = 0
            while not client.bodies(STATE) and number < 100:
                number += 1
                send(client, number, bytes([200]) * 48 * 48, 48)
                client.wait(0.2)
            bright = EmotionState.model_validate(client.bodies(STATE)[0])
            send(client, 1000, b"", 0, reason="no_face")
            none = EmotionState.model_validate(answer(client, 1000))
    finally:
        stop_child(child)
    assert (bright.label, none.label) == ("positive", "unknown")
    assert bright.captured_ns == 10**9 + bright.frame_seq
