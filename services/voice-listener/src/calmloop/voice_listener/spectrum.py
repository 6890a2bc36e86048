"""Spectra of sound as it comes: band power for the level, log-mel for the network.

As YAMNet was trained: 16 kHz, frames of 25 ms every 10 ms, 64 mel bands of 125 to 7500 Hz,
log(mel + 0.001) (Hershey et al. 2017; tensorflow/models, research/audioset/yamnet).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""One-dimensional, at RATE_HZ, full scale is -1 to 1."""

RATE_HZ = 16000
BLOCK = 8000
"""Samples of half a second: what is read at a time."""
BLOCK_S = BLOCK / RATE_HZ
FRAME, HOP, FFT = 400, 160, 512
FRAMES = BLOCK // HOP
"""Frames of a block."""
BANDS = 64
LOW_HZ, HIGH_HZ = 125.0, 7500.0
LOG_OFFSET = 0.001


@dataclass(frozen=True)
class Spectra:
    """The frames of one block, FRAMES of them."""

    power: NDArray[np.float32]
    """Mean square of LOW_HZ to HIGH_HZ in each frame, 1 for a full-scale square wave."""
    log_mel: NDArray[np.float32]
    """FRAMES x BANDS."""


class Spectrograph:
    """Frames reach over from one block into the next, so it remembers the last 15 ms."""

    def __init__(self) -> None:
        self._tail = np.zeros(FRAME - HOP, np.float32)
        self._window = _periodic_hann(FRAME)
        self._mel = _mel_weights()
        frequencies = np.fft.rfftfreq(FFT, 1 / RATE_HZ)
        self._band = (frequencies >= LOW_HZ) & (frequencies <= HIGH_HZ)
        # Parseval: of a real signal each bin stands for two.
        self._scale = 2.0 / (FFT * float(np.sum(self._window**2)))

    def take(self, block: Samples) -> Spectra:
        """The spectra of the next BLOCK samples."""
        samples = np.concatenate([self._tail, block])
        self._tail = samples[-len(self._tail) :]
        frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
        magnitude = np.abs(np.fft.rfft(frames * self._window, FFT))
        power = (magnitude[:, self._band] ** 2).sum(axis=1) * self._scale
        log_mel: NDArray[np.float32] = np.log(magnitude @ self._mel + np.float32(LOG_OFFSET))
        return Spectra(power, log_mel)


def decibel(power: float) -> float:
    """10 lg of a mean square; -140 at least."""
    return float(10.0 * np.log10(max(power, 1e-14)))


def _periodic_hann(length: int) -> NDArray[np.float32]:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length), np.float32)


def _mel_weights() -> NDArray[np.float32]:
    """From the bins of the FFT to triangles of equal width on the mel scale (HTK's)."""
    bins = _mel(np.fft.rfftfreq(FFT, 1 / RATE_HZ))[:, None]
    edges = np.linspace(_mel(np.array(LOW_HZ)), _mel(np.array(HIGH_HZ)), BANDS + 2)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    weights = np.maximum(0.0, np.minimum(rising, falling))
    weights[0] = 0.0
    return np.asarray(weights, np.float32)


def _mel(hz: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log1p(hz / 700.0))
