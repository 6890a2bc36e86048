"""A new calibration over the link, against the real firmware core on a line that the test owns."""

import pytest

from calmloop.chair_link import CalibrationAnswered, Identified
from calmloop.chair_link.messages import (
    Calibrate,
    CalibrateResult,
    HostStop,
    Inputs,
    MessageKind,
    State,
)
from tests.unit.chair_link.pair import Pair, kinds, state
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.stored import crc, measured_record

TABLE = measured_record()
MESSAGE = Calibrate(False, TABLE)


def answers(pair: Pair) -> list[CalibrateResult | None]:
    return [event.result for event in pair.events if isinstance(event, CalibrationAnswered)]


def confirmed() -> Pair:
    """Identified, and a person holds ACK."""
    pair = Pair(CoreChair().boot()).run(300)
    pair.chair.agree()
    return pair.run(5)


def test_a_confirmed_table_is_acknowledged_and_the_chair_identified_anew() -> None:
    pair = confirmed()
    pair.link.calibrate(MESSAGE, pair.now_s)
    assert pair.link.busy
    pair.run(400)
    assert answers(pair) == [CalibrateResult.OK]
    assert not pair.link.busy
    assert len(pair.told(Identified)) == 2
    assert pair.link.identified
    assert pair.link.identity is not None
    assert pair.link.identity.calibration_hash == crc(TABLE)


def test_a_table_that_nobody_confirmed_says_what_is_missing() -> None:
    pair = Pair(CoreChair().boot()).run(300)
    pair.chair.inputs &= ~Inputs.SEAT_OCCUPIED
    pair.run(5)
    pair.link.calibrate(MESSAGE, pair.now_s)
    pair.run(20)
    (answer,) = pair.told(CalibrationAnswered)
    assert isinstance(answer, CalibrationAnswered)
    assert answer.result is CalibrateResult.NOT_CONFIRMED
    assert "hold it" in answer.reason


def test_it_is_repeated_unchanged_every_50_ms_while_the_chair_stores_it() -> None:
    pair = confirmed()
    pair.chair.writes_last = 300
    pair.sent.clear()
    pair.link.calibrate(MESSAGE, pair.now_s)
    pair.run(500)
    sent = [piece for piece in pair.sent if kinds([piece]) == [MessageKind.CALIBRATE]]
    assert 6 <= len(sent) <= 7
    assert len(set(sent)) == 1
    assert answers(pair) == [CalibrateResult.OK]


def test_a_table_whose_answer_was_lost_is_acknowledged_on_repeat() -> None:
    pair = confirmed()
    pair.mute = True
    pair.link.calibrate(MESSAGE, pair.now_s)
    pair.run(100)
    assert pair.chair.view.calibration_hash == crc(TABLE)
    assert answers(pair) == []
    pair.mute = False
    pair.run(60)
    assert answers(pair) == [CalibrateResult.OK]


def test_a_silent_chair_is_given_up_after_two_seconds() -> None:
    pair = confirmed()
    pair.deaf = True
    pair.link.calibrate(MESSAGE, pair.now_s)
    pair.run(1990)
    assert answers(pair) == []
    pair.run(20)
    assert answers(pair) == [None]
    assert not pair.link.busy


def test_nothing_is_sent_to_a_chair_that_is_not_identified() -> None:
    pair = Pair(CoreChair().boot())
    pair.link.calibrate(MESSAGE, pair.now_s)
    pair.run(50)
    assert answers(pair) == [None]
    assert MessageKind.CALIBRATE not in kinds(pair.sent)


@pytest.mark.parametrize("event", ["stop", "line lost", "another table"])
def test_what_comes_between_withdraws_it(event: str) -> None:
    pair = confirmed()
    pair.deaf = True
    pair.link.calibrate(MESSAGE, pair.now_s)
    pair.run(20)
    if event == "stop":
        pair.link.stop(HostStop.BENCH, pair.now_s)
    elif event == "line lost":
        pair.link.closed("unplugged")
    else:
        pair.link.calibrate(MESSAGE, pair.now_s)
    pair.run(5)
    assert answers(pair) == [None]


def test_none_is_taken_in_a_session() -> None:
    pair = Pair().active()
    pair.link.calibrate(MESSAGE, pair.now_s)
    pair.run(20)
    assert answers(pair) == [CalibrateResult.WRONG_STATE]
    assert state(pair) is State.ACTIVE
