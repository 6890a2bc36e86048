"""A person at the empty chair agrees to a new calibration, by ACK held for 3 s."""

import pytest

from calmloop.chair_link.messages import (
    CalibrateResult,
    Inputs,
    State,
)
from tests.unit.firmware_core.calibrating import OTHER, TABLE, answers, asked, confirmed
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.events import WAYS
from tests.unit.firmware_core.stored import (
    crc,
)


def test_an_unidentified_host_may_not() -> None:
    chair = CoreChair().boot()
    chair.agree()
    assert asked(chair) is CalibrateResult.NOT_IDENTIFIED
    chair.identify()
    assert asked(chair) is CalibrateResult.OK


def test_a_host_that_was_identified_by_the_old_table_must_identify_again() -> None:
    chair = confirmed(CoreChair())
    asked(chair)
    assert not chair.view.identified
    chair.agree()
    assert asked(chair, OTHER) is CalibrateResult.NOT_IDENTIFIED
    chair.identify()
    chair.run(1)
    assert not chair.identities[-1].matched
    chair.identify(calibration_hash=crc(TABLE))
    assert asked(chair, OTHER) is CalibrateResult.OK


def test_nothing_is_taken_unless_ack_is_pressed_at_the_chair() -> None:
    chair = CoreChair()
    chair.identify()
    chair.boot()
    chair.inputs &= ~Inputs.SEAT_OCCUPIED
    chair.run(500)
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED
    chair.agree()
    assert asked(chair) is CalibrateResult.OK


def test_a_stuck_ack_confirms_nothing() -> None:
    chair = CoreChair()
    chair.inputs = Inputs.ACK_PRESSED | Inputs.CONTACTOR_CLOSED
    chair.identify()
    chair.boot()
    chair.run(5000)
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED


@pytest.mark.parametrize("held_ms", range(2995, 3006))
def test_ack_counts_once_it_has_been_held_for_three_seconds(held_ms: int) -> None:
    chair = CoreChair()
    chair.identify()
    chair.boot()
    chair.inputs &= ~Inputs.SEAT_OCCUPIED
    chair.run(100)
    chair.inputs |= Inputs.ACK_PRESSED
    chair.run(held_ms + 1)
    chair.calibrate(TABLE)
    expected = CalibrateResult.OK if held_ms >= 3000 else CalibrateResult.NOT_CONFIRMED
    assert answers(chair) == [expected]


def test_an_ack_that_was_let_go_agrees_to_nothing() -> None:
    chair = confirmed(CoreChair())
    chair.inputs &= ~Inputs.ACK_PRESSED
    chair.run(1)
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED


def test_presses_that_are_three_seconds_together_agree_to_nothing() -> None:
    chair = CoreChair()
    chair.identify()
    chair.boot()
    chair.inputs &= ~Inputs.SEAT_OCCUPIED
    for _ in range(3):
        chair.run(60)
        chair.press(Inputs.ACK_PRESSED, 1500)
    chair.run(60)
    chair.inputs |= Inputs.ACK_PRESSED
    chair.run(1500)
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED


def test_an_ack_held_in_a_session_agrees_to_nothing_after_it() -> None:
    chair = CoreChair().active()
    chair.agree(5000)
    chair.run_until(State.SAFE, 1000)
    chair.identify()
    chair.run(5000)
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED
    chair.agree()
    assert asked(chair) is CalibrateResult.OK


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_nobody_may_sit_in_the_chair(when: str) -> None:
    chair = confirmed(CoreChair())
    if when == "before":
        chair.inputs |= Inputs.SEAT_OCCUPIED
        chair.run(1)
        assert asked(chair) is CalibrateResult.SEAT_OCCUPIED
    elif when == "during":
        chair.press(Inputs.SEAT_OCCUPIED, 1)
        chair.run(5000)
        assert asked(chair) is CalibrateResult.NOT_CONFIRMED
    else:
        assert asked(chair) is CalibrateResult.OK
        chair.inputs |= Inputs.SEAT_OCCUPIED
        chair.run(10)
        assert chair.view.calibration_hash == crc(TABLE)


def test_ack_serves_once() -> None:
    chair = confirmed(CoreChair())
    assert asked(chair) is CalibrateResult.OK
    chair.identify(calibration_hash=crc(TABLE))
    assert asked(chair, OTHER) is CalibrateResult.NOT_CONFIRMED
    assert chair.view.calibration_hash == crc(TABLE)


def test_ack_serves_once_even_in_the_same_millisecond() -> None:
    chair = confirmed(CoreChair())
    chair.calibrate(TABLE)
    for _ in range(3):  # taken, stored, told: with no time between
        chair.turn()
    chair.identify(calibration_hash=crc(TABLE))
    chair.calibrate(OTHER)
    assert answers(chair) == [CalibrateResult.OK, CalibrateResult.NOT_CONFIRMED]
    assert chair.view.calibration_hash == crc(TABLE)


@pytest.mark.parametrize("start", [State.FAULT, State.ESTOP])
def test_the_ack_that_leaves_fault_or_estop_confirms_no_table(start: State) -> None:
    chair = CoreChair()
    WAYS[start](chair)
    chair.identify()
    chair.agree()
    assert chair.state() is State.SAFE
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED
    chair.run(4000)
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED


def test_an_ack_before_another_state_confirms_no_table_after_it() -> None:
    chair = CoreChair().ready()
    chair.agree()
    chair.arm()
    chair.run(1)
    chair.stop()
    chair.run(1)
    assert chair.state() is State.SAFE
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED


def test_no_table_is_confirmed_in_the_very_moment_that_a_stop_brings_safe() -> None:
    chair = CoreChair().armed()
    chair.agree()
    chair.stop()
    chair.calibrate(TABLE)
    assert answers(chair) == [CalibrateResult.NOT_CONFIRMED]
