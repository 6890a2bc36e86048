"""The classical reference: histograms of oriented gradients and a linear support vector machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import FACE_SIDE_PX, Usage, split_validation
from calmloop.training.data.readers import load_faces
from calmloop.training.measure import metrics
from calmloop.training.measure.evaluate import measure

Floats = npt.NDArray[np.float32]

CELL_PX = 8
BLOCK_PX = 16
ORIENTATIONS = 9
"""Dalal and Triggs, 2005: 5x5 overlapping blocks of 2x2 cells make 900 numbers of a face."""

SLACK_COST = 1000.0
STEPS = 100
_VALIDATION_FRACTION = 0.1
_SEED = 1


@dataclass(frozen=True)
class HogSvm:
    """Weights (900, 7) and offsets (7,) of one machine for each emotion against the rest."""

    weights: Floats
    offsets: Floats

    def logits(self, images: npt.NDArray[np.uint8]) -> Floats:
        """Signed distances (N, 7) of faces (N, 48, 48) uint8; the largest is the answer."""
        values: Floats = features(images) @ self.weights + self.offsets
        return values


def features(images: npt.NDArray[np.uint8]) -> Floats:
    """Histograms (N, 900) float32 of faces (N, 48, 48) uint8."""
    size, block = (FACE_SIDE_PX, FACE_SIDE_PX), (BLOCK_PX, BLOCK_PX)
    cell = (CELL_PX, CELL_PX)
    hog = cv2.HOGDescriptor(size, block, cell, cell, ORIENTATIONS)
    return np.stack([np.ravel(hog.compute(image)) for image in images]).astype(np.float32)


def fit(
    images: npt.NDArray[np.uint8], emotion: npt.NDArray[np.int64], steps: int = STEPS
) -> HogSvm:
    """Machines with the least mean squared hinge, plus |w|^2 / (2 SLACK_COST).

    By Nesterov's accelerated gradient (Beck and Teboulle, 2009) on all faces at once: no chance in
    it, so that the same faces give the same machines.
    """
    described = features(images)
    mean = described.mean(axis=0)
    x = described - mean
    sides = np.where(np.eye(len(EMOTIONS))[emotion] > 0, 1, -1).astype(np.float32)
    x = np.concatenate([x, np.ones((len(x), 1), np.float32)], axis=1)
    pull = np.full((x.shape[1], 1), 1 / SLACK_COST, np.float32)
    pull[-1] = 0  # the offset is free
    pace = np.float32(1 / (2 * _largest_curvature(x) + 1 / SLACK_COST))
    current: Floats = np.zeros((x.shape[1], len(EMOTIONS)), np.float32)
    ahead = current
    momentum = 1.0
    for _ in range(steps):
        short = np.maximum(1 - sides * (x @ ahead), 0)
        slope = -2 * x.T @ (sides * short) / np.float32(len(x)) + pull * ahead
        previous, current = current, np.asarray(ahead - pace * slope, np.float32)
        grown = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        ahead = current + np.float32((momentum - 1) / grown) * (current - previous)
        momentum = grown
    weights = current[:-1]
    return HogSvm(weights, current[-1] - mean @ weights)


def measure_baseline(data: Path, usage: Usage = Usage.PUBLIC_TEST) -> dict[str, Any]:
    """Train on the data's Training part and measure on another, as networks are measured.

    A tenth of Training, seeded, chooses the temperature alone.

    Raises:
        DataError: for unusable data.
    """
    faces = load_faces(data)
    test = faces.part(usage)
    training, validation = split_validation(faces.to_train_on(), _VALIDATION_FRACTION, _SEED)
    machine = fit(training.images, training.emotion)
    temperature = metrics.fit_temperature(machine.logits(validation.images), validation.emotion)
    return {
        "model": "HOG + linear SVM",
        "part": usage.value,
        "accuracy_training": round(
            metrics.accuracy(machine.logits(training.images), training.emotion), 4
        ),
        **measure(machine.logits(test.images), test.emotion, temperature),
    }


def _largest_curvature(x: Floats) -> float:
    """The largest eigenvalue of X'X / N, by the power method, with a margin for its error."""
    direction: Floats = np.ones(x.shape[1], np.float32)
    length = 1.0
    for _ in range(15):
        turned = x.T @ (x @ direction) / np.float32(len(x))
        length = float(np.linalg.norm(turned))
        direction = np.asarray(turned / length, np.float32)
    return 1.05 * length
