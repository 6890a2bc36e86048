"""The child's less, by its second button and on its page: always obeyed, and noted."""

from pathlib import Path

import pytest

from calmloop.contract.messages.child import ChildAction
from calmloop.contract.messages.session import (
    Change,
    OverrideAction,
    Phase,
    SessionAction,
    SignalStatus,
)
from calmloop.scenario_selector.distress.fusion import LESS_LOG_ODDS, LESS_STANDS_S, Fusion
from calmloop.scenario_selector.distress.signals import Cue
from calmloop.scenario_selector.distress.sums import FAST, SLOW
from calmloop.scenario_selector.records import Folder
from tests.unit.scenario_selector.childs_page import STEP_DOWN_PCT, press, raised
from tests.unit.scenario_selector.harness import (
    HAPPY,
    NEUTRAL,
    SAD,
    START_PCT,
    STEP_S,
    UNKNOWN,
    Face,
    Harness,
)


@pytest.fixture
def token(harness: Harness) -> str:
    """Of the child's page, which a caregiver has allowed."""
    return harness.allow_child()


def test_the_second_button_takes_one_step_off_and_says_that_it_was_the_child(
    harness: Harness,
) -> None:
    press(harness)
    assert harness.intensity_pct == START_PCT - STEP_DOWN_PCT
    assert harness.state.change is Change.CHILD
    assert harness.state.reason == "one step down by the child"


def test_a_stuck_button_takes_one_step_off_and_no_more(harness: Harness) -> None:
    press(harness, held_s=120)
    assert harness.intensity_pct == START_PCT - STEP_DOWN_PCT


def test_a_button_that_was_stuck_from_the_first_state_on_was_not_pressed(tmp_path: Path) -> None:
    harness = Harness(tmp_path, less_pressed=True)
    harness.start_running()
    assert harness.intensity_pct == START_PCT
    harness.chair.less_pressed = False
    harness.show(NEUTRAL, STEP_S)
    press(harness)
    assert harness.intensity_pct == START_PCT - STEP_DOWN_PCT


def test_a_bouncing_button_takes_off_at_most_one_step_a_second(harness: Harness) -> None:
    for _ in range(4):
        press(harness)
    assert harness.intensity_pct == START_PCT - STEP_DOWN_PCT
    harness.show(NEUTRAL, 0.5)
    press(harness)
    assert harness.intensity_pct == 0.0


def test_a_press_between_sessions_counts_for_none(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    press(harness)
    harness.start_running()
    assert harness.intensity_pct == START_PCT


def test_less_in_a_pause_lowers_the_level_that_it_goes_on_at(harness: Harness) -> None:
    harness.command(SessionAction.PAUSE)
    harness.show(NEUTRAL, 6)
    press(harness)
    assert harness.state.reason == "the child lowered the level that it goes on at by one step"
    harness.resume()
    harness.show(NEUTRAL, 6)
    assert harness.intensity_pct == START_PCT - STEP_DOWN_PCT


@pytest.mark.parametrize("token", [None, "0" * 16])
def test_less_needs_no_token_and_no_permission(harness: Harness, token: str | None) -> None:
    assert harness.child(ChildAction.LESS, token=token) is None
    assert harness.intensity_pct == START_PCT - STEP_DOWN_PCT
    assert harness.state.change is Change.CHILD


@pytest.mark.parametrize("face", [UNKNOWN, SAD, HAPPY])
def test_less_is_obeyed_whatever_the_face_shows_and_though_it_is_held(
    harness: Harness, face: Face
) -> None:
    harness.override(OverrideAction.HOLD)
    harness.show(face, 3)
    before_pct = harness.intensity_pct
    assert harness.child(ChildAction.LESS) is None
    assert harness.intensity_pct == before_pct - STEP_DOWN_PCT


def test_less_without_a_session_is_no_trouble(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    assert harness.child(ChildAction.LESS) is None
    harness.expect(Phase.IDLE)


def test_the_engine_leaves_it_down_for_30_s_as_after_a_caregivers_less(harness: Harness) -> None:
    harness.child(ChildAction.LESS)
    harness.show(HAPPY, 29)
    assert harness.intensity_pct == START_PCT - STEP_DOWN_PCT
    assert harness.show_until(HAPPY, Change.POSITIVE_SUSTAINED) < 40


def test_a_flood_of_less_ends_at_zero_and_leaves_the_session_as_it_is(harness: Harness) -> None:
    for _ in range(5000):
        assert harness.child(ChildAction.LESS) is None
    assert harness.intensity_pct == 0.0
    harness.show(NEUTRAL, 5)
    harness.expect(Phase.RUNNING)


def lessons_of(folder: Path, steps: int) -> list[float]:
    """What is kept of a calm session in which the child took off so many steps."""
    harness = Harness(folder)
    harness.start_running(scenario="night-sky", minutes=5)
    raised(harness)
    for _ in range(steps):
        press(harness)
        harness.show(NEUTRAL, 2)
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6)
    trial = Folder(folder).learned("default").trials[-1]
    assert trial.reward is not None
    return [trial.less, trial.reward]


def test_each_step_that_the_child_took_off_counts_in_what_is_learned(tmp_path: Path) -> None:
    assert lessons_of(tmp_path / "a", 0) == pytest.approx([0, 1.0])
    assert lessons_of(tmp_path / "b", 2) == pytest.approx([2, 0.8])


def test_what_it_takes_off_nothing_counts_for_nothing(harness: Harness) -> None:
    for _ in range(50):
        harness.child(ChildAction.LESS)
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6)
    assert Folder(harness.folder).learned("default").trials[-1].less == 2


def signals(harness: Harness) -> dict[str, float | None]:
    return {heard.name: heard.log_odds_per_s for heard in harness.state.signals}


def test_asking_for_less_is_a_signal_for_a_minute_that_is_never_missed(harness: Harness) -> None:
    assert "less" not in signals(harness)
    press(harness)
    assert signals(harness)["less"] == LESS_LOG_ODDS
    harness.show(NEUTRAL, LESS_STANDS_S)
    assert "less" not in signals(harness)
    assert not any(heard.status is SignalStatus.MISSING for heard in harness.state.signals)


def test_a_flood_of_less_says_no_more_than_one_and_never_halts(harness: Harness) -> None:
    for _ in range(1200):
        harness.child(ChildAction.LESS)
        harness.show(NEUTRAL, STEP_S)
        assert signals(harness)["less"] == LESS_LOG_ODDS
        assert harness.state.distress_slow == harness.state.distress_fast == 0.0
    assert not harness.state.distress


def test_asking_for_less_makes_distress_heard_sooner_and_never_says_calm() -> None:
    assert 0.0 < LESS_LOG_ODDS < min(FAST.drift_per_s, SLOW.drift_per_s)
    quiet, asking = Fusion(), Fusion()
    asking.note_asked_less(0.0)
    for step in range(8):
        for fusion in (quiet, asking):
            fusion.receive(Cue.FACE, 0.9, 0.5 * step)
            fusion.turn(0.5 * step, 0.5)
        assert asking.slow.value >= quiet.slow.value
    assert asking.slow.together > quiet.slow.together
