"""What a recipe makes of the labels: soft targets, a teacher's logits, and weights for rarity.

A teacher's logits lie on disk: a large network says once what it thinks, and small ones learn it.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from calmloop.cli.outputs import whole_file
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import (
    DataError,
    Faces,
    FloatArray,
    IntArray,
    UInt8Array,
    soft_targets,
)
from calmloop.training.learn.recipe import Recipe
from calmloop.training.measure.metrics import softmax


def training_targets(faces: Faces, recipe: Recipe) -> FloatArray:
    """Targets (N, 7), rows summing to 1: labels, FER+ votes and the teacher, mixed and smoothed.

    Distillation after Hinton et al., 2015, with the softened opinion as a share of the targets.

    Raises:
        DataError: the teacher's file is unfit or does not know a face.
    """
    targets = soft_targets(faces, recipe.votes_share, recipe.label_smoothing)
    if recipe.teacher is None:
        return targets
    opinion = load_teacher(Path(recipe.teacher)).targets(faces.images, recipe.teacher_temperature)
    share = np.float32(recipe.teacher_share)
    mixed: FloatArray = ((1 - share) * targets + share * opinion).astype(np.float32)
    return mixed


DOUBT = len(EMOTIONS)
"""The column of what cannot be told, where it is learned."""


def doubting(targets: FloatArray, lost: FloatArray) -> FloatArray:
    """Targets (N, 7) of which a share (N,) is not to be told any more: (N, 8)."""
    gone = lost[:, None]
    return np.concatenate([targets * (1 - gone), gone], axis=1, dtype=np.float32)


def class_weights(emotion: IntArray) -> FloatArray:
    """Inverse frequency (7,): N / (C N_c); a class without a face weighs 0."""
    counts = np.bincount(emotion, minlength=len(EMOTIONS))
    weights = np.where(counts > 0, len(emotion) / (len(EMOTIONS) * np.maximum(counts, 1)), 0)
    return np.asarray(weights, np.float32)


class Teacher(NamedTuple):
    """Logits (N, 7) of pictures, each known by a 64-bit digest of its pixels (N,), sorted."""

    digests: npt.NDArray[np.uint64]
    logits: FloatArray

    def targets(self, images: UInt8Array, temperature: float) -> FloatArray:
        """The teacher's probabilities (N, 7) for faces (N, H, W), softened by a temperature.

        Raises:
            DataError: it has not seen one of them.
        """
        wanted = digests_of(images)
        places = np.searchsorted(self.digests, wanted)
        places = np.minimum(places, len(self.digests) - 1)
        unseen = int((self.digests[places] != wanted).sum())
        if unseen:
            raise DataError(
                f"the teacher has not seen {unseen} of {len(images)} faces; save its logits anew "
                "with the same data"
            )
        return softmax(self.logits[places], temperature).astype(np.float32)


def digests_of(images: UInt8Array) -> npt.NDArray[np.uint64]:
    """(N,) one number for each picture; equal pictures have equal numbers."""
    packed = b"".join(
        hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=8).digest()
        for image in images
    )
    return np.frombuffer(packed, np.uint64)


def save_teacher(path: Path, images: UInt8Array, logits: FloatArray) -> None:
    """Write the logits of faces (N, H, W); of equal pictures the first counts."""
    digests, first = np.unique(digests_of(images), return_index=True)
    with whole_file(path) as file:
        np.savez(file, digests=digests, logits=logits[first].astype(np.float32))


def load_teacher(path: Path) -> Teacher:
    """Read what ``save_teacher`` wrote.

    Raises:
        DataError: for anything else.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            teacher = Teacher(file["digests"], file["logits"])
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path} holds no teacher's logits ({error}); make them anew") from error
    if not len(teacher.digests) or teacher.logits.shape != (len(teacher.digests), len(EMOTIONS)):
        raise DataError(f"{path} has logits {teacher.logits.shape}, (N, {len(EMOTIONS)}) expected")
    return teacher
