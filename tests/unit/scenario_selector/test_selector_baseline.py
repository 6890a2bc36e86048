"""The child's own baseline: what change is judged against, and that it hides no distress."""

from pathlib import Path

import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Change, Phase
from tests.unit.scenario_selector.room import (
    CRYING,
    HAPPY,
    NEUTRAL,
    START_PCT,
    UNKNOWN,
    Room,
)


def test_change_is_judged_against_the_childs_own_resting_face(tmp_path: Path) -> None:
    resting_looks_sad = (Label.NEGATIVE, -0.45, 0.8)
    room = Room(tmp_path)
    room.must_start(minutes=20)
    room.show(resting_looks_sad, 31)
    assert room.state.baseline_valence == pytest.approx(-0.45)
    room.show(resting_looks_sad, 60)
    assert room.intensity_pct == START_PCT
    assert not room.state.distress


def test_a_baseline_full_of_tears_does_not_hide_distress(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.must_start(minutes=20)
    room.show(CRYING, 31)
    room.show(CRYING, 30)
    assert room.state.distress


def test_crying_from_the_first_second_halts_within_the_baseline(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.must_start(minutes=20)
    began_s = room.now_s
    while room.phase is Phase.BASELINE:
        room.show(CRYING, 0.1)
    assert 5.0 <= room.now_s - began_s <= 7.0
    room.expect(Phase.CLOSING)
    assert room.state.distress
    assert room.state.change is Change.HALTED
    assert "in the baseline" in room.state.reason
    assert room.state.evidence is not None
    assert room.state.evidence.label is Label.NEGATIVE
    halted_s = room.now_s
    while room.phase is not Phase.IDLE:
        room.show(CRYING, 0.1)
    assert 3.0 <= room.now_s - halted_s <= 5.0


def test_a_crying_face_that_is_not_in_every_frame_halts_too(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.must_start(minutes=20)
    for _ in range(10):
        room.show(CRYING, 0.9)
        room.show(UNKNOWN, 0.1)
    assert room.state.distress


@pytest.mark.parametrize(
    "resting",
    [(Label.NEGATIVE, -0.75, 0.95), (Label.NEGATIVE, -0.95, 0.65)],
    ids=["somewhat sad", "doubtful"],
)
def test_a_resting_face_that_reads_as_sad_bars_no_session(
    tmp_path: Path, resting: tuple[Label, float, float]
) -> None:
    room = Room(tmp_path)
    room.must_start(minutes=20)
    room.show(resting, 30.5)
    room.expect(Phase.RUNNING)
    assert not room.state.distress


def test_a_grimace_in_the_baseline_is_not_distress(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.must_start(minutes=20)
    for _ in range(5):
        room.show(CRYING, 2.5)
        room.show(NEUTRAL, 3.6)
    room.expect(Phase.RUNNING)
    assert not room.state.distress


def test_a_child_whose_rest_reads_as_very_sad_is_halted_when_it_cries(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.must_start(minutes=20)
    room.show((Label.NEGATIVE, -0.75, 0.9), 31)
    assert room.state.baseline_valence == -0.5
    began_s = room.now_s
    while not room.state.distress:
        room.show(CRYING, 0.1)
    assert room.now_s - began_s <= 7.0
    assert "far below neutral" in room.state.reason


def test_rest_after_a_baseline_full_of_smiles_is_not_distress(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.must_start(minutes=20)
    room.show(HAPPY, 31)
    room.show(NEUTRAL, 60)
    assert room.intensity_pct == START_PCT
    room.expect(Phase.RUNNING)
