"""A recording in place of a device: at the pace of one, for tests and for showing the loop."""

import json
import threading
from pathlib import Path
from typing import BinaryIO

from pydantic import Field

from calmloop.base.clock import Clock
from calmloop.base.errors import DeviceError
from calmloop.contract.messages.base import SignalKind
from calmloop.sound_player.outputs.output import (
    BLOCK_FRAMES,
    CHANNELS,
    Render,
    SoundOutputSection,
)

RATE_HZ = 48_000
NS_PER_S = 1_000_000_000
BLOCK_NS = NS_PER_S * BLOCK_FRAMES // RATE_HZ
SILENCE = bytes(BLOCK_FRAMES * CHANNELS * 4)
MAX_RECORDED_S = 900.0
CLOSE_S = 1.0


class RecordingSection(SoundOutputSection):
    """A recording."""

    backend = "recording"

    path: Path | None = Field(
        None, description="Takes float32, 48 kHz, stereo; its start stands in PATH.json."
    )

    def load(self, clock: Clock, buffer_s: float) -> "Recording":
        """See `SoundOutputSection.load`."""
        return Recording(self.path, clock, buffer_s)


class Recording:
    """Asks for blocks as a device does, a buffer ahead; what it misses it plays as silence.

    The frame n of the file was at the output n / 48000 s after `started_ns` of the file beside it.
    """

    kind = SignalKind.SIMULATED

    def __init__(self, path: Path | None, clock: Clock, buffer_s: float) -> None:
        self.origin = "recording" if path is None else f"recording {path.name}"
        self.underruns = 0
        self._path = path
        self._clock = clock
        self._buffer_ns = round(buffer_s * NS_PER_S)
        self._file: BinaryIO | None = None
        self._started_ns = 0
        self._blocks = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, render: Render) -> None:
        """Begins; its own thread asks for blocks from now on.

        Raises:
            DeviceError: the file cannot be written.
        """
        self._started_ns = self._clock.monotonic_ns()
        self._blocks = 0
        if self._path is not None:
            self._file = self._create(self._path)
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(render, self._stopping), name="recording", daemon=True
        )
        self._thread.start()

    def trouble(self) -> str:
        """Why it takes no sound any more; empty while it does."""
        if self._thread is not None and self._thread.is_alive():
            return ""
        return f"{self.origin} has ended: see the log above"

    def close(self) -> None:
        """Ends it."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(CLOSE_S)
            self._thread = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def step(self, render: Render) -> float:
        """Asks for what is due and writes it; returns the seconds until the next block is due."""
        while (ahead_ns := self._ahead_ns()) < self._buffer_ns:
            if ahead_ns < 0:
                self._play_nothing(ahead_ns)
            self._write(render(self._output_ns()))
            self._blocks += 1
        return (ahead_ns - self._buffer_ns + BLOCK_NS) / NS_PER_S

    def _run(self, render: Render, stopping: threading.Event) -> None:
        while not stopping.wait(self.step(render)):
            pass

    def _output_ns(self) -> int:
        return self._started_ns + self._blocks * BLOCK_NS

    def _ahead_ns(self) -> int:
        return self._output_ns() - self._clock.monotonic_ns()

    def _play_nothing(self, ahead_ns: int) -> None:
        self.underruns += 1
        missed = -(ahead_ns // BLOCK_NS)
        for _ in range(missed):
            self._write(SILENCE)
        self._blocks += missed

    def _write(self, block: bytes) -> None:
        if self._file is not None and self._blocks * BLOCK_NS < MAX_RECORDED_S * NS_PER_S:
            self._file.write(block)

    def _create(self, path: Path) -> BinaryIO:
        said = {"started_ns": self._started_ns, "rate_hz": RATE_HZ, "channels": CHANNELS}
        try:
            path.with_name(f"{path.name}.json").write_text(json.dumps(said))
            return path.open("wb", buffering=0)
        except OSError as error:
            raise DeviceError(
                f"sound_player.recording.path: {path} cannot be written ({error.strerror}): name a"
                " file in a folder that this user may write to"
            ) from error
