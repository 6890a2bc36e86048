"""Vibration and sound end when they must, measured in cycles of the chip."""

from dataclasses import replace

import pytest

from calmloop.chair_link.messages import ArmBlock, Fault, State, StopReason
from tests.hardware.bench import DRIVE, REST, Bench, to_ms
from tests.hardware.measured import at_least, within

REST_MS = 300
FAST_MS = 50
LEASE_MS = 500

AT_ANY_LEVEL = pytest.mark.parametrize(
    "level_pct", [5, pytest.param(99, marks=pytest.mark.long, id="99")]
)
"""A rise takes 5 s, so that the short form falls from 5 %."""


def rest_after_rampdown(bench: Bench, cycle: int) -> float:
    """Milliseconds from the moment the core decided to the moment the pins show it."""
    rest_ms = bench.rest_after(cycle)
    return rest_ms - to_ms(bench.entered(State.RAMPDOWN, cycle).cycle - cycle)


@AT_ANY_LEVEL
def test_stop_ends_a_session(bench: Bench, level_pct: int) -> None:
    bench.start(until_pct=level_pct)
    cycle = bench.cycle()
    bench.stop()
    within(f"STOP written -> at rest, from {level_pct} %", bench.rest_after(cycle), REST_MS)
    bench.reach(State.SAFE)
    assert bench.last is not None
    assert bench.last.stop_reason is StopReason.HOST
    assert bench.last.arm_block is ArmBlock.LOCKED_OUT


@AT_ANY_LEVEL
def test_a_lost_lease_ends_a_session(bench: Bench, level_pct: int) -> None:
    bench.start(until_pct=level_pct)
    bench.leases = False
    cycle = bench.cycle()
    within(
        f"last lease -> at rest, from {level_pct} %", bench.rest_after(cycle), LEASE_MS + REST_MS
    )
    within(
        f"lease expired -> at rest, from {level_pct} %", rest_after_rampdown(bench, cycle), REST_MS
    )
    bench.reach(State.SAFE)
    assert bench.last is not None
    assert bench.last.stop_reason is StopReason.LEASE


@AT_ANY_LEVEL
def test_setpoints_that_stop_end_a_session(bench: Bench, level_pct: int) -> None:
    bench.start(replace(DRIVE, ttl_ms=200), until_pct=level_pct)
    bench.setpoint = None
    cycle = bench.cycle()
    within(
        f"last setpoint, TTL 200 ms -> at rest, from {level_pct} %",
        bench.rest_after(cycle),
        200 + REST_MS,
    )
    bench.reach(State.SAFE)
    assert bench.last is not None
    assert bench.last.stop_reason is StopReason.TTL


def test_the_red_button_ends_a_session_and_only_a_person_ends_the_stop(bench: Bench) -> None:
    bench.start()
    pressed = bench.hand("estop press")
    within("red button -> at rest", bench.rest_after(pressed.cycle), FAST_MS)
    bench.setpoint = None
    bench.reach(State.ESTOP)

    bench.hand("ack press")  # too early: the button is still down
    bench.drive_for(0.2)
    assert bench.last is not None
    assert bench.last.state is State.ESTOP
    bench.hand("estop release")
    bench.drive_for(0.2)
    assert bench.last.state is State.ESTOP, "an ACK that was held all the time is none"
    bench.hand("ack release")
    bench.acknowledge()
    assert bench.last.arm_block is ArmBlock.LOCKED_OUT


def test_over_current_is_a_fault_until_it_is_gone_and_acknowledged(bench: Bench) -> None:
    bench.start()
    high = bench.hand("current 4500")
    within("over-current -> at rest", bench.rest_after(high.cycle), FAST_MS)
    bench.setpoint = None
    bench.reach_fault(Fault.OVER_CURRENT)
    bench.hand("ack press")
    bench.drive_for(0.15)
    assert bench.last is not None
    assert bench.last.state is State.FAULT, "the current is still there"
    bench.hand("ack release")
    bench.hand("current 150")
    bench.acknowledge()
    at_least("lockout after a fault", bench.last.lockout_ms / 1000, 9, "s")


def test_a_welded_contactor_is_found_out(bench: Bench) -> None:
    bench.reach(State.SAFE)
    bench.hand("contactor weld")
    pressed = bench.hand("estop press")
    bench.reach_fault(Fault.CONTACTOR)
    within(
        "welded contactor -> FAULT",
        to_ms(bench.entered(State.FAULT, pressed.cycle).cycle - pressed.cycle),
        300,
    )


def test_setpoints_outside_the_coded_range_are_a_fault(bench: Bench) -> None:
    bench.start()
    bench.setpoint = replace(REST, vibration_dhz=801)
    cycle = bench.cycle()
    bench.reach_fault(Fault.SETPOINTS)
    faulted = bench.entered(State.FAULT, cycle)
    within("FAULT by bad setpoints -> at rest", bench.rest_after(faulted.cycle - 1), FAST_MS)


def test_a_session_ends_when_its_time_is_spent(bench: Bench) -> None:
    bench.start()
    cycle = bench.cycle()
    bench.emulator.poke_chair("session_left_s", 1)
    within("one second left -> at rest", bench.rest_after(cycle), 2000 + REST_MS)
    bench.reach(State.SAFE)
    assert bench.last is not None
    assert bench.last.stop_reason is StopReason.SESSION
