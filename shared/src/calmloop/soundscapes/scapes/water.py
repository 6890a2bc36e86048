"""Surf, rain and a stream."""

import numpy as np

from calmloop.soundscapes.weaving import Array, Loom, Pulse, band

PATTER_HZ = (1.0, 6.0)
"""How fast rain thickens and thins: single drops would be onsets."""


def surf(loom: Loom) -> Array:
    """Waves some 10 s apart: a low body, the wash over it, and what runs back."""
    times_s = loom.times(loom.duration_s // 10, jitter=0.12)
    sizes = [float(size) for size in loom.rng.uniform(0.65, 1.0, len(times_s))]

    def waves(rise_s: float, fall_s: float, later_s: float) -> Array:
        return loom.upsampled(
            loom.events(Pulse(rise_s, fall_s), [time + later_s for time in times_s], sizes)
        )

    body = loom.noise(band(45, 320, tilt=1.5), width=0.5) * waves(3.2, 2.4, 0.0)
    wash = loom.noise(band(260, 2200, tilt=1.2)) * waves(2.2, 2.2, 1.0) ** 1.3
    back = loom.noise(band(900, 4200, tilt=1.0, order=1.5), width=0.9) * waves(2.8, 2.6, 3.0)
    far = loom.noise(band(70, 900, tilt=1.5)) * loom.upsampled(loom.swing_db(1.0))
    return body + 0.55 * wash + 0.11 * back + 0.14 * far


def rain_soft(loom: Loom) -> Array:
    """Rain in the open: a soft hiss that thickens and thins."""
    hiss = loom.noise(band(350, 3800, tilt=1.0, order=1.5), width=0.9)
    low = loom.noise(band(110, 500, tilt=1.0))
    patter = _patter(loom, [(500, 1000), (1000, 2000), (2000, 3600)])
    slow = loom.upsampled(loom.swing_db(1.5))
    return (hiss + 0.5 * low + 0.55 * patter) * slow


def rain_roof(loom: Loom) -> Array:
    """Rain on a roof, heard from below: duller, with a soft drumming."""
    hiss = loom.noise(band(180, 1300, tilt=1.4, order=1.5), width=0.8)
    drumming = _patter(loom, [(110, 220), (220, 420), (420, 800)], depth=0.5)
    drops = loom.grains(26 * loom.duration_s, (140, 420), Pulse(0.05, 0.03))
    slow = loom.upsampled(loom.swing_db(1.5))
    return (0.7 * hiss + 0.8 * drumming + 0.55 * drops) * slow


def stream(loom: Loom) -> Array:
    """A small stream: water over stones, and bubbles that rise in pitch as they come up."""
    bed = loom.noise(band(220, 1600, tilt=1.2, order=1.5), width=0.8)
    low = loom.noise(band(60, 260, tilt=1.0)) * loom.upsampled(loom.swing_db(2.0))
    bubbles = loom.grains(30 * loom.duration_s, (280, 1300), Pulse(0.05, 0.045), glide=0.35)
    moved = loom.swing_db(1.5) * loom.swing_db(1.5, (0.2, 0.9))
    bed *= loom.upsampled(loom.swing_db(1.0))
    return bed + 0.4 * low + 0.8 * bubbles * loom.upsampled(moved)


def _patter(loom: Loom, bands_hz: list[tuple[int, int]], depth: float = 0.45) -> Array:
    total: Array = np.zeros((loom.frames, 2))
    for low_hz, high_hz in bands_hz:
        density = np.exp(loom.drift(depth, PATTER_HZ))
        total += loom.noise(band(low_hz, high_hz, order=3.0), width=0.9) * loom.upsampled(density)
    return np.asarray(total / np.sqrt(len(bands_hz)))
