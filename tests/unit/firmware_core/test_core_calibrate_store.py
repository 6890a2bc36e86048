"""A new calibration is stored before it is acknowledged, and survives a cut or a bad EEPROM."""

import pytest

from calmloop.chair_link.messages import (
    Arm,
    CalibrateResult,
    CalibrationKind,
    Fault,
    MessageKind,
    State,
)
from tests.unit.firmware_core.calibrating import (
    OTHER,
    OTHER_AT,
    SLOT,
    TABLE,
    answers,
    asked,
    confirmed,
)
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.stored import (
    crc,
    simulated_record,
    slot,
    store,
)


def test_a_repeat_is_answered_again_and_written_once() -> None:
    chair = confirmed(CoreChair())
    assert asked(chair) is CalibrateResult.OK
    image = bytes(chair.image)
    assert asked(chair) is CalibrateResult.OK
    assert bytes(chair.image) == image


def test_the_answer_comes_once_the_table_is_stored_and_names_its_frame() -> None:
    chair = confirmed(CoreChair())
    chair.writes_last = 40
    chair.calibrate(TABLE)
    chair.run(5)
    for _ in range(3):
        chair.calibrate(OTHER)
        chair.calibrate(TABLE)
        chair.run(5)
    assert answers(chair) == []
    assert chair.view.calibration_hash == crc(TABLE)
    chair.send(Arm(7, chair.view.nonce))
    chair.run(60)
    assert answers(chair) == [CalibrateResult.OK]
    arm, table = chair.acks[-2:]
    assert (arm.acked, table.acked) == (MessageKind.ARM, MessageKind.CALIBRATE)
    assert table.seq == arm.seq - 7


def test_of_two_tables_at_once_the_first_is_taken() -> None:
    chair = confirmed(CoreChair())
    chair.calibrate(TABLE)
    chair.calibrate(OTHER)
    assert answers(chair) == [CalibrateResult.OK]
    assert chair.view.calibration_hash == crc(TABLE)


def test_a_write_that_never_ends_is_never_acknowledged() -> None:
    chair = confirmed(CoreChair())
    chair.writes_last = None
    chair.calibrate(TABLE)
    chair.run(5000)
    assert answers(chair) == []


def test_a_store_that_does_not_keep_it_is_a_fault_and_leaves_ten_percent() -> None:
    chair = confirmed(CoreChair())
    chair.keeps = False
    assert asked(chair) is CalibrateResult.NOT_STORED
    assert (chair.state(), Fault(chair.view.fault)) == (State.FAULT, Fault.STORE)
    assert (chair.view.calibration_hash, chair.view.identified) == (0, 0)
    chair.identify(calibration_hash=0)
    chair.run(1)
    identity = chair.identities[-1]
    assert identity.calibration is CalibrationKind.NONE
    assert identity.vibration_ceiling_permille == identity.sound_ceiling_permille == 100


def test_a_host_that_identified_itself_by_a_table_that_is_then_lost_must_do_so_anew() -> None:
    chair = confirmed(CoreChair())
    chair.keeps, chair.writes_last = False, 50
    chair.calibrate(TABLE)
    chair.identify(calibration_hash=crc(TABLE))
    assert chair.view.identified
    chair.run(60)
    assert answers(chair) == [CalibrateResult.NOT_STORED]
    assert not chair.view.identified


def test_a_fault_is_written_before_a_table_that_waits() -> None:
    chair = confirmed(CoreChair())
    chair.calibrate(TABLE)
    for _ in range(5):
        chair.setpoint(tag=0)
    chair.run(20)
    assert answers(chair) == [CalibrateResult.OK]
    again = CoreChair(image=chair.image).boot()
    assert Fault(again.view.fault) is Fault.SETPOINTS
    assert again.view.calibration_hash == crc(TABLE)


@pytest.mark.parametrize("written", range(SLOT + 1))
@pytest.mark.parametrize("second", [False, True])
def test_a_cut_in_the_write_leaves_the_old_or_the_new_table(written: int, second: bool) -> None:
    """`second`: the slot that is written holds an older table; else it is erased."""
    image = store(calibration=OTHER)
    if second:
        image[OTHER_AT : OTHER_AT + SLOT] = slot(0, simulated_record())
    chair = CoreChair(image=bytearray(image))
    chair.identify(calibration_hash=crc(OTHER))
    chair.boot()
    chair.agree()
    asked(chair)
    image[OTHER_AT : OTHER_AT + written] = chair.image[OTHER_AT : OTHER_AT + written]
    after = CoreChair(image=image).boot()
    assert after.view.calibration_hash == crc(TABLE if written == SLOT else OTHER)
    assert after.state() is State.SAFE
