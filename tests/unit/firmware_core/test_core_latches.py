"""What a reset must not undo: emergency stop, fault and lockout; and a store that keeps nothing."""

import pytest

from calmloop.chair_link.messages import ArmBlock, Fault, Inputs, State, StopReason
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.hardware import EXTERNAL, POWER_ON, RELEASED, WATCHDOG
from tests.unit.firmware_core.stepped import SteppedChair
from tests.unit.firmware_core.stored import ESTOP_LATCHED, LOCKOUT_OWED, slot, store

RESETS = pytest.mark.parametrize("flags", [POWER_ON, EXTERNAL], ids=["power", "reset pin"])


def reset(chair: CoreChair, flags: int = EXTERNAL) -> CoreChair:
    """The chair after a reset, with the store that it had then."""
    after = CoreChair(boot_id=chair.boot_id + 2, image=chair.image, reset_flags=flags)
    after.leased = True
    after.identify()
    return after


@RESETS
def test_an_emergency_stop_survives_a_reset_and_is_left_by_ack_alone(flags: int) -> None:
    chair = CoreChair().stopped_by_hand()
    for _ in range(3):
        chair = reset(chair, flags)
        chair.run(20_000, step_ms=10)
        assert (chair.state(), chair.view.stop_reason) == (State.ESTOP, StopReason.ESTOP)
        chair.arm()
        chair.run(1)
        assert chair.acks[-1].result is ArmBlock.WRONG_STATE
    chair.acknowledge()
    assert (chair.state(), chair.view.lockout_ms) == (State.SAFE, 2990)
    assert reset(chair).boot().state() is State.SAFE


def test_a_stored_emergency_stop_waits_for_the_button_to_be_closed() -> None:
    chair = reset(CoreChair().stopped_by_hand())
    chair.inputs = (RELEASED | Inputs.ESTOP_OPEN) & ~Inputs.CONTACTOR_CLOSED
    chair.boot()
    chair.acknowledge()
    assert chair.state() is State.ESTOP
    chair.inputs = RELEASED
    chair.run(60)
    chair.acknowledge()
    assert chair.state() is State.SAFE


def test_an_emergency_stop_beneath_a_fault_survives_too() -> None:
    chair = CoreChair().faulty()
    chair.inputs = (RELEASED | Inputs.ESTOP_OPEN) & ~Inputs.CONTACTOR_CLOSED
    chair.run(20)
    assert chair.image[0:7] == slot(3, bytes([Fault.OVER_CURRENT | ESTOP_LATCHED]))
    chair = reset(chair).boot()
    assert (chair.state(), Fault(chair.view.fault)) == (State.FAULT, Fault.OVER_CURRENT)


@RESETS
@pytest.mark.parametrize("left_ms", [9900, 5000, 100])
def test_the_lockout_after_a_fault_begins_anew_with_a_reset(left_ms: int, flags: int) -> None:
    chair = CoreChair().faulty()
    chair.acknowledge()
    chair.run(chair.view.lockout_ms - left_ms)
    chair = reset(chair, flags)
    chair.turn()
    assert chair.view.lockout_ms == 10_000
    chair.run(9_990, step_ms=10)
    assert chair.view.arm_block == ArmBlock.LOCKED_OUT
    chair.run(10)
    assert chair.view.arm_block == ArmBlock.OK
    chair.run(20)
    assert reset(chair).view.lockout_ms == 3000


@RESETS
def test_every_start_locks_out_for_three_seconds_whatever_was_before(flags: int) -> None:
    chair = CoreChair().active()
    chair.stop()
    chair = reset(chair, flags)
    chair.run(2990, step_ms=10)
    assert chair.view.arm_block == ArmBlock.LOCKED_OUT
    chair.run(10)
    assert chair.view.arm_block == ArmBlock.OK


def test_a_stop_does_not_make_the_next_lockout_a_long_one() -> None:
    chair = CoreChair().active()
    chair.stop()
    chair.run(10)
    assert reset(chair).view.lockout_ms == 3000


def test_what_firmware_1_1_stored_is_understood() -> None:
    image = store()
    image[0:7] = slot(7, bytes([Fault.BROWN_OUT]))
    chair = CoreChair(image=image).boot()
    assert (chair.state(), Fault(chair.view.fault)) == (State.FAULT, Fault.BROWN_OUT)


@pytest.mark.parametrize(("code", "fault"), [(9, Fault.MEMORY), (10, Fault.STORE)])
def test_a_stored_code_that_it_does_not_know_is_a_fault_of_the_store(
    code: int, fault: Fault
) -> None:
    image = store()
    image[0:7] = slot(1, bytes([code]))
    chair = CoreChair(image=image).boot()
    assert Fault(chair.view.fault) is fault


# --- a store that does not keep ---------------------------------------------------------------

BAD_SLOTS = [{0}, {16}, {0, 16}]


@pytest.mark.parametrize("bad_slots", BAD_SLOTS)
def test_a_store_that_does_not_keep_is_found_out_in_two_starts_at_most(
    bad_slots: set[int],
) -> None:
    image, found = store(), []
    for _ in range(2):
        chair = CoreChair(image=image)
        chair.bad_slots = bad_slots
        chair.boot()
        image = chair.image
        found.append(Fault(chair.view.fault))
    assert Fault.STORE in found
    assert found[-1] is Fault.STORE


def test_a_store_that_keeps_nothing_is_a_fault_that_no_ack_and_no_restart_ends() -> None:
    chair = CoreChair()
    for _ in range(3):
        chair.bad_slots = {0, 16}
        chair.boot()
        assert (chair.state(), Fault(chair.view.fault)) == (State.FAULT, Fault.STORE)
        chair.acknowledge()
        chair.run(20_000, step_ms=10)
        assert chair.state() is State.FAULT
        assert not chair.view.reset_is_kept
        chair = CoreChair(image=chair.image)


@pytest.mark.parametrize("bad_slots", BAD_SLOTS)
def test_a_fault_is_never_lost_by_a_bad_slot(bad_slots: set[int]) -> None:
    chair = CoreChair().ready()
    chair.bad_slots = bad_slots
    chair.current_ma = 5000
    chair.run(30)
    chair.current_ma = 150
    chair = CoreChair(image=chair.image)
    chair.bad_slots = bad_slots
    chair.boot()
    assert chair.state() is State.FAULT
    chair.acknowledge()
    chair.run(10)
    assert chair.state() is State.FAULT, "a bad slot shows again in the next write"


def test_a_write_that_fails_is_tried_in_both_slots_and_then_no_more() -> None:
    chair = CoreChair()
    chair.keeps = False
    chair.run(3000)
    assert chair.writes == 2


def lose_one_write(chair: CoreChair) -> None:
    """Over-current, whose first write the store does not keep; the one after it is good."""
    before = chair.writes
    chair.current_ma, chair.keeps = 5000, False
    while chair.writes == before:
        chair.run(1)
    chair.current_ma, chair.keeps = 150, True
    chair.run(20)
    assert chair.writes == before + 2


def test_a_good_write_between_two_that_fail_forgives_the_first() -> None:
    chair = CoreChair().ready()
    for _ in range(3):
        lose_one_write(chair)
        assert CoreChair(image=chair.image).view.fault == Fault.OVER_CURRENT
        chair.acknowledge()
        assert chair.state() is State.SAFE
        chair.run(200)


def test_a_reset_is_kept_once_what_it_means_is_in_the_store() -> None:
    chair = CoreChair(reset_flags=WATCHDOG)
    chair.run(1)
    assert (chair.view.fault, chair.view.reset_is_kept) == (Fault.WATCHDOG, False)
    chair.run(1)
    assert chair.view.reset_is_kept
    assert chair.image[0:7] == slot(1, bytes([Fault.WATCHDOG]))


# --- the boot counter -------------------------------------------------------------------------


def test_a_boot_counter_that_does_not_stick_is_a_fault_that_no_ack_ends() -> None:
    chair = CoreChair(boot_id_kept=False).boot()
    assert (chair.state(), Fault(chair.view.fault)) == (State.FAULT, Fault.STORE)
    chair.acknowledge()
    assert chair.state() is State.FAULT


class RecordedChair(SteppedChair):
    """A chair that remembers what it was sent, and when."""

    def __init__(self, entropy: int) -> None:
        super().__init__(entropy=entropy)
        self.received: list[tuple[int, bytes]] = []

    def receive(self, data: bytes) -> None:
        self.received.append((self.now_ms, data))
        super().receive(data)


def test_the_same_bytes_arm_a_chair_with_the_same_nonces() -> None:
    """What the next test would show of a chair without entropy."""
    first, second = RecordedChair(entropy=1), CoreChair(entropy=1)
    first.active(2000)
    for at_ms, data in first.received:
        second.run(at_ms - second.now_ms)
        second.receive(data)
    assert second.state() is State.ACTIVE


def test_the_bytes_of_an_earlier_boot_with_the_same_id_arm_nothing() -> None:
    """Its leases and its ARM are of that boot's nonces, and these are other ones."""
    first, second = RecordedChair(entropy=0x1234_5678), CoreChair(entropy=0x9ABC_DEF0)
    first.active(2000)
    assert first.state() is State.ACTIVE
    for at_ms, data in first.received:
        second.run(at_ms - second.now_ms)
        second.receive(data)
    second.run(1000)
    assert second.state() is State.SAFE
    assert not any(status.state is State.ARMED for status in second.statuses)


def test_the_latches_bits_are_the_documented_ones() -> None:
    assert (LOCKOUT_OWED, ESTOP_LATCHED) == (0x40, 0x80)
