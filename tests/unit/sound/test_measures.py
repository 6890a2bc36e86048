"""What is measured of a track, held to signals whose answers are known.

The loudness of the signals is that of EBU Tech 3341, table 1; their true peak as well.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from calmloop.base.tracks import RATE_HZ
from calmloop.soundscapes.filtering import Wave, filtered
from calmloop.soundscapes.measures import (
    integrated,
    k_energies,
    largest_onset,
    largest_step,
    levels_lu,
    measure,
    seam_step,
    true_peak_dbtp,
)

Array = NDArray[np.float64]


def sine(level_db: float, seconds: float, hz: float = 1000.0, phase_deg: float = 0.0) -> Array:
    """The same in both channels; 0 dB is full scale at its peak."""
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = 10.0 ** (level_db / 20.0) * np.sin(2 * np.pi * hz * at + np.deg2rad(phase_deg))
    return np.stack((wave, wave), axis=1)


def loudness(samples: Wave, *, loop: bool = False) -> float:
    return integrated(k_energies(samples, loop=loop))


@pytest.mark.parametrize(
    ("parts", "lufs"),
    [
        ([(-23.0, 20.0)], -23.0),
        ([(-33.0, 20.0)], -33.0),
        ([(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)], -23.0),
        ([(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)], -23.0),
        ([(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)], -23.0),
    ],
)
def test_loudness_is_that_of_the_standard_s_signals(
    parts: list[tuple[float, float]], lufs: float
) -> None:
    signal = np.concatenate([sine(*part) for part in parts])
    assert loudness(signal) == pytest.approx(lufs, abs=0.1)


def test_one_channel_is_three_lu_below_two() -> None:
    both = sine(-23.0, 5.0)
    assert loudness(both[:, :1]) == pytest.approx(loudness(both) - 3.01, abs=0.01)


def test_a_low_tone_counts_less_and_silence_not_at_all() -> None:
    assert loudness(sine(-23.0, 5.0, hz=30.0)) < -30.0
    assert loudness(np.zeros((RATE_HZ, 2))) == -np.inf


def test_a_loop_has_no_silence_before_its_beginning() -> None:
    low = sine(-23.0, 1.0, hz=25.0)
    twice = np.concatenate((low, low))
    assert np.allclose(k_energies(low, loop=True), k_energies(twice, loop=True)[:200])
    assert not np.allclose(k_energies(low, loop=False), k_energies(low, loop=True))


@pytest.mark.parametrize(("division", "phase_deg"), [(4, 0.0), (4, 45.0), (6, 60.0), (8, 67.5)])
def test_the_true_peak_lies_between_the_samples(division: int, phase_deg: float) -> None:
    signal = sine(-6.0, 1.0, RATE_HZ / division, phase_deg)
    assert true_peak_dbtp(signal, loop=True) == pytest.approx(-6.0, abs=0.2)


def test_silence_has_no_peak() -> None:
    assert true_peak_dbtp(np.zeros((RATE_HZ, 1)), loop=True) == -np.inf


def onset(samples: Wave, *, loop: bool = False) -> tuple[float, float]:
    energies = k_energies(samples, loop=loop)
    return largest_onset(energies, integrated(energies), loop=loop)


def test_a_sudden_tone_is_an_onset_where_it_begins() -> None:
    steady, sudden = sine(-50.0, 3.0), sine(-20.0, 3.0)
    rise_db, at_s = onset(np.concatenate((steady, sudden)))
    assert rise_db == pytest.approx(20.0, abs=1.5), "from 20 dB below the loudness, its floor"
    assert at_s == pytest.approx(3.05, abs=0.06)


def test_the_same_rise_over_two_seconds_is_none() -> None:
    ramp = 10.0 ** (np.linspace(-30.0, 0.0, 2 * RATE_HZ) / 20.0)[:, None]
    swell = np.concatenate((sine(-50.0, 3.0), sine(-20.0, 2.0) * ramp, sine(-20.0, 3.0)))
    assert onset(swell)[0] < 3.0


def test_what_is_silent_rises_from_the_floor_and_not_from_nowhere() -> None:
    quiet = np.concatenate((np.zeros((RATE_HZ, 2)), sine(-45.0, 1.0), sine(-20.0, 5.0)[:1000]))
    assert onset(np.concatenate((quiet, sine(-20.0, 5.0))))[0] < 22.0
    faint = np.concatenate((sine(-20.0, 3.0), np.zeros((RATE_HZ, 2)), sine(-38.0, 1.0)))
    assert onset(faint, loop=False)[1] < 0.2, "its start is more than what is faint later"


def test_a_loop_s_seam_can_be_an_onset() -> None:
    falling = sine(-20.0, 4.0) * 10.0 ** (np.linspace(0.0, -40.0, 4 * RATE_HZ) / 20.0)[:, None]
    rise_db, at_s = onset(falling, loop=True)
    assert rise_db > 20.0
    assert at_s < 0.15


def test_levels_are_relative_to_the_loudness() -> None:
    energies = k_energies(sine(-31.0, 5.0), loop=True)
    levels = levels_lu(energies, integrated(energies), loop=True)
    assert len(levels) == 1000
    assert np.abs(levels).max() < 0.1


@pytest.mark.parametrize("frames", [1000, 65_536, 200_001])
@pytest.mark.parametrize("loop", [True, False])
def test_a_filter_in_blocks_is_the_filter_of_the_whole(frames: int, loop: bool) -> None:
    rng = np.random.default_rng(5)
    samples, fir = rng.standard_normal((frames, 1)), rng.standard_normal(301)
    before = np.take(samples[:, 0], np.arange(-300, 0), mode="wrap") if loop else np.zeros(300)
    whole = np.convolve(np.concatenate((before, samples[:, 0])), fir)[300 : 300 + frames]
    found = np.concatenate(list(filtered(samples, fir, loop=loop)))[:, 0]
    assert np.allclose(found, whole)


def test_all_is_measured_at_once() -> None:
    found = measure(sine(-23.0, 3.0), loop=True)
    assert (found.loudness_lufs, found.true_peak_dbtp) == pytest.approx((-23.0, -23.0), abs=0.1)
    assert found.onset_db < 0.1
    assert len(found.envelope) == 60


def test_a_seam_is_the_step_from_the_last_frame_to_the_first() -> None:
    samples = np.array([[0.0, 0.0], [0.1, 0.0], [0.1, 0.4]])
    assert seam_step(samples) == pytest.approx(0.4)
    assert largest_step(samples[:2]) == pytest.approx(0.1)
