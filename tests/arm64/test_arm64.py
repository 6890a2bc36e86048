"""Every service runs on 64-bit ARM with what its lock names, and reads a face as on x86.

How fast is no matter here: QEMU is many times slower than a Raspberry Pi.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.demo.chair import POSIX
from calmloop.demo.children import start_child, stop_child
from calmloop.emotion_classifier.classification import Gray
from calmloop.emotion_classifier.reader import EmotionReader
from calmloop.emotion_classifier.settings import EmotionClassifierSection
from tests.arm64.alone import (
    CLASSIFIERS,
    CLOSE,
    FACES,
    LOCKS_OF_SERVICES,
    assert_read_as_here,
    await_health,
    drawn_faces,
    health_check,
    settings,
)
from tests.arm64.emulated import QEMU, ROOT, said, started
from tests.broker import Broker, free_ports
from tests.real_faces import real_faces
from tests.system.deployment import eventually

pytestmark = [pytest.mark.arm64, pytest.mark.timeout(900)]

LOCKS = ["compose-init", "fleet-centre", *sorted({lock for _, lock in LOCKS_OF_SERVICES})]
AARCH64 = 183
"""EM_AARCH64 of elf(5)."""
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


@pytest.fixture(scope="module", autouse=True)
def root() -> None:
    """It is there, with what the last lock names."""
    if not (ROOT / QEMU).exists():
        pytest.skip(f"no root for arm64 in {ROOT}: `make test-arm64` says why")


@pytest.fixture(scope="module", params=["drawn", "real"])
def faces(request: pytest.FixtureRequest) -> list[Gray]:
    """Those of the simulated child; those of people, where they are beside the repository."""
    if request.param == "drawn":
        return drawn_faces()
    folder = request.getfixturevalue("shared_dir")
    return [np.ascontiguousarray(face) for _, face in real_faces(folder, set(EMOTIONS), FACES)]


def machine_of(program: Path) -> int | None:
    """The machine that an ELF file is for (elf(5)); None of another file."""
    with program.open("rb") as file:
        head = file.read(20)
    return int.from_bytes(head[18:20], "little") if head[:4] == b"\x7fELF" else None


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


def passes_the_health_check(folder: Path) -> bool:
    """What Compose asks, of the service's /tmp."""
    asked = health_check().replace("/tmp", f"{folder}")
    return subprocess.run(["sh", "-c", asked], check=False).returncode == 0


@pytest.mark.parametrize(("service", "lock"), LOCKS_OF_SERVICES)
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
    with started("emotion-classifier", CLASSIFIERS[0], broker, tmp_path):
        await_health(broker, "emotion-classifier")
        assert_read_as_here(broker)


def test_init_and_the_centre_of_a_fleet_run(tmp_path: Path) -> None:
    said("compose-init", tmp_path, "-m", "calmloop.compose_init", "check")
    for module in (
        "fleet_ingest.worker",
        "fleet_centre.__main__",
        "fleet_page.app",
        "fleet_releases.desk",
    ):
        said("fleet-centre", tmp_path, "-c", f"import calmloop.{module}")
