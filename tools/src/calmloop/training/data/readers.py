"""Reads faces from the layouts that people have; every refusal names the file and the row."""

from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np

from calmloop.training.data.faces import (
    ALIASES,
    FACE_SIDE_PX,
    DataError,
    Faces,
    IntArray,
    UInt8Array,
    Usage,
    check_faces,
)
from calmloop.training.data.image_folders import USAGE_OF_FOLDER, load_image_folders
from calmloop.training.data.labels import FER_PLUS_COLUMNS
from calmloop.training.data.raf_db import find_list, load_raf_db
from calmloop.training.data.rows import (
    VOTES_FILE,
    emotion_of,
    load_votes,
    read_rows,
    usage_of,
    votes_of,
    whole_number,
)

_PIXELS_PER_FACE = FACE_SIDE_PX * FACE_SIDE_PX
_CSV_FILES = ("fer2013.csv", "icml_face_data.csv")
"""Kaggle has the same rows under two names."""
NO_FACE = "holds no face; a row per face is expected below the header"
SAME_FACES = "they must list the same faces in the same order; remove the list to go without it"


_FER_2013 = ("fer2013.npz", *_CSV_FILES, "labels.csv")
"""Files whose parts have FER-2013's own names."""


def part_name(folder: Path, usage: Usage) -> str:
    """What the data in a folder call one of their parts: `test`, not FER-2013's `PublicTest`."""
    if any((folder / name).is_file() for name in _FER_2013):
        return usage.value
    own = {part: name for name, part in ALIASES.items()}
    return own.get(usage, usage.value)


def load_faces(folder: Path) -> Faces:
    """Faces of a folder in one of these layouts; FER+ votes are taken when they are there.

    ``fer2013.npz`` (images, emotion, usage, votes); ``fer2013.csv`` or ``icml_face_data.csv`` as
    Kaggle has them; pictures in
    ``train/<emotion>/`` and ``test/<emotion>/``; ``fer2013new.csv`` beside either of these two or
    not; RAF-DB's list file with its aligned pictures; ``labels.csv`` with contact sheets in
    ``sheets/``. Which parts and emotions they must have, whoever uses them says.

    Raises:
        DataError: for a missing file, a wrong size, a broken row, or a label out of range.
    """
    if (folder / "fer2013.npz").is_file():
        faces = _load_npz(folder / "fer2013.npz")
    elif (listed := _csv_in(folder)) is not None:
        faces = _load_csv(listed)
    elif (folder / "labels.csv").is_file():
        faces = _load_sheets(folder)
    elif any((folder / name).is_dir() for name in USAGE_OF_FOLDER):
        faces = load_image_folders(folder)
    elif (raf_list := find_list(folder)) is not None:
        faces = load_raf_db(folder, raf_list)
    else:
        raise DataError(
            f"{folder} holds none of fer2013.npz, fer2013.csv, icml_face_data.csv, labels.csv, "
            "train/, test/ and RAF-DB's list; unpack the data there, or name the folder that has "
            "them"
        )
    check_faces(faces, folder)
    return faces


def _load_npz(path: Path) -> Faces:
    try:
        with np.load(path, allow_pickle=False) as packed:
            arrays = {name: packed[name] for name in packed.files}
    except (OSError, EOFError, ValueError, BadZipFile) as error:
        raise DataError(f"{path} cannot be read ({error}); pack the faces anew") from error
    missing = {"images", "emotion", "usage"} - arrays.keys()
    if missing:
        raise DataError(f"{path} lacks {', '.join(sorted(missing))}; it has {', '.join(arrays)}")
    usage = arrays["usage"].astype(str)
    return Faces(arrays["images"], arrays["emotion"], usage, arrays.get("votes"))


def _csv_in(folder: Path) -> Path | None:
    paths = (folder / name for name in _CSV_FILES)
    return next((path for path in paths if path.is_file()), None)


def _load_csv(path: Path) -> Faces:
    images, emotions, usages = [], [], []
    for line, row in read_rows(path, ("emotion", "pixels", "Usage")):
        images.append(_pixels(row["pixels"], path, line))
        emotions.append(emotion_of(row["emotion"], path, line))
        usages.append(usage_of(row["Usage"], path, line))
    if not images:
        raise DataError(f"{path} {NO_FACE}")
    votes = _votes_beside(path, usages) if path.with_name(VOTES_FILE).is_file() else None
    return Faces(np.stack(images), np.array(emotions), np.array(usages), votes)


def _votes_beside(path: Path, usages: list[str]) -> IntArray:
    """The votes of the list beside ``fer2013.csv``; its rows must be of the same parts."""
    listed = path.with_name(VOTES_FILE)
    usage, votes = load_votes(listed)
    if len(votes) != len(usages):
        raise DataError(
            f"{listed} has {len(votes)} rows and {path.name} beside it {len(usages)}; {SAME_FACES}"
        )
    (other,) = np.nonzero(usage != np.array(usages))
    if other.size:
        n = int(other[0])
        raise DataError(
            f"{listed} row {n + 1} is of {usage[n]} and that of {path.name} of {usages[n]}; "
            f"{SAME_FACES}"
        )
    return votes


def _pixels(text: str, path: Path, line: int) -> UInt8Array:
    try:
        values = np.array(text.split(), dtype=np.int64)
    except ValueError as error:
        raise DataError(f"{path} line {line}: a pixel is not a whole number ({error})") from error
    if values.size != _PIXELS_PER_FACE:
        raise DataError(
            f"{path} line {line}: {values.size} pixels, {_PIXELS_PER_FACE} are expected"
        )
    if values.min() < 0 or values.max() > 255:
        raise DataError(f"{path} line {line}: a pixel is outside 0 to 255")
    return values.astype(np.uint8).reshape(FACE_SIDE_PX, FACE_SIDE_PX)


def _load_sheets(folder: Path) -> Faces:
    """``labels.csv`` (sheet, cell, emotion, usage and votes) over sheets of equal gray tiles."""
    path = folder / "labels.csv"
    columns = ("sheet", "cell", "emotion", "usage", *FER_PLUS_COLUMNS)
    rows = list(read_rows(path, columns))
    tiles = {
        name: _tiles(folder / "sheets" / f"{name}.png")
        for name in dict.fromkeys(row["sheet"] for _, row in rows)
    }
    images = []
    for line, row in rows:
        sheet, cell = tiles[row["sheet"]], whole_number(row["cell"], "cell", path, line)
        if not 0 <= cell < len(sheet):
            raise DataError(f"{path} line {line}: cell {cell}, the sheet has 0 to {len(sheet) - 1}")
        images.append(sheet[cell])
    if not images:
        raise DataError(f"{path} {NO_FACE}")
    emotion = np.array([emotion_of(row["emotion"], path, line) for line, row in rows])
    usage = np.array([usage_of(row["usage"], path, line) for line, row in rows])
    votes = np.array([votes_of(row, path, line) for line, row in rows])
    return Faces(np.stack(images), emotion, usage, votes)


def _tiles(path: Path) -> UInt8Array:
    """The faces of one sheet, row by row: (N, 48, 48) uint8."""
    sheet = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if sheet is None or sheet.shape[0] % FACE_SIDE_PX or sheet.shape[1] % FACE_SIDE_PX:
        raise DataError(f"{path} is not a picture made of {FACE_SIDE_PX}x{FACE_SIDE_PX} tiles")
    down, across = (side // FACE_SIDE_PX for side in sheet.shape)
    tiles = sheet.reshape(down, FACE_SIDE_PX, across, FACE_SIDE_PX).swapaxes(1, 2)
    return np.asarray(tiles.reshape(-1, FACE_SIDE_PX, FACE_SIDE_PX), np.uint8)
