"""A new calibration: in which state it is accepted, and which table is plausible."""

import pytest

from calmloop.chair_link.messages import (
    CalibrateResult,
    MessageKind,
    State,
)
from tests.unit.firmware_core.calibrating import (
    AT,
    OTHER_AT,
    SLOT,
    TABLE,
    answers,
    asked,
    confirmed,
)
from tests.unit.firmware_core.core import SIMULATED_HASH, CoreChair
from tests.unit.firmware_core.events import EVENTS, WAYS
from tests.unit.firmware_core.stored import (
    crc,
    measured_record,
    record_of,
    simulated_record,
    slot,
    store,
)


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


# --- jumps ----------------------------------------------------------------------------------


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
    chair.send_raw(MessageKind.CALIBRATE, bytes(size))
    assert chair.view.bad_frames == 1
    assert answers(chair) == []
