"""The soundscapes that ship: no seam, one loudness, nothing sudden, the same each time."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from calmloop.base.track_audio import Pcm
from calmloop.base.tracks import MAX_ONSET_DB, MAX_TRUE_PEAK_DBTP, RATE_HZ, TARGET_LUFS
from calmloop.soundscapes.catalogue import BY_NAME, SOUNDSCAPES, Soundscape
from calmloop.soundscapes.mastering import as_float, gain_db, quantised
from calmloop.soundscapes.measures import largest_step, measure, seam_step
from calmloop.soundscapes.rendering import rendered
from calmloop.soundscapes.weaving import CONTROL_HZ, Loom, Pulse, band

SHORT_S = 12
"""A whole number of everything that recurs in one, but of breaths."""
Spectrum = NDArray[np.float64]
every = pytest.mark.parametrize("scape", SOUNDSCAPES, ids=lambda scape: scape.name)


@cache
def short(scape: Soundscape) -> Pcm:
    sound = scape.make(Loom(SHORT_S, scape.seed))
    return quantised(sound, gain_db(sound, loop=True))


@cache
def whole(scape: Soundscape) -> Pcm:
    return rendered(scape)


def is_good(pcm: Pcm, onset_db: float = MAX_ONSET_DB) -> bool:
    """What holds of every loop, short or whole."""
    sound = as_float(pcm)
    found = measure(sound, loop=True)
    assert seam_step(sound) <= largest_step(sound)
    assert found.loudness_lufs == pytest.approx(TARGET_LUFS, abs=0.5)
    assert found.true_peak_dbtp <= MAX_TRUE_PEAK_DBTP
    assert found.onset_db <= onset_db
    return True


def spectrum(pcm: Pcm) -> tuple[Spectrum, Spectrum]:
    """Frequencies in Hz, and the power there, in pieces of a tenth of a second."""
    size = RATE_HZ // 10
    mono = as_float(pcm).mean(axis=1)
    pieces = mono[: len(mono) // size * size].reshape(-1, size) * np.hanning(size)
    power = (np.abs(np.fft.rfft(pieces)) ** 2).mean(axis=0)
    return np.fft.rfftfreq(size, 1 / RATE_HZ).astype(np.float64), np.asarray(power)


def prominence_db(pcm: Pcm, above_hz: float) -> float:
    """By how much the highest line above a frequency is over the median of its third octave."""
    hz, power = spectrum(pcm)
    lines = [
        10 * np.log10(power[n] / np.median(power[(hz > hz[n] * 0.89) & (hz < hz[n] * 1.12)]))
        for n in np.flatnonzero((hz > above_hz) & (hz < 20_000.0))
    ]
    return float(max(lines))


def test_there_are_sixteen_of_different_names_and_seeds() -> None:
    assert len(BY_NAME) == len({scape.seed for scape in SOUNDSCAPES}) == len(SOUNDSCAPES) == 16


@every
def test_a_loop_has_no_seam_and_is_as_loud_as_the_others(scape: Soundscape) -> None:
    if scape.name != "breathing":
        assert is_good(short(scape))


@every
def test_it_is_the_same_each_time_and_of_its_seed(scape: Soundscape) -> None:
    again = scape.make(Loom(SHORT_S, scape.seed))
    assert np.array_equal(quantised(again, gain_db(again, loop=True)), short(scape))
    other = scape.make(Loom(SHORT_S, scape.seed + 100))
    assert not np.array_equal(other, again)


@every
def test_no_tone_above_4_khz_stands_out_and_little_is_there(scape: Soundscape) -> None:
    pcm = short(scape)
    hz, power = spectrum(pcm)
    assert prominence_db(pcm, 4000.0) < 6.0
    assert power[hz > 4000.0].sum() < 0.1 * power.sum()


@every
@pytest.mark.slow
def test_whole_it_is_a_good_loop_that_moves_slowly(scape: Soundscape) -> None:
    pcm = whole(scape)
    assert pcm.shape == (scape.duration_s * RATE_HZ, 2)
    # Four dB below what an imported track may have: these are the examples.
    assert is_good(pcm, MAX_ONSET_DB - 4.0)
    assert prominence_db(pcm, 4000.0) < 6.0


@every
@pytest.mark.slow
def test_whole_it_is_rendered_to_the_same_samples_twice(scape: Soundscape) -> None:
    assert np.array_equal(rendered(scape), whole(scape))


def test_a_tone_above_4_khz_would_be_found() -> None:
    at = np.arange(5 * RATE_HZ) / RATE_HZ
    hiss = np.random.default_rng(2).normal(0.0, 1000.0, (len(at), 2))
    tone = 200.0 * np.sin(2 * np.pi * 5000.0 * at)[:, None]
    assert prominence_db((hiss + tone).astype(np.int16), 4000.0) > 10.0


def test_an_event_that_rises_too_fast_is_refused() -> None:
    with pytest.raises(ValueError, match=r"rise_s = 0\.02: an event takes 0\.05 s at least"):
        Pulse(0.02, 1.0)


def test_a_pulse_rises_in_its_time_and_falls_to_1_over_e() -> None:
    shape = Pulse(0.5, 2.0).at(np.array([-0.6, -0.5, -0.25, 0.0, 2.0]))
    assert shape == pytest.approx([0.0, 0.0, 0.5, 1.0, np.exp(-1.0)])


def test_events_go_round_the_end() -> None:
    loom = Loom(10, 1)
    tail = loom.events(Pulse(0.5, 2.0), [9.0])
    assert tail[0] == pytest.approx(np.exp(-0.5) + np.exp(-5.5), rel=1e-3)
    assert np.abs(np.diff(np.append(tail, tail[0]))).max() < 5.0 / CONTROL_HZ


def test_what_drifts_does_so_within_its_rates() -> None:
    loom = Loom(60, 3)
    drift = loom.drift(2.0)
    power = np.abs(np.fft.rfft(drift)) ** 2
    hz = np.fft.rfftfreq(len(drift), 1 / CONTROL_HZ)
    assert drift.std() == pytest.approx(2.0)
    assert power[(hz < 0.049) | (hz > 0.201)].sum() < 1e-9 * power.sum()


def test_a_loop_too_short_to_move_slowly_is_refused() -> None:
    with pytest.raises(ValueError, match="a loop of 4 s has no such frequency: make it longer"):
        Loom(4, 1).drift()


def test_noise_has_its_band_and_its_width() -> None:
    loom = Loom(10, 4)
    narrow, wide = loom.noise(band(200, 400), width=0.0), loom.noise(band(200, 400), width=1.0)
    assert np.array_equal(narrow[:, 0], narrow[:, 1])
    assert abs((wide[:, 0] * wide[:, 1]).mean()) < 0.05
    power = np.abs(np.fft.rfft(narrow[:, 0])) ** 2
    hz = np.fft.rfftfreq(len(narrow), 1 / RATE_HZ)
    assert power[(hz > 100) & (hz < 800)].sum() > 0.9 * power.sum()


def test_tones_have_whole_cycles_and_their_levels() -> None:
    loom = Loom(2, 5)
    power = np.abs(np.fft.rfft(loom.tones({100.2: 1.0, 300.0: 0.5})[:, 0])) / loom.frames * 2
    assert np.flatnonzero(power > 0.01).tolist() == [200, 600]
    assert power[[200, 600]] == pytest.approx([1.0, 0.5])


def test_silence_cannot_be_brought_to_a_level() -> None:
    with pytest.raises(ValueError, match="is silent"):
        gain_db(np.zeros((RATE_HZ, 2)), loop=True)


def test_a_sound_of_high_peaks_is_left_quieter() -> None:
    clicks = np.random.default_rng(6).normal(0.0, 1e-4, (5 * RATE_HZ, 2))
    clicks[::RATE_HZ] = 0.9
    pcm = quantised(clicks, gain_db(clicks, loop=True))
    found = measure(as_float(pcm), loop=True)
    assert found.true_peak_dbtp <= MAX_TRUE_PEAK_DBTP
    assert found.loudness_lufs < TARGET_LUFS - 3.0


def test_dither_is_two_steps_at_most_and_the_same_each_time() -> None:
    samples = np.full((1000, 2), 0.1)
    pcm = quantised(samples, 0.0)
    assert np.abs(pcm - 0.1 * 32768).max() < 1.6
    assert np.array_equal(pcm, quantised(samples, 0.0))
