"""`calmloop demo` with one network in the place of face detector and classifier."""

import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from calmloop.base.clock import SystemClock
from calmloop.base.settings import MqttSettings
from calmloop.bus.bus import Bus
from calmloop.bus.connection import client_id
from calmloop.bus.mqtt import PahoTransport
from calmloop.contract import topics
from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.session import Phase
from calmloop.contract.topics import Account
from calmloop.papers.frcnn.stage import NAME
from tests.papers.drawn_detector import DrawnRun
from tests.papers.legible import BOUND, find_steady, jpeg
from tests.processes import clean_environment

CALMLOOP = Path(__file__).parents[2] / ".venv" / "bin" / "calmloop"
"""The product's own environment, which `make papers` makes too; here only the detector lives."""
CHAIR = "demo"
PICTURES = 40
SECONDS = 20
PATIENCE_S = 150.0
READY = re.compile(r"watch it on 127\.0\.0\.1:(\d+)")


class Ear:
    """What both topics say and by whom, and how session and chair went."""

    def __init__(self, port: int) -> None:
        self.bus = Bus(
            PahoTransport(MqttSettings(port=port), client_id(CHAIR, Account.SESSION_LOG, "ear")),
            chair_id=CHAIR,
            service=Account.SESSION_LOG,
            instance="ear",
            clock=SystemClock(),
        )
        self.faces: Counter[str] = Counter()
        self.emotions: Counter[str] = Counter()
        self.phases: list[Phase] = []
        self.modes: list[ChairMode] = []
        self.bus.subscribe(topics.FACE_STATE, lambda r: self.faces.update([r.message.detector]))
        self.bus.subscribe(topics.EMOTION_STATE, lambda r: self.emotions.update([r.message.model]))
        self.bus.subscribe(topics.SESSION_STATE, lambda r: self.phases.append(r.message.phase))
        self.bus.subscribe(topics.CHAIR_STATE, lambda r: self.modes.append(r.message.mode))
        self.bus.start()

    def listen_while(self, child: subprocess.Popen[str]) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while child.poll() is None:
            assert time.monotonic() < deadline_s, "the demo does not end"
            self.bus.wait(0.1)
            self.bus.dispatch()


@pytest.fixture
def shown(drawn_run: DrawnRun, tmp_path: Path) -> Path:
    """A folder of pictures that a camera plays: one face, moved a little each time."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, pixels in enumerate(find_steady(drawn_run, PICTURES)):
        (folder / f"{number:02}.jpg").write_bytes(jpeg(pixels))
    return folder


@pytest.fixture
def demo(drawn_run: DrawnRun, shown: Path, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    bounds = f"--min-confidence {BOUND} --min-confidence-positive {BOUND}"
    serve = f"{sys.executable} -m calmloop.papers frcnn serve {drawn_run.folder} {bounds}"
    command = [str(CALMLOOP), "demo", "--headless", "--no-sound", "--source", str(shown)]
    command += ["--seconds", str(SECONDS), "--baseline-seconds", "2"]
    command += ["--instead", f"face-detector={serve}", "--instead", "emotion-classifier="]
    command += ["--report", str(tmp_path / "report.json"), "--logs", str(tmp_path / "logs")]
    child = subprocess.Popen(command, env=clean_environment(), stderr=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(30)


def test_a_session_starts_and_ends_by_one_network_that_answers_on_both_topics(
    demo: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    assert demo.stderr is not None
    said = ""
    while (ready := READY.search(said)) is None:
        line = demo.stderr.readline()
        assert line, said
        said += line
    ear = Ear(int(ready[1]))
    try:
        ear.listen_while(demo)
    finally:
        ear.bus.close()
    assert demo.returncode == 0, demo.stderr.read()
    assert set(ear.faces) == {NAME}
    assert {model.split()[0] for model in ear.emotions} == {NAME}
    assert min(ear.faces.total(), ear.emotions.total()) > SECONDS
    assert ChairMode.ACTIVE in ear.modes
    assert {Phase.IDLE} < set(ear.phases)
    assert ear.phases[-1] is Phase.IDLE
    assert ear.modes[-1] not in {ChairMode.ARMED, ChairMode.ACTIVE, ChairMode.RAMPDOWN}
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["faces"] > 0
    assert report["setpoints"] > 0
    assert "active" in [point["state"] for point in report["chair_states"]]
    assert report["restarts"] == {}
    logs = {path.name for path in (tmp_path / "logs").glob("*.log")}
    assert "face-detector.log" in logs
    assert "emotion-classifier.log" not in logs
