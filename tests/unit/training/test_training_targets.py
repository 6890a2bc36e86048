"""What a recipe makes of labels: weights for rare classes, a teacher's opinion, folds."""

from pathlib import Path

import numpy as np
import pytest

from calmloop.training.data.faces import DataError, Faces, Usage, split_fold
from calmloop.training.learn.recipe import Recipe
from calmloop.training.learn.targets import (
    class_weights,
    load_teacher,
    save_teacher,
    training_targets,
)
from calmloop.training.measure.metrics import softmax


def make_faces(count: int, seed: int = 0) -> Faces:
    images = np.random.default_rng(seed).integers(0, 256, (count, 48, 48), dtype=np.uint8)
    return Faces(images, np.arange(count) % 7, np.full(count, Usage.TRAINING.value))


def test_rare_classes_weigh_more_and_all_together_one_a_face() -> None:
    emotion = np.repeat(np.arange(7), [10, 1, 10, 20, 10, 9, 10])
    weights = class_weights(emotion)
    assert weights[1] == pytest.approx(70 / (7 * 1))
    assert weights[3] == pytest.approx(70 / (7 * 20))
    assert weights[emotion].sum() == pytest.approx(70)
    assert class_weights(np.zeros(5, np.int64)).tolist() == pytest.approx([1 / 7] + [0] * 6)


def test_a_teachers_opinion_finds_its_faces_in_any_order(tmp_path: Path) -> None:
    faces = make_faces(21)
    logits = np.random.default_rng(1).normal(0, 2, (21, 7)).astype(np.float32)
    path = tmp_path / "teacher.npz"
    save_teacher(path, faces.images, logits)
    order = np.random.default_rng(2).permutation(21)[:9]
    recipe = Recipe(teacher=str(path), teacher_share=0.25, teacher_temperature=3, label_smoothing=0)
    targets = training_targets(faces.where(order), recipe)
    labels = np.eye(7)[faces.emotion[order]]
    assert targets == pytest.approx(0.75 * labels + 0.25 * softmax(logits[order], 3), abs=1e-6)
    with pytest.raises(DataError, match="has not seen 9 of 9 faces"):
        training_targets(make_faces(9, seed=5), recipe)


def test_what_is_no_teacher_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "teacher.npz"
    with pytest.raises(DataError, match="holds no teacher's logits"):
        load_teacher(path)
    np.savez(path, images=np.zeros(3))
    with pytest.raises(DataError, match="holds no teacher's logits"):
        load_teacher(path)
    np.savez(path, digests=np.zeros(3, np.uint64), logits=np.zeros((3, 5)))
    with pytest.raises(DataError, match=r"has logits \(3, 5\)"):
        load_teacher(path)


def test_folds_cover_all_faces_once_and_keep_equal_pictures_together() -> None:
    faces = make_faces(140)
    faces.images[70:] = faces.images[:70]
    seen: list[bytes] = []
    for fold in range(5):
        training, validation = split_fold(faces, 5, fold, seed=3)
        assert len(training) + len(validation) == 140
        assert np.bincount(validation.emotion, minlength=7).tolist() == [4] * 7
        held_out = {image.tobytes() for image in validation.images}
        assert not held_out & {image.tobytes() for image in training.images}
        seen += held_out
    assert len(seen) == len(set(seen)) == 70


def test_a_recipe_splits_by_fold_or_by_fraction_and_knows_its_folds() -> None:
    faces = make_faces(140)
    assert len(Recipe(validation_fraction=0.2).split(faces)[1]) == 28
    assert len(Recipe(folds=4, fold=3).split(faces)[1]) == 35
    for fold, folds in ((4, 4), (1, None)):
        with pytest.raises(ValueError, match=f"fold is {fold}"):
            Recipe(folds=folds, fold=fold)
