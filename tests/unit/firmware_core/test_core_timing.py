"""TTLs, stops, lockouts and sessions to the millisecond, also while time wraps."""

import pytest

from calmloop.chair_link.messages import ArmBlock, Inputs, State, StopReason
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.events import at_any_time
from tests.unit.firmware_core.hardware import WRAP

# --- stopping -------------------------------------------------------------------------------


@at_any_time
@pytest.mark.parametrize("ttl_ms", [1, 5, 250, *range(495, 506), 65535])
def test_a_setpoint_lasts_its_ttl_and_half_a_second_at_most(ttl_ms: int, start_ms: int) -> None:
    chair = CoreChair(now_ms=start_ms).active(2000)
    chair.setpoint(ttl_ms=ttl_ms)
    chair.run(min(ttl_ms, 500) - 1)
    assert chair.state() is State.ACTIVE
    chair.run(1)
    assert (chair.state(), chair.view.stop_reason) == (State.RAMPDOWN, StopReason.TTL)


@at_any_time
@pytest.mark.parametrize("cause", ["stop", "ttl", "lease"])
def test_vibration_and_sound_are_zero_within_300_ms(cause: str, start_ms: int) -> None:
    chair = CoreChair(now_ms=start_ms).active()
    chair.drive(6000, vibration_permille=1000, sound_permille=1000)
    assert (chair.view.vibration_ppm, chair.view.sound_ppm) == (1_000_000, 1_000_000)
    if cause == "stop":
        chair.stop()
    elif cause == "ttl":
        chair.run_until(State.RAMPDOWN, 500)
    else:
        chair.leased = False
        while chair.view.lease_alive:
            chair.setpoint(vibration_permille=1000, sound_permille=1000)
            chair.run(1)
    passed_ms = chair.run_until(State.SAFE, 300)
    assert passed_ms >= 150, "it falls, it does not snap"
    assert not chair.felt
    assert not chair.view.amplifier_enabled


@pytest.mark.parametrize("cause", ["red button", "over-current"])
@at_any_time
def test_red_button_and_over_current_cut_within_50_ms(cause: str, start_ms: int) -> None:
    chair = CoreChair(now_ms=start_ms).active()
    chair.drive(6000, vibration_permille=1000, sound_permille=1000)
    if cause == "red button":
        chair.inputs = (chair.inputs | Inputs.ESTOP_OPEN) & ~Inputs.CONTACTOR_CLOSED
    else:
        chair.current_ma = 4001
    passed_ms = 0
    while chair.felt:
        chair.run(1)
        passed_ms += 1
    assert passed_ms <= 50


@pytest.mark.parametrize("current_ma", range(3995, 4006))
def test_over_current_is_more_than_four_amperes(current_ma: int) -> None:
    chair = CoreChair().boot()
    chair.current_ma = current_ma
    chair.run(1000)
    assert chair.state() is (State.FAULT if current_ma > 4000 else State.SAFE)


def test_a_spike_of_current_is_no_fault() -> None:
    chair = CoreChair().boot()
    for _ in range(100):
        chair.current_ma = 9000
        chair.run(9)
        chair.current_ma = 150
        chair.run(1)
    assert chair.state() is State.SAFE


# --- lockout --------------------------------------------------------------------------------


@at_any_time
def test_lockout_lasts_three_seconds_after_a_stop_and_starts_anew_with_each(start_ms: int) -> None:
    chair = CoreChair(now_ms=start_ms).active()
    chair.stop()
    assert chair.view.lockout_ms == 3000
    chair.run(2000)
    chair.stop()
    assert chair.view.lockout_ms == 3000
    chair.run(2999)
    assert chair.view.lockout_ms == 1
    assert chair.view.arm_block == ArmBlock.LOCKED_OUT
    chair.run(1)
    assert chair.view.lockout_ms == 0
    assert chair.view.arm_block == 0


@at_any_time
def test_lockout_lasts_ten_seconds_after_a_fault_and_a_stop_does_not_shorten_it(
    start_ms: int,
) -> None:
    chair = CoreChair(now_ms=start_ms).faulty()
    chair.acknowledge()
    left_ms = chair.view.lockout_ms
    assert 9900 < left_ms <= 10_000
    chair.stop()
    assert chair.view.lockout_ms == left_ms
    chair.run(left_ms)
    assert chair.view.arm_block == 0


def test_old_deadlines_never_come_round_again() -> None:
    """A lockout, TTL and lease that ended stay ended for all the 49.7 days that time takes."""
    chair = CoreChair().active(200)
    chair.stop()
    chair.leased = False
    chair.run(4000)
    for _ in range(200):
        chair.now_ms = (chair.now_ms + WRAP // 100) % WRAP
        chair.turn()
        view = chair.view
        assert (view.lockout_ms, view.lease_left_ms, view.state) == (0, 0, State.SAFE)


# --- armed and session ----------------------------------------------------------------------


def test_armed_waits_thirty_seconds_for_a_setpoint() -> None:
    chair = CoreChair().armed()  # a millisecond ago
    chair.run(29_990, step_ms=5)
    chair.run(8)
    assert chair.state() is State.ARMED
    chair.run(1)
    assert (chair.state(), chair.view.stop_reason) == (State.SAFE, StopReason.NO_SETPOINT)
    assert chair.view.lockout_ms > 0


def drive_coarsely(chair: CoreChair, duration_s: int) -> None:
    for _ in range(duration_s * 5):
        chair.setpoint()
        chair.run(200, step_ms=100)


def test_a_session_ends_after_thirty_minutes_and_the_hour_must_pass_before_another() -> None:
    chair = CoreChair().active()
    drive_coarsely(chair, 1798)
    assert chair.state() is State.ACTIVE
    assert 1 <= chair.view.session_left_s <= 3
    drive_coarsely(chair, 4)
    assert (chair.state(), chair.view.stop_reason) == (State.SAFE, StopReason.SESSION)
    chair.run(10_000, step_ms=50)
    assert chair.view.arm_block == 6
    assert chair.view.session_budget_s == 0
    chair.run(29 * 60_000, step_ms=50)
    assert chair.view.arm_block == 6
    chair.run(2 * 60_000, step_ms=50)
    assert chair.view.arm_block == 0
    assert 0 < chair.view.session_budget_s <= 120


def test_a_second_of_use_counts_in_the_millisecond_that_fills_it() -> None:
    chair = CoreChair().armed()
    chair.setpoint()
    left_s = chair.view.session_left_s
    used_ms = 0
    while chair.view.session_left_s == left_s:
        if used_ms % 100 == 0:
            chair.setpoint()
        chair.run(1)
        used_ms += 1
    assert used_ms == 1000


def test_an_arm_gets_no_more_than_the_hour_has_left() -> None:
    chair = CoreChair().active()
    drive_coarsely(chair, 600)
    chair.stop()
    chair.run(4000)
    chair.arm(8)
    chair.setpoint()
    chair.run(1)
    assert chair.state() is State.ACTIVE
    assert 1195 <= chair.view.session_left_s <= 1200
