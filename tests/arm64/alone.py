"""One service alone, without a device: what it is told, when it is well, and faces for it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from calmloop.camera.picture import encode_jpeg
from calmloop.contract.messages.chair import Applied
from calmloop.emotion_classifier.classification import Gray
from calmloop.emotion_classifier.reader import EmotionReader
from calmloop.emotion_classifier.settings import EmotionClassifierSection
from calmloop.face_detector import load_detector
from calmloop.face_detector.reader import FaceReader
from calmloop.face_detector.settings import FaceDetectorSection
from calmloop.simulated_child import MoodPin, SimulatedChild
from tests.broker import Broker, free_ports
from tests.processes import CHAIR, Client
from tests.services import LISTING

REPOSITORY = Path(__file__).resolve().parents[2]
INSTANCE = "arm64"
COMPOSE = yaml.safe_load((REPOSITORY / "compose/compose.yaml").read_text())
PATIENCE_S = 240.0
FACES = 42
FPS = 15
CLOSE = 0.05
"""Of two probabilities: the runtimes round int8 differently on the two processors."""
LOCKS_OF_SERVICES = [(one.name, lock) for one in LISTING.services for lock in one.locks]
CLASSIFIERS = [lock for service, lock in LOCKS_OF_SERVICES if service == "emotion-classifier"]
SIMULATED = {
    "camera": {"CAMERA__SOURCE": "sim"},
    "heart-monitor": {"HEART_MONITOR__SOURCE": "simulated"},
    "voice-listener": {
        "VOICE_LISTENER__SOURCE": "simulated",
        "VOICE_LISTENER__STARTS_ENABLED": "true",
    },
    "sound-player": {"SOUND_PLAYER__OUTPUT": "recording"},
}
"""What the profile `sim` and its like have instead of a device."""


def drawn_faces() -> list[Gray]:
    """Crops of the simulated child in its three moods, as the face detector hands them on."""
    section = FaceDetectorSection()
    found: list[Gray] = []
    for mood in (MoodPin.NEGATIVE, MoodPin.NEUTRAL, MoodPin.POSITIVE):
        reader = FaceReader(load_detector(section), section)
        child = SimulatedChild(mood=mood, seed=11)
        for number in range(2 * FACES):
            child.live_until(number / FPS, Applied())
            picture = child.draw()
            crop = reader.read(encode_jpeg(picture, 85), picture.shape[0], number / FPS).crop
            if crop is not None:
                found.append(crop)
    assert len(found) > FACES
    return found[:: len(found) // FACES]


def health_check() -> str:
    """What Compose asks a shell in the container."""
    kind, line = COMPOSE["x-service"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    return str(line).replace("$$", "$")


def await_health(broker: Broker, service: str) -> None:
    """Returns at its first healthy heartbeat."""
    beat = f"calmloop/{CHAIR}/service/{service}/{INSTANCE}/heartbeat"
    with Client(broker) as client:
        client.subscribe(beat)
        client.wait_for(beat, lambda body: bool(body["healthy"]), PATIENCE_S)


def settings(service: str, chair_port: int) -> dict[str, str]:
    """Of a service alone: no device, free ports, and its own folder to write in."""
    console, log, metrics = map(str, free_ports(3))
    return {
        "ACTUATOR_BRIDGE__PORT": f"socket://127.0.0.1:{chair_port}",
        "CAREGIVER_CONSOLE__PORT": console,
        "CAREGIVER_CONSOLE__DATA_DIR": "/tmp/console",
        "SESSION_LOG__HTTP_PORT": log,
        "SESSION_LOG__DATA_DIR": "/tmp/log",
        "METRICS_EXPORTER__HTTP_PORT": metrics,
        "SCENARIO_SELECTOR__DATA_DIR": "/tmp/profiles",
        "SOUNDSCAPES_DIR": "/tmp/soundscapes",
        **SIMULATED.get(service, {}),
    }


def assert_read_as_here(broker: Broker) -> None:
    """The classifier at this broker answers a face with what this machine says of it."""
    (face, *_) = drawn_faces()
    expected = EmotionReader(EmotionClassifierSection()).read(face)
    state = f"calmloop/{CHAIR}/emotion/state"
    with Client(broker) as client:
        client.subscribe(state)
        header = {"frame_seq": 1, "captured_ns": 1, "size_px": face.shape[0]}
        client.publish(f"calmloop/{CHAIR}/face/crop", face.tobytes(), header=header, qos=0)
        said: dict[str, Any] = client.wait_for(state, timeout_s=PATIENCE_S)
    assert said["label"] == expected.label.value
    assert said["scores"] == pytest.approx(expected.scores, abs=CLOSE)
