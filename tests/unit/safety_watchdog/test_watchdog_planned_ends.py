"""Which ends of a session latch: judged by what the real engine says when it ends in each way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.messages.session import Change, Mode, Phase, SessionAction
from calmloop.safety_watchdog.active import ActiveSpan
from tests.unit.safety_watchdog.harness import active_harness
from tests.unit.scenario_selector.harness import CRYING, NEUTRAL, Harness

Act = Callable[[Harness], object]


def measuring(harness: Harness) -> None:
    harness.must_start()
    harness.show(NEUTRAL, 2)


def running(harness: Harness) -> None:
    harness.start_running()


def paused(harness: Harness) -> None:
    harness.start_running()
    harness.command(SessionAction.PAUSE)
    harness.wait(6)


def manual(harness: Harness) -> None:
    harness.must_start(mode=Mode.MANUAL)


def stop(harness: Harness) -> None:
    """What the engine does on a press of stop, and on a graceful end of its own process."""
    harness.engine.stop("the scenario-selector was stopped")


def latch(harness: Harness) -> None:
    harness.latched = True


def lose_the_watchdog(harness: Harness) -> None:
    harness.watchdog_silent = True


def lose_the_chair(harness: Harness) -> None:
    harness.chair.silent = True


def leave_active(harness: Harness) -> None:
    harness.chair.mode = ChairMode.RAMPDOWN


def verdict(harness: Harness, end: Act) -> str | None:
    """What the watchdog says of an ACTIVE that ends after the engine told of its own end."""
    assert harness.chair.mode is ChairMode.ACTIVE
    end(harness)
    while harness.phase is not Phase.IDLE:
        harness.wait(0.1)
    alive = next(state for state in reversed(harness.states) if state.phase is not Phase.IDLE)
    span = ActiveSpan(harness.clock)
    for state in harness.states:
        if state.session_id == alive.session_id and state.phase is not Phase.IDLE:
            span.receive_chair(ChairState(mode=ChairMode.ACTIVE), state)
    span.receive_session(harness.state)
    return span.receive_chair(ChairState(mode=ChairMode.RAMPDOWN), harness.state)


@pytest.mark.parametrize("phase", [measuring, running, paused, manual])
@pytest.mark.parametrize("end", [stop, latch, lose_the_watchdog, lose_the_chair, leave_active])
def test_every_abrupt_end_of_a_session_latches(tmp_path: Path, phase: Act, end: Act) -> None:
    harness = Harness(tmp_path)
    phase(harness)
    ended = verdict(harness, end)
    assert harness.state.change is Change.STOPPED
    assert ended is not None
    assert "stopped" in ended


@pytest.mark.parametrize("end", [stop, lose_the_chair, leave_active])
def test_what_cuts_a_finish_short_does_not_make_it_unplanned(tmp_path: Path, end: Act) -> None:
    harness = Harness(tmp_path)
    harness.start_running()
    harness.command(SessionAction.FINISH)
    harness.wait(1)
    assert verdict(harness, end) is None
    assert harness.state.change is Change.CLOSING


@pytest.mark.parametrize(
    ("end", "change"),
    [
        (lambda harness: harness.command(SessionAction.FINISH), Change.CLOSING),
        (lambda harness: harness.show(CRYING, 10), Change.HALTED),
        (lambda harness: harness.show(NEUTRAL, 100), Change.CLOSING),
    ],
    ids=["finish", "halt", "minutes over"],
)
def test_no_soft_end_of_a_session_latches(tmp_path: Path, end: Act, change: Change) -> None:
    harness = Harness(tmp_path)
    harness.start_running(minutes=2)
    assert verdict(harness, end) is None
    assert harness.state.change is change


def test_a_graceful_end_of_the_selector_latches_and_calls_before_it_is_missed() -> None:
    harness = active_harness()
    harness.report_session(phase=Phase.IDLE, change=Change.STOPPED)
    harness.silent.add("engine")
    harness.report_chair(mode=ChairMode.RAMPDOWN, stop_reason="no setpoint came for 500 ms")
    harness.turn()

    assert harness.latched
    assert AlarmKind.STOP in harness.active_alarms()
    assert harness.report_chair(mode=ChairMode.SAFE) is None
