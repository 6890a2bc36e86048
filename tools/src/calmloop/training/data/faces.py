"""Labelled faces: checked, mixed into training targets, split without leaking twins."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from calmloop.base.errors import InputError
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.labels import FER_PLUS_COLUMN_OF, FER_PLUS_COLUMNS

FACE_SIDE_PX = 48
_VOTED_COLUMNS = [FER_PLUS_COLUMNS.index(FER_PLUS_COLUMN_OF[e]) for e in EMOTIONS]
_RIDGE = 10.0
"""As if ten faces a vote had been named as the vote names them."""

UInt8Array = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
Traits = Mapping[str, npt.NDArray[np.str_]]


class Usage(StrEnum):
    """The three parts that FER-2013 itself defines."""

    TRAINING = "Training"
    PUBLIC_TEST = "PublicTest"
    PRIVATE_TEST = "PrivateTest"


ALIASES = {"train": Usage.TRAINING, "test": Usage.PUBLIC_TEST}
"""What folders of pictures and RAF-DB call the parts."""


def usage_named(name: str) -> Usage:
    """The part of a name, FER-2013's or a folder's.

    Raises:
        ValueError: no part is called so.
    """
    known = ALIASES | {usage.value.lower(): usage for usage in Usage}
    if name.lower() not in known:
        raise ValueError(f"{name!r} is none of {', '.join((*ALIASES, *Usage))}")
    return known[name.lower()]


class DataError(InputError):
    """The data cannot be used; the message names file, row, value and what is expected."""


@dataclass(frozen=True)
class Faces:
    """Labelled faces: images (N, 48, 48) uint8 gray, emotion (N,) 0 to 6, votes (N, 10) or None.

    ``traits`` tell groups apart, each (N,) str: whose face it is, how it is seen.
    """

    images: UInt8Array
    emotion: IntArray
    usage: npt.NDArray[np.str_]
    votes: IntArray | None = None
    traits: Traits = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.images)

    def where(self, keep: npt.NDArray[np.bool_] | IntArray) -> Self:
        """The faces that a mask or an array of indices picks."""
        votes = None if self.votes is None else self.votes[keep]
        traits = {name: values[keep] for name, values in self.traits.items()}
        return type(self)(self.images[keep], self.emotion[keep], self.usage[keep], votes, traits)

    def part(self, usage: Usage) -> Self:
        """The faces of one of FER-2013's parts.

        Raises:
            DataError: there are none.
        """
        chosen = self.where(self.usage == usage.value)
        if not len(chosen):
            present = ", ".join(sorted(set(self.usage.tolist()))) or "none"
            raise DataError(f"no face has usage {usage.value!r}; the data have: {present}")
        return chosen

    def digest(self) -> str:
        """SHA-256 of pictures and labels in their order, as hexadecimal."""
        parts = (np.ascontiguousarray(self.images), self.emotion.astype("<i8"))
        return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()

    def to_train_on(self) -> Self:
        """The Training part.

        Raises:
            DataError: it is empty or an emotion is missing in it.
        """
        faces = self.part(Usage.TRAINING)
        counts = np.bincount(faces.emotion, minlength=len(EMOTIONS))
        missing = [emotion for emotion, n in zip(EMOTIONS, counts, strict=True) if not n]
        if missing:
            raise DataError(f"no training face shows {', '.join(missing)}; add some of each")
        return faces


def voted_columns(votes: IntArray) -> IntArray:
    """The columns (N, 7) of FER+ votes (N, 10) that our emotions have, in EMOTIONS' order."""
    return votes[:, _VOTED_COLUMNS]


def soft_targets(faces: Faces, votes_share: float, smoothing: float) -> FloatArray:
    """Training targets (N, 7), rows summing to 1: FER+ votes mixed with FER labels, smoothed.

    ``votes_share`` (0 to 1) is the weight of the votes, translated into FER's way of naming; a
    face without any vote keeps its FER label alone. ``smoothing`` spreads that share evenly.
    """
    targets = np.eye(len(EMOTIONS), dtype=np.float32)[faces.emotion]
    if faces.votes is not None:
        voted = faces.votes.any(axis=1)
        translated = translate_votes(faces.votes[voted], faces.emotion[voted])
        targets[voted] += np.float32(votes_share) * (translated - targets[voted])
    mixed: FloatArray = (1 - smoothing) * targets + smoothing / len(EMOTIONS)
    return mixed.astype(np.float32)


def translate_votes(votes: IntArray, emotion: IntArray) -> FloatArray:
    """What FER would call faces with these FER+ votes: (N, 10), none empty, to (N, 7) of sum 1.

    The two sets name differently: FER+ calls many of FER's sad and fearful faces neutral. How
    likely each label is for each vote comes from the faces themselves by ridge regression, drawn
    towards the vote's own name (an even chance for contempt, unknown and NF, not a face).
    """
    given = votes / votes.sum(axis=1, keepdims=True)
    own_name = np.full((votes.shape[1], len(EMOTIONS)), 1 / len(EMOTIONS))
    own_name[_VOTED_COLUMNS] = np.eye(len(EMOTIONS))
    labels = np.eye(len(EMOTIONS))[emotion]
    scatter = given.T @ given + _RIDGE * np.eye(len(own_name))
    meaning = np.linalg.solve(scatter, given.T @ labels + _RIDGE * own_name).clip(min=0)
    translated: FloatArray = given @ (meaning / meaning.sum(axis=1, keepdims=True))
    return translated.astype(np.float32)


def split_validation(faces: Faces, fraction: float, seed: int) -> tuple[Faces, Faces]:
    """(training, validation): a seeded, stratified split in which equal pictures stay on one side.

    FER-2013 repeats pictures; a picture seen in training would raise the validation metrics.
    """
    return _hold_out(faces, seed, lambda members: members[: round(fraction * len(members))])


def split_fold(faces: Faces, folds: int, fold: int, seed: int) -> tuple[Faces, Faces]:
    """(training, validation) of one of ``folds`` parts, 0 the first, split as above.

    The validation parts of all folds with one seed are the whole, and share no face.
    """
    return _hold_out(faces, seed, lambda members: members[fold::folds])


def _hold_out(
    faces: Faces, seed: int, choose: Callable[[npt.NDArray[np.intp]], npt.NDArray[np.intp]]
) -> tuple[Faces, Faces]:
    """Split by what ``choose`` takes of each emotion's pictures in a drawn order."""
    _, first, twin_group = np.unique(
        faces.images.reshape(len(faces), -1), axis=0, return_index=True, return_inverse=True
    )
    group_emotion = faces.emotion[first]
    rng = np.random.default_rng(seed)
    held_out = np.zeros(len(first), dtype=bool)
    for emotion in range(len(EMOTIONS)):
        held_out[choose(rng.permutation(np.flatnonzero(group_emotion == emotion)))] = True
    is_validation = held_out[twin_group.reshape(-1)]
    return faces.where(~is_validation), faces.where(is_validation)


def some_of(faces: Faces, share: float, seed: int) -> Faces:
    """A seeded share of the faces, in their order."""
    count = max(1, round(share * len(faces)))
    chosen = np.random.default_rng(seed).permutation(len(faces)) < count
    return faces.where(chosen)


def without_twins(faces: Faces, others: Faces) -> Faces:
    """The faces that are not, pixel by pixel, among the others; DataError when none is left."""
    seen = {image.tobytes() for image in others.images}
    is_new = np.array([image.tobytes() not in seen for image in faces.images], bool)
    if not is_new.any():
        raise DataError(f"all {len(faces)} faces are also among the others; name another part")
    return faces.where(is_new)


def check_faces(faces: Faces, source: Path) -> None:
    """Raise DataError for a wrong size or kind of array, or a bad label."""
    count = len(faces)
    if faces.images.shape[1:] != (FACE_SIDE_PX, FACE_SIDE_PX) or faces.images.dtype != np.uint8:
        raise DataError(
            f"{source}: images are {faces.images.shape} {faces.images.dtype}, "
            f"(N, {FACE_SIDE_PX}, {FACE_SIDE_PX}) uint8 is expected"
        )
    if not np.issubdtype(faces.emotion.dtype, np.integer):
        raise DataError(f"{source}: emotion is {faces.emotion.dtype}, whole numbers are expected")
    if not len(faces.emotion) == len(faces.usage) == count:
        raise DataError(f"{source}: {count} images, {len(faces.emotion)} labels: they must match")
    if faces.votes is not None and faces.votes.shape != (count, len(FER_PLUS_COLUMNS)):
        raise DataError(f"{source}: votes are {faces.votes.shape}, ({count}, 10) is expected")
    _check_labels(faces, source)


def _check_labels(faces: Faces, source: Path) -> None:
    outside = np.flatnonzero((faces.emotion < 0) | (faces.emotion >= len(EMOTIONS)))
    if outside.size:
        row = int(outside[0])
        raise DataError(
            f"{source}: face {row} has emotion {faces.emotion[row]}, 0 to 6 is expected"
        )
    unknown = set(faces.usage.tolist()) - {usage.value for usage in Usage}
    if unknown:
        expected = ", ".join(Usage)
        raise DataError(f"{source}: usage {sorted(unknown)[0]!r} is unknown; one of {expected}")
