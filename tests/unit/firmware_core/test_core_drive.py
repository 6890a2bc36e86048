"""Power to drive with: what is lost stops the chair, and its return starts nothing."""

import pytest

from calmloop.chair_link.messages import ArmBlock, Fault, Inputs, State, StopReason
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.hardware import RELEASED

FULL = {"vibration_permille": 1000, "sound_permille": 1000}


def test_a_lost_supply_ends_the_session_and_its_return_does_not_resume_it() -> None:
    chair = CoreChair().active()
    chair.drive(6000, **FULL)
    assert chair.view.vibration_ppm == 1_000_000
    chair.supply_mv = 0
    chair.run(22)
    assert (chair.state(), chair.view.stop_reason) == (State.RAMPDOWN, StopReason.NO_SUPPLY)
    chair.drive(5000, **FULL)
    assert (chair.state(), chair.felt) == (State.SAFE, False)
    assert chair.view.arm_block == ArmBlock.NO_SUPPLY
    chair.supply_mv = 12_000
    chair.drive(5000, **FULL)
    assert (chair.state(), chair.felt) == (State.SAFE, False)
    assert chair.view.arm_block == ArmBlock.OK
    chair.arm(8)
    chair.run(1)
    assert chair.state() is State.ARMED


@pytest.mark.parametrize(
    "supply_mv", [*range(8995, 9005), *range(14_495, 14_506), 0, 15_000, 65_535]
)
def test_the_supply_is_nine_to_fourteen_and_a_half_volts(supply_mv: int) -> None:
    chair = CoreChair().active(200)
    chair.supply_mv = supply_mv
    chair.run(22)
    good = 9000 <= supply_mv <= 14_500
    assert chair.state() is (State.ACTIVE if good else State.RAMPDOWN)


@pytest.mark.parametrize(("dip_ms", "after"), [(20, State.ACTIVE), (21, State.RAMPDOWN)])
def test_a_dip_of_the_supply_is_none(dip_ms: int, after: State) -> None:
    chair = CoreChair().active(200)
    chair.supply_mv = 8000
    chair.run(dip_ms)
    chair.supply_mv = 12_000
    chair.run(5)
    assert chair.state() is after


@pytest.mark.parametrize("supply_mv", [9499, 9500, 14_000, 14_001])
def test_a_supply_counts_again_well_inside_its_bounds_for_a_moment(supply_mv: int) -> None:
    chair = CoreChair().ready()
    chair.supply_mv = 0
    chair.run(25)
    chair.supply_mv = supply_mv
    chair.run(200)
    assert chair.view.arm_block == ArmBlock.NO_SUPPLY
    chair.run(1)
    good = 9500 <= supply_mv <= 14_000
    assert chair.view.arm_block == (ArmBlock.OK if good else ArmBlock.NO_SUPPLY)


@pytest.mark.parametrize(("open_ms", "after"), [(20, State.ACTIVE), (21, State.RAMPDOWN)])
def test_a_contactor_that_opens_under_a_closed_red_button_ends_the_session(
    open_ms: int, after: State
) -> None:
    chair = CoreChair().active(2000)
    chair.inputs &= ~Inputs.CONTACTOR_CLOSED
    chair.run(open_ms)
    chair.inputs = RELEASED
    chair.run(1)
    assert chair.state() is after
    assert (chair.view.stop_reason == StopReason.CONTACTOR_OPEN) == (after is State.RAMPDOWN)


def test_an_open_contactor_forbids_to_arm_while_it_is_open() -> None:
    chair = CoreChair().ready()
    chair.inputs &= ~Inputs.CONTACTOR_CLOSED
    chair.run(200)
    assert chair.statuses[-1].arm_block is ArmBlock.CONTACTOR_OPEN
    chair.inputs = RELEASED
    chair.run(1)
    assert chair.view.arm_block == ArmBlock.OK


def test_an_armed_chair_is_stopped_as_well() -> None:
    for lose in ({"supply_mv": 0}, {"inputs": RELEASED & ~Inputs.CONTACTOR_CLOSED}):
        chair = CoreChair().armed()
        for name, value in lose.items():
            setattr(chair, name, value)
        chair.run(22)
        assert chair.state() is State.SAFE
        assert chair.view.lockout_ms > 2900


def test_the_red_button_is_told_as_itself_though_it_opens_the_contactor() -> None:
    chair = CoreChair().active(200)
    chair.inputs = (RELEASED | Inputs.ESTOP_OPEN) & ~Inputs.CONTACTOR_CLOSED
    chair.run(12)
    assert (chair.state(), chair.view.stop_reason) == (State.ESTOP, StopReason.ESTOP)
    chair.run(1000)
    assert (chair.state(), chair.view.fault) == (State.ESTOP, Fault.NONE)


def vibrate(chair: CoreChair, duration_ms: int) -> None:
    chair.drive(duration_ms, vibration_permille=200, sound_permille=0)


def test_a_current_sensor_that_shows_nothing_while_the_chair_vibrates_is_a_fault() -> None:
    chair = CoreChair().active()
    vibrate(chair, 1500)
    chair.current_ma = 4
    vibrate(chair, 1900)
    assert chair.state() is State.ACTIVE
    vibrate(chair, 200)
    assert (chair.state(), Fault(chair.view.fault)) == (State.FAULT, Fault.CURRENT_SENSOR)
    chair.acknowledge()
    assert chair.state() is State.SAFE


@pytest.mark.parametrize(
    ("level", "current_ma"), [(200, 5), (49, 0)], ids=["some current", "hardly any vibration"]
)
def test_a_current_sensor_is_believed_otherwise(level: int, current_ma: int) -> None:
    chair = CoreChair().active()
    chair.current_ma = current_ma
    chair.drive(6000, vibration_permille=level, sound_permille=0)
    assert chair.state() is State.ACTIVE


def test_a_dead_current_sensor_is_told_from_five_percent_of_vibration_on() -> None:
    chair = CoreChair().active()
    chair.current_ma = 0
    chair.drive(3000, vibration_permille=50, sound_permille=0)
    assert Fault(chair.view.fault) is Fault.CURRENT_SENSOR
