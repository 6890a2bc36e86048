"""Sound of any usual rate becomes blocks of 16 kHz without anything else in it."""

import numpy as np
import pytest

from calmloop.voice_listener.resampling import Blocks
from calmloop.voice_listener.sources.source import RATES_HZ
from calmloop.voice_listener.spectrum import BLOCK, RATE_HZ, Samples


def pcm(sound: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bytes:
    return np.rint(sound * 32768).astype("<i2").tobytes()


def converted(hz: float, rate_hz: int, channels: int = 1, piece: int = 999) -> Samples:
    sound = 0.5 * np.sin(2 * np.pi * hz * np.arange(2 * rate_hz) / rate_hz)
    data = pcm(np.repeat(sound, channels))
    gathered = Blocks(rate_hz, channels)
    blocks = []
    for at in range(0, len(data), piece):
        blocks += gathered.put(data[at : at + piece])
    assert [len(block) for block in blocks] == [BLOCK] * 4
    return np.concatenate(blocks)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("channels", [1, 2])
def test_a_tone_stays_what_it_is_across_blocks(rate_hz: int, channels: int) -> None:
    heard = converted(1000.0, rate_hz, channels)[BLOCK:]
    spectrum = np.abs(np.fft.rfft(heard)) / len(heard) * 2
    at = round(1000 * len(heard) / RATE_HZ)
    assert spectrum[at] == pytest.approx(0.5, abs=0.01)
    spectrum[at] = 0.0
    assert spectrum.max() < 0.002


@pytest.mark.parametrize("rate_hz", [32000, 44100, 48000, 96000])
def test_what_16_khz_cannot_hold_is_left_out(rate_hz: int) -> None:
    assert np.abs(converted(12000.0, rate_hz)[BLOCK:]).max() < 0.005
