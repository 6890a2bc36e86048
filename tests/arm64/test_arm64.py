"""Every service runs on 64-bit ARM with what its lock names, and reads a face as on x86.

How fast is no matter here: QEMU is many times slower than a Raspberry Pi.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from calmloop.camera.picture import encode_jpeg
from calmloop.contract.messages.chair import Applied
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.demo.chair import POSIX
from calmloop.demo.children import start_child, stop_child
from calmloop.emotion_classifier.classification import Gray
from calmloop.emotion_classifier.reader import EmotionReader
from calmloop.emotion_classifier.settings import EmotionClassifierSection
from calmloop.face_detector import load_detector
from calmloop.face_detector.reader import FaceReader
from calmloop.face_detector.settings import FaceDetectorSection
from calmloop.simulated_child import MoodPin, SimulatedChild
from tests.arm64.emulated import INSTANCE, REPOSITORY, ROOT, said, started
from tests.broker import Broker, free_ports
from tests.processes import CHAIR, Client
from tests.real_faces import real_faces
from tests.services import LISTING
from tests.system.deployment import eventually

pytestmark = [pytest.mark.arm64, pytest.mark.timeout(900)]

SERVICES = [(service.name, lock) for service in LISTING.services for lock in service.locks]
LOCKS = ["compose-init", "fleet-centre", *sorted({lock for _, lock in SERVICES})]
CLASSIFIERS = [lock for service, lock in SERVICES if service == "emotion-classifier"]
COMPOSE = yaml.safe_load((REPOSITORY / "compose/compose.yaml").read_text())
PATIENCE_S = 240.0
AARCH64 = 183
"""EM_AARCH64 of elf(5)."""
FACES = 42
FPS = 15
CLOSE = 0.05
"""Of two probabilities: the runtimes round int8 differently on the two processors."""
READ = """
import json, sys
import numpy as np
from calmloop.emotion_classifier.reader import EmotionReader
from calmloop.emotion_classifier.settings import EmotionClassifierSection
reader, side = EmotionReader(EmotionClassifierSection()), int(sys.argv[1])
faces = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape(-1, side, side)
readings = [reader.read(face) for face in faces]
print(json.dumps([[str(it.label.value), list(it.scores.values())] for it in readings]))
"""
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


@pytest.fixture(scope="module", params=["drawn", "real"])
def faces(request: pytest.FixtureRequest) -> list[Gray]:
    """Those of the simulated child; those of people, where they are beside the repository."""
    if request.param == "drawn":
        return drawn_faces()
    folder = request.getfixturevalue("shared_dir")
    return [np.ascontiguousarray(face) for _, face in real_faces(folder, set(EMOTIONS), FACES)]


@pytest.fixture
def chair_port(tmp_path: Path) -> Iterator[int]:
    """Where the simulated chair, a program of this machine, listens as in Compose.

    On a pseudo-terminal the line's 250,000 baud are a call that QEMU does not know.
    """
    (port,) = free_ports(1)
    serving: list[str | Path] = [
        POSIX,
        "--tcp",
        f"127.0.0.1:{port}",
        "--store",
        tmp_path / "chair-store",
    ]
    chair = start_child(serving, log=tmp_path / "chair.log")
    yield port
    stop_child(chair)


def machine_of(program: Path) -> int | None:
    """The machine that an ELF file is for (elf(5)); None of another file."""
    with program.open("rb") as file:
        head = file.read(20)
    return int.from_bytes(head[18:20], "little") if head[:4] == b"\x7fELF" else None


def passes_the_health_check(folder: Path) -> bool:
    """What Compose asks in the container, of the service's /tmp."""
    kind, line = COMPOSE["x-service"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    asked = line.replace("$$", "$").replace("/tmp", f"{folder}")
    return subprocess.run(["sh", "-c", asked], check=False).returncode == 0


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


@pytest.mark.parametrize("lock", LOCKS)
def test_what_a_lock_names_is_compiled_for_this_processor_alone(lock: str) -> None:
    machines = {machine_of(path) for path in (ROOT / "opt" / lock).rglob("*.so*")}
    assert machines - {None} == {AARCH64}


@pytest.mark.parametrize("lock", CLASSIFIERS)
def test_the_network_reads_faces_as_on_this_machine(
    lock: str, faces: list[Gray], tmp_path: Path
) -> None:
    reader = EmotionReader(EmotionClassifierSection())
    expected = [reader.read(face) for face in faces]
    given = b"".join(face.tobytes() for face in faces)
    read = json.loads(said(lock, tmp_path, "-c", READ, str(faces[0].shape[0]), given=given))
    assert [label for label, _ in read] == [reading.label.value for reading in expected]
    for (_, scores), reading in zip(read, expected, strict=True):
        assert scores == pytest.approx(list(reading.scores.values()), abs=CLOSE)


@pytest.mark.parametrize(("service", "lock"), SERVICES)
def test_a_service_starts_and_passes_its_health_check(
    service: str, lock: str, broker: Broker, chair_port: int, tmp_path: Path
) -> None:
    with started(service, lock, broker, tmp_path, **settings(service, chair_port)) as running:
        try:
            await_health(broker, service)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{running.log.read_text()[-3000:]}") from error
        eventually(lambda: passes_the_health_check(tmp_path), "its health check passes")
        assert running.running


def test_a_face_on_the_bus_is_answered_with_the_same_label(broker: Broker, tmp_path: Path) -> None:
    (face, *_) = drawn_faces()
    expected = EmotionReader(EmotionClassifierSection()).read(face)
    said_of_it: dict[str, Any]
    with started("emotion-classifier", CLASSIFIERS[0], broker, tmp_path), Client(broker) as client:
        await_health(broker, "emotion-classifier")
        state = f"calmloop/{CHAIR}/emotion/state"
        client.subscribe(state)
        header = {"frame_seq": 1, "captured_ns": 1, "size_px": face.shape[0]}
        client.publish(f"calmloop/{CHAIR}/face/crop", face.tobytes(), header=header, qos=0)
        said_of_it = client.wait_for(state, timeout_s=PATIENCE_S)
    assert said_of_it["label"] == expected.label.value
    assert said_of_it["scores"] == pytest.approx(expected.scores, abs=CLOSE)


def test_init_and_the_centre_of_a_fleet_run(tmp_path: Path) -> None:
    said("compose-init", tmp_path, "-m", "calmloop.compose_init", "check")
    for module in ("fleet_ingest.worker", "fleet_centre.__main__", "fleet_page.app"):
        said("fleet-centre", tmp_path, "-c", f"import calmloop.{module}")
