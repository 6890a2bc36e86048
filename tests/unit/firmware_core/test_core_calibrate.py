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
from tests.unit.firmware_core.core import SIMULATED_HASH, CoreChair
from tests.unit.firmware_core.events import EVENTS, WAYS
from tests.unit.firmware_core.stored import (
    CALIBRATION_AT,
    OTHER_CALIBRATION_AT,
    SLOT_MAX,
    crc,
    measured_record,
    record_of,
    simulated_record,
    slot,
    store,
)

TABLE = measured_record()
OTHER = measured_record(at_40hz=1400)
AT, OTHER_AT, SLOT = CALIBRATION_AT, OTHER_CALIBRATION_AT, SLOT_MAX
MISFIT = measured_record(at_40hz=3001)
"""It differs from the simulated chair's table by a little more than three times."""


def answers(chair: CoreChair) -> list[CalibrateResult]:
    chair.run(3)  # taken, stored, told
    return [CalibrateResult(ack.result) for ack in chair.acks if ack.acked is Kind.CALIBRATE]


def asked(chair: CoreChair, record: bytes = TABLE, *, may_jump: bool = False) -> CalibrateResult:
    """What the chair answers to a CALIBRATE that comes now."""
    before = len(answers(chair))
    chair.calibrate(record, may_jump=may_jump)
    (answer,) = answers(chair)[before:]
    return answer


def confirmed(chair: CoreChair) -> CoreChair:
    """SAFE, identified, nobody in the chair, and ACK has been held for 3 s."""
    chair.identify()
    chair.boot()
    chair.agree()
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
    chair.agree()
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
    may = chair.state() is State.SAFE and event not in ("mismatching identify", "ack")
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


# --- jumps ----------------------------------------------------------------------------------


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
        record_of([(30, 900)], 812),
        record_of([(31, 900), (80, 900)], 812),
        record_of([(30, 900), (50, 900), (50, 900), (80, 900)], 812),
        TABLE[:-1] + bytes([1]),
        measured_record(at_80hz=20_001),
        measured_record(sound_ddba=399),
        measured_record(sound_ddba=1201),
        simulated_record(),
        bytes([0]) + TABLE[1:],
        bytes([3]) + TABLE[1:],
        bytes(46),
    ],
)
@pytest.mark.parametrize("image", [store(), store(calibration=measured_record(at_50hz=1900))])
def test_an_implausible_or_simulated_table_is_refused(record: bytes, image: bytearray) -> None:
    chair = CoreChair(image=bytearray(image))
    before = chair.view.calibration_hash
    chair.identify(calibration_hash=before)
    chair.boot()
    chair.agree()
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
    chair = CoreChair(image=store())
    chair.identify(calibration_hash=0)
    chair.boot()
    chair.agree()
    assert asked(chair, measured_record(**{field: limit + offset})) is expected


@pytest.mark.parametrize("size", [0, 15, 46, 48])
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
    chair.agree()
    asked(chair)
    image[OTHER_AT : OTHER_AT + written] = chair.image[OTHER_AT : OTHER_AT + written]
    after = CoreChair(image=image).boot()
    assert after.view.calibration_hash == crc(TABLE if written == SLOT else OTHER)
    assert after.state() is State.SAFE
