"""Takes the chair's vibration, 30 to 80 Hz, out of the sound before anything is measured."""

import numpy as np

from calmloop.voice_listener.spectrum import BLOCK, RATE_HZ, Samples

TAPS = 1025
"""Delays by half of it, 32 ms; 90 Hz and less are 44 dB down, 145 Hz and more are kept."""
CUTOFF_HZ = 115.0


class Highpass:
    """A windowed sinc, by FFT; remembers the last 64 ms, so that it goes on from block to block."""

    def __init__(self) -> None:
        self._past = np.zeros(TAPS - 1, np.float32)
        self._size = 1 << (BLOCK + TAPS - 2).bit_length()
        at = np.arange(TAPS) - TAPS // 2
        low = np.sinc(2 * CUTOFF_HZ / RATE_HZ * at) * np.hanning(TAPS)
        high = (at == 0) - low / low.sum()
        self._response = np.fft.rfft(high, self._size)

    def take(self, block: Samples) -> Samples:
        """The next BLOCK samples without what is below."""
        samples = np.concatenate([self._past, block])
        self._past = samples[-len(self._past) :]
        filtered = np.fft.irfft(np.fft.rfft(samples, self._size) * self._response, self._size)
        return filtered[TAPS - 1 : TAPS - 1 + len(block)].astype(np.float32)
