"""The red button and STOP in every state."""

from collections.abc import Callable

import pytest

from calmloop.chair_link.messages import ArmBlock, Fault, State, StopReason
from tests.hardware.bench import Bench, to_ms
from tests.hardware.measured import within

FAST_MS = 50
STOP_MS = 300
STUCK_S = 3.0
STOPPED = {"ESTOP", "FAULT", "OFF", "BOOT"}


def in_boot(bench: Bench) -> None:
    bench.reach(State.BOOT)


def in_safe(bench: Bench) -> None:
    bench.reach(State.SAFE)


def in_armed(bench: Bench) -> None:
    bench.arm()


def in_active(bench: Bench) -> None:
    bench.start()


def in_rampdown(bench: Bench) -> None:
    bench.start(until_pct=40)
    bench.stop()
    bench.reach(State.RAMPDOWN)


def in_fault(bench: Bench) -> None:
    bench.reach(State.SAFE)
    bench.hand("current 4500")
    bench.reach_fault(Fault.OVER_CURRENT)
    bench.hand("current 150")


@pytest.mark.parametrize("begin", [in_boot, in_safe, in_armed, in_active, in_rampdown, in_fault])
def test_the_red_button_works_in_every_state(bench: Bench, begin: Callable[[Bench], None]) -> None:
    begin(bench)
    bench.setpoint = None
    pressed = bench.hand("estop press")
    within(f"red button {begin.__name__} -> at rest", bench.rest_after(pressed.cycle), FAST_MS)
    # A fault hides the emergency stop: its code must be seen first.
    bench.reach(State.FAULT if begin is in_fault else State.ESTOP)
    bench.drive_for(0.3)
    assert not any(g.felt for g in bench.given if to_ms(g.cycle - pressed.cycle) > FAST_MS)
    bench.hand("estop release")
    bench.acknowledge()


def test_stop_while_armed_disarms(bench: Bench) -> None:
    bench.arm()
    cycle = bench.cycle()
    bench.stop()
    bench.reach(State.SAFE)
    safe = bench.entered(State.SAFE, cycle)
    within("STOP while ARMED -> SAFE", to_ms(safe.cycle - cycle), STOP_MS)
    assert bench.last is not None
    assert bench.last.stop_reason is StopReason.HOST
    assert bench.last.arm_block is ArmBlock.LOCKED_OUT
    assert not any(given.felt for given in bench.given)


def test_an_ack_button_that_is_stuck_ends_nothing(bench: Bench) -> None:
    bench.hand("ack press")
    bench.reach(State.SAFE)
    pressed = bench.hand("estop press")
    bench.reach(State.ESTOP)
    bench.hand("estop release")
    bench.drive_for(STUCK_S)
    bench.hand("current 4500")
    bench.reach_fault(Fault.OVER_CURRENT)
    bench.hand("current 150")
    bench.drive_for(STUCK_S)
    bench.hand("power cycle")
    bench.drive_for(STUCK_S)
    bench.reach_fault(Fault.OVER_CURRENT)
    begun = bench.entered(State.ESTOP, pressed.cycle).cycle
    left = sum(1 for g in bench.given if g.cycle >= begun and g.state not in STOPPED)
    within(f"stops left in {3 * STUCK_S:g} s with ACK stuck", left, 0, "")
    bench.hand("ack release")
    bench.acknowledge()
