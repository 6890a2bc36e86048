"""The commands where they can be used wrongly, in an environment without Keras."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calmloop.training.commands.app import app
from calmloop.training.learn.recipe import JointWeights, Recipe, RecipeError

RUNNER = CliRunner()


def test_evaluate_says_what_a_folder_lacks(tmp_path: Path) -> None:
    model = tmp_path / "calm.tflite"
    model.write_bytes(b"weights")
    result = RUNNER.invoke(app, ["evaluate", str(model), "--data", str(tmp_path)])
    assert result.exit_code == 2
    assert "has no card; calm.json is expected beside it" in result.output


@pytest.mark.skipif(find_spec("keras") is not None, reason="the training packages are here")
def test_train_names_the_packages_that_are_missing(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["train", "--data", str(tmp_path), "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "no package keras, tensorflow" in result.output
    assert "make training" in result.output


def test_a_recipe_comes_back_and_an_unfit_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    Recipe(epochs=3, seed=5).save(path)
    assert Recipe.load(path) == Recipe(epochs=3, seed=5)
    path.write_text('{"epochs": 0}')
    with pytest.raises(RecipeError, match="greater than or equal to 1"):
        Recipe.load(path)
    with pytest.raises(RecipeError, match="is not a recipe"):
        Recipe.load(tmp_path / "none.json")


def test_a_weight_of_the_joint_loss_that_cannot_be_is_named() -> None:
    with pytest.raises(RecipeError, match=r"weight of distance: -1\.0: .*greater than or equal"):
        JointWeights.of(1.0, 0.0, -1.0)


def test_the_commands_run_without_the_rest_of_calmloop() -> None:
    command = [sys.executable, "-m", "calmloop.training", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for name in ("train", "teach", "export", "evaluate", "baseline", "data"):
        assert f" {name} " in done.stdout
