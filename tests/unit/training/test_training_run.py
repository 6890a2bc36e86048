"""The whole path from faces to an int8 file, on made-up faces; needs the training packages."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="training has an environment of its own")

from calmloop.training.checkpoint import load_state  # noqa: E402
from calmloop.training.data import Usage  # noqa: E402
from calmloop.training.recipe import Recipe, RecipeError  # noqa: E402
from calmloop.training.runs import RunFolder  # noqa: E402
from calmloop.training.train import train  # noqa: E402

RECIPE = Recipe(epochs=3, batch_size=32, warmup_epochs=1, validation_fraction=0.2)
COMMAND = [sys.executable, "-m", "calmloop.training"]


class Killed(BaseException):
    """Stands for a signal: nothing of ours catches it, and nothing is written on the way out."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures whose mean brightness is their label, so that a few epochs learn something."""
    folder = tmp_path_factory.mktemp("faces")
    rng = np.random.default_rng(0)
    emotion = np.arange(280) % 7
    noise = rng.integers(0, 16, (280, 48, 48))
    usage = np.where(np.arange(280) < 210, Usage.TRAINING.value, Usage.PUBLIC_TEST.value)
    images = (emotion[:, None, None] * 34 + noise).astype(np.uint8)
    np.savez(folder / "fer2013.npz", images=images, emotion=emotion, usage=usage)
    return folder


def test_a_killed_run_goes_on_as_if_nothing_had_happened(data: Path, tmp_path: Path) -> None:
    def kill(epoch: int, batch: int, batches: int) -> None:
        if (epoch, batch) == (1, batches // 2):
            raise Killed

    whole = train(RECIPE, data, tmp_path / "whole")
    with pytest.raises(Killed):
        train(RECIPE, data, tmp_path / "killed", kill)
    assert len(load_state(RunFolder(tmp_path / "killed").checkpoint).history) == 1
    resumed = train(RECIPE, data, tmp_path / "killed")
    assert len(resumed) == len(whole) == RECIPE.epochs
    for one, other in zip(whole, resumed, strict=True):
        assert one.loss == pytest.approx(other.loss, rel=1e-5)
        assert one.validation_loss == pytest.approx(other.validation_loss, rel=1e-5)


def test_the_same_seed_gives_the_same_first_epoch_and_another_does_not(
    data: Path, tmp_path: Path
) -> None:
    first, again, other = (
        train(RECIPE.model_copy(update={"epochs": 1, "seed": seed}), data, tmp_path / name)[0].loss
        for name, seed in (("first", 1), ("again", 1), ("other", 2))
    )
    assert first == pytest.approx(again, rel=1e-5)
    assert first != pytest.approx(other, rel=1e-5)


def test_a_folder_with_another_recipe_is_refused(data: Path, tmp_path: Path) -> None:
    RECIPE.save(RunFolder(tmp_path).recipe)
    with pytest.raises(RecipeError, match="another recipe"):
        train(RECIPE.model_copy(update={"seed": 9}), data, tmp_path)


def test_four_commands_lead_from_faces_to_a_measured_int8_network(
    data: Path, tmp_path: Path
) -> None:
    pytest.importorskip("tensorflow")

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [*COMMAND, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": "200"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    out = str(tmp_path / "run")
    assert "280 faces" in run("data", "describe", str(data), "--sheet", str(tmp_path / "s.png"))
    run("train", "calm", "--data", str(data), "--out", out, "--epochs", "2", "--batch-size", "16")
    assert RunFolder(Path(out)).curves.stat().st_size > 1000
    run("export", out, "--data", str(data), "--out", str(tmp_path), "--name", "tiny")
    model = str(tmp_path / "tiny.tflite")
    table = run("evaluate", model, "--data", str(data), "--corrupt", "--pictures", str(tmp_path))
    assert (tmp_path / "1-tiny-0.1.0-confusion.png").is_file()
    assert "accuracy_7" in table
    assert "70 faces of PublicTest" in table
