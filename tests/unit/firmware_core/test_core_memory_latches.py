"""A latch, a lockout or a deadline that changes by itself is a fault, and lasts no longer."""

import pytest

from calmloop.chair_link.messages import (
    ArmBlock,
    Fault,
    HostStop,
    Identify,
    Inputs,
    State,
    Stop,
    StopReason,
)
from tests.unit.firmware_core.core import CAP_HASH, CoreChair
from tests.unit.firmware_core.flips import Field, bits_of
from tests.unit.firmware_core.memory import driven, of_table

HELD = [
    *((Field.LOCKOUT_DEADLINE, bit) for bit in range(32)),
    *((field, 0) for field in (Field.LOCKOUT_RUNNING, Field.LOCKOUT_IS_LONG)),
    *((field, 0) for field in (Field.CHILD_LATCHED, Field.ESTOP_LATCHED)),
]


def in_lockout() -> CoreChair:
    """SAFE after the child's press and a STOP, with some of the lockout left."""
    chair = driven("measured")
    chair.press(Inputs.CHILD_BUTTON, 20)
    chair.stop()
    chair.run(400)
    assert (chair.state(), chair.view.child_latched) == (State.SAFE, True)
    return chair


@pytest.mark.parametrize(("field", "bit"), HELD)
def test_a_lockout_or_a_latch_that_changes_by_itself_is_a_fault(field: Field, bit: int) -> None:
    chair = in_lockout()
    chair.flip(bits_of(field)[bit])
    chair.run(1)
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)


@pytest.mark.parametrize("order", HostStop, ids=lambda order: order.name.lower())
def test_a_frame_that_changes_them_hides_nothing(order: HostStop) -> None:
    chair = in_lockout()
    chair.flip(bits_of(Field.LOCKOUT_DEADLINE)[1])
    chair.send(Stop(order, 9))
    chair.run(1)
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)


@pytest.mark.parametrize("bit", [2, 3, 31])
def test_a_state_that_cannot_be_is_a_fault(bit: int) -> None:
    chair = of_table("measured")
    chair.flip(bits_of(Field.STATE)[bit])
    chair.run(1)
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)


def test_an_arm_is_refused_by_a_chair_whose_memory_is_not_whole() -> None:
    chair = of_table("measured")
    chair.flip(bits_of(Field.LOCKOUT_DEADLINE)[20])
    chair.arm()
    chair.run(1)
    assert chair.acks[-1].result == ArmBlock.WRONG_STATE


def test_a_code_that_no_fault_has_becomes_the_one_of_memory() -> None:
    chair = CoreChair().faulty()
    chair.flip(bits_of(Field.FAULT)[3])
    chair.run(1)
    assert (chair.state(), chair.view.fault) == (State.FAULT, Fault.MEMORY)


@pytest.mark.parametrize("bit", range(9, 32))
def test_a_setpoint_that_would_last_for_longer_than_any_may_is_over(bit: int) -> None:
    chair = driven("measured")
    chair.flip(bits_of(Field.SETPOINT_DEADLINE)[bit])
    chair.run(1)
    assert (chair.state(), chair.view.stop_reason) == (State.RAMPDOWN, StopReason.TTL)


@pytest.mark.parametrize("bit", range(9, 32))
def test_a_lease_that_would_last_for_longer_than_any_may_is_over(bit: int) -> None:
    chair = driven("measured")
    chair.leased = False
    chair.flip(bits_of(Field.LEASE_DEADLINE)[bit])
    chair.run(1)
    assert (chair.state(), chair.view.stop_reason) == (State.RAMPDOWN, StopReason.LEASE)


@pytest.mark.parametrize("rest", [b"\x33\0", b"\0"])
def test_a_frame_whose_size_was_lost_is_bad_and_the_next_one_is_read(rest: bytes) -> None:
    chair = of_table("measured")
    chair.receive(b"\x05\x11\x22")
    chair.flip(bits_of(Field.RECEIVED_SIZE)[7])
    chair.receive(rest)
    assert chair.view.bad_frames == 1
    chair.send(Identify(1, 1, CAP_HASH, 0))
    assert not chair.view.identified
