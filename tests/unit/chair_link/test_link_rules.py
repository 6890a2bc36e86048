"""The rules for a host, against the real firmware core on a line that the test owns."""

import pytest

from calmloop.chair_link import (
    ArmAnswered,
    Expectation,
    Identified,
    Mismatched,
)
from calmloop.chair_link.frames import WireFrame, encode
from calmloop.chair_link.messages import ArmBlock, HostStop, Lease, MessageKind, State
from tests.unit.chair_link.pair import GENTLE, Pair, blocks, kinds, state
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.stored import store

# --- before anything ------------------------------------------------------------------------


def test_nothing_is_written_before_the_first_valid_status() -> None:
    pair = Pair()
    pair.mute = True
    pair.run(500)
    pair.link.stop(HostStop.CAREGIVER, pair.now_s)
    pair.link.arm(1, pair.now_s)
    assert pair.link.setpoint(GENTLE, pair.now_s) is None
    assert not pair.link.lease(pair.chair.boot_id, Lease(1, 2), pair.now_s)
    pair.run(500)
    assert pair.sent == []
    pair.mute = False
    pair.run(200)
    assert set(kinds(pair.sent)) == {MessageKind.STOP, MessageKind.IDENTIFY}


def test_garbage_and_bad_frames_do_not_open_the_hosts_mouth() -> None:
    pair = Pair()
    pair.mute = True
    pair.link.receive(b"\x05\x11\0garbage\0\0" * 50, 0.0)
    pair.run(100)
    assert pair.sent == []


def test_the_chair_is_identified_within_two_questions() -> None:
    pair = Pair().run(200)
    assert len(pair.told(Identified)) == 1
    assert kinds(pair.sent) == [MessageKind.IDENTIFY, MessageKind.IDENTIFY]
    assert pair.link.identity is not None
    assert (pair.link.identity.serial, pair.link.identity.firmware) == ("HOST", "1.2.0")


def test_identify_is_repeated_until_it_is_answered() -> None:
    pair = Pair()
    pair.deaf = True
    pair.run(1100)
    assert kinds(pair.sent) == [MessageKind.IDENTIFY] * 5
    assert not pair.link.identified
    pair.deaf = False
    pair.run(300)
    assert pair.link.identified


def test_an_identified_chair_is_asked_once_a_second_for_the_round_trip() -> None:
    pair = Pair().run(200)
    pair.sent.clear()
    pair.run(5000)
    assert kinds(pair.sent) == [MessageKind.IDENTIFY] * 5
    assert pair.link.metrics.round_trip_s == pytest.approx(0.001, abs=0.0005)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (Expectation(protocol=2), "protocol 1, expected 2"),
        (Expectation(firmware_major=2), "firmware 1.2.0, expected 2.x"),
        (Expectation(cap_hash=1), "caps 0xbf7501d5, expected 0x00000001"),
        (Expectation(calibration_hash=1), "calibration 0x8ed8dfcb, expected 0x00000001"),
    ],
)
def test_a_mismatch_is_told_once_and_the_chair_is_not_armed(
    expected: Expectation, text: str
) -> None:
    pair = Pair(expected=expected).ready()
    mismatches = pair.told(Mismatched)
    assert len(mismatches) == 1
    assert text in pair.link.mismatch
    assert not pair.link.identified
    pair.link.arm(1, pair.now_s)
    pair.run(600)
    assert blocks(pair) == [None]
    assert MessageKind.ARM not in kinds(pair.sent)


def test_a_calibration_that_is_named_is_accepted() -> None:
    pair = Pair(expected=Expectation(calibration_hash=0x8ED8DFCB)).run(200)
    assert pair.link.identified
    assert kinds(pair.sent) == [MessageKind.IDENTIFY]


def test_an_uncalibrated_chair_is_identified_as_such() -> None:
    pair = Pair(CoreChair(image=store())).run(200)
    assert pair.link.identified
    assert pair.link.identity is not None
    assert pair.link.identity.calibration == 0


def test_another_protocol_version_is_explained_and_nothing_but_identify_is_sent() -> None:
    pair = Pair()
    pair.mute = True
    pair.link.receive(encode(WireFrame(MessageKind.STATUS, 0, 77, bytes(40), version=2)), 0.0)
    pair.flush()
    pair.link.receive(encode(WireFrame(MessageKind.IDENTITY, 1, 77, b"\x02\x03", version=2)), 0.1)
    assert pair.link.mismatch == "protocol 2, expected 1: flash the firmware"
    pair.link.arm(1, 0.2)
    pair.flush()
    assert kinds(pair.sent) == [MessageKind.IDENTIFY]


# --- arming ---------------------------------------------------------------------------------


def test_arm_is_acknowledged() -> None:
    pair = Pair().armed()
    assert pair.told(ArmAnswered) == [ArmAnswered(5, ArmBlock.OK, "")]
    assert state(pair) is State.ARMED


def test_a_refused_arm_says_why() -> None:
    pair = Pair().run(3500)
    pair.link.arm(5, pair.now_s)
    pair.run(5)
    answer = pair.told(ArmAnswered)[-1]
    assert isinstance(answer, ArmAnswered)
    assert answer.block is ArmBlock.NO_LEASE
    assert "lease" in answer.reason


def test_arm_is_repeated_unchanged_every_50_ms_until_its_nonce_is_old() -> None:
    pair = Pair().ready()
    pair.sent.clear()
    pair.deaf, pair.leased = True, False
    pair.link.arm(5, pair.now_s)
    pair.run(1000)
    arms = [piece for piece in pair.sent if MessageKind.ARM in kinds([piece])]
    assert 8 <= len(arms) <= 10
    assert len(set(arms)) == 1
    answers = pair.told(ArmAnswered)
    assert len(answers) == 1
    assert not pair.link.busy


def test_an_arm_that_was_heard_but_whose_ack_was_lost_is_acknowledged_on_repeat() -> None:
    pair = Pair().ready()
    pair.mute = True
    pair.link.arm(5, pair.now_s)
    pair.run(30)
    assert state(pair) is State.ARMED
    pair.mute = False
    pair.run(60)
    assert pair.told(ArmAnswered) == [ArmAnswered(5, ArmBlock.OK, "")]


def test_a_stop_withdraws_an_arm_that_waits() -> None:
    pair = Pair().ready()
    pair.deaf = True
    pair.link.arm(5, pair.now_s)
    pair.run(20)
    pair.link.stop(HostStop.CAREGIVER, pair.now_s)
    pair.deaf = False
    pair.run(600)
    assert state(pair) is State.SAFE
    assert blocks(pair) == [None]


# --- setpoints and leases -------------------------------------------------------------------


def test_the_tag_that_was_sent_comes_back_when_the_setpoint_is_applied() -> None:
    pair = Pair().active()
    tag = pair.link.setpoint(GENTLE, pair.now_s)
    pair.run(25)
    assert pair.link.status is not None
    assert pair.link.status.setpoint_tag == tag
    assert pair.link.metrics.setpoint_to_applied_s is not None
    assert pair.link.metrics.setpoint_to_applied_s <= 0.025


def test_tags_wrap_from_65535_to_1() -> None:
    pair = Pair().armed()
    tags = []
    for _ in range(65_540):
        tags.append(pair.link.setpoint(GENTLE, pair.now_s))
        pair.link.pop_output()
    assert max(filter(None, tags)) == 65_535
    assert tags[65_535] == 1
    assert 0 not in tags


def test_a_lease_of_another_boot_is_not_forwarded() -> None:
    pair = Pair().run(200)
    assert not pair.link.lease(pair.chair.boot_id ^ 1, Lease(1, 2), pair.now_s)
    pair.sent.clear()
    pair.flush()
    assert pair.sent == []


def test_status_to_lease_time_is_measured() -> None:
    pair = Pair().run(200)
    assert pair.link.status is not None
    nonce = pair.link.status.nonce
    received_s = pair.link.status_s
    pair.link.lease(pair.chair.boot_id, Lease(nonce, 0), received_s + 0.07)
    assert pair.link.metrics.status_to_lease_s == pytest.approx(0.07)
