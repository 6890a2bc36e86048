"""The reading of one source, step by step: how often it is opened, asked, and believed."""

import pytest

from calmloop.base.clock import ManualClock
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.voice import VoiceCondition
from calmloop.voice_listener.listening import (
    EMPTY_S,
    MAX_AHEAD_S,
    MAX_BLOCKS,
    MAX_RETRY_S,
    MIN_RETRY_S,
    STEADY_S,
    Hearing,
)
from calmloop.voice_listener.spectrum import BLOCK, BLOCK_S

HALF_A_SECOND = bytes(2 * BLOCK)


class Tap:
    """Gives what it is told to, at once."""

    origin = "tap"
    kind = SignalKind.LIVE
    rate_hz = 16000
    channels = 1
    pause_s = 0.0

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.opened = self.closed = 0

    def open(self) -> None:
        self.opened += 1

    def read(self) -> bytes | None:
        return self.data

    def close(self) -> None:
        self.closed += 1


def taken(hearing: Hearing) -> int:
    return len(list(iter(hearing.take, None)))


def flooded(hearing: Hearing) -> float:
    """Steps on a clock that stands until the source is let go; the wait before the next opening."""
    for _ in range(100):
        wait_s = hearing.step()
        if hearing.report().condition is VoiceCondition.LOST:
            return wait_s
    raise AssertionError("it was believed")


def test_sound_that_comes_faster_than_time_passes_is_no_microphones() -> None:
    source = Tap(HALF_A_SECOND)
    hearing = Hearing(source, ManualClock())
    flooded(hearing)
    assert source.closed == source.opened == 1
    assert "faster than time passes: restart the sound server" in hearing.report().reason
    assert hearing.take() is None, "nothing of it is read"


def test_a_flood_is_asked_ever_less_often() -> None:
    source, clock = Tap(HALF_A_SECOND), ManualClock()
    hearing = Hearing(source, clock)
    waits = []
    for _ in range(6):
        waits.append(flooded(hearing))
        clock.advance(waits[-1])
        hearing.step()
    assert waits == [MIN_RETRY_S, 1.0, 2.0, 4.0, MAX_RETRY_S, MAX_RETRY_S]


def test_what_a_driver_had_kept_is_no_flood_and_the_newest_of_it_is_read() -> None:
    hearing = Hearing(Tap(HALF_A_SECOND), ManualClock())
    for _ in range(int(MAX_AHEAD_S / BLOCK_S)):
        hearing.step()
    assert hearing.report().condition is VoiceCondition.LISTENING
    assert taken(hearing) <= MAX_BLOCKS


def test_one_that_was_steady_is_looked_for_at_once_when_it_is_lost() -> None:
    source, clock = Tap(HALF_A_SECOND), ManualClock()
    hearing = Hearing(source, clock)
    flooded(hearing)
    flooded(hearing)
    for _ in range(int(STEADY_S / BLOCK_S) + 2):
        clock.advance(BLOCK_S)
        hearing.step()
    assert hearing.report().condition is VoiceCondition.LISTENING
    assert flooded(hearing) == MIN_RETRY_S


@pytest.mark.parametrize(("data", "wait_s"), [(b"", EMPTY_S), (HALF_A_SECOND, 0.0)])
def test_a_driver_that_gives_nothing_does_not_take_a_core(data: bytes, wait_s: float) -> None:
    assert Hearing(Tap(data), ManualClock()).step() == wait_s
