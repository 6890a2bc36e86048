"""A calibration that differs too much from the one in force is agreed to twice."""

import pytest

from calmloop.chair_link.messages import (
    CalibrateResult,
    Inputs,
)
from tests.unit.firmware_core.calibrating import MISFIT, asked, confirmed
from tests.unit.firmware_core.core import SIMULATED_HASH, CoreChair
from tests.unit.firmware_core.stored import (
    crc,
    measured_record,
    record_of,
    store,
)


def test_a_table_that_jumps_is_taken_once_it_is_agreed_to_twice() -> None:
    chair = confirmed(CoreChair())
    assert asked(chair, MISFIT) is CalibrateResult.JUMPS
    assert asked(chair, MISFIT, may_jump=True) is CalibrateResult.NOT_CONFIRMED
    chair.agree()
    assert asked(chair, MISFIT, may_jump=True) is CalibrateResult.OK
    assert chair.view.calibration_hash == crc(MISFIT)


def test_who_says_at_once_that_it_may_jump_is_asked_again_nevertheless() -> None:
    chair = confirmed(CoreChair())
    assert asked(chair, MISFIT, may_jump=True) is CalibrateResult.JUMPS
    chair.agree()
    assert asked(chair, MISFIT) is CalibrateResult.JUMPS
    chair.agree()
    assert asked(chair, MISFIT, may_jump=True) is CalibrateResult.OK


@pytest.mark.parametrize("between", ["another table", "somebody sits down", "a session"])
def test_a_second_yes_is_to_the_same_table_with_nothing_between(between: str) -> None:
    chair = confirmed(CoreChair())
    chair.leased = True
    first = measured_record(at_40hz=9000) if between == "another table" else MISFIT
    assert asked(chair, first) is CalibrateResult.JUMPS
    if between == "somebody sits down":
        chair.press(Inputs.SEAT_OCCUPIED, 10)
    elif between == "a session":
        chair.inputs &= ~Inputs.ACK_PRESSED
        chair.run(1500)
        chair.arm()
        chair.run(10)
        chair.stop()
    chair.agree()
    assert asked(chair, MISFIT, may_jump=True) is CalibrateResult.JUMPS
    assert chair.view.calibration_hash == SIMULATED_HASH


@pytest.mark.parametrize(
    ("changes", "jumps"),
    [
        ({"at_30hz": 2190}, False),
        ({"at_30hz": 2191}, True),
        ({"at_40hz": 3000}, False),
        ({"at_40hz": 3001}, True),
        ({"at_80hz": 334}, False),
        ({"at_80hz": 333}, True),
        ({"at_50hz": 3001}, True),
        ({"sound_ddba": 845}, False),
        ({"sound_ddba": 846}, True),
        ({"sound_ddba": 655}, False),
        ({"sound_ddba": 654}, True),
    ],
)
def test_what_jumps(changes: dict[str, int], jumps: bool) -> None:
    """Over the simulated chair's table, with its points at 30, 40 and 80 Hz alone."""
    answer = asked(confirmed(CoreChair()), measured_record(**changes))
    assert answer is (CalibrateResult.JUMPS if jumps else CalibrateResult.OK)


def test_a_peak_of_the_table_in_force_that_is_gone_in_the_new_one_is_a_jump() -> None:
    peak = record_of([(30, 1000), (54, 1000), (55, 4000), (56, 1000), (80, 1000)], 750)
    chair = CoreChair(image=store(calibration=peak))
    chair.identify(calibration_hash=crc(peak))
    chair.boot()
    chair.agree()
    assert asked(chair, record_of([(30, 1000), (80, 1000)], 750)) is CalibrateResult.JUMPS


def test_the_first_table_of_a_chair_has_nothing_to_jump_from() -> None:
    chair = CoreChair(image=store())
    chair.identify(calibration_hash=0)
    chair.boot()
    chair.agree()
    assert asked(chair, record_of([(30, 20_000), (80, 20_000)], 1200)) is CalibrateResult.OK
