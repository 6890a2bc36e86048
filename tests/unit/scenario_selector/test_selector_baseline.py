"""The child's own baseline: what change is judged against, and that it hides no distress."""

from pathlib import Path

import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Change, Phase
from tests.unit.scenario_selector.harness import (
    CRYING,
    HAPPY,
    NEUTRAL,
    START_PCT,
    UNKNOWN,
    Harness,
)


def test_change_is_judged_against_the_childs_own_resting_face(tmp_path: Path) -> None:
    resting_looks_sad = (Label.NEGATIVE, -0.45, 0.8)
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    harness.show(resting_looks_sad, 31)
    assert harness.state.baseline_valence == pytest.approx(-0.45)
    harness.show(resting_looks_sad, 60)
    assert harness.intensity_pct == START_PCT
    assert not harness.state.distress


def test_a_baseline_full_of_tears_does_not_hide_distress(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    harness.show(CRYING, 31)
    harness.show(CRYING, 30)
    assert harness.state.distress


def test_crying_from_the_first_second_halts_within_the_baseline(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    began_s = harness.now_s
    while harness.phase is Phase.BASELINE:
        harness.show(CRYING, 0.1)
    assert 5.0 <= harness.now_s - began_s <= 7.0
    harness.expect(Phase.CLOSING)
    assert harness.state.distress
    assert harness.state.change is Change.HALTED
    assert "in the baseline" in harness.state.reason
    assert harness.state.evidence is not None
    assert harness.state.evidence.label is Label.NEGATIVE
    halted_s = harness.now_s
    while harness.phase is not Phase.IDLE:
        harness.show(CRYING, 0.1)
    assert 3.0 <= harness.now_s - halted_s <= 5.0


def test_a_crying_face_that_is_not_in_every_frame_halts_too(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    for _ in range(10):
        harness.show(CRYING, 0.9)
        harness.show(UNKNOWN, 0.1)
    assert harness.state.distress


@pytest.mark.parametrize(
    "resting",
    [(Label.NEGATIVE, -0.75, 0.95), (Label.NEGATIVE, -0.95, 0.65)],
    ids=["somewhat sad", "doubtful"],
)
def test_a_resting_face_that_reads_as_sad_bars_no_session(
    tmp_path: Path, resting: tuple[Label, float, float]
) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    harness.show(resting, 30.5)
    harness.expect(Phase.RUNNING)
    assert not harness.state.distress


def test_a_grimace_in_the_baseline_is_not_distress(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    for _ in range(5):
        harness.show(CRYING, 2.5)
        harness.show(NEUTRAL, 3.6)
    harness.expect(Phase.RUNNING)
    assert not harness.state.distress


def test_a_child_whose_rest_reads_as_very_sad_is_halted_when_it_cries(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    harness.show((Label.NEGATIVE, -0.75, 0.9), 31)
    assert harness.state.baseline_valence == -0.5
    began_s = harness.now_s
    while not harness.state.distress:
        harness.show(CRYING, 0.1)
    assert harness.now_s - began_s <= 7.0
    assert "far below neutral" in harness.state.reason


def test_rest_after_a_baseline_full_of_smiles_is_not_distress(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    harness.show(HAPPY, 31)
    harness.show(NEUTRAL, 60)
    assert harness.intensity_pct == START_PCT
    harness.expect(Phase.RUNNING)
