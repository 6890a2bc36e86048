"""Heartbeats, purring and a guide to breathe with."""

import numpy as np
from numpy.typing import NDArray

from calmloop.soundscapes.weaving import CONTROL_HZ, Array, Loom, Pulse, band

IN_S, OUT_S = 4.0, 6.0
"""Six breaths a minute, the way out longer: the pace of resonance breathing."""
TURN_S = 1.8
"""How long the colour of the air takes from in to out."""
BREATH_S = 12.0
"""Of the cat."""
PURR_HZ = 25.0


class HeartSound:
    """Two soft thuds a beat, as it is heard with an ear on the chest."""

    def __init__(self, per_min: int) -> None:
        self._gap_s = 60.0 / per_min

    def __call__(self, loom: Loom) -> Array:
        """Makes the loop, which holds whole beats."""
        beats = round(loom.duration_s / self._gap_s)
        times_s = [number * self._gap_s for number in range(beats)]
        sizes = [float(size) for size in 10.0 ** (loom.rng.normal(0.0, 0.6, beats) / 20.0)]
        first = loom.upsampled(loom.events(Pulse(0.09, 0.09), times_s, sizes))
        second = loom.upsampled(loom.events(Pulse(0.08, 0.06), [at + 0.3 for at in times_s], sizes))
        flow = loom.upsampled(loom.events(Pulse(0.16, 0.22), [at + 0.12 for at in times_s], sizes))
        # At a multiple of the rate each beat has the same phase of the tone.
        low_hz, high_hz = (round(hz * self._gap_s) / self._gap_s for hz in (50.0, 66.0))
        thud = loom.tones({low_hz: 1.0}) + 0.3 * loom.noise(band(50, 140, order=3.0), width=0.3)
        clap = loom.tones({high_hz: 1.0}) + 0.3 * loom.noise(band(70, 180, order=3.0), width=0.3)
        murmur = loom.noise(band(70, 320, tilt=1.5), width=0.5)
        bed = loom.noise(band(45, 420, tilt=1.8)) * loom.upsampled(loom.swing_db(1.0))
        return 1.2 * thud * first + 0.75 * clap * second + 0.4 * murmur * flow + 0.24 * bed


def purr(loom: Loom) -> Array:
    """A cat that breathes in and out, purring all the time, deeper on the way out."""
    breaths = round(loom.duration_s / BREATH_S)
    breath = 2.0 * np.pi * breaths * loom.times_s / loom.duration_s
    # The pitch sways with the breath, by a deviation whose integral is periodic too.
    sway = 1.2 * loom.duration_s / breaths * np.sin(breath)
    cycles = 2.0 * np.pi * PURR_HZ * loom.times_s
    beat = np.exp(1.6 * (np.cos(cycles + sway) - 1.0))
    level = 0.62 + 0.38 * np.cos(breath) ** 2 + loom.drift(0.03)
    throat = loom.noise(band(70, 260, tilt=1.0, order=3.0), width=0.3)
    nose = loom.noise(band(260, 1100, tilt=1.5), width=0.6)
    nose *= loom.upsampled(0.8 + 0.2 * np.sin(breath))
    chest = loom.noise(band(30, 90, tilt=1.0), width=0.2)
    vibrated = (throat + 0.3 * nose) * loom.upsampled(beat * level)
    return vibrated + 0.15 * chest * loom.upsampled(level) + 0.04 * nose


def breathing(loom: Loom) -> Array:
    """Air that comes for four seconds and goes for six, over a chord that swells with it."""
    into = loom.times_s % (IN_S + OUT_S)
    rising = 0.5 - 0.5 * np.cos(np.pi * np.clip(into / IN_S, 0.0, 1.0))
    falling = 0.5 + 0.5 * np.cos(np.pi * np.clip((into - IN_S) / OUT_S, 0.0, 1.0))
    full = 0.08 + 0.92 * np.where(into < IN_S, rising, falling)
    going_in = _softly(into < IN_S)
    air_in = loom.noise(band(420, 1700, tilt=1.2)) * loom.upsampled(full * going_in)
    air_out = loom.noise(band(200, 850, tilt=1.2)) * loom.upsampled(full * (1.0 - going_in))
    chest = loom.noise(band(45, 200, tilt=1.5), width=0.4) * loom.upsampled(full)
    chord = loom.tones({55.0: 0.4, 110.0: 0.35, 164.81: 0.25, 220.0: 0.14})
    return 0.75 * air_in + 0.8 * air_out + 0.5 * chest + chord * loom.upsampled(full)


def _softly(inside: NDArray[np.bool_]) -> Array:
    """1 where it is true, 0 elsewhere, going over within TURN_S."""
    window = np.zeros(len(inside))
    width = round(TURN_S * CONTROL_HZ)
    window[:width] = np.hanning(width)
    centred = np.roll(window / window.sum(), -width // 2)
    spectrum = np.fft.rfft(inside.astype(float)) * np.fft.rfft(centred)
    return np.asarray(np.fft.irfft(spectrum, len(inside)))
