"""A recording keeps a device's pace by the clock, and plays nothing for what it missed."""

import json
from pathlib import Path

import numpy as np
import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.sound_player.outputs.output import BLOCK_FRAMES
from calmloop.sound_player.outputs.recording import Recording

RATE_HZ = 48_000
BUFFER_S = 0.1
ONES = np.ones(BLOCK_FRAMES * 2, np.float32).tobytes()


class ByHand(Recording):
    """One without a thread of its own."""

    def begin(self, path: Path) -> None:
        self._started_ns = self._clock.monotonic_ns()
        self._file = self._create(path)


def sound(path: Path) -> np.ndarray:
    return np.frombuffer(path.read_bytes(), np.float32).reshape(-1, 2)[:, 0]


def test_it_asks_a_buffer_ahead_and_says_when_each_block_is_at_the_output(tmp_path: Path) -> None:
    clock, times = ManualClock(), []
    recording = ByHand(tmp_path / "r.f32", clock, BUFFER_S)
    recording.begin(tmp_path / "r.f32")
    began_ns = clock.monotonic_ns()

    def render(output_ns: int) -> bytes:
        times.append((output_ns - began_ns) / 1e9)
        return ONES

    wait_s = recording.step(render)
    assert times == pytest.approx([0.0, 0.025, 0.05, 0.075])
    assert 0.0 < wait_s <= 0.025
    for _ in range(40):
        clock.advance(0.025)
        recording.step(render)
    assert times[-1] == pytest.approx(1.0 + BUFFER_S - 0.025)
    assert len(sound(tmp_path / "r.f32")) == len(times) * BLOCK_FRAMES
    assert recording.underruns == 0
    assert json.loads((tmp_path / "r.f32.json").read_text())["started_ns"] == began_ns


def test_what_it_missed_is_silence_of_that_length(tmp_path: Path) -> None:
    clock = ManualClock()
    recording = ByHand(tmp_path / "r.f32", clock, BUFFER_S)
    recording.begin(tmp_path / "r.f32")
    recording.step(lambda _: ONES)
    clock.advance(1.0)
    recording.step(lambda _: ONES)
    heard = np.flatnonzero(sound(tmp_path / "r.f32") == 0.0)
    assert recording.underruns == 1
    assert heard[0] == round(BUFFER_S * RATE_HZ)
    assert heard[-1] + 1 == RATE_HZ


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "no" / "r.f32", ManualClock(), BUFFER_S)
    with pytest.raises(DeviceError, match=r"recording\.path: .*r\.f32 cannot be written"):
        recording.open(lambda _: ONES)
