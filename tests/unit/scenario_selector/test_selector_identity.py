"""Another face than the child's raises nothing, and a caregiver is asked whose it is."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.face import FaceState, SeatPresence
from calmloop.contract.messages.session import Change, Mode, OverrideAction, Phase, SessionAction
from tests.unit.scenario_selector.harness import (
    CRYING,
    HAPPY,
    NEUTRAL,
    SAD,
    START_PCT,
    STEP_S,
    Face,
    Harness,
)

OWN, OTHER, THIRD = "run-1", "run-2", "run-3"
LOUD: Face = (Label.NEGATIVE, -0.85, 0.9)
SHOWN_S = 0.2
"""Until what was said last is in the state."""


def see(
    harness: Harness,
    track: str | None,
    face: Face,
    seconds: float,
    presence: SeatPresence | None = SeatPresence.HERE,
) -> None:
    """Time in which the detector says that this face is there, and the classifier reads it."""
    for _ in range(round(seconds / STEP_S)):
        detect(harness, track, presence)
        harness.show(face, STEP_S)


def detect(harness: Harness, track: str | None, presence: SeatPresence | None) -> None:
    state = FaceState(frame_seq=1, captured_ns=1, count=1, track_id=track, presence=presence)
    harness.engine.receive_face(harness.received(state))


def answer(harness: Harness, *, child: bool, token: str | None = None) -> str | None:
    return harness.command(SessionAction.ANSWER, child=child, token=token)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Harness:
    """A session of a child whose face has been followed from its start on."""
    harness = Harness(tmp_path_factory.mktemp("followed"))
    harness.must_start(minutes=20)
    see(harness, OWN, NEUTRAL, 36)
    harness.expect(Phase.RUNNING)
    return harness


@pytest.fixture
def harness(followed: Harness, tmp_path: Path) -> Harness:
    """The same, of this test alone."""
    return followed.copied(tmp_path)


def test_the_childs_face_raises_as_ever(harness: Harness) -> None:
    see(harness, OWN, HAPPY, 5)
    assert harness.state.change is Change.POSITIVE_SHIFT
    assert harness.intensity_pct > START_PCT
    assert harness.state.question == ""


@pytest.mark.parametrize("presence", [SeatPresence.REPLACED, SeatPresence.HERE, None])
def test_another_face_raises_nothing_and_is_asked_about_after_10_s(
    harness: Harness, presence: SeatPresence | None
) -> None:
    see(harness, OTHER, HAPPY, 9.8, presence)
    assert harness.state.question == ""
    see(harness, OTHER, HAPPY, 0.4, presence)
    assert harness.state.question == "Another face is in view: is it the child's?"
    see(harness, OTHER, HAPPY, 90, presence)
    assert harness.intensity_pct == START_PCT
    assert harness.state.question


def test_a_face_that_is_matched_again_is_not_asked_about_and_raises_after_30_s(
    harness: Harness,
) -> None:
    see(harness, OTHER, HAPPY, 8)
    see(harness, OWN, HAPPY, 29)
    assert harness.state.question == ""
    assert harness.intensity_pct == START_PCT
    see(harness, OWN, NEUTRAL, 5)
    see(harness, OWN, HAPPY, 35)
    assert harness.intensity_pct > START_PCT


def test_the_question_ends_when_the_childs_face_is_back(harness: Harness) -> None:
    see(harness, OTHER, NEUTRAL, 12)
    assert harness.state.question
    see(harness, OWN, NEUTRAL, SHOWN_S)
    assert harness.state.question == ""


def test_that_it_is_the_child_needs_someone_present(harness: Harness) -> None:
    see(harness, OTHER, NEUTRAL, 12)
    assert "no token" in str(answer(harness, child=True))
    assert "unknown or older" in str(answer(harness, child=True, token="stale"))
    assert harness.state.question
    assert answer(harness, child=True, token=harness.token) is None
    assert harness.state.question == ""
    see(harness, OTHER, HAPPY, 29)
    assert harness.intensity_pct == START_PCT, "nor does an answer raise anything"
    see(harness, OTHER, NEUTRAL, 5)
    see(harness, OTHER, HAPPY, 35)
    assert harness.intensity_pct > START_PCT
    see(harness, OWN, HAPPY, 12)
    assert harness.state.question == "", "both are the child's"


def test_that_it_is_not_the_child_needs_no_token_and_keeps_it_down(harness: Harness) -> None:
    see(harness, OTHER, HAPPY, 12)
    assert answer(harness, child=False) is None
    see(harness, OTHER, HAPPY, 60)
    assert harness.state.question == ""
    assert harness.intensity_pct == START_PCT
    see(harness, THIRD, HAPPY, 9.8)
    assert harness.state.question == ""
    see(harness, THIRD, HAPPY, 0.4)
    assert harness.state.question, "a third one may be the child's"
    see(harness, OTHER, HAPPY, SHOWN_S)
    assert harness.state.question == "", "of this one it is known"


def test_calm_of_another_face_brings_nothing_back_and_its_distress_is_heard(
    harness: Harness,
) -> None:
    see(harness, OWN, SAD, 6)
    see(harness, OWN, CRYING, 3)
    lowered_pct = harness.intensity_pct
    assert lowered_pct < START_PCT
    see(harness, OTHER, NEUTRAL, 90)
    assert harness.intensity_pct <= lowered_pct
    see(harness, OTHER, CRYING, 60)
    assert harness.state.distress


def test_a_caregiver_may_raise_beside_another_face(harness: Harness) -> None:
    see(harness, OTHER, NEUTRAL, 12)
    assert harness.override(OverrideAction.MORE, token=harness.token) is None
    assert harness.intensity_pct > START_PCT


@pytest.mark.parametrize("presence", [SeatPresence.LOST, SeatPresence.LEFT, SeatPresence.ABSENT])
def test_an_id_of_a_face_that_is_not_seen_says_nothing(
    harness: Harness, presence: SeatPresence
) -> None:
    see(harness, OTHER, NEUTRAL, 12, presence)
    assert harness.state.question == ""
    see(harness, OTHER, NEUTRAL, 12)
    see(harness, OWN, NEUTRAL, 12, presence)
    assert harness.state.question


def test_a_detector_without_ids_changes_nothing(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    see(harness, None, NEUTRAL, 36, None)
    see(harness, None, HAPPY, 5, None)
    assert harness.state.change is Change.POSITIVE_SHIFT
    assert harness.state.question == ""


def test_after_a_pause_the_face_that_a_caregiver_resumes_with_is_the_childs(
    harness: Harness,
) -> None:
    see(harness, OTHER, NEUTRAL, 12)
    harness.command(SessionAction.PAUSE)
    see(harness, OTHER, NEUTRAL, 8)
    assert harness.resume() is None
    see(harness, THIRD, NEUTRAL, 15)
    assert harness.state.question == ""


def test_a_session_by_hand_asks_nothing(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20, mode=Mode.MANUAL)
    see(harness, OWN, NEUTRAL, 2)
    see(harness, OTHER, NEUTRAL, 15)
    harness.expect(Phase.MANUAL)
    assert harness.state.question == ""


def test_two_questions_are_asked_one_after_the_other(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    see(harness, OWN, (SAD[0], -0.45, 0.9), 36)
    assert "usually look so" in harness.state.question
    see(harness, OTHER, NEUTRAL, 11)
    assert "Another face" in harness.state.question
    usual = {"upset": False, "token": harness.token}
    assert "whose face" in str(harness.command(SessionAction.ANSWER, **usual))
    assert answer(harness, child=True, token=harness.token) is None
    assert "usually look so" in harness.state.question
    usual = {"upset": False, "token": harness.token}
    assert harness.command(SessionAction.ANSWER, **usual) is None
    assert harness.state.question == ""


def test_that_the_child_is_upset_is_heard_whatever_is_asked(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    see(harness, OWN, (SAD[0], -0.45, 0.9), 36)
    see(harness, OTHER, NEUTRAL, 11)
    assert harness.command(SessionAction.ANSWER, upset=True) is None
    see(harness, OWN, NEUTRAL, SHOWN_S)
    assert harness.state.question == ""


def test_an_answer_to_nothing_changes_nothing(harness: Harness) -> None:
    for said in ({"child": False}, {"child": True, "token": harness.token}):
        assert "no question is open that 'child' answers" in str(answer(harness, **said))
    see(harness, OWN, HAPPY, 5)
    assert harness.state.change is Change.POSITIVE_SHIFT


def test_an_answer_counts_for_the_face_that_was_asked_about(harness: Harness) -> None:
    see(harness, OTHER, NEUTRAL, 11)
    assert harness.state.question
    see(harness, THIRD, NEUTRAL, SHOWN_S)
    refusal = str(answer(harness, child=True, token=harness.token))
    assert "yet another face is in view" in refusal
    assert harness.state.question
    see(harness, OTHER, NEUTRAL, SHOWN_S)
    assert answer(harness, child=True, token=harness.token) is None
    see(harness, THIRD, NEUTRAL, 11)
    assert harness.state.question


def new_every_time(dice: random.Random) -> str:
    return f"run-{dice.random()}"


def own_now_and_then(dice: random.Random) -> str:
    return dice.choice((OWN, OTHER, THIRD, new_every_time(dice)))


@pytest.mark.parametrize("lie", [new_every_time, own_now_and_then])
def test_ids_that_lie_raise_nothing_and_hide_no_distress(
    harness: Harness, lie: Callable[[random.Random], str]
) -> None:
    dice = random.Random(5)
    for _ in range(600):
        for _ in range(5):
            detect(harness, lie(dice), SeatPresence.HERE)
        harness.show(HAPPY, STEP_S)
        assert harness.intensity_pct == START_PCT
    began_s = harness.now_s
    while not harness.state.distress:
        for _ in range(5):
            detect(harness, lie(dice), SeatPresence.HERE)
        harness.show(CRYING, STEP_S)
        assert harness.now_s - began_s < 60.0


def test_a_baseline_that_is_partly_of_another_face_is_not_kept(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    see(harness, OWN, NEUTRAL, 5)
    see(harness, OTHER, NEUTRAL, 5)
    see(harness, OWN, NEUTRAL, 60)
    harness.expect(Phase.RUNNING)
    harness.command(SessionAction.FINISH)
    see(harness, OWN, NEUTRAL, 6)
    assert harness.records.learned("default").norms == {}


def test_what_another_face_shows_is_not_learned_as_usual(harness: Harness) -> None:
    see(harness, OTHER, HAPPY, 60)
    harness.command(SessionAction.FINISH)
    see(harness, OTHER, HAPPY, 6)
    with_other = harness.records.learned("default").norms
    assert with_other
    assert all(norm.weight_s < 45 for norm in with_other.values())


def test_another_face_says_nothing_of_how_the_childs_rests(tmp_path: Path) -> None:
    def heard(track: str) -> float:
        child = Harness(tmp_path / track)
        child.must_start(minutes=20)
        for seen, face, seconds in ((OWN, NEUTRAL, 14), (track, LOUD, 8), (OWN, NEUTRAL, 44)):
            see(child, seen, face, seconds)
        see(child, OWN, LOUD, 3)
        return child.state.distress_slow

    assert heard(OTHER) > heard(OWN) + 0.05
