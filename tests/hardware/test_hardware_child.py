"""The child's own button at the pins: it needs no host, and no tap of it is lost."""

import pytest

from calmloop.chair_link.messages import Flags, HostStop, Inputs, State, StopReason
from tests.hardware.bench import Bench
from tests.hardware.measured import within

TAPS = 40
REST_MS = 300


def latched(bench: Bench) -> bool:
    return bench.last is not None and Flags.CHILD_LATCHED in bench.last.flags


def tap(bench: Bench, tap_ms: int) -> int:
    """Presses for so long of the chip's time; returns the cycle at which it began."""
    pressed = bench.hand("child press")
    bench.line.wait(tap_ms / 1000)
    bench.hand("child release")
    return pressed.cycle


def see(bench: Bench) -> None:
    """The host says that it has seen the press."""
    bench.link.stop(HostStop.CHILD_SEEN, bench.line.now_s())
    bench.drive(lambda: not latched(bench), 2, "the press seen")


def test_the_childs_button_ends_a_session_without_the_host(bench: Bench) -> None:
    bench.start(until_pct=20)
    bench.hang_up()
    cycle = tap(bench, 15)
    bench.line.wait(0.4)
    within("child's button, nobody on the line -> at rest", bench.rest_after(cycle), REST_MS)
    bench.open()
    bench.setpoint = None
    bench.reach(State.SAFE)
    assert bench.last is not None
    assert bench.last.stop_reason is StopReason.CHILD_BUTTON
    assert latched(bench)
    see(bench)


@pytest.mark.parametrize("tap_ms", [10, 15, 40])
def test_no_tap_of_the_childs_button_is_lost(bench: Bench, tap_ms: int) -> None:
    bench.reach(State.SAFE)
    lost = 0
    for number in range(TAPS):
        bench.line.wait((7 * number % 100) / 1000)
        tap(bench, tap_ms)
        bench.drive_for(0.12)
        lost += not latched(bench)
        see(bench)
    within(f"of {TAPS} taps of {tap_ms} ms, lost", lost, 0, "")


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("tap_ms", [15, 40])
def test_no_tap_in_a_session_is_lost(bench: Bench, tap_ms: int) -> None:
    lost = 0
    for number in range(TAPS):
        bench.start(until_pct=1)
        bench.drive_for((7 * number % 100) / 1000)
        cycle = tap(bench, tap_ms)
        bench.drive_for(0.3)
        lost += not latched(bench) or bench.rest_after(cycle) > REST_MS
        bench.setpoint = None
        see(bench)
    within(f"of {TAPS} taps of {tap_ms} ms in a session, lost", lost, 0, "")


def test_the_second_button_is_told_and_does_nothing(bench: Bench) -> None:
    bench.start()
    bench.hand("child2 press")
    bench.drive_for(0.3)
    assert bench.last is not None
    assert Inputs.CHILD_SECOND in bench.last.inputs
    assert bench.last.state is State.ACTIVE
    bench.hand("child2 release")
    bench.drive_for(0.3)
    assert Inputs.CHILD_SECOND not in bench.last.inputs
