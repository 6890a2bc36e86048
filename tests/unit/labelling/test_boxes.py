"""Boxes as LabelImg keeps them: read, written, and refused with what to do."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.labelling.boxes import BoxedPicture, BoxError, FaceBox, Size
from calmloop.labelling.voc import read_voc, write_voc_file
from calmloop.labelling.yolo import read_yolo, write_yolo_file

SIZE = Size(160, 120)
LABELIMG_XML = """<annotation>
	<folder>faces</folder>
	<filename>a.png</filename>
	<path>C:\\faces\\a.png</path>
	<source>
		<database>Unknown</database>
	</source>
	<size>
		<width>160</width>
		<height>120</height>
		<depth>3</depth>
	</size>
	<segmented>0</segmented>
	<object>
		<name>Happy</name>
		<pose>Unspecified</pose>
		<truncated>0</truncated>
		<difficult>0</difficult>
		<bndbox>
			<xmin>10</xmin>
			<ymin>20</ymin>
			<xmax>70</xmax>
			<ymax>90</ymax>
		</bndbox>
	</object>
	<object>
		<name>negative</name>
		<pose>Unspecified</pose>
		<truncated>1</truncated>
		<difficult>1</difficult>
		<bndbox>
			<xmin>100</xmin>
			<ymin>30</ymin>
			<xmax>161</xmax>
			<ymax>80</ymax>
		</bndbox>
	</object>
</annotation>
"""
"""As LabelImg 1.8 writes it; it may end a box one pixel outside."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "unseen.png"):
        cv2.imwrite(str(tmp_path / name), np.zeros((SIZE.height, SIZE.width, 3), np.uint8))
    return tmp_path


def test_what_labelimg_wrote_is_read(folder: Path) -> None:
    (folder / "a.xml").write_text(LABELIMG_XML)
    (picture,) = read_voc(folder)
    assert (picture.path.name, picture.size) == ("a.png", SIZE)
    assert picture.faces == (
        FaceBox(10, 20, 70, 90, Label.POSITIVE),
        FaceBox(100, 30, 160, 80, Label.NEGATIVE, difficult=True),
    )


def test_yolo_is_read_with_its_names(folder: Path) -> None:
    (folder / "classes.txt").write_text("sad\nneutral\n")
    (folder / "a.txt").write_text("1 0.500000 0.500000 0.250000 0.500000\n\n0 0.1 0.1 0.1 0.1\n")
    (picture,) = read_yolo(folder)
    assert picture.faces[0] == FaceBox(60, 30, 100, 90, Label.NEUTRAL)
    assert picture.faces[1].group is Label.NEGATIVE


@pytest.mark.parametrize(
    ("write", "read"),
    [(write_voc_file, read_voc), (write_yolo_file, read_yolo)],
    ids=["voc", "yolo"],
)
def test_what_is_written_is_read_again(
    folder: Path,
    write: Callable[[BoxedPicture], Path],
    read: Callable[[Path], list[BoxedPicture]],
) -> None:
    faces = (FaceBox(10, 20, 70, 90, Label.POSITIVE), FaceBox(80, 0, 160, 80, Label.NEGATIVE))
    write(BoxedPicture(folder / "a.png", SIZE, faces))
    write(BoxedPicture(folder / "unseen.png", SIZE, ()))
    with_faces, empty = read(folder)
    for face, wanted in zip(with_faces.faces, faces, strict=True):
        assert face.group is wanted.group
        edges = (face.left, face.top, face.right, face.bottom)
        assert edges == pytest.approx(
            (wanted.left, wanted.top, wanted.right, wanted.bottom), abs=1e-3
        )
    assert empty.faces == ()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("<name>Happy<", "<name>suprise<", r"a\.xml object 1: 'suprise' .* negative, neutral"),
        ("<name>Happy<", "<name>surprise<", "'surprise' is the name of a box"),
        ("<width>160<", "<width>640<", "of a picture of 640x120, .* has 160x120"),
        ("<xmax>70<", "<xmax>700<", "object 1: the box 10, 20, 700, 90 is not in a picture of 160"),
        ("<xmax>70<", "<xmax>10<", "object 1: the box 10, 20, 10, 90 is empty"),
        ("<xmax>70<", "<xmax>nan<", "is empty"),
        ("<xmax>70<", "<xmax>wide<", "bndbox/xmax is 'wide', a number is expected"),
        ("<xmax>70</xmax>", "", "object 1 lacks <bndbox><xmax>"),
        ("</annotation>", "", "is no XML"),
        ("annotation>", "annotations>", "begins with <annotations>"),
        ("<annotation>", "<!DOCTYPE x []><annotation>", "has a DOCTYPE"),
    ],
)
def test_voc_that_cannot_be_used_is_refused(folder: Path, old: str, new: str, says: str) -> None:
    assert old in LABELIMG_XML
    (folder / "a.xml").write_text(LABELIMG_XML.replace(old, new))
    with pytest.raises(BoxError, match=says):
        read_voc(folder)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("0 0.5 0.5 0.1", r"a\.txt line 1: .* is not five numbers"),
        ("sad 0.5 0.5 0.1 0.1", "is not five numbers"),
        ("3 0.5 0.5 0.1 0.1", r"class 3, and classes\.txt has 0 to 2"),
        ("0 80 60 20 20", "outside 0 to 1; shares .* not pixels"),
        ("0 0.5 0.5 0 0.1", "is empty"),
        ("0 0.9 0.5 0.5 0.1", "is not in a picture of 160x120"),
    ],
)
def test_yolo_that_cannot_be_used_is_refused(folder: Path, line: str, says: str) -> None:
    (folder / "classes.txt").write_text("negative\nneutral\npositive\n")
    (folder / "a.txt").write_text(f"{line}\n")
    with pytest.raises(BoxError, match=says):
        read_yolo(folder)


def test_yolo_needs_its_names(folder: Path) -> None:
    (folder / "a.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    with pytest.raises(BoxError, match=r"classes\.txt cannot be read"):
        read_yolo(folder)


def test_a_folder_without_boxes_or_pictures_is_refused(folder: Path) -> None:
    with pytest.raises(BoxError, match=r"none of the 2 pictures .* has a \.xml beside it"):
        read_voc(folder)
    with pytest.raises(BoxError, match="holds no picture"):
        read_voc(folder / "nowhere")


def test_frames_of_one_clip_are_of_one_origin() -> None:
    names = ("anna.mp4@0.00-2.00.jpg", "anna.mp4@2.00-4.00.jpg", "anna_0012.jpg", "ben_0012.jpg")
    origins = [BoxedPicture(Path("set") / name, SIZE, ()).origin for name in names]
    assert origins == ["set/anna.mp4", "set/anna.mp4", "set/anna", "set/ben"]
