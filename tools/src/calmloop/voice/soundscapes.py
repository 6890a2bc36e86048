"""Sound as the chair plays it, music, laughter and a child's hum, all made up: nothing recorded."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from calmloop.voice.clips import CLIP_S, SoundClip
from calmloop.voice_listener import RATE_HZ, Samples, hum, laugh, voiced

SEEDS = 8
RMS = 0.05
"""Of each, -26 dB: the level of somebody who talks near the microphone."""
LENGTH = round(CLIP_S * RATE_HZ)
PENTATONIC = (0, 2, 4, 7, 9, 12, 14, 16)

Wave = NDArray[np.float64]
Made = Callable[[np.random.Generator], Wave]


def made(seeds: int = SEEDS) -> Iterator[SoundClip]:
    """So many clips of each sound."""
    for kind, sounds in KINDS.items():
        for name, make in sounds.items():
            for seed in range(seeds):
                yield SoundClip(kind, f"{name} {seed}", scaled(make(np.random.default_rng(seed))))


def scaled(sound: Wave, rms: float = RMS) -> Samples:
    """At that root mean square, cut at full scale."""
    level = max(float(np.sqrt(np.mean(sound**2))), 1e-9)
    clipped: Samples = np.clip(sound * rms / level, -0.99, 0.99).astype(np.float32)
    return clipped


def shaped(rng: np.random.Generator, slope: float, low_hz: float = 20.0) -> Wave:
    """Noise whose power falls with frequency to the power of `slope`: 0 white, 1 pink, 2 brown."""
    hz = np.fft.rfftfreq(LENGTH, 1 / RATE_HZ)
    spectrum = rng.standard_normal(len(hz)) + 1j * rng.standard_normal(len(hz))
    noise = np.fft.irfft(spectrum * np.maximum(hz, low_hz) ** (-slope / 2), LENGTH)
    return np.asarray(noise / noise.std())


def surf(rng: np.random.Generator) -> Wave:
    """Waves of 6 to 10 s."""
    phase = 2 * np.pi * (_times() / rng.uniform(6.0, 10.0) + rng.random())
    return shaped(rng, 1.2) * (0.15 + np.exp(2.0 * np.sin(phase)) / 7.4)


def rain(rng: np.random.Generator) -> Wave:
    """A hiss with drops in it."""
    drops = (rng.random(LENGTH) < 40.0 / RATE_HZ) * rng.exponential(6.0, LENGTH)
    ringing = np.exp(-np.arange(400) / 60.0) * np.sin(2 * np.pi * 1800 * np.arange(400) / RATE_HZ)
    return shaped(rng, 0.4) + np.convolve(drops, ringing)[:LENGTH]


def brown(rng: np.random.Generator) -> Wave:
    """Brown noise."""
    return shaped(rng, 2.0)


def heartbeat(rng: np.random.Generator) -> Wave:
    """Two thuds a beat, 50 to 70 a minute."""
    at_s = _times() % (60.0 / rng.uniform(50.0, 70.0))
    thuds = sum(
        np.exp(-(((at_s - when) / 0.04) ** 2)) * np.sin(2 * np.pi * hz * (at_s - when))
        for when, hz in ((0.1, 55.0), (0.38, 70.0))
    )
    return np.asarray(thuds) + 0.01 * shaped(rng, 1.0)


def bowl(rng: np.random.Generator) -> Wave:
    """A singing bowl, struck twice."""
    base_hz = rng.uniform(180.0, 420.0)
    sound = np.zeros(LENGTH)
    for start_s in (0.1, 3.6):
        since = np.maximum(_times() - start_s, 0.0)
        for ratio, fall_s in ((1.0, 4.0), (2.71, 2.5), (5.2, 1.2), (8.4, 0.6)):
            beating = 1.0 + 0.3 * np.sin(2 * np.pi * 1.3 * since)
            sound += np.exp(-since / fall_s) * beating * np.sin(2 * np.pi * ratio * base_hz * since)
    return sound + 0.01 * shaped(rng, 1.0)


def birds(rng: np.random.Generator) -> Wave:
    """A forest: chirps of 2 to 5 kHz over leaves."""
    sound = 0.15 * shaped(rng, 0.8)
    for start in rng.integers(0, LENGTH - 4000, 20):
        length = int(rng.integers(1200, 3600))
        sweep = np.linspace(rng.uniform(2000, 4500), rng.uniform(2000, 4500), length)
        chirp = np.sin(2 * np.pi * np.cumsum(sweep) / RATE_HZ) * np.hanning(length)
        sound[start : start + length] += chirp
    return sound


def train(rng: np.random.Generator) -> Wave:
    """A slow train: a rumble with clacks."""
    at_s = _times() % rng.uniform(0.9, 1.3)
    clacks = np.exp(-at_s / 0.03) + 0.7 * np.exp(-np.maximum(at_s - 0.15, 0) / 0.03) * (at_s > 0.15)
    return shaped(rng, 2.0) + 2.0 * clacks * shaped(rng, 0.5)


def melody(rng: np.random.Generator) -> Wave:
    """A slow tune of plucked notes over a chord."""
    base_hz = rng.uniform(200.0, 330.0)
    sound = sum(
        0.2 * np.sin(2 * np.pi * base_hz / 2 * ratio * _times()) for ratio in (1, 1.25, 1.5)
    )
    for number in range(14):
        since = np.maximum(_times() - 0.5 * number, 0.0)
        hz = base_hz * 2 ** (rng.choice(PENTATONIC) / 12)
        sound += np.exp(-since / 0.4) * sum(
            np.sin(2 * np.pi * n * hz * since) / n**2 for n in range(1, 6)
        )
    return np.asarray(sound)


def choir(rng: np.random.Generator) -> Wave:
    """Sung vowels, one after another: of all music the likest to a voice."""
    base_hz = rng.uniform(220.0, 350.0)
    notes = []
    for _ in range(7):
        hz = base_hz * 2 ** (rng.choice(PENTATONIC[:5]) / 12)
        times = np.arange(RATE_HZ) / RATE_HZ
        pitch = hz * (1.0 + 0.012 * np.sin(2 * np.pi * 5.5 * times))
        notes.append(voiced(pitch, rng, hoarse=0.01))
    return np.concatenate(notes)


def _uttered(utter: Callable[[np.random.Generator], Wave]) -> Made:
    def make(rng: np.random.Generator) -> Wave:
        sound = np.zeros(0)
        while len(sound) < LENGTH:
            sound = np.concatenate([sound, utter(rng)])
        return sound[:LENGTH] + 0.001 * rng.standard_normal(LENGTH)

    return make


def _times() -> Wave:
    return np.arange(LENGTH) / RATE_HZ


KINDS: dict[str, dict[str, Made]] = {
    "the chair's sound, made": {
        "surf": surf,
        "rain": rain,
        "brown noise": brown,
        "heartbeat": heartbeat,
        "singing bowl": bowl,
        "forest": birds,
        "train": train,
    },
    "music, made": {"melody": melody, "choir": choir},
    "laughter, made": {"laugh": _uttered(laugh)},
    "a child's hum, made": {"hum": _uttered(hum)},
}
