"""Faces of FER-2013 beside the repository: read from there, never copied."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2

from calmloop.contract.messages.emotion import EMOTIONS


def real_faces(folder: Path, wanted: set[str], count: int) -> Iterator[tuple[str, Any]]:
    """Faces of PublicTest with their labels, equally many of each, one sheet at a time."""
    rows = (folder / "data/fer2013/labels.csv").read_text().splitlines()[1:]
    left = dict.fromkeys(wanted, count // len(wanted))
    for sheet, cell, usage, emotion, *_ in (row.split(",") for row in rows):
        name = EMOTIONS[int(emotion)]
        if usage == "PublicTest" and left.get(name, 0):
            left[name] -= 1
            sheet_path = folder / "data/fer2013/sheets" / f"{sheet}.png"
            picture = cv2.imread(str(sheet_path), cv2.IMREAD_GRAYSCALE)
            assert picture is not None
            row, column = divmod(int(cell), 40)
            yield name, picture[48 * row : 48 * row + 48, 48 * column : 48 * column + 48]
