"""What ends a session at once, and that nothing starts again by itself."""

from pathlib import Path

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.session import Change, Phase
from tests.unit.scenario_selector.room import HAPPY, NEUTRAL, START_PCT, Room


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def ended_abruptly(room: Room) -> None:
    room.expect(Phase.IDLE)
    assert room.intensity_pct == 0.0
    assert room.state.change is Change.STOPPED
    sent = len(room.setpoints)
    room.show(HAPPY, 3)
    assert len(room.setpoints) == sent


def test_a_stop_ends_the_session_at_once(room: Room) -> None:
    room.start_running()
    room.engine.stop("stop was pressed")
    assert room.engine.pop_setpoint() is None
    ended_abruptly(room)


def test_a_latched_stop_ends_the_session_at_once(room: Room) -> None:
    room.start_running()
    room.latched = True
    room.receive_stop_state()
    room.turn()
    ended_abruptly(room)
    assert "the caregiver" in room.state.reason


def test_a_silent_watchdog_ends_the_session_within_3_s(room: Room) -> None:
    room.start_running()
    room.watchdog_silent = True
    room.show(NEUTRAL, 3)
    ended_abruptly(room)
    assert "safety-watchdog" in room.state.reason


def test_a_silent_chair_ends_the_session_within_2_s(room: Room) -> None:
    room.start_running()
    room.chair.silent = True
    room.show(NEUTRAL, 2)
    ended_abruptly(room)


@pytest.mark.parametrize(
    "mode", [m for m in ChairMode if m not in (ChairMode.ACTIVE,)], ids=lambda m: m.value
)
def test_a_chair_that_leaves_active_ends_the_session(room: Room, mode: ChairMode) -> None:
    room.start_running()
    room.chair.mode = mode
    room.chair.take = lambda *_: None  # type: ignore[method-assign]
    room.show(NEUTRAL, 0.2)
    ended_abruptly(room)
    assert mode.value in room.state.reason


def test_nothing_starts_again_by_itself_after_a_stop(room: Room) -> None:
    room.start_running()
    room.engine.stop("stop was pressed")
    room.wait(60)
    room.expect(Phase.IDLE)
    assert len(room.arm_requests) == 1
    assert "nothing to resume" in str(room.resume())


def test_a_process_that_was_stopped_for_a_while_ends_its_session(room: Room) -> None:
    room.start_running()
    room.clock.advance(8)
    room.engine.forget()
    room.turn()
    ended_abruptly(room)


def test_a_short_hiccup_forgets_the_evidence_but_not_the_session(room: Room) -> None:
    room.start_running()
    room.show(HAPPY, 1.2)
    room.clock.advance(0.35)
    room.engine.forget()
    room.show(NEUTRAL, 5)
    room.expect(Phase.RUNNING)
    assert room.intensity_pct == START_PCT
