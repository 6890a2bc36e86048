"""What is measured of a track's low band, which vibration can follow: how it swells, and its tone.

Up to LOW_BAND_HZ a sound is felt as much as heard.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calmloop.base.tracks import ENVELOPE_HZ, FRAMES_PER_VALUE, RATE_HZ
from calmloop.contract.messages.stimulus import MAX_VIBRATION_HZ, MIN_VIBRATION_HZ
from calmloop.soundscapes.filtering import Wave, filtered, low_pass

Series = NDArray[np.float64]

LOW_BAND_HZ = 250.0
LOW_TAPS = 4801
EVERY = 48
"""One amid so many frames is kept: a low band has nothing above half of that rate."""
LOW_RATE_HZ = RATE_HZ // EVERY
SAMPLES_PER_VALUE = FRAMES_PER_VALUE // EVERY

WINDOW_S = 2
"""In which a tone is looked for: it tells tones of 1 Hz apart, and is no longer than a swell."""
OCTAVES = 3
"""From MIN_VIBRATION_HZ on: to 240 Hz."""
CLASSES, WIDTH = 24, 5
"""Of an octave, and how many of them a tone may take: a fifth of the octave."""
CLEAR_SHARE = 0.5
"""Of the band's power that is in the strongest tone, in any octave; less is noise, or a chord."""
FAINT = 1e-3
"""Of the largest power of all windows: what is below is no tone of this track."""
LEAST_CLEAR = 0.5
"""Of the windows: with fewer the track has no tone."""
GLIDE_HZ_PER_S = 10.0
"""No faster from tone to tone: half of what the chair's gate allows."""
WINDOWS_AT_ONCE = 1024


def low_band(samples: Wave, *, loop: bool) -> Series:
    """A track's sound below LOW_BAND_HZ, its channels as one, at LOW_RATE_HZ."""
    fir = low_pass(LOW_BAND_HZ, RATE_HZ, LOW_TAPS)
    mono = samples.mean(axis=1, keepdims=True)
    low, place, skip = np.zeros(-(-len(mono) // EVERY)), 0, EVERY // 2
    for block in filtered(mono, fir, loop=loop, delay=LOW_TAPS // 2):
        kept = block[skip::EVERY, 0]
        low[place : place + len(kept)] = kept
        place, skip = place + len(kept), (skip - len(block)) % EVERY
    return low


def envelope_of(low: Series, *, loop: bool) -> tuple[float, ...]:
    """The level of a low band, a value each 50 ms, 0..1; three decimals.

    Each is the root mean square of 100 ms around it. 1 is what it exceeds in a hundredth of the
    time, so that one peak does not make all else small; all are 0 where it is silent.
    """
    count = -(-len(low) // SAMPLES_PER_VALUE)
    squares = np.zeros(count * SAMPLES_PER_VALUE)
    squares[: len(low)] = low**2
    halves = squares.reshape(2 * count, -1).mean(axis=1)
    padded = np.concatenate((halves[-2:], halves, halves[:1]) if loop else ([0, 0], halves, [0]))
    first, second, third, fourth = (padded[k : k + 2 * count : 2] for k in range(4))
    levels = np.sqrt((first + fourth) * 0.125 + (second + third) * 0.375)
    top = float(np.quantile(levels, 0.99)) or float(levels.max()) or 1.0
    return tuple(round(min(float(level) / top, 1.0), 3) for level in levels)


def tone_of(low: Series, *, loop: bool) -> tuple[float, ...]:
    """The tone of a low band in Hz, a value each 50 ms, as vibration can play it; one decimal.

    All octaves are laid over each other, so that a tone and its partials an octave apart are one;
    the strongest place of the octave, if it is clear, is the tone. It is taken from the octave that
    brings it nearest to the one before, from MIN_VIBRATION_HZ to MAX_VIBRATION_HZ, and holds where
    none is clear. From tone to tone it glides, as early as late. Empty where there is seldom one.
    """
    classes, clear = _classes(low, loop=loop)
    if clear.mean() < LEAST_CLEAR:
        return ()
    hz = _glided(_in_reach(classes, clear), loop=loop)
    return tuple(round(float(value), 1) for value in hz)


def _classes(low: Series, *, loop: bool) -> tuple[Series, NDArray[np.bool_]]:
    """The strongest place in an octave, 0..1, each 50 ms, and whether it is clear."""
    count, size = -(-len(low) // SAMPLES_PER_VALUE), WINDOW_S * LOW_RATE_HZ
    hz = np.fft.rfftfreq(size, 1.0 / LOW_RATE_HZ)
    band = (hz >= MIN_VIBRATION_HZ) & (hz < MIN_VIBRATION_HZ * 2**OCTAVES)
    places = np.log2(hz[band] / MIN_VIBRATION_HZ) % 1.0
    # What each class has of a power: itself, and where in the octave that is, as an angle.
    member = np.floor(places * CLASSES)[:, None] == np.arange(CLASSES)
    angle = member * np.exp(2j * np.pi * places)[:, None]
    padded = np.pad(low, size // 2 + SAMPLES_PER_VALUE, mode="wrap" if loop else "constant")
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)
    windows = windows[SAMPLES_PER_VALUE::SAMPLES_PER_VALUE][:count]
    totals, shares, found = [], [], []
    for start in range(0, count, WINDOWS_AT_ONCE):
        piece = windows[start : start + WINDOWS_AT_ONCE] * np.hanning(size)
        power = np.abs(np.fft.rfft(piece, axis=1)[:, band]) ** 2
        tones, total = _around(power @ member), power.sum(axis=1)
        strongest = tones.argmax(axis=1)
        rows = np.arange(len(piece))
        totals.append(total)
        shares.append(tones[rows, strongest] / np.maximum(total, 1e-30))
        found.append(np.angle(_around(power @ angle)[rows, strongest]) / (2.0 * np.pi) % 1.0)
    total = np.concatenate(totals)
    clear = (np.concatenate(shares) >= CLEAR_SHARE) & (total > FAINT * total.max())
    return np.concatenate(found), clear


def _around(classes: NDArray[np.number]) -> NDArray[np.number]:
    """The sum of WIDTH classes around each; the octave goes round."""
    wide = np.pad(classes, ((0, 0), (WIDTH // 2, WIDTH // 2)), mode="wrap")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(wide, WIDTH, axis=1).sum(axis=-1))


def _in_reach(classes: Series, clear: NDArray[np.bool_]) -> Series:
    """Each in the octave that is nearest to the last, of those that vibration can play."""
    last = np.sqrt(MIN_VIBRATION_HZ * MAX_VIBRATION_HZ)
    hz = np.empty(len(classes))
    # Twice, so that a loop's first values come after its last.
    for place in (*range(len(hz)), *range(len(hz))):
        if clear[place]:
            low = MIN_VIBRATION_HZ * 2.0 ** classes[place]
            high = 2.0 * low if 2.0 * low <= MAX_VIBRATION_HZ else low
            last = low if abs(np.log(low / last)) <= abs(np.log(high / last)) else high
        hz[place] = last
    return hz


def _glided(hz: Series, *, loop: bool) -> Series:
    """No faster than GLIDE_HZ_PER_S: the middle of what never lies above it, and never below."""
    step = GLIDE_HZ_PER_S / ENVELOPE_HZ
    reach = int(np.ceil((MAX_VIBRATION_HZ - MIN_VIBRATION_HZ) / step))
    padded = np.pad(hz, reach, mode="wrap" if loop else "edge")
    shifted: Sequence[Series] = [padded[by : by + len(hz)] for by in range(2 * reach + 1)]
    away = [step * abs(by - reach) for by in range(2 * reach + 1)]
    below = np.minimum.reduce([one + far for one, far in zip(shifted, away, strict=True)])
    above = np.maximum.reduce([one - far for one, far in zip(shifted, away, strict=True)])
    return np.asarray(0.5 * (below + above))
