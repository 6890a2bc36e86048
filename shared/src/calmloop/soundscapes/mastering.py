"""Brings a sound to the level that every track has, and to 16 bits."""

import numpy as np

from calmloop.base.track_audio import FULL_SCALE, Pcm
from calmloop.base.tracks import MAX_TRUE_PEAK_DBTP, TARGET_LUFS
from calmloop.soundscapes.filtering import Wave
from calmloop.soundscapes.measures import integrated, k_energies, true_peak_dbtp

HEADROOM_DB = 0.1
"""Below the largest peak, for what dither and rounding add."""
DITHER_SEED = 48_000
CHUNK = 1 << 18


def gain_db(samples: Wave, *, loop: bool) -> float:
    """What brings a sound to TARGET_LUFS, or as near as its true peak allows.

    Args:
        samples: Float, shape (frames, channels), 48 kHz.
        loop: It goes round.

    Raises:
        ValueError: it is silent: no gain makes it heard.
    """
    loudness = integrated(k_energies(samples, loop=loop))
    if not np.isfinite(loudness):
        raise ValueError("is silent: nothing in it is louder than -70 LUFS")
    room_db = MAX_TRUE_PEAK_DBTP - HEADROOM_DB - true_peak_dbtp(samples, loop=loop)
    return min(TARGET_LUFS - loudness, room_db)


def quantised(samples: Wave, by_db: float) -> Pcm:
    """The samples with a gain, as 16 bits with triangular dither of two steps, always the same.

    Dither makes of the error of rounding a faint even noise, 70 dB below the target's loudness.
    """
    rng = np.random.default_rng(DITHER_SEED)
    scale = 10.0 ** (by_db / 20.0) * FULL_SCALE
    pcm = np.empty(samples.shape, np.int16)
    for start in range(0, len(samples), CHUNK):
        piece = samples[start : start + CHUNK].astype(np.float64) * scale
        dither = rng.random(piece.shape) - rng.random(piece.shape)
        pcm[start : start + CHUNK] = np.clip(np.round(piece + dither), -32768, 32767)
    return pcm


def as_float(pcm: Pcm) -> Wave:
    """Samples of 16 bits at full scale 1, float32, which holds them exactly."""
    return pcm / np.float32(FULL_SCALE)
