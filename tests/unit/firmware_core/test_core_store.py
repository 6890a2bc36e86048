"""What is stored survives a power cut at every byte of a write."""

import pytest

from calmloop.chair_link.messages import CalibrationKind, Fault, State
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.stored import (
    CALIBRATION_AT,
    LOCKOUT_OWED,
    OTHER_CALIBRATION_AT,
    SLOT_MAX,
    crc,
    measured_record,
    simulated_record,
    slot,
    store,
)


def fault_after_boot(image: bytearray) -> Fault:
    return Fault(CoreChair(image=image).boot().view.fault)


def faulty_image() -> bytearray:
    return CoreChair().faulty().image


def test_an_erased_store_is_an_ordinary_start() -> None:
    assert fault_after_boot(store()) is Fault.NONE


def test_every_start_and_every_change_go_to_alternate_slots() -> None:
    chair = CoreChair().faulty()
    assert chair.image[0:7] == slot(1, bytes([Fault.NONE]))
    assert chair.image[16:23] == slot(2, bytes([Fault.OVER_CURRENT]))
    chair.acknowledge()
    assert chair.image[0:7] == slot(3, bytes([Fault.NONE | LOCKOUT_OWED]))
    assert chair.image[16:23] == slot(2, bytes([Fault.OVER_CURRENT]))
    chair.run(10_000)
    assert chair.image[0:7] == slot(3, bytes([Fault.NONE | LOCKOUT_OWED]))
    assert chair.image[16:23] == slot(4, bytes([Fault.NONE]))


@pytest.mark.parametrize("written", range(8))
def test_a_cut_in_the_first_write_leaves_none_or_the_fault(written: int) -> None:
    image, whole = CoreChair().image, faulty_image()
    image[0:written] = whole[0:written]
    assert fault_after_boot(image) in (Fault.NONE, Fault.OVER_CURRENT)


@pytest.mark.parametrize("written", range(8))
def test_a_cut_in_a_later_write_leaves_the_old_or_the_new_record(written: int) -> None:
    chair = CoreChair().faulty()
    before = bytearray(chair.image)
    chair.acknowledge()
    before[0:written] = chair.image[0:written]
    assert fault_after_boot(before) is (Fault.NONE if written == 7 else Fault.OVER_CURRENT)


def test_two_damaged_slots_are_a_fault_that_ack_repairs() -> None:
    image = store(Fault.NONE, simulated_record())
    image[0], image[16:23] = 0x55, bytes(7)
    chair = CoreChair(image=image).boot()
    assert Fault(chair.view.fault) is Fault.STORE
    chair.acknowledge()
    assert CoreChair(image=chair.image).boot().state() is State.SAFE


@pytest.mark.parametrize(
    ("first", "second", "newest"),
    [(1, 2, 2), (2, 1, 1), (65535, 0, 2), (0, 65535, 1), (32767, 1, 1), (5, 5, 2)],
)
def test_the_newer_generation_counts_also_when_it_wraps(
    first: int, second: int, newest: int
) -> None:
    image = store()
    image[0:7] = slot(first, bytes([Fault.WATCHDOG]))
    image[16:23] = slot(second, bytes([Fault.BROWN_OUT]))
    expected = Fault.WATCHDOG if newest == 1 else Fault.BROWN_OUT
    assert fault_after_boot(image) is expected


def test_the_next_write_goes_over_the_older_slot() -> None:
    image = store()
    image[0:7] = slot(65535, bytes([Fault.NONE]))
    image[16:23] = slot(0, bytes([Fault.BROWN_OUT]))
    chair = CoreChair(image=image).boot()
    assert chair.image[0:7] == slot(1, bytes([Fault.BROWN_OUT]))
    assert chair.image[16:23] == slot(0, bytes([Fault.BROWN_OUT]))


def calibration_of(image: bytearray) -> tuple[CalibrationKind, Fault]:
    chair = CoreChair(image=image)
    chair.identify()
    chair.boot()
    return chair.identities[-1].calibration, Fault(chair.view.fault)


def test_the_second_calibration_slot_serves_when_the_first_is_damaged() -> None:
    image = store(calibration=simulated_record())
    image[OTHER_CALIBRATION_AT : OTHER_CALIBRATION_AT + SLOT_MAX] = slot(2, simulated_record())
    image[CALIBRATION_AT + 8] ^= 1
    assert calibration_of(image) == (CalibrationKind.SIMULATED, Fault.NONE)


def test_a_lost_calibration_is_a_fault_and_leaves_ten_percent() -> None:
    image = store(calibration=simulated_record())
    image[OTHER_CALIBRATION_AT : OTHER_CALIBRATION_AT + SLOT_MAX] = slot(2, simulated_record())
    image[CALIBRATION_AT + 8] ^= 1
    image[OTHER_CALIBRATION_AT + 6] ^= 1
    assert calibration_of(image) == (CalibrationKind.NONE, Fault.STORE)


def test_an_implausible_calibration_is_a_fault() -> None:
    image = store(calibration=bytes([1]) + bytes(45))
    assert calibration_of(image) == (CalibrationKind.NONE, Fault.STORE)


def test_real_hardware_takes_no_table_of_a_simulated_chair() -> None:
    chair = CoreChair(image=store(calibration=simulated_record()), simulated=False)
    chair.identify(calibration_hash=0)
    chair.boot()
    assert (chair.state(), Fault(chair.view.fault)) == (State.FAULT, Fault.STORE)
    assert chair.identities[-1].calibration is CalibrationKind.NONE
    assert chair.identities[-1].vibration_ceiling_permille == 100


def test_real_hardware_takes_a_measured_table() -> None:
    chair = CoreChair(image=store(calibration=measured_record()), simulated=False).boot()
    assert (chair.state(), chair.view.calibration_hash) == (State.SAFE, crc(measured_record()))


def test_the_table_of_firmware_1_1_is_not_read_and_leaves_ten_percent_until_calibrated_again() -> (
    None
):
    """Six points in 15 bytes at 32 and 64: interpolated as ceilings, it did not bound the chair."""
    old = bytes.fromhex("01b405c409b80bd007b00484032c03")
    image = store()
    image[32:53] = slot(1, old)
    image[64:85] = slot(2, old)
    assert calibration_of(image) == (CalibrationKind.NONE, Fault.NONE)
