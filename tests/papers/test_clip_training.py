"""From nothing: a tiny CLIP learns sentences about drawn faces, and LoRA the labels they have."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from calmloop.base.errors import InputError
from calmloop.papers.clip import commands
from calmloop.papers.clip.compare import Scored
from calmloop.papers.clip.tiny import PretrainRecipe, contrastive_loss, pretrain
from calmloop.papers.clip.tune import Told, TuneRecipe, load_tuned, logits_of, mean_recall, tune
from calmloop.papers.clip.zero_shot import load_clip, zero_shot_logits
from calmloop.papers.runs import Metrics
from calmloop.training.data.faces import Faces, Usage
from calmloop.training.data.readers import load_faces
from calmloop.training.learn.targets import load_teacher
from tests.papers.drawn_faces import drawn_faces

PRETRAIN = PretrainRecipe(
    epochs=16, batch_size=32, width=64, layers=2, learning_rate=2e-3, validation_fraction=0.1
)
FACES = 840


def silent(_epoch: int, _metrics: Metrics) -> None:
    """Nobody looks."""


class KilledError(Exception):
    """As if the process had ended there."""


def killed_in(last: int) -> Told:
    def told(epoch: int, _metrics: Metrics) -> None:
        if epoch == last:
            raise KilledError

    return told


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn faces whose votes call fear surprise, packed as FER-2013 is."""
    faces = drawn_faces(FACES, 1, fear_looks_surprised=True)
    folder = tmp_path_factory.mktemp("faces")
    np.savez(
        folder / "fer2013.npz",
        images=faces.images,
        emotion=faces.emotion,
        usage=faces.usage,
        votes=np.asarray(faces.votes),
    )
    return folder


@pytest.fixture(scope="module")
def clip(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("clip")
    pretrain(PRETRAIN, load_faces(data), out, silent)
    return out / "clip"


@pytest.fixture(scope="module")
def run(data: Path, clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("lora")
    tune(recipe(clip), load_faces(data), out, silent)
    return out


def recipe(clip: Path, epochs: int = 6) -> TuneRecipe:
    gentle: dict[str, Any] = {"trivial_p": 0.3, "erase_p": 0.1, "mix_p": 0.2}
    return TuneRecipe(clip=str(clip), epochs=epochs, batch_size=32, learning_rate=3e-3, **gentle)


def to_measure(data: Path) -> Faces:
    return load_faces(data).part(Usage.PUBLIC_TEST)


def test_zero_shot_beats_chance_and_lora_beats_zero_shot(
    data: Path, clip: Path, run: Path, measured: Callable[[str], None]
) -> None:
    faces = to_measure(data)
    zero_shot = Scored.of(
        "zero-shot", zero_shot_logits(*load_clip(clip), faces.images), faces.emotion
    )
    lora = Scored.of("lora", logits_of(load_tuned(run), faces.images), faces.emotion)
    for row in (zero_shot, lora):
        measured(
            f"{row.name}: {row.accuracy:.1%} of {len(faces)} drawn faces, seed {PRETRAIN.seed}"
        )
    assert zero_shot.accuracy > 1 / 7 + 0.1
    assert lora.accuracy > zero_shot.accuracy + 0.1
    assert lora.recall > zero_shot.recall + 0.1


def test_a_killed_run_goes_on_to_the_same_end(data: Path, clip: Path, tmp_path: Path) -> None:
    faces, short = load_faces(data), recipe(clip, epochs=2)
    whole = tune(short, faces, tmp_path / "whole", silent)
    with pytest.raises(KilledError):
        tune(short, faces, tmp_path / "killed", killed_in(1))
    resumed = tune(short, faces, tmp_path / "killed", silent)
    assert [each["loss"] for each in resumed] == pytest.approx([each["loss"] for each in whole])
    ends = [load_tuned(tmp_path / name).state_dict() for name in ("whole", "killed")]
    for name, value in ends[0].items():
        torch.testing.assert_close(ends[1][name], value)


def test_a_killed_pretraining_goes_on_to_the_same_end(data: Path, tmp_path: Path) -> None:
    faces = load_faces(data)
    short = PRETRAIN.model_copy(update={"epochs": 2, "width": 32, "layers": 1})
    whole = pretrain(short, faces, tmp_path / "whole", silent)
    with pytest.raises(KilledError):
        pretrain(short, faces, tmp_path / "killed", killed_in(1))
    resumed = pretrain(short, faces, tmp_path / "killed", silent)
    assert [each["loss"] for each in resumed] == pytest.approx([each["loss"] for each in whole])


def test_a_folder_with_another_run_is_refused(data: Path, clip: Path, run: Path) -> None:
    with pytest.raises(InputError, match="another recipe"):
        tune(recipe(clip, epochs=9), load_faces(data), run, silent)
    with pytest.raises(InputError, match="other faces"):
        tune(recipe(clip), drawn_faces(FACES, 2), run, silent)


def test_captions_need_votes(data: Path, tmp_path: Path) -> None:
    faces = load_faces(data)
    unvoted = Faces(faces.images, faces.emotion, faces.usage)
    with pytest.raises(InputError, match="no FER\\+ votes"):
        pretrain(PRETRAIN, unvoted, tmp_path, silent)


def test_pictures_with_the_same_sentence_are_not_pushed_from_it() -> None:
    same = contrastive_loss(torch.full((2, 2), 3.0), ["a happy face"] * 2)
    told_apart = contrastive_loss(3 * torch.eye(2), ["a happy face"] * 2)
    assert same == pytest.approx(np.log(2))
    assert told_apart > same


def test_a_rare_emotion_counts_more_in_the_mean_recall() -> None:
    logits = np.eye(7, dtype=np.float32)[[3] * 10]
    assert mean_recall(logits, np.array([3] * 9 + [1])) == 0.5


def test_the_teacher_file_is_what_training_reads(data: Path, run: Path, tmp_path: Path) -> None:
    commands.teach(run, data, tmp_path / "t.npz", threads=1)
    images = load_faces(data).to_train_on().images[:50]
    taught = load_teacher(tmp_path / "t.npz").targets(images, 1.0)
    own = torch.from_numpy(logits_of(load_tuned(run), images)).softmax(1).numpy()
    np.testing.assert_allclose(taught, own, atol=1e-4)


def test_the_commands_tell_the_table_and_the_cost_of_merging(
    data: Path, clip: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.compare(clip, data, [run], threads=1)
    commands.merge(run, data, tmp_path / "merged", threads=1)
    told = capsys.readouterr().out
    assert "| zero-shot | " in told
    assert f"| {run.name} | " in told
    assert "logits merged and not differ by" in told
    assert (tmp_path / "merged/tower/model.safetensors").is_file()


def test_the_command_that_tunes_leaves_metrics_and_curves(
    data: Path, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.tune_lora(clip, data, tmp_path, epochs=1, threads=1, head_only=True, plain=True)
    assert "epoch 1: loss" in capsys.readouterr().out
    history = json.loads((tmp_path / "history.json").read_text())
    assert set(history[0]) >= {"loss", "validation_accuracy", "validation_recall", "duration_s"}
    assert (tmp_path / "curves.png").stat().st_size > 1000
