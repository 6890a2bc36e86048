"""While nothing may rise no scenario goes on: its next phase may be a stronger one."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.face import FaceState, SeatPresence
from calmloop.contract.messages.session import Mode, OverrideAction
from calmloop.scenario_selector.plan import Tuning
from calmloop.scenario_selector.player import MAX_STRETCH
from tests.unit.scenario_selector.harness import NEUTRAL, STEP_S, Face, Harness
from tests.unit.scenario_selector.senses_harness import Services, heart, movement

LOOKS_UPSET: Face = (Label.NEGATIVE, -0.7, 0.9)
SOFT, STRONG = "Arriving", "Humming"
SOFT_S = 120.0
"""For so long the first phase of the scenario goes on, as written."""


Scene = tuple[Harness, Callable[[], None]]
"""A session, and how a time passes in it in which nothing may rise."""


def start(folder: Path, minutes: float = 20.0, face: Face = NEUTRAL) -> Harness:
    harness = Harness(folder, tuning=Tuning(warm_up_s=0.0))
    harness.must_start(minutes=minutes, scenario="deep-hum")
    harness.show(face, 36)
    assert harness.state.scenario_phase == SOFT
    return harness


def detect(harness: Harness, track: str) -> None:
    face = FaceState(
        frame_seq=1, captured_ns=1, count=1, track_id=track, presence=SeatPresence.HERE
    )
    harness.engine.receive_face(harness.received(face))


def show(harness: Harness, track: str, seconds: float) -> None:
    for _ in range(round(seconds / STEP_S)):
        detect(harness, track)
        harness.show(NEUTRAL, STEP_S)


def another_face(folder: Path) -> Scene:
    harness = start(folder)
    show(harness, "own", 2)
    return harness, lambda: show(harness, "other", MAX_STRETCH * SOFT_S)


def a_missing_signal(folder: Path) -> Scene:
    harness = start(folder)
    services = Services(harness)
    services.tell(heart(), movement(), seconds=2.0)
    return harness, lambda: services.tell(movement(), seconds=MAX_STRETCH * SOFT_S)


def an_open_question(folder: Path) -> Scene:
    harness = start(folder, face=LOOKS_UPSET)
    assert harness.state.question
    return harness, lambda: harness.show(NEUTRAL, MAX_STRETCH * SOFT_S)


def a_hold(folder: Path) -> Scene:
    harness = start(folder)
    harness.override(OverrideAction.HOLD)
    return harness, lambda: harness.show(NEUTRAL, MAX_STRETCH * SOFT_S)


def a_hold_by_hand(folder: Path) -> Scene:
    harness = Harness(folder)
    harness.must_start(minutes=20, scenario="deep-hum", mode=Mode.MANUAL)
    harness.override(OverrideAction.HOLD)
    return harness, lambda: harness.wait(MAX_STRETCH * SOFT_S)


@pytest.mark.parametrize(
    "doubt", [another_face, a_missing_signal, an_open_question, a_hold, a_hold_by_hand]
)
def test_it_dwells(doubt: Callable[[Path], Scene], tmp_path: Path) -> None:
    harness, let_pass = doubt(tmp_path)
    let_pass()
    assert harness.state.scenario_phase == SOFT


def test_it_goes_on_once_the_doubt_is_over(tmp_path: Path) -> None:
    harness = start(tmp_path)
    harness.override(OverrideAction.HOLD)
    harness.show(NEUTRAL, SOFT_S)
    assert harness.override(OverrideAction.RELEASE, token=harness.token) is None
    harness.show(NEUTRAL, MAX_STRETCH * SOFT_S)
    assert harness.state.scenario_phase == STRONG


def test_in_its_last_minute_no_stronger_phase_begins(tmp_path: Path) -> None:
    harness = Harness(tmp_path, tuning=Tuning(warm_up_s=60.0))
    harness.must_start(minutes=4, scenario="deep-hum")
    harness.show(NEUTRAL, 4 * 60 - 61)
    phase = harness.state.scenario_phase
    since = len(harness.setpoints)
    harness.show(NEUTRAL, 58)
    assert harness.state.scenario_phase == phase
    pct = [setpoint.vibration.level_pct for setpoint in harness.setpoints[since:]]
    assert all(b <= a for a, b in itertools.pairwise(pct[20:]))
