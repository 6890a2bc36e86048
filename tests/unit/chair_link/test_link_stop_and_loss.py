"""A stop is repeated until it is confirmed, and nothing of a lost chair counts any more."""

import pytest

from calmloop.chair_link import (
    ArmAnswered,
    SessionLost,
    StopConfirmed,
)
from calmloop.chair_link.frames import WireFrame, encode
from calmloop.chair_link.messages import HostStop, MessageKind, State, StopReason
from tests.unit.chair_link.pair import GENTLE, Pair, blocks, kinds, state
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.hardware import EXTERNAL

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
    assert kinds(pair.sent).count(MessageKind.STOP) in (10, 11)
    pair.deaf = False
    pair.run(55)
    assert len(pair.told(StopConfirmed)) == 1
    pair.sent.clear()
    pair.run(200)
    assert MessageKind.STOP not in kinds(pair.sent)


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
    assert kinds([pair.link.pop_output()]) == [MessageKind.STOP]


def test_a_stop_given_while_the_line_is_away_waits_for_the_next() -> None:
    pair = Pair().active()
    pair.link.closed("unplugged")
    pair.link.stop(HostStop.CAREGIVER, pair.now_s)
    assert pair.link.pop_output() == b""
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
    assert MessageKind.SETPOINT not in kinds(after.sent)


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
    assert 4 <= pair.link.metrics.lost <= 7
    assert pair.link.metrics.bad == 1


def test_metrics_begin_anew_when_the_line_is_opened() -> None:
    pair = Pair().run(1000)
    assert pair.link.metrics.received > 0
    pair.link.closed("unplugged")
    pair.link.opened()
    assert pair.link.metrics.received == 0
    assert not pair.link.writable


def test_half_a_frame_on_the_line_does_not_swallow_the_next_stop() -> None:
    """A zero goes before each STOP: the first one is taken, not its repetition."""
    pair = Pair().active()
    half = encode(WireFrame(MessageKind.SETPOINT, 0, pair.chair.boot_id, bytes(16)))[:12]
    pair.chair.receive(half)
    pair.sent.clear()
    pair.link.stop(HostStop.CAREGIVER, pair.now_s)
    pair.run(2)
    assert kinds(pair.sent).count(MessageKind.STOP) == 1
    assert state(pair) in (State.RAMPDOWN, State.SAFE)
    assert pair.chair.view.bad_frames == 1
