"""What ends a session at once, and that nothing starts again by itself."""

from pathlib import Path

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.session import Change, Phase
from tests.unit.scenario_selector.harness import HAPPY, NEUTRAL, START_PCT, Harness


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    return Harness(tmp_path)


def ended_abruptly(harness: Harness) -> None:
    harness.expect(Phase.IDLE)
    assert harness.intensity_pct == 0.0
    assert harness.state.change is Change.STOPPED
    sent = len(harness.setpoints)
    harness.show(HAPPY, 3)
    assert len(harness.setpoints) == sent


def test_a_stop_ends_the_session_at_once(harness: Harness) -> None:
    harness.start_running()
    harness.engine.stop("stop was pressed")
    assert harness.engine.pop_setpoint() is None
    ended_abruptly(harness)


def test_a_latched_stop_ends_the_session_at_once(harness: Harness) -> None:
    harness.start_running()
    harness.latched = True
    harness.receive_stop_state()
    harness.turn()
    ended_abruptly(harness)
    assert "the caregiver" in harness.state.reason


def test_a_silent_watchdog_ends_the_session_within_3_s(harness: Harness) -> None:
    harness.start_running()
    harness.watchdog_silent = True
    harness.show(NEUTRAL, 3)
    ended_abruptly(harness)
    assert "safety-watchdog" in harness.state.reason


def test_a_silent_chair_ends_the_session_within_2_s(harness: Harness) -> None:
    harness.start_running()
    harness.chair.silent = True
    harness.show(NEUTRAL, 2)
    ended_abruptly(harness)


@pytest.mark.parametrize(
    "mode", [m for m in ChairMode if m not in (ChairMode.ACTIVE,)], ids=lambda m: m.value
)
def test_a_chair_that_leaves_active_ends_the_session(harness: Harness, mode: ChairMode) -> None:
    harness.start_running()
    harness.chair.mode = mode
    harness.chair.take = lambda *_: None  # type: ignore[method-assign]
    harness.show(NEUTRAL, 0.2)
    ended_abruptly(harness)
    assert mode.value in harness.state.reason


def test_nothing_starts_again_by_itself_after_a_stop(harness: Harness) -> None:
    harness.start_running()
    harness.engine.stop("stop was pressed")
    harness.wait(60)
    harness.expect(Phase.IDLE)
    assert len(harness.arm_requests) == 1
    assert "nothing to resume" in str(harness.resume())


def test_a_process_that_was_stopped_for_a_while_ends_its_session(harness: Harness) -> None:
    harness.start_running()
    harness.clock.advance(8)
    harness.engine.forget()
    harness.turn()
    ended_abruptly(harness)


def test_a_short_hiccup_forgets_the_evidence_but_not_the_session(harness: Harness) -> None:
    harness.start_running()
    harness.show(HAPPY, 1.2)
    harness.clock.advance(0.35)
    harness.engine.forget()
    harness.show(NEUTRAL, 5)
    harness.expect(Phase.RUNNING)
    assert harness.intensity_pct == START_PCT
