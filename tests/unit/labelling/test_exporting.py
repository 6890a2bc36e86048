"""What an expert said of a clip goes on to LabelImg: `calmloop label-boxes`."""

from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from calmloop.bench.clip import render
from calmloop.cli.main import app
from calmloop.contract.messages.emotion import Label
from calmloop.labelling.segments import open_clip, segments_of
from calmloop.labelling.voc import read_voc
from calmloop.labelling.yolo import read_yolo

RUNNER = CliRunner()
EVERY_S = 0.5


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("clip") / "child.mp4"
    render(target, 1.5)
    return target


def labelled(clip: Path, path: Path, *answers: str) -> Path:
    items = [segment.item for segment in segments_of(open_clip(clip), EVERY_S)]
    rows = [f"{item},{answer}" for item, answer in zip(items, answers, strict=True) if answer]
    path.write_text("\n".join(["item,label", *rows]) + "\n")
    return path


@pytest.mark.parametrize(("style", "read"), [("voc", read_voc), ("yolo", read_yolo)])
def test_each_answered_segment_is_a_picture_with_a_box(
    clip: Path, tmp_path: Path, style: str, read: object
) -> None:
    labels = labelled(clip, tmp_path / "anna.csv", "neutral", "unsure", "positive")
    out = tmp_path / "boxes"
    line = ["label-boxes", str(clip), str(labels), "--out", str(out), "--style", style]
    told = RUNNER.invoke(app, [*line, "--every", str(EVERY_S)])
    assert told.exit_code == 0, told.output
    pictures = read(out)  # type: ignore[operator]
    written = {picture.path.stem: picture for picture in pictures}
    assert set(written) <= {"child.mp4@0.00-0.50", "child.mp4@1.00-1.50"}
    last = written["child.mp4@1.00-1.50"]
    (face,) = last.faces
    assert face.group is Label.POSITIVE
    picture = cv2.imread(str(last.path))
    assert picture is not None
    height, width = picture.shape[:2]
    assert 0 <= face.left < face.right <= width
    assert 0 <= face.top < face.bottom <= height
    assert face.right - face.left > height / 8
    assert {picture.origin for picture in pictures} == {"boxes/child.mp4"}


def test_labels_of_another_clip_are_refused(clip: Path, tmp_path: Path) -> None:
    labels = tmp_path / "other.csv"
    labels.write_text("item,label\nother.mp4@0.00-0.50,neutral\n")
    told = RUNNER.invoke(app, ["label-boxes", str(clip), str(labels), "--out", str(tmp_path / "b")])
    assert told.exit_code == 2
    assert "no answer is for a segment of child.mp4" in told.output


def test_a_systems_predictions_are_no_labels(clip: Path, tmp_path: Path) -> None:
    labels = tmp_path / "calm.csv"
    labels.write_text("item,prediction\nchild.mp4@0.00-0.50,neutral\n")
    told = RUNNER.invoke(app, ["label-boxes", str(clip), str(labels), "--out", str(tmp_path / "b")])
    assert told.exit_code == 2
    assert "name a person's labels" in told.output
