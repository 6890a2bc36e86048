"""A new calibration: who may write it, when it counts, and what a cut or a bad EEPROM leaves."""

import pytest

from calmloop.chair_link.messages import (
    Arm,
    CalibrateResult,
    CalibrationKind,
    Fault,
    Inputs,
    Kind,
    State,
)
from tests.unit.firmware_core.core import SIMULATED_HASH, WRAP, CoreChair
from tests.unit.firmware_core.events import EVENTS, WAYS
from tests.unit.firmware_core.stored import crc, measured_record, simulated_record, slot, store

TABLE = measured_record()
OTHER = measured_record(at_40hz=1400)
AT, OTHER_AT, SLOT = 32, 64, 21


def answers(chair: CoreChair) -> list[CalibrateResult]:
    chair.run(3)  # taken, stored, told
    return [CalibrateResult(ack.result) for ack in chair.acks if ack.acked is Kind.CALIBRATE]


def asked(chair: CoreChair, record: bytes = TABLE) -> CalibrateResult:
    """What the chair answers to a CALIBRATE that comes now."""
    before = len(answers(chair))
    chair.calibrate(record)
    (answer,) = answers(chair)[before:]
    return answer


def confirmed(chair: CoreChair) -> CoreChair:
    """SAFE, identified, and ACK has just been pressed."""
    chair.identify()
    chair.boot()
    chair.acknowledge()
    return chair


def test_a_table_that_a_person_confirms_is_taken_stored_and_in_force() -> None:
    chair = confirmed(CoreChair())
    assert asked(chair) is CalibrateResult.OK
    assert chair.view.calibration_hash == crc(TABLE)
    assert chair.image[OTHER_AT : OTHER_AT + SLOT] == slot(2, TABLE)
    assert chair.image[AT : AT + SLOT] == slot(1, simulated_record())
    assert CoreChair(image=chair.image).view.calibration_hash == crc(TABLE)


def test_an_uncalibrated_chair_gets_its_first_table() -> None:
    chair = CoreChair(image=store())
    chair.identify(calibration_hash=0)
    chair.boot()
    chair.acknowledge()
    assert asked(chair) is CalibrateResult.OK
    assert chair.image[AT : AT + SLOT] == slot(1, TABLE)


@pytest.mark.parametrize("start", [state for state in State if state is not State.SAFE])
def test_no_state_but_safe_takes_a_table(start: State) -> None:
    chair = CoreChair()
    WAYS[start](chair)
    chair.identify()
    before = bytes(chair.image)
    assert asked(chair) is CalibrateResult.WRONG_STATE
    chair.run(200)
    assert chair.view.calibration_hash == SIMULATED_HASH
    assert bytes(chair.image[AT:]) == before[AT:]


@pytest.mark.parametrize("event", EVENTS)
def test_whatever_happens_after_ack_no_state_but_safe_takes_a_table(event: str) -> None:
    chair = confirmed(CoreChair())
    chair.leased = True
    chair.run(1200)
    EVENTS[event](chair)
    may = chair.state() is State.SAFE and event != "mismatching identify"
    assert (asked(chair) is CalibrateResult.OK) == may
    assert (chair.view.calibration_hash == crc(TABLE)) == may


def test_a_new_table_moves_no_output() -> None:
    chair = confirmed(CoreChair())
    assert asked(chair) is CalibrateResult.OK
    assert chair.state() is State.SAFE
    assert not chair.felt


def test_its_ceilings_hold_in_the_next_session() -> None:
    chair = confirmed(CoreChair())
    asked(chair, measured_record(at_40hz=2000))
    chair.identify(calibration_hash=chair.view.calibration_hash)
    chair.leased = True
    chair.run(1200)
    chair.arm()
    chair.drive(8000, vibration_permille=1000)
    assert chair.view.vibration_ppm == 500_000


# --- who may -------------------------------------------------------------------------------


def test_an_unidentified_host_may_not() -> None:
    chair = CoreChair().boot()
    chair.acknowledge()
    assert asked(chair) is CalibrateResult.NOT_IDENTIFIED
    chair.identify()
    assert asked(chair) is CalibrateResult.OK


def test_a_host_that_was_identified_by_the_old_table_must_identify_again() -> None:
    chair = confirmed(CoreChair())
    asked(chair)
    assert not chair.view.identified
    chair.acknowledge()
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
    chair.run(500)
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED
    chair.acknowledge()
    assert asked(chair) is CalibrateResult.OK


def test_a_stuck_ack_confirms_nothing() -> None:
    chair = CoreChair()
    chair.inputs |= Inputs.ACK_PRESSED
    chair.identify()
    chair.boot()
    chair.run(500)
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED


@pytest.mark.parametrize(
    ("waited_ms", "expected"),
    [
        pytest.param(ms, CalibrateResult.OK if ms < 10_000 else CalibrateResult.NOT_CONFIRMED)
        for ms in range(9_994, 10_005)
    ],
)
def test_ack_counts_for_ten_seconds(waited_ms: int, expected: CalibrateResult) -> None:
    chair = CoreChair()
    chair.identify()
    chair.boot()
    chair.run(100)
    chair.inputs |= Inputs.ACK_PRESSED
    chair.run(51)
    chair.inputs &= ~Inputs.ACK_PRESSED
    chair.run(waited_ms)
    chair.calibrate(TABLE)
    assert answers(chair) == [expected]


def test_an_old_ack_does_not_come_round_again_when_time_wraps() -> None:
    chair = confirmed(CoreChair())
    chair.run(10_001)
    chair.now_ms += WRAP // 2
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED


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
    chair.acknowledge()
    assert chair.state() is State.SAFE
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED


def test_an_ack_before_another_state_confirms_no_table_after_it() -> None:
    chair = CoreChair().ready()
    chair.acknowledge()
    chair.arm()
    chair.run(1)
    chair.stop()
    chair.run(1)
    assert chair.state() is State.SAFE
    assert asked(chair) is CalibrateResult.NOT_CONFIRMED


def test_no_table_is_confirmed_in_the_very_moment_that_a_stop_brings_safe() -> None:
    chair = CoreChair().armed()
    chair.stop()
    chair.calibrate(TABLE)
    assert answers(chair) == [CalibrateResult.NOT_CONFIRMED]


@pytest.mark.parametrize(("boot_id", "version"), [(1, 1), (None, 2)])
def test_another_boot_or_version_is_refused_and_counted(boot_id: int | None, version: int) -> None:
    chair = confirmed(CoreChair())
    before = chair.view.refused
    chair.calibrate(TABLE, boot_id=boot_id, version=version)
    assert answers(chair) == []
    assert chair.view.refused == before + 1
    assert chair.view.calibration_hash == SIMULATED_HASH


# --- what may be written --------------------------------------------------------------------


@pytest.mark.parametrize(
    "record",
    [
        measured_record(at_30hz=49),
        measured_record(at_80hz=20_001),
        measured_record(sound_ddba=399),
        measured_record(sound_ddba=1201),
        simulated_record(),
        bytes([0]) + TABLE[1:],
        bytes([3]) + TABLE[1:],
        bytes(15),
    ],
)
@pytest.mark.parametrize("image", [store(), store(calibration=measured_record(at_50hz=900))])
def test_an_implausible_or_simulated_table_is_refused(record: bytes, image: bytearray) -> None:
    chair = CoreChair(image=bytearray(image))
    before = chair.view.calibration_hash
    chair.identify(calibration_hash=before)
    chair.boot()
    chair.acknowledge()
    assert asked(chair, record) is CalibrateResult.IMPLAUSIBLE
    assert chair.view.calibration_hash == before
    assert chair.image[32:96] == image[32:96]


@pytest.mark.parametrize("offset", range(-5, 6))
@pytest.mark.parametrize(
    ("field", "limit"),
    [("at_30hz", 50), ("at_80hz", 20_000), ("sound_ddba", 400), ("sound_ddba", 1200)],
)
def test_what_is_plausible_five_steps_around_each_end(field: str, limit: int, offset: int) -> None:
    within = offset >= 0 if limit in (50, 400) else offset <= 0
    expected = CalibrateResult.OK if within else CalibrateResult.IMPLAUSIBLE
    record = measured_record(**{field: limit + offset})
    assert asked(confirmed(CoreChair()), record) is expected


@pytest.mark.parametrize("size", [0, 14, 16])
def test_another_size_is_a_bad_frame(size: int) -> None:
    chair = confirmed(CoreChair())
    chair.send_raw(Kind.CALIBRATE, bytes(size))
    assert chair.view.bad_frames == 1
    assert answers(chair) == []


# --- repeats, and the store -----------------------------------------------------------------


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
    assert (arm.acked, table.acked) == (Kind.ARM, Kind.CALIBRATE)
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
    chair.acknowledge()
    asked(chair)
    image[OTHER_AT : OTHER_AT + written] = chair.image[OTHER_AT : OTHER_AT + written]
    after = CoreChair(image=image).boot()
    assert after.view.calibration_hash == crc(TABLE if written == SLOT else OTHER)
    assert after.state() is State.SAFE
