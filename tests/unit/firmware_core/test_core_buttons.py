"""The red button and ACK count after their time, and chatter does not."""

import pytest

from calmloop.chair_link.messages import Inputs, State
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.hardware import RELEASED


@pytest.mark.parametrize("held_ms", range(5, 16))
def test_the_red_button_counts_after_ten_milliseconds(held_ms: int) -> None:
    chair = CoreChair().boot()
    chair.inputs |= Inputs.ESTOP_OPEN
    chair.run(held_ms)
    chair.inputs = RELEASED
    chair.run(1)
    assert chair.state() is (State.ESTOP if held_ms > 10 else State.SAFE)


@pytest.mark.parametrize("tick_ms", [1, 2])
@pytest.mark.parametrize("phase_ms", range(10))
def test_a_wire_that_chatters_is_open_within_50_ms(phase_ms: int, tick_ms: int) -> None:
    """6 ms open, 4 ms closed: never open for 10 ms in a row."""
    chair = CoreChair().boot()
    for passed_ms in range(50):
        is_open = (passed_ms + phase_ms) % 10 < 6
        chair.inputs = RELEASED | Inputs.ESTOP_OPEN if is_open else RELEASED
        chair.now_ms += 1
        if passed_ms % tick_ms == 0:
            chair.turn()
    assert chair.state() is State.ESTOP


@pytest.mark.parametrize(("open_ms", "every_ms"), [(9, 60), (3, 20), (2, 10), (1, 3)])
def test_a_wire_that_is_seldom_open_is_closed(open_ms: int, every_ms: int) -> None:
    chair = CoreChair().boot()
    for _ in range(200):
        chair.press(Inputs.ESTOP_OPEN, open_ms)
        chair.run(every_ms - open_ms)
    assert chair.state() is State.SAFE


def test_short_openings_leak_away_at_a_quarter_of_their_speed() -> None:
    """8 ms gathered, 7 of them left after 4 ms: the next 3 ms are enough, and 2 are not."""
    for again_ms, after in ((3, State.SAFE), (4, State.ESTOP)):
        chair = CoreChair().boot()
        chair.press(Inputs.ESTOP_OPEN, 9)
        chair.run(4)
        chair.press(Inputs.ESTOP_OPEN, again_ms)
        chair.run(1)
        assert chair.state() is after


@pytest.mark.parametrize("held_ms", range(45, 56))
def test_ack_counts_after_fifty_milliseconds(held_ms: int) -> None:
    chair = CoreChair().stopped_by_hand()
    chair.press(Inputs.ACK_PRESSED, held_ms)
    assert chair.state() is (State.SAFE if held_ms > 50 else State.ESTOP)


def test_a_stuck_ack_is_ignored_from_boot_on() -> None:
    chair = CoreChair(reset_flags=0x08)
    chair.inputs |= Inputs.ACK_PRESSED
    chair.run(60_000, step_ms=5)
    assert chair.state() is State.FAULT
    chair.acknowledge()
    assert chair.state() is State.SAFE


def test_an_ack_held_since_before_the_stop_does_not_count() -> None:
    chair = CoreChair().ready()
    chair.inputs |= Inputs.ACK_PRESSED
    chair.run(500)
    chair.inputs |= Inputs.ESTOP_OPEN
    chair.inputs &= ~Inputs.CONTACTOR_CLOSED
    chair.run(100)
    chair.inputs = RELEASED | Inputs.ACK_PRESSED
    chair.run(5000)
    assert chair.state() is State.ESTOP
