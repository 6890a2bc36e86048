"""Faces as picture files: sorted into folders, or listed as RAF-DB lists them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import DataError, Usage
from calmloop.training.data.readers import load_faces

HEADER = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
)
RAF_CLASSES = ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral")


def write_picture(path: Path, level: int, side_px: int = 48) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((side_px, side_px), level, np.uint8))


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Seven training pictures, two test ones; their level is their row in the whole list."""
    for n, emotion in enumerate(EMOTIONS):
        write_picture(tmp_path / "train" / emotion / f"Training_{n:05d}.png", n)
    write_picture(tmp_path / "test" / "sad" / "PublicTest_00007.png", 7)
    write_picture(tmp_path / "test" / "happy" / "PrivateTest_00008.png", 8)
    return tmp_path


@pytest.fixture
def raf(tmp_path: Path) -> Path:
    lines = []
    for n in range(7):
        write_picture(tmp_path / "Image" / "aligned" / f"train_{n:05d}_aligned.jpg", 20 * n, 100)
        lines.append(f"train_{n:05d}.jpg {n + 1}")
    write_picture(tmp_path / "Image" / "aligned" / "test_0001_aligned.jpg", 200, 100)
    (tmp_path / "EmoLabel").mkdir()
    (tmp_path / "EmoLabel" / "list_patition_label.txt").write_text(
        "\n".join([*lines, "test_0001.jpg 4"]) + "\n"
    )
    return tmp_path


def write_votes(folder: Path, usages: list[str]) -> None:
    rows = [f"{usage},fer{n}.png,{n},10,0,0,0,0,0,0,0,0" for n, usage in enumerate(usages)]
    (folder / "fer2013new.csv").write_text("\n".join([HEADER, *rows]) + "\n")


def test_folders_give_label_and_part(folders: Path) -> None:
    faces = load_faces(folders)
    assert len(faces) == 9
    training = faces.part(Usage.TRAINING)
    assert [int(image[0, 0]) for image in training.images] == training.emotion.tolist()
    (public,), (private,) = (
        faces.part(part).emotion for part in (Usage.PUBLIC_TEST, Usage.PRIVATE_TEST)
    )
    assert (EMOTIONS[public], EMOTIONS[private]) == ("sad", "happy")
    assert faces.votes is None


def test_a_folder_of_test_pictures_alone_can_be_measured_on(folders: Path) -> None:
    shutil.rmtree(folders / "train")
    assert len(load_faces(folders).part(Usage.PUBLIC_TEST)) == 1


def test_folders_named_with_nouns_are_the_same_emotions(folders: Path) -> None:
    (folders / "train" / "happy").rename(folders / "train" / "Happiness")
    assert sorted(load_faces(folders).emotion.tolist()) == [0, 1, 2, 3, 3, 4, 4, 5, 6]


def test_a_votes_list_beside_folders_is_matched_by_the_row_in_the_name(folders: Path) -> None:
    write_votes(folders, ["Training"] * 7 + ["PublicTest", "PrivateTest"])
    faces = load_faces(folders)
    assert faces.votes is not None
    assert faces.votes[:, 0].tolist() == faces.images[:, 0, 0].tolist()


def test_a_votes_list_of_other_pictures_is_refused(folders: Path) -> None:
    write_votes(folders, ["Training"] * 5)
    with pytest.raises(DataError, match=r"Training_00006\.png names none of the 5 rows"):
        load_faces(folders)
    write_votes(folders, ["PublicTest"] + ["Training"] * 8)
    with pytest.raises(DataError, match=r"is Training and row 0 of .* PublicTest"):
        load_faces(folders)


def break_size(folder: Path) -> None:
    write_picture(folder / "train" / "sad" / "big.png", 1, 50)


def break_file(folder: Path) -> None:
    (folder / "train" / "sad" / "text.png").write_text("not a picture")


def add_stranger(folder: Path) -> None:
    write_picture(folder / "train" / "contempt" / "a.png", 1)


def remove_all(folder: Path) -> None:
    for path in folder.rglob("*.png"):
        path.unlink()


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (break_size, r"big\.png is 50x50, 48x48 is expected"),
        (break_file, r"text\.png cannot be read as a picture"),
        (add_stranger, r"contempt is named after no emotion; there are: angry"),
        (remove_all, r"holds no picture; train/<emotion>/"),
    ],
)
def test_a_broken_folder_is_refused_with_the_place(
    folders: Path, spoil: Callable[[Path], None], complaint: str
) -> None:
    spoil(folders)
    with pytest.raises(DataError, match=complaint):
        load_faces(folders)


def test_raf_db_is_read_with_its_own_classes_and_made_gray_and_small(raf: Path) -> None:
    faces = load_faces(raf)
    assert faces.images.shape == (8, 48, 48)
    training = faces.part(Usage.TRAINING)
    assert [EMOTIONS[n] for n in training.emotion] == list(RAF_CLASSES)
    assert training.images[:, 24, 24] == pytest.approx(20 * np.arange(7), abs=2)
    assert [EMOTIONS[n] for n in faces.part(Usage.PUBLIC_TEST).emotion] == ["happy"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("train_00001.jpg", "line 9: 'train_00001.jpg', a file name and a class"),
        ("train_00001.jpg 8", "line 9: class '8', 1 to 7 is expected"),
        ("valid_00001.jpg 3", r"line 9: 'valid_00001\.jpg', train_… or test_…"),
        ("train_09999.jpg 3", r"line 9: neither train_09999_aligned\.jpg nor train_09999\.jpg"),
        ("train_tiny.jpg 3", "is 40x40; a square of at least 48 pixels"),
    ],
)
def test_a_broken_raf_line_is_refused_with_its_number(raf: Path, line: str, complaint: str) -> None:
    write_picture(raf / "Image" / "aligned" / "train_tiny_aligned.jpg", 9, 40)
    listed = raf / "EmoLabel" / "list_patition_label.txt"
    listed.write_text(listed.read_text() + line + "\n")
    write_picture(raf / "Image" / "aligned" / "valid_00001_aligned.jpg", 9, 100)
    with pytest.raises(DataError, match=complaint):
        load_faces(raf)


def test_an_empty_raf_list_is_refused(raf: Path) -> None:
    (raf / "EmoLabel" / "list_patition_label.txt").write_text("\n")
    with pytest.raises(DataError, match="is empty"):
        load_faces(raf)
