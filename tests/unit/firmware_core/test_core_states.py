"""Every state against every event: what the chair becomes, and what it puts out."""

from collections.abc import Callable

import pytest

from calmloop.chair_link.frames import Frame, encode
from calmloop.chair_link.messages import (
    Arm,
    ArmBlock,
    Fault,
    Inputs,
    Setpoint,
    State,
    Stop,
    StopReason,
)
from tests.unit.firmware_core.core import RELEASED, CoreChair, simulated_record, store

Way = Callable[[CoreChair], object]

WAYS: dict[State, Way] = {
    State.BOOT: lambda chair: chair.run(10),
    State.SAFE: CoreChair.ready,
    State.ARMED: CoreChair.armed,
    State.ACTIVE: lambda chair: chair.active(3000),
    State.RAMPDOWN: CoreChair.ramping_down,
    State.FAULT: CoreChair.faulty,
    State.ESTOP: CoreChair.stopped_by_hand,
}


def press_red(chair: CoreChair) -> None:
    chair.inputs = (chair.inputs | Inputs.ESTOP_OPEN) & ~Inputs.CONTACTOR_CLOSED
    chair.run(12)


def tap_red(chair: CoreChair) -> None:
    press_red(chair)
    chair.inputs = RELEASED
    chair.run(60)


def draw_too_much(chair: CoreChair) -> None:
    chair.current_ma = 5000
    chair.run(12)
    chair.current_ma = 150


def lose_lease(chair: CoreChair) -> None:
    chair.leased = False
    chair.drive(600, every_ms=20)


def fall_silent(chair: CoreChair) -> None:
    chair.run(420)


def flood(chair: CoreChair) -> None:
    chair.receive(b"\x05\x11\x22\0" * 21)
    chair.run(1)


def five_wrong_setpoints(chair: CoreChair) -> None:
    for _ in range(5):
        chair.setpoint(vibration_permille=1001)
    chair.run(1)


def set_point(chair: CoreChair) -> None:
    chair.setpoint(tag=9)
    chair.run(1)


def ask_to_arm(chair: CoreChair) -> None:
    chair.arm(8)
    chair.run(1)


def stop(chair: CoreChair) -> None:
    chair.stop(3)
    chair.run(1)


def identify_wrongly(chair: CoreChair) -> None:
    chair.identify(cap_hash=1)
    chair.run(1)


EVENTS: dict[str, Way] = {
    "arm": ask_to_arm,
    "setpoint": set_point,
    "stop": stop,
    "ack": CoreChair.acknowledge,
    "red button": press_red,
    "red button tapped": tap_red,
    "over-current": draw_too_much,
    "lease lost": lose_lease,
    "silence": fall_silent,
    "bad frames": flood,
    "wrong setpoints": five_wrong_setpoints,
    "mismatching identify": identify_wrongly,
}

B, S, AR, AC, R, F, E = (
    State.BOOT,
    State.SAFE,
    State.ARMED,
    State.ACTIVE,
    State.RAMPDOWN,
    State.FAULT,
    State.ESTOP,
)
FROM = (B, S, AR, AC, R, F, E)
BECOMES: dict[str, tuple[State, ...]] = {
    # from:                 B  S   AR  AC  R  F  E
    "arm": (B, AR, AR, AC, R, F, E),
    "setpoint": (B, S, AC, AC, R, F, E),
    "stop": (B, S, S, R, R, F, E),
    "ack": (B, S, AR, AC, S, S, S),
    "red button": (B, E, E, E, E, F, E),
    "red button tapped": (B, E, E, E, E, F, E),
    "over-current": (B, F, F, F, F, F, F),
    "lease lost": (B, S, S, S, S, F, E),
    "silence": (B, S, AR, R, S, F, E),
    "bad frames": (B, S, S, R, R, F, E),
    "wrong setpoints": (B, F, F, F, F, F, F),
    "mismatching identify": (B, S, AR, AC, R, F, E),
}
CASES = [
    pytest.param(start, event, after, id=f"{start.name}-{event}")
    for event, row in BECOMES.items()
    for start, after in zip(FROM, row, strict=True)
]


@pytest.mark.parametrize(("start", "event", "after"), CASES)
def test_state_after_event(start: State, event: str, after: State) -> None:
    chair = CoreChair()
    WAYS[start](chair)
    assert chair.state() is start
    EVENTS[event](chair)
    assert chair.state() is after
    if after not in (State.ACTIVE, State.RAMPDOWN):
        assert not chair.felt


@pytest.mark.parametrize("start", FROM)
def test_no_path_to_active_without_arm(start: State) -> None:
    """Whatever happened before: after a stop, setpoints and leases alone bring nothing back."""
    chair = CoreChair()
    WAYS[start](chair)
    chair.stop()
    chair.leased = True
    chair.drive(5000)
    chair.acknowledge()
    chair.drive(12000)
    assert chair.state() is State.SAFE
    assert not chair.felt


def test_leaves_boot_after_two_dark_seconds() -> None:
    chair = CoreChair()
    chair.run(1999)
    view = chair.view
    assert (chair.state(), view.red_ppm, view.green_ppm, view.blue_ppm) == (State.BOOT, 0, 0, 0)
    chair.run(1)
    assert chair.state() is State.SAFE


@pytest.mark.parametrize(
    ("event", "after"), [("red button tapped", State.ESTOP), ("over-current", State.FAULT)]
)
def test_what_happens_in_boot_counts_at_its_end(event: str, after: State) -> None:
    chair = CoreChair()
    chair.run(10)
    EVENTS[event](chair)
    assert chair.state() is State.BOOT
    chair.run(2000)
    assert chair.state() is after


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("stop", StopReason.HOST),
        ("lease lost", StopReason.LEASE),
        ("silence", StopReason.TTL),
        ("bad frames", StopReason.BAD_FRAMES),
        ("red button", StopReason.ESTOP),
        ("over-current", StopReason.FAULT),
    ],
)
def test_says_why_active_ended(event: str, reason: StopReason) -> None:
    chair = CoreChair().active(1000)
    EVENTS[event](chair)
    chair.run(300)
    assert chair.statuses[-1].stop_reason is reason


def test_red_button_while_faulty_keeps_the_code_and_one_ack_serves_both() -> None:
    chair = CoreChair().faulty()
    tap_red(chair)
    assert (chair.state(), Fault(chair.view.fault)) == (State.FAULT, Fault.OVER_CURRENT)
    chair.acknowledge()
    assert chair.state() is State.SAFE
    chair.run(100)
    assert chair.state() is State.SAFE


def test_the_first_fault_is_the_one_that_is_kept() -> None:
    chair = CoreChair().faulty()
    five_wrong_setpoints(chair)
    assert Fault(chair.view.fault) is Fault.OVER_CURRENT


@pytest.mark.parametrize("cause", ["current", "red button"])
def test_ack_does_nothing_while_the_cause_is_there(cause: str) -> None:
    chair = CoreChair().faulty()
    if cause == "current":
        chair.current_ma = 5000
    else:
        chair.inputs |= Inputs.ESTOP_OPEN
        chair.inputs &= ~Inputs.CONTACTOR_CLOSED
    chair.run(20)
    chair.acknowledge()
    assert chair.state() is State.FAULT


def test_ack_does_nothing_in_the_moment_in_which_the_current_rises_again() -> None:
    chair = CoreChair().faulty()
    chair.run(60)
    chair.press(Inputs.ACK_PRESSED, 48)
    chair.inputs |= Inputs.ACK_PRESSED
    chair.current_ma = 4001
    chair.run(5)
    assert chair.state() is State.FAULT


def test_estop_is_not_left_by_ack_while_pressed_nor_by_release_alone() -> None:
    chair = CoreChair().ready()
    press_red(chair)
    chair.acknowledge()
    assert chair.state() is State.ESTOP
    chair.inputs = RELEASED
    chair.run(5000)
    assert chair.state() is State.ESTOP
    chair.acknowledge()
    assert chair.state() is State.SAFE


# --- ARM ------------------------------------------------------------------------------------


def block(chair: CoreChair) -> ArmBlock:
    return ArmBlock(chair.view.arm_block)


def result(chair: CoreChair) -> ArmBlock:
    chair.run(1)
    return chair.acks[-1].result


def test_arms_when_everything_is_there() -> None:
    chair = CoreChair().ready()
    assert block(chair) is ArmBlock.OK
    chair.arm()
    assert result(chair) is ArmBlock.OK
    assert (chair.state(), chair.view.arm_id) == (State.ARMED, 7)


def test_refuses_to_arm_unidentified() -> None:
    chair = CoreChair()
    chair.leased = True
    chair.boot()
    chair.arm()
    assert result(chair) is ArmBlock.NOT_IDENTIFIED


@pytest.mark.parametrize("field", ["protocol", "firmware_major", "cap_hash", "calibration_hash"])
def test_refuses_to_arm_when_one_thing_in_identify_differs(field: str) -> None:
    chair = CoreChair().ready()
    chair.identify(**{field: 99})
    chair.run(1)
    assert not chair.identities[-1].matched
    chair.arm()
    assert result(chair) is ArmBlock.NOT_IDENTIFIED
    chair.identify()
    chair.arm()
    assert result(chair) is ArmBlock.OK


def test_refuses_to_arm_until_the_red_button_has_been_closed_for_a_moment() -> None:
    chair = CoreChair().ready()
    chair.inputs |= Inputs.ESTOP_OPEN
    chair.run(1)
    chair.inputs = RELEASED
    chair.run(1)
    chair.arm()
    assert result(chair) is ArmBlock.ESTOP_OPEN
    chair.run(60)
    chair.arm()
    assert result(chair) is ArmBlock.OK


def test_refuses_to_arm_without_a_second_of_leases() -> None:
    chair = CoreChair()
    chair.identify()
    chair.run(4000)
    chair.arm()
    assert result(chair) is ArmBlock.NO_LEASE
    chair.leased = True
    chair.run(100)
    while not chair.view.lease_alive:
        chair.run(1)
    chair.run(995)
    assert block(chair) is ArmBlock.NO_LEASE
    chair.run(10)
    assert block(chair) is ArmBlock.OK


def test_a_gap_in_the_leases_starts_the_second_anew() -> None:
    chair = CoreChair().ready()
    chair.leased = False
    chair.run(700)
    chair.leased = True
    chair.run(300)
    assert chair.view.lease_alive
    assert block(chair) is ArmBlock.NO_LEASE


@pytest.mark.parametrize(("age_ms", "expected"), [(498, ArmBlock.OK), (499, ArmBlock.STALE_NONCE)])
def test_a_nonce_arms_for_half_a_second(age_ms: int, expected: ArmBlock) -> None:
    chair = CoreChair().ready()
    before = len(chair.statuses)
    while len(chair.statuses) == before:
        chair.run(1)
    nonce = chair.statuses[-1].nonce
    chair.run(age_ms + 1)
    chair.arm(nonce=nonce)
    assert result(chair) is expected


def test_an_unknown_nonce_does_not_arm() -> None:
    chair = CoreChair().ready()
    chair.arm(nonce=0)
    assert result(chair) is ArmBlock.STALE_NONCE


def test_a_repeated_arm_is_acknowledged_again_and_changes_nothing() -> None:
    chair = CoreChair().ready()
    nonce = chair.view.nonce
    chair.arm(nonce=nonce)
    chair.setpoint()
    chair.run(1000 - 501)
    chair.setpoint()
    chair.arm(nonce=nonce)
    assert result(chair) is ArmBlock.OK
    assert chair.state() is State.ACTIVE


def test_another_arm_is_refused_while_one_runs() -> None:
    chair = CoreChair().active()
    chair.arm(8)
    assert result(chair) is ArmBlock.WRONG_STATE


def test_an_arm_id_serves_once_and_zero_never() -> None:
    chair = CoreChair().ready()
    chair.arm(0)
    assert result(chair) is ArmBlock.USED_ID
    chair.arm(7)
    assert result(chair) is ArmBlock.OK
    chair.stop()
    chair.run(3500)
    chair.arm(7)
    assert result(chair) is ArmBlock.USED_ID
    chair.arm(0)
    assert result(chair) is ArmBlock.USED_ID
    chair.arm(8)
    assert result(chair) is ArmBlock.OK


def test_arm_and_setpoint_of_another_boot_or_version_are_refused_but_stop_is_not() -> None:
    chair = CoreChair().active()
    for boot_id, version in ((1, 1), (None, 2)):
        refused = chair.view.refused
        chair.send(Arm(9, chair.view.nonce), boot_id=boot_id, version=version)
        chair.send(Setpoint(5, 400, 0, 0, 0, 0, 0, 500), boot_id=boot_id, version=version)
        assert chair.view.refused == refused + 2
        chair.send(Stop(1, 4), boot_id=boot_id, version=version)
        chair.run(1)
        assert chair.statuses[-1].stop_tag == 4
    assert chair.state() in (State.RAMPDOWN, State.SAFE)


# --- faults ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        (0x01, Fault.NONE),
        (0x02, Fault.NONE),
        (0x04, Fault.BROWN_OUT),
        (0x08, Fault.WATCHDOG),
        (0x0C, Fault.WATCHDOG),
        (0x06, Fault.BROWN_OUT),
        (0x0F, Fault.NONE),
        (0x00, Fault.NONE),
    ],
)
def test_what_a_reset_means(flags: int, fault: Fault) -> None:
    chair = CoreChair(reset_flags=flags).boot()
    assert Fault(chair.view.fault) is fault
    assert chair.state() is (State.SAFE if fault is Fault.NONE else State.FAULT)


def test_a_failed_self_test_is_not_acknowledged_away() -> None:
    chair = CoreChair(self_test_ok=False).boot()
    assert Fault(chair.view.fault) is Fault.SELF_TEST
    chair.acknowledge()
    assert chair.state() is State.FAULT


def test_a_welded_contactor_is_a_fault_until_it_is_seen_to_open() -> None:
    chair = CoreChair().ready()
    chair.inputs |= Inputs.ESTOP_OPEN
    chair.run(209)
    assert chair.state() is State.ESTOP
    chair.run(2)
    assert Fault(chair.view.fault) is Fault.CONTACTOR
    chair.inputs = RELEASED
    chair.run(60)
    chair.acknowledge()
    assert chair.state() is State.FAULT
    tap_red(chair)
    chair.acknowledge()
    assert chair.state() is State.SAFE


def test_a_fault_survives_power_cycles_until_ack() -> None:
    chair = CoreChair().faulty()
    for _ in range(3):
        chair = CoreChair(image=chair.image).boot()
        assert Fault(chair.view.fault) is Fault.OVER_CURRENT
    chair.acknowledge()
    assert chair.state() is State.SAFE
    assert CoreChair(image=chair.image).boot().state() is State.SAFE


def test_a_stored_contactor_fault_still_wants_proof_after_a_power_cycle() -> None:
    chair = CoreChair(image=store(Fault.CONTACTOR, simulated_record())).boot()
    chair.acknowledge()
    assert chair.state() is State.FAULT
    tap_red(chair)
    chair.acknowledge()
    assert chair.state() is State.SAFE


def test_a_stored_fault_goes_before_what_the_reset_shows() -> None:
    chair = CoreChair(image=store(Fault.CONTACTOR, simulated_record()), reset_flags=0x08).boot()
    assert Fault(chair.view.fault) is Fault.CONTACTOR


def test_wrong_setpoints_latch_at_five_in_ten_seconds_in_any_state() -> None:
    chair = CoreChair().ready()
    for _ in range(4):
        chair.setpoint(ttl_ms=0)
    chair.run(11_001)
    for _ in range(4):
        chair.setpoint(tag=0)
    chair.run(1)
    assert chair.state() is State.SAFE
    chair.setpoint(blue_permille=65535)
    chair.run(1)
    assert Fault(chair.view.fault) is Fault.SETPOINTS


def test_unknown_types_and_wrong_sizes_are_bad_frames() -> None:
    chair = CoreChair().boot()
    for kind, size in ((0x06, 0), (0x00, 8), (0x81, 48), (0x03, 15), (0x05, 4), (0x01, 0)):
        chair.receive(encode(Frame(kind, 0, chair.boot_id, bytes(size))))
    assert chair.view.bad_frames == 6


@pytest.mark.parametrize(("frames", "after"), [(20, State.ACTIVE), (21, State.RAMPDOWN)])
def test_bad_frames_stop_at_more_than_twenty_a_second(frames: int, after: State) -> None:
    chair = CoreChair().active(2000)
    for _ in range(frames):
        chair.receive(b"\x05\x11\x22\0")
        chair.run(40)
        chair.setpoint()
    assert chair.state() is after or (after is State.RAMPDOWN and chair.state() is State.SAFE)


def test_counters_stay_at_their_end() -> None:
    chair = CoreChair().boot()
    chair.receive(b"\x05\x11\x22\0" * 65_600)
    assert chair.view.bad_frames == 65_535
