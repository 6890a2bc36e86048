"""The voice listener on a bus in memory: what it says, when it listens, and what it never does."""

from collections.abc import Iterator

import numpy as np
import pytest

from calmloop.base.errors import DeviceError
from calmloop.contract import topics
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.chair import Applied, ChairMode, ChairState
from calmloop.contract.messages.voice import VoiceCondition, VoiceState
from calmloop.voice_listener.listening import MAX_AHEAD_S
from calmloop.voice_listener.service import LATE_S, STUCK_S
from calmloop.voice_listener.spectrum import BLOCK_S
from tests.unit.voice_listener.rig import Rig
from tests.unit.voice_listener.sounds import blocks, noise

FIGURES = (
    "level_db",
    "floor_db",
    "above_floor_db",
    "voiced_share",
    "pitch_hz",
    "crying",
    "is_crying",
    "clipped_share",
)


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.service.close()


def figures(state: VoiceState) -> dict[str, object]:
    return {name: getattr(state, name) for name in FIGURES}


def knows_nothing(state: VoiceState) -> bool:
    return all(value is None for value in figures(state).values())


def test_it_is_off_until_a_person_switches_it_on(rig: Rig) -> None:
    for _ in range(21):
        assert rig.turn().healthy
    assert rig.source.opened == 0
    assert len(rig.states) == pytest.approx(4, abs=1)
    state = rig.states[-1]
    assert (state.condition, state.enabled) == (VoiceCondition.OFF, False)
    assert "voice/set turns it on" in state.reason
    assert knows_nothing(state)

    rig.switch(on=True)
    heard = rig.hear(noise(0.5))
    assert (heard.condition, heard.enabled) == (VoiceCondition.LISTENING, True)
    assert heard.source_kind is SignalKind.LIVE
    assert heard.level_db == pytest.approx(-60.4, abs=1.0)
    assert (heard.crying, heard.is_crying, heard.model) == (None, None, "")


def test_switching_off_closes_the_microphone_and_says_so_at_once(rig: Rig) -> None:
    rig.switch(on=True)
    rig.hear(noise(0.5))
    rig.switch(on=False)
    rig.until(lambda: rig.source.closed == 1)
    rig.turn(0.5)
    assert rig.states[-1].condition is VoiceCondition.OFF
    assert knows_nothing(rig.states[-1])
    rig.switch(on=True)
    assert rig.hear(noise(0.5, seed=2)).condition is VoiceCondition.LISTENING


def test_figures_come_twice_a_second(rig: Rig) -> None:
    rig.switch(on=True)
    before = len(rig.states)
    for block in blocks(noise(5.0)):
        rig.hear(block)
    assert len(rig.states) - before == 10


def test_a_stream_that_stops_is_unknown_at_once_and_lost_soon(rig: Rig) -> None:
    rig.switch(on=True)
    for block in blocks(noise(5.0)):
        rig.hear(block)
    assert not knows_nothing(rig.states[-1])
    rig.turn(LATE_S)
    assert knows_nothing(rig.states[-1])
    health = [rig.turn(0.5) for _ in range(3)][-1]
    assert rig.states[-1].condition is VoiceCondition.LOST
    assert knows_nothing(rig.states[-1])
    assert not health.healthy
    assert "has given no sound" in health.waits_for
    assert rig.hear(noise(0.5, seed=3)).condition is VoiceCondition.LISTENING
    assert rig.turn().healthy


def test_a_microphone_that_is_not_there_is_said_and_tried_again(rig: Rig) -> None:
    rig.source.fails = "fed microphone is not there: plug it in"
    rig.switch(on=True)
    rig.until(lambda: rig.service._told.condition is VoiceCondition.LOST or not rig.turn(0.5))
    rig.turn(1.0)
    assert rig.states[-1].condition is VoiceCondition.LOST
    assert "plug it in" in rig.states[-1].reason
    assert not rig.turn().healthy
    rig.source.fails = ""
    rig.until(lambda: rig.source.opened == 1)
    rig.hear(noise(0.5))
    rig.until(lambda: rig.states[-1].condition is VoiceCondition.LISTENING)


def test_a_dead_microphone_is_told_at_once_and_calls_for_help_after_two_seconds(rig: Rig) -> None:
    rig.switch(on=True)
    rig.hear(noise(0.5))
    silence = np.zeros(8000, np.float32)
    first = rig.hear(silence)
    assert first.condition is VoiceCondition.DEAD
    assert knows_nothing(first)
    assert rig.turn(0.0).healthy
    for _ in range(3):
        rig.hear(silence)
    health = rig.turn(0.0)
    assert not health.healthy
    assert "unmute" in health.waits_for


def test_a_frozen_stream_never_gives_the_old_value(rig: Rig) -> None:
    rig.switch(on=True)
    block = noise(0.5)
    assert not knows_nothing(rig.hear(block))
    for _ in range(3):
        state = rig.hear(block)
        assert state.condition is VoiceCondition.FROZEN
        assert knows_nothing(state)


def test_the_chairs_sound_is_taken_off(rig: Rig) -> None:
    def play(level: float, seconds: float, seed: int) -> list[VoiceState]:
        sound = noise(seconds, seed=seed) + noise(seconds, 0.05 * level, seed=seed + 1)
        states = []
        for block in blocks(sound):
            applied = Applied(sound_pct=100.0 * level)
            rig.transport.send(
                topics.CHAIR_STATE, ChairState(mode=ChairMode.ACTIVE, applied=applied)
            )
            rig.turn(0.0)
            # 10 Hz on the bus: here one is held for the whole block.
            rig.clock.advance(-0.4)
            states.append(rig.hear(block))
            rig.clock.advance(0.4)
        return states

    rig.switch(on=True)
    play(0.0, 8.0, seed=1)
    play(0.3, 12.0, seed=3)
    states = play(0.5, 3.0, seed=5)
    assert all(s.above_floor_db is not None and s.above_floor_db < 1.5 for s in states)


def test_what_was_heard_before_a_pause_of_the_process_is_dropped(rig: Rig) -> None:
    rig.switch(on=True)
    rig.hear(noise(0.5))
    rig.source.sound.put((noise(0.5, 0.5) * 32767).astype("<i2").tobytes())
    rig.until(lambda: rig.service._listening is not None and rig.source.sound.empty())
    rig.service.discard()
    assert rig.hear(noise(0.5, seed=5)).level_db == pytest.approx(-60.4, abs=1.0)


def test_a_flood_of_sound_is_no_flood_on_the_bus(rig: Rig) -> None:
    rig.switch(on=True)
    count = len(rig.states)
    for block in blocks(noise(50.0)):
        rig.source.sound.put((block * 32767).astype("<i2").tobytes())
    rig.until(lambda: rig.source.closed == 1)
    rig.turn(0.5)
    assert rig.states[-1].condition is VoiceCondition.LOST
    assert "faster than time passes" in rig.states[-1].reason
    assert knows_nothing(rig.states[-1])
    assert len(rig.states) - count <= 1 + MAX_AHEAD_S / BLOCK_S
    assert rig.turn().waits_for == rig.states[-1].reason


def test_a_driver_that_hangs_ends_the_process(rig: Rig) -> None:
    rig.switch(on=True)
    rig.source.runs.clear()
    rig.until(rig.source.hanging.is_set)
    rig.turn(STUCK_S - 1.0)
    with pytest.raises(DeviceError, match="has not returned for 60 s"):
        rig.turn(2.0)
    rig.source.runs.set()
