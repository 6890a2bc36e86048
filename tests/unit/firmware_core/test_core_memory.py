"""A bit of memory that flips lifts no ceiling for long, and takes no stop away."""

import pytest

from calmloop.chair_link.messages import (
    ArmBlock,
    Fault,
    State,
)
from tests.unit.firmware_core.binding import CCalibration, library
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.flips import Way, flip_each
from tests.unit.firmware_core.memory import (
    FOLLOWED_AT,
    RECORD_CHECK_AT,
    TABLES,
    driven,
    flip,
    of_table,
)
from tests.unit.firmware_core.stored import (
    RECORD_SIZE,
    measured_record,
)

CHAIRS = {State.ACTIVE: driven, State.SAFE: of_table}


@pytest.mark.parametrize("way", Way, ids=lambda way: way.name.lower())
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("state", CHAIRS, ids=lambda state: state.name)
def test_no_flipped_bit_lifts_a_ceiling_for_long_or_keeps_the_chair_from_stopping(
    state: State, table: str, way: Way
) -> None:
    chair = CHAIRS[state](table)
    assert chair.state() is state
    flips = flip_each(chair, way)
    print(f"{state.name}, {table}, {way.name.lower()}: {flips}")
    assert flips.over == {}
    assert flips.unstopped == {}
    assert flips.gained == {}
    assert flips.told > 8 * RECORD_SIZE
    if way is Way.DRIVEN or state is State.ACTIVE:
        assert flips.driven > flips.bits / 2


def test_a_chair_whose_memory_is_whole_is_left_alone() -> None:
    chair = driven("measured")
    chair.drive(3000)
    assert (chair.state(), chair.view.fault) == (State.ACTIVE, Fault.NONE)


# --- the fault ------------------------------------------------------------------------------


@pytest.mark.parametrize("byte", range(FOLLOWED_AT, FOLLOWED_AT + 12))
def test_a_damaged_ceiling_cuts_at_the_next_tick(byte: int) -> None:
    chair = driven("measured")
    flip(chair, byte)
    chair.run(1)
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)
    assert not chair.felt


@pytest.mark.parametrize("byte", [*range(RECORD_SIZE), *range(RECORD_CHECK_AT, FOLLOWED_AT)])
def test_a_damaged_calibration_cuts_within_a_second(byte: int) -> None:
    chair = driven("measured")
    flip(chair, byte)
    chair.drive(1000, vibration_permille=1000)
    chair.run(1)
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)
    assert not chair.felt


def test_each_arm_looks_at_the_calibration_first() -> None:
    chair = of_table("measured")
    flip(chair, 7)
    chair.arm()
    chair.run(1)
    assert chair.acks[-1].result == ArmBlock.WRONG_STATE
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)


def test_only_a_reset_and_then_an_ack_end_it() -> None:
    chair = driven("measured")
    flip(chair, 7)
    chair.run(1001)
    chair.acknowledge()
    assert chair.state() is State.FAULT
    after = CoreChair(image=chair.image).boot()
    assert (after.state(), after.view.fault) == (State.FAULT, Fault.MEMORY)
    after.acknowledge()
    assert after.state() is State.SAFE


@pytest.mark.parametrize("count", [14, 15, 255])
def test_a_table_that_says_it_has_more_points_than_it_has_gives_least(count: int) -> None:
    """Where it has none, all of what full drive may give; nothing beyond the record is read."""
    core, table = library(), CCalibration()
    assert core.calibration_read(table, measured_record())
    table.record[1] = count
    assert core.calibration_full_mm_s2(table, 80_001) == 20_000
    assert core.calibration_vibration_ppm(table, 80_001) == 50_000


def test_a_sound_beyond_what_a_table_may_hold_is_silent() -> None:
    core, table = library(), CCalibration()
    assert core.calibration_read(table, measured_record(sound_ddba=1200))
    assert core.calibration_sound_ppm(table) == 5000
    for ddba in (1201, 1210, 0xFFFF):
        table.record[2:4] = ddba.to_bytes(2, "little")
        assert core.calibration_sound_ppm(table) == 0
