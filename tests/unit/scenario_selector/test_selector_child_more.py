"""The child's more: allowed, one step in 30 s, within the ceiling, and never in doubt."""

from itertools import pairwise
from pathlib import Path

import pytest

from calmloop.contract.messages.child import ChildAction
from calmloop.contract.messages.session import (
    Change,
    Mode,
    OverrideAction,
    Phase,
    SessionAction,
)
from tests.unit.scenario_selector.childs_page import STEP_UP_PCT, another, choose, more, refused
from tests.unit.scenario_selector.harness import (
    CRYING,
    HAPPY,
    NEUTRAL,
    SAD,
    START_PCT,
    STEP_S,
    UNKNOWN,
    Face,
    Harness,
)

LOOKS_UPSET: Face = (SAD[0], -0.7, 0.9)


@pytest.fixture
def token(harness: Harness) -> str:
    """Of the child's page, which a caregiver has allowed."""
    return harness.allow_child()


def test_more_is_one_small_step_and_says_that_it_was_the_child(
    harness: Harness, token: str
) -> None:
    assert more(harness, token) is None
    assert harness.intensity_pct == START_PCT + STEP_UP_PCT
    assert harness.state.change is Change.CHILD
    assert harness.state.reason == "one step up by the child"


@pytest.mark.parametrize("wrong", [None, "0" * 16, "x"])
def test_more_without_this_sessions_token_is_refused(
    harness: Harness, token: str, wrong: str | None
) -> None:
    refused(more(harness, wrong), "child_token")
    refused(more(harness, harness.token), "child_token")
    assert harness.intensity_pct == START_PCT


def test_more_comes_once_in_30_s(harness: Harness, token: str) -> None:
    assert more(harness, token) is None
    harness.show(NEUTRAL, 12)
    refused(more(harness, token), "12 s ago, and 30 s must lie between: ask again in 18 s")
    harness.show(NEUTRAL, 17.5)
    refused(more(harness, token), "ask again in 1 s")
    harness.show(NEUTRAL, 1)
    assert more(harness, token) is None
    assert harness.intensity_pct == START_PCT + 2 * STEP_UP_PCT


def test_a_flood_of_more_is_one_step_and_harms_nothing(harness: Harness, token: str) -> None:
    for _ in range(5000):
        more(harness, token)
    assert harness.intensity_pct == START_PCT + STEP_UP_PCT
    harness.show(NEUTRAL, 5)
    harness.expect(Phase.RUNNING)


def test_five_minutes_of_hammering_raise_it_once_in_30_s(harness: Harness, token: str) -> None:
    began_s, levels = harness.now_s, [harness.intensity_pct]
    while harness.now_s - began_s < 300:
        more(harness, token)
        harness.show(NEUTRAL, 1)
        levels.append(harness.intensity_pct)
    rises = [after - before for before, after in pairwise(levels)]
    assert max(rises) == STEP_UP_PCT
    assert sum(rise > 0 for rise in rises) <= 300 / 30


def test_the_child_may_take_back_its_own_less_but_not_a_caregivers(
    harness: Harness, token: str
) -> None:
    harness.child(ChildAction.LESS)
    assert more(harness, token) is None
    harness.show(NEUTRAL, 31)
    harness.override(OverrideAction.LESS)
    harness.show(NEUTRAL, 3)
    refused(more(harness, token), "a caregiver's step down")
    harness.show(NEUTRAL, 28)
    assert more(harness, token) is None


def test_more_stays_away_from_the_engines_own_step_up(harness: Harness, token: str) -> None:
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)
    refused(more(harness, token), "the last step up")
    assert more(harness, token) is not None
    assert harness.intensity_pct == START_PCT + STEP_UP_PCT


def test_the_engine_adds_no_step_to_the_childs_for_30_s(harness: Harness, token: str) -> None:
    assert more(harness, token) is None
    harness.show(HAPPY, 29)
    assert harness.intensity_pct == START_PCT + STEP_UP_PCT


def test_more_never_exceeds_the_ceiling(harness: Harness, token: str) -> None:
    harness.override(OverrideAction.CEILING, ceiling_pct=22)
    assert more(harness, token) is None
    assert harness.intensity_pct == 22
    harness.show(NEUTRAL, 31)
    refused(more(harness, token), "22 %, and the child may have 22 % at most now")
    assert harness.intensity_pct == 22


def refuses_both(harness: Harness, token: str, why: str) -> None:
    """And neither of them changes anything."""
    before = harness.state
    name = another(harness) if before.offers else "night-sky"
    refused(more(harness, token), why)
    refused(choose(harness, token, name), why)
    after = harness.state
    assert (after.intensity_pct, after.scenario) == (before.intensity_pct, before.scenario)


def test_both_are_refused_in_the_baseline(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    harness.show(NEUTRAL, 5)
    harness.expect(Phase.BASELINE)
    refuses_both(harness, harness.allow_child(), "the phase is baseline")


def test_both_are_refused_in_a_pause(harness: Harness, token: str) -> None:
    harness.command(SessionAction.PAUSE)
    harness.show(NEUTRAL, 6)
    refuses_both(harness, token, "the phase is paused")


def test_both_are_refused_from_a_halt_on(harness: Harness, token: str) -> None:
    while not harness.state.distress:
        harness.show(CRYING, STEP_S)
    refuses_both(harness, token, "the phase is closing")
    harness.wait(6)
    refuses_both(harness, token, "needs a running session")


def test_both_are_refused_while_the_face_is_not_seen(harness: Harness, token: str) -> None:
    harness.show(UNKNOWN, 3)
    refuses_both(harness, token, "the face is not seen")
    harness.show(NEUTRAL, 5)
    assert more(harness, token) is None


def test_both_are_refused_while_the_face_is_negative(harness: Harness, token: str) -> None:
    harness.show_until(SAD, Change.NEGATIVE)
    refuses_both(harness, token, "the face reads as negative")
    harness.show(NEUTRAL, 6)
    assert more(harness, token) is None


def test_both_are_refused_on_the_first_negative_reading(harness: Harness, token: str) -> None:
    harness.show(SAD, STEP_S)
    refuses_both(harness, token, "the face reads as negative")


def test_both_are_refused_to_a_child_who_arrived_upset(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    harness.show(LOOKS_UPSET, 31)
    harness.show(NEUTRAL, 10)
    token = harness.allow_child()
    refuses_both(harness, token, "looked upset since it arrived")
    harness.command(SessionAction.ANSWER, upset=False, token=harness.token)
    assert more(harness, token) is None


def test_both_are_refused_while_a_caregiver_holds(harness: Harness, token: str) -> None:
    harness.override(OverrideAction.HOLD)
    refuses_both(harness, token, "'release'")


def test_both_are_refused_in_a_manual_session_which_goes_by_no_face(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(mode=Mode.MANUAL, minutes=5)
    harness.wait(5)
    refuses_both(harness, harness.allow_child(), "the phase is manual")
