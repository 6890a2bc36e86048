"""The whole path from faces to an int8 file, on made-up faces; needs the training packages."""

import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="training has an environment of its own")

from calmloop.emotion_classifier.card import read_card  # noqa: E402
from calmloop.training.data.faces import DataError, Usage  # noqa: E402
from calmloop.training.data.readers import load_faces  # noqa: E402
from calmloop.training.learn.average import AveragedWeights  # noqa: E402
from calmloop.training.learn.checkpoint import load_state  # noqa: E402
from calmloop.training.learn.recipe import Recipe, RecipeError  # noqa: E402
from calmloop.training.learn.runs import RunFolder  # noqa: E402
from calmloop.training.learn.train import Training, best_weights, train  # noqa: E402
from calmloop.training.networks import UnknownNetworkError  # noqa: E402

pytestmark = pytest.mark.timeout(600)  # several trainings each, and TensorFlow compiles each anew

RECIPE = Recipe(epochs=3, batch_size=32, warmup_epochs=1, validation_fraction=0.2)
SHORT = RECIPE.model_copy(update={"epochs": 1})
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


def test_a_folder_with_another_run_is_refused_and_left_as_it_is(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    train(SHORT, data, out)
    before = {path: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(RecipeError, match="another recipe: epochs, seed differ"):
        train(RECIPE.model_copy(update={"seed": 9}), data, out)
    with np.load(data / "fer2013.npz") as packed:
        fewer = {name: packed[name][:210] for name in packed.files}
    np.savez(tmp_path / "fer2013.npz", **fewer | {"images": fewer["images"][::-1]})
    with pytest.raises(RecipeError, match="was trained on other faces"):
        train(SHORT, tmp_path, out)
    assert before == {path: path.read_bytes() for path in out.iterdir()}


def test_a_start_that_fails_leaves_the_folder_free(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNetworkError):
        train(SHORT.model_copy(update={"network": "clam"}), data, tmp_path)
    assert len(train(SHORT, data, tmp_path)) == 1


def test_too_few_faces_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="168 faces to train on are fewer than a batch of 256"):
        train(SHORT.model_copy(update={"batch_size": 256}), data, tmp_path)
    with pytest.raises(DataError, match="none of 210 faces is left for validation"):
        train(SHORT.model_copy(update={"validation_fraction": 0.01}), data, tmp_path)


def test_a_lost_history_is_written_again(data: Path, tmp_path: Path) -> None:
    history = train(SHORT, data, tmp_path)
    RunFolder(tmp_path).history.unlink()
    train(SHORT, data, tmp_path)
    assert RunFolder(tmp_path).read_history() == [asdict(epoch) for epoch in history]


def test_a_short_run_does_not_keep_its_random_start(data: Path, tmp_path: Path) -> None:
    fresh = Training(SHORT, load_faces(data), RunFolder(tmp_path)).average.values
    train(SHORT, data, tmp_path)
    learned = best_weights(tmp_path)
    moved = [
        not np.allclose(*pair, atol=1e-4)
        for pair in zip(fresh, learned, strict=True)
        if pair[0].ndim == 4
    ]
    assert moved
    assert all(moved)


def test_the_average_catches_up_with_every_step() -> None:
    variable = keras.Variable(np.ones(2))
    average = AveragedWeights([np.zeros(2)], decay=0.5, steps=1000)
    for _ in range(11):
        average.update([variable])
    assert average.values[0] == pytest.approx(1 - 0.5**8)
    average.catch_up([variable])
    assert average.values[0] == pytest.approx(1 - 0.5**11)


def test_what_cannot_be_exported_is_refused_first(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    from calmloop.training.export.release import ExportError, Release, export

    train(SHORT, data, tmp_path / "run")
    for release in (Release(name="calm_v2"), Release(version="")):
        with pytest.raises(ExportError, match="is not 1 to 30"):
            export(tmp_path / "run", data, tmp_path / "out", release)
    assert not (tmp_path / "out").exists()


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
    assert sorted(path.name for path in tmp_path.glob("tiny*")) == ["tiny.json", "tiny.tflite"]
    assert read_card(tmp_path / "tiny.tflite").data["set"] == "not stated"
    model = str(tmp_path / "tiny.tflite")
    table = run("evaluate", model, "--data", str(data), "--corrupt", "--pictures", str(tmp_path))
    assert (tmp_path / "1-tiny-0.1.0-confusion.png").is_file()
    assert "accuracy_7" in table
    assert "70 faces of PublicTest" in table


def test_a_network_goes_on_from_an_int8_file_as_if_it_had_its_run(
    data: Path, tmp_path: Path
) -> None:
    pytest.importorskip("tensorflow")
    from calmloop.training.export.release import Release, export
    from calmloop.training.learn.from_file import start_from_file
    from calmloop.training.learn.train import predict_logits, run_logits
    from calmloop.training.networks import build_network
    from calmloop.training.tflite.network import Int8Network

    doubting = SHORT.model_copy(update={"spoil_p": 0.3, "no_face_p": 0.2})
    train(doubting, data, tmp_path / "run")
    card = export(tmp_path / "run", data, tmp_path, Release(name="tiny", is_mirrored=False))
    assert card.doubt_logit is not None
    file = tmp_path / "tiny.tflite"
    assert read_card(file).calibration == card.calibration
    faces = load_faces(data).to_train_on()
    model = build_network("calm", 48, 7)
    start_from_file(model, file, doubting, faces.images)
    started, int8 = predict_logits(model, faces.images), Int8Network(file).logits(faces.images)
    assert np.abs(started - int8).max() < 0.1 * np.ptp(int8) + 0.1
    assert (run_logits(file, faces) == int8).all()
    further = doubting.model_copy(update={"start": str(file)})
    assert len(train(further, data, tmp_path / "further")) == 1
    for wrong, told in (
        ({"seed": 7}, "it was made with seed 2; take the same here"),
        ({"network": "cnn2"}, "is of the network 'calm', and this run trains 'cnn2'"),
        ({"network": "ghost"}, "are not read back from an int8 file: go on from its run folder"),
    ):
        with pytest.raises(RecipeError, match=told):
            train(further.model_copy(update=wrong), data, tmp_path / "wrong")
