"""Reads pictures sorted into ``train/<emotion>/`` and ``test/<emotion>/``."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import FACE_SIDE_PX, DataError, Faces, IntArray, UInt8Array, Usage
from calmloop.training.data.labels import FER_PLUS_COLUMN_OF
from calmloop.training.data.rows import VOTES_FILE, load_votes
from calmloop.training.data.traits import load_traits

USAGE_OF_FOLDER = {"train": Usage.TRAINING, "test": Usage.PUBLIC_TEST}
_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp"}
_EMOTION_OF_FOLDER = {name: n for n, name in enumerate(EMOTIONS)} | {
    FER_PLUS_COLUMN_OF[name]: n for n, name in enumerate(EMOTIONS)
}
"""``sad`` and ``sadness`` alike; some collections use nouns."""


def load_image_folders(folder: Path) -> Faces:
    """Faces of all pictures below ``train`` and ``test``, in the order of their paths.

    With a manifest of `calmloop synth` in the folder they have its traits.
    ``test`` is PublicTest, but a file called ``PrivateTest…`` keeps that part. With a FER+ list in
    the folder, the number that a file's name ends in must be its row there.

    Raises:
        DataError: for a folder that is no emotion, and for a file that is not a 48x48 picture.
    """
    found = list(_pictures(folder))
    if not found:
        raise DataError(
            f"{folder} holds no picture; train/<emotion>/*.png or test/<emotion>/*.png with "
            f"{', '.join(EMOTIONS)} is expected"
        )
    paths, emotions, usages = zip(*found, strict=True)
    images = np.stack([read_face(path) for path in paths])
    usage = np.array([usage.value for usage in usages])
    votes = _votes_of(paths, usage, folder / VOTES_FILE)
    return Faces(images, np.array(emotions), usage, votes, load_traits(folder, paths))


def _pictures(folder: Path) -> Iterator[tuple[Path, int, Usage]]:
    """Each picture below `train` and `test` with its emotion and part, in the paths' order."""
    for name, part in USAGE_OF_FOLDER.items():
        for directory in sorted(path for path in (folder / name).glob("*") if path.is_dir()):
            emotion = _emotion_of(directory)
            for path in sorted(directory.iterdir()):
                if path.suffix.lower() in _SUFFIXES:
                    yield path, emotion, _usage_of(path, part)


def read_face(path: Path) -> UInt8Array:
    """One gray picture (48, 48) uint8.

    Raises:
        DataError: for another size or an unreadable file.
    """
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise DataError(f"{path} cannot be read as a picture; remove it, or copy it anew")
    if image.shape != (FACE_SIDE_PX, FACE_SIDE_PX):
        height, width = image.shape
        raise DataError(
            f"{path} is {width}x{height}, {FACE_SIDE_PX}x{FACE_SIDE_PX} is expected; cut the face "
            "out and resize it first"
        )
    return np.asarray(image, np.uint8)


def _emotion_of(directory: Path) -> int:
    emotion = _EMOTION_OF_FOLDER.get(directory.name.lower())
    if emotion is None:
        raise DataError(f"{directory} is named after no emotion; there are: {', '.join(EMOTIONS)}")
    return emotion


def _usage_of(path: Path, part: Usage) -> Usage:
    is_private = part is Usage.PUBLIC_TEST and path.name.startswith(Usage.PRIVATE_TEST.value)
    return Usage.PRIVATE_TEST if is_private else part


def _votes_of(paths: Sequence[Path], usage: npt.NDArray[np.str_], listed: Path) -> IntArray | None:
    if not listed.is_file():
        return None
    votes = load_votes(listed)
    rows = np.array([_row_of(path, len(votes.votes), listed) for path in paths])
    (wrong,) = np.nonzero(votes.usage[rows] != usage)
    if wrong.size:
        n = int(wrong[0])
        raise DataError(
            f"{paths[n]} is {usage[n]} and row {rows[n]} of {listed} {votes.usage[rows[n]]}: "
            "the numbers in the names are not FER-2013's rows; remove the list to train without it"
        )
    return np.asarray(votes.votes[rows], np.int64)


def _row_of(path: Path, rows: int, listed: Path) -> int:
    number = re.search(r"(\d+)$", path.stem)
    if number is None or int(number[1]) >= rows:
        raise DataError(
            f"{path} names none of the {rows} rows of {listed}; a name that ends in the row of "
            "fer2013.csv, 0 the first, is expected; remove the list to train without it"
        )
    return int(number[1])
