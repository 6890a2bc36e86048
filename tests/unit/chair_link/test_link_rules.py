"""The rules for a host, against the real firmware core on a line that the test owns."""

import pytest

from calmloop.chair_link import (
    ArmAnswered,
    Expectation,
    Identified,
    Mismatched,
    SessionLost,
    StopConfirmed,
)
from calmloop.chair_link.frames import Frame, FrameReader, encode
from calmloop.chair_link.messages import ArmBlock, HostStop, Kind, Lease, State, StopReason
from tests.unit.chair_link.pair import GENTLE, Pair
from tests.unit.firmware_core.core import EXTERNAL, CoreChair
from tests.unit.firmware_core.stored import store


def kinds(pieces: list[bytes]) -> list[Kind]:
    return [Kind(frame.kind) for frame in FrameReader().feed(b"".join(pieces))]


def state(pair: Pair) -> State:
    return pair.chair.state()


def blocks(pair: Pair) -> list[ArmBlock | None]:
    return [event.block for event in pair.events if isinstance(event, ArmAnswered)]


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
    assert set(kinds(pair.sent)) == {Kind.STOP, Kind.IDENTIFY}


def test_garbage_and_bad_frames_do_not_open_the_hosts_mouth() -> None:
    pair = Pair()
    pair.mute = True
    pair.link.receive(b"\x05\x11\0garbage\0\0" * 50, 0.0)
    pair.run(100)
    assert pair.sent == []


def test_the_chair_is_identified_within_two_questions() -> None:
    pair = Pair().run(200)
    assert len(pair.told(Identified)) == 1
    assert kinds(pair.sent) == [Kind.IDENTIFY, Kind.IDENTIFY]
    assert pair.link.identity is not None
    assert (pair.link.identity.serial, pair.link.identity.firmware) == ("HOST", "1.1.0")


def test_identify_is_repeated_until_it_is_answered() -> None:
    pair = Pair()
    pair.deaf = True
    pair.run(1100)
    assert kinds(pair.sent) == [Kind.IDENTIFY] * 5
    assert not pair.link.identified
    pair.deaf = False
    pair.run(300)
    assert pair.link.identified


def test_an_identified_chair_is_asked_once_a_second_for_the_round_trip() -> None:
    pair = Pair().run(200)
    pair.sent.clear()
    pair.run(5000)
    assert kinds(pair.sent) == [Kind.IDENTIFY] * 5
    assert pair.link.figures.round_trip_s == pytest.approx(0.001, abs=0.0005)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (Expectation(protocol=2), "protocol 1, expected 2"),
        (Expectation(firmware_major=2), "firmware 1.1.0, expected 2.x"),
        (Expectation(cap_hash=1), "caps 0xbf7501d5, expected 0x00000001"),
        (Expectation(calibration_hash=1), "calibration 0xeae3b307, expected 0x00000001"),
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
    assert Kind.ARM not in kinds(pair.sent)


def test_a_calibration_that_is_named_is_accepted() -> None:
    pair = Pair(expected=Expectation(calibration_hash=0xEAE3B307)).run(200)
    assert pair.link.identified
    assert kinds(pair.sent) == [Kind.IDENTIFY]


def test_an_uncalibrated_chair_is_identified_as_such() -> None:
    pair = Pair(CoreChair(image=store())).run(200)
    assert pair.link.identified
    assert pair.link.identity is not None
    assert pair.link.identity.calibration == 0


def test_another_protocol_version_is_explained_and_nothing_but_identify_is_sent() -> None:
    pair = Pair()
    pair.mute = True
    pair.link.receive(encode(Frame(Kind.STATUS, 0, 77, bytes(40), version=2)), 0.0)
    pair.flush()
    pair.link.receive(encode(Frame(Kind.IDENTITY, 1, 77, b"\x02\x03", version=2)), 0.1)
    assert pair.link.mismatch == "protocol 2, expected 1: flash the firmware"
    pair.link.arm(1, 0.2)
    pair.flush()
    assert kinds(pair.sent) == [Kind.IDENTIFY]


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
    arms = [piece for piece in pair.sent if Kind.ARM in kinds([piece])]
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
    assert pair.link.figures.setpoint_to_applied_s is not None
    assert pair.link.figures.setpoint_to_applied_s <= 0.025


def test_tags_wrap_from_65535_to_1() -> None:
    pair = Pair().armed()
    tags = []
    for _ in range(65_540):
        tags.append(pair.link.setpoint(GENTLE, pair.now_s))
        pair.link.take_output()
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
    assert pair.link.figures.status_to_lease_s == pytest.approx(0.07)


# --- stopping -------------------------------------------------------------------------------


def test_stop_reaches_an_active_chair_and_is_confirmed() -> None:
    pair = Pair().active()
    pair.link.stop(HostStop.CAREGIVER, pair.now_s)
    pair.run(3)
    assert state(pair) in (State.RAMPDOWN, State.SAFE)
    assert len(pair.told(StopConfirmed)) == 1
    assert not pair.link.busy


def test_stop_is_repeated_every_50_ms_until_it_is_confirmed() -> None:
    pair = Pair().active()
    pair.sent.clear()
    pair.deaf = True
    pair.link.stop(HostStop.CAREGIVER, pair.now_s)
    pair.run(500)
    assert kinds(pair.sent).count(Kind.STOP) in (10, 11)
    pair.deaf = False
    pair.run(55)
    assert len(pair.told(StopConfirmed)) == 1
    pair.sent.clear()
    pair.run(200)
    assert Kind.STOP not in kinds(pair.sent)


def test_a_status_from_before_the_stop_does_not_confirm_it() -> None:
    """SAFE before, and the ARM on the line: only the stop's own tag counts."""
    pair = Pair().ready()
    pair.link.arm(5, pair.now_s)
    pair.flush()
    pair.link.stop(HostStop.CAREGIVER, pair.now_s)
    assert pair.link.busy
    pair.deaf = True
    pair.flush()
    pair.run(200)
    assert pair.told(StopConfirmed) == []
    assert state(pair) is State.ARMED


def test_no_setpoint_is_sent_behind_an_unconfirmed_stop() -> None:
    pair = Pair().active()
    pair.deaf = True
    pair.link.stop(HostStop.CAREGIVER, pair.now_s)
    assert pair.link.setpoint(GENTLE, pair.now_s) is None


def test_a_stop_goes_before_what_waits_to_be_written() -> None:
    pair = Pair().active()
    pair.link.setpoint(GENTLE, pair.now_s)
    pair.link.stop(HostStop.CAREGIVER, pair.now_s)
    assert kinds([pair.link.take_output()]) == [Kind.STOP]


def test_a_stop_given_while_the_line_is_away_waits_for_the_next() -> None:
    pair = Pair().active()
    pair.link.closed("unplugged")
    pair.link.stop(HostStop.CAREGIVER, pair.now_s)
    assert pair.link.take_output() == b""
    pair.link.opened()
    pair.run(150)
    assert len(pair.told(StopConfirmed)) == 1
    assert pair.chair.view.lockout_ms > 0


# --- losing the chair -----------------------------------------------------------------------


def test_a_new_boot_id_makes_everything_void() -> None:
    pair = Pair().active()
    pair.reset_chair(CoreChair(boot_id=99, reset_flags=EXTERNAL))
    pair.events.clear()
    pair.run(120)
    assert len(pair.told(SessionLost)) == 1
    assert pair.link.boot_id == 99
    assert pair.link.identified
    pair.run(4000)
    for _ in range(20):
        pair.link.setpoint(GENTLE, pair.now_s)
        pair.run(50)
    assert state(pair) is State.SAFE, "nothing is resumed"
    assert pair.told(ArmAnswered) == []


def test_an_arm_that_waits_dies_with_the_boot_it_was_for() -> None:
    pair = Pair().ready()
    pair.deaf = True
    pair.link.arm(5, pair.now_s)
    pair.run(20)
    pair.reset_chair(CoreChair(boot_id=99))
    pair.deaf = False
    pair.run(3500)
    assert blocks(pair) == [None]
    assert state(pair) is State.SAFE


def keep_driving(pair: Pair, duration_ms: int) -> None:
    """Leases and setpoints as before, as if nothing had happened."""
    for _ in range(duration_ms // 50):
        pair.link.setpoint(GENTLE, pair.now_s)
        pair.run(50)


def test_a_host_that_was_restarted_at_once_stops_the_session_it_finds() -> None:
    """Within the chair's half second lease and TTL are alive: nothing but this would end it."""
    before = Pair().active()
    keep_driving(before, 1000)
    after = Pair(before.chair)
    after.leased = True
    keep_driving(after, 200)
    assert after.chair.view.stop_reason == StopReason.HOST
    keep_driving(after, 4000)
    assert state(after) is State.SAFE
    assert not after.chair.felt
    assert Kind.SETPOINT not in kinds(after.sent)


@pytest.mark.parametrize("waiting", [False, True])
def test_the_tag_of_an_earlier_hosts_stop_does_not_confirm_a_later_one(waiting: bool) -> None:
    """Both hosts begin to count at 1."""
    before = Pair().ready()
    before.link.stop(HostStop.CAREGIVER, before.now_s)
    before.run(3500)
    before.link.arm(6, before.now_s)
    before.run(5)
    keep_driving(before, 1000)
    assert state(before) is State.ACTIVE
    after = Pair(before.chair)
    after.leased = True
    if waiting:
        after.link.stop(HostStop.CAREGIVER, 0.0)
    after.run(150)
    assert after.chair.view.stop_reason == StopReason.HOST
    assert len(after.told(StopConfirmed)) == 1


def test_a_cable_that_was_out_for_a_moment_ends_the_session_too() -> None:
    pair = Pair().active()
    keep_driving(pair, 1000)
    pair.link.closed("unplugged")
    pair.link.opened()
    keep_driving(pair, 200)
    assert pair.chair.view.stop_reason == StopReason.HOST
    keep_driving(pair, 4000)
    assert not pair.chair.felt


def test_a_chair_that_armed_after_the_host_gave_up_is_stopped() -> None:
    pair = Pair().ready()
    pair.mute = True
    pair.link.arm(5, pair.now_s)
    pair.run(100)
    assert state(pair) is State.ARMED
    pair.run(450)
    assert blocks(pair) == [None]
    pair.mute = False
    pair.run(150)
    assert state(pair) is State.SAFE


def test_frames_of_an_earlier_boot_are_refused_by_the_chair() -> None:
    pair = Pair().active()
    recorded = b"".join(pair.sent)
    chair = CoreChair(boot_id=98).ready()
    chair.receive(recorded)
    chair.run(50)
    assert chair.state() is State.SAFE
    assert chair.view.refused > 0


def test_lost_and_bad_frames_are_counted() -> None:
    pair = Pair().run(500)
    pair.mute = True
    pair.run(500)
    pair.mute = False
    pair.link.receive(b"\x05\x11\0", pair.now_s)
    pair.run(200)
    assert 4 <= pair.link.figures.lost <= 7
    assert pair.link.figures.bad == 1


def test_figures_begin_anew_when_the_line_is_opened() -> None:
    pair = Pair().run(1000)
    assert pair.link.figures.received > 0
    pair.link.closed("unplugged")
    pair.link.opened()
    assert pair.link.figures.received == 0
    assert not pair.link.writable
