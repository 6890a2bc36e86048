"""What a recipe can ask of the training loop; needs the training packages."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="training has an environment of its own")

from calmloop.training.data.faces import Usage  # noqa: E402
from calmloop.training.learn.checkpoint import load_state  # noqa: E402
from calmloop.training.learn.losses import (  # noqa: E402
    CENTRE_MARGIN,
    ClassCentres,
    joint_losses,
    joint_trainer,
)
from calmloop.training.learn.optimizer import build_optimizer  # noqa: E402
from calmloop.training.learn.recipe import JointWeights, Recipe, Schedule  # noqa: E402
from calmloop.training.learn.runs import RunFolder  # noqa: E402
from calmloop.training.learn.targets import load_teacher  # noqa: E402
from calmloop.training.learn.train import save_opinion, train  # noqa: E402
from calmloop.training.networks import build_network  # noqa: E402

pytestmark = pytest.mark.timeout(600)  # several trainings each, and TensorFlow compiles each anew

RECIPE = Recipe(epochs=1, batch_size=32, warmup_epochs=0.5, validation_fraction=0.2)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces")
    emotion = np.arange(140) % 7
    noise = np.random.default_rng(0).integers(0, 16, (140, 48, 48))
    images = (emotion[:, None, None] * 34 + noise).astype(np.uint8)
    usage = np.full(140, Usage.TRAINING.value)
    np.savez(folder / "fer2013.npz", images=images, emotion=emotion, usage=usage)
    return folder


class Killed(BaseException):
    """Stands for a signal: nothing of ours catches it."""


def test_a_run_with_everything_resumes_and_repeats(data: Path, tmp_path: Path) -> None:
    save = RECIPE.model_copy(update={"joint": JointWeights()})
    train(save, data, tmp_path / "teacher")
    teacher = tmp_path / "teacher.npz"
    assert save_opinion(tmp_path / "teacher", data, teacher) == 140
    assert load_teacher(teacher).logits.shape == (140, 7)
    recipe = Recipe(
        epochs=2,
        batch_size=32,
        warmup_epochs=0.5,
        joint=JointWeights(distance=0.5),
        class_weights=True,
        mix_p=0.8,
        teacher=str(teacher),
        folds=4,
        fold=1,
    )

    def kill(epoch: int, batch: int, batches: int) -> None:
        if (epoch, batch) == (1, 1):
            raise Killed

    whole = train(recipe, data, tmp_path / "whole")
    with pytest.raises(Killed):
        train(recipe, data, tmp_path / "killed", kill)
    assert len(load_state(RunFolder(tmp_path / "killed").checkpoint).history) == 1
    resumed = train(recipe, data, tmp_path / "killed")
    assert [one.loss for one in resumed] == pytest.approx([one.loss for one in whole], rel=1e-4)


@pytest.mark.parametrize(
    "change",
    [
        {"class_weights": True},
        {"mix_p": 1.0},
        {"joint": JointWeights()},
        {"group_weight": 1.0},
        {"training_share": 0.5},
    ],
)
def test_each_option_changes_what_is_trained(
    data: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    emotion = np.load(data / "fer2013.npz")["emotion"]
    skewed = tmp_path / "skewed"
    skewed.mkdir()
    keep = np.flatnonzero((emotion < 5) | (np.arange(140) < 70))
    with np.load(data / "fer2013.npz") as packed:
        np.savez(skewed / "fer2013.npz", **{name: packed[name][keep] for name in packed.files})
    plain = train(RECIPE, skewed, tmp_path / "plain")[0].loss
    changed = train(RECIPE.model_copy(update=change), skewed, tmp_path / "changed")[0].loss
    assert changed != pytest.approx(plain, rel=1e-3)


def test_the_joint_loss_is_the_sum_of_its_three_terms() -> None:
    weights = JointWeights(classification=2.0, regularisation=1e-3, distance=0.5)
    model = build_network("calm", 48, 7)
    trainer = joint_trainer(model, weights)
    trainer.compile(keras.optimizers.SGD(0.0), **joint_losses(weights))
    pictures = np.random.default_rng(0).uniform(-1, 1, (4, 48, 48, 1)).astype(np.float32)
    targets = np.eye(7, dtype=np.float32)[[0, 1, 2, 3]]
    outputs = trainer(pictures, training=False)
    logits, distances = (
        keras.ops.convert_to_numpy(outputs[key]) for key in ("logits", "distances")
    )
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    centres = keras.ops.convert_to_numpy(trainer.get_layer("centres").centres)
    centres = centres / np.linalg.norm(centres, axis=1, keepdims=True)
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=2)[~np.eye(7, dtype=bool)]
    squares = sum(
        float((keras.ops.convert_to_numpy(variable) ** 2).sum())
        for variable in model.trainable_variables
        if variable.name == "kernel"
    )
    expected = (
        2.0 * -(targets * log_p).sum(axis=1).mean()
        + 1e-3 * squares
        + 0.5 * (targets * distances).sum(axis=1).mean()
        + 0.5 * (np.maximum(CENTRE_MARGIN - gaps, 0) ** 2).mean()
    )
    loss = trainer.evaluate(pictures, dict.fromkeys(outputs, targets), verbose=0)
    assert float(np.ravel(loss)[0]) == pytest.approx(expected, rel=1e-3)


def test_centres_move_apart_and_towards_their_class() -> None:
    features = keras.Input((4,))
    layer = ClassCentres(3, push=1.0)
    model = keras.Model(features, layer(features))
    layer.centres.assign(np.array([[1, 0.1, 0, 0], [1, 0, 0.1, 0], [1, 0, 0, 0.1]], np.float32))
    model.compile(keras.optimizers.SGD(0.5), lambda truth, found: 0.0 * found[:, 0])
    for _ in range(200):
        model.train_on_batch(np.ones((2, 4), np.float32), np.zeros((2, 3), np.float32))
    centres = keras.ops.convert_to_numpy(layer.centres)
    centres = centres / np.linalg.norm(centres, axis=1, keepdims=True)
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=2)[~np.eye(3, dtype=bool)]
    assert gaps.min() > 0.9 * CENTRE_MARGIN


def test_steps_divide_the_rate_by_ten_and_a_cosine_warms_up() -> None:
    step = Recipe(epochs=50, schedule=Schedule.STEP, peak_learning_rate=0.005)
    rate = build_optimizer(step, batches=10)._learning_rate
    rates = [float(rate(epoch * 10 + 5)) for epoch in (0, 19, 20, 45)]
    assert rates == pytest.approx([0.005, 0.005, 0.0005, 0.00005])
    short = Recipe(epochs=5, schedule=Schedule.STEP)
    assert float(build_optimizer(short, 10).learning_rate) == pytest.approx(2e-3)
    cosine = build_optimizer(Recipe(epochs=10), batches=10)._learning_rate
    assert float(cosine(0)) < 1e-4
    assert float(cosine(20)) == pytest.approx(2e-3, rel=0.01)
    assert float(cosine(100)) == pytest.approx(0, abs=1e-6)


def test_the_command_trains_fold_by_fold(data: Path, tmp_path: Path) -> None:
    arguments = ["train", "calm", "--data", str(data), "--out", str(tmp_path), "--folds", "2"]
    options = ["--epochs", "1", "--batch-size", "32", "--class-weights", "--mix", "0.8"]
    options += ["--joint", "--joint-weights", "2", "0", "0.5"]
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from calmloop.training.commands.app import app; app()",
            *arguments,
            *options,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "2 folds: validation accuracy" in done.stdout
    recipes = [Recipe.load(RunFolder(tmp_path / f"fold-{fold}").recipe) for fold in (0, 1)]
    assert [(one.folds, one.fold) for one in recipes] == [(2, 0), (2, 1)]
    asked = JointWeights(classification=2, regularisation=0, distance=0.5)
    assert all(one.joint == asked and one.class_weights for one in recipes)
    assert RunFolder(tmp_path / "fold-1").curves.is_file()
