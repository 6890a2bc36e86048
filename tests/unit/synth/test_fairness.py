"""`calmloop synth report` counts by group what is found, and what is said of what was drawn."""

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.annotate.reading import FaceAnnotation
from calmloop.base.errors import InputError
from calmloop.camera import Picture
from calmloop.contract.messages.emotion import Label
from calmloop.face_detector import Square
from calmloop.synth.fairness import (
    CalledFace,
    drawn_and_called,
    found_by,
    neutral_called,
    read_pictures,
    rows_of,
)
from calmloop.synth.showing import as_plain, tables

PLAIN = {
    "picture": "face.png",
    "emotion": "neutral",
    "ancestry": "asian",
    "sex": "male",
    "age_years": "8.0",
    "skin_tone": "10",
    "pose": "frontal",
    "light": "even",
    "cover": "none",
    "left_px": "20",
    "top_px": "20",
    "side_px": "40",
}


class Pointing:
    """Says that a face is where it is told."""

    def __init__(self, square: Square | None) -> None:
        self._square = square

    def see_still(self, picture: Picture) -> FaceAnnotation:
        return FaceAnnotation(self._square, None, None)


def written(folder: Path, rows: Sequence[dict[str, str]]) -> Path:
    cv2.imwrite(str(folder / "face.png"), np.zeros((64, 64, 3), np.uint8))
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(PLAIN))
        table.writeheader()
        table.writerows(rows)
    return folder


@pytest.mark.parametrize(
    ("square", "found"),
    [(Square(40, 40, 40), True), (Square(61, 40, 40), False), (None, False)],
)
def test_a_face_is_found_where_it_was_drawn(
    tmp_path: Path, square: Square | None, found: bool
) -> None:
    folder = written(tmp_path, [PLAIN])
    (reading,) = read_pictures(rows_of(folder), folder, Pointing(square))
    assert reading.found is found
    assert reading.label is Label.UNKNOWN


def test_groups_are_counted_over_faces_that_differ_in_nothing_else() -> None:
    readings = [
        CalledFace(PLAIN, found=True, label=Label.NEGATIVE),
        CalledFace(PLAIN | {"skin_tone": "2"}, found=True, label=Label.NEUTRAL),
        CalledFace(PLAIN | {"pose": "turned 60"}, found=False, label=Label.UNKNOWN),
        CalledFace(PLAIN | {"cover": "mask"}, found=True, label=Label.NEGATIVE),
        CalledFace(PLAIN | {"emotion": "happy"}, found=True, label=Label.POSITIVE),
    ]
    poses = found_by(readings, "pose")
    assert (poses["frontal"].value, poses["turned 60"].value) == (1.0, 0.0)
    assert found_by(readings, "ancestry")["asian"].of == 4
    negative = neutral_called(readings, "skin_tone", Label.NEGATIVE)
    assert [(tone, one.value, one.of) for tone, one in negative.items()] == [
        ("2", 0.0, 1),
        ("10", 1.0, 1),
    ]
    assert drawn_and_called(readings)["happy"][Label.POSITIVE].value == 1.0
    assert [table.row_count for table in tables(readings)] == [10, 5, 2]
    assert as_plain(readings)["neutral_called"]["sex"]["negative"]["male"]["value"] == 0.5


def test_a_folder_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest\.csv is not there: name a folder"):
        rows_of(tmp_path)
    with pytest.raises(InputError, match="has no row: draw"):
        rows_of(written(tmp_path, []))
    with pytest.raises(InputError, match="line 2: top_px is 'high', a number is expected"):
        rows_of(written(tmp_path, [PLAIN | {"top_px": "high"}]))
    folder = written(tmp_path, [PLAIN | {"picture": "gone.jpg"}])
    with pytest.raises(InputError, match=r"gone\.jpg cannot be read: draw"):
        list(read_pictures(rows_of(folder), folder, Pointing(None)))
