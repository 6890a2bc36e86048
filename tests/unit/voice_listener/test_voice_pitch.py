"""Voiced share and pitch, from a man's voice to a scream; a room, a rumble and a hiss have none."""

import numpy as np
import pytest

from calmloop.voice_listener.highpass import Highpass
from calmloop.voice_listener.pitch import PitchTracker, Voicing
from calmloop.voice_listener.spectrum import Samples
from tests.unit.voice_listener.sounds import ROOM, blocks, crying, noise, tone


def last(sound: Samples, floor_rms: float = ROOM) -> Voicing:
    tracker, highpass = PitchTracker(), Highpass()
    return [tracker.take(highpass.take(block), floor_rms**2) for block in blocks(sound)][-1]


VOICES = [(100, 5), *((hz, n) for hz in (150, 220, 330, 450, 700, 1000, 1400) for n in (1, 5))]


@pytest.mark.parametrize(("hz", "harmonics"), VOICES)
def test_a_voice_has_its_pitch(hz: float, harmonics: int) -> None:
    heard = last(tone(hz, 1.0, harmonics=harmonics) + noise(1.0))
    assert heard.share > 0.9
    assert heard.pitch_hz == pytest.approx(hz, rel=0.01)


def test_crying_is_voiced_and_high() -> None:
    tracker = PitchTracker()
    heard = [tracker.take(block, ROOM**2) for block in blocks(crying(10.0) + noise(10.0))]
    assert np.mean([voicing.share for voicing in heard]) > 0.6
    pitches = [voicing.pitch_hz for voicing in heard if voicing.pitch_hz is not None]
    assert np.median(pitches) == pytest.approx(440.0, abs=40.0)


@pytest.mark.parametrize(
    "sound",
    [
        noise(1.0, 0.1),
        np.zeros(16000, np.float32),
        tone(40.0, 1.0, rms=0.1, harmonics=1),
        tone(80.0, 1.0, rms=0.1, harmonics=1),
    ],
    ids=["hiss", "nothing", "vibration of 40 Hz", "vibration of 80 Hz"],
)
def test_what_is_no_voice_has_no_pitch(sound: Samples) -> None:
    heard = last(sound + noise(1.0, seed=9))
    assert heard.share <= 0.1
    assert heard.pitch_hz is None


def test_a_voice_below_the_floor_is_not_heard() -> None:
    assert last(tone(220.0, 1.0, rms=0.001) + noise(1.0), floor_rms=0.01).share == 0.0
