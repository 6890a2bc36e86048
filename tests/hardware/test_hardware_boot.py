"""What the pins do from the first cycle on."""

from calmloop.chair_link import Identified
from calmloop.chair_link.messages import CalibrationKind, Fault, State
from tests.hardware.bench import Bench, at_least, within

DARK_S = 2.0
INTERRUPT_CYCLES = 150
STACK_RESERVE_BYTES = 512
TURN_MAX_MS = 10


def test_it_boots_dark_and_silent_into_safe(bench: Bench) -> None:
    bench.reach(State.SAFE)
    assert bench.last is not None
    assert bench.last.fault is Fault.NONE
    at_least("dark after power-on", bench.lit_after(0), DARK_S, "s")
    bench.drive(lambda: bench.link.identified, 5, "IDENTIFY")

    events = bench.emulator.events()
    assert not [event for event in events if event.name in {"amplifier", "buzzer"}]
    identified = next(event for event in bench.link_events if isinstance(event, Identified))
    assert identified.identity.serial == "EMULATED-CHAIR"
    assert identified.identity.calibration is CalibrationKind.SIMULATED


def test_no_output_is_driven_high_before_it_is_meant_to_be(bench: Bench) -> None:
    bench.reach(State.SAFE)
    safe = bench.entered(State.SAFE, 0)
    levels = [e for e in bench.emulator.events() if e.name == "level" and e.cycle < safe.cycle]
    # Four pins go from floating to low in the first microseconds, and nothing else happens.
    assert {event.members["pin"] for event in levels} == {"red", "green", "blue", "sound"}
    assert all(event.members["level"] == 0 for event in levels)
    within("outputs defined after reset", 1e3 * levels[-1].at_s, 0.1)


def test_a_session_stays_within_its_budgets(bench: Bench) -> None:
    bench.start(until_pct=8)
    figures = bench.emulator.figures()
    within("tick interrupt", figures.tick_cycles, INTERRUPT_CYCLES, "cycles")
    within("receive interrupt", figures.receive_cycles, INTERRUPT_CYCLES, "cycles")
    within("send interrupt", figures.send_cycles, INTERRUPT_CYCLES, "cycles")
    within("longest time between two feeds of the watchdog", figures.longest_feed_ms, TURN_MAX_MS)
    at_least("stack never touched", figures.stack_free_bytes, STACK_RESERVE_BYTES, "bytes")
    within("CPU load", figures.load_pct, 80, "%")
    assert bench.link.figures.bad == 0
    assert bench.link.figures.lost == 0
