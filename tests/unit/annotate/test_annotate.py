"""annotate: every face framed and named, on disk only where a person asked for it."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from calmloop.annotate.drawing import caption, draw
from calmloop.annotate.reading import FaceAnnotation, PictureReader
from calmloop.bench.clip import render
from calmloop.camera.arrays import Picture
from calmloop.cli.main import app
from calmloop.contract.messages.emotion import DoubtReason, Label
from calmloop.emotion_classifier.reading import EmotionReading
from calmloop.emotion_classifier.settings import EmotionClassifierSection
from calmloop.face_detector.geometry import Square
from calmloop.face_detector.settings import FaceDetectorSection

SECONDS = 0.5


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("clip") / "child.mp4"
    render(target, SECONDS)
    return target


@pytest.fixture(scope="module")
def picture(clip: Path) -> Picture:
    read, decoded = cv2.VideoCapture(str(clip)).read()
    assert read
    return np.asarray(decoded, np.uint8)


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["annotate", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_face_is_found_and_read(picture: Picture) -> None:
    perception = PictureReader(FaceDetectorSection(), EmotionClassifierSection())
    answer = perception.see_still(picture)
    assert answer.square is not None
    assert answer.square.side > 80
    assert answer.reading is not None
    assert perception.see_still(picture) == answer


def test_the_box_and_its_name_are_drawn_onto_a_copy(picture: Picture) -> None:
    answer = FaceAnnotation(
        Square(300, 200, 100), EmotionReading(Label.POSITIVE, {}, 0.94, 0.9), None
    )
    drawn = draw(picture, answer)
    assert caption(answer) == "positive 94%"
    assert (drawn != picture).any()
    assert (drawn[150:250, 252:348] == picture[150:250, 252:348]).mean() > 0.9


def test_doubt_names_the_strongest_class_with_a_question_mark() -> None:
    scores = {"happy": 0.4, "sad": 0.3}
    doubt = EmotionReading(Label.UNKNOWN, scores, 0.0, 0.1, DoubtReason.LOW_CONFIDENCE)
    assert caption(FaceAnnotation(Square(0, 0, 1), doubt, doubt.reason)) == "unknown (happy 40%?)"


def test_a_picture_a_folder_and_a_video(clip: Path, picture: Picture, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "one.png"), picture)
    (folder / "two.jpg").write_bytes(b"not a picture")
    out = tmp_path / "out"
    assert run(folder / "one.png", "--out", out)[0] == 0
    code, told = run(folder, "--out", out)
    assert code == 1
    assert "two.jpg is no picture" in told.replace("\n", "")
    assert run(clip, "--out", out)[0] == 0
    assert sorted(p.name for p in out.iterdir()) == [
        "child.mp4-annotated.mp4",
        "one.png-annotated.png",
    ]
    video = cv2.VideoCapture(str(out / "child.mp4-annotated.mp4"))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == round(SECONDS * 30)


@pytest.mark.parametrize("source", ["missing.png", "missing.mp4", "ftp://camera/1"])
def test_a_source_that_cannot_be_read_is_named(source: str, tmp_path: Path) -> None:
    code, told = run(tmp_path / source if "://" not in source else source, "--out", tmp_path / "o")
    assert code == 2
    assert source.split(":", maxsplit=1)[0] in told.replace("\n", "")


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    assert run(tmp_path, "--out", tmp_path / "out")[0] == 2


def test_a_picture_of_a_camera_mounted_upside_down_is_set_upright(
    picture: Picture, tmp_path: Path
) -> None:
    cv2.imwrite(str(tmp_path / "mounted.png"), cv2.rotate(picture, cv2.ROTATE_180))
    cv2.imwrite(str(tmp_path / "upright.png"), picture)
    assert run(tmp_path / "mounted.png", "--rotate", "180", "--out", tmp_path / "out")[0] == 0
    assert run(tmp_path / "upright.png", "--out", tmp_path / "out")[0] == 0
    mounted, upright = (
        cv2.imread(str(tmp_path / "out" / f"{name}.png-annotated.png"))
        for name in ("mounted", "upright")
    )
    assert mounted is not None and upright is not None
    assert np.array_equal(mounted, upright)
