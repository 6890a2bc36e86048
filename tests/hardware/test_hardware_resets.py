"""Resets that the chip gives itself, and what it still knows afterwards."""

import pytest

from calmloop.chair_link.messages import Fault, State
from tests.hardware.bench import Bench
from tests.hardware.measured import at_least, within

RESET_MS = 300
PUMP_MS = 20
DARK_S = 2.0


def accident(bench: Bench, line: str, what: str) -> None:
    """Something breaks in a session; the watchdog finds it and the chair says so."""
    bench.start()
    broken = bench.hand(line)
    # The charge pump runs down: nobody waits for the watchdog.
    within(f"{what} -> at rest", bench.rest_after(broken.cycle), PUMP_MS)
    reset = bench.reset_after(broken.cycle)
    assert reset.members["cause"] == "watchdog"
    within(f"{what} -> watchdog reset", 1000 * (reset.at_s - broken.at_s), RESET_MS)
    at_least(f"dark after {what}", bench.lit_after(reset.cycle), DARK_S, "s")
    bench.setpoint = None
    bench.reach_fault(Fault.WATCHDOG)
    assert not any(given.felt for given in bench.given if given.cycle > reset.cycle)


def test_a_hung_loop_is_a_fault_that_outlives_a_power_cycle(bench: Bench) -> None:
    accident(bench, "loop hang", "hung loop")
    off = bench.hand("power cycle")
    at_least("dark after a power cycle", bench.lit_after(off.cycle), DARK_S, "s")
    bench.reach_fault(Fault.WATCHDOG)
    bench.acknowledge()


def test_a_dead_tick_is_a_fault(bench: Bench) -> None:
    accident(bench, "tick stop", "dead tick")


def test_the_reset_pin_ends_a_session_without_a_fault(bench: Bench) -> None:
    bench.start()
    before = bench.link.boot_id
    pressed = bench.hand("reset external")
    within("reset pin -> at rest", bench.rest_after(pressed.cycle), 1)
    bench.drive(lambda: bench.link.boot_id not in (None, before), 5, "another boot id")
    bench.reach(State.SAFE)
    assert bench.last is not None
    assert bench.last.fault is Fault.NONE
    assert not any(given.felt for given in bench.given if given.cycle > pressed.cycle)


@pytest.mark.long
@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("register 0x2a 0x78", "direction of the amplifier's pin lost"),  # DDRD
        ("register 0xc4 0x08", "baud rate lost"),  # UBRR0L
        ("register 0x70 0x01", "interrupt that nobody asked for"),  # TIMSK2
        ("register 0x45 0x03", "light's PWM slowed down"),  # TCCR0B
        ("register 0x64 0x20", "light's timer without power"),  # PRR, PRTIM0
        ("register 0x55 0x10", "pull-ups off"),  # MCUCR, PUD
        ("register 0x43 0x80", "timers held still"),  # GTCCR, TSM
        ("register 0xb6 0x20", "sound's timer on a crystal that is not there"),  # ASSR, AS2
        ("register 0x61 0x01", "half the clock"),  # CLKPR
        ("register 0xbc 0x04", "buttons' pins taken by the two-wire interface"),  # TWCR, TWEN
        ("register 0x4c 0x40", "blue's pin taken by SPI"),  # SPCR, SPE
        ("register 0x7e 0x23", "ACK's input off, which reads as pressed"),  # DIDR0, ADC5D
        ("register 0xc0 0x22", "baud rate doubled"),  # UCSR0A, U2X0
        ("register 0xc2 0x26", "parity that nobody sends"),  # UCSR0C, UPM01
        ("register 0xc5 0x01", "baud rate far too low"),  # UBRR0H
        ("register 0x68 0x01", "pin-change interrupt that nobody asked for"),  # PCICR
    ],
)
def test_an_upset_register_is_a_fault(bench: Bench, line: str, what: str) -> None:
    accident(bench, line, what)


@pytest.mark.long
@pytest.mark.parametrize(
    ("cause", "fault"), [("watchdog", Fault.WATCHDOG), ("brown-out", Fault.BROWN_OUT)]
)
def test_an_injected_reset_is_told_apart(bench: Bench, cause: str, fault: Fault) -> None:
    bench.start()
    reset = bench.hand(f"reset {cause}")
    within(f"{cause} reset -> at rest", bench.rest_after(reset.cycle), 1)
    bench.setpoint = None
    bench.reach_fault(fault)
