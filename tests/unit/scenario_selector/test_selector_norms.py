"""What is usual for a child in calm is kept over its sessions, and used from the first second."""

import json
from pathlib import Path
from typing import Any

import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.learning import LearningAction
from calmloop.contract.messages.session import Phase, SessionAction
from calmloop.scenario_selector.distress.norms import Norm
from calmloop.scenario_selector.distress.signals import MODELS, Cue
from calmloop.scenario_selector.learning.trials import Learned
from calmloop.scenario_selector.records import Folder
from tests.unit.scenario_selector.harness import CRYING, NEUTRAL, STEP_S, Face, Harness

VERY_SAD: Face = (Label.NEGATIVE, -0.85, 0.9)
"""Not beyond what a resting face may read as, for a child whom nobody knows."""
RESTS_SAD: Face = (Label.NEGATIVE, -0.45, 0.9)
HEART = 84.0


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    return Harness(tmp_path)


def kept(harness: Harness) -> Learned:
    return Folder(harness.folder).learned("default")


def show(harness: Harness, face: Face, seconds: float, heart: float = HEART) -> None:
    """Time with readings of the face, and of the heart's rate."""
    for _ in range(round(seconds / STEP_S)):
        harness.engine.receive_signal(Cue.HEART, heart, harness.now_s)
        harness.show(face, STEP_S)


def finish(harness: Harness) -> None:
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6)
    harness.expect(Phase.IDLE)


def calm_session(harness: Harness, face: Face = NEUTRAL) -> None:
    harness.must_start()
    show(harness, face, 50)
    harness.expect(Phase.RUNNING)
    finish(harness)


def halts_after_s(harness: Harness, limit_s: float) -> float:
    began_s = harness.now_s
    while not harness.state.distress:
        harness.show(VERY_SAD, STEP_S)
        assert harness.now_s - began_s < limit_s, harness.state.reason
    return harness.now_s - began_s


def test_of_who_was_calm_before_the_face_is_heard_from_the_first_second(harness: Harness) -> None:
    harness.must_start()
    harness.show(VERY_SAD, 28)
    assert not harness.state.distress, "nobody knows yet how this child looks at rest"
    harness.engine.stop("stop was pressed")
    harness.wait(1.2)
    calm_session(harness)
    harness = Harness(harness.folder)
    harness.must_start()
    assert halts_after_s(harness, 28.0) < 28.0
    assert harness.state.baseline_valence is None


def test_the_baseline_is_still_measured(harness: Harness) -> None:
    calm_session(harness)
    harness.must_start()
    harness.expect(Phase.BASELINE)
    harness.show((Label.NEUTRAL, -0.1, 0.9), 33)
    harness.expect(Phase.RUNNING)
    assert harness.state.baseline_valence == pytest.approx(-0.1, abs=0.01)


def test_every_signal_that_was_there_has_a_norm_which_grows_surer(harness: Harness) -> None:
    calm_session(harness)
    first = kept(harness).norms
    assert set(first) == {Cue.FACE, Cue.HEART}
    prior = MODELS[Cue.HEART].prior
    assert HEART < first[Cue.HEART].mean < prior.mean
    calm_session(harness)
    second = kept(harness).norms
    assert HEART < second[Cue.HEART].mean < first[Cue.HEART].mean
    assert second[Cue.HEART].weight_s > first[Cue.HEART].weight_s
    assert second[Cue.HEART].spread < prior.spread


def test_a_halted_session_teaches_nothing_of_calm(harness: Harness) -> None:
    calm_session(harness)
    before = kept(harness).norms
    harness.must_start()
    show(harness, NEUTRAL, 60, heart=99.0)
    harness.show(CRYING, 40)
    assert harness.state.distress
    harness.wait(6)
    harness.expect(Phase.IDLE)
    assert kept(harness).after_distress
    assert kept(harness).norms == before


def test_a_stopped_session_and_one_without_a_baseline_teach_nothing_of_calm(
    harness: Harness,
) -> None:
    harness.must_start()
    show(harness, NEUTRAL, 60)
    harness.engine.stop("stop was pressed")
    harness.wait(1.2)
    harness.must_start()
    show(harness, NEUTRAL, 20)
    finish(harness)
    assert kept(harness).norms == {}


@pytest.mark.parametrize("answered", [True, False])
def test_who_arrives_upset_teaches_nothing_of_calm(harness: Harness, answered: bool) -> None:
    harness.must_start()
    show(harness, RESTS_SAD, 33)
    assert harness.state.question
    if answered:
        assert harness.command(SessionAction.ANSWER, upset=True) is None
    show(harness, NEUTRAL, 60)
    finish(harness)
    assert kept(harness).norms == {}


def test_who_usually_looks_upset_is_asked_about_once(harness: Harness) -> None:
    harness.must_start()
    show(harness, RESTS_SAD, 33)
    assert harness.state.question
    assert harness.command(SessionAction.ANSWER, upset=False, token=harness.token) is None
    show(harness, RESTS_SAD, 30)
    finish(harness)
    harness.must_start()
    show(harness, RESTS_SAD, 33)
    harness.expect(Phase.RUNNING)
    assert harness.state.question == ""
    finish(harness)
    harness.must_start()
    harness.show((Label.NEGATIVE, -0.53, 0.6), 33)
    assert harness.state.question or harness.state.distress, "sadder than usual"


def test_distress_never_becomes_usual(harness: Harness) -> None:
    for _ in range(3):
        harness.must_start()
        show(harness, RESTS_SAD, 33, heart=180.0)
        harness.command(SessionAction.ANSWER, upset=False, token=harness.token)
        show(harness, RESTS_SAD, 60, heart=180.0)
        finish(harness)
    for signal, norm in kept(harness).norms.items():
        assert norm.mean <= MODELS[signal].max_usual


def test_what_is_forgotten_is_usual_no_more(harness: Harness) -> None:
    calm_session(harness)
    assert kept(harness).norms
    assert harness.teach(LearningAction.FORGET) is None
    assert kept(harness).norms == {}
    assert "norms" in (harness.folder / "learned" / "default.json").read_text()
    harness.must_start()
    harness.show(VERY_SAD, 28)
    assert not harness.state.distress


def test_a_file_of_before_has_no_norms_and_is_taken_over(harness: Harness) -> None:
    calm_session(harness)
    path = harness.folder / "learned" / "default.json"
    record = json.loads(path.read_text())
    del record["norms"]
    path.write_text(json.dumps(record))
    assert kept(harness).norms == {}
    assert len(kept(harness).trials) == 1


def test_a_signal_that_this_version_does_not_know_is_left_out(harness: Harness) -> None:
    norm = {"mean": 1.0, "spread": 0.5, "weight_s": 60.0}
    record = Learned.model_validate(
        {"version": 2, "norms": {"gaze": norm, "heart": norm | HEART_OK}}
    )
    assert record.norms == {Cue.HEART: Norm(mean=85.0, spread=5.0, weight_s=60.0)}
    assert harness.start() is None


HEART_OK = {"mean": 85.0, "spread": 5.0}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"mean": 180.0}, "heart: mean = 180 is not within 40 to 115"),
        ({"mean": 20.0}, "heart: mean = 20 is not within 40 to 115"),
        ({"spread": 200.0}, "heart: spread = 200 is over 180"),
        ({"spread": -1.0}, "norms.heart.spread"),
        ({"weight_s": 1e9}, "norms.heart.weight_s"),
        ({"mean": float("nan")}, "norms.heart.mean"),
        ({"mean": float("inf")}, "norms.heart.mean"),
        ({"mean": "often"}, "norms.heart.mean"),
        ({"mean": None}, "norms.heart.mean"),
    ],
)
def test_a_damaged_norm_is_refused_by_name_and_begun_anew(
    harness: Harness, change: dict[str, Any], complaint: str
) -> None:
    calm_session(harness)
    path = harness.folder / "learned" / "default.json"
    record = json.loads(path.read_text())
    record["norms"]["heart"] |= change
    path.write_text(json.dumps(record))
    harness = Harness(harness.folder)
    harness.must_start()
    assert "what was learned of 'default' is lost" in harness.state.trouble
    assert complaint in harness.state.trouble
    assert path.with_name("default.json.damaged").exists()
