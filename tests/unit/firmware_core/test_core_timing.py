"""Leases, TTLs, lockouts, sessions and debouncing to the millisecond, also while time wraps."""

import pytest

from calmloop.chair_link.messages import ArmBlock, Flags, Inputs, Lease, State, Status, StopReason
from tests.unit.firmware_core.core import RELEASED, WRAP, CoreChair
from tests.unit.firmware_core.events import WAYS, Way

STARTS_MS = [0, 12_345, (1 << 31) - 4000, WRAP - 4000, WRAP - 1]
at_any_time = pytest.mark.parametrize("start_ms", STARTS_MS)


def next_nonce(chair: CoreChair) -> Status:
    """The next STATUS that issues a nonce; it is still the same millisecond."""
    before = len(chair.statuses)
    while not any(Flags.FRESH_NONCE in s.flags for s in chair.statuses[before:]):
        chair.run(1)
    return chair.statuses[-1]


def lease_for(chair: CoreChair, status: Status) -> Lease:
    return Lease(status.nonce, chair.core.lease_proof(chair.boot_id, status.nonce))


@at_any_time
def test_a_lease_lasts_half_a_second_from_its_nonce(start_ms: int) -> None:
    chair = CoreChair(now_ms=start_ms).boot()
    status = next_nonce(chair)
    chair.run(200)
    chair.send(lease_for(chair, status))
    assert chair.view.lease_left_ms == 300
    chair.run(299)
    assert chair.view.lease_alive
    chair.run(1)
    assert not chair.view.lease_alive


@at_any_time
@pytest.mark.parametrize("age_ms", range(495, 506))
def test_a_lease_is_refused_from_half_a_second_on(age_ms: int, start_ms: int) -> None:
    chair = CoreChair(now_ms=start_ms).boot()
    status = next_nonce(chair)
    chair.run(age_ms)
    chair.send(lease_for(chair, status))
    assert chair.view.lease_alive == (age_ms < 500)
    assert chair.view.refused == (age_ms >= 500)


def test_leases_that_waited_in_a_queue_buy_nothing() -> None:
    """All answers of a second, delivered together: alive until the newest nonce is 500 ms old."""
    chair = CoreChair().boot()
    answers = [lease_for(chair, next_nonce(chair)) for _ in range(10)]
    for answer in reversed(answers):
        chair.send(answer)
    assert chair.view.lease_left_ms == 500
    for answer in answers:
        chair.send(answer)
    assert chair.view.lease_left_ms == 500
    chair.run(500)
    assert not chair.view.lease_alive


def test_a_lease_is_never_shortened_by_an_older_one() -> None:
    chair = CoreChair().boot()
    old, new = next_nonce(chair), next_nonce(chair)
    chair.send(lease_for(chair, new))
    chair.send(lease_for(chair, old))
    assert chair.view.lease_left_ms == 500


@pytest.mark.parametrize("proof", ["echo", "zero", "other boot", "one bit"])
def test_a_wrong_proof_is_refused(proof: str) -> None:
    chair = CoreChair().boot()
    status = next_nonce(chair)
    right = lease_for(chair, status).proof
    wrong = {
        "echo": status.nonce,
        "zero": 0,
        "other boot": chair.core.lease_proof(chair.boot_id + 1, status.nonce),
        "one bit": right ^ 1,
    }[proof]
    chair.send(Lease(status.nonce, wrong))
    assert not chair.view.lease_alive
    assert chair.view.refused == 1


def test_only_the_last_eight_nonces_are_known() -> None:
    chair = CoreChair().boot()
    statuses = [next_nonce(chair) for _ in range(9)]
    chair.send(lease_for(chair, statuses[0]))
    assert chair.view.refused == 1
    chair.send(Lease(0, chair.core.lease_proof(chair.boot_id, 0)))
    assert chair.view.refused == 2


def test_nonces_are_fresh_ten_times_a_second_and_never_zero_or_repeated() -> None:
    chair = CoreChair()
    chair.run(10_000)
    nonces = [s.nonce for s in chair.statuses if Flags.FRESH_NONCE in s.flags]
    assert len(nonces) == 101
    assert len(set(nonces)) == 101
    assert 0 not in nonces


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


# --- buttons --------------------------------------------------------------------------------


@pytest.mark.parametrize("held_ms", range(5, 16))
def test_the_red_button_counts_after_ten_milliseconds(held_ms: int) -> None:
    chair = CoreChair().boot()
    chair.inputs |= Inputs.ESTOP_OPEN
    chair.run(held_ms)
    chair.inputs = RELEASED
    chair.run(1)
    assert chair.state() is (State.ESTOP if held_ms > 10 else State.SAFE)


@pytest.mark.parametrize("tick_ms", [1, 2])
@pytest.mark.parametrize("phase_ms", range(10))
def test_a_wire_that_chatters_is_open_within_50_ms(phase_ms: int, tick_ms: int) -> None:
    """6 ms open, 4 ms closed: never open for 10 ms in a row."""
    chair = CoreChair().boot()
    for passed_ms in range(50):
        is_open = (passed_ms + phase_ms) % 10 < 6
        chair.inputs = RELEASED | Inputs.ESTOP_OPEN if is_open else RELEASED
        chair.now_ms += 1
        if passed_ms % tick_ms == 0:
            chair.turn()
    assert chair.state() is State.ESTOP


@pytest.mark.parametrize(("open_ms", "every_ms"), [(9, 60), (3, 20), (2, 10), (1, 3)])
def test_a_wire_that_is_seldom_open_is_closed(open_ms: int, every_ms: int) -> None:
    chair = CoreChair().boot()
    for _ in range(200):
        chair.press(Inputs.ESTOP_OPEN, open_ms)
        chair.run(every_ms - open_ms)
    assert chair.state() is State.SAFE


def test_short_openings_leak_away_at_a_quarter_of_their_speed() -> None:
    """8 ms gathered, 7 of them left after 4 ms: the next 3 ms are enough, and 2 are not."""
    for again_ms, after in ((3, State.SAFE), (4, State.ESTOP)):
        chair = CoreChair().boot()
        chair.press(Inputs.ESTOP_OPEN, 9)
        chair.run(4)
        chair.press(Inputs.ESTOP_OPEN, again_ms)
        chair.run(1)
        assert chair.state() is after


@pytest.mark.parametrize("held_ms", range(45, 56))
def test_ack_counts_after_fifty_milliseconds(held_ms: int) -> None:
    chair = CoreChair().stopped_by_hand()
    chair.press(Inputs.ACK_PRESSED, held_ms)
    assert chair.state() is (State.SAFE if held_ms > 50 else State.ESTOP)


def test_a_stuck_ack_is_ignored_from_boot_on() -> None:
    chair = CoreChair(reset_flags=0x08)
    chair.inputs |= Inputs.ACK_PRESSED
    chair.run(60_000, step_ms=5)
    assert chair.state() is State.FAULT
    chair.acknowledge()
    assert chair.state() is State.SAFE


def test_an_ack_held_since_before_the_stop_does_not_count() -> None:
    chair = CoreChair().ready()
    chair.inputs |= Inputs.ACK_PRESSED
    chair.run(500)
    chair.inputs |= Inputs.ESTOP_OPEN
    chair.inputs &= ~Inputs.CONTACTOR_CLOSED
    chair.run(100)
    chair.inputs = RELEASED | Inputs.ACK_PRESSED
    chair.run(5000)
    assert chair.state() is State.ESTOP


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


# --- STATUS ---------------------------------------------------------------------------------


def test_status_comes_ten_times_a_second() -> None:
    chair = CoreChair().boot()
    chair.heard.clear()
    chair.run(5000)
    assert len(chair.statuses) == 50


def test_status_comes_at_once_on_a_change_of_state() -> None:
    chair = CoreChair().armed()
    chair.run(30)
    chair.heard.clear()
    chair.setpoint()
    chair.run(1)
    assert chair.statuses[0].state is State.ACTIVE
    chair.stop(77)
    chair.run(1)
    assert (chair.statuses[-1].stop_tag, chair.statuses[-1].stop_reason) == (77, StopReason.HOST)


@pytest.mark.parametrize("start", WAYS)
@pytest.mark.parametrize("phase_ms", [0, 1, 19, 50, 99])
def test_status_comes_at_once_after_a_stop_in_every_state(start: State, phase_ms: int) -> None:
    chair = CoreChair()
    WAYS[start](chair)
    chair.run(phase_ms)
    chair.heard.clear()
    chair.stop(777)
    chair.run(1)
    assert chair.statuses[0].stop_tag == 777


def test_a_setpoint_newly_applied_is_told_within_21_ms_and_only_once() -> None:
    chair = CoreChair().active(300)
    for tag in range(100, 140):
        chair.heard.clear()
        chair.setpoint(tag=tag)
        chair.run(21)
        assert chair.statuses[-1].setpoint_tag == tag
        assert len([s for s in chair.statuses if Flags.FRESH_NONCE not in s.flags]) <= 1
        chair.run(29)


def test_status_stays_within_the_links_budget_at_twenty_setpoints_a_second() -> None:
    chair = CoreChair().active(300)
    chair.wire.clear()
    for tag in range(1, 201):
        chair.setpoint(tag=tag)
        chair.run(50)
    assert len(chair.wire) / 10 < 0.1 * 25_000


def test_status_reports_inputs_as_they_are() -> None:
    chair = CoreChair().boot()
    chair.inputs = (
        Inputs.ACK_PRESSED
        | Inputs.ENCLOSURE_OPEN
        | Inputs.CHILD_BUTTON
        | Inputs.ESTOP_OPEN
        | Inputs.SEAT_OCCUPIED
    )
    chair.run(101)
    assert chair.statuses[-1].inputs == chair.inputs
    assert (chair.statuses[-1].supply_mv, chair.statuses[-1].current_ma) == (12000, 150)


def busy(chair: CoreChair) -> None:
    """ACTIVE, with something in every field that a count stands in."""
    chair.ready()
    chair.receive(b"\x01\0" * 3)
    chair.stop(0x1234)
    chair.run(3100)
    chair.arm(0x01020304)
    chair.run(1)
    chair.drive(2500, tag=0x0506, red_permille=100, green_permille=300, blue_permille=50)
    chair.run(33)


@pytest.mark.parametrize("way", [*WAYS.values(), busy], ids=[*(s.name for s in WAYS), "busy"])
def test_status_says_what_the_chair_is(way: Way) -> None:
    chair = CoreChair(now_ms=5000)
    way(chair)
    chair.leased = False
    chair.supply_mv, chair.current_ma = 11_000, 333
    chair.stop(0x0708)  # brings a STATUS with the next turn, in whatever state
    chair.run(1)
    status, view = chair.statuses[-1], chair.view
    up, down = -(-view.vibration_ppm // 1000), view.red_ppm // 1000
    assert (status.vibration_permille, status.red_permille) == (up, down)
    assert status.vibration_dhz == view.vibration_mhz // 100
    assert status.sound_permille == -(-view.sound_ppm // 1000)
    assert status.green_permille == -(-view.green_ppm // 1000)
    assert status.blue_permille == -(-view.blue_ppm // 1000)
    for name in ("state", "fault", "stop_reason", "arm_block", "lockout_ms", "arm_id", "nonce"):
        assert getattr(status, name) == getattr(view, name), name
    for name in ("session_left_s", "bad_frames", "refused", "lease_left_ms"):
        assert getattr(status, name) == getattr(view, name), name
    assert (status.setpoint_tag, status.stop_tag) == (view.applied_tag, 0x0708)
    assert (status.supply_mv, status.current_ma) == (11_000, 333)
    assert status.uptime_ms == chair.now_ms - 5000
    assert (Flags.AMPLIFIER_ENABLED in status.flags) == view.amplifier_enabled
    assert (Flags.LEASE_ALIVE in status.flags) == view.lease_alive
    assert (Flags.IDENTIFIED in status.flags) == view.identified
    assert (Flags.ARM_READY in status.flags) == (view.arm_block == ArmBlock.OK)
