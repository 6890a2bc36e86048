"""From bytes of any usual rate to blocks of half a second at 16 kHz."""

import numpy as np
from numpy.typing import NDArray

from calmloop.voice_listener.spectrum import BLOCK, BLOCK_S, RATE_HZ, Samples

HALF_TAPS = 24
PASSED = 0.9
"""Share of the lower of both Nyquist frequencies that is kept."""
SAMPLE_BYTES = 2


class Blocks:
    """Gathers int16 frames, and hands them on as blocks of BLOCK samples of one channel.

    Between two rates lies a windowed sinc; it delays by HALF_TAPS samples of the source.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._channels = channels
        self._frames = round(BLOCK_S * rate_hz)
        self._bytes = bytearray()
        self._past = np.zeros(2 * HALF_TAPS, np.float32)
        self._taps = None if rate_hz == RATE_HZ else _taps(rate_hz)

    def put(self, data: bytes) -> list[Samples]:
        """The blocks that are whole now."""
        self._bytes += data
        size = self._frames * self._channels * SAMPLE_BYTES
        blocks = []
        while len(self._bytes) >= size:
            blocks.append(self._converted(bytes(self._bytes[:size])))
            del self._bytes[:size]
        return blocks

    def _converted(self, data: bytes) -> Samples:
        frames = np.frombuffer(data, "<i2").reshape(-1, self._channels)
        mono: Samples = (frames.mean(axis=1) / 32768.0).astype(np.float32)
        if self._taps is None:
            return mono
        samples = np.concatenate([self._past, mono])
        self._past = samples[-2 * HALF_TAPS :]
        starts, weights = self._taps
        pieces = samples[starts[:, None] + np.arange(2 * HALF_TAPS)]
        return np.asarray((pieces * weights).sum(axis=1), np.float32)


def _taps(rate_hz: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each sample of a block: where its piece of the source begins, and the weights for it."""
    at = np.arange(BLOCK) * rate_hz / RATE_HZ + HALF_TAPS
    starts = np.floor(at).astype(np.int64) - HALF_TAPS + 1
    offsets = starts[:, None] + np.arange(2 * HALF_TAPS) - at[:, None]
    cutoff = PASSED * min(1.0, RATE_HZ / rate_hz)
    window = 0.5 + 0.5 * np.cos(np.pi * np.clip(offsets / HALF_TAPS, -1.0, 1.0))
    weights = cutoff * np.sinc(cutoff * offsets) * window
    return starts, (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
