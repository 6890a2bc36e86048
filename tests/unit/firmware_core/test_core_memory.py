"""A bit of memory that flips lifts no ceiling for long, and takes no stop away."""

import pytest

from calmloop.chair_link.messages import (
    ArmBlock,
    Fault,
    HostStop,
    Identify,
    Inputs,
    State,
    Stop,
    StopReason,
)
from tests.unit.firmware_core.binding import CCalibration, library
from tests.unit.firmware_core.core import CAP_HASH, CoreChair
from tests.unit.firmware_core.flips import Field, Way, bits_of, flip_each
from tests.unit.firmware_core.stored import (
    HOUR_AT,
    MINUTE_SIZE,
    MINUTES,
    RECORD_SIZE,
    measured_record,
    minute,
    store,
)

TABLES = {"uncalibrated": None, "measured": measured_record()}
RECORD_CHECK_AT, FOLLOWED_AT = 48, 52
"""Behind the record, in a calibration."""


def used(image: bytearray, minutes: int) -> bytearray:
    """The store of a chair that was ACTIVE for so many whole minutes of the last."""
    for slot in range(minutes):
        at = HOUR_AT + MINUTE_SIZE * slot
        image[at : at + MINUTE_SIZE] = minute(slot + 1, 60, 60 if slot else 0)
    return image


def of_table(table: str) -> CoreChair:
    """SAFE, and ready to be armed, with 19 minutes of the hour used."""
    chair = CoreChair(image=used(store(calibration=TABLES[table]), 19))
    chair.leased = True
    chair.identify(calibration_hash=chair.view.calibration_hash)
    chair.run(3201)
    return chair


def driven(table: str) -> CoreChair:
    """ACTIVE, at its ceilings."""
    chair = of_table(table)
    chair.arm()
    chair.run(1)
    chair.drive(6000, vibration_permille=1000, sound_permille=1000)
    return chair


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


def flip(chair: CoreChair, byte: int) -> None:
    """Flips the lowest bit of one byte of the calibration."""
    chair.flip(bits_of(Field.CALIBRATION)[8 * byte])


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
    table.record[3] = 0xFF
    assert core.calibration_sound_ppm(table) == 0


# --- what is latched, and for how long --------------------------------------------------------

HELD = [
    *((Field.LOCKOUT_DEADLINE, bit) for bit in range(32)),
    *((field, 0) for field in (Field.LOCKOUT_RUNNING, Field.LOCKOUT_IS_LONG)),
    *((field, 0) for field in (Field.CHILD_LATCHED, Field.ESTOP_LATCHED)),
]


def in_lockout() -> CoreChair:
    """SAFE after the child's press and a STOP, with some of the lockout left."""
    chair = driven("measured")
    chair.press(Inputs.CHILD_BUTTON, 20)
    chair.stop()
    chair.run(400)
    assert (chair.state(), chair.view.child_latched) == (State.SAFE, True)
    return chair


@pytest.mark.parametrize(("field", "bit"), HELD)
def test_a_lockout_or_a_latch_that_changes_by_itself_is_a_fault(field: Field, bit: int) -> None:
    chair = in_lockout()
    chair.flip(bits_of(field)[bit])
    chair.run(1)
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)


@pytest.mark.parametrize("order", HostStop, ids=lambda order: order.name.lower())
def test_a_frame_that_changes_them_hides_nothing(order: HostStop) -> None:
    chair = in_lockout()
    chair.flip(bits_of(Field.LOCKOUT_DEADLINE)[1])
    chair.send(Stop(order, 9))
    chair.run(1)
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)


@pytest.mark.parametrize("bit", [2, 3, 31])
def test_a_state_that_cannot_be_is_a_fault(bit: int) -> None:
    chair = of_table("measured")
    chair.flip(bits_of(Field.STATE)[bit])
    chair.run(1)
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)


def test_an_arm_is_refused_by_a_chair_whose_memory_is_not_whole() -> None:
    chair = of_table("measured")
    chair.flip(bits_of(Field.LOCKOUT_DEADLINE)[20])
    chair.arm()
    chair.run(1)
    assert chair.acks[-1].result == ArmBlock.WRONG_STATE


def test_a_code_that_no_fault_has_becomes_the_one_of_memory() -> None:
    chair = CoreChair().faulty()
    chair.flip(bits_of(Field.FAULT)[3])
    chair.run(1)
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)


@pytest.mark.parametrize("bit", range(9, 32))
def test_a_setpoint_that_would_last_for_longer_than_any_may_is_over(bit: int) -> None:
    chair = driven("measured")
    chair.flip(bits_of(Field.SETPOINT_DEADLINE)[bit])
    chair.run(1)
    assert (chair.state(), chair.view.stop_reason) == (State.RAMPDOWN, StopReason.TTL)


@pytest.mark.parametrize("bit", range(9, 32))
def test_a_lease_that_would_last_for_longer_than_any_may_is_over(bit: int) -> None:
    chair = driven("measured")
    chair.leased = False
    chair.flip(bits_of(Field.LEASE_DEADLINE)[bit])
    chair.run(1)
    assert (chair.state(), chair.view.stop_reason) == (State.RAMPDOWN, StopReason.LEASE)


@pytest.mark.parametrize("rest", [b"\x33\0", b"\0"])
def test_a_frame_whose_size_was_lost_is_bad_and_the_next_one_is_read(rest: bytes) -> None:
    chair = of_table("measured")
    chair.receive(b"\x05\x11\x22")
    chair.flip(bits_of(Field.RECEIVED_SIZE)[7])
    chair.receive(rest)
    assert chair.view.bad_frames == 1
    chair.send(Identify(1, 1, CAP_HASH, 0))
    assert not chair.view.identified


# --- the hour ---------------------------------------------------------------------------------

CLOCK = [
    *((field, bit) for field in (Field.HOUR_AGE, Field.HOUR_PART) for bit in range(16)),
    *((field, bit) for field in (Field.HOUR_NEWEST, Field.HOUR_SEQ) for bit in range(8)),
    *((Field.HOUR_CLAIM, bit) for bit in range(8)),
]


@pytest.mark.parametrize(("field", "bit"), CLOCK)
def test_an_hour_that_goes_on_elsewhere_is_a_fault(field: Field, bit: int) -> None:
    chair = driven("measured")
    chair.flip(bits_of(field)[bit])
    chair.run(1)
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)


TOTAL = [
    *((Field.HOUR_TOTAL, bit) for bit in range(16)),
    *((Field.HOUR_MINUTES, bit) for bit in range(0, 8 * MINUTES, 7)),
]


@pytest.mark.parametrize(("field", "bit"), TOTAL)
@pytest.mark.parametrize("armed", [False, True])
def test_an_hour_that_is_not_what_its_minutes_are_is_a_fault_within_a_second(
    field: Field, bit: int, armed: bool
) -> None:
    chair = of_table("measured")
    chair.flip(bits_of(field)[bit])
    if armed:
        chair.arm()
        assert chair.state() is State.SAFE
    chair.run(1000)
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)


# --- the store --------------------------------------------------------------------------------


@pytest.mark.parametrize("bit", range(8))
def test_a_fault_is_stored_whatever_the_count_of_failures_says(bit: int) -> None:
    chair = of_table("measured")
    chair.flip(bits_of(Field.LATCHES_FAILURES)[bit])
    chair.current_ma = 5000
    chair.run(20)
    after = CoreChair(image=chair.image).boot()
    assert (after.state(), after.view.fault) == (State.FAULT, Fault.OVER_CURRENT)


@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize("table", TABLES)
def test_no_table_is_stored_that_is_none_or_that_memory_has_not_kept(
    table: str, damaged: bool
) -> None:
    chair = of_table(table)
    image = bytes(chair.image)
    chair.flip(bits_of(Field.TABLE_DUE)[0])
    if damaged:
        flip(chair, 7)
    chair.run(200)
    is_whole = table == "measured" and not damaged
    assert (chair.image != image) == is_whole
    after = CoreChair(image=chair.image).boot()
    assert (after.state(), after.view.fault) == (State.SAFE, Fault.NONE)
