"""Writes pictures of synthetic children with their labels, as folders that `evaluate` reads.

``pictures/`` is what a camera would see, ``test/<emotion>/`` the faces as the network gets them,
cut where they were drawn, and ``manifest.csv`` says of each how it was made. It is written last:
without it a run was broken off.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from calmloop.base.errors import InputError
from calmloop.cli.outputs import make_folder, whole_file, write_text
from calmloop.synth.paint import Looks
from calmloop.synth.person import Person
from calmloop.synth.plan import COVERS, Planned
from calmloop.synth.scene import FaceSquare, Picture, Studio
from calmloop.training.data.faces import FACE_SIDE_PX
from calmloop.training.data.traits import MANIFEST

PICTURES, FACES = "pictures", "test"
JPEG_QUALITY = 95

Row = Mapping[str, object]


def empty_folder(folder: Path) -> Path:
    """The folder, made where it is missing.

    Raises:
        InputError: it holds something, which would be mixed with what is written.
    """
    make_folder(folder)
    found = sorted(path.name for path in folder.iterdir())
    if found:
        raise InputError(f"{folder} already holds {found[0]}: name a new folder, or empty this one")
    return folder


def write_pictures(planned: Iterator[Planned], studio: Studio, folder: Path) -> list[Row]:
    """Draws all that is planned into an empty folder; the rows of its manifest.

    Raises:
        InputError: the folder is not empty.
        OutputError: something cannot be written.
    """
    empty_folder(folder)
    rows = [_write(one, studio, folder) for one in planned]
    write_manifest(rows, folder)
    return rows


def write_manifest(rows: Sequence[Row], folder: Path) -> None:
    """A row per picture, with the first one's columns."""
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write_text(folder / MANIFEST, text.getvalue())


def write_picture(path: Path, picture: npt.NDArray[np.uint8]) -> None:
    """A picture by its file's ending, JPEG or PNG.

    Raises:
        OutputError: it cannot be written.
    """
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if path.suffix == ".jpg" else []
    _, packed = cv2.imencode(path.suffix, picture, options)
    with whole_file(path) as file:
        file.write(packed.tobytes())


def covered(picture: Picture, square: FaceSquare, name: str, seed: int) -> tuple[Picture, float]:
    """The picture with something in front of its face, and the share of evidence that is lost.

    Each colour is covered alike, so that a hand takes its skin's own.
    """
    way = COVERS[name]
    if way is None:
        return picture, 0.0
    rows, columns = _slices(square, picture.shape[0])
    out, lost = picture.copy(), 0.0
    for channel in range(3):
        face = np.ascontiguousarray(picture[rows, columns, channel])
        out[rows, columns, channel], lost = way(face, np.random.default_rng(seed))
    return out, lost


def face_of(picture: Picture, square: FaceSquare) -> npt.NDArray[np.uint8]:
    """The face (48, 48) uint8 gray as the network gets it."""
    rows, columns = _slices(square, picture.shape[0])
    gray = cv2.cvtColor(picture[rows, columns], cv2.COLOR_BGR2GRAY)
    small = cv2.resize(gray, (FACE_SIDE_PX, FACE_SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _slices(square: FaceSquare, side: int) -> tuple[slice, slice]:
    """Rows and columns of a square, moved into the picture where it sticks out."""
    size = min(side, round(square.side))
    top, left = (int(np.clip(round(edge), 0, side - size)) for edge in (square.top, square.left))
    return slice(top, top + size), slice(left, left + size)


def _write(one: Planned, studio: Studio, folder: Path) -> Row:
    shot = one.shot
    drawn, square = studio.draw(shot)
    picture, lost = covered(drawn, square, one.cover, shot.seed)
    name = f"{one.number:05d}"
    paths = Path(PICTURES, f"{name}.jpg"), Path(FACES, one.emotion, f"{name}.png")
    write_picture(folder / paths[0], picture)
    write_picture(folder / paths[1], face_of(picture, square))
    return {
        "picture": paths[0].as_posix(),
        "face": paths[1].as_posix(),
        "emotion": one.emotion,
        **person_columns(shot.person, shot.looks),
        "pose": one.pose,
        "yaw_deg": shot.pose.yaw_deg,
        "pitch_deg": shot.pose.pitch_deg,
        "roll_deg": shot.pose.roll_deg,
        "light": shot.light,
        "cover": one.cover,
        "evidence_lost": round(lost, 3),
        **square_columns(square),
    }


def person_columns(person: Person, looks: Looks) -> Row:
    """What a manifest says of a person."""
    return {
        "ancestry": person.ancestry.value,
        "sex": person.sex.value,
        "age_years": person.age_years,
        "weight": round(person.weight, 2),
        "skin_tone": looks.skin_tone,
        "hair": looks.hair,
        "style": looks.style.value,
        "eyes": looks.eyes,
    }


def square_columns(square: FaceSquare) -> Row:
    """Where a manifest says that a face is."""
    return {
        "left_px": round(square.left, 1),
        "top_px": round(square.top, 1),
        "side_px": round(square.side, 1),
    }
