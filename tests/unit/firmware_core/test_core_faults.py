"""Faults: what latches them, what is kept, and what a person must do to leave them."""

import pytest

from calmloop.chair_link.frames import WireFrame, encode
from calmloop.chair_link.messages import Fault, Inputs, State
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.events import five_wrong_setpoints, press_red, tap_red
from tests.unit.firmware_core.hardware import RELEASED
from tests.unit.firmware_core.stored import simulated_record, store

ACK_TAKES_MS = 121
BAD_FRAME = b"\x05\x11\x22\0"


def test_red_button_while_faulty_keeps_the_code_and_one_ack_serves_both() -> None:
    chair = CoreChair().faulty()
    tap_red(chair)
    assert (chair.state(), Fault(chair.view.fault)) == (State.FAULT, Fault.OVER_CURRENT)
    chair.acknowledge()
    assert chair.state() is State.SAFE
    chair.run(100)
    assert chair.state() is State.SAFE


def test_the_ack_of_an_emergency_stop_does_not_shorten_the_lockout_of_a_fault() -> None:
    chair = CoreChair().faulty()
    chair.acknowledge()
    tap_red(chair)
    assert chair.state() is State.ESTOP
    left_ms = chair.view.lockout_ms
    assert left_ms > 9000
    chair.acknowledge()
    assert chair.state() is State.SAFE
    assert chair.view.lockout_ms == left_ms - ACK_TAKES_MS


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


def test_wrong_setpoints_are_forgotten_after_eleven_seconds_at_most() -> None:
    """Their eleven buckets of a second: those of 5.010 s end at 16 s."""
    chair = CoreChair()
    chair.run(5010, step_ms=10)
    for _ in range(4):
        chair.setpoint(tag=0)
    chair.run(16_000 - 5010, step_ms=10)
    chair.setpoint(tag=0)
    chair.run(1)
    assert chair.state() is State.SAFE


def test_a_chair_that_hardly_ticks_remembers_for_longer() -> None:
    """Of a gap between two ticks a second counts, so that ten of 3 s do not end eleven buckets."""
    chair = CoreChair()
    chair.run(5995, step_ms=5)
    for _ in range(4):
        chair.setpoint(tag=0)
    chair.run(30_000, step_ms=3000)
    chair.setpoint(tag=0)
    chair.run(1)
    assert Fault(chair.view.fault) is Fault.SETPOINTS


def test_unknown_types_and_wrong_sizes_are_bad_frames() -> None:
    chair = CoreChair().boot()
    for kind, size in ((0x07, 0), (0x00, 8), (0x81, 48), (0x03, 15), (0x05, 4), (0x01, 0)):
        chair.receive(encode(WireFrame(kind, 0, chair.boot_id, bytes(size))))
    assert chair.view.bad_frames == 6


@pytest.mark.parametrize("frames", range(15, 26))
def test_bad_frames_stop_at_more_than_twenty_a_second(frames: int) -> None:
    chair = CoreChair().active(2000)
    for _ in range(frames):
        chair.receive(BAD_FRAME)
        chair.run(40)
        chair.setpoint()
    assert (chair.state() is State.ACTIVE) == (frames <= 20)
    assert chair.state() in (State.ACTIVE, State.RAMPDOWN, State.SAFE)


def drive_until(chair: CoreChair, now_ms: int) -> None:
    while chair.now_ms < now_ms:
        chair.setpoint()
        chair.run(min(90, now_ms - chair.now_ms))


@pytest.mark.parametrize(
    ("began_ms", "next_ms", "after"),
    [(5099, 6098, State.RAMPDOWN), (5060, 6100, State.ACTIVE)],
    ids=["for a second", "for 1.1 s at most"],
)
def test_bad_frames_are_remembered(began_ms: int, next_ms: int, after: State) -> None:
    """Their eleven buckets of 100 ms: those of 5.060 s and 5.099 s end on the tick of 6.1 s."""
    chair = CoreChair().active()
    drive_until(chair, began_ms)
    chair.receive(BAD_FRAME * 20)
    drive_until(chair, next_ms)
    assert chair.state() is State.ACTIVE
    chair.receive(BAD_FRAME)
    chair.run(1)
    assert chair.state() is after


def test_counters_stay_at_their_end() -> None:
    chair = CoreChair().boot()
    chair.receive(BAD_FRAME * 65_600)
    assert chair.view.bad_frames == 65_535
