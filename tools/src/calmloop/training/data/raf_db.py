"""Reads RAF-DB's basic emotions: its list file and the aligned pictures it names."""

from pathlib import Path

import cv2
import numpy as np

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import FACE_SIDE_PX, DataError, Faces, UInt8Array, Usage

_LISTS = (
    "list_patition_label.txt",
    "EmoLabel/list_patition_label.txt",
    "list_partition_label.txt",
    "EmoLabel/list_partition_label.txt",
)
"""RAF-DB's own spelling first."""
_PICTURE_FOLDERS = ("Image/aligned", "aligned", ".")
_RAF_EMOTIONS = ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral")
"""Its classes 1 to 7 in our words, from its readme."""
_USAGE_OF_PREFIX = {"train": Usage.TRAINING, "test": Usage.PUBLIC_TEST}


def find_list(folder: Path) -> Path | None:
    """The list file in a folder laid out as RAF-DB is, or None."""
    paths = (folder / name for name in _LISTS)
    return next((path for path in paths if path.is_file()), None)


def load_raf_db(folder: Path, listed: Path) -> Faces:
    """Faces of a list with lines such as ``train_00001.jpg 5``, in its order; no votes.

    The aligned pictures (100x100 colour) become 48x48 gray; ``test_…`` becomes PublicTest. They
    are framed more tightly than FER-2013: measure the framing anew at export.

    Raises:
        DataError: for a broken line, an unknown class, and a picture that is missing, not square or
            below 48 pixels.
    """
    images, emotions, usages = [], [], []
    for line, text in enumerate(_text(listed).splitlines(), start=1):
        if not text.strip():
            continue
        name, emotion = _entry(text, listed, line)
        images.append(_read(_picture_of(folder, name, listed, line)))
        emotions.append(emotion)
        usages.append(_usage_of(name, listed, line).value)
    if not images:
        raise DataError(f"{listed} is empty; lines such as 'train_00001.jpg 5' are expected")
    return Faces(np.stack(images), np.array(emotions), np.array(usages))


def _text(listed: Path) -> str:
    try:
        return listed.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{listed} is no UTF-8 text ({error}); copy it anew") from error


def _entry(text: str, listed: Path, line: int) -> tuple[str, int]:
    parts = text.split()
    if len(parts) != 2:
        raise DataError(f"{listed} line {line}: {text!r}, a file name and a class are expected")
    if parts[1] not in {"1", "2", "3", "4", "5", "6", "7"}:
        raise DataError(f"{listed} line {line}: class {parts[1]!r}, 1 to 7 is expected")
    return parts[0], EMOTIONS.index(_RAF_EMOTIONS[int(parts[1]) - 1])


def _usage_of(name: str, listed: Path, line: int) -> Usage:
    usage = _USAGE_OF_PREFIX.get(name.split("_", maxsplit=1)[0])
    if usage is None:
        raise DataError(f"{listed} line {line}: {name!r}, train_… or test_… is expected")
    return usage


def _picture_of(folder: Path, name: str, listed: Path, line: int) -> Path:
    plain = Path(name)
    names = (f"{plain.stem}_aligned{plain.suffix}", plain.name)
    for directory in _PICTURE_FOLDERS:
        for candidate in names:
            path = folder / directory / candidate
            if path.is_file():
                return path
    raise DataError(
        f"{listed} line {line}: neither {names[0]} nor {names[1]} is in "
        f"{', '.join(_PICTURE_FOLDERS)} of {folder}; unpack the aligned pictures there"
    )


def _read(path: Path) -> UInt8Array:
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise DataError(f"{path} cannot be read as a picture; remove it, or copy it anew")
    height, width = image.shape
    if height != width or height < FACE_SIDE_PX:
        raise DataError(
            f"{path} is {width}x{height}; a square of at least {FACE_SIDE_PX} pixels is expected"
        )
    size = (FACE_SIDE_PX, FACE_SIDE_PX)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
