"""Which ends of a session latch: judged by what the real engine says when it ends in each way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.messages.session import Change, Mode, Phase, SessionAction
from calmloop.safety_watchdog.active import ActiveSpan
from tests.unit.safety_watchdog.scene import active_scene
from tests.unit.scenario_selector.room import CRYING, NEUTRAL, Room

Act = Callable[[Room], object]


def measuring(room: Room) -> None:
    room.must_start()
    room.show(NEUTRAL, 2)


def running(room: Room) -> None:
    room.start_running()


def paused(room: Room) -> None:
    room.start_running()
    room.command(SessionAction.PAUSE)
    room.wait(6)


def manual(room: Room) -> None:
    room.must_start(mode=Mode.MANUAL)


def stop(room: Room) -> None:
    """What the engine does on a press of stop, and on a graceful end of its own process."""
    room.engine.stop("the scenario-selector was stopped")


def latch(room: Room) -> None:
    room.latched = True


def lose_the_watchdog(room: Room) -> None:
    room.watchdog_silent = True


def lose_the_chair(room: Room) -> None:
    room.chair.silent = True


def leave_active(room: Room) -> None:
    room.chair.mode = ChairMode.RAMPDOWN


def verdict(room: Room, end: Act) -> str | None:
    """What the watchdog says of an ACTIVE that ends after the engine told of its own end."""
    assert room.chair.mode is ChairMode.ACTIVE
    end(room)
    while room.phase is not Phase.IDLE:
        room.wait(0.1)
    alive = next(state for state in reversed(room.states) if state.phase is not Phase.IDLE)
    span = ActiveSpan(room.clock)
    for state in room.states:
        if state.session_id == alive.session_id and state.phase is not Phase.IDLE:
            span.receive_chair(ChairState(mode=ChairMode.ACTIVE), state)
    span.receive_session(room.state)
    return span.receive_chair(ChairState(mode=ChairMode.RAMPDOWN), room.state)


@pytest.mark.parametrize("phase", [measuring, running, paused, manual])
@pytest.mark.parametrize("end", [stop, latch, lose_the_watchdog, lose_the_chair, leave_active])
def test_every_abrupt_end_of_a_session_latches(tmp_path: Path, phase: Act, end: Act) -> None:
    room = Room(tmp_path)
    phase(room)
    ended = verdict(room, end)
    assert room.state.change is Change.STOPPED
    assert ended is not None
    assert "stopped" in ended


@pytest.mark.parametrize("end", [stop, lose_the_chair, leave_active])
def test_what_cuts_a_finish_short_does_not_make_it_unplanned(tmp_path: Path, end: Act) -> None:
    room = Room(tmp_path)
    room.start_running()
    room.command(SessionAction.FINISH)
    room.wait(1)
    assert verdict(room, end) is None
    assert room.state.change is Change.CLOSING


@pytest.mark.parametrize(
    ("end", "change"),
    [
        (lambda room: room.command(SessionAction.FINISH), Change.CLOSING),
        (lambda room: room.show(CRYING, 10), Change.HALTED),
        (lambda room: room.show(NEUTRAL, 100), Change.CLOSING),
    ],
    ids=["finish", "halt", "minutes over"],
)
def test_no_soft_end_of_a_session_latches(tmp_path: Path, end: Act, change: Change) -> None:
    room = Room(tmp_path)
    room.start_running(minutes=2)
    assert verdict(room, end) is None
    assert room.state.change is change


def test_a_graceful_end_of_the_selector_latches_and_calls_before_it_is_missed() -> None:
    scene = active_scene()
    scene.report_session(phase=Phase.IDLE, change=Change.STOPPED)
    scene.silent.add("engine")
    scene.report_chair(mode=ChairMode.RAMPDOWN, stop_reason="no setpoint came for 500 ms")
    scene.turn()

    assert scene.latched
    assert AlarmKind.STOP in scene.active_alarms()
    assert scene.report_chair(mode=ChairMode.SAFE) is None
