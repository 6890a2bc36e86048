"""The child's own button: the chair stops by itself, and forgets no press that nobody has seen."""

from itertools import count

import pytest

from calmloop.chair_link.messages import ArmBlock, Flags, HostStop, Inputs, State, Stop, StopReason
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.events import WAYS

CHIP_TICK_MS = 2
TAP_PERIOD_MS = 1000


def acknowledge_press(chair: CoreChair, *, boot_id: int | None = None, version: int = 1) -> None:
    """The host says that it has seen the press."""
    chair.send(Stop(HostStop.CHILD_SEEN, 9), boot_id=boot_id, version=version)


def is_told(chair: CoreChair) -> bool:
    """Whether the newest STATUS shows a press that nobody has seen."""
    return Flags.CHILD_LATCHED in chair.statuses[-1].flags


@pytest.mark.parametrize("phase_ms", range(CHIP_TICK_MS))
@pytest.mark.parametrize("held_ms", [10, 11, 15, 40, 120])
def test_a_press_of_ten_milliseconds_stops_a_session_without_the_host(
    held_ms: int, phase_ms: int
) -> None:
    """At the chip's tick, wherever in it the press begins."""
    chair = CoreChair().active(2000)
    chair.run(phase_ms)
    for passed_ms in range(1, held_ms + 1):
        chair.inputs |= Inputs.CHILD_BUTTON
        chair.now_ms += 1
        if (passed_ms + phase_ms) % CHIP_TICK_MS == 0:
            chair.turn()
    chair.inputs &= ~Inputs.CHILD_BUTTON
    chair.run(2 * CHIP_TICK_MS)
    assert chair.state() in (State.RAMPDOWN, State.SAFE)
    assert chair.view.stop_reason == StopReason.CHILD_BUTTON
    chair.run(300)
    assert (chair.state(), chair.felt) == (State.SAFE, False)
    chair.drive(4000)
    assert chair.state() is State.SAFE


@pytest.mark.parametrize("held_ms", range(1, 11))
def test_a_touch_of_less_than_five_milliseconds_is_none(held_ms: int) -> None:
    chair = CoreChair().active(200)
    chair.press(Inputs.CHILD_BUTTON, held_ms)
    chair.run(1)
    assert (chair.state() is State.RAMPDOWN) == (held_ms >= 5)


def test_a_button_held_since_before_the_start_counts_after_the_same_time() -> None:
    chair = CoreChair(now_ms=4_000_000)
    chair.inputs |= Inputs.CHILD_BUTTON
    chair.turn()
    assert not chair.view.child_latched
    chair.run(5)
    assert chair.view.child_latched


@pytest.mark.parametrize("tap_ms", [15, 40])
@pytest.mark.parametrize("setpoints_a_second", [10, 20])
def test_every_tap_is_told_however_often_status_comes(tap_ms: int, setpoints_a_second: int) -> None:
    chair = CoreChair().ready()
    arm_ids, told = count(1), 0
    for tap in range(40):
        chair.arm(next(arm_ids))
        chair.run(1)
        chair.drive(200 + 7 * tap % 100, every_ms=1000 // setpoints_a_second)
        assert chair.state() is State.ACTIVE
        chair.heard.clear()
        chair.press(Inputs.CHILD_BUTTON, tap_ms)
        chair.run(500)
        told += is_told(chair)
        acknowledge_press(chair)
        chair.run(3001)
        assert not is_told(chair)
    assert told == 40


def test_armed_ends_as_well() -> None:
    chair = CoreChair().armed()
    chair.press(Inputs.CHILD_BUTTON, 15)
    chair.run(1)
    assert (chair.state(), chair.view.stop_reason) == (State.SAFE, StopReason.CHILD_BUTTON)
    assert chair.view.lockout_ms > 2900


@pytest.mark.parametrize("start", WAYS)
def test_a_press_in_any_state_is_kept_until_the_host_has_seen_it(start: State) -> None:
    chair = CoreChair()
    WAYS[start](chair)
    chair.press(Inputs.CHILD_BUTTON, 15)
    chair.run(60_000, step_ms=10)
    assert is_told(chair)
    acknowledge_press(chair)
    chair.run(1)
    assert not is_told(chair)


def test_no_arm_before_the_host_has_seen_the_press() -> None:
    chair = CoreChair().ready()
    chair.press(Inputs.CHILD_BUTTON, 15)
    chair.run(200)
    assert chair.statuses[-1].arm_block is ArmBlock.CHILD_BUTTON
    chair.arm()
    chair.run(1)
    assert chair.acks[-1].result is ArmBlock.CHILD_BUTTON
    acknowledge_press(chair)
    assert chair.view.arm_block == ArmBlock.LOCKED_OUT
    chair.run(3001)
    assert chair.view.arm_block == ArmBlock.OK


@pytest.mark.parametrize(
    ("reason", "boot_id", "version"),
    [(HostStop.CAREGIVER, None, 1), (HostStop.CHILD_SEEN, 1, 1), (HostStop.CHILD_SEEN, None, 2)],
    ids=["another stop", "another boot", "another version"],
)
def test_no_other_frame_has_seen_the_press(
    reason: HostStop, boot_id: int | None, version: int
) -> None:
    chair = CoreChair().ready()
    chair.press(Inputs.CHILD_BUTTON, 15)
    chair.send(Stop(reason, 3), boot_id=boot_id, version=version)
    chair.run(1)
    assert (chair.statuses[-1].stop_tag, is_told(chair)) == (3, True)


def test_a_button_that_stays_pressed_cannot_be_seen_away() -> None:
    chair = CoreChair().ready()
    chair.inputs |= Inputs.CHILD_BUTTON
    for _ in range(20):
        chair.run(100)
        acknowledge_press(chair)
        chair.run(1)
        assert is_told(chair)
    chair.inputs &= ~Inputs.CHILD_BUTTON
    chair.run(1)
    acknowledge_press(chair)
    chair.run(1)
    assert not is_told(chair)


def test_the_second_button_is_told_and_does_nothing() -> None:
    chair = CoreChair().active(500)
    chair.inputs |= Inputs.CHILD_SECOND
    chair.drive(500)
    assert Inputs.CHILD_SECOND in chair.statuses[-1].inputs
    assert (chair.state(), is_told(chair)) == (State.ACTIVE, False)
    chair.inputs &= ~Inputs.CHILD_SECOND
    chair.drive(200)
    assert Inputs.CHILD_SECOND not in chair.statuses[-1].inputs
