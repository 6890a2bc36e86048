"""What only passes for sound is said as such, and gives no figures."""

import numpy as np
import pytest

from calmloop.contract.messages.voice import VoiceCondition
from calmloop.voice_listener.reader import VoiceReader, VoiceReading
from calmloop.voice_listener.soundness import SoundFault
from calmloop.voice_listener.spectrum import BLOCK, Samples
from tests.unit.voice_listener.sounds import blocks, noise, tone


def spoilt(value: float) -> Samples:
    block = noise(0.5)
    block[1234] = value
    return block


def looped(length: int) -> Samples:
    return np.resize(noise(0.5)[:length], BLOCK)


BAD = {
    "NaN": (spoilt(np.nan), VoiceCondition.UNUSABLE, "no numbers"),
    "infinity": (spoilt(np.inf), VoiceCondition.UNUSABLE, "no numbers"),
    "nothing": (np.zeros(BLOCK, np.float32), VoiceCondition.DEAD, "unmute"),
    "a constant": (np.full(BLOCK, -1.0, np.float32), VoiceCondition.DEAD, "-1.000"),
    "cut off": (np.clip(noise(0.5, 2.0), -1, 1), VoiceCondition.UNUSABLE, "gain down"),
    "a loop of 10 ms": (looped(160), VoiceCondition.FROZEN, "over and over"),
    "a loop of 150 ms": (looped(2400), VoiceCondition.FROZEN, "over and over"),
    "a loop of 250 ms": (looped(4000), VoiceCondition.FROZEN, "over and over"),
}


@pytest.mark.parametrize(("block", "condition", "word"), BAD.values(), ids=BAD)
def test_a_block_that_is_no_sound_has_no_figures_and_a_reason(
    block: Samples, condition: VoiceCondition, word: str
) -> None:
    reader = VoiceReader(None, live=True)
    for good in blocks(noise(5.0)):
        reader.read(good)
    heard = reader.read(block)
    assert isinstance(heard, SoundFault)
    assert heard.condition is condition
    assert word in heard.reason
    after = [reader.read(block) for block in blocks(noise(2.0, seed=8))]
    assert all(isinstance(reading, VoiceReading) and reading.level_db < -59 for reading in after)


def test_the_same_half_second_again_is_frozen_and_stays_so() -> None:
    reader = VoiceReader(None, live=True)
    block = noise(0.5)
    assert isinstance(reader.read(block), VoiceReading)
    for _ in range(5):
        heard = reader.read(block.copy())
        assert isinstance(heard, SoundFault)
        assert heard.condition is VoiceCondition.FROZEN


def test_a_recording_may_repeat_itself() -> None:
    reader = VoiceReader(None, live=False)
    assert isinstance(reader.read(looped(160)), VoiceReading)
    assert isinstance(reader.read(looped(160)), VoiceReading)


def test_a_little_clipping_is_told_and_read() -> None:
    block = np.clip(tone(300.0, 0.5, rms=0.45), -1, 1)
    heard = VoiceReader(None, live=True).read(block + noise(0.5, 1e-5))
    assert isinstance(heard, VoiceReading)
    assert 0.0 <= heard.clipped_share < 0.2
    loud = VoiceReader(None, live=True).read(np.clip(noise(0.5, 0.5), -1, 1))
    assert isinstance(loud, VoiceReading)
    assert loud.clipped_share == pytest.approx(0.046, abs=0.01)
