"""Sounds of the tests, made in memory."""

import numpy as np
from numpy.typing import NDArray

from calmloop.voice_listener import simulated_voice
from calmloop.voice_listener.spectrum import BLOCK, RATE_HZ, Samples

ROOM = 0.001
"""Root mean square of a quiet room: -60 dB."""


def times(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def noise(seconds: float, rms: float = ROOM, seed: int = 1) -> Samples:
    rng = np.random.default_rng(seed)
    return (rms * rng.standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def tone(hz: float, seconds: float, rms: float = 0.05, harmonics: int = 5) -> Samples:
    """A tone with overtones, as of a throat."""
    parts = (np.sin(2 * np.pi * n * hz * times(seconds)) / n for n in range(1, harmonics + 1))
    sound = np.sum(list(parts), axis=0)
    scaled: Samples = (rms * sound / np.sqrt(np.mean(sound**2))).astype(np.float32)
    return scaled


def crying(seconds: float, seed: int = 1) -> Samples:
    rng = np.random.default_rng(seed)
    sound = np.zeros(0)
    while len(sound) < seconds * RATE_HZ:
        sound = np.concatenate([sound, simulated_voice.cry(rng)])
    return sound[: round(seconds * RATE_HZ)].astype(np.float32)


def blocks(sound: Samples) -> list[Samples]:
    return [sound[at : at + BLOCK] for at in range(0, len(sound) - BLOCK + 1, BLOCK)]
