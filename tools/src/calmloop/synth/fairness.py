"""What detector and network say of synthetic children, group by group.

It compares, and guards against a change for the worse; it is never an accuracy on children.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from calmloop.annotate.reading import FaceAnnotation
from calmloop.base.errors import InputError
from calmloop.camera import Picture
from calmloop.cli.tables import read_table
from calmloop.contract.messages.emotion import EMOTIONS, Label
from calmloop.simulate.intervals import Measured, share
from calmloop.synth.plan import EVEN, UNCOVERED, UPRIGHT
from calmloop.training.data.traits import CIRCUMSTANCES, GROUPS, MANIFEST, by_size

_NUMBERS = ("left_px", "top_px", "side_px")
_COLUMNS = ("picture", "emotion", *GROUPS, *CIRCUMSTANCES, *_NUMBERS)


class StillReader(Protocol):
    """What reads pictures one by one: `PictureReader`."""

    def see_still(self, picture: Picture) -> FaceAnnotation:
        """What is seen of a picture by itself."""


@dataclass(frozen=True)
class CalledFace:
    """One picture: its row in the manifest, whether its face was found, and what it was called."""

    row: Mapping[str, str]
    found: bool
    label: Label

    @property
    def is_plain(self) -> bool:
        """Whether it is frontal, evenly lit and uncovered."""
        seen = tuple(self.row[name] for name in CIRCUMSTANCES)
        return seen == (UPRIGHT, EVEN, UNCOVERED)


def rows_of(folder: Path) -> list[Mapping[str, str]]:
    """The rows of a folder's manifest.

    Raises:
        InputError: there is none, or it lacks a column or a number.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"{path} is not there: name a folder that `calmloop synth` has finished")
    rows: list[Mapping[str, str]] = []
    for line, row in read_table(path, _COLUMNS):
        for name in _NUMBERS:
            _number(row[name], f"{path} line {line}: {name}")
        rows.append(row)
    if not rows:
        raise InputError(f"{path} has no row: draw the pictures anew")
    return rows


def read_pictures(
    rows: Iterable[Mapping[str, str]], folder: Path, reader: StillReader
) -> Iterator[CalledFace]:
    """Each picture as camera, face detector and emotion classifier see it by itself.

    Raises:
        InputError: a picture is missing.
    """
    for row in rows:
        picture = cv2.imread(str(folder / row["picture"]))
        if picture is None:
            raise InputError(f"{folder / row['picture']} cannot be read: draw the pictures anew")
        seen = reader.see_still(np.asarray(picture, np.uint8))
        left, top, side = (float(row[name]) for name in _NUMBERS)
        found = seen.square is not None and (
            0 < seen.square.x - left < side and 0 < seen.square.y - top < side
        )
        yield CalledFace(row, found, seen.label if found else Label.UNKNOWN)


def found_by(readings: Sequence[CalledFace], column: str) -> dict[str, Measured]:
    """Of each value of a column the share of faces that the detector finds.

    Of a pose all pictures count; of anything else the frontal ones.
    """
    chosen = [one for one in readings if column == "pose" or one.row["pose"] == UPRIGHT]
    return _shares(chosen, column, lambda one: one.found)


def neutral_called(
    readings: Sequence[CalledFace], column: str, label: Label
) -> dict[str, Measured]:
    """Of each value of a column the share of plain neutral faces that get a label."""
    neutral = [one for one in readings if one.is_plain and one.row["emotion"] == "neutral"]
    return _shares(neutral, column, lambda one: one.label is label)


def drawn_and_called(readings: Sequence[CalledFace]) -> dict[str, dict[Label, Measured]]:
    """Of each emotion that was drawn, plain, the share that gets each label."""
    plain = [one for one in readings if one.is_plain]
    by_label = {
        label: _shares(plain, "emotion", lambda one, label=label: one.label is label)  # type: ignore[misc]
        for label in Label
    }
    drawn = [emotion for emotion in EMOTIONS if emotion in by_label[Label.UNKNOWN]]
    return {emotion: {label: by_label[label][emotion] for label in Label} for emotion in drawn}


def _shares(
    readings: Iterable[CalledFace], column: str, counts: Callable[[CalledFace], bool]
) -> dict[str, Measured]:
    hits = dict[str, list[bool]]()
    for one in readings:
        hits.setdefault(one.row[column], []).append(counts(one))
    return {value: share(sum(hits[value]), len(hits[value])) for value in sorted(hits, key=by_size)}


def _number(text: str, where: str) -> None:
    try:
        float(text)
    except ValueError:
        raise InputError(
            f"{where} is '{text}', a number is expected: draw the pictures anew"
        ) from None
