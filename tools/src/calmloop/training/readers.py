"""Reads faces from the layouts that people have; every refusal names the file and the row."""

from pathlib import Path

import cv2
import numpy as np

from .data import FACE_SIDE_PX, DataError, Faces, UInt8Array, check_faces
from .image_folders import TRAINING_FOLDER, load_image_folders
from .labels import FER_PLUS_COLUMNS
from .raf_db import find_list, load_raf_db
from .rows import VOTES_FILE, load_votes, read_rows, whole_number

_PIXELS_PER_FACE = FACE_SIDE_PX * FACE_SIDE_PX


def load_faces(folder: Path) -> Faces:
    """Faces of a folder in one of these layouts; FER+ votes are taken when they are there.

    ``fer2013.npz`` (images, emotion, usage, votes); ``fer2013.csv`` as Kaggle has it; pictures in
    ``train/<emotion>/`` and ``test/<emotion>/``; ``fer2013new.csv`` beside either of these two or
    not; RAF-DB's list file with its aligned pictures; ``labels.csv`` with contact sheets in
    ``sheets/``. Raises DataError for a missing file, a wrong size, a broken row, a label out of
    range, or an emotion that no training face shows.
    """
    if (folder / "fer2013.npz").is_file():
        faces = _load_npz(folder / "fer2013.npz")
    elif (folder / "fer2013.csv").is_file():
        faces = _load_csv(folder)
    elif (folder / "labels.csv").is_file():
        faces = _load_sheets(folder)
    elif (folder / TRAINING_FOLDER).is_dir():
        faces = load_image_folders(folder)
    elif (raf_list := find_list(folder)) is not None:
        faces = load_raf_db(folder, raf_list)
    else:
        raise DataError(
            f"{folder} holds none of fer2013.npz, fer2013.csv, labels.csv, {TRAINING_FOLDER}/ and "
            "RAF-DB's list; unpack the data there, or name the folder that has them"
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
    for line, row in read_rows(path, ("emotion", "pixels", "Usage")):
        images.append(_pixels(row["pixels"], path, line))
        emotions.append(whole_number(row["emotion"], "emotion", path, line))
        usages.append(row["Usage"].strip())
    if not images:
        raise DataError(f"{path} holds no face; a row per face is expected below the header")
    votes = None
    if (folder / VOTES_FILE).is_file():
        votes = load_votes(folder / VOTES_FILE).votes
        if len(votes) != len(images):
            raise DataError(
                f"{folder / VOTES_FILE} has {len(votes)} rows and fer2013.csv beside it "
                f"{len(images)}; they must list the same faces in the same order"
            )
    return Faces(np.stack(images), np.array(emotions), np.array(usages), votes)


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
    numbers = [
        [whole_number(row[column], column, path, line) for column in ("emotion", *FER_PLUS_COLUMNS)]
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
