"""A sound server of the test's own: PulseAudio with a sink that plays nowhere, and its monitor."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

STARTED_S = 10.0
LATE_S = 5.0
CHUNK_BYTES = 4 * 480
"""10 ms of one channel."""
SINK = "calmloop_test"
FORMAT = ("--format=float32le", "--rate=48000", "--channels=1")
ASOUND = """pcm.!default { type pulse }
ctl.!default { type pulse }
"""


class Monitor:
    """What a sink plays, with the time at which it was heard."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        self._heard = threading.Condition()
        self._chunks: list[tuple[float, bytes]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Monitor":
        return self

    def __exit__(self, *_: object) -> None:
        self._child.terminate()
        self._child.wait()
        self._thread.join()
        assert self._child.stdout is not None
        self._child.stdout.close()

    def wait_until(self, at_s: float) -> None:
        """Returns once it has heard what came after that time, by time.monotonic()."""
        deadline_s = max(at_s, time.monotonic()) + LATE_S
        with self._heard:
            while not self._chunks or self._chunks[-1][0] < at_s:
                assert self._heard.wait(deadline_s - time.monotonic()), "the monitor is silent"

    def since(self, at_s: float) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """What was heard from then on, and when each sample of it was, at the latest."""
        with self._heard:
            chunks = [(heard_s, data) for heard_s, data in self._chunks if heard_s >= at_s]
        sound = np.frombuffer(b"".join(data for _, data in chunks), np.float32)
        times = [np.full(len(data) // 4, heard_s) for heard_s, data in chunks]
        return sound, np.concatenate([np.zeros(0), *times])

    def _read(self) -> None:
        assert self._child.stdout is not None
        while data := self._child.stdout.read(CHUNK_BYTES):
            with self._heard:
                self._chunks.append((time.monotonic(), data))
                self._heard.notify_all()


class SoundServer:
    """Plays a file into the sink; who records hears it."""

    def __init__(self, folder: Path) -> None:
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "PULSE_RUNTIME_PATH": str(folder / "run"),
            "PULSE_SOURCE": f"{SINK}.monitor",
        }
        (folder / "run").mkdir(mode=0o700)
        (folder / "asound.conf").write_text(ASOUND)
        self.start()

    def start(self) -> None:
        """Starts it, for the first time or again."""
        arguments = ["-n", "--exit-idle-time=-1", "--disallow-exit", "--daemonize=no"]
        modules = ["module-native-protocol-unix", f"module-null-sink sink_name={SINK} rate=48000"]
        self._child = subprocess.Popen(
            ["pulseaudio", *arguments, *(f"--load={module}" for module in modules)],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + STARTED_S
        while self._run("pactl", "info").returncode != 0:
            assert self._child.poll() is None, "PulseAudio has ended"
            assert time.monotonic() < deadline, "PulseAudio does not answer"
            time.sleep(0.1)

    def play(self, path: Path) -> subprocess.Popen[bytes]:
        """Begins to play a WAV file."""
        return subprocess.Popen(["paplay", f"--device={SINK}", str(path)], env=self.environment)

    def listen(self) -> "Monitor":
        """Begins to hear what the sink plays."""
        return Monitor(
            ["parec", f"--device={SINK}.monitor", *FORMAT, "--latency-msec=20", "--raw"],
            self.environment,
        )

    def mute(self, *, on: bool) -> None:
        """What a mute key does."""
        assert self._run("pactl", "set-sink-mute", SINK, str(int(on))).returncode == 0

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ends it, or sends it another signal."""
        self._child.send_signal(number)

    def close(self) -> None:
        self._child.kill()
        self._child.wait()

    def _run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(words, env=self.environment, check=False, capture_output=True)


@pytest.fixture
def sound_server(tmp_path: Path) -> Iterator[SoundServer]:
    if shutil.which("pulseaudio") is None:
        pytest.skip("PulseAudio is not installed: make test-sound")
    server = SoundServer(tmp_path)
    yield server
    server.close()
