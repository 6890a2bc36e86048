"""No true peak is above the ceiling, whatever comes in; what is below it is not touched."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from calmloop.sound_player.limiter import CEILING_DBTP, LOOKAHEAD, Samples, TruePeakLimiter

RATE_HZ = 48_000
BLOCK = 960
SECONDS = 3.0
TOLERANCE_DB = 0.3
"""What four times oversampling may read too little, by ITU-R BS.1770-4, with a little more."""
TIME_S = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ


def limited(sound: NDArray[np.float64], limiter: TruePeakLimiter | None = None) -> Samples:
    limiter = limiter or TruePeakLimiter()
    given = np.repeat(sound[:, np.newaxis], 2, axis=1).astype(np.float32)
    blocks = [limiter.process(given[at : at + BLOCK]) for at in range(0, len(given), BLOCK)]
    return np.concatenate(blocks)


def band_limited(sound: NDArray[Any]) -> NDArray[np.float64]:
    """Without what is above 20 kHz and without ends, as sound has no steps."""
    spectrum = np.fft.rfft(sound)
    spectrum[np.fft.rfftfreq(len(sound), 1 / RATE_HZ) > 20_000] = 0
    window = np.clip(np.minimum(TIME_S, TIME_S[::-1]) / 0.1, 0.0, 1.0)
    return np.asarray(np.fft.irfft(spectrum, len(sound)) * np.sin(window * np.pi / 2) ** 2)


def true_peak_db(sound: Samples) -> float:
    """By eight times oversampling through the spectrum: another way than the limiter's own."""
    spectrum = np.fft.rfft(sound[:, 0])
    padded = np.zeros(len(sound) * 4 + 1, complex)
    padded[: len(spectrum)] = spectrum
    return float(20 * np.log10(np.abs(np.fft.irfft(padded, len(sound) * 8) * 8).max()))


def noise() -> NDArray[np.float64]:
    return np.random.default_rng(1).standard_normal(len(TIME_S))


LOUD = {
    "noise": 0.6 * noise(),
    "tone between its samples": 1.2 * np.sin(2 * np.pi * 12_000 * TIME_S + np.pi / 4),
    "bass": 3.0 * np.sin(2 * np.pi * 40 * TIME_S),
    "bursts": noise() * (np.sin(2 * np.pi * 2 * TIME_S) > 0.9),
    "clicks": 3.0 * (np.random.default_rng(2).random(len(TIME_S)) > 0.999),
    "steps": 2.0 * np.sign(np.sin(2 * np.pi * 3 * TIME_S)),
}


@pytest.mark.parametrize("kind", LOUD)
def test_what_is_too_loud_is_turned_down_to_the_ceiling(kind: str) -> None:
    sound = band_limited(LOUD[kind])
    assert true_peak_db(np.repeat(sound[:, np.newaxis], 2, axis=1)) > 0.0
    out = limited(sound)
    assert CEILING_DBTP - 6.0 < true_peak_db(out) <= CEILING_DBTP + TOLERANCE_DB


def test_what_keeps_the_ceiling_passes_bit_for_bit_a_little_later() -> None:
    sound = band_limited(noise())
    sound *= 10 ** ((CEILING_DBTP - 1.5) / 20) / np.abs(sound).max()
    out = limited(sound)
    assert np.array_equal(out[LOOKAHEAD:, 0], sound.astype(np.float32)[:-LOOKAHEAD])
    assert not np.any(out[:LOOKAHEAD])


def test_it_comes_back_after_a_peak() -> None:
    quiet = 0.1 * np.sin(2 * np.pi * 200 * TIME_S)
    sound = quiet.copy()
    sound[RATE_HZ : RATE_HZ + 100] = 5.0
    out = limited(sound)
    late = slice(2 * RATE_HZ + LOOKAHEAD, None)
    assert np.allclose(out[late, 0], quiet[2 * RATE_HZ : -LOOKAHEAD], atol=1e-4)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_silence(bad: float) -> None:
    sound = 0.1 * np.sin(2 * np.pi * 200 * TIME_S)
    sound[1000:1100] = bad
    out = limited(sound)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 0.1 + 1e-6
