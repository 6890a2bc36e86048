"""A flipped bit gains no time of the hour, and stores nothing that memory has not kept."""

import pytest

from calmloop.chair_link.messages import CalibrateResult, Fault, State
from tests.unit.firmware_core.calibrating import TABLE, asked, confirmed
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.flips import Field, bits_of
from tests.unit.firmware_core.hours import MINUTE_S
from tests.unit.firmware_core.memory import TABLES, driven, flip, of_table
from tests.unit.firmware_core.stored import MINUTES, crc

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


@pytest.mark.parametrize("bit", range(16))
def test_a_generation_that_changes_by_itself_costs_the_newest_table_at_most(bit: int) -> None:
    """The new table or the one before is in force, whole, and its hash says which."""
    chair = confirmed(CoreChair())
    chair.flip(bits_of(Field.TABLE_GENERATION)[bit])
    before = chair.view.calibration_hash
    assert asked(chair) is CalibrateResult.OK
    after = CoreChair(image=chair.image).ready()
    assert (after.state(), after.view.fault) == (State.SAFE, Fault.NONE)
    assert after.view.calibration_hash in (before, crc(TABLE))
    after.identify(calibration_hash=crc(TABLE))
    assert after.view.identified == (after.view.calibration_hash == crc(TABLE))


def test_a_record_of_the_hour_that_nobody_asked_for_costs_a_minute_at_most() -> None:
    chair = of_table("measured")
    budget_s = chair.view.session_budget_s
    chair.flip(bits_of(Field.HOUR_RECORD_DUE)[0])
    chair.run(20)
    after = CoreChair(image=chair.image).boot()
    assert (after.state(), after.view.fault) == (State.SAFE, Fault.NONE)
    assert budget_s - MINUTE_S <= after.view.session_budget_s <= budget_s
