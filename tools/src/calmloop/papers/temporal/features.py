"""Faces with what the shipped network says of each, computed once and kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from calmloop.cli.outputs import whole_file
from calmloop.emotion_classifier import EmotionClassifierSection, load_classifier
from calmloop.training.augment.augmentation import jitter_crop
from calmloop.training.data.faces import Faces, FloatArray, IntArray


@dataclass(frozen=True)
class AnsweredFaces:
    """Faces (N), and the network's seven logits (N, 7) of each."""

    faces: Faces
    logits: FloatArray

    def where(self, keep: IntArray) -> Self:
        """Those that an array of indices picks."""
        return type(self)(self.faces.where(keep), self.logits[keep])


def answered(faces: Faces, kept_in: Path) -> AnsweredFaces:
    """The network's answers to faces; those that are kept in a folder are not computed again.

    They are the int8 network's outputs: its last layer but one, which the paper takes, is not
    among what its runtime hands out.

    Raises:
        ConfigurationError: no runtime for the network is installed.
    """
    classifier = load_classifier(EmotionClassifierSection())
    path = kept_in / f"{classifier.name.replace(' ', '-')}-{faces.digest()[:16]}.npy"
    if not path.is_file():
        kept_in.mkdir(parents=True, exist_ok=True)
        logits = np.stack([classifier.logits(image) for image in faces.images])
        with whole_file(path) as file:
            np.save(file, logits)
    return AnsweredFaces(faces, np.asarray(np.load(path), np.float32))


def with_moved(faces: Faces, seed: int) -> Faces:
    """The faces, and behind them each once more: turned, scaled and shifted, as the paper's.

    Not mirrored: the network looks at a face and at its mirror image already.
    """
    moved = jitter_crop(faces.images, np.random.default_rng(seed))
    images = np.concatenate([faces.images, moved])
    return Faces(images, np.tile(faces.emotion, 2), np.tile(faces.usage, 2))
