"""A child who looks upset on arrival: a caregiver is asked, and until then the worse is assumed."""

from pathlib import Path

import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Change, OverrideAction, Phase, SessionAction
from tests.unit.scenario_selector.harness import HAPPY, NEUTRAL, START_PCT, STEP_S, Face, Harness

LOOKS_UPSET: Face = (Label.NEGATIVE, -0.7, 0.9)


def arrive(folder: Path, face: Face) -> Harness:
    harness = Harness(folder)
    harness.must_start(minutes=20)
    harness.show(face, 31)
    harness.expect(Phase.RUNNING)
    return harness


@pytest.fixture
def upset(tmp_path: Path) -> Harness:
    return arrive(tmp_path, LOOKS_UPSET)


def answer(harness: Harness, *, upset: bool, token: str | None) -> str | None:
    return harness.command(SessionAction.ANSWER, upset=upset, token=token)


def test_it_is_asked_about_within_60_s(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    began_s = harness.now_s
    while not harness.state.question:
        harness.show(LOOKS_UPSET, STEP_S)
        assert harness.now_s - began_s <= 60.0
    assert "usually look so" in harness.state.question


@pytest.mark.parametrize("valence", [-0.39, 0.0, 0.6])
def test_who_does_not_look_upset_is_not_asked_about(tmp_path: Path, valence: float) -> None:
    harness = arrive(tmp_path, (Label.NEUTRAL, valence, 0.9))
    assert harness.state.question == ""
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)


def test_until_an_answer_the_engine_raises_nothing(upset: Harness) -> None:
    upset.show(HAPPY, 120)
    assert upset.intensity_pct == START_PCT
    assert upset.state.question


def test_an_upset_child_is_not_raised_by_the_engine_in_this_session(upset: Harness) -> None:
    assert answer(upset, upset=True, token=None) is None
    assert upset.state.question == ""
    upset.show(HAPPY, 120)
    assert upset.intensity_pct == START_PCT
    assert upset.override(OverrideAction.MORE, token=upset.token) is None


def test_that_it_usually_looks_so_needs_someone_present_and_lets_it_rise(upset: Harness) -> None:
    assert "no token" in str(answer(upset, upset=False, token=None))
    assert upset.state.question
    assert answer(upset, upset=False, token=upset.token) is None
    assert upset.state.question == ""
    assert upset.intensity_pct == START_PCT
    upset.show(HAPPY, 29)
    assert upset.intensity_pct == START_PCT
    upset.show(NEUTRAL, 10)
    upset.show_until(HAPPY, Change.POSITIVE_SHIFT)
    assert upset.intensity_pct == START_PCT + 5


def test_a_rest_that_was_said_to_be_usual_is_not_lasting_distress(tmp_path: Path) -> None:
    """Further from neutral than a baseline may be that nobody has spoken for."""
    face: Face = (Label.NEGATIVE, -0.76, 0.9)
    harness = arrive(tmp_path, face)
    assert answer(harness, upset=False, token=harness.token) is None
    harness.show(face, 300)
    assert not harness.state.distress
    assert harness.intensity_pct == START_PCT
    assert harness.state.baseline_valence == pytest.approx(-0.76)


def test_beyond_what_can_be_usual_it_is_distress_whatever_was_said(tmp_path: Path) -> None:
    harness = arrive(tmp_path, LOOKS_UPSET)
    assert answer(harness, upset=False, token=harness.token) is None
    harness.show((Label.NEGATIVE, -0.97, 0.9), 15)
    assert harness.state.distress


def test_an_answer_to_nothing_changes_nothing(harness: Harness) -> None:
    refusal = answer(harness, upset=True, token=None)
    assert refusal == "no question is open that 'upset' answers; what is asked now: nothing"
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)


def test_who_is_asked_and_says_nothing_leaves_distress_to_be_heard(upset: Harness) -> None:
    upset.show((Label.NEGATIVE, -0.88, 0.9), 55)
    assert upset.state.question
    assert not upset.state.distress
    upset.show((Label.NEGATIVE, -0.88, 0.9), 10)
    assert upset.state.distress
    assert "lasting distress" in upset.state.reason


def test_who_looks_as_on_arrival_and_nobody_answers_is_not_halted(upset: Harness) -> None:
    upset.show(LOOKS_UPSET, 300)
    assert upset.state.question
    assert not upset.state.distress


def test_the_question_ends_with_the_session(upset: Harness) -> None:
    upset.engine.stop("stop was pressed")
    assert upset.state.question == ""
    assert "no session" in str(answer(upset, upset=True, token=None))
    upset.wait(1.2)
    upset.must_start()
    assert upset.state.question == ""
