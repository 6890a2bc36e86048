"""The heart monitor as a process: a recording, a board, and no Bluetooth, at a real broker."""

import json
import os
import pty
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.broker import Broker
from tests.processes import CHAIR, Client, ServiceProcess, start_service

HEART = f"calmloop/{CHAIR}/heart/state"
EMG = f"calmloop/{CHAIR}/biosignal/emg/state"
SKIN = f"calmloop/{CHAIR}/biosignal/skin-conductance/state"
BEATS = f"calmloop/{CHAIR}/service/heart-monitor/test/heartbeat"
SIGNALS = json.dumps(
    {
        "emg": {"column": "EMG1", "unit": "mV", "min_value": -5, "max_value": 5},
        "skin-conductance": {"column": "gsr", "unit": "µS"},
    }
)
MAX_RESIDENT_MB = 80


@pytest.fixture
def client(broker: Broker) -> Iterator[Client]:
    with Client(broker) as connected:
        for name in (HEART, EMG, SKIN, BEATS):
            connected.subscribe(name)
        yield connected


@pytest.fixture
def board() -> Iterator[tuple[int, str]]:
    """The board's end of a serial line, and the name of the host's."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    yield ours, os.ttyname(theirs)
    os.close(theirs)


def resident_mb(process: ServiceProcess) -> float:
    """What the process holds of memory at most, so far."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    peak_mb = int(line.split()[1]) / 1024
    print(f"heart-monitor: {peak_mb:.1f} MB")
    return peak_mb


def known(body: dict[str, Any]) -> bool:
    return "reason" not in body


def test_a_recording_of_several_signals_is_played_at_its_own_speed(
    broker: Broker, client: Client, tmp_path: Path
) -> None:
    file = tmp_path / "recording.csv"
    rows = [
        f"{n / 50},{700 + n * 7 % 23 if n % 40 == 0 else ''},{(n % 5 - 2) / 4},{2 + n / 1e4}"
        for n in range(3000)
    ]
    file.write_text("\n".join(["time_s,rr_ms,EMG1,gsr", *rows]))
    with start_service(
        "heart_monitor",
        broker,
        tmp_path,
        HEART_MONITOR__SOURCE="replay",
        HEART_MONITOR__REPLAY__FILE=str(file),
        HEART_MONITOR__SIGNALS=SIGNALS,
    ) as monitor:
        heart = client.wait_for(HEART, known)
        emg = client.wait_for(EMG, lambda body: body["samples"] > 40)
        skin = client.wait_for(SKIN, known)
        assert resident_mb(monitor) < MAX_RESIDENT_MB
    assert heart["rate_bpm"] == pytest.approx(85, abs=2)
    assert (heart["source_kind"], heart["origin"]) == ("recorded", str(file))
    assert emg["value"] == pytest.approx(0.0, abs=0.05)
    assert emg["spread"] == pytest.approx(0.354, abs=0.05)
    assert 40 < emg["samples"] < 70
    assert (skin["unit"], skin["quality"]) == ("µS", 1.0)


def test_a_board_is_heard_and_unknown_as_soon_as_it_is_unplugged(
    broker: Broker, client: Client, tmp_path: Path, board: tuple[int, str]
) -> None:
    ours, name = board
    with start_service("heart_monitor", broker, tmp_path, HEART_MONITOR__SERIAL__PORT=name):
        client.wait_for(HEART, lambda body: body.get("reason") == "silent")
        os.write(ours, b"begun\nbpm=72,contact=1\n\xff\xfe\n")
        body = client.wait_for(HEART, known)
        assert (body["rate_bpm"], body["contact"], body["source_kind"]) == (72.0, True, "live")
        client.wait_for(HEART, lambda body: body["refused"] == 1)
        os.close(ours)
        body = client.wait_for(HEART, lambda body: body.get("reason") == "lost")
        assert "rate_bpm" not in body
        assert "plug the board in" in body["detail"]
        client.wait_for(BEATS, lambda beat: not beat["healthy"])


def test_without_bluetooth_it_says_so_lives_on_and_stays_small(
    broker: Broker, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/calmloop-bus")
    with start_service("heart_monitor", broker, tmp_path) as monitor:
        body = client.wait_for(HEART, lambda body: body.get("reason") == "lost")
        assert "check that Bluetooth is on" in body["detail"]
        assert "rate_bpm" not in body
        assert monitor.running
        assert resident_mb(monitor) < MAX_RESIDENT_MB


def test_the_simulated_heart_says_what_it_is(
    broker: Broker, client: Client, tmp_path: Path
) -> None:
    with start_service(
        "heart_monitor", broker, tmp_path, HEART_MONITOR__SOURCE="simulated"
    ) as monitor:
        body = client.wait_for(HEART, known)
        assert resident_mb(monitor) < MAX_RESIDENT_MB
    assert body["source_kind"] == "simulated"
    assert 60 < body["rate_bpm"] < 160
