"""What is above the room and the chair's own sound: measured, and never too much taken off."""

from collections.abc import Iterable

import numpy as np
import pytest

from calmloop.voice_listener.reader import VoiceReader, VoiceReading
from calmloop.voice_listener.spectrum import Samples
from tests.unit.voice_listener.sounds import ROOM, blocks, crying, noise

CHAIR_FULL = 0.05
"""Root mean square of the chair's sound at full level."""


def read(reader: VoiceReader, sound: Samples, chair: float | None = 0.0) -> list[VoiceReading]:
    readings = [reader.read(block, chair) for block in blocks(sound)]
    assert all(isinstance(reading, VoiceReading) for reading in readings)
    return [reading for reading in readings if isinstance(reading, VoiceReading)]


def chair_sound(seconds: float, level: float, seed: int = 2) -> Samples:
    return noise(seconds, ROOM, seed) + noise(seconds, CHAIR_FULL * level, seed + 1)


def above(readings: Iterable[VoiceReading]) -> list[float]:
    return [r.above_floor_db for r in readings if r.above_floor_db is not None]


@pytest.fixture
def reader() -> VoiceReader:
    return VoiceReader(None, live=True)


def test_a_quiet_room_is_its_own_floor_after_three_seconds(reader: VoiceReader) -> None:
    first = read(reader, noise(2.5))
    assert [r.floor_db for r in first] == [None] * 5
    later = read(reader, noise(10.0, seed=3))
    # Of white noise up to 8 kHz, 125 to 7500 Hz hold 92 %.
    assert later[-1].level_db == pytest.approx(-60.4, abs=0.3)
    assert max(above(later)) < 1.0


def test_crying_is_far_above_the_room_and_hardly_raises_its_floor(reader: VoiceReader) -> None:
    before = read(reader, noise(20.0))[-1].floor_db
    cries = read(reader, crying(30.0) + noise(30.0, seed=4))
    after = cries[-1].floor_db
    assert before is not None
    assert after is not None
    assert np.median(above(cries)) > 25.0
    assert abs(after - before) < 1.0


def test_a_room_that_grew_louder_is_the_floor_within_a_minute(reader: VoiceReader) -> None:
    read(reader, noise(20.0))
    louder = read(reader, noise(70.0, 10 * ROOM, seed=5))
    assert above(louder)[0] > 15.0
    assert above(louder)[-1] < 1.0


def test_the_chairs_own_sound_is_learned_and_taken_off_at_other_levels(
    reader: VoiceReader,
) -> None:
    read(reader, noise(10.0))
    for step, level in enumerate((0.1, 0.2, 0.3)):
        read(reader, chair_sound(8.0, level, seed=10 + 2 * step), level)
    louder = read(reader, chair_sound(5.0, 0.6, seed=30), 0.6)
    assert max(above(louder)) < 1.0
    silent = read(reader, noise(5.0, seed=40), 0.0)
    # The first block still holds 15 ms of what was before it.
    assert max(above(silent)[1:]) < 1.0


def test_a_cry_over_the_chairs_sound_is_still_above_it(reader: VoiceReader) -> None:
    read(reader, noise(10.0))
    read(reader, chair_sound(20.0, 0.3), 0.3)
    cries = read(reader, crying(10.0) + chair_sound(10.0, 0.6, seed=50), 0.6)
    assert np.median(above(cries)) > 8.0


def test_a_child_who_cries_while_the_chair_is_measured_is_not_taken_for_the_chair(
    reader: VoiceReader,
) -> None:
    read(reader, noise(10.0))
    read(reader, crying(30.0) + chair_sound(30.0, 0.3), 0.3)
    cries = read(reader, crying(10.0, seed=6) + chair_sound(10.0, 0.3, seed=60), 0.3)
    assert np.median(above(cries)) > 12.0


def test_a_chair_that_is_not_heard_of_teaches_nothing(reader: VoiceReader) -> None:
    read(reader, noise(10.0), None)
    read(reader, chair_sound(20.0, 0.5), None)
    assert reader._floor.chair_factor == 0.0
    # It counts as the room's, in time.
    assert read(reader, chair_sound(60.0, 0.5, seed=70), None)[-1].above_floor_db == pytest.approx(
        0.0, abs=1.0
    )
