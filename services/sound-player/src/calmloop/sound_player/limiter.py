"""A true-peak limiter: looks ahead, so that it turns down before a peak and never clips it.

The peak between two samples is found by four times oversampling, as in ITU-R BS.1770-4, annex 2.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Shape (frames, 2), full scale is 1."""

CEILING_DBTP = -3.0
CEILING = 10.0 ** (CEILING_DBTP / 20.0)
HOP = 48
"""1 ms at 48 kHz: the gain is one for each."""
FALL_HOPS = 5
"""From one gain down to another."""
LOOKAHEAD_HOPS = FALL_HOPS + 1
"""One more, since a peak is known only half of TAPS after it."""
LOOKAHEAD = HOP * LOOKAHEAD_HOPS
RELEASE_SHARE = 0.01
"""Of the way back to 1 for each hop: 100 ms."""
OVERSAMPLING = 4
TAPS = 16
"""Of each phase of the interpolator."""


def _interpolator() -> NDArray[np.float64]:
    """A windowed sinc for each place between two samples, shape (OVERSAMPLING, TAPS)."""
    place = np.arange(TAPS) - (TAPS / 2 - 1)
    between = np.arange(OVERSAMPLING)[:, np.newaxis] / OVERSAMPLING
    offset = place[np.newaxis, :] - between
    window = 0.5 + 0.5 * np.cos(np.pi * np.clip(offset / (TAPS / 2), -1.0, 1.0))
    kernel = np.sinc(offset) * window
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True))


KERNEL = _interpolator()
FAR_BELOW = CEILING / float(np.abs(KERNEL).sum(axis=1).max())
"""Samples below this have no peak above the ceiling between them."""


class TruePeakLimiter:
    """Holds the true peak at the ceiling; what stays below it passes unchanged, LOOKAHEAD later."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets the sound that it holds back."""
        self._held = np.zeros((LOOKAHEAD + TAPS, 2), np.float32)
        self._needs = deque([1.0] * (LOOKAHEAD_HOPS + 2), maxlen=LOOKAHEAD_HOPS + 2)
        self._released = 1.0
        self._smoothed = deque([1.0] * FALL_HOPS, maxlen=FALL_HOPS)
        self._gain = 1.0

    def process(self, block: Samples) -> Samples:
        """The sound LOOKAHEAD frames ago, with its true peaks at the ceiling at most.

        Args:
            block: A whole number of hops. What is no number counts as silence.
        """
        if not np.isfinite(block).all():
            block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        sound = np.concatenate([self._held, block])
        self._held = sound[len(block) :]
        needed = self._needed(sound, len(block))
        out = sound[TAPS : TAPS + len(block)]
        if self._is_at_rest and min(needed) == 1.0:
            return out
        gains = [self._gain, *map(self._next_gain, needed)]
        self._gain = gains[-1]
        hops = np.arange(len(gains)) * HOP
        return np.asarray(
            out * np.interp(np.arange(len(block)), hops, gains)[:, np.newaxis], np.float32
        )

    @property
    def _is_at_rest(self) -> bool:
        """Whether nothing that it remembers turns anything down."""
        return min(*self._needs, self._released, *self._smoothed, self._gain) == 1.0

    def _needed(self, sound: Samples, frames: int) -> list[float]:
        """What each hop of the newest frames may be multiplied by at most."""
        newest = sound[-(frames + TAPS) :]
        if float(np.abs(newest).max()) < FAR_BELOW:
            return [1.0] * (frames // HOP)
        peaks = np.zeros(frames + 1)
        for channel in range(newest.shape[1]):
            for kernel in KERNEL:
                between = np.convolve(newest[:, channel], kernel[::-1], "valid")
                np.maximum(peaks, np.abs(between), out=peaks)
        hops = peaks[1:].reshape(-1, HOP).max(axis=1)
        return [float(need) for need in np.minimum(1.0, CEILING / np.maximum(hops, CEILING))]

    def _next_gain(self, need: float) -> float:
        """The gain at the end of the next hop: at a peak it has come down all the way."""
        self._needs.append(need)
        least = min(self._needs)
        self._released = min(least, self._released + (1.0 - self._released) * RELEASE_SHARE)
        if self._released > 1.0 - 1e-6:
            self._released = least
        self._smoothed.append(self._released)
        return sum(self._smoothed) / FALL_HOPS
