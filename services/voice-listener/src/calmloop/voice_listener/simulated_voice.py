"""The simulated child's voice: a buzz through a throat. A regression tool, and never evidence.

It hums now and then, laughs where its face is read as happy, and cries where it is read as
unhappy; the room hums faintly, and the chair's own sound is there as it plays.
"""

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16000
ROOM = 0.001
"""Root mean square of the room's noise: -60 dB."""
CHAIR = 0.05
"""Of the chair's sound at full level."""
UNHAPPY, HAPPY = -0.4, 0.4
FORMANTS_HZ = (1000.0, 1800.0, 3400.0)
BANDWIDTHS_HZ = (180.0, 220.0, 350.0)
HARMONICS = 24

Wave = NDArray[np.float64]


class ChildsVoice:
    """Same seed, moods and lengths: same sound.

    Attributes:
        valence: -1 to 1, how the child is.
        sound_pct: 0 to 100, what the chair plays.
    """

    def __init__(self, seed: int) -> None:
        self.valence, self.sound_pct = 0.0, 0.0
        self._rng = np.random.default_rng(seed)
        self._waiting = np.zeros(0)

    def make(self, count: int) -> bytes:
        """The next `count` samples, int16, little-endian, one channel."""
        while len(self._waiting) < count:
            self._waiting = np.concatenate([self._waiting, self._utterance()])
        voice, self._waiting = self._waiting[:count], self._waiting[count:]
        around = ROOM + CHAIR * self.sound_pct / 100.0
        mixed = voice + around * self._rng.standard_normal(count)
        return (np.clip(mixed, -0.99, 0.99) * 32767.0).astype("<i2").tobytes()

    def _utterance(self) -> Wave:
        if self.valence < UNHAPPY:
            return cry(self._rng)
        if self.valence > HAPPY and self._rng.random() < 0.3:
            return laugh(self._rng)
        return pause(1.5) if self._rng.random() < 0.7 else hum(self._rng)


def pause(seconds: float) -> Wave:
    """Nothing."""
    return np.zeros(round(seconds * RATE_HZ))


def cry(rng: np.random.Generator) -> Wave:
    """One breath of crying: rises, stays, falls; about 450 Hz, hoarse and loud."""
    length_s = float(rng.uniform(0.8, 1.3))
    times = _times(length_s)
    peak_hz = float(rng.uniform(400.0, 520.0))
    shape = np.interp(times / length_s, [0.0, 0.15, 0.7, 1.0], [0.8, 1.05, 1.0, 0.7])
    trembling = 1.0 + 0.02 * np.sin(2 * np.pi * 7.0 * times)
    return np.concatenate(
        [0.3 * voiced(peak_hz * shape * trembling, rng, hoarse=0.12), pause(0.35)]
    )


def laugh(rng: np.random.Generator) -> Wave:
    """Four to six short bursts, five a second, falling."""
    first_hz = float(rng.uniform(320.0, 420.0))
    parts = []
    for number in range(int(rng.integers(4, 7))):
        pitch = first_hz * 0.95**number * np.interp(_times(0.11), [0.0, 0.11], [1.08, 0.92])
        parts += [0.2 * voiced(pitch, rng, hoarse=0.25), pause(0.09)]
    return np.concatenate([*parts, pause(0.8)])


def hum(rng: np.random.Generator) -> Wave:
    """A content child: a soft, slow tone."""
    times = _times(float(rng.uniform(0.5, 1.2)))
    pitch = float(rng.uniform(260.0, 330.0)) * (1.0 + 0.03 * np.sin(2 * np.pi * 0.8 * times))
    return np.concatenate([0.05 * voiced(pitch, rng, hoarse=0.02), pause(0.5)])


def voiced(pitch_hz: Wave, rng: np.random.Generator, hoarse: float) -> Wave:
    """A tone of that course of pitch, as rich as a throat's, with some breath; 1 at most."""
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    sound = np.zeros(len(pitch_hz))
    for harmonic in range(1, HARMONICS + 1):
        hz = harmonic * pitch_hz
        weight = _throat(hz) * (hz < 0.45 * RATE_HZ) / harmonic**0.7
        sound += weight * np.sin(harmonic * phase)
    sound += hoarse * np.abs(sound).max() * rng.standard_normal(len(sound))
    edge = np.minimum(1.0, np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / 480.0)
    return np.asarray(sound * edge / np.abs(sound).max())


def _throat(hz: Wave) -> Wave:
    gains = (
        1.0 / (1.0 + ((hz - centre) / width) ** 2)
        for centre, width in zip(FORMANTS_HZ, BANDWIDTHS_HZ, strict=True)
    )
    return np.asarray(0.08 + sum(gains))


def _times(seconds: float) -> Wave:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ
