"""`calmloop experiment`: two networks and an expert on one clip, as the main paper's Table 1."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calmloop.cli.main import app
from calmloop.emotion_classifier import EmotionClassifierSection
from tests.unit.labelling.counted import write_clip

RUNNER = CliRunner()
ITEMS = ("bars.mp4@0.00-0.50", "bars.mp4@0.50-1.00")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "bars.mp4", frames=30, fps=30.0)


@pytest.fixture
def networks(tmp_path: Path) -> tuple[Path, Path]:
    """The shipped one, and the same under another name."""
    shipped = EmotionClassifierSection().model
    other = tmp_path / "other.tflite"
    for suffix in (".tflite", ".json"):
        shutil.copy(shipped.with_suffix(suffix), other.with_suffix(suffix))
    return shipped, other


def labels(path: Path, answers: Sequence[str], column: str = "label") -> Path:
    rows = [f"{item},{answer}" for item, answer in zip(ITEMS, answers, strict=True)]
    path.write_text("\n".join([f"item,{column}", *rows]) + "\n")
    return path


def run(clip: Path, out: Path, experts: Sequence[Path], systems: Sequence[Path]) -> tuple[int, str]:
    words = ["experiment", str(clip), "--out", str(out), "--every", "0.5", "--json"]
    words += [word for expert in experts for word in ("--labels", str(expert))]
    words += [word for system in systems for word in ("--system", str(system))]
    told = RUNNER.invoke(app, words)
    return told.exit_code, told.stdout if told.exit_code == 0 else told.output


def test_each_network_is_compared_with_the_experts(
    clip: Path, networks: tuple[Path, Path], tmp_path: Path
) -> None:
    experts = [
        labels(tmp_path / "anna.csv", ("neutral", "positive")),
        labels(tmp_path / "ben.csv", ("neutral", "positive")),
    ]
    code, told = run(clip, tmp_path / "out", experts, networks)
    assert code == 0, told
    metrics = json.loads(told)
    assert metrics["experts"] == ["anna", "ben"]
    assert metrics["shown"] == {"negative": 0, "neutral": 1, "positive": 1}
    shipped, other = metrics["systems"]
    assert [shipped["name"], other["name"]] == [networks[0].stem, "other"]
    assert shipped["unknown"] == 2, "bars are no face"
    assert {**shipped, "name": ""} == {**other, "name": ""}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["calm.csv", "other.csv"]


def test_predictions_are_no_experts_labels(
    clip: Path, networks: tuple[Path, Path], tmp_path: Path
) -> None:
    wrong = labels(tmp_path / "calm.csv", ("neutral", "positive"), column="prediction")
    code, told = run(clip, tmp_path / "out", [wrong], networks)
    assert code == 2
    assert "holds a system's predictions" in told
    assert not (tmp_path / "out").exists()


def test_two_networks_of_one_name_are_refused(
    clip: Path, networks: tuple[Path, Path], tmp_path: Path
) -> None:
    expert = labels(tmp_path / "anna.csv", ("neutral", "positive"))
    code, told = run(clip, tmp_path / "out", [expert], (networks[0], networks[0]))
    assert code == 2
    assert "2 networks are called calm" in told
    assert not (tmp_path / "out").exists()


def test_each_network_is_opened(clip: Path, networks: tuple[Path, Path], tmp_path: Path) -> None:
    expert = labels(tmp_path / "anna.csv", ("neutral", "positive"))
    networks[1].write_bytes(b"no network")
    code, told = run(clip, tmp_path / "out", [expert], networks)
    assert code == 2, told
    assert "other.tflite" in told


def test_a_segment_that_no_network_saw_is_named(
    clip: Path, networks: tuple[Path, Path], tmp_path: Path
) -> None:
    expert = tmp_path / "anna.csv"
    expert.write_text("item,label\nother.mp4@0.00-0.50,positive\n")
    code, told = run(clip, tmp_path / "out", [expert], networks[:1])
    assert code == 2
    assert "other.mp4@0.00-0.50" in told
