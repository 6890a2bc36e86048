"""What is measured of a track: loudness, true peak, onsets, its low band, its seam.

Loudness and true peak follow ITU-R BS.1770-4; the tests hold them to the signals of EBU Tech 3341.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from calmloop.base.tracks import RATE_HZ
from calmloop.soundscapes.filtering import (
    Fir,
    Wave,
    filtered,
    filtered_by_each,
    impulse_response,
    low_pass,
)
from calmloop.soundscapes.low_band import envelope_of, low_band, tone_of

# BS.1770-4, annex 1, tables 1 and 2: the two stages of the K-weighting at 48 kHz.
SHELF_B = [1.53512485958697, -2.69169618940638, 1.19839281085285]
SHELF_A = [1.0, -1.69065929318241, 0.73248077421585]
HIGH_PASS_B = [1.0, -2.0, 1.0]
HIGH_PASS_A = [1.0, -1.99004745483398, 0.99007225036621]
K_TAPS = 8192
"""Its slower pole is 0.995: the response has fallen by 350 dB."""
ABSOLUTE_GATE_LUFS, RELATIVE_GATE_LU = -70.0, -10.0
K_OFFSET = -0.691

HOP = RATE_HZ // 200
"""5 ms: energies are summed over so many frames, and all windows are made of these sums."""
HOPS_100_MS, HOPS_400_MS = 20, 80
LEVEL_HOPS = 10
"""50 ms: a whole period of the lowest that is heard."""
SILENCE_LU = -20.0
"""Relative to the loudness: what lies below counts as silence, and rises from nowhere."""

OVERSAMPLING, PHASE_TAPS = 4, 24


@dataclass(frozen=True)
class SoundFigures:
    """What a sidecar says of a track's sound."""

    loudness_lufs: float
    true_peak_dbtp: float
    onset_db: float
    envelope: tuple[float, ...]
    tone_hz: tuple[float, ...]


def measure(samples: Wave, *, loop: bool) -> SoundFigures:
    """Measures a track.

    Args:
        samples: Float, shape (frames, channels), 48 kHz, full scale 1, at least 400 ms.
        loop: It goes round: nothing is silent before its beginning.
    """
    energies, low = k_energies(samples, loop=loop), low_band(samples, loop=loop)
    loudness = integrated(energies)
    return SoundFigures(
        loudness_lufs=loudness,
        true_peak_dbtp=true_peak_dbtp(samples, loop=loop),
        onset_db=largest_onset(energies, loudness, loop=loop)[0],
        envelope=envelope_of(low, loop=loop),
        tone_hz=tone_of(low, loop=loop),
    )


def k_energies(samples: Wave, *, loop: bool) -> NDArray[np.float64]:
    """Mean squares of the K-weighted sound, summed over the channels, a value each 5 ms.

    A last hop that is not whole is left out.
    """
    squares = ((block**2).sum(axis=1) for block in filtered(samples, _k_weighting(), loop=loop))
    return _means(squares, HOP)[: len(samples) // HOP]


@cache
def _k_weighting() -> Fir:
    return np.convolve(
        impulse_response(SHELF_B, SHELF_A, K_TAPS),
        impulse_response(HIGH_PASS_B, HIGH_PASS_A, K_TAPS),
    )[:K_TAPS]


def _means(blocks: Iterator[NDArray[np.float64]], size: int) -> NDArray[np.float64]:
    """The mean of each `size` values that come in blocks; the last are filled up with zeros."""
    means, rest = [], np.zeros(0)
    for block in blocks:
        values = np.concatenate((rest, block))
        whole = len(values) // size * size
        means.append(values[:whole].reshape(-1, size).mean(axis=1))
        rest = values[whole:]
    if len(rest):
        means.append(np.array([rest.sum() / size]))
    return np.concatenate(means)


def integrated(energies: NDArray[np.float64]) -> float:
    """The integrated loudness in LUFS of energies a value each 5 ms; -inf where all is silent."""
    sums = np.concatenate(([0.0], np.cumsum(energies)))
    starts = np.arange(0, len(energies) - HOPS_400_MS + 1, HOPS_100_MS)
    blocks = (sums[starts + HOPS_400_MS] - sums[starts]) / HOPS_400_MS
    heard = blocks[blocks > _energy(ABSOLUTE_GATE_LUFS)]
    if not len(heard):
        return -np.inf
    gate = _energy(lufs(float(heard.mean())) + RELATIVE_GATE_LU)
    return lufs(float(heard[heard > gate].mean()))


def lufs(energy: float) -> float:
    """The loudness of a mean square."""
    return K_OFFSET + 10.0 * np.log10(energy) if energy > 0.0 else -np.inf


def _energy(loudness_lufs: float) -> float:
    return float(10.0 ** ((loudness_lufs - K_OFFSET) / 10.0))


def levels_lu(
    energies: NDArray[np.float64], loudness_lufs: float, *, loop: bool
) -> NDArray[np.float64]:
    """The level of each 50 ms relative to the loudness, a value each 5 ms, SILENCE_LU at least."""
    before = energies[-LEVEL_HOPS + 1 :] if loop else np.zeros(LEVEL_HOPS - 1)
    sums = np.concatenate(([0.0], np.cumsum(np.concatenate((before, energies)))))
    means = (sums[LEVEL_HOPS:] - sums[:-LEVEL_HOPS]) / LEVEL_HOPS
    silence = _energy(loudness_lufs + SILENCE_LU)
    levels = K_OFFSET + 10.0 * np.log10(np.maximum(means, silence))
    return np.asarray(levels - loudness_lufs)


def largest_onset(
    energies: NDArray[np.float64], loudness_lufs: float, *, loop: bool
) -> tuple[float, float]:
    """The largest rise of the level within 100 ms, in dB, and where it ends, in seconds."""
    levels = levels_lu(energies, loudness_lufs, loop=loop)
    before = levels[-HOPS_100_MS:] if loop else np.full(HOPS_100_MS, SILENCE_LU)
    rises = levels - np.concatenate((before, levels))[: len(levels)]
    place = int(np.argmax(rises))
    return max(float(rises[place]), 0.0), (place + 1) * HOP / RATE_HZ


def true_peak_dbtp(samples: Wave, *, loop: bool) -> float:
    """The largest sample at four times the rate, in dB below full scale (BS.1770-4, annex 2)."""
    taps = OVERSAMPLING * PHASE_TAPS + 1
    fir = OVERSAMPLING * low_pass(RATE_HZ / 2.0, OVERSAMPLING * RATE_HZ, taps)
    phases = [fir[phase::OVERSAMPLING] for phase in range(1, OVERSAMPLING)]
    peak = float(np.abs(samples).max())
    for between in filtered_by_each(samples, phases, loop=loop, delay=PHASE_TAPS // 2):
        peak = max(peak, *(float(np.abs(block).max()) for block in between))
    return 20.0 * np.log10(peak) if peak > 0.0 else -np.inf


def seam_step(samples: Wave) -> float:
    """The largest step of a channel from the last frame to the first; full scale is 1."""
    return float(np.abs(samples[0] - samples[-1]).max())


def largest_step(samples: Wave) -> float:
    """The largest step of a channel from a frame to the next, the seam left out."""
    return float(np.abs(np.diff(samples, axis=0)).max())
