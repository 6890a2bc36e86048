"""A low drone, a pad for the night, a singing bowl."""

import numpy as np

from calmloop.soundscapes.weaving import Array, Loom, Pulse, band

DRONE_HZ = 55.0
PEDAL = {73.42: 1.0, 110.0: 0.8}
"""D and A, held throughout: chords whose basses move beat while they cross."""
CHORDS = (
    (146.83, 220.0, 329.63),
    (146.83, 246.94, 293.66),
    (185.0, 220.0, 277.18),
    (164.81, 246.94, 329.63),
)
"""What moves over it, in Hz, at A = 440."""
BOWL = ((1.0, 1.0, 9.0), (2.72, 0.42, 6.0), (5.12, 0.12, 3.5))
"""Partials of a bowl: ratio, level, seconds to fall to 1/e; higher ones die first."""


def low_drone(loom: Loom) -> Array:
    """The first eight partials of an A, each twice, a beat of 10 to 20 s apart."""
    sound: Array = np.zeros((loom.frames, 2))
    for partial in range(1, 9):
        hz, level = DRONE_HZ * partial, partial**-1.25
        twins = {hz: level, hz + loom.rng.uniform(0.05, 0.1): 0.7 * level}
        sound += loom.tones(twins) * loom.upsampled(loom.swing_db(1.5))
    return sound + 0.25 * loom.noise(band(50, 400, tilt=2.0))


def night_pad(loom: Loom) -> Array:
    """Four soft chords that go over into each other, and night air."""
    gap_s = loom.duration_s / len(CHORDS)
    sound = loom.tones(_voices(PEDAL)) * loom.upsampled(loom.swing_db(1.5))
    for number, notes_hz in enumerate(CHORDS):
        half_s = loom.duration_s / 2
        since = (loom.times_s - number * gap_s + half_s) % loom.duration_s - half_s
        # Two neighbours' squares add up to 1: the loudness stays.
        open_share = np.cos(np.pi / 2 * np.clip(np.abs(since) / gap_s, 0.0, 1.0))
        notes = {hz: 0.85**place for place, hz in enumerate(notes_hz)}
        sound += loom.tones(_voices(notes)) * loom.upsampled(open_share)
        sound += loom.tones(_overtones(notes)) * loom.upsampled(open_share**1.5)
    air = loom.noise(band(150, 1100, tilt=1.5), width=1.0) * loom.upsampled(loom.swing_db(2.0))
    return sound + 0.35 * air


def singing_bowl(loom: Loom) -> Array:
    """Two bowls, rubbed rather than struck, in turn; each partial beats with its twin."""
    times_s = loom.times(loom.duration_s // 12, jitter=0.04)
    sound: Array = np.zeros((loom.frames, 2))
    for first, base_hz in ((0, 174.0), (1, 232.0)):
        for ratio, level, fall_s in BOWL:
            swells = loom.events(Pulse(0.6, fall_s), times_s[first::2])
            twins = {base_hz * ratio: level, base_hz * ratio + 0.18: 0.6 * level}
            sound += loom.tones(twins) * loom.upsampled(swells)
    under = loom.tones({87.0: 0.3, 130.5: 0.18}) * loom.upsampled(loom.swing_db(1.5))
    return sound + under + 0.12 * loom.noise(band(80, 500, tilt=2.0))


def _voices(notes: dict[float, float]) -> dict[float, float]:
    """Each note three times, a few cents apart, as of several players."""
    apart = (-0.0012, 0.0, 0.0011)
    return {hz * (1.0 + by): level for hz, level in notes.items() for by in apart}


def _overtones(notes: dict[float, float]) -> dict[float, float]:
    shares = {2: 0.22, 3: 0.07}
    together: dict[float, float] = {}
    for hz, level in notes.items():
        for partial, share in shares.items():
            together[hz * partial] = together.get(hz * partial, 0.0) + level * share
    return together
