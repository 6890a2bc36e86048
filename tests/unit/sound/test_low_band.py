"""What is measured of a low band: how it swells, and which tone of it vibration can play."""

import numpy as np
import pytest
from numpy.typing import NDArray

from calmloop.base.tracks import ENVELOPE_HZ, RATE_HZ
from calmloop.contract.messages.stimulus import MAX_VIBRATION_HZ, MIN_VIBRATION_HZ
from calmloop.soundscapes.catalogue import BY_NAME
from calmloop.soundscapes.filtering import Wave
from calmloop.soundscapes.low_band import GLIDE_HZ_PER_S, envelope_of, low_band, tone_of
from calmloop.soundscapes.weaving import Loom
from calmloop.soundscapes.weaving import band as band_of

Array = NDArray[np.float64]


def sine(hz: float, seconds: float, level: float = 0.1) -> Array:
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.repeat(level * np.sin(2 * np.pi * hz * at)[:, None], 2, axis=1)


def envelope(samples: Wave, *, loop: bool = True) -> tuple[float, ...]:
    return envelope_of(low_band(samples, loop=loop), loop=loop)


def tone(samples: Wave, *, loop: bool = True) -> tuple[float, ...]:
    return tone_of(low_band(samples, loop=loop), loop=loop)


def test_the_envelope_follows_its_swell_and_leaves_a_high_tone_out() -> None:
    at = np.arange(10 * RATE_HZ) / RATE_HZ
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * at / 5.0)[:, None]
    found = np.array(envelope(sine(60.0, 10.0) * swell + sine(1000.0, 10.0, 0.3)))
    wanted = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(200) / ENVELOPE_HZ / 5.0)
    assert len(found) == 200
    assert np.abs(found - wanted).max() < 0.03
    assert set(envelope(np.zeros((RATE_HZ, 1)), loop=False)) == {0.0}


@pytest.mark.parametrize("frames", [1, 24, 48, 480, 2399])
def test_a_part_of_50_ms_at_the_end_has_a_value_too(frames: int) -> None:
    sound = sine(60.0, 1.0 + frames / RATE_HZ)
    assert len(sound) == RATE_HZ + frames
    assert len(envelope(sound, loop=False)) == len(tone(sound, loop=False)) == 21


@pytest.mark.parametrize(
    ("hz", "felt_hz"),
    [(31.0, 31.0), (40.0, 40.0), (79.0, 79.0), (90.0, 45.0), (130.0, 65.0), (232.0, 58.0)],
)
def test_a_tone_is_felt_as_itself_or_octaves_below(hz: float, felt_hz: float) -> None:
    found = np.array(tone(sine(hz, 10.0)))
    octave = np.log2(found / felt_hz)
    assert np.abs(octave - np.round(octave)).max() < 0.01, "the same but for octaves"
    assert abs(np.log2(found[0] / 49.0)) <= 0.72, "of those, the one nearest to the middle"


def test_partials_an_octave_apart_are_one_tone_whichever_is_louder() -> None:
    loud_first = np.array(tone(sine(55.0, 6.0, 0.2) + sine(110.0, 6.0, 0.1)))
    loud_second = np.array(tone(sine(55.0, 6.0, 0.1) + sine(110.0, 6.0, 0.2)))
    assert np.abs(loud_first - 55.0).max() < 0.2
    assert np.abs(loud_second - 55.0).max() < 0.2


def test_from_tone_to_tone_it_glides_round_a_loop_and_as_early_as_late() -> None:
    sound = np.concatenate((sine(45.0, 8.0), sine(56.0, 8.0)))
    found = np.array(tone(sound))
    assert np.abs(np.diff([*found, found[0]])).max() <= GLIDE_HZ_PER_S / ENVELOPE_HZ + 0.11
    assert found[80] == pytest.approx(45.0, abs=0.2)
    assert found[240] == pytest.approx(56.0, abs=0.2)
    assert found[0] == pytest.approx(50.5, abs=3.0), "on its way at the seam"
    assert found[160] == pytest.approx(50.5, abs=3.0), "and in the middle"


def test_a_tone_holds_while_the_band_is_silent_or_noise() -> None:
    rng = np.random.default_rng(4)
    noise = 0.02 * np.repeat(rng.standard_normal((2 * RATE_HZ, 1)), 2, axis=1)
    sound = np.concatenate((sine(50.0, 8.0), np.zeros((2 * RATE_HZ, 2)), noise, sine(50.0, 4.0)))
    assert np.abs(np.array(tone(sound, loop=False)) - 50.0).max() < 1.0


def test_noise_and_silence_have_no_tone() -> None:
    loom = Loom(20, 2)
    assert tone(loom.noise(band_of(30, 250))) == ()
    assert tone(loom.noise(band_of(20, 400, tilt=2.0))) == ()
    assert tone(np.zeros((4 * RATE_HZ, 2))) == ()


def test_whatever_sounds_its_tone_is_in_range_and_slow() -> None:
    rng = np.random.default_rng(6)
    for _ in range(6):
        hz = rng.uniform(20.0, 260.0, 8)
        sound = np.concatenate([sine(one, rng.uniform(0.3, 3.0)) for one in hz])
        found = np.array(tone(sound, loop=bool(rng.integers(2))))
        assert not len(found) or MIN_VIBRATION_HZ <= found.min() <= found.max() <= MAX_VIBRATION_HZ
        assert not len(found) or np.abs(np.diff(found)).max() <= GLIDE_HZ_PER_S / ENVELOPE_HZ + 0.11


def test_the_two_bowls_are_felt_two_octaves_below() -> None:
    bowl = BY_NAME["singing-bowl"]
    found = np.array(tone(bowl.make(Loom(24, bowl.seed))))
    near = [np.abs(found - bowl_hz / 4.0) < 1.6 for bowl_hz in (174.0, 232.0)]
    assert all(one.mean() > 0.25 for one in near)
    assert (near[0] | near[1]).mean() > 0.65, "or on its way from one to the other"
