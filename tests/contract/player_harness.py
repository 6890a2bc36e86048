"""A sound player as a process, whose chair and selector are a test's own, and what it recorded."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calmloop.contract import topics
from tests.broker import Broker
from tests.processes import CHAIR, Client, ServiceProcess, start_service
from tests.repeated import Repeated

RATE_HZ = 48_000
PERIOD_S = 0.08
AUDIBLE_WITHIN_S = 0.3
SILENT_WITHIN_S = 0.3
DRY_WITHIN_S = 0.25
MAX_MEMORY_MB = 90.0
"""Of 10^6 bytes."""
STATE = topics.SOUND_STATE.name(CHAIR)
SETPOINT = topics.STIMULUS_SETPOINT.name(CHAIR)
CHAIR_STATE = topics.CHAIR_STATE.name(CHAIR)
STOP = topics.STOP.name(CHAIR)


class SessionDriver(Repeated):
    """Sends setpoints and chair states as selector and bridge do, until it is told otherwise.

    Attributes:
        mode: The chair's; none: it is not heard.
        sound: The setpoint's; none: there is no setpoint.
    """

    period_s = PERIOD_S

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.mode: str | None = "safe"
        self.sound: dict[str, Any] | None = None
        self._client = client
        self._sending = threading.Lock()

    def play(self, track: str, level_pct: float = 30.0) -> None:
        """An active chair, and sound for it; it is sent when this returns."""
        self.change(sound={"track": track, "level_pct": level_pct}, mode="active")

    def change(self, **to: Any) -> None:
        """Another `mode` or `sound`; it is sent when this returns, and nothing older after it."""
        with self._sending:
            for name, value in to.items():
                setattr(self, name, value)
            self._send()

    def _step(self) -> None:
        with self._sending:
            self._send()

    def _send(self) -> None:
        if self.mode is not None:
            self._client.publish(CHAIR_STATE, {"mode": self.mode}, qos=0)
        if self.sound is not None:
            self._client.publish(SETPOINT, {"sound": self.sound}, qos=0)


class Recorded:
    """What the player's recording holds so far."""

    def __init__(self, path: Path) -> None:
        said = json.loads(path.with_name(f"{path.name}.json").read_text())
        whole = path.read_bytes()
        self.sound: NDArray[np.float32] = np.frombuffer(
            whole[: len(whole) // 8 * 8], np.float32
        ).reshape(-1, 2)
        self._started_ns = int(said["started_ns"])

    def frame(self, at_s: float) -> int:
        """The frame that was at the output then, by time.monotonic()."""
        return round((at_s - self._started_ns / 1e9) * RATE_HZ)

    def since(self, at_s: float) -> NDArray[np.float32]:
        """Everything from then on, one channel."""
        return self.sound[max(0, self.frame(at_s)) :, 0]

    def first_sound_s(self, at_s: float) -> float:
        """How long after that the first sample above zero was at the output."""
        return int(np.flatnonzero(self.since(at_s))[0]) / RATE_HZ

    def last_sound_s(self, at_s: float) -> float:
        """How long after that the last sample above zero was at the output."""
        return (int(np.flatnonzero(self.since(at_s))[-1]) + 1) / RATE_HZ

    def seconds_after(self, at_s: float) -> float:
        """How much of it is after that time."""
        return len(self.since(at_s)) / RATE_HZ


def memory_mb(process: ServiceProcess) -> float:
    """What it holds in memory now, shared libraries included."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def playing(
    broker: Broker, folder: Path, tracks: Path, **settings: str
) -> Iterator[tuple[ServiceProcess, Client, SessionDriver, Path]]:
    """A player that records, a client that hears its state, and a driver."""
    path = folder / "recording.f32"
    given = {
        "TRACKS_DIR": str(tracks),
        "SOUND_PLAYER__OUTPUT": "recording",
        "SOUND_PLAYER__RECORDING__PATH": str(path),
    }
    with (
        start_service(
            "sound_player", broker, folder / "log", instance="test", ready=True, **given | settings
        ) as process,
        Client(broker) as client,
        Client(broker) as sender,
        SessionDriver(sender) as driver,
    ):
        client.subscribe(STATE)
        client.wait_for(STATE, lambda body: body["condition"] == "silent")
        yield process, client, driver, path
