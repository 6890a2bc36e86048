"""Reads faces from the layouts that FER-2013 comes in; every refusal names the file and the row."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from .data import FACE_SIDE_PX, DataError, Faces, IntArray, UInt8Array, check_faces
from .labels import FER_PLUS_COLUMNS

_PIXELS_PER_FACE = FACE_SIDE_PX * FACE_SIDE_PX


def load_faces(folder: Path) -> Faces:
    """Faces of a folder in one of these layouts; FER+ votes are taken when they are there.

    ``fer2013.npz`` (images, emotion, usage, votes); ``fer2013.csv`` as Kaggle has it, with
    ``fer2013new.csv`` beside it or not; ``labels.csv`` with contact sheets in ``sheets/``.
    Raises DataError for a missing file, a wrong size,
    a broken row, a label out of range, or an emotion that no training face shows.
    """
    if (folder / "fer2013.npz").is_file():
        faces = _load_npz(folder / "fer2013.npz")
    elif (folder / "fer2013.csv").is_file():
        faces = _load_csv(folder)
    elif (folder / "labels.csv").is_file():
        faces = _load_sheets(folder)
    else:
        raise DataError(
            f"{folder} holds none of fer2013.npz, fer2013.csv and labels.csv; "
            "unpack the data there, or name the folder that has them"
        )
    check_faces(faces, folder)
    return faces


def _load_npz(path: Path) -> Faces:
    with np.load(path, allow_pickle=False) as packed:
        missing = {"images", "emotion", "usage"} - set(packed.files)
        if missing:
            raise DataError(f"{path} lacks {', '.join(sorted(missing))}; it has {packed.files}")
        votes = packed["votes"] if "votes" in packed.files else None
        return Faces(packed["images"], packed["emotion"], packed["usage"].astype(str), votes)


def _load_csv(folder: Path) -> Faces:
    path = folder / "fer2013.csv"
    images, emotions, usages = [], [], []
    for line, row in _rows(path, ("emotion", "pixels", "Usage")):
        images.append(_pixels(row["pixels"], path, line))
        emotions.append(_whole_number(row["emotion"], "emotion", path, line))
        usages.append(row["Usage"].strip())
    if not images:
        raise DataError(f"{path} holds no face; a row per face is expected below the header")
    votes_path = folder / "fer2013new.csv"
    votes = _load_votes(votes_path, len(images)) if votes_path.is_file() else None
    return Faces(np.stack(images), np.array(emotions), np.array(usages), votes)


def _load_votes(path: Path, faces: int) -> IntArray:
    rows = [
        [_whole_number(row[column], column, path, line) for column in FER_PLUS_COLUMNS]
        for line, row in _rows(path, FER_PLUS_COLUMNS)
    ]
    if len(rows) != faces:
        raise DataError(
            f"{path} has {len(rows)} rows and fer2013.csv beside it {faces}; "
            "they must list the same faces in the same order"
        )
    return np.array(rows, dtype=np.int64)


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = set(columns) - set(reader.fieldnames or ())
        if missing:
            raise DataError(f"{path} lacks the column(s) {', '.join(sorted(missing))}")
        for row in reader:
            if any(row[column] is None for column in columns):
                raise DataError(
                    f"{path} line {reader.line_num}: the row ends before its last column"
                )
            yield reader.line_num, row


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


def _whole_number(text: str, column: str, path: Path, line: int) -> int:
    try:
        return int(text)
    except ValueError as error:
        message = f"{path} line {line}: {column} is {text!r}, a whole number is expected"
        raise DataError(message) from error


def _load_sheets(folder: Path) -> Faces:
    """``labels.csv`` (sheet, cell, emotion, usage and votes) over sheets of equal gray tiles."""
    path = folder / "labels.csv"
    columns = ("sheet", "cell", "emotion", "usage", *FER_PLUS_COLUMNS)
    rows = list(_rows(path, columns))
    tiles = {
        name: _tiles(folder / "sheets" / f"{name}.png")
        for name in dict.fromkeys(row["sheet"] for _, row in rows)
    }
    images = []
    for line, row in rows:
        sheet, cell = tiles[row["sheet"]], _whole_number(row["cell"], "cell", path, line)
        if not 0 <= cell < len(sheet):
            raise DataError(f"{path} line {line}: cell {cell}, the sheet has 0 to {len(sheet) - 1}")
        images.append(sheet[cell])
    numbers = [
        [
            _whole_number(row[column], column, path, line)
            for column in ("emotion", *FER_PLUS_COLUMNS)
        ]
        for line, row in rows
    ]
    labels = np.array(numbers, dtype=np.int64)
    usage = np.array([row["usage"] for _, row in rows])
    return Faces(np.stack(images), labels[:, 0], usage, labels[:, 1:])


def _tiles(path: Path) -> UInt8Array:
    """The faces of one sheet, row by row: (N, 48, 48) uint8."""
    sheet = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if sheet is None or sheet.shape[0] % FACE_SIDE_PX or sheet.shape[1] % FACE_SIDE_PX:
        raise DataError(f"{path} is not a picture made of {FACE_SIDE_PX}x{FACE_SIDE_PX} tiles")
    down, across = (side // FACE_SIDE_PX for side in sheet.shape)
    tiles = sheet.reshape(down, FACE_SIDE_PX, across, FACE_SIDE_PX).swapaxes(1, 2)
    return np.asarray(tiles.reshape(-1, FACE_SIDE_PX, FACE_SIDE_PX), np.uint8)
