"""A sound server of the test's own: PulseAudio with a sink that plays nowhere, and its monitor."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

STARTED_S = 10.0
SINK = "calmloop_test"
ASOUND = """pcm.!default { type pulse }
ctl.!default { type pulse }
"""


class SoundServer:
    """Plays a file into the sink; who records hears it."""

    def __init__(self, folder: Path) -> None:
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "PULSE_RUNTIME_PATH": str(folder / "run"),
            "PULSE_SOURCE": f"{SINK}.monitor",
        }
        (folder / "run").mkdir(mode=0o700)
        (folder / ".asoundrc").write_text(ASOUND)
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
