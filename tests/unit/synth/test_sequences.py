"""A synthetic child talks, turns, cries and laughs, and each frame says what it shows."""

import csv
from pathlib import Path

import numpy as np
import pytest

from calmloop.synth.mesh import Mesh
from calmloop.synth.scene import Studio
from calmloop.synth.sequences import Act, ActFrame, moments, write_sequences

FPS = 10.0


def acted(act: Act, seconds: float = 4.0) -> list[ActFrame]:
    return list(moments(act, seconds, FPS, np.random.default_rng(1)))


@pytest.mark.parametrize(("act", "emotion"), [(Act.CRYING, "sad"), (Act.LAUGHING, "happy")])
def test_a_face_at_rest_begins_to_cry_or_laugh_and_goes_on(act: Act, emotion: str) -> None:
    shown = [moment.emotion for moment in acted(act)]
    begun = shown.index(emotion)
    assert 0.5 * FPS < begun < 2 * FPS
    assert set(shown[:begun]) == {"neutral"}
    assert set(shown[begun:]) == {emotion}
    assert acted(act)[-1].units["mouth-open"] > 0.1


def test_who_talks_is_neutral_and_moves_the_mouth_and_who_turns_looks_to_both_sides() -> None:
    talking, turning = acted(Act.TALKING), acted(Act.TURNING)
    assert {moment.emotion for moment in (*talking, *turning)} == {"neutral"}
    assert len({tuple(sorted(moment.units.items())) for moment in talking}) > FPS
    turns = [moment.pose.yaw_deg for moment in turning]
    assert min(turns) < -50
    assert max(turns) > 50


def test_eyes_blink_and_open_again() -> None:
    lids = [moment.units.get("eye-*-closure", 0.0) for moment in acted(Act.TURNING, 10.0)]
    assert max(lids) > 0.5
    assert np.mean(np.array(lids) == 0.0) > 0.8


def test_frames_lie_in_folders_with_a_row_each_and_are_the_same_for_the_same_seed(
    mesh: Mesh, tmp_path: Path
) -> None:
    studio, folder, again = Studio(mesh, 64), tmp_path / "first", tmp_path / "second"
    rows = list(write_sequences(4, 0.5, 4.0, 5, studio, folder))
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        kept = list(csv.DictReader(file))
    assert [row["picture"] for row in kept] == [row["picture"] for row in rows]
    assert [row["act"] for row in kept] == [act for act in Act for _ in range(2)]
    list(write_sequences(1, 0.5, 4.0, 5, studio, again))
    first, second = ((folder / row["picture"]).read_bytes() for row in kept[:2])
    assert first == (again / kept[0]["picture"]).read_bytes()
    assert first != second
