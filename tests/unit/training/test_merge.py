"""Several runs become one, by the mean of their weights; needs the training packages."""

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="training has an environment of its own")

from calmloop.contract.messages.emotion import EMOTIONS  # noqa: E402
from calmloop.training.data.faces import FACE_SIDE_PX, Usage  # noqa: E402
from calmloop.training.data.readers import load_faces  # noqa: E402
from calmloop.training.learn.checkpoint import read_variables, save_weights  # noqa: E402
from calmloop.training.learn.merge import merge  # noqa: E402
from calmloop.training.learn.recipe import Recipe, RecipeError  # noqa: E402
from calmloop.training.learn.runs import RunFolder  # noqa: E402
from calmloop.training.learn.train import best_weights, train  # noqa: E402
from calmloop.training.networks import build_network  # noqa: E402

RECIPE = Recipe(batch_size=32, validation_fraction=0.2)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    emotion = np.arange(140) % 7
    usage = np.where(np.arange(140) < 105, Usage.TRAINING.value, Usage.PUBLIC_TEST.value)
    images = rng.integers(0, 255, (140, 48, 48), dtype=np.uint8)
    np.savez(tmp_path / "fer2013.npz", images=images, emotion=emotion, usage=usage)
    return tmp_path


def run_of(data: Path, name: str, recipe: Recipe = RECIPE) -> Path:
    keras.utils.set_random_seed(len(name))
    model = build_network(recipe.network, FACE_SIDE_PX, len(EMOTIONS))
    folder = RunFolder(data / name)
    folder.path.mkdir()
    folder.begin(recipe, load_faces(data).to_train_on())
    save_weights(folder.best, read_variables(model.weights))
    return folder.path


def test_the_weights_are_the_mean_by_shares_and_the_recipe_says_of_what(data: Path) -> None:
    one, other = run_of(data, "a"), run_of(data, "bb")
    recipe = merge({one: 1.0, other: 3.0}, data, data / "merged")
    assert recipe.merged == {"a": 0.25, "bb": 0.75}
    assert Recipe.load(RunFolder(data / "merged").recipe) == recipe
    found = best_weights(data / "merged")
    for mean, first, second in zip(found, best_weights(one), best_weights(other), strict=True):
        assert mean == pytest.approx(0.25 * first + 0.75 * second, abs=1e-6)


def test_a_merged_run_is_not_trained(data: Path) -> None:
    recipe = merge({run_of(data, "a"): 1.0, run_of(data, "bb"): 1.0}, data, data / "merged")
    with pytest.raises(RecipeError, match="merged runs are not trained"):
        train(recipe, data, data / "merged")


def test_what_cannot_be_merged_is_refused_and_nothing_is_written(data: Path) -> None:
    one = run_of(data, "a")
    other_split = run_of(data, "bb", RECIPE.model_copy(update={"seed": 7}))
    other_network = run_of(data, "ccc", RECIPE.model_copy(update={"network": "cnn2"}))
    for shares, told in (
        ({one: 1.0}, "two or more"),
        ({one: 1.0, run_of(data, "dddd"): 0.0}, "above 0"),
        ({one: 1.0, other_split: 1.0}, "validates on other faces"),
        ({other_network: 1.0, one: 1.0}, "is of the network 'cnn2'"),
    ):
        with pytest.raises(RecipeError, match=told):
            merge(shares, data, data / "merged")
        assert not (data / "merged").exists()
    with pytest.raises(RecipeError, match="holds a run"):
        merge({one: 1.0, run_of(data, "eeeee"): 1.0}, data, one)
