"""How much of the time there is a pitch, and which: by autocorrelation (Boersma 1993).

A frame's autocorrelation is divided by that of its window; the highest peak above VOICED is its
pitch. Higher pitches win a tie, so that a child is not heard an octave too low.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmloop.voice_listener.spectrum import RATE_HZ, Samples

FRAME, HOP, FFT = 640, 320, 2048
FINER = 2
"""Lags a sample: what is between two of them is seen, too."""
MIN_HZ, MAX_HZ = 90.0, 1600.0
"""From a man's voice to an infant's scream."""
VOICED = 0.5
OCTAVE_COST = 0.02
"""Per octave: Praat's own is 0.01, for quieter rooms."""
ABOVE_FLOOR = 4.0
"""Power of a voiced frame over the floor's, 6 dB."""
MIN_POWER = 1e-8
"""-80 dB: below is the microphone's own noise."""
MIN_FRAMES = 3
"""So many voiced frames make a pitch."""


@dataclass(frozen=True)
class Voicing:
    """Of one block."""

    share: float
    """Of the frames, 0 to 1."""
    pitch_hz: float | None
    """Their median; None where hardly any is voiced."""


class PitchTracker:
    """Remembers the last 20 ms, so that frames reach over from block to block."""

    def __init__(self) -> None:
        self._tail = np.zeros(FRAME - HOP, np.float32)
        at = (np.arange(FRAME) + 0.5) / FRAME
        self._window = (0.5 - 0.5 * np.cos(2 * np.pi * at)).astype(np.float32)
        finest_hz = FINER * RATE_HZ
        self._lags = np.arange(int(finest_hz / MAX_HZ), int(finest_hz / MIN_HZ) + 2)
        shape = _autocorrelation(self._window[None])[0]
        self._shape = shape[self._lags] / shape[0]
        cost = OCTAVE_COST * np.log2(self._lags * MIN_HZ / finest_hz)
        self._cost = cost.astype(np.float32)

    def take(self, block: Samples, floor_power: float) -> Voicing:
        """The voicing of the next block, given the mean square of what is no voice."""
        samples = np.concatenate([self._tail, block])
        self._tail = samples[-len(self._tail) :]
        frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
        loud = np.mean(frames**2, axis=1) > max(MIN_POWER, ABOVE_FLOOR * floor_power)
        pitches = self._pitches(frames[loud])
        median = float(np.median(pitches)) if len(pitches) >= MIN_FRAMES else None
        return Voicing(len(pitches) / len(frames), median)

    def _pitches(self, frames: NDArray[np.float32]) -> NDArray[np.float64]:
        """Of those frames that have one, in Hz."""
        if not len(frames):
            return np.zeros(0)
        centred = frames - frames.mean(axis=1, keepdims=True)
        correlation = _autocorrelation(centred * self._window)
        energy = np.maximum(correlation[:, :1], 1e-12)
        strength = correlation[:, self._lags] / energy / self._shape
        height, lag = _peaks(strength, self._lags)
        best = np.argmax(height - self._cost[1:-1], axis=1)
        rows = np.arange(len(frames))
        voiced = height[rows, best] > VOICED
        return np.asarray(FINER * RATE_HZ / lag[rows, best][voiced])


def _autocorrelation(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each row, FINER values a sample, from lag 0 on."""
    power = np.abs(np.fft.rfft(frames, FFT)) ** 2
    return np.asarray(np.fft.irfft(power, FINER * FFT))


def _peaks(
    strength: NDArray[np.float32], lags: NDArray[np.int64]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Height and place of each maximum, between the lags, too; -inf where there is none.

    Only a maximum is a period: the slope down from lag 0 is not.
    """
    before, here, after = strength[:, :-2], strength[:, 1:-1], strength[:, 2:]
    bend = np.minimum(before - 2 * here + after, -1e-12)
    shift = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    height = here - 0.25 * (before - after) * shift
    is_peak = (here >= before) & (here >= after)
    return np.where(is_peak, height, -np.inf), lags[1:-1] + shift
