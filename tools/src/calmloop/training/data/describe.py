"""Says what a collection of faces holds: how many of what, which repeat, and what they look like.

A picture that is in training and in a test part raises every metric measured there.
"""

from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from calmloop.base.errors import InputError
from calmloop.cli.outputs import whole_file
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import FACE_SIDE_PX, Faces, UInt8Array, Usage, voted_columns

_CAPTION_HEIGHT_PX = 20
_FACE_SCALE = 2


class SheetError(InputError):
    """The contact sheet cannot be written; the message says where."""


class Duplicates(NamedTuple):
    """Pictures equal in every pixel: extra copies, and groups whose copies differ in label."""

    pictures: int
    extra_copies: int
    contradictory: int


class Overlap(NamedTuple):
    """How many faces of each of two parts are also in the other, pixel by pixel."""

    first: Usage
    second: Usage
    of_first: int
    of_second: int


class VoteMetrics(NamedTuple):
    """Faces with a vote for one of the seven, and how often the most-voted is the label."""

    usable: int
    agreement: float


def parts_of(faces: Faces) -> list[Usage]:
    """The parts that the faces have, in FER-2013's order."""
    present = set(faces.usage.tolist())
    return [usage for usage in Usage if usage.value in present]


def distribution(faces: Faces) -> dict[Usage, list[int]]:
    """Faces of each emotion, in EMOTIONS' order, in each part there is."""
    return {
        usage: np.bincount(faces.part(usage).emotion, minlength=len(EMOTIONS)).tolist()
        for usage in parts_of(faces)
    }


def find_duplicates(faces: Faces) -> Duplicates:
    """Equal pictures in the whole collection."""
    twin = _twins(faces)
    copies = np.bincount(twin)
    labels_seen = np.zeros((len(copies), len(EMOTIONS)), bool)
    labels_seen[twin, faces.emotion] = True
    return Duplicates(
        pictures=int((copies > 1).sum()),
        extra_copies=int((copies - 1).sum()),
        contradictory=int((labels_seen.sum(axis=1) > 1).sum()),
    )


def find_overlaps(faces: Faces) -> list[Overlap]:
    """Equal pictures across each pair of parts."""
    twin = _twins(faces)
    in_part = {usage: twin[faces.usage == usage.value] for usage in parts_of(faces)}
    return [
        Overlap(
            one,
            other,
            int(np.isin(in_part[one], in_part[other]).sum()),
            int(np.isin(in_part[other], in_part[one]).sum()),
        )
        for one, other in combinations(in_part, 2)
    ]


def vote_metrics(faces: Faces) -> VoteMetrics | None:
    """What the FER+ votes, when there are any, say about the labels."""
    if faces.votes is None:
        return None
    votes = voted_columns(faces.votes)
    usable = votes.sum(axis=1) > 0
    agrees = votes[usable].argmax(axis=1) == faces.emotion[usable]
    return VoteMetrics(int(usable.sum()), float(agrees.mean()) if usable.any() else 0.0)


def contact_sheet(faces: Faces, columns: int = 12, seed: int = 0) -> UInt8Array:
    """A picture (H, W) uint8 gray: a captioned row of drawn faces for each emotion, enlarged."""
    side_px = FACE_SIDE_PX * _FACE_SCALE
    rng = np.random.default_rng(seed)
    rows = []
    for n, emotion in enumerate(EMOTIONS):
        of_emotion = np.flatnonzero(faces.emotion == n)
        chosen = rng.choice(of_emotion, min(columns, len(of_emotion)), replace=False)
        row = np.zeros((side_px + _CAPTION_HEIGHT_PX, columns * side_px), np.uint8)
        caption = f"{emotion}: {len(of_emotion)}"
        cv2.putText(row, caption, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1, cv2.LINE_AA)
        for place, index in enumerate(chosen):
            left = place * side_px
            face = cv2.resize(faces.images[index], (side_px, side_px))
            row[_CAPTION_HEIGHT_PX:, left : left + side_px] = face
        rows.append(row)
    return np.concatenate(rows)


def write_sheet(sheet: UInt8Array, path: Path) -> None:
    """Write a contact sheet as PNG or JPEG.

    Raises:
        SheetError: that is not possible.
    """
    try:
        encoded = cv2.imencode(path.suffix, sheet)[1]
    except cv2.error as error:
        raise SheetError(f"{path} is no picture that can be written: name a .png file") from error
    with whole_file(path) as file:
        file.write(encoded.tobytes())


def _twins(faces: Faces) -> npt.NDArray[np.intp]:
    """(N,) the number of each face's picture: equal pictures have equal numbers."""
    flat = faces.images.reshape(len(faces), -1)
    twin: npt.NDArray[np.intp] = np.unique(flat, axis=0, return_inverse=True)[1].reshape(-1)
    return twin
