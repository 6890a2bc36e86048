"""Pictures with labelled faces in them, as the detector learns from them, and their folds."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from calmloop.base.errors import InputError
from calmloop.training.data.faces import FloatArray, IntArray, UInt8Array


@dataclass(frozen=True)
class LabelledPicture:
    """A picture (H, W, 3) BGR uint8, and its faces.

    Attributes:
        boxes: (N, 4) float32 in its pixels: left, top, right, bottom.
        groups: (N,) places in GROUPS' order.
        origin: Where it is from, such as a clip: pictures of one origin stay in one fold.
    """

    pixels: UInt8Array
    boxes: FloatArray
    groups: IntArray
    origin: str


Folds = Sequence[Sequence[LabelledPicture]]


def dealt(pictures: Sequence[LabelledPicture], folds: int, seed: int) -> list[Any]:
    """The pictures in folds of nearly as many origins each, in a drawn order.

    Raises:
        InputError: there are fewer origins than folds.
    """
    origins = sorted({picture.origin for picture in pictures})
    if len(origins) < folds:
        raise InputError(
            f"the pictures are from {len(origins)} clips or folders, and {folds} folds need as many"
            " at least: label more of them, or ask for fewer --folds"
        )
    order = np.random.default_rng(seed).permutation(len(origins))
    fold_of = {origins[place]: n % folds for n, place in enumerate(order)}
    return [
        [picture for picture in pictures if fold_of[picture.origin] == fold]
        for fold in range(folds)
    ]


def digest_of(folds: Folds) -> str:
    """SHA-256 of all pixels, boxes and groups in their order, as hexadecimal."""
    told = hashlib.sha256()
    for fold in folds:
        for picture in fold:
            told.update(np.ascontiguousarray(picture.pixels).tobytes())
            told.update(picture.boxes.astype("<f4").tobytes())
            told.update(picture.groups.astype("<i8").tobytes())
        told.update(b"|")
    return told.hexdigest()


def to_input(picture: LabelledPicture) -> Any:
    """(3, H, W) float32 in 0 to 1, RGB."""
    rgb = np.ascontiguousarray(picture.pixels[:, :, ::-1].transpose(2, 0, 1))
    return torch.from_numpy(rgb).float() / 255


def to_target(picture: LabelledPicture) -> dict[str, Any]:
    """Boxes, and labels from 1: 0 is no face."""
    return {
        "boxes": torch.from_numpy(picture.boxes.astype(np.float32).reshape(-1, 4)),
        "labels": torch.from_numpy(picture.groups.astype(np.int64)) + 1,
    }
