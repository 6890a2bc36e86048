"""The voice listener as a process: twice a second, switched by hand, small, and silent itself."""

import os
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from calmloop.service.runtime import EXIT_CONFIGURATION
from calmloop.voice_listener import simulated_voice
from tests.broker import Broker
from tests.processes import CHAIR, Client, ServiceProcess, start_service

STATE = f"calmloop/{CHAIR}/voice/state"
SET = f"calmloop/{CHAIR}/voice/set"
MAX_MEMORY_MIB = 80
MEASURED_S = 6.0


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    cries = np.concatenate([simulated_voice.cry(rng) for _ in range(8)])
    sound = cries + 0.001 * rng.standard_normal(len(cries))
    path = tmp_path / "sound" / "crying.wav"
    path.parent.mkdir()
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, simulated_voice.RATE_HZ, 0, "NONE", ""))
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def as_in_an_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rich, which structlog would load here and which no image holds."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "rich.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(hidden))


@pytest.fixture
def listener(
    broker: Broker, tmp_path: Path, recording: Path, as_in_an_image: None
) -> Iterator[ServiceProcess]:
    model = Path(os.environ.get("SHARED_DIR", Path(__file__).resolve().parents[3] / "shared"))
    network = model / "data/models/yamnet_spectra_in.tflite"
    settings = {
        "VOICE_LISTENER__SOURCE": "file",
        "VOICE_LISTENER__FILE__PATH": str(recording),
        "VOICE_LISTENER__SWITCH_FILE": str(tmp_path / "switch"),
    }
    if network.is_file():
        settings["VOICE_LISTENER__NETWORK__MODEL"] = str(network)
    with start_service(
        "voice_listener", broker, tmp_path / "log", instance="test", ready=True, **settings
    ) as process:
        yield process


@pytest.mark.alone
@pytest.mark.slow
def test_it_listens_while_it_is_switched_on_and_stays_small(
    broker: Broker,
    listener: ServiceProcess,
    tmp_path: Path,
    recording: Path,
    measured: Callable[[str], None],
) -> None:
    with Client(broker) as client:
        client.subscribe(STATE)
        off = client.wait_for(STATE)
        assert (off["condition"], off["enabled"]) == ("off", False)
        client.publish(SET, {"enabled": True})
        heard = client.wait_for(STATE, lambda body: body.get("above_floor_db", 0) > 20)
        assert heard["source_kind"] == "recorded"
        assert heard["origin"] == "crying.wav"
        assert 300 < client.wait_for(STATE, lambda body: "pitch_hz" in body)["pitch_hz"] < 600
        if heard["model"]:
            assert client.wait_for(STATE, lambda body: body.get("is_crying") is True)

        since, began_s, began_cpu_s = len(client.bodies(STATE)), time.monotonic(), cpu_s(listener)
        client.wait_for(STATE, lambda _: time.monotonic() - began_s > MEASURED_S)
        states = len(client.bodies(STATE)) - since
        spent_ms = 1000 * (cpu_s(listener) - began_cpu_s) / (time.monotonic() - began_s)
        measured(f"voice-listener: {memory_mib(listener):.0f} MiB, {spent_ms:.0f} ms CPU a second")
        assert states == pytest.approx(2 * MEASURED_S, abs=2)
        assert memory_mib(listener) <= MAX_MEMORY_MIB

        client.publish(SET, {"enabled": False})
        client.wait_for(STATE, lambda body: not body["enabled"], since=len(client.received))
    kept = ("broker", "sound", "hidden", "log")
    left = {path.name for path in tmp_path.iterdir() if path.name not in kept}
    assert left == {"switch"}
    assert [path.name for path in recording.parent.iterdir()] == [recording.name]
    assert (tmp_path / "switch").read_text() == "off\n"
    assert listener.log.stat().st_size < 20_000


def test_a_network_that_is_not_there_ends_it_with_what_to_do(
    broker: Broker, tmp_path: Path
) -> None:
    with start_service(
        "voice_listener",
        broker,
        tmp_path,
        ready=False,
        VOICE_LISTENER__NETWORK__MODEL="/nowhere/yamnet.tflite",
    ) as process:
        assert process.wait() == EXIT_CONFIGURATION
    assert "is not there: check the path" in process.log.read_text()


def memory_mib(process: ServiceProcess) -> float:
    """What it holds in memory now, shared libraries included."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_s(process: ServiceProcess) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
