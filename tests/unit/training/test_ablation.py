"""What each idea brings: the recipes differ by that idea alone; needs the training packages."""

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="training has an environment of its own")

from calmloop.base.errors import ConfigurationError  # noqa: E402
from calmloop.training.augment.augmentation import UNCHANGED  # noqa: E402
from calmloop.training.data.faces import Usage  # noqa: E402
from calmloop.training.data.readers import load_faces  # noqa: E402
from calmloop.training.learn import ablation  # noqa: E402
from calmloop.training.learn.ablation import BASE, IDEAS, ablate, base_recipe, recipes  # noqa: E402
from calmloop.training.learn.losses import EmotionLoss  # noqa: E402
from calmloop.training.learn.recipe import Recipe, RecipeError  # noqa: E402
from calmloop.training.learn.runs import RunFolder  # noqa: E402
from calmloop.training.learn.train import Training, best_weights, train  # noqa: E402

RECIPE = base_recipe(share=0.5, epochs=1, seed=1).model_copy(update={"batch_size": 16})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces")
    emotion = np.arange(280) % 7
    images = np.random.default_rng(0).integers(0, 256, (280, 48, 48)).astype(np.uint8)
    usage = np.where(np.arange(280) < 210, Usage.TRAINING.value, Usage.PUBLIC_TEST.value)
    np.savez(folder / "fer2013.npz", images=images, emotion=emotion, usage=usage)
    return folder


def test_every_idea_is_a_recipe_that_differs_from_the_base_by_what_it_says() -> None:
    made = recipes(RECIPE, Path("teacher.npz"))
    assert made.keys() == IDEAS.keys()
    assert made[BASE] == RECIPE
    for name, recipe in made.items():
        assert Recipe.model_validate(recipe.model_dump()) == recipe
        changed = {key for key, value in recipe if value != getattr(RECIPE, key)}
        assert changed == set(IDEAS[name]) | ({"teacher"} if name == "distillation" else set())
    assert "distillation" not in recipes(RECIPE, None)


def test_only_the_ideas_asked_for_are_tried_beside_the_base() -> None:
    assert set(recipes(RECIPE, None, ["flip", "ghost"])) == {BASE, "flip", "ghost"}
    with pytest.raises(ConfigurationError, match="'ghots' is none of"):
        recipes(RECIPE, None, ["ghots"])
    with pytest.raises(ConfigurationError, match="distillation takes a teacher"):
        recipes(RECIPE, None, ["distillation"])


def test_the_unchanged_augmentation_leaves_every_pixel() -> None:
    faces = np.random.default_rng(1).integers(0, 256, (32, 48, 48)).astype(np.uint8)
    assert np.array_equal(UNCHANGED(faces, np.random.default_rng(2)), faces)


def test_a_table_says_what_an_idea_brought_and_is_not_trained_twice(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation, "IDEAS", {BASE: {}, "group": {"group_weight": 5.0}})
    rows = ablate(data, tmp_path, RECIPE, None)
    assert [row["idea"] for row in rows] == [BASE, "group"]
    assert rows[0]["gain"] == rows[0]["standard_error"] == 0
    assert rows[1]["gain"] == pytest.approx(rows[1]["accuracy_7"] - rows[0]["accuracy_7"], abs=0.11)
    learned = [best_weights(tmp_path / run) for run in ("calm--nothing-added", "group")]
    assert not all(np.array_equal(*pair) for pair in zip(*learned, strict=True))
    assert (tmp_path / "ablation.json").is_file()
    written = (tmp_path / "group" / "checkpoint.npz").stat().st_mtime_ns
    assert ablate(data, tmp_path, RECIPE, None) == rows
    assert (tmp_path / "group" / "checkpoint.npz").stat().st_mtime_ns == written


def test_a_run_starts_from_the_best_weights_of_another(data: Path, tmp_path: Path) -> None:
    train(RECIPE, data, tmp_path / "first")
    recipe = RECIPE.model_copy(update={"start": str(tmp_path / "first"), "mix_p": 0.5})
    folder = RunFolder(tmp_path / "second")
    folder.path.mkdir()
    faces = load_faces(data)
    begun = Training(recipe, faces, folder).model.get_weights()
    for one, other in zip(begun, best_weights(tmp_path / "first"), strict=True):
        assert np.array_equal(one, other)
    with pytest.raises(RecipeError, match="learned from faces that this run validates on"):
        Training(recipe.model_copy(update={"seed": 5}), faces, folder)


def test_the_groups_loss_tells_a_near_mistake_from_a_far_one() -> None:
    angry, sad, happy = 0, 4, 3
    targets = np.eye(7, dtype=np.float32)[[angry, angry]]
    logits = np.zeros((2, 7), np.float32)
    logits[0, sad] = logits[1, happy] = 5.0

    def loss(weight: float) -> list[float]:
        return [
            float(
                keras.ops.convert_to_numpy(
                    EmotionLoss(weight)(targets[n : n + 1], logits[n : n + 1])
                )
            )
            for n in range(2)
        ]

    plain, grouped = loss(0.0), loss(1.0)
    assert plain[0] == pytest.approx(plain[1])
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    negative = shares[:, [0, 1, 2, 4]].sum(axis=1)
    assert grouped == pytest.approx([p - np.log(n) for p, n in zip(plain, negative, strict=True)])
    assert grouped[0] < grouped[1] - 3
