import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from calmloop.training.commands.data import app
from calmloop.training.data.describe import (
    contact_sheet,
    distribution,
    find_duplicates,
    find_overlaps,
    vote_metrics,
)
from calmloop.training.data.faces import Faces, Usage
from tests.unit.training.packed_faces import pack

RUNNER = CliRunner()
HAPPY, SAD = 3, 4


@pytest.fixture
def faces() -> Faces:
    """14 training and 7 test faces: three repeat (one labelled otherwise), two across parts."""
    images = np.random.default_rng(0).integers(0, 256, (21, 48, 48), dtype=np.uint8)
    images[1], images[7], images[14], images[15] = images[0], images[0], images[0], images[8]
    usage = np.array([Usage.TRAINING.value] * 14 + [Usage.PUBLIC_TEST.value] * 7)
    votes = np.zeros((21, 10), np.int64)
    votes[:, 3] = 6
    votes[0] = [0] * 9 + [10]
    return Faces(images, np.arange(21) % 7, usage, votes)


def test_faces_are_counted_by_part_and_emotion(faces: Faces) -> None:
    assert distribution(faces) == {Usage.TRAINING: [2] * 7, Usage.PUBLIC_TEST: [1] * 7}


def test_equal_pictures_are_found_with_contradicting_labels(faces: Faces) -> None:
    # Picture 0 has labels 0, 1, 0 and 0; picture 8 has label 1 twice.
    assert find_duplicates(faces) == (2, 4, 1)


def test_faces_in_two_parts_are_counted_on_both_sides(faces: Faces) -> None:
    assert find_overlaps(faces) == [(Usage.TRAINING, Usage.PUBLIC_TEST, 4, 2)]


def test_votes_are_compared_with_labels(faces: Faces) -> None:
    metrics = vote_metrics(faces)
    assert metrics is not None
    assert metrics.usable == 20
    assert metrics.agreement == pytest.approx(np.mean(faces.emotion[1:] == SAD))


def test_the_contact_sheet_shows_each_emotion_in_a_row_of_its_own() -> None:
    images = np.repeat(np.arange(14, dtype=np.uint8) % 7 * 30 + 40, 48 * 48).reshape(14, 48, 48)
    usage = np.full(14, Usage.TRAINING.value)
    sheet = contact_sheet(Faces(images, np.arange(14) % 7, usage), columns=3)
    height_px = sheet.shape[0] // 7
    for n in range(7):
        row = sheet[n * height_px : (n + 1) * height_px]
        assert row[-50, 50] == row[-50, 150] == n * 30 + 40
        assert row[-50, 250] == 0
        assert row[:16, :80].max() > 150


def test_the_command_prints_numbers_and_draws(faces: Faces, tmp_path: Path) -> None:
    data, sheet = pack(faces, tmp_path), tmp_path / "out" / "sheet.png"
    result = RUNNER.invoke(app, ["describe", str(data), "--sheet", str(sheet)])
    assert result.exit_code == 0, result.output
    for expected in ("PublicTest", "disgust", "2 pictures occur more than once"):
        assert expected in result.output
    drawn = cv2.imread(str(sheet))
    assert drawn is not None
    assert drawn.shape[1] == 12 * 96
    metrics = json.loads(RUNNER.invoke(app, ["describe", str(data), "--json"]).output)
    assert metrics["distribution"]["Training"]["sad"] == 2
    assert metrics["overlaps"][0]["of_second"] == 2


def test_unusable_data_and_an_unwritable_sheet_are_refused(faces: Faces, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["describe", str(tmp_path)])
    assert result.exit_code == 2
    assert "holds none of fer2013.npz" in result.output
    data = pack(faces, tmp_path)
    result = RUNNER.invoke(app, ["describe", str(data), "--sheet", str(tmp_path / "sheet.txt")])
    assert result.exit_code == 2
    assert "name a .png file" in result.output
