"""From drawn faces to the table beside the paper's: finds them, goes on after a kill."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from calmloop.base.errors import InputError
from calmloop.papers.frcnn import commands
from calmloop.papers.frcnn.compose import SceneRecipe, compose
from calmloop.papers.frcnn.measure import Score, mean_and_deviation, measure
from calmloop.papers.frcnn.pictures import Folds, LabelledPicture
from calmloop.papers.frcnn.settings import Backbone, DetectorSettings, Pooling
from calmloop.papers.frcnn.study import Cell, StudyRecipe, cells_of, read_study, run_study
from calmloop.papers.frcnn.table import table
from calmloop.papers.frcnn.train import TrainRecipe, load_trained, train
from calmloop.papers.runs import Metrics
from tests.papers.drawn_detector import DrawnRun, silent
from tests.papers.drawn_faces import drawn_faces

SMALL = StudyRecipe(
    backbones=(Backbone.SMALL_PLAIN, Backbone.SMALL_RESIDUAL),
    box_weights=(1.0, 10.0),
    pretrain_epochs=0,
    epochs=1,
)


class KilledError(Exception):
    """As if the process had ended there."""


@pytest.fixture(scope="module")
def folds() -> Folds:
    return compose(SceneRecipe(per_fold=8, folds=2), drawn_faces(140, 1), None)


def test_a_detector_finds_drawn_faces_and_names_them(
    drawn_run: DrawnRun, measured: Callable[[str], None]
) -> None:
    score = measure(drawn_run.detector, drawn_run.held_out)
    measured(f"of drawn faces found {score.found:.1%}, called right {score.called:.1%}, seed 1")
    assert score.found > 0.7
    assert score.called > 1 / 3 + 0.2
    again = measure(load_trained(drawn_run.folder), drawn_run.held_out)
    assert (again.accuracy, again.overlap) == (score.accuracy, score.overlap)


@pytest.mark.parametrize("pooling", list(Pooling))
def test_a_killed_training_goes_on_to_the_same_end(
    folds: Folds, tmp_path: Path, pooling: Pooling
) -> None:
    def killed(epoch: int, _: Metrics) -> None:
        if epoch == 1:
            raise KilledError

    recipe = TrainRecipe(detector=DetectorSettings(pooling=pooling), epochs=2)
    whole = train(recipe, folds[0], tmp_path / "whole", silent)
    with pytest.raises(KilledError):
        train(recipe, folds[0], tmp_path / "killed", killed)
    resumed = train(recipe, folds[0], tmp_path / "killed", silent)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value)


def test_a_killed_study_does_no_fold_again(folds: Folds, tmp_path: Path) -> None:
    done: list[tuple[Cell, int]] = []

    def killed(cell: Cell, fold: int, _: Score) -> None:
        done.append((cell, fold))
        if len(done) == 4:
            raise KilledError

    with pytest.raises(KilledError):
        run_study(SMALL, folds, tmp_path, killed)
    assert {cell: len(scores) for cell, scores in read_study(tmp_path).items()} == {
        Cell(Backbone.SMALL_PLAIN, 1.0): 2,
        Cell(Backbone.SMALL_RESIDUAL, 1.0): 1,
        Cell(Backbone.SMALL_RESIDUAL, 10.0): 1,
    }
    first = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("checkpoint.pt")}
    scores = run_study(SMALL, folds, tmp_path, silent)
    assert [len(each) for each in scores.values()] == [2, 2, 2]
    assert all(path.stat().st_mtime_ns == before for path, before in first.items())
    with pytest.raises(InputError, match="a study of other choices"):
        run_study(SMALL.model_copy(update={"epochs": 2}), folds, tmp_path, silent)
    with pytest.raises(InputError, match="a study on other pictures"):
        run_study(SMALL, folds[::-1], tmp_path, silent)


def test_the_paper_is_compared_at_the_first_weight_and_swept_with_the_last_backbone() -> None:
    assert [cell.name for cell in cells_of(StudyRecipe())] == [
        "small-plain-lambda1",
        "small-residual-lambda1",
        "small-residual-lambda5",
        "small-residual-lambda10",
        "small-residual-lambda15",
    ]


def test_the_table_stands_beside_the_papers() -> None:
    score = Score(0.5, 1.0, 0.5, 0.8, 0.1, 9.0)
    other = Score(0.6, 1.0, 0.6, 0.8, 0.1, 9.0)
    text = table({cell: [score, other] for cell in cells_of(StudyRecipe())})
    for paper in ("81.6 %", "89.3 %", "89.7 %", "90.3 %", "91.2 %", "90.8 %", "89.1 ± 0.45 %"):
        assert paper in text
    assert "55.0 ± 7.1 %" in text
    assert "May not be compared" in text


def test_the_mean_and_the_deviation_of_folds() -> None:
    assert mean_and_deviation([0.5, 0.7]) == pytest.approx((0.6, 0.1 * 2**0.5))
    assert mean_and_deviation([0.5]) == (0.5, 0.0)


class Answers:
    """A detector that says the same of every picture."""

    def __init__(self, boxes: list[list[float]], labels: list[int], scores: list[float]) -> None:
        self._said = {
            "boxes": torch.tensor(boxes).reshape(-1, 4),
            "labels": torch.tensor(labels),
            "scores": torch.tensor(scores),
        }

    def eval(self) -> None:
        """It is always so."""

    def __call__(self, _: Any) -> Any:
        return [self._said]


def test_a_missed_face_is_wrong_and_a_face_where_none_is_counts() -> None:
    pixels = np.zeros((96, 96, 3), np.uint8)
    boxes = np.array([[0, 0, 40, 40], [50, 50, 90, 90]], np.float32)
    picture = LabelledPicture(pixels, boxes, np.array([2, 0]), "a")
    near, nowhere = [0.0, 0.0, 40.0, 38.0], [50.0, 0.0, 90.0, 40.0]
    says = Answers([near, nowhere, near], [3, 1, 1], [0.9, 0.8, 0.6])
    score = measure(says, [picture])
    assert (score.found, score.called, score.accuracy, score.false_faces) == (0.5, 1.0, 0.5, 1.0)
    assert score.overlap == pytest.approx(0.95)
    assert measure(Answers([], [], []), [picture]).accuracy == 0.0


def test_the_command_goes_from_faces_to_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faces = drawn_faces(700, 4)
    np.savez(
        tmp_path / "fer2013.npz", images=faces.images, emotion=faces.emotion, usage=faces.usage
    )
    out = tmp_path / "study"
    given: dict[str, Any] = {
        "backbone": [Backbone.SMALL_RESIDUAL],
        "box_weight": [1.0],
        "pretrain_epochs": 1,
        "epochs": 1,
        "pictures": 4,
        "folds": 2,
        "seed": 1,
        "threads": 1,
    }
    commands.study(out, tmp_path, **given)
    commands.show_table(out)
    told = capsys.readouterr().out
    assert "backbone, epoch 1: loss" in told
    assert told.count("| small-residual | ") == 2
    saved = json.loads((out / "small-residual-lambda1" / "fold2" / "result.json").read_text())
    assert 0 <= saved["accuracy"] <= saved["found"] <= 1
    with pytest.raises(Exception, match="2"):
        commands.study(out, tmp_path, **{**given, "epochs": 2})
    assert "a study of other choices" in capsys.readouterr().err
